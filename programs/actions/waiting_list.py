"""The order in which people wait for a place. Whoever changes it holds the cohort's lock."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Avg, F, Q
from django.utils.translation import gettext as _

from mentorship.shared.audit.models import record
from mentorship.shared.base.rules import RuleBroken
from programs.actions.applications import open_for_decision
from programs.models import Application, Cohort, User


@transaction.atomic
def move(application: Application, *, up: bool, by: User) -> Application:
    """Let the applicant change places with the one before or behind them.

    Raises RuleBroken when they do not wait any more, in an archived cohort, and for one's own
    application; at an end of the list nothing happens.
    """
    application = open_for_decision(application, by=by)
    if application.status != Application.Status.WAITLISTED:
        raise RuleBroken(_("This person is not on the waiting list any more."))
    waiting = list(
        Application.objects.on_waiting_list(application.cohort, application.role).values_list(
            "pk", flat=True
        )
    )
    here = waiting.index(application.pk)
    there = here - 1 if up else here + 1
    if 0 <= there < len(waiting):
        waiting[here], waiting[there] = waiting[there], waiting[here]
        put_in_order(waiting)
        record(
            by=by,
            verb="application.moved",
            subject=application,
            program=application.cohort.program,
        )
    application.refresh_from_db()
    return application


@transaction.atomic
def order_by_score(cohort: Cohort, role: str, *, by: User) -> int:
    """Order the list by the mean score, the best first; who has none follows, as they stood."""
    Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
    handed_in = Q(reviews__submitted_at__isnull=False)
    waiting = (
        Application.objects.on_waiting_list(cohort, role)
        .annotate(mean=Avg("reviews__score", filter=handed_in))
        .order_by(
            F("mean").desc(nulls_last=True),
            F("waiting_position").asc(nulls_last=True),
            "decided_at",
            "pk",
        )
    )
    pks = list(waiting.values_list("pk", flat=True))
    put_in_order(pks)
    record(
        by=by, verb="applications.ordered", subject=cohort, program=cohort.program, count=len(pks)
    )
    return len(pks)


def put_in_order(pks: Sequence[int]) -> None:
    """Give the applications the positions 1, 2, 3, … in this order.

    First none, then the new ones: two never hold a position at the same time.
    """
    rows = Application.objects.filter(pk__in=pks)
    rows.update(waiting_position=None)
    found = rows.in_bulk()
    for position, pk in enumerate(pks, start=1):
        found[pk].waiting_position = position
    Application.objects.bulk_update(found.values(), ["waiting_position"], batch_size=200)


def put_back(application: Application, position: int | None) -> None:
    """Let somebody stand where they stood; whoever stands there since moves one behind.

    The caller holds the cohort's lock, and the application is on the waiting list already.
    """
    waiting = Application.objects.on_waiting_list(application.cohort, application.role)
    if position is None or not waiting.filter(waiting_position=position).exists():
        application.waiting_position = position
        application.save(update_fields=["waiting_position"])
        return
    others = waiting.exclude(pk=application.pk).values_list("pk", "waiting_position")
    before = [pk for pk, held in others if held is not None and held < position]
    behind = [pk for pk, held in others if held is None or held >= position]
    put_in_order([*before, application.pk, *behind])
    application.refresh_from_db()
