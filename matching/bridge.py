"""The only file that knows both worlds: participants and the engine's types, result and rows."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Count

from matching import engine
from matching.models import Match, MatchingRun, Place, Suggestion
from mentorship.shared.base import clock
from mentorship.shared.base.zones import local, offset_minutes
from mentorship.shared.questions.models import Question
from programs.models import Application, Cohort, Participant, Profile, Role


@dataclass(frozen=True, slots=True)
class Problem:
    """What the engine is asked, by the participants' public codes: no names, no addresses."""

    mentors: tuple[engine.Mentor, ...]
    mentees: tuple[engine.Mentee, ...]
    policy: engine.Policy
    excluded: frozenset[engine.Exclusion]
    seed: int

    def to_dict(self) -> dict[str, Any]:
        """The problem as JSON; sets are sorted so that equal problems are equal texts."""
        return {
            "mentors": [
                {"id": m.id, "seats": m.seats, "facts": _plain(m.facts)} for m in self.mentors
            ],
            "mentees": [{"id": m.id, "facts": _plain(m.facts)} for m in self.mentees],
            "excluded": sorted(self.excluded),
        }


def load(run: MatchingRun) -> Problem:
    """The question of a run: who waits for a mentor, who has seats free, what both told.

    The people's facts are copied to their participant rows at this moment, so that the run
    can be explained after they change.
    """
    people = _with_facts(run.cohort)
    held = _places_held(run.cohort)
    mentors = tuple(
        engine.Mentor(person.code, person.capacity - held[person.pk], _facts(person))
        for person in people
        if person.role == Role.MENTOR and person.capacity > held[person.pk]
    )
    mentees = tuple(
        engine.Mentee(person.code, _facts(person))
        for person in people
        if person.role == Role.MENTEE and not held[person.pk]
    )
    return Problem(
        mentors,
        mentees,
        engine.Policy.from_dict(run.policy),
        _excluded(run.cohort, people),
        run.seed,
    )


def solve(problem: Problem) -> engine.Result:
    """Ask the engine. Raises ProblemError or PolicyError with a sentence."""
    return engine.solve(
        problem.mentors,
        problem.mentees,
        problem.policy,
        excluded=problem.excluded,
        seed=problem.seed,
    )


def save(run: MatchingRun, problem: Problem, result: engine.Result) -> None:
    """Keep question and answer on the run; the caller holds the transaction."""
    run.problem = problem.to_dict()
    for name in (
        "digest",
        "solver",
        "unmatched_price",
        "mentors",
        "mentees",
        "seats",
        "matched",
        "matched_bound",
        "score",
        "score_bound",
        "gap",
    ):
        setattr(run, name, getattr(result, name))
    run.prices = dict(result.prices)
    run.save()
    idents = dict(Participant.objects.filter(cohort=run.cohort).values_list("code", "pk"))
    Suggestion.objects.filter(run=run).delete()
    Suggestion.objects.bulk_create(
        Suggestion(
            run=run,
            mentor_id=idents[pair.mentor],
            mentee_id=idents[pair.mentee],
            score=pair.score,
            reasons=[asdict(reason) for reason in pair.reasons],
        )
        for pair in result.pairs
    )


def _with_facts(cohort: Cohort) -> list[Participant]:
    """Everybody present, with fresh facts: the profile's, and over them the application's."""
    people = list(Participant.objects.filter(cohort=cohort).present().select_related("user"))
    profiles = {
        p.user_id: p.facts() for p in Profile.objects.filter(user__participations__cohort=cohort)
    }
    answers = _answers(cohort)
    now = clock.now()
    for person in people:
        told = profiles.get(person.user_id, {}) | answers.get((person.user_id, person.role), {})
        person.take_facts(told | {"time_zone": person.time_zone}, now)
    Participant.objects.bulk_update(people, ["facts", "facts_at"], batch_size=500)
    day = max(cohort.starts_on, local(now, cohort.time_zone).date())
    for person in people:
        # derived, so not kept: it changes with the clocks
        person.facts["utc_offset"] = offset_minutes(person.time_zone, day)
    return people


def _answers(cohort: Cohort) -> dict[tuple[int, str], dict[str, Any]]:
    facts_of: dict[int, dict[str, str]] = defaultdict(dict)
    questions = Question.objects.filter(
        questionnaire__in=Application.objects.filter(cohort=cohort).values("questionnaire")
    ).exclude(fact="")
    for question in questions:
        facts_of[question.questionnaire_id][question.key] = question.fact
    rows = Application.objects.filter(cohort=cohort, status=Application.Status.ACCEPTED)
    return {
        (row.applicant_id, row.role): {
            facts_of[row.questionnaire_id][key]: value
            for key, value in row.answers.items()
            if key in facts_of[row.questionnaire_id]
        }
        for row in rows
    }


def _places_held(cohort: Cohort) -> dict[int, int]:
    """How many open places each participant has."""
    rows = (
        Place.objects.open()
        .filter(match__cohort=cohort)
        .values("participant")
        .annotate(held=Count("pk"))
        .values_list("participant", "held")
    )
    return defaultdict(int, rows)


def _excluded(cohort: Cohort, people: list[Participant]) -> frozenset[engine.Exclusion]:
    """Nobody mentors themself, and a pair whose match ended is not put together again."""
    mentors = {person.user_id: person.code for person in people if person.role == Role.MENTOR}
    themselves = {
        (person.code, mentors[person.user_id])
        for person in people
        if person.role == Role.MENTEE and person.user_id in mentors
    }
    ended = Match.objects.filter(cohort=cohort, status=Match.Status.ENDED).with_people()
    parted = {
        (mentee.participant.code, mentor.participant.code)
        for match in ended
        for mentee in match.places.all()
        for mentor in match.places.all()
        if (mentee.role, mentor.role) == (Role.MENTEE, Role.MENTOR)
    }
    return frozenset(themselves | parted)


def _facts(person: Participant) -> dict[str, engine.Fact]:
    return {
        name: frozenset(value) if isinstance(value, list) else value
        for name, value in person.facts.items()
        if isinstance(value, str | int | bool)
        or (isinstance(value, list) and all(isinstance(item, str) for item in value))
    }


def _plain(facts: Mapping[str, engine.Fact]) -> dict[str, Any]:
    return {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in sorted(facts.items())
    }
