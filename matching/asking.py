"""From the rows to the question: who waits for a mentor, who has seats free, what both told.

With `keeping` the only file that knows both worlds. Others ask `bridge`.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from matching import engine, priority
from matching.models import (
    Avoid,
    Exclusion,
    Introduction,
    Match,
    MatchingRun,
    Place,
    Preference,
)
from mentorship.shared.base import clock
from mentorship.shared.base.rows import update_rows
from mentorship.shared.base.zones import local, offset_minutes, offset_periods
from mentorship.shared.questions.models import Question
from programs.facts import ASKED, TOLD_IN_PROFILE, facts_of, facts_of_profile
from programs.models import Application, Cohort, Participant, Profile, Role

_HALF_HOURS = 7 * 48


@dataclass(slots=True)
class _Person:
    """What a run needs of a participant's row; a model for each would cost more than the rest."""

    pk: int
    code: str
    user_id: int
    role: str
    capacity: int
    time_zone: str
    facts: dict[str, Any]


def load(run: MatchingRun) -> engine.Input:
    """The question of a run: who waits for a mentor, who has seats free, what both told.

    The people's facts are copied to their participant rows at this moment, where they are others
    than before. The question holds those that the policy reads and no other: it is kept, and what
    no criterion looks at is not. Raises ProblemError or PolicyError with a sentence.
    """
    policy = engine.Policy.from_dict(run.policy)
    people = _people(run)
    _copy_facts(run.cohort, people)
    held = _places_held(run.cohort)
    mentors = [p for p in people if p.role == Role.MENTOR and p.capacity > held[p.pk]]
    asked_about = set(run.only)
    mentees = [
        p
        for p in people
        if p.role == Role.MENTEE and not held[p.pk] and (not asked_about or p.code in asked_about)
    ]
    _add_derived(run.cohort, mentors, mentees)
    ranks = _ranks(run.cohort, {p.pk for p in mentors} | {p.pk for p in mentees})
    reading = _Reading(policy, run.cohort)
    asked = engine.Input(
        tuple(
            engine.Mentor(p.code, p.capacity - held[p.pk], reading.facts(p), ranks[p.code])
            for p in mentors
        ),
        tuple(engine.Mentee(p.code, reading.facts(p), ranks[p.code]) for p in mentees),
        policy,
        excluded=_excluded(run.cohort, people),
        avoided=_avoided(run.cohort),
        locked=frozenset((mentee, mentor) for mentee, mentor in run.locked),
        seed=run.seed,
    )
    if len(asked.locked) < len(run.locked):
        raise engine.ProblemError(
            _(
                "A pair was settled beforehand, but its mentee has a match by now, its mentor has "
                "no free place, or one of them has left."
            )
        )
    return asked


def load_pair(
    cohort: Cohort, policy: engine.Policy, *, mentee: Participant, mentor: Participant
) -> tuple[engine.Mentee, engine.Mentor]:
    """Two people as a run of this policy would see them now. Raises ProblemError."""
    people = [
        _Person(one.pk, one.code, one.user_id, one.role, one.capacity, one.time_zone, one.facts)
        for one in (mentee, mentor)
    ]
    _copy_facts(cohort, people, users=[mentee.user_id, mentor.user_id])
    _add_derived(cohort, people[1:], people[:1])
    ranks = _ranks(cohort, {mentee.pk, mentor.pk})
    reading = _Reading(policy, cohort)
    asking, asked = people
    return (
        engine.Mentee(asking.code, reading.facts(asking), ranks[asking.code]),
        engine.Mentor(asked.code, asked.capacity, reading.facts(asked), ranks[asked.code]),
    )


# --- Who can be matched, and what they told -------------------------------------------------------


def _people(run: MatchingRun) -> list[_Person]:
    """Everybody who can be matched, with the facts that were copied last.

    Who is on a pause, or has not done what the cohort asks before matching, is not among them; how
    many these are is noted on the run, counted as `programs.gate.standing` does.
    """
    cohort = run.cohort
    present = Participant.objects.filter(cohort=cohort).present()
    available = present.available(local(clock.now(), cohort.time_zone).date())
    names = ("pk", "code", "user", "role", "capacity", "time_zone")
    there = [_Person(*row, *told) for row, told in _with_json(available, names, ("facts",))]
    # A cohort that asks nothing is spared the question, which is a long one.
    asks = cohort.gate_items.exists()
    held_up = set(available.not_ready().values_list("pk", flat=True)) if asks else set()
    # Somebody may come between two questions, so it could be below 0.
    run.paused, run.not_ready = max(present.count() - len(there), 0), len(held_up)
    MatchingRun.objects.filter(pk=run.pk).update(paused=run.paused, not_ready=run.not_ready)
    return [person for person in there if person.pk not in held_up]


