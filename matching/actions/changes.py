from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from matching import changing, inquiring, runs, tasks, told
from matching.actions import decisions, inquiries
from matching.engine import Apart, Remedy
from matching.engine.policy import Policy
from matching.engine.unplaced import eased
from matching.models import Exclusion, Inquiry, MatchingRun, RunInput
from matching.policies import policy_of
from mentorship.shared.audit.models import record
from mentorship.shared.base.nudge import nudge
from mentorship.shared.base.rules import RuleBroken
from programs.models import Cohort, Participant, Role, User

Status, Kind = MatchingRun.Status, MatchingRun.Kind

# What a coordinator gives a reason for, and what the log calls it.
_DECIDED = {"lock": "pair.locked", "forbid": "pair.forbidden", "pair": "pair.made"}


def make(
    run: MatchingRun,
    *,
    by: User,
    kind: str,
    mentee: Participant,
    mentor: Participant | None = None,
    reason: str = "",
    criterion: str = "",
    hours: int = 0,
    also_later: bool = False,
) -> MatchingRun:
    """A new draft: this one with one change, its best matching found and proven anew.

    `kind`: "lock" (the two stay together), "pair" (a mentor of the coordinator's choice), "forbid"
    (kept apart, in later runs too), or one of the engine's `Remedy`. The first three need a
    `reason`. `criterion` and `hours` say which must is eased and how far; `also_later` eases the
    cohort's own policy too. Small drafts are there at once, a worker makes the others. The same
    change of the same draft is made once.

    Raises RuleBroken for a run that is published, without an answer or no longer kept, and for a
    pair that cannot be, with what is against it.
    """
    change: dict[str, Any] = {"kind": str(kind), "mentee": mentee.code}
    change["mentor"] = mentor.code if mentor else ""
    if kind in changing.REMEDIES:
        change |= {"criterion": criterion, "hours": hours}
    _refuse(run, change, mentee, mentor, reason)
    draft = _written(run, by, change, mentee, mentor, reason, also_later)
    if draft.status == Status.QUEUED and run.is_small:
        runs.carry_out(draft.pk)
        draft.refresh_from_db()
    return draft


@transaction.atomic
def undo(draft: MatchingRun, *, by: User) -> MatchingRun:
    """Go back to the draft before a change, which is as it was; that draft.

    A prohibition is lifted with it, and one that was lifted stands again. Raises RuleBroken for a
    run that changes none, or is published.
    """
    draft = _locked(draft)
    if draft.parent is None or draft.kind != Kind.CHANGED:
        raise RuleBroken(_("This run changes no other, so there is nothing to take back."))
    if draft.status == Status.PUBLISHED:
        raise RuleBroken(_("This run is published, so nothing changes in it any more."))
    if draft.change.get("is_undone"):
        return draft.parent
    pair = _people(draft)
    if draft.changes.filter(status=Status.PUBLISHED).exists():
        raise RuleBroken(_("What was made of this draft is published, so it stays."))
    if draft.change.get("has_excluded") and not _is_ruled_out_elsewhere(draft):
        Exclusion.objects.filter(**pair).delete()
    if draft.change.get("has_lifted") and len(pair) == 2:
        Exclusion.objects.get_or_create(**pair, defaults={"by": by})
    draft.change = draft.change | {"is_undone": True}
    draft.save(update_fields=["change"])
    facts = {"run": draft.parent.code, "draft": draft.code}
    decisions.note(draft.cohort, by=by, kind="change.undone", facts=facts)
    record(by=by, verb="run.undone", subject=draft, program=draft.cohort.program)
    return draft.parent


def _is_ruled_out_elsewhere(draft: MatchingRun) -> bool:
    """Whether another draft that stands rules the same pair out."""
    named = {name: draft.change[name] for name in ("mentee", "mentor")}
    others = MatchingRun.objects.filter(cohort=draft.cohort_id, kind=Kind.CHANGED)
    changes = others.exclude(pk=draft.pk).values_list("change", flat=True)
    return any(
        change.get("kind") == "forbid"
        and not change.get("is_undone")
        and {name: change.get(name) for name in named} == named
        for change in changes
    )


