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

from feedback.actions import checkins, silences, surveys
from feedback.models import CheckIn, Invitation, Response, Silence
from matching import runs
from matching.actions import asks, changes, matches, matching_runs, mentors, places, wishes
from matching.actions import drafts as shown_drafts
from matching.models import (
    Introduction,
    LoggedDecision,
    Match,
    MatchingRun,
    Place,
    Preference,
    Suggestion,
)
from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications import delivery
from mentorship.shared.notifications.models import OutboxMessage
from mentorship.shared.notifications.outbox import notify
from programs.actions import (
    about_me,
    applications,
    corrections,
    decisions,
    drafts,
    gates,
    invitations,
    memberships,
    offers,
    people,
    reviews,
    texts,
)
from programs.models import Application, Assignment, Participant, Profile, User
from programs.notifications import ApplicationReceived
from programs.progress import fingerprint, pages_of
from tests.factories.feedback import InvitationFactory, SurveyFactory, checkin_of
from tests.factories.matching import MatchingRunFactory, match_of
from tests.factories.programs import (
    ApplicationFactory,
    CohortFactory,
    MembershipFactory,
    ParticipantFactory,
    ProgramFactory,
    UserFactory,
)
from tests.factories.texts import GateItemFactory, RequiredTextFactory

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
            # else the first is done before the last has a connection
            connections["default"].ensure_connection()
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


def one_more_place_is_given_once() -> Saw:
    """The same link clicked 20 times."""
    mentor = ParticipantFactory(cohort=CohortFactory(stage="matching"), role="mentor", capacity=2)
    asked = places.ask(mentor, by=UserFactory())
    saw = at_once(lambda _: places.answer(asked, by=mentor.user, says_yes=True))
    mentor.refresh_from_db()
    given = AuditEvent.objects.filter(verb="place.given", subject_code=mentor.code)
    return saw | {"capacity": mentor.capacity, "events": given.count()}


def one_change_makes_one_draft() -> Saw:
    """Twenty coordinators settle the same two in the same draft."""
    cohort, by = CohortFactory(stage="matching"), UserFactory()
    mentor = ParticipantFactory(cohort=cohort, role="mentor")
    mentee = ParticipantFactory(cohort=cohort)
    run = matching_runs.start(cohort, by=by)
    runs.carry_out(run.pk)
    run.refresh_from_db()
    about = {"mentee": mentee, "mentor": mentor, "reason": "Both asked for it."}
    saw = at_once(lambda _: changes.make(run, by=by, kind="lock", **about))
    logged = LoggedDecision.objects.filter(cohort=cohort).count()
    done = run.changes.filter(status="done").count()
    return saw | {"drafts": run.changes.count(), "done": done, "logged": logged}


def one_run_of_a_cohort_is_at_work() -> Saw:
    """Twenty coordinators start a run of the same cohort."""
    cohort, by = CohortFactory(stage="matching"), UserFactory()
    saw = at_once(lambda n: matching_runs.start(cohort, by=by, name=f"Draft {n}"))
    return saw | {"runs": cohort.runs.count()}


def a_draft_is_shown_to_reviewers_once() -> Saw:
    cohort, by = CohortFactory(stage="matching"), UserFactory()
    MembershipFactory(program=cohort.program, role="reviewer")
    mentor = ParticipantFactory(cohort=cohort, role="mentor")
    run = _suggestion(cohort, mentor, ParticipantFactory(cohort=cohort))
    MatchingRun.objects.filter(pk=run.pk).update(mentees=1, matched=1, matched_bound=1)
    saw = at_once(lambda _: shown_drafts.show(run, by=by))
    mails = OutboxMessage.objects.filter(kind="draft_shown", subject_code=run.code)
    return saw | {"mails": mails.count()}


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


def a_draft_is_sent_in_once() -> Saw:
    application = ApplicationFactory(status="draft")
    saw = at_once(lambda _: applications.submit(application, by=application.applicant))
    return saw | {"mails": _mails(application.code)}