def _copy_facts(
    cohort: Cohort, people: Iterable[_Person], *, users: Collection[int] | None = None
) -> None:
    """Fresh facts for all: the profile's, over them the application's. Saves those that differ.

    `users` are whose they are where that is not the whole cohort.
    """
    of_people = Profile.objects.filter(user__participations__cohort=cohort)
    accepted = Application.objects.filter(cohort=cohort, status=Application.Status.ACCEPTED)
    if users is not None:
        of_people = of_people.filter(user__in=users)
        accepted = accepted.filter(applicant__in=users)
    profiles = {
        user: facts_of_profile(*told)
        for (user,), told in _with_json(of_people, ("user",), TOLD_IN_PROFILE)
        if any(told)
    }
    answers = _answers(cohort, accepted)
    changed = []
    for person in people:
        facts = {
            **profiles.get(person.user_id, {}),
            **answers.get((person.user_id, person.role), {}),
            "time_zone": person.time_zone,
        }
        if facts != person.facts:
            person.facts = facts
            changed.append((person.pk, json.dumps(facts)))
    update_rows(Participant, "facts", changed, facts_at=clock.now())


def _answers(
    cohort: Cohort, accepted: "QuerySet[Application]"
) -> dict[tuple[int, str], dict[str, Any]]:
    """What these accepted applications of the cohort tell, by person and role."""
    asked: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
    questions = Question.objects.filter(
        questionnaire__in=Application.objects.filter(cohort=cohort).values("questionnaire")
    ).exclude(fact="")
    for form, *question in questions.values_list("questionnaire", *ASKED):
        asked[form].append(tuple(question))
    rows = _with_json(accepted, ("applicant", "role", "questionnaire"), ("answers",))
    return {
        (applicant, role): facts_of(asked[form], answers)
        for (applicant, role, form), (answers,) in rows
    }


def _with_json(
    rows: "QuerySet[Any]", names: Iterable[str], of_json: Iterable[str]
) -> Iterator[tuple[tuple[Any, ...], list[Any]]]:
    """The named values of each row, and its JSON: read in one go, a third of the work."""
    keys = tuple(names)
    told = [Cast(name, TextField()) for name in of_json]
    found = list(rows.values_list(*keys, *told))
    size = len(keys)
    text = ",".join([f"[{','.join([cell or 'null' for cell in row[size:]])}]" for row in found])
    return zip([row[:size] for row in found], json.loads(f"[{text}]"), strict=True)


def _places_held(cohort: Cohort) -> dict[int, int]:
    """How many places each participant has, or has kept until an introduction is answered."""
    rows = (
        Place.objects.open()
        .filter(match__cohort=cohort)
        .values("participant")
        .annotate(held=Count("pk"))
        .values_list("participant", "held")
    )
    held: dict[int, int] = defaultdict(int, rows)
    kept = Introduction.objects.holding_a_place().filter(cohort=cohort)
    for pair in kept.values_list("mentee", "mentor"):
        for person in pair:
            held[person] += 1
    return held


def _add_derived(cohort: Cohort, mentors: Iterable[_Person], mentees: Iterable[_Person]) -> None:
    """Facts that follow from the day and from earlier rounds; derived, so not kept."""
    people = [*mentors, *mentees]
    first, last = _dates(cohort)
    zones = {person.time_zone for person in people}
    try:
        periods = offset_periods(zones, first, last)
    except ValidationError as error:
        raise engine.ProblemError(" ".join(error.messages)) from error
    offsets = {zone: offset_minutes(zone, first) for zone in zones}
    goes_first = priority.of_program(cohort.program_id)
    for person in people:
        person.facts["utc_offset"] = offsets[person.time_zone]
        person.facts["utc_offsets"] = periods[person.time_zone]
    for person in mentees:
        person.facts["priority"] = goes_first.get(person.user_id, priority.Priority()).points


def _dates(cohort: Cohort) -> tuple[date, date]:
    """The days on which pairs of this cohort will meet: what is past of it does not count."""
    first = max(cohort.starts_on, local(clock.now(), cohort.time_zone).date())
    return first, max(cohort.last_day_of_a_pair(first), first)


# --- Who wishes whom, and who must not be with whom -----------------------------------------------