@transaction.atomic
def allow(exclusion: Exclusion, *, by: User) -> None:
    """Lift the prohibition of a pair: later runs may bring the two together again."""
    mentee, mentor = exclusion.mentee, exclusion.mentor
    deleted, _rows = Exclusion.objects.filter(pk=exclusion.pk).delete()
    if deleted:
        _note_allowed(mentee, mentor, by)


def _note_allowed(mentee: Participant, mentor: Participant, by: User) -> None:
    cohort = mentee.cohort
    facts = {"mentee": mentee.code, "mentor": mentor.code}
    decisions.note(cohort, by=by, kind="pair.allowed", facts=facts)
    record(by=by, verb="pair.allowed", subject=cohort, program=cohort.program)


@transaction.atomic
def _written(
    run: MatchingRun,
    by: User,
    change: dict[str, Any],
    mentee: Participant,
    mentor: Participant | None,
    reason: str,
    also_later: bool,
) -> MatchingRun:
    """The row of the new draft with everything that goes with it, or the one that is there."""
    run = _locked(run)
    _refuse_run(run)  # it may have been published a moment ago
    same = _same(run, change)
    if same is not None:
        return same
    draft = MatchingRun(
        cohort=run.cohort,
        asked_by=by,
        kind=Kind.CHANGED,
        parent=run,
        policy=changing.policy_after(run, change),
        objective=run.objective,
        seed=run.seed,
        solver=run.solver.partition(" ")[0],
        locked=run.locked,
        only=run.only,
        # what it is about is known before it is answered
        mentors=run.mentors,
        mentees=run.mentees,
        paused=run.paused,
        not_ready=run.not_ready,
    )
    if change["kind"] in (*changing.LOCKS, Remedy.HELD_SEAT):
        pair = [change["mentee"], change["mentor"]]
        draft.locked = [*(one for one in run.locked if one != pair), pair]
    draft.change = change | _kept_apart(change, mentee, mentor, by, reason)
    draft.save(force_insert=True)
    if also_later and criterion_of(change):
        _ease_cohort(run.cohort, change, by)
    facts = {"run": run.code, "draft": draft.code} | {k: v for k, v in change.items() if v}
    people = [one.user for one in (mentee, mentor) if one is not None]
    kind = _DECIDED.get(change["kind"], "remedy.taken")
    decisions.note(run.cohort, by=by, kind=kind, facts=facts, reason=reason, about=people)
    record(by=by, verb="run.changed", subject=draft, program=run.cohort.program)
    if not run.is_small:
        nudge(tasks.run_matching, draft.pk)
    return draft


def criterion_of(change: dict[str, Any]) -> str:
    """The must that a change eases; none for other changes."""
    return str(change.get("criterion", ""))


def _locked(run: MatchingRun) -> MatchingRun:
    """The run as it is now, until the commit."""
    return (
        MatchingRun.objects.without_proof()
        .select_for_update(of=("self",))
        .select_related("cohort__program", "parent")
        .defer("parent__prices", "parent__floor", "prices", "floor")
        .get(pk=run.pk)
    )


def _same(run: MatchingRun, change: dict[str, Any]) -> MatchingRun | None:
    """The draft that a first click made."""
    going_on = (Status.QUEUED, Status.RUNNING, Status.DONE)
    for one in run.changes.filter(status__in=going_on).select_related("cohort__program"):
        is_same = all(one.change.get(name) == value for name, value in change.items())
        if is_same and not one.change.get("is_undone"):
            return one
    return None