def one_page_of_a_draft_is_saved_by_one_and_the_others_see_it() -> Saw:
    """Twenty devices that saw the same page save it: one wins, the others are shown its answers."""
    application = ApplicationFactory(status="draft")
    page = pages_of(application.questionnaire, application.answers)[0]
    seen = fingerprint(drafts.answers_on(page, application.answers))
    shown: list[Any] = []

    def press(number: int) -> bool:
        kept = drafts.save_page(
            application,
            by=application.applicant,
            page=page,
            answers={"motivation": f"from device {number}"},
            seen=seen,
        )
        shown.append(kept.elsewhere)
        return not kept.refused

    saw = at_once(press)
    application.refresh_from_db()
    return saw | {"shown": sum(one == application.answers for one in shown)}


def a_draft_is_saved_while_it_is_sent_in() -> Saw:
    """Half of the threads save, half send in: nothing is half of each, and it is sent in once."""
    application = ApplicationFactory(status="draft")
    page = pages_of(application.questionnaire, application.answers)[0]

    def press(number: int) -> Any:
        if number % 2:
            return applications.submit(application, by=application.applicant)
        answers = {"motivation": f"from device {number}"}
        kept = drafts.save_page(
            application, by=application.applicant, page=page, answers=answers, seen=""
        )
        return not kept.refused

    saw = at_once(press)
    application.refresh_from_db()
    return saw | {"status": application.status, "mails": _mails(application.code)}


def an_address_is_invited_once() -> Saw:
    cohort, by = CohortFactory(), UserFactory()
    people = [invitations.Asked(1, "nia@example.org")]
    saw = at_once(
        lambda _: invitations.invite(cohort, by=by, role="mentee", people=people).invitations
    )
    mails = OutboxMessage.objects.filter(address="nia@example.org").count()
    return saw | {"mails": mails}


def no_more_invitations_leave_than_a_day_allows() -> Saw:
    cohort, by = CohortFactory(), UserFactory()
    people = [invitations.Asked(n, f"p{n}@example.org") for n in range(130)]
    invitations.invite(cohort, by=by, role="mentee", people=people)
    saw = at_once(lambda _: invitations.release(cohort))
    sent = cohort.invitations.filter(sent_at__isnull=False).count()
    return {"errors": saw["errors"], "sent": sent}


def a_draft_is_reminded_of_once() -> Saw:
    application = ApplicationFactory(status="draft")
    saw = at_once(lambda _: drafts.remind(application))
    return saw | {"mails": _mails(application.code)}


def _wishes(cohort: Any, **fields: Any) -> list[Application]:
    return [ApplicationFactory(cohort=cohort, **fields) for _ in range(THREADS)]


def the_last_place_is_offered_to_one() -> Saw:
    """Twenty who wait, one place: whoever is offered it, the others wait on."""
    cohort, by = CohortFactory(mentee_places=1), UserFactory()
    wishes = [applications.waitlist(one, by=by) for one in _wishes(cohort)]
    until = clock.now() + timedelta(days=1)
    saw = at_once(lambda n: offers.make(wishes[n], until=until, by=by))
    left = Application.objects.filter(cohort=cohort, status="waitlisted").count()
    return saw | {"still wait": left}


def the_last_place_is_taken_by_one() -> Saw:
    """Half are accepted, half are offered the only place."""
    cohort, by = CohortFactory(mentee_places=1), UserFactory()
    wishes = _wishes(cohort)
    until = clock.now() + timedelta(days=1)

    def press(number: int) -> Any:
        if number % 2:
            return applications.accept(wishes[number], by=by)
        return offers.make(wishes[number], until=until, by=by)

    saw = at_once(press)
    return saw | {"free": cohort.free_places("mentee")}


