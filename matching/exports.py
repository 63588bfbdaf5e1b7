"""The lists of this stage that a coordinator may take along."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from matching.decided import tell
from matching.models import (
    Introduction,
    LoggedDecision,
    MatchingRun,
    MeetAndGreet,
    Meeting,
    Place,
    Suggestion,
)
from matching.reasons import sentences
from matching.views.desk import READY
from mentorship.shared.files.exports import FETCHED, Column, Export, register
from programs import gate
from programs.exports import cohorts, moment, program_of
from programs.imports.cells import to_cell
from programs.models import Cohort, Participant


def _participant_rows(cohort: Cohort, user: Any, asked: QueryDict) -> Iterator[Any]:
    """Everybody with what is missing before a match, asked for many at a time."""
    rows = Participant.objects.filter(cohort=cohort).present().select_related("user")
    rows = rows.annotate(is_matched=Exists(Place.objects.open().filter(participant=OuterRef("pk"))))
    if (ready := asked.get("ready", "")) in READY:
        rows = READY[ready](rows)
    found: Iterator[Any] = rows.iterator(FETCHED)
    while batch := list(islice(found, FETCHED)):
        missing = gate.missing_of(batch)
        for participant in batch:
            participant.missing = missing[participant.pk]
            yield participant


def _participant_columns(cohort: Cohort, asked: QueryDict) -> list[Column]:
    facts: dict[str, None] = {}
    told = Participant.objects.filter(cohort=cohort).present().values_list("facts", flat=True)
    for known in told.iterator(FETCHED):
        facts.update(dict.fromkeys(known))
    return [
        Column("name", lambda one: one.user.name),
        Column("email", lambda one: one.user.email),
        Column("role", lambda one: one.role),
        Column("places", lambda one: one.capacity if one.role == "mentor" else ""),
        Column("time zone", lambda one: one.time_zone),
        Column("has a match", lambda one: one.is_matched),
        Column("is ready", lambda one: not one.missing),
        Column("missing", lambda one: to_cell([str(lack.label) for lack in one.missing])),
        moment("joined at", cohort, "joined_at"),
        moment("facts of", cohort, "facts_at"),
        *(_fact(name) for name in sorted(facts)),
    ]


def _fact(name: str) -> Column:
    return Column(f"fact {name}", lambda one: to_cell(one.facts.get(name)))


PARTICIPANTS = register(
    Export(
        name="participants",
        label=_("People"),
        route="desk-participants-export",
        page="desk-participants",
        things=cohorts,
        rows=_participant_rows,
        columns=_participant_columns,
        program=program_of,
    )
)

RUNS = register(
    Export(
        name="runs",
        label=_("Matching runs"),
        route="desk-runs-export",
        page="desk-runs",
        things=cohorts,
        rows=lambda cohort, user, asked: MatchingRun.objects.filter(cohort=cohort).without_proof(),
        columns=lambda cohort, asked: [
            moment("started at", cohort, "created_at"),
            Column("name", lambda run: run.name),
            Column("kind", lambda run: run.get_kind_display()),
            Column("policy", lambda run: run.policy.get("name", "")),
            Column("status", lambda run: run.get_status_display()),
            Column("mentors", lambda run: run.mentors),
            Column("mentees", lambda run: run.mentees),
            Column("matched", lambda run: run.matched),
            Column("points", lambda run: run.score),
        ],
        program=program_of,
    )
)


def _decision_rows(cohort: Cohort, user: Any, asked: QueryDict) -> Iterator[LoggedDecision]:
    """Every decision in words, told for many at a time."""
    rows = LoggedDecision.objects.filter(cohort=cohort).select_related("reason")
    found = rows.order_by("number").iterator(FETCHED)
    while batch := list(islice(found, FETCHED)):
        tell(batch)
        yield from batch


DECISIONS = register(
    Export(
        name="decisions",
        label=_("Decisions"),
        route="desk-decisions-export",
        page="desk-decisions",
        things=cohorts,
        rows=_decision_rows,
        columns=lambda cohort, asked: [
            Column("number", lambda one: one.number),
            moment("at", cohort, "at"),
            Column("who", lambda one: one.who),
            Column("what", lambda one: one.text),
            Column("why", lambda one: one.words),
            Column("digest", lambda one: one.digest),
        ],
        program=program_of,
    )
)


def _introduction_rows(cohort: Cohort, user: Any, asked: QueryDict) -> QuerySet[Introduction]:
    rows = Introduction.objects.filter(cohort=cohort).with_status(asked.get("status", ""))
    return rows.with_people()


INTRODUCTIONS = register(
    Export(
        name="introductions",
        label=_("Introductions"),
        route="desk-introductions-export",
        page="desk-introductions",
        things=cohorts,
        rows=_introduction_rows,
        columns=lambda cohort, asked: [
            Column("mentee", lambda one: one.mentee.user.name),
            Column("mentee email", lambda one: one.mentee.user.email),
            Column("mentor", lambda one: one.mentor.user.name),
            Column("mentor email", lambda one: one.mentor.user.email),
            Column("how it came", lambda one: one.get_origin_display()),
            Column("status", lambda one: one.get_status_display()),
            moment("introduced at", cohort, "made_at"),
            moment("answer by", cohort, "answer_by"),
            Column("mentee answer", lambda one: one.get_mentee_answer_display()),
            Column("mentor answer", lambda one: one.get_mentor_answer_display()),
            Column("reason of a no", lambda one: one.decline_reason),
            moment("closed at", cohort, "closed_at"),
        ],
        program=program_of,
    )
)


def _runs(user: Any, code: str) -> QuerySet[MatchingRun]:
    return (
        MatchingRun.objects.coordinated_by(user).filter(code=code).select_related("cohort__program")
    )


def _suggestion_rows(run: MatchingRun, user: Any, asked: QueryDict) -> QuerySet[Suggestion]:
    return run.suggestions.select_related("mentor__user", "mentee__user")


def _suggestion_columns(run: MatchingRun, asked: QueryDict) -> list[Column]:
    """Who with whom and why, and what each criterion of the run's policy gave."""
    return [
        Column("mentee", lambda pair: pair.mentee.user.name),
        Column("mentee email", lambda pair: pair.mentee.user.email),
        Column("mentor", lambda pair: pair.mentor.user.name),
        Column("mentor email", lambda pair: pair.mentor.user.email),
        Column("points", lambda pair: pair.score),
        Column(
            "reasons",
            lambda pair: to_cell(
                [str(told) for told in sentences(pair.reasons, run.policy, with_private=True)]
            ),
        ),
        *(_points(criterion["name"]) for criterion in run.policy.get("criterion", ())),
    ]


