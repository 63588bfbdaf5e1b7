"""A draft with one change: what is asked then, and its best matching, proven."""

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from matching import engine, inquiring
from matching.engine.edits import Edit, Forbid, Lock, edited
from matching.engine.result import sealed
from matching.engine.scoring import Problem
from matching.engine.solved import Solved, laid_out, near
from matching.engine.unplaced import applied, eased
from matching.engine.why import changed, forced, pairs_of
from matching.inquiring import Known
from matching.models import MatchingRun
from mentorship.shared.base.rules import RuleBroken

# Pairs that are settled from now on, whoever chose them.
LOCKS = ("lock", "pair")
# What would place a mentee, by the engine's names.
REMEDIES = tuple(engine.Remedy)
# Those for which a mentor has to say yes.
MORE_SEATS = (engine.Remedy.SEAT, engine.Remedy.HELD_SEAT)


def answer(run: MatchingRun, *, work: engine.Work) -> tuple[engine.Input, engine.Result]:
    """The question of the draft that `run` changes, changed, and its best matching.

    EngineError with a sentence where the change cannot be made.
    """
    try:
        before = inquiring.known(run.parent)  # type: ignore[arg-type]  # a draft has a parent
    except RuleBroken as error:
        raise engine.ProblemError(str(error)) from error
    change = run.change
    if change["kind"] in REMEDIES:
        return _eased(before, change, work)
    pair = change["mentee"], change["mentor"]
    if change["kind"] == "forbid":
        return _mended(before, Forbid(*pair), work)
    return _locked(before, Lock(*pair), work)


def policy_after(run: MatchingRun, change: dict[str, Any]) -> dict[str, Any]:
    """The policy of a draft after a change, ready for JSON."""
    if not change.get("criterion"):
        return run.policy
    policy = engine.Policy.from_dict(run.policy)
    return eased(policy, change["criterion"], change["hours"]).to_dict()


def _locked(before: Known, lock: Lock, work: engine.Work) -> tuple[engine.Input, engine.Result]:
    """As `why_not` foretold it, so that nobody moves whom it did not name."""
    after = edited(before.asked, lock)
    if pairs_of(before.result).get(lock.mentee, ("", 0))[0] == lock.mentor:
        return _mended(before, lock, work)
    solved = laid_out(before.asked, before.result, None)
    other = forced(before.asked, solved, (lock.mentee, lock.mentor), None, work)
    return after, sealed(replace(other, digest=after.digest()))


def _mended(before: Known, edit: Edit, work: engine.Work) -> tuple[engine.Input, engine.Result]:
    edited(before.asked, edit)  # refused in a sentence where it cannot be
    solved = laid_out(before.asked, before.result, None)
    return changed(before.asked, solved, edit, None, work)


def _eased(
    before: Known, change: dict[str, Any], work: engine.Work
) -> tuple[engine.Input, engine.Result]:
    """Solved anew, since that is what the remedy was proven by."""
    told = engine.Change(
        kind=engine.Remedy(change["kind"]),
        mentor=change["mentor"],
        criterion=change["criterion"],
        hours=change["hours"],
        partner="",
        points=0,
        matched=0,
        score=0,
    )
    after = applied(before.asked, change["mentee"], told)
    other = engine.solve(after, work=work)
    pairs = {(pair.mentee, pair.mentor) for pair in before.result.pairs}
    kept = near(Solved.of(Problem.of(after), other), pairs, None)
    if change["mentee"] not in pairs_of(kept):
        raise engine.ProblemError(_("That does not place this mentee after all."))
    return after, sealed(kept)