def an_offer_is_taken_once() -> Saw:
    by = UserFactory()
    wish = offers.make(ApplicationFactory(), until=clock.now() + timedelta(days=1), by=by)
    saw = at_once(lambda _: offers.take(wish, by=wish.applicant))
    return saw | {"participants": Participant.objects.filter(user=wish.applicant).count()}


def an_offer_lapses_once_and_goes_to_one() -> Saw:
    cohort, by = CohortFactory(offers_go_on=True, mentee_places=1), UserFactory()
    wish = offers.make(
        ApplicationFactory(cohort=cohort), until=clock.now() + timedelta(days=1), by=by
    )
    for _ in range(3):
        applications.waitlist(ApplicationFactory(cohort=cohort), by=by)
    Application.objects.filter(pk=wish.pk).update(offer_until=clock.now())
    saw = at_once(lambda _: offers.lapse(wish))
    told = OutboxMessage.objects.filter(subject_code=wish.code, kind="offer_lapsed").count()
    offered = Application.objects.filter(cohort=cohort, status="offered").count()
    return saw | {"mailed": told, "offered": offered}


def everybody_on_the_waiting_list_has_a_place_of_their_own() -> Saw:
    cohort, by = CohortFactory(), UserFactory()
    wishes = _wishes(cohort)
    saw = at_once(lambda n: applications.waitlist(wishes[n], by=by))
    places = Application.objects.filter(cohort=cohort).values_list("waiting_position", flat=True)
    return saw | {"in order": sorted(places) == list(range(1, THREADS + 1))}


def the_same_decision_about_many_is_made_once() -> Saw:
    cohort, by = CohortFactory(), UserFactory()
    chosen = [ApplicationFactory(cohort=cohort) for _ in range(3)]
    saw = at_once(lambda _: decisions.decide(chosen, "accepted", by=by))
    return saw | {"participants": Participant.objects.filter(cohort=cohort).count()}


def a_decision_is_undone_once() -> Saw:
    by = UserFactory()
    wish = ApplicationFactory()
    batch = decisions.decide([wish], "accepted", by=by).batch
    saw = at_once(lambda _: decisions.undo(batch, by=by))
    wish.refresh_from_db()
    return saw | {"status": wish.status}


def applications_are_given_out_once() -> Saw:
    cohort, by = CohortFactory(reviews_each=2), UserFactory()
    for role in ("reviewer", "reviewer", "coordinator"):
        MembershipFactory(program=cohort.program, role=role)
    for _ in range(6):
        ApplicationFactory(cohort=cohort)
    people = reviews.possible_reviewers(cohort)
    saw = at_once(lambda _: reviews.assign(cohort, reviewers=people, by=by).pairs)
    return saw | {"given": Assignment.objects.filter(application__cohort=cohort).count()}


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


def one_coordinator_stays() -> Saw:
    """Twenty coordinators leave at once, half of them by taking another duty."""
    program = ProgramFactory()
    held = [MembershipFactory(program=program) for _ in range(THREADS)]

    def press(number: int) -> bool:
        membership = held[number]
        if number % 2:
            memberships.change(membership, role="observer", by=membership.user)
        else:
            memberships.remove(membership, by=membership.user)
        return True

    saw = at_once(press)
    return saw | {"left": program.memberships.filter(role="coordinator").count()}


def a_duty_is_taken_once() -> Saw:
    program, person = ProgramFactory(), UserFactory()
    by = MembershipFactory(program=program).user
    invitation = memberships.invite(program, email=person.email, role="reviewer", by=by)
    saw = at_once(lambda _: memberships.accept(invitation, by=person))
    return saw | {"duties": program.memberships.filter(user=person).count()}


def a_duty_is_offered_once() -> Saw:
    program = ProgramFactory()
    by = MembershipFactory(program=program).user
    saw = at_once(
        lambda _: memberships.invite(program, email="a@example.org", role="reviewer", by=by)
    )
    mails = OutboxMessage.objects.filter(kind="member_invited", program_code=program.code)
    return saw | {"invitations": program.member_invitations.count(), "mails": mails.count()}