def _points(criterion: str) -> Column:
    """What one criterion gave; those for an unanswered question too, so that the row adds up."""

    def cell(pair: Any) -> int | str:
        told = (one["points"] for one in pair.reasons if one["criterion"] == criterion)
        return next(told, "")

    return Column(f"points of {criterion}", cell)


SUGGESTIONS = register(
    Export(
        name="suggestions",
        label=_("Suggested matches"),
        route="desk-run-export",
        page="desk-run-pairs",
        things=_runs,
        rows=_suggestion_rows,
        columns=_suggestion_columns,
        program=lambda run: run.cohort.program,
    )
)


def _rounds(user: Any, code: str) -> QuerySet[MeetAndGreet]:
    return (
        MeetAndGreet.objects.coordinated_by(user)
        .filter(code=code)
        .select_related("cohort__program")
    )


def _meeting_rows(planned: MeetAndGreet, user: Any, asked: QueryDict) -> QuerySet[Meeting]:
    return planned.meetings.with_people()


MEETINGS = register(
    Export(
        name="meetings",
        label=_("Meetings"),
        route="desk-meet-export",
        page="desk-meet",
        things=_rounds,
        rows=_meeting_rows,
        columns=lambda planned, asked: [
            moment("at", planned.cohort, "starts_at"),
            Column("mentee", lambda one: one.mentee.user.name),
            Column("mentee email", lambda one: one.mentee.user.email),
            Column("mentor", lambda one: one.mentor.user.name),
            Column("mentor email", lambda one: one.mentor.user.email),
            moment("called off at", planned.cohort, "called_off_at"),
        ],
        program=lambda planned: planned.cohort.program,
    )
)
