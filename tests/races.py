"""Races: many threads press the same button. One function each, on whatever database is set.

PostgreSQL plays them inside the suite. SQLite's test database lives in memory and cannot be
shared by threads, so there this module runs as a program on a file and prints what it saw.
"""

import json
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

from django.core import mail
from django.core.management import call_command
from django.db import connections

from feedback.actions import checkins, surveys
from feedback.models import CheckIn, Invitation, Response
from matching import runs
from matching.actions import matches, matching_runs
from matching.models import Match, MatchingRun, Place, Suggestion
from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications import delivery
from mentorship.shared.notifications.models import OutboxMessage
from mentorship.shared.notifications.outbox import notify
from programs.actions import applications
from programs.models import Application, Participant
from programs.notifications import ApplicationReceived
from tests.factories.feedback import InvitationFactory, SurveyFactory, checkin_of
from tests.factories.matching import MatchingRunFactory, match_of
from tests.factories.programs import (
    ApplicationFactory,
    CohortFactory,
    ParticipantFactory,
    UserFactory,
)

THREADS = 20
Saw = dict[str, Any]


def at_once(press: Callable[[int], Any]) -> Saw:
    """What came of it: answers that are true, kind sentences, and errors nobody expected."""
    gate = threading.Barrier(THREADS)
    won: list[int] = []
    told: list[str] = []
    errors: list[str] = []

    def thread(number: int) -> None:
        try:
            gate.wait(30)
            if press(number):
                won.append(number)
        except RuleBroken as broken:
            told.append(str(broken))
        except Exception as error:
            errors.append(f"{type(error).__name__}: {error}")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=thread, args=(n,)) for n in range(THREADS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return {"won": len(won), "told": len(told), "errors": sorted(set(errors))}


def _suggestion(cohort: Any, mentor: Participant, mentee: Participant) -> MatchingRun:
    run = MatchingRunFactory(cohort=cohort, status=MatchingRun.Status.DONE)
    Suggestion.objects.create(run=run, mentor=mentor, mentee=mentee, score=1)
    return run


def one_run_is_published_once() -> Saw:
    cohort, by = CohortFactory(stage="running"), UserFactory()
    mentor = ParticipantFactory(cohort=cohort, role="mentor")
    run = _suggestion(cohort, mentor, ParticipantFactory(cohort=cohort))
    saw = at_once(lambda _: matching_runs.publish(run, by=by))
    return saw | {"matches": Match.objects.filter(cohort=cohort).count()}


def the_last_seat_goes_to_one_mentee() -> Saw:
    cohort, by = CohortFactory(stage="running"), UserFactory()
    mentor = ParticipantFactory(cohort=cohort, role="mentor")
    asked = [_suggestion(cohort, mentor, ParticipantFactory(cohort=cohort)) for _ in range(THREADS)]
    saw = at_once(lambda n: matching_runs.publish(asked[n], by=by))
    published = MatchingRun.objects.filter(cohort=cohort, status="published").count()
    return saw | {"matches": Match.objects.filter(cohort=cohort).count(), "published": published}


def one_mentee_goes_to_one_mentor() -> Saw:
    cohort, by = CohortFactory(stage="running"), UserFactory()
    mentee = ParticipantFactory(cohort=cohort)
    mentors = [ParticipantFactory(cohort=cohort, role="mentor") for _ in range(THREADS)]
    asked = [_suggestion(cohort, mentor, mentee) for mentor in mentors]
    saw = at_once(lambda n: matching_runs.publish(asked[n], by=by))
    return saw | {"open": Place.objects.open().filter(participant=mentee).count()}


def nobody_is_matched_with_somebody_who_leaves() -> Saw:
    """Half of the threads publish, the other half withdraw; whoever comes first, it fits."""
    cohort, by = CohortFactory(stage="running"), UserFactory()
    pairs = []
    for _ in range(THREADS // 2):
        mentor = ParticipantFactory(cohort=cohort, role="mentor")
        mentee = ParticipantFactory(cohort=cohort)
        wish = ApplicationFactory(
            cohort=cohort,
            applicant=mentee.user,
            status="accepted",
            decided_at=clock.now(),
            decided_by=by,
        )
        pairs.append((_suggestion(cohort, mentor, mentee), wish))

    def press(number: int) -> Any:
        run, wish = pairs[number // 2]
        if number % 2:
            return applications.withdraw(wish, by=wish.applicant)
        return matching_runs.publish(run, by=by)

    saw = at_once(press)
    left = Place.objects.open().filter(
        match__cohort=cohort, participant__left_at__isnull=False, match__status="running"
    )
    half = Match.objects.filter(cohort=cohort, status="running").count()
    withdrawn = Application.objects.filter(cohort=cohort, status="withdrawn").count()
    return {
        "errors": saw["errors"],
        "withdrawn": withdrawn,
        "matched with a leaver": left.count(),
        "running": half,
    }


def an_application_is_accepted_once() -> Saw:
    application, by = ApplicationFactory(), UserFactory()
    saw = at_once(lambda _: applications.accept(application, by=by))
    people = Participant.objects.filter(cohort=application.cohort).count()
    mails = OutboxMessage.objects.filter(subject_code=application.code).count()
    return saw | {"participants": people, "mails": mails}


def a_person_applies_once() -> Saw:
    cohort, person = CohortFactory(), UserFactory()
    saw = at_once(lambda _: applications.start(cohort, applicant=person, role="mentee"))
    return saw | {"applications": Application.objects.filter(applicant=person).count()}


def _mails(code: str) -> int:
    return OutboxMessage.objects.filter(subject_code=code).count()


def _pair() -> Match:
    cohort = CohortFactory(stage="running")
    return match_of(
        ParticipantFactory(cohort=cohort, role="mentor"), ParticipantFactory(cohort=cohort)
    )


def a_check_in_is_announced_once() -> Saw:
    checkin = checkin_of(_pair(), days=0.5)
    ready = [CheckIn.objects.with_people().get(pk=checkin.pk) for _ in range(THREADS)]
    return at_once(lambda n: checkins.remind(ready[n])) | {"mails": _mails(checkin.code)}


def people_are_asked_once_how_it_went() -> Saw:
    checkin = checkin_of(_pair(), days=-1)
    ready = [CheckIn.objects.with_people().get(pk=checkin.pk) for _ in range(THREADS)]
    return at_once(lambda n: checkins.ask(ready[n])) | {"mails": _mails(checkin.code)}


def a_survey_is_sent_once() -> Saw:
    survey = SurveyFactory()
    ParticipantFactory(cohort=survey.cohort)
    saw = at_once(lambda _: surveys.send(survey))
    return saw | {"invitations": Invitation.objects.filter(survey=survey).count()}


def an_invitation_is_answered_once() -> Saw:
    invitation = InvitationFactory()
    saw = at_once(lambda n: surveys.answer(invitation, answers={"usefulness": n}))
    return saw | {"responses": Response.objects.filter(invitation=invitation).count()}


def a_match_ends_once() -> Saw:
    match, by = _pair(), UserFactory()
    at_once(lambda _: matches.end(match, by=by))
    return {"told of": AuditEvent.objects.filter(subject_code=match.code).count()}


def a_run_is_carried_out_once() -> Saw:
    cohort, by = CohortFactory(stage="running"), UserFactory()
    ParticipantFactory(cohort=cohort, role="mentor")
    ParticipantFactory(cohort=cohort)
    run = MatchingRunFactory(cohort=cohort, asked_by=by)
    saw = at_once(lambda _: runs.carry_out(run.pk))
    run.refresh_from_db()
    return {
        "errors": saw["errors"],
        "status": run.status,
        "pairs": run.suggestions.count(),
        "mails": _mails(run.code),
    }


def each_mail_leaves_once() -> Saw:
    """Twenty senders over forty mails."""
    OutboxMessage.objects.all().delete()
    cohort = CohortFactory()
    for _ in range(40):
        application = ApplicationFactory(cohort=cohort)
        notify(ApplicationReceived(application), application.applicant)
    mail.outbox = []
    saw = at_once(lambda _: delivery.deliver_due(limit=7).sent)
    delivery.deliver_due(limit=100)
    idents = [message.extra_headers["Message-ID"] for message in mail.outbox]
    return {"errors": saw["errors"], "left": len(idents), "different": len(set(idents))}


def a_lease_that_is_over_is_taken_by_one() -> Saw:
    OutboxMessage.objects.all().delete()
    application = ApplicationFactory()
    notify(ApplicationReceived(application), application.applicant)
    OutboxMessage.objects.update(
        state="sending", owner="gone", lease_until=clock.now() - timedelta(seconds=1)
    )
    mail.outbox = []
    saw = at_once(lambda _: delivery.deliver_due().sent)
    return saw | {"left": len(mail.outbox)}


ONE_WINS = {"won": 1, "told": THREADS - 1, "errors": []}
ONE_DOES = {"won": 1, "told": 0, "errors": []}

EXPECTED: dict[Callable[[], Saw], Saw] = {
    one_run_is_published_once: ONE_WINS | {"matches": 1},
    the_last_seat_goes_to_one_mentee: ONE_WINS | {"matches": 1, "published": 1},
    one_mentee_goes_to_one_mentor: ONE_WINS | {"open": 1},
    nobody_is_matched_with_somebody_who_leaves: {
        "errors": [],
        "withdrawn": THREADS // 2,
        "matched with a leaver": 0,
        "running": 0,
    },
    an_application_is_accepted_once: ONE_WINS | {"participants": 1, "mails": 1},
    a_person_applies_once: {"won": THREADS, "told": 0, "errors": [], "applications": 1},
    a_check_in_is_announced_once: ONE_DOES | {"mails": 2},
    people_are_asked_once_how_it_went: ONE_DOES | {"mails": 2},
    a_survey_is_sent_once: ONE_DOES | {"invitations": 1},
    an_invitation_is_answered_once: ONE_WINS | {"responses": 1},
    a_match_ends_once: {"told of": 1},
    a_run_is_carried_out_once: {"errors": [], "status": "done", "pairs": 1, "mails": 1},
    each_mail_leaves_once: {"errors": [], "left": 40, "different": 40},
    a_lease_that_is_over_is_taken_by_one: ONE_DOES | {"left": 1},
}


def main() -> None:
    """Play every race on the database of the environment; the last line is JSON."""
    call_command("migrate", verbosity=0)
    saw = {race.__name__: race() for race in EXPECTED}
    sys.stdout.write(json.dumps(saw) + "\n")


if __name__ == "__main__":
    main()