def _kept_apart(
    change: dict[str, Any], mentee: Participant, mentor: Participant | None, by: User, reason: str
) -> dict[str, bool]:
    """Write or lift the prohibition that goes with a change; what an undo has to know of it."""
    if mentor is None:
        return {}
    if change["kind"] == "forbid":
        _row, is_new = Exclusion.objects.get_or_create(
            mentee=mentee, mentor=mentor, defaults={"reason": reason[:200], "by": by}
        )
        return {"has_excluded": is_new}
    if change["kind"] == Remedy.EXCLUSION:
        deleted, _rows = Exclusion.objects.filter(mentee=mentee, mentor=mentor).delete()
        if deleted:
            _note_allowed(mentee, mentor, by)
        return {"has_lifted": bool(deleted)}
    return {}


def _ease_cohort(cohort: Cohort, change: dict[str, Any], by: User) -> None:
    """The same must eased in the cohort's own policy, where it stands there."""
    policy: Policy = policy_of(cohort)
    cohort.policy = eased(policy, change["criterion"], change["hours"]).to_dict()
    cohort.save(update_fields=["policy"])
    record(by=by, verb="policy.eased", subject=cohort, program=cohort.program)


def _people(run: MatchingRun) -> dict[str, Participant]:
    """The two a change is about, by their role."""
    codes = [code for side in Role.values if (code := run.change.get(side))]
    people = Participant.objects.filter(cohort=run.cohort, code__in=codes)
    return {person.role: person for person in people}


# --- What is against it ---------------------------------------------------------------------------


def _refuse_run(run: MatchingRun) -> None:
    if run.status == Status.PUBLISHED:
        raise RuleBroken(_("This run is published, so nothing changes in it any more."))
    if run.status != Status.DONE:
        raise RuleBroken(_("This run has no answer, so there is nothing to change."))
    if run.change.get("is_undone"):
        raise RuleBroken(_("This change was taken back. Go on from the draft before it."))


def _refuse(
    run: MatchingRun,
    change: dict[str, Any],
    mentee: Participant,
    mentor: Participant | None,
    reason: str,
) -> None:
    """Raise RuleBroken, with a sentence, for a change that cannot be made."""
    _refuse_run(run)
    if not RunInput.objects.filter(run=run).exists():
        raise RuleBroken(inquiring.no_longer_kept())
    if change["kind"] in changing.REMEDIES:
        return
    if not reason.strip():
        raise RuleBroken(_("Please give a reason, so that others can follow the decision."))
    if change["kind"] == "forbid":
        if [mentee.code, change["mentor"]] in run.locked:
            raise RuleBroken(_("These two are settled in this draft. Take that back first."))
    elif mentor is not None:
        _refuse_pair(run, mentee, mentor)


def _refuse_pair(run: MatchingRun, mentee: Participant, mentor: Participant) -> None:
    if not run.suggestions.filter(mentee=mentee, mentor=mentor).exists():
        _refuse_another(run, mentee, mentor)
    # Last, so that of what the run knew no prohibition is told from a wish.
    if Exclusion.objects.filter(mentee=mentee, mentor=mentor).exists():
        raise RuleBroken(_("A coordinator ruled these two out. Allow them again first."))


def _refuse_another(run: MatchingRun, mentee: Participant, mentor: Participant) -> None:
    """By what the engine says of two who are not together."""
    key = Inquiry.key_of(run, Inquiry.Kind.WHY_NOT, mentee, mentor)
    answered = Inquiry.objects.filter(key=key, status=Inquiry.Status.ANSWERED).first()
    if answered is None and run.is_small:
        answered = inquiries.ask(run, Inquiry.Kind.WHY_NOT, mentee=mentee, mentor=mentor, by=None)
    if answered is None:
        return  # the worker will say so
    if answered.status != Inquiry.Status.ANSWERED:
        raise RuleBroken(told.failure(run, answered.failure))
    answer: Any = answered.answer
    if answer["kind"] not in (Apart.POSSIBLE, Apart.TOGETHER):
        names = told.names_in(run, answer)
        raise RuleBroken(" ".join(told.why_not(answer, run.policy, names)))
