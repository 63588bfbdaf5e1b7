"""Two people put together by a coordinator, outside any run."""

from django.db import transaction
from django.utils.translation import gettext as _

from matching import asking, engine
from matching.actions import decisions, introductions, matches, matching_runs, seats
from matching.models import Introduction, Match, MatchingRun, Place
from matching.pairing import Pair
from matching.policies import keep_private, policy_of
from matching.ruled_out import barred
from mentorship.shared.audit.models import record
from mentorship.shared.base.rules import RuleBroken
from programs.models import Participant, Role, User


@transaction.atomic
def make(
    mentee: Participant, mentor: Participant, *, by: User, reason: str
) -> Match | Introduction:
    """Introduce two to each other; where the cohort asks nobody they are matched at once.

    The reason stands in the log of decisions. Raises RuleBroken when one of them has left, the
    mentee has a mentor or is being introduced to one, the mentor has no free place, the two are
    kept apart, or a must of the cohort's policy rules the pair out: then with its name.
    """
    people = seats.lock([mentee, mentor])
    mentee, mentor = people[mentee.pk], people[mentor.pk]
    if (mentee.role, mentor.role) != (Role.MENTEE, Role.MENTOR) or (
        mentee.cohort_id != mentor.cohort_id
    ):
        raise RuleBroken(_("Please choose a mentee and a mentor of this cohort."))
    _require_nothing_between(mentee, mentor)
    free = seats.free_seats([mentor])[mentor.pk]
    matches.refuse(mentee, mentor, free, is_matched=bool(seats.matched([mentee.pk])[mentee.pk]))
    if seats.held_by_introductions([mentee.pk])[mentee.pk]:
        raise RuleBroken(
            _("%(name)s is being introduced to somebody. Take that back first.")
            % {"name": mentee.user.name}
        )
    score = _points(mentee, mentor)
    made: Match | Introduction
    if mentee.cohort.answer_days is None:
        made = matches.begin(mentee, mentor, score=score)
    else:
        pair = Pair(mentee, mentor, free.pop(), score, [])
        (made,) = introductions.write_many([pair], origin=Introduction.Origin.HAND)
    record(by=by, verb="match.made", subject=made, program=mentee.cohort.program)
    decisions.note(
        mentee.cohort,
        by=by,
        kind="pair.made",
        facts={"mentee": mentee.code, "mentor": mentor.code, _kind_of(made): made.code},
        reason=reason,
        about=[mentee.user, mentor.user],
    )
    return made


def look_again(match: Match, *, by: User) -> MatchingRun:
    """Ask for a matching of those mentees of an ended match who wait.

    Raises RuleBroken when nobody of it waits, and as `matching_runs.start` does.
    """
    waiting = Participant.objects.present().mentees().exclude(places__in=Place.objects.open())
    codes = waiting.filter(places__match=match).values_list("code", flat=True).distinct()
    only = sorted(codes)
    if not only:
        raise RuleBroken(_("Nobody of this match waits for a mentor."))
    return matching_runs.start(match.cohort, by=by, only=only)


def _require_nothing_between(mentee: Participant, mentor: Participant) -> None:
    """Nobody mentors themself; a coordinator's word and a private wish are told alike."""
    if mentee.user_id == mentor.user_id:
        raise RuleBroken(_("Nobody can be their own mentor."))
    if barred([(mentee.pk, mentor.pk)]):
        raise RuleBroken(
            _("%(mentee)s and %(mentor)s are not possible (a private wish).")
            % {"mentee": mentee.user.name, "mentor": mentor.user.name}
        )


def _kind_of(made: Match | Introduction) -> str:
    return "match" if isinstance(made, Match) else "introduction"


def _points(mentee: Participant, mentor: Participant) -> int:
    """What the cohort's policy gives the pair. Raises RuleBroken where a must rules it out."""
    cohort = mentee.cohort
    try:
        policy = keep_private(policy_of(cohort), cohort.sensitive_facts())
        one, other = asking.load_pair(cohort, policy, mentee=mentee, mentor=mentor)
        against = engine.vetoes(one, other, policy)
        points = sum(reason.points for reason in engine.reasons(one, other, policy))
    except engine.EngineError as error:
        raise RuleBroken(str(error)) from error
    if against:
        musts = ", ".join(criterion.label or criterion.name for criterion in against)
        raise RuleBroken(
            _("A must of the policy rules this pair out: %(musts)s.") % {"musts": musts}
        )
    return points
