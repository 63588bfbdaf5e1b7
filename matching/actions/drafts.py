"""What becomes of a draft before it is published: shown to reviewers, commented on."""

from django.db import transaction
from django.utils.translation import gettext as _

from matching.models import MatchingRun, RunComment
from matching.notifications import DraftShown
from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications.outbox import notify_many
from programs.models import Membership, Participant, User


@transaction.atomic
def show(run: MatchingRun, *, by: User) -> MatchingRun:
    """Let the program's reviewers read the draft and comment on it; they hear so by mail.

    Reviewers who take part in the cohort neither hear of it nor read it. Shown twice is shown
    once. Raises RuleBroken for a run that is no draft with pairs.
    """
    run = _locked(run)
    if not run.can_be_shown:
        raise RuleBroken(_("Only a draft with matches can be shown to reviewers."))
    if run.shared_at is not None:
        return run
    run.shared_at = clock.now()
    run.save(update_fields=["shared_at"])
    program = run.cohort.program
    record(by=by, verb="run.shown", subject=run, program=program)
    reviewers = User.objects.filter(
        memberships__program=program, memberships__role=Membership.Role.REVIEWER, is_active=True
    ).exclude(pk__in=Participant.objects.present().filter(cohort=run.cohort).values("user"))
    # each time it is shown is an occasion of its own
    notify_many(
        [(DraftShown(run), person) for person in reviewers.distinct()],
        occasion=run.shared_at.isoformat(timespec="seconds"),
        program=program,
    )
    return run


@transaction.atomic
def hide(run: MatchingRun, *, by: User) -> MatchingRun:
    """Show the draft to reviewers no longer; what they said stays. Hidden twice is hidden once."""
    run = _locked(run)
    if run.shared_at is not None:
        run.shared_at = None
        run.save(update_fields=["shared_at"])
        record(by=by, verb="run.hidden", subject=run, program=run.cohort.program)
    return run


@transaction.atomic
def comment(run: MatchingRun, *, by: User, text: str) -> RunComment:
    """Say something of a draft. Raises RuleBroken when it is no longer shown to reviewers."""
    run = _locked(run)
    if run.shared_at is None or not run.can_be_shown:
        raise RuleBroken(_("This draft is no longer open for comments."))
    said = RunComment.objects.create(run=run, by=by, text=text)
    record(by=by, verb="run.commented", subject=run, program=run.cohort.program)
    return said


def _locked(run: MatchingRun) -> MatchingRun:
    rows = MatchingRun.objects.without_proof().select_for_update(of=("self",))
    return rows.select_related("cohort__program").get(pk=run.pk)
