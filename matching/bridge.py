"""The only file that knows both worlds: participants and the engine's types, result and rows."""

import json
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.utils.translation import gettext as _

from matching import engine
from matching.models import (
    Avoid,
    Exclusion,
    Match,
    MatchingRun,
    Place,
    Preference,
    RunInput,
    Suggestion,
    Unmatched,
)
from mentorship.shared.base import clock
from mentorship.shared.base.zones import local, offset_minutes, offset_periods
from mentorship.shared.questions.models import Question
from programs.facts import ASKED, facts_of
from programs.gate import standing
from programs.models import Application, Cohort, Participant, Profile, Role

_HALF_HOURS = 7 * 48
# Rows written at a time; the people of a large program are many.
_BATCH = 1_000

# What stands in a result and, under the same name, on the run.
_FIGURES = (
    "objective",
    "mentors",
    "mentees",
    "seats",
    "matched",
    "matched_bound",
    "score",
    "score_bound",
    "gap",
    "unmatched_price",
    "solver",
    "digest",
    "seal",
)

_REASON = tuple(field.name for field in fields(engine.Reason))


# --- From the rows to the question ----------------------------------------------------------------


def load(run: MatchingRun) -> engine.Input:
    """The question of a run: who waits for a mentor, who has seats free, what both told.

    The people's facts are copied to their participant rows at this moment. The question holds
    those that the policy reads and no other: it is kept, and what no criterion looks at is not.
    Raises ProblemError or PolicyError with a sentence.
    """
    policy = engine.Policy.from_dict(run.policy)
    people = _with_facts(run.cohort)
    _note_who_was_left_out(run)
    held = _places_held(run.cohort)
    mentors = [p for p in people if p.role == Role.MENTOR and p.capacity > held[p.pk]]
    mentees = [p for p in people if p.role == Role.MENTEE and not held[p.pk]]
    _add_derived(run.cohort, mentors, mentees)
    ranks = _ranks(run.cohort, {p.pk for p in mentors} | {p.pk for p in mentees})
    read, on_forms = _facts_read(policy), _facts_on_forms(run.cohort)
    with_levels = _facts_with_levels(policy)
    wanted = {role: dict.fromkeys(read & on_forms[role]) for role in Role}
    asked = engine.Input(
        tuple(
            engine.Mentor(
                p.code,
                p.capacity - held[p.pk],
                wanted[Role.MENTOR] | _facts(p, read, with_levels),
                ranks[p.code],
            )
            for p in mentors
        ),
        tuple(
            engine.Mentee(p.code, wanted[Role.MENTEE] | _facts(p, read, with_levels), ranks[p.code])
            for p in mentees
        ),
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


def _with_facts(cohort: Cohort) -> list[Participant]:
    """Everybody who can be matched, with fresh facts: the profile's, over them the application's.

    Who is on a pause, or has not done what the cohort asks before matching, is not among them.
    """
    day = local(clock.now(), cohort.time_zone).date()
    people = list(Participant.objects.filter(cohort=cohort).matchable(day).select_related("user"))
    profiles = {
        p.user_id: p.facts() for p in Profile.objects.filter(user__participations__cohort=cohort)
    }
    answers = _answers(cohort)
    now = clock.now()
    for person in people:
        told = profiles.get(person.user_id, {}) | answers.get((person.user_id, person.role), {})
        person.take_facts(told | {"time_zone": person.time_zone}, now)
    # As rows that are there already: bulk_update takes several times as long.
    Participant.objects.bulk_create(
        people,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["facts", "facts_at"],
        batch_size=_BATCH,
    )
    return people


def _note_who_was_left_out(run: MatchingRun) -> None:
    """Keep on the run how many take part and could not be asked about, and why."""
    stands = standing(run.cohort, clock.now())
    run.paused, run.not_ready = stands.paused, stands.not_ready
    MatchingRun.objects.filter(pk=run.pk).update(paused=run.paused, not_ready=run.not_ready)


def _answers(cohort: Cohort) -> dict[tuple[int, str], dict[str, Any]]:
    asked: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
    questions = Question.objects.filter(
        questionnaire__in=Application.objects.filter(cohort=cohort).values("questionnaire")
    ).exclude(fact="")
    for form, *question in questions.values_list("questionnaire", *ASKED):
        asked[form].append(tuple(question))
    rows = Application.objects.filter(cohort=cohort, status=Application.Status.ACCEPTED)
    return {
        (row.applicant_id, row.role): facts_of(asked[row.questionnaire_id], row.answers)
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


def _add_derived(
    cohort: Cohort, mentors: Iterable[Participant], mentees: Iterable[Participant]
) -> None:
    """Facts that follow from the day and from earlier rounds; derived, so not kept."""
    people = [*mentors, *mentees]
    first, last = _dates(cohort)
    try:
        periods = offset_periods({person.time_zone for person in people}, first, last)
    except ValidationError as error:
        raise engine.ProblemError(" ".join(error.messages)) from error
    waited = _times_left_over(cohort)
    for person in people:
        person.facts["utc_offset"] = offset_minutes(person.time_zone, first)
        person.facts["utc_offsets"] = periods[person.time_zone]
    for person in mentees:
        person.facts["priority"] = waited[person.user_id]


def _dates(cohort: Cohort) -> tuple[date, date]:
    """The days on which pairs of this cohort will meet: what is past of it does not count."""
    first = max(cohort.starts_on, local(clock.now(), cohort.time_zone).date())
    return first, max(cohort.last_day_of_a_pair(first), first)


def _times_left_over(cohort: Cohort) -> dict[int, int]:
    """How many published runs of the program, of any cohort, left a person without a mentor.

    A run that nobody published left nobody out. A later match takes nothing back.
    """
    rows = (
        Unmatched.objects.filter(
            run__status=MatchingRun.Status.PUBLISHED, run__cohort__program=cohort.program_id
        )
        .order_by()
        .values("mentee__user")
        .annotate(times=Count("pk"))
        .values_list("mentee__user", "times")
    )
    return defaultdict(int, rows)


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


def _excluded(cohort: Cohort, people: list[Participant]) -> frozenset[engine.PairOfIds]:
    """Nobody mentors themself, a pair that parted stays apart, a coordinator's word counts."""
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


def _facts_read(policy: engine.Policy) -> frozenset[str]:
    """The names of all facts that some criterion looks at."""
    return frozenset(
        name
        for criterion in policy.criteria
        for name in (
            criterion.mentee,
            criterion.mentor,
            criterion.when,
            *criterion.kind.facts_beside(),
        )
        if name
    )


def _facts_with_levels(policy: engine.Policy) -> frozenset[str]:
    """The names of the facts of which some criterion asks how far they go.

    Of all others only what is named counts, so that a policy which knows no levels weighs nobody's.
    """
    return frozenset(
        name
        for criterion in policy.criteria
        if "full_level" in criterion.kind.parameters()
        for name in (criterion.mentee, criterion.mentor)
        if name
    )


def _facts_on_forms(cohort: Cohort) -> Mapping[str, set[str]]:
    """What the cohort's forms ask for, by role: a question that nobody answered was still asked."""
    forms = {Role.MENTOR: cohort.mentor_questions_id, Role.MENTEE: cohort.mentee_questions_id}
    questions = Question.objects.filter(questionnaire__in=forms.values()).exclude(fact="")
    asked = defaultdict(set)
    for form, fact in questions.values_list("questionnaire", "fact"):
        asked[form].add(fact)
    return {role: asked[form] for role, form in forms.items()}


def _facts(
    person: Participant, read: frozenset[str], with_levels: frozenset[str]
) -> dict[str, engine.Fact]:
    return {
        name: _fact(name, value, has_levels=name in with_levels)
        for name, value in person.facts.items()
        if name in read
    }


def _fact(name: str, value: Any, *, has_levels: bool) -> engine.Fact:
    """An answer as the engine takes it; None for one that it has no form for."""
    if isinstance(value, dict):
        return value if has_levels else frozenset(value)
    if name == "hours" and isinstance(value, list):
        free = set(value)
        return "".join("1" if at in free else "0" for at in range(_HALF_HOURS))
    if isinstance(value, list):
        return frozenset(value) if all(isinstance(item, str) for item in value) else None
    return value if isinstance(value, str | int | tuple) else None


# --- From the answer to the rows ------------------------------------------------------------------


def solve(
    asked: engine.Input, *, solver: str | None = None, work: engine.Work | None = None
) -> engine.Result:
    """Ask the engine. Raises EngineError with a sentence; lets through `Stopped`."""
    return engine.solve(asked, solver=solver, work=work or engine.Work())


def save(run: MatchingRun, asked: engine.Input, result: engine.Result) -> None:
    """Keep question and answer with the run; the caller holds the transaction."""
    for name in _FIGURES:
        setattr(run, name, getattr(result, name))
    run.prices = dict(result.prices)
    run.floor = _for_json(asdict(result.floor)) if result.floor else None
    run.save(update_fields=[*_FIGURES, "prices", "floor"])
    _keep_input(run, asked, result.state)
    _keep_pairs(run, asked, result)


def _keep_input(run: MatchingRun, asked: engine.Input, state: engine.State | None) -> None:
    days = timedelta(days=settings.MATCHING_INPUT_DAYS)
    RunInput.objects.update_or_create(
        run=run,
        defaults={
            "packed": RunInput.pack(asked.to_text()),
            "state": state.pack() if state else b"",
            "keep_until": clock.now().date() + days,
        },
    )


def _keep_pairs(run: MatchingRun, asked: engine.Input, result: engine.Result) -> None:
    idents = dict(Participant.objects.filter(cohort=run.cohort).values_list("code", "pk"))
    reasons = _reasons(asked, result.pairs)
    run.suggestions.all().delete()
    run.left_over.all().delete()
    Suggestion.objects.bulk_create(
        [
            Suggestion(
                run=run,
                mentor_id=idents[pair.mentor],
                mentee_id=idents[pair.mentee],
                score=pair.score,
                reasons=told,
            )
            for pair, told in zip(result.pairs, reasons, strict=True)
        ],
        batch_size=_BATCH,
    )
    Unmatched.objects.bulk_create(
        [Unmatched(run=run, mentee_id=idents[code]) for code in result.unmatched],
        batch_size=_BATCH,
    )


def _reasons(asked: engine.Input, pairs: Iterable[engine.Pair]) -> list[list[dict[str, Any]]]:
    """The reasons of each pair as they are kept."""
    mentees = {mentee.id: mentee for mentee in asked.mentees}
    mentors = {mentor.id: mentor for mentor in asked.mentors}
    return [
        [
            _reason(reason)
            for reason in engine.reasons(mentees[pair.mentee], mentors[pair.mentor], asked.policy)
        ]
        for pair in pairs
    ]


def _reason(reason: engine.Reason) -> dict[str, Any]:
    """A reason ready for JSON; `asdict` would copy every word of it."""
    return {name: getattr(reason, name) for name in _REASON} | {"shared": list(reason.shared)}


def _for_json(table: Mapping[str, Any]) -> dict[str, Any]:
    """As it comes back from JSON."""
    return {name: list(v) if isinstance(v, tuple) else v for name, v in table.items()}


# --- What was kept, to check or to repeat ---------------------------------------------------------


def asked_of(run: MatchingRun) -> engine.Input | None:
    """What the run was asked, or None when that is no longer kept.

    Raises ProblemError or PolicyError when what is kept is not what the engine wrote.
    """
    kept = RunInput.objects.filter(run=run).defer("state").first()
    if kept is None:
        return None
    try:
        table = json.loads(kept.text)
    except (zlib.error, ValueError) as error:
        raise engine.ProblemError("The stored input is damaged: it cannot be unpacked.") from error
    if not isinstance(table, dict):
        raise engine.ProblemError("The stored input is damaged: it is not a table.")
    return engine.Input.from_dict(table)


def answer_of(run: MatchingRun) -> engine.Result:
    """The answer as it stands in the rows now."""
    rows = run.suggestions.values_list("mentee__code", "mentor__code", "score")
    pairs = sorted((engine.Pair(*row) for row in rows), key=lambda pair: pair.mentee)
    figures = {name: getattr(run, name) for name in _FIGURES}
    return engine.Result(
        **figures,
        pairs=tuple(pairs),
        unmatched=tuple(sorted(run.left_over.values_list("mentee__code", flat=True))),
        prices=run.prices,
        floor=engine.Floor(**_from_json(run.floor)) if run.floor else None,
    )


def _from_json(table: Mapping[str, Any]) -> dict[str, Any]:
    """As it was before JSON, which knows no tuples."""
    return {name: tuple(v) if isinstance(v, list) else v for name, v in table.items()}


def check(run: MatchingRun, asked: engine.Input, *, work: engine.Work | None = None) -> None:
    """Return if the run's rows follow from its question, to the last reason; else raise.

    CertificateError names what is wrong.
    """
    result = answer_of(run)
    if asked.policy.to_dict() != run.policy or asked.seed != run.seed:
        raise engine.CertificateError("The policy or the seed beside this run is another.")
    engine.check(asked, result, work or engine.Work())
    kept = dict(run.suggestions.values_list("mentee__code", "reasons"))
    for pair, told in zip(result.pairs, _reasons(asked, result.pairs), strict=True):
        if kept[pair.mentee] != told:
            raise engine.CertificateError(
                f"The reasons of {pair.mentee!r} and {pair.mentor!r} are not those of the policy."
            )
