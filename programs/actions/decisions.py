"""One decision about one application or many, which can be taken back within a minute."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models.deletion import ProtectedError
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications import outbox
from programs.actions import applications, waiting_list
from programs.models import Application, Batch, BatchQuerySet, Cohort, Decision, Participant, User
from programs.models.decisions import UNDO
from programs.notifications import (
    ApplicationAccepted,
    ApplicationDeclined,
    ApplicationNotice,
    ApplicationOffered,
    ApplicationWaitlisted,
)
from programs.signals import participant_would_go

Status = Application.Status

# More at once would keep everybody else waiting for the cohort's places.
MOST = 500

NOTICES: dict[str, type[ApplicationNotice]] = {
    Status.ACCEPTED: ApplicationAccepted,
    Status.WAITLISTED: ApplicationWaitlisted,
    Status.DECLINED: ApplicationDeclined,
    Status.OFFERED: ApplicationOffered,
}

_ACTIONS: dict[str, Callable[..., Any]] = {
    Status.ACCEPTED: applications.accept,
    Status.WAITLISTED: applications.waitlist,
    Status.DECLINED: applications.decline,
    Status.OFFERED: applications.offer,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a decision: how many moved, and who could not, with the reason."""

    batch: Batch
    done: int
    left: list[tuple[Application, str]] = field(default_factory=list)


@transaction.atomic
def decide(
    chosen: Sequence[Application],
    decision: str,
    *,
    by: User,
    note: str = "",
    words: str = "",
    until: datetime | None = None,
) -> Outcome:
    """Decide the same about applications of one cohort; their mails wait for a minute.

    `words` are added to each mail; `until` is the deadline of an offer. What cannot move is left
    and told. Raises RuleBroken with its reason when nothing could move, or for more than `MOST`.
    """
    if not 0 < len(chosen) <= MOST:
        raise RuleBroken(
            _("Choose at least one and at most %(most)d applications at a time.") % {"most": MOST}
        )
    now = clock.now()
    cohort = Cohort.objects.select_for_update(no_key=True).get(pk=chosen[0].cohort_id)
    batch = Batch.objects.create(cohort=cohort, decision=decision, by=by, at=now)
    given: dict[str, Any] = {"by": by, "note": note, "words": words, "not_before": now + UNDO}
    if decision == Status.OFFERED:
        given["until"] = until
    outcome = _each(batch, chosen, given)
    if not outcome.done:
        raise RuleBroken(outcome.left[0][1])
    if len(chosen) > 1:
        record(
            by=by,
            verb="batch.decided",
            subject=batch,
            program=cohort.program,
            count=outcome.done,
        )
    return outcome


def _each(batch: Batch, chosen: Sequence[Application], given: dict[str, Any]) -> Outcome:
    kept: list[Decision] = []
    left: list[tuple[Application, str]] = []
    rows = Application.objects.select_for_update(of=("self",)).filter(cohort=batch.cohort)
    # The order of the queue: when places run out, those who came first have them.
    for application in rows.filter(pk__in=[one.pk for one in chosen]).select_related("applicant"):
        before = _as_it_is(application)
        try:
            _ACTIONS[batch.decision](application, **given)
        except RuleBroken as broken:
            left.append((application, str(broken)))
            continue
        application.refresh_from_db(fields=["decided_at"])
        kept.append(
            Decision(
                batch=batch,
                application=application,
                decided_at=application.decided_at or batch.at,
                before=before,
            )
        )
    Decision.objects.bulk_create(kept)
    return Outcome(batch, len(kept), left)


