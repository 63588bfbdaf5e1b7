"""Applications as their applicants know them: nothing is told that can still be taken back."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef
from django.utils.dateparse import parse_datetime

from programs.models import Application, Decision, ParticipantQuerySet


def as_told(applications: Iterable[Application], at: datetime) -> list[Application]:
    """The applications, to be shown and not to be saved, as their mails told them so far.

    A decision is told when the minute is over in which it can be taken back.
    """
    found = {application.pk: application for application in applications}
    if not found:
        return []
    fresh = Decision.objects.fresh(at).filter(application__in=found).select_related("batch")
    # the newest first: there may be two in a minute
    for decision in fresh.order_by("-pk"):
        application = found[decision.application_id]
        if decision.stands(application):
            before = decision.before
            application.status = before["status"]
            application.decided_at = _moment(before["decided_at"])
            application.offer_until = _moment(before["offer_until"])
    return list(found.values())


def parts_told(parts: ParticipantQuerySet, at: datetime) -> ParticipantQuerySet:
    """The parts in cohorts without those that came with a decision not told yet."""
    brought = Decision.objects.fresh(at).that_bring_in()
    return parts.exclude(
        Exists(
            brought.filter(
                application__cohort=OuterRef("cohort"),
                application__applicant=OuterRef("user"),
                application__role=OuterRef("role"),
            )
        )
    )


def _moment(text: str | None) -> datetime | None:
    return parse_datetime(text) if text else None