def _ranks(cohort: Cohort, asked_about: set[int]) -> dict[str, tuple[str, ...]]:
    """Whom everybody chose, best first, among those who are asked about; by their codes."""
    rows = Preference.objects.in_cohort(cohort).values_list(
        "participant__code", "other__code", "other"
    )
    chosen: dict[str, list[str]] = defaultdict(list)
    for code, other, ident in rows:
        if ident in asked_about:
            chosen[code].append(other)
    return defaultdict(tuple, {code: tuple(others) for code, others in chosen.items()})


def _excluded(cohort: Cohort, people: list[_Person]) -> frozenset[engine.PairOfIds]:
    """Nobody mentors themself, a pair that parted or said no stays apart, a coordinator's word
    counts."""
    mentors = {person.user_id: person.code for person in people if person.role == Role.MENTOR}
    themselves = {
        (person.code, mentors[person.user_id])
        for person in people
        if person.role == Role.MENTEE and person.user_id in mentors
    }
    ended = Place.objects.filter(match__cohort=cohort, match__status=Match.Status.ENDED)
    of_match: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for match, role, code in ended.values_list("match", "role", "participant__code"):
        of_match[match][role].append(code)
    parted = {
        pair
        for codes in of_match.values()
        for pair in product(codes[Role.MENTEE], codes[Role.MENTOR])
    }
    over = Introduction.objects.filter(cohort=cohort, status__in=Introduction.CAME_TO_NOTHING)
    parted |= set(over.values_list("mentee__code", "mentor__code"))
    said = Exclusion.objects.in_cohort(cohort).values_list("mentee__code", "mentor__code")
    return frozenset(themselves | parted | {(mentee, mentor) for mentee, mentor in said})


def _avoided(cohort: Cohort) -> frozenset[engine.PairOfIds]:
    """Who would rather not work with whom, whoever of the two said so."""
    rows = Avoid.objects.in_cohort(cohort).values_list(
        "participant__role", "participant__code", "other__code"
    )
    return frozenset(
        (one, other) if role == Role.MENTEE else (other, one) for role, one, other in rows
    )


# --- Facts as the engine takes them ---------------------------------------------------------------


class _Reading:
    """Which facts a policy reads, and how."""

    def __init__(self, policy: engine.Policy, cohort: Cohort) -> None:
        self._read = {
            name
            for criterion in policy.criteria
            for name in (
                criterion.mentee,
                criterion.mentor,
                criterion.when,
                *criterion.kind.facts_beside(),
            )
            if name
        }
        self._with_levels = facts_with_levels(policy)
        self._asked = {
            role: dict.fromkeys(self._read & names)
            for role, names in _facts_on_forms(cohort).items()
        }

    def facts(self, person: _Person) -> dict[str, engine.Fact]:
        """A question that nobody answered was still asked: it stands here as None."""
        told = self._asked[person.role].copy()
        for name in self._read:
            if name in person.facts:
                has_levels = name in self._with_levels
                told[name] = as_fact(name, person.facts[name], has_levels=has_levels)
        return told


def _facts_on_forms(cohort: Cohort) -> Mapping[str, set[str]]:
    """What the cohort's forms ask for, by role."""
    forms = {Role.MENTOR: cohort.mentor_questions_id, Role.MENTEE: cohort.mentee_questions_id}
    questions = Question.objects.filter(questionnaire__in=forms.values()).exclude(fact="")
    asked = defaultdict(set)
    for form, fact in questions.values_list("questionnaire", "fact"):
        asked[form].add(fact)
    return {role: asked[form] for role, form in forms.items()}


def facts_with_levels(policy: engine.Policy) -> frozenset[str]:
    """The facts whose levels a policy asks for.

    Of all others only what is named counts, so that a policy which knows no levels weighs nobody's.
    """
    return frozenset(
        name
        for criterion in policy.criteria
        if "full_level" in criterion.kind.parameters()
        for name in (criterion.mentee, criterion.mentor)
        if name
    )


def as_fact(name: str, value: Any, *, has_levels: bool) -> engine.Fact:
    """An answer as the engine takes it; None for one that it has no form for."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return value if has_levels else frozenset(value)
    if name == "hours" and isinstance(value, list):
        free = set(value)
        return "".join("1" if at in free else "0" for at in range(_HALF_HOURS))
    if isinstance(value, list):
        return frozenset(value) if all(isinstance(item, str) for item in value) else None
    return value if isinstance(value, int | tuple) else None
