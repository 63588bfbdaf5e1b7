"""What a seeding made, in figures: for the person at the terminal and for machines."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import models

from feedback.metrics import figures
from feedback.models import CheckIn, Invitation
from feedback.notifications import CheckInReminder, SurveyInvitation
from matching.models import MatchingRun
from mentorship.demo import cast
from mentorship.shared.base import clock
from mentorship.shared.notifications.models import OutboxMessage, State
from mentorship.shared.notifications.registry import Notice
from programs.models import Cohort


def of_cohort(cohort: Cohort) -> dict[str, Any]:
    """The figures of a cohort as plain JSON."""
    published = MatchingRun.objects.filter(cohort=cohort, status=MatchingRun.Status.PUBLISHED)
    run = published.order_by("published_at").first()  # the one for everybody; others follow it
    checkins = CheckIn.objects.filter(match__cohort=cohort)
    invitations = Invitation.objects.filter(survey__cohort=cohort)
    return {
        "program": cohort.program.name,
        "cohort": cohort.code,
        "mentors": run.mentors if run else 0,
        "mentees": run.mentees if run else 0,
        "matched": run.matched if run else 0,
        "matched_bound": run.matched_bound if run else 0,
        "score": run.score if run else 0,
        "score_bound": run.score_bound if run else 0,
        "gap": run.gap if run else 0,
        "checkins_planned": checkins.count(),
        "checkins_answered": checkins.filter(answered_at__isnull=False).count(),
        "reminders_sent": _sent(CheckInReminder, checkins),
        "survey_links_sent": _sent(SurveyInvitation, invitations),
        "survey_answers": invitations.filter(answered_at__isnull=False).count(),
        "figures": {shown.name: shown.value_text for shown in figures.shown(cohort)},
    }


def of_demo() -> dict[str, Any]:
    """The figures of the demo: the seeded cohort's, its address, and the other cohorts'."""
    main = _seeded_cohort()
    others = Cohort.objects.exclude(pk=main.pk).order_by("starts_on", "pk")
    return {
        "address": settings.BASE_URL,
        **of_cohort(main),
        "others": [of_cohort(cohort) for cohort in others],
        "logins": logins(),
    }


def logins() -> list[dict[str, str]]:
    """The log-ins of the cast."""
    return [
        {"email": str(one["email"]), "password": cast.PASSWORD, "role": str(one["part"])}
        for one in cast.cast_members()
    ]


def in_words(told: dict[str, Any]) -> Iterator[str]:
    """The figures of `of_demo` and the log-ins, line by line."""
    main = _seeded_cohort()
    week = main.week(clock.now())
    stands = f"week {week} of {main.weeks}" if week else f"starts on {main.starts_on}"
    yield f"{told['program']}, {main.name}: {stands}"
    for line in _lines(told):
        yield f"  {line}"
    for other in told["others"]:
        if other["mentees"]:
            yield f"{other['program']}: {_matched(other)}"
    yield ""
    yield f"Log-ins (password {cast.PASSWORD}, or one click at {settings.BASE_URL}/demo/)"
    for one in cast.cast_members():
        yield f"  {one['label']!s:<32} {one['email']}"
    yield f"Mail that went out: {settings.BASE_URL}/outbox/"


def _lines(told: dict[str, Any]) -> Iterator[str]:
    yield _matched(told)
    yield f"{told['checkins_planned']} check-ins planned, {told['checkins_answered']} answered"
    yield f"{told['reminders_sent']} reminders sent"
    yield f"{told['survey_links_sent']} survey links sent, {told['survey_answers']} answers"
    for shown in figures.shown(_seeded_cohort()):
        yield f"{shown.label}: {shown.value_text}"


def _matched(told: dict[str, Any]) -> str:
    best = "gap 0: proven, nobody can do better" if not told["gap"] else f"gap {told['gap']}"
    return f"{told['matched']} of {told['mentees']} mentees matched, {told['score']} points, {best}"


def _seeded_cohort() -> Cohort:
    marker = cast.seeding()
    code = marker.details["cohort"] if marker else ""
    return Cohort.objects.select_related("program").get(code=code)


def _sent(notice: type[Notice], subjects: models.QuerySet[Any]) -> int:
    return OutboxMessage.objects.filter(
        kind=notice.kind, state=State.SENT, subject_code__in=subjects.values("code")
    ).count()
