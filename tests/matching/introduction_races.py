"""Races around introductions: one function each, on whatever database is set.

As `tests.races`, which says how they are played.
"""

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from matching import next_best
from matching.actions import introductions
from matching.models import Introduction, Match, MatchingRun, Place, Seat
from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.notifications.models import OutboxMessage
from programs.models import Participant
from tests.factories.programs import CohortFactory, ParticipantFactory
from tests.matching.introduced import introduce, opened
from tests.races import ONE_DOES, THREADS, Saw, at_once

DAY = timedelta(days=1)


def _one_mentor_and_many(*, answered: str, **fields: Any) -> list[Introduction]:
    """Open introductions of twenty mentees with a mentor who has one place."""
    cohort = CohortFactory(stage="matching", answer_days=7)
    mentor = ParticipantFactory(cohort=cohort, role="mentor")
    # making it would be a lock of its own
    Seat.objects.create(participant=mentor, number=1)
    now = clock.now()
    said = {f"{answered}_answer": "yes", f"{answered}_answered_at": now}
    return [
        Introduction.objects.create(
            cohort=cohort,
            mentor=mentor,
            mentee=ParticipantFactory(cohort=cohort),
            made_at=now,
            answer_by=now + 7 * DAY,
            **said,
            **fields,
        )
        for _ in range(THREADS)
    ]


def _yes(introduction: Introduction, one: Participant) -> bool:
    answered = introductions.answer(introduction, by=one.user, says_yes=True)
    return answered.status == "agreed"


def _came_of(asked: list[Introduction]) -> Saw:
    rows = Introduction.objects.filter(pk__in=[one.pk for one in asked])
    told = OutboxMessage.objects.filter(
        kind="introduction_over", subject_code__in=rows.values("code")
    )
    return {
        "matches": Match.objects.filter(cohort=asked[0].cohort).count(),
        "places": Place.objects.open().filter(participant=asked[0].mentor).count(),
        "agreed": rows.filter(status="agreed").count(),
        "over": rows.filter(status="withdrawn").count(),
        "told kindly": told.values("recipient").distinct().count(),
    }


def a_mentor_says_yes_to_twenty_who_asked_for_one_place() -> Saw:
    asked = _one_mentor_and_many(answered="mentee", origin="ask", holds_place=False)
    saw = at_once(lambda n: _yes(asked[n], asked[n].mentor))
    return saw | _came_of(asked)


def twenty_mentees_say_yes_to_the_last_place_of_a_mentor() -> Saw:
    """As after the mentor's places were lowered while introductions were open."""
    asked = _one_mentor_and_many(answered="mentor", origin="run", holds_place=True)
    saw = at_once(lambda n: _yes(asked[n], asked[n].mentee))
    return saw | _came_of(asked)