@transaction.atomic
def undo(batch: Batch, *, by: User) -> Outcome:
    """Put everything back as it was before the decision, and take its mails back.

    An application that moved on in the meantime is left as it is, and told.
    Raises RuleBroken after a minute, the second time, or when nothing could be put back.
    """
    cohort = Cohort.objects.select_for_update(no_key=True).get(pk=batch.cohort_id)
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.undone_at is not None:
        raise RuleBroken(_("This decision is taken back already."))
    if not batch.can_be_undone(clock.now()):
        raise RuleBroken(_("The minute is over and the mails are on their way."))
    left: list[tuple[Application, str]] = []
    keys: list[str] = []
    for decision in batch.decisions.select_related("batch").order_by("pk"):
        application = _locked(decision)
        if not _stands(decision, application):
            left.append((application, _("It has moved on since.")))
            continue
        keys.append(_key(batch.decision, application))
        _put_back(application, decision.before)
    if not keys:
        raise RuleBroken(_("Nothing could be taken back: it has moved on since."))
    if outbox.withdraw(keys, why="The decision was taken back.") < len(keys):
        raise RuleBroken(_("The mails are on their way already."))
    batch.undone_at = clock.now()
    batch.save(update_fields=["undone_at"])
    record(by=by, verb="batch.undone", subject=batch, program=cohort.program, count=len(keys))
    return Outcome(batch, len(keys), left)


def _locked(decision: Decision) -> Application:
    return (
        Application.objects.select_for_update(of=("self",))
        .select_related("cohort__program", "applicant")
        .get(pk=decision.application_id)
    )


def _stands(decision: Decision, application: Application) -> bool:
    """Whether nothing has happened to it since; then the participant can go, too."""
    if not decision.stands(application):
        return False
    if application.status != Status.ACCEPTED:
        return True
    person = _participant(application)
    return person is not None and _participant_back(
        person, decision.before["participant"], since=decision.decided_at
    )


def _key(decision: str, application: Application) -> str:
    occasion = applications.about(application)["occasion"]
    return outbox.key_of(NOTICES[decision](application), application.applicant, occasion)


# --- How it was, as plain JSON --------------------------------------------------------------------

_FIELDS = ("status", "decided_by_id", "note", "decision_words", "waiting_position")
_MOMENTS = ("decided_at", "offer_until", "offer_reminded_at")


def _as_it_is(application: Application) -> dict[str, Any]:
    person = _participant(application)
    return {
        **{name: getattr(application, name) for name in _FIELDS},
        **{name: _iso(getattr(application, name)) for name in _MOMENTS},
        "participant": person
        and {
            "capacity": person.capacity,
            "time_zone": person.time_zone,
            "pace": person.pace,
            "left_at": _iso(person.left_at),
        },
    }


def _put_back(application: Application, before: dict[str, Any]) -> None:
    for name in _FIELDS:
        setattr(application, name, before[name])
    for name in _MOMENTS:
        setattr(application, name, _moment(before[name]))
    application.waiting_position = None
    application.save(update_fields=[*_FIELDS, *_MOMENTS])
    if application.status == Status.WAITLISTED:
        waiting_list.put_back(application, before["waiting_position"])


def _participant(application: Application) -> Participant | None:
    return (
        Participant.objects.select_for_update()
        .filter(cohort=application.cohort_id, user=application.applicant_id, role=application.role)
        .first()
    )


def _participant_back(
    person: Participant, before: dict[str, Any] | None, *, since: datetime
) -> bool:
    """The participant as before; False when others refer by now to one who would go."""
    if before is None:
        try:
            with transaction.atomic():
                person.delete()
        except ProtectedError:
            return False
        return True
    if before["left_at"] is not None and _is_needed(person, since):
        return False
    for name in ("capacity", "time_zone", "pace"):
        setattr(person, name, before[name])
    person.left_at = _moment(before["left_at"])
    person.save(update_fields=["capacity", "time_zone", "pace", "left_at"])
    return True


def _is_needed(person: Participant, since: datetime) -> bool:
    answers = participant_would_go.send(Participant, participant=person, since=since)
    return any(needed for _receiver, needed in answers)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return parse_datetime(text) if text else None


def recent(cohort: Cohort) -> BatchQuerySet:
    """Decisions of this cohort that can still be taken back, the newest first."""
    since = clock.now() - UNDO
    return Batch.objects.filter(cohort=cohort, at__gt=since, undone_at__isnull=True)