def a_text_is_read_once() -> Saw:
    version, person = RequiredTextFactory(program=ProgramFactory()).versions.get(), UserFactory()
    saw = at_once(lambda _: texts.agree(version, by=person))
    events = AuditEvent.objects.filter(verb="text.read", actor_code=person.code)
    return saw | {"consents": person.consents.count(), "told of": events.count()}


def each_version_has_a_number_of_its_own() -> Saw:
    text, by = RequiredTextFactory(program=ProgramFactory()), UserFactory()
    saw = at_once(
        lambda n: texts.rewrite(text, by=by, title="x", body=f"{n}", asks_again=bool(n % 2))
    )
    text.refresh_from_db()
    return saw | {"versions": text.versions.count(), "newest": text.newest}


def people_are_reminded_once_a_day() -> Saw:
    cohort, by = CohortFactory(stage="matching"), UserFactory()
    GateItemFactory(cohort=cohort, key="story")
    ParticipantFactory(cohort=cohort)
    saw = at_once(lambda _: gates.remind(cohort, by=by))
    mails = OutboxMessage.objects.filter(
        kind="gate_reminder", subject_code__in=cohort.participants.values("code")
    )
    return saw | {"mails": mails.count()}


def a_profile_is_made_once() -> Saw:
    """Twenty devices save the first profile of a person: the last one is what stands."""
    user = UserFactory()

    def press(number: int) -> Profile:
        mine = User.objects.get(pk=user.pk)
        return people.update_profile(mine, by=mine, headline=f"from device {number}")

    return at_once(press) | {"profiles": Profile.objects.filter(user=user).count()}


def what_somebody_calls_themself_is_one_answer() -> Saw:
    user = UserFactory()

    def press(number: int) -> bool:
        about_me.tell(user, groups={"gender": f"answer {number}"})
        return True

    return at_once(press) | {"told": 0, "answers": len(about_me.told_by(user))}


def a_correction_is_told_once() -> Saw:
    """Twenty coordinators mend the same word in the same way."""
    person = ParticipantFactory()
    by = MembershipFactory(program=person.cohort.program, role="coordinator").user

    def press(number: int) -> Any:
        return corrections.correct_profile(
            User.objects.get(pk=person.user_id),
            by=by,
            program=person.cohort.program,
            headline="Mended",
        )

    saw = at_once(press)
    rows = OutboxMessage.objects.filter(kind="data_corrected", recipient=person.user)
    return saw | {"mails": rows.count()}


ONE_WINS = {"won": 1, "told": THREADS - 1, "errors": []}
ONE_DOES = {"won": 1, "told": 0, "errors": []}
EVERYBODY = {"won": THREADS, "told": 0, "errors": []}


def twenty_ask_one_mentor() -> Saw:
    """As many as can be answered wait; the others hear that it is enough for the moment."""
    cohort = CohortFactory(stage="matching", choice="open")
    mentor = ParticipantFactory(cohort=cohort, role="mentor")
    mentees = [ParticipantFactory(cohort=cohort) for _ in range(THREADS)]
    saw = at_once(lambda n: asks.ask(mentees[n], mentor, by=mentees[n].user, message="Hello"))
    return saw | {"waiting": Introduction.objects.asks().open().filter(mentor=mentor).count()}


def one_mentee_asks_twenty_mentors() -> Saw:
    cohort = CohortFactory(stage="matching", choice="open")
    mentee = ParticipantFactory(cohort=cohort)
    mentors = [ParticipantFactory(cohort=cohort, role="mentor") for _ in range(THREADS)]
    saw = at_once(lambda n: asks.ask(mentee, mentors[n], by=mentee.user, message="Hello"))
    return saw | {"asked": Introduction.objects.asks().open().filter(mentee=mentee).count()}