def both_sides_say_yes_at_once() -> Saw:
    """Ten introductions of ten pairs, both people of each at the same moment."""
    cohort = CohortFactory(stage="matching", answer_days=7)
    made = introduce(
        *(
            (ParticipantFactory(cohort=cohort, role="mentor"), ParticipantFactory(cohort=cohort))
            for _ in range(THREADS // 2)
        )
    )

    def press(number: int) -> bool:
        one = made[number // 2]
        return _yes(one, one.mentee if number % 2 else one.mentor)

    saw = at_once(press)
    return saw | {"matches": Match.objects.filter(cohort=cohort).count()}


def the_same_link_is_clicked_twenty_times() -> Saw:
    cohort = CohortFactory(stage="matching", answer_days=7)
    mentor, mentee = (
        ParticipantFactory(cohort=cohort, role="mentor"),
        ParticipantFactory(cohort=cohort),
    )
    (one,) = introduce((mentor, mentee))
    introductions.answer(one, by=mentor.user, says_yes=True)
    cookies = opened(one, mentee).cookies
    url = reverse("introduction-answer", args=[one.code])
    statuses: list[int] = []

    def press(_number: int) -> bool:
        client = Client()
        client.cookies = cookies
        statuses.append(client.post(url, {"answer": "yes"}).status_code)
        return statuses[-1] == 302

    saw = at_once(press)
    events = AuditEvent.objects.filter(verb="introduction.accepted", subject_code=one.code)
    return saw | {
        "kind": statuses.count(409),
        "decisions": events.filter(actor_code=mentee.user.code).count(),
        "matches": Match.objects.filter(cohort=cohort).count(),
    }


def a_yes_and_a_no_cross() -> Saw:
    """Twenty devices of two people; whatever comes first, nothing is half of each."""
    cohort = CohortFactory(stage="matching", answer_days=7)
    (one,) = introduce(
        (ParticipantFactory(cohort=cohort, role="mentor"), ParticipantFactory(cohort=cohort))
    )
    introductions.answer(one, by=one.mentor.user, says_yes=True)

    def press(number: int) -> Any:
        side = one.mentee if number % 2 else one.mentor
        return introductions.answer(one, by=side.user, says_yes=bool(number % 2))

    saw = at_once(press)
    one.refresh_from_db()
    matches = Match.objects.filter(cohort=cohort).count()
    fits = (one.status, matches) in (("agreed", 1), ("declined", 0))
    return saw | {"it fits": fits}


def an_introduction_lapses_once() -> Saw:
    cohort = CohortFactory(stage="matching", answer_days=7)
    (one,) = introduce(
        (ParticipantFactory(cohort=cohort, role="mentor"), ParticipantFactory(cohort=cohort))
    )
    Introduction.objects.filter(pk=one.pk).update(answer_by=clock.now() - DAY)
    saw = at_once(lambda _: introductions.lapse(one))
    events = AuditEvent.objects.filter(verb="introduction.lapsed", subject_code=one.code)
    return saw | {"told of": events.count()}


def somebody_is_reminded_once() -> Saw:
    cohort = CohortFactory(stage="matching", answer_days=7)
    (one,) = introduce(
        (ParticipantFactory(cohort=cohort, role="mentor"), ParticipantFactory(cohort=cohort))
    )
    now = clock.now()
    Introduction.objects.filter(pk=one.pk).update(answer_by=now + DAY / 2, made_at=now - DAY)
    saw = at_once(lambda _: introductions.remind(one))
    mails = OutboxMessage.objects.filter(kind="introduction_reminder", subject_code=one.code)
    return saw | {"mails": mails.count()}


def the_next_best_is_introduced_once() -> Saw:
    """Two are let down at once, and twenty workers look for the next best."""
    cohort = CohortFactory(stage="matching", answer_days=7)
    mentors = [ParticipantFactory(cohort=cohort, role="mentor") for _ in range(4)]
    mentees = [ParticipantFactory(cohort=cohort) for _ in range(2)]
    for one in introduce(*zip(mentors[:2], mentees, strict=True)):
        introductions.answer(one, by=one.mentor.user, says_yes=False)
    saw = at_once(lambda _: next_best.go_on(cohort.pk))
    for pk in MatchingRun.objects.to_finish().values_list("pk", flat=True):
        next_best.finish(pk)
    held = Introduction.objects.holding_a_place().filter(cohort=cohort)
    return {
        "errors": saw["errors"],
        "runs": MatchingRun.objects.filter(cohort=cohort, kind="next").count(),
        "introduced": sorted(held.values_list("mentee", flat=True)) == [m.pk for m in mentees],
    }


_ONE_PLACE = {"matches": 1, "places": 1, "agreed": 1, "over": THREADS - 1}
EXPECTED: dict[Callable[[], Saw], Saw] = {
    a_mentor_says_yes_to_twenty_who_asked_for_one_place: {
        "won": 1,
        "told": THREADS - 1,
        "errors": [],
        **_ONE_PLACE,
        "told kindly": THREADS - 1,
    },
    twenty_mentees_say_yes_to_the_last_place_of_a_mentor: {
        "won": 1,
        "told": THREADS - 1,
        "errors": [],
        **_ONE_PLACE,
        "told kindly": THREADS - 1,
    },
    both_sides_say_yes_at_once: {
        "won": THREADS // 2,
        "told": 0,
        "errors": [],
        "matches": THREADS // 2,
    },
    the_same_link_is_clicked_twenty_times: ONE_DOES
    | {"kind": THREADS - 1, "decisions": 1, "matches": 1},
    a_yes_and_a_no_cross: {
        "won": 1,
        "told": THREADS - 1,
        "errors": [],
        "it fits": True,
    },
    an_introduction_lapses_once: ONE_DOES | {"told of": 1},
    somebody_is_reminded_once: ONE_DOES | {"mails": 2},
    the_next_best_is_introduced_once: {"errors": [], "runs": 1, "introduced": True},
}


def main() -> None:
    """Play every race on the database of the environment; the last line is JSON."""
    call_command("migrate", verbosity=0)
    saw = {race.__name__: race() for race in EXPECTED}
    sys.stdout.write(json.dumps(saw) + "\n")


if __name__ == "__main__":
    main()
