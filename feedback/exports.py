"""The lists of this stage that a coordinator may take along."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from feedback.models import CheckIn, Survey
from feedback.results import results_of
from matching.models import Match, Place
from mentorship.shared.files.exports import Column, Export, register
from programs.exports import cohorts, moment, program_of
from programs.imports.cells import to_cell
from programs.models import Cohort, Role


def _match_rows(cohort: Cohort, user: Any, asked: QueryDict) -> QuerySet[Match]:
    return (
        Match.objects.filter(cohort=cohort)
        .prefetch_related(Prefetch("places", Place.objects.select_related("participant__user")))
        .annotate(
            planned=Count("checkins", filter=~Q(checkins__status=CheckIn.Status.CANCELLED)),
            held=Count("checkins", filter=Q(checkins__status=CheckIn.Status.HELD)),
        )
        .order_by("introduced_at", "pk")
    )


def _people(match: Match, role: Role, what: str) -> str | int:
    places = [place for place in match.places.all() if place.role == role]
    return to_cell([getattr(place.participant.user, what) for place in places])


MATCHES = register(
    Export(
        name="matches",
        label=_("Matches"),
        route="desk-matches-export",
        page="desk-matches",
        things=cohorts,
        rows=_match_rows,
        columns=lambda cohort, asked: [
            Column("mentees", lambda match: _people(match, Role.MENTEE, "name")),
            Column("mentee emails", lambda match: _people(match, Role.MENTEE, "email")),
            Column("mentors", lambda match: _people(match, Role.MENTOR, "name")),
            Column("mentor emails", lambda match: _people(match, Role.MENTOR, "email")),
            Column("status", lambda match: match.get_status_display()),
            Column("points", lambda match: match.score),
            moment("introduced at", cohort, "introduced_at"),
            moment("ended at", cohort, "ended_at"),
            Column("check-ins planned", lambda match: match.planned),
            Column("check-ins held", lambda match: match.held),
        ],
        program=program_of,
    )
)


def _checkin_rows(cohort: Cohort, user: Any, asked: QueryDict) -> QuerySet[CheckIn]:
    """When they meet and whether they met; what they noted and how they liked it is theirs."""
    rows = CheckIn.objects.filter(match__cohort=cohort).defer("notes", "rating")
    places = Place.objects.select_related("participant__user")
    return rows.select_related("match").prefetch_related(Prefetch("match__places", places))


CHECK_INS = register(
    Export(
        name="check-ins",
        label=_("Check-ins"),
        route="desk-checkins-export",
        page="desk-matches",
        things=cohorts,
        rows=_checkin_rows,
        columns=lambda cohort, asked: [
            Column("mentees", lambda one: _people(one.match, Role.MENTEE, "name")),
            Column("mentors", lambda one: _people(one.match, Role.MENTOR, "name")),
            Column("number", lambda one: one.number),
            Column("day", lambda one: one.local_on),
            Column("time", lambda one: one.local_at.strftime("%H:%M")),
            Column("time zone", lambda one: one.time_zone),
            Column("minutes", lambda one: one.minutes),
            Column("status", lambda one: one.get_status_display()),
        ],
        program=program_of,
    )
)


def _survey_rows(cohort: Cohort, user: Any, asked: QueryDict) -> QuerySet[Survey]:
    answered = Count("invitations", filter=Q(invitations__answered_at__isnull=False))
    rows = Survey.objects.filter(cohort=cohort)
    return rows.annotate(invited=Count("invitations"), answered=answered).order_by("opens_at", "pk")


SURVEYS = register(
    Export(
        name="surveys",
        label=_("Surveys"),
        route="desk-surveys-export",
        page="desk-surveys",
        things=cohorts,
        rows=_survey_rows,
        columns=lambda cohort, asked: [
            Column("title", lambda survey: survey.title),
            moment("opens at", cohort, "opens_at"),
            moment("closes at", cohort, "closes_at"),
            Column("invited", lambda survey: survey.invited),
            Column("answered", lambda survey: survey.answered),
        ],
        program=program_of,
    )
)


def _surveys(user: Any, code: str) -> QuerySet[Survey]:
    return Survey.objects.coordinated_by(user).filter(code=code).select_related("cohort__program")


def _answer_rows(
    survey: Survey, user: Any, asked: QueryDict
) -> Iterator[tuple[str, str, int | str]]:
    """What the page shows and no more: choices counted, texts one by one without their authors."""
    for result in results_of(survey):
        question = str(result["question"].label)
        if result["bars"] is None:
            yield from ((question, text, "") for text in result["texts"])
        else:
            yield from ((question, str(label), count) for label, count in result["bars"])


ANSWERS = register(
    Export(
        name="survey answers",
        label=_("Answers"),
        route="desk-survey-export",
        page="desk-survey",
        things=_surveys,
        rows=_answer_rows,
        columns=lambda survey, asked: [
            Column("question", lambda row: row[0]),
            Column("answer", lambda row: row[1]),
            Column("how often", lambda row: row[2]),
        ],
        program=lambda survey: survey.cohort.program,
    )
)