def one_mentee_ranks_twenty_mentors() -> Saw:
    cohort = CohortFactory(stage="matching", choice="ranked")
    mentee = ParticipantFactory(cohort=cohort)
    mentors = [ParticipantFactory(cohort=cohort, role="mentor") for _ in range(THREADS)]
    saw = at_once(lambda n: wishes.rank(mentee, mentors[n], by=mentee.user, place=1))
    ranks = Preference.objects.filter(participant=mentee).values_list("rank", flat=True)
    return saw | {"ranks": sorted(ranks)}


def one_match_ends_once() -> Saw:
    """A side leaves and coordinators end it at once: one end, one mail to each, one decision."""
    cohort, by = CohortFactory(stage="running"), UserFactory()
    match = match_of(
        ParticipantFactory(cohort=cohort, role="mentor"), ParticipantFactory(cohort=cohort)
    )
    sides = [place.participant.user for place in match.places.all()]

    def press(number: int) -> bool:
        if number % 2:
            return bool(matches.leave(match, by=sides[number // 2 % 2], reason="x"))
        return bool(matches.end(match, by=by, reason="y"))

    saw = at_once(press)
    match.refresh_from_db()
    mails = OutboxMessage.objects.filter(kind="match_ended", subject_code=match.code)
    events = AuditEvent.objects.filter(
        subject_code=match.code, verb__in=("match.ended", "match.left")
    )
    return saw | {"ended": match.status, "mails": mails.count(), "events": events.count()}


def the_last_place_goes_to_one_match() -> Saw:
    """Twenty matches ask for the same co-mentor, who has one place."""
    cohort, by = CohortFactory(stage="running"), UserFactory()
    wanted = ParticipantFactory(cohort=cohort, role="mentor")
    asking = [
        match_of(
            ParticipantFactory(cohort=cohort, role="mentor"), ParticipantFactory(cohort=cohort)
        )
        for _ in range(THREADS)
    ]
    saw = at_once(lambda n: mentors.add(asking[n], wanted, by=by, part="co", reason="x"))
    return saw | {"open": Place.objects.open().filter(participant=wanted).count()}


def a_silent_pair_is_asked_once() -> Saw:
    """Twenty sweeps at once, and then twenty clicks on the same answer."""
    cohort = CohortFactory(stage="running", silent_days=7)
    match = match_of(
        ParticipantFactory(cohort=cohort, role="mentor"), ParticipantFactory(cohort=cohort)
    )
    Match.objects.filter(pk=match.pk).update(introduced_at=clock.now() - timedelta(days=30))
    match.places.update(from_at=clock.now() - timedelta(days=30))
    saw = at_once(lambda _: silences.ask(match))
    user = match.places.get(role="mentee").participant.user
    one = Silence.objects.get(match=match)
    clicks = at_once(lambda _: silences.answer(one, by=user, answer="end"))
    match.refresh_from_db()
    mails = OutboxMessage.objects.filter(kind="silence_question").count()
    ends = OutboxMessage.objects.filter(kind="match_ended", subject_code=match.code).count()
    answers = AuditEvent.objects.filter(verb="silence.answered", subject_code=one.code).count()
    return saw | {
        "asked": mails,
        "answers": answers,
        "ends": ends,
        "errors": saw["errors"] + clicks["errors"],
    }


EXPECTED: dict[Callable[[], Saw], Saw] = {
    one_run_of_a_cohort_is_at_work: ONE_WINS | {"runs": 1},
    a_draft_is_shown_to_reviewers_once: EVERYBODY | {"mails": 1},
    one_match_ends_once: {
        "won": 20,
        "told": 0,
        "errors": [],
        "ended": "ended",
        "mails": 2,
        "events": 1,
    },
    the_last_place_goes_to_one_match: {"won": 1, "told": 19, "errors": [], "open": 1},
    a_silent_pair_is_asked_once: {
        "won": 1,
        "told": 0,
        "errors": [],
        "asked": 2,
        "answers": 1,
        "ends": 2,
    },
    twenty_ask_one_mentor: {"won": 5, "told": 15, "errors": [], "waiting": 5},
    one_mentee_asks_twenty_mentors: {"won": 3, "told": 17, "errors": [], "asked": 3},
    one_mentee_ranks_twenty_mentors: {
        "won": 5,
        "told": 15,
        "errors": [],
        "ranks": [1, 2, 3, 4, 5],
    },
    one_more_place_is_given_once: {
        "won": 20,
        "told": 0,
        "errors": [],
        "capacity": 3,
        "events": 1,
    },
    one_change_makes_one_draft: {
        "won": 20,
        "told": 0,
        "errors": [],
        "drafts": 1,
        "done": 1,
        "logged": 1,
    },
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
    a_draft_is_sent_in_once: ONE_WINS | {"mails": 1},
    one_page_of_a_draft_is_saved_by_one_and_the_others_see_it: ONE_DOES | {"shown": THREADS - 1},
    a_draft_is_saved_while_it_is_sent_in: {
        "won": THREADS // 2 + 1,
        "told": THREADS // 2 - 1,
        "errors": [],
        "status": "submitted",
        "mails": 1,
    },
    an_address_is_invited_once: ONE_DOES | {"mails": 1},
    no_more_invitations_leave_than_a_day_allows: {"errors": [], "sent": 100},
    a_draft_is_reminded_of_once: ONE_DOES | {"mails": 1},
    the_last_place_is_offered_to_one: ONE_WINS | {"still wait": THREADS - 1},
    the_last_place_is_taken_by_one: ONE_WINS | {"free": 0},
    an_offer_is_taken_once: ONE_WINS | {"participants": 1},
    an_offer_lapses_once_and_goes_to_one: ONE_DOES | {"mailed": 1, "offered": 1},
    everybody_on_the_waiting_list_has_a_place_of_their_own: {
        "won": THREADS,
        "told": 0,
        "errors": [],
        "in order": True,
    },
    the_same_decision_about_many_is_made_once: ONE_WINS | {"participants": 3},
    a_decision_is_undone_once: ONE_WINS | {"status": "submitted"},
    applications_are_given_out_once: ONE_DOES | {"given": 12},
    a_check_in_is_announced_once: ONE_DOES | {"mails": 2},
    people_are_asked_once_how_it_went: ONE_DOES | {"mails": 2},
    a_survey_is_sent_once: ONE_DOES | {"invitations": 1},
    an_invitation_is_answered_once: ONE_WINS | {"responses": 1},
    a_match_ends_once: {"told of": 1},
    a_run_is_carried_out_once: {"errors": [], "status": "done", "pairs": 1, "mails": 1},
    each_mail_leaves_once: {"errors": [], "left": 40, "different": 40},
    a_lease_that_is_over_is_taken_by_one: ONE_DOES | {"left": 1},
    one_coordinator_stays: {"won": THREADS - 1, "told": 1, "errors": [], "left": 1},
    a_duty_is_taken_once: ONE_WINS | {"duties": 1},
    a_duty_is_offered_once: EVERYBODY | {"invitations": 1, "mails": 1},
    a_text_is_read_once: EVERYBODY | {"consents": 1, "told of": 1},
    each_version_has_a_number_of_its_own: EVERYBODY
    | {"versions": THREADS + 1, "newest": THREADS + 1},
    people_are_reminded_once_a_day: ONE_DOES | {"mails": 1},
    a_profile_is_made_once: EVERYBODY | {"profiles": 1},
    what_somebody_calls_themself_is_one_answer: EVERYBODY | {"answers": 1},
    a_correction_is_told_once: ONE_DOES | {"mails": 1},
}


def main() -> None:
    """Play every race on the database of the environment; the last line is JSON."""
    call_command("migrate", verbosity=0)
    saw = {race.__name__: race() for race in EXPECTED}
    sys.stdout.write(json.dumps(saw) + "\n")


if __name__ == "__main__":
    main()
