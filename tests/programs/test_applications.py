"""Applying: every move of the table, what it leaves behind, and the kind sentence otherwise."""

from datetime import timedelta

import pytest
from django.urls import reverse

from feedback.actions import checkins
from feedback.models import CheckIn
from matching.models import Match, Place
from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications.models import OutboxMessage
from mentorship.shared.questions.kinds import MOST_ITEMS
from programs import permissions
from programs.actions import applications
from programs.models import Application, Participant
from tests.cast import Troupe
from tests.factories.matching import match_of
from tests.factories.programs import (
    ApplicationFactory,
    CohortFactory,
    ParticipantFactory,
    UserFactory,
)

Status = Application.Status
STATUSES = tuple(Status)


def in_status(status, **fields):
    if status in Application.DECIDED:
        fields |= {"decided_at": clock.now(), "decided_by": UserFactory()}
    if status in (Status.OFFERED, Status.LAPSED):
        fields |= {"offer_until": clock.now() - timedelta(minutes=1)}
    return ApplicationFactory(status=status, **fields)


ACTIONS = {
    Status.SUBMITTED: lambda a, by: applications.submit(a, by=a.applicant),
    Status.WAITLISTED: lambda a, by: applications.waitlist(a, by=by, note="n"),
    Status.ACCEPTED: lambda a, by: applications.accept(a, by=by, note="n"),
    Status.OFFERED: lambda a, by: applications.offer(
        a, until=clock.now() + timedelta(days=3), by=by, note="n"
    ),
    Status.DECLINED: lambda a, by: applications.decline(a, by=by, note="n"),
    Status.WITHDRAWN: lambda a, by: applications.withdraw(a, by=a.applicant),
}
NOTICES = {
    Status.SUBMITTED: {"application_received"},
    Status.WAITLISTED: {"application_waitlisted"},
    Status.ACCEPTED: {"application_accepted"},
    Status.OFFERED: {"application_offered"},
    Status.DECLINED: {"application_declined"},
    Status.WITHDRAWN: set(),
}
# Written out once more, so that a changed table is noticed.
ALLOWED = {
    ("draft", "submitted"),
    ("draft", "withdrawn"),
    ("submitted", "accepted"),
    ("submitted", "waitlisted"),
    ("submitted", "offered"),
    ("submitted", "declined"),
    ("submitted", "withdrawn"),
    ("waitlisted", "accepted"),
    ("waitlisted", "declined"),
    ("waitlisted", "withdrawn"),
    ("waitlisted", "offered"),
    ("offered", "accepted"),
    ("offered", "lapsed"),
    ("offered", "withdrawn"),
    ("lapsed", "offered"),
    ("lapsed", "waitlisted"),
    ("lapsed", "withdrawn"),
    ("accepted", "withdrawn"),
    ("withdrawn", "draft"),
}


def test_the_table_of_moves_is_the_one_we_mean():
    table = {(a.value, b) for a in STATUSES for b in STATUSES if b in Application.MOVES[a]}
    assert {(a, b.value) for a, b in table} == ALLOWED


@pytest.mark.parametrize("after", ACTIONS)
@pytest.mark.parametrize("before", STATUSES)
def test_every_move_is_made_or_refused_by_the_table(db, before, after):
    application, by = in_status(before), UserFactory()
    is_allowed = (before.value, after.value) in ALLOWED
    assert application.can_move_to(after) is is_allowed
    if not is_allowed:
        sentence = "already" if before == after else "not possible any more"
        with pytest.raises(RuleBroken, match=sentence):
            ACTIONS[after](application, by)
        application.refresh_from_db()
        assert application.status == before
        assert not OutboxMessage.objects.exists()
        assert not AuditEvent.objects.exists()
        return
    ACTIONS[after](application, by)
    application.refresh_from_db()
    assert application.status == after
    assert set(OutboxMessage.objects.values_list("kind", flat=True)) == NOTICES[after]
    assert [event.verb for event in AuditEvent.objects.all()] == [f"application.{after.value}"]
    decided = after in Application.DECIDED
    assert application.is_decided is decided
    assert (application.decided_by == by, application.note == "n") == (decided, decided)


def test_an_accepted_person_takes_part_with_the_zone_and_capacity_they_told(db):
    application = ApplicationFactory(
        role="mentor", answers={"capacity": 3, "time_zone": "Asia/Tokyo", "motivation": "m"}
    )
    applications.accept(application, by=UserFactory())
    (person,) = Participant.objects.all()
    told = (person.user, person.cohort, person.role, person.capacity, person.time_zone)
    assert told == (application.applicant, application.cohort, "mentor", 3, "Asia/Tokyo")
    assert person.left_at is None


@pytest.mark.parametrize("told, taken", [({}, 1), ({"capacity": 500}, 20), ({"capacity": -3}, 1)])
def test_what_is_not_told_comes_from_the_account_and_stays_possible(db, told, taken):
    person = UserFactory(time_zone="Asia/Kathmandu")
    application = ApplicationFactory(role="mentor", applicant=person, answers=told)
    participant = applications.accept(application, by=UserFactory())
    assert (participant.capacity, participant.time_zone) == (taken, "Asia/Kathmandu")


def test_a_second_application_is_the_first_one(db):
    cohort, person = CohortFactory(), UserFactory()
    first = applications.start(cohort, applicant=person, role="mentee", answers={"motivation": "1"})
    second = applications.start(
        cohort, applicant=person, role="mentee", answers={"motivation": "2"}
    )
    assert (second.pk, second.answers) == (first.pk, {"motivation": "1"})
    assert applications.start(cohort, applicant=person, role="mentor").pk != first.pk


@pytest.mark.parametrize(
    "stage, sentence",
    [("draft", "closed"), ("matching", "closed"), ("running", "closed"), ("ended", "closed")],
)
def test_a_closed_cohort_says_what_to_do(db, stage, sentence):
    cohort = CohortFactory(stage=stage)
    application = ApplicationFactory(cohort=cohort, status="draft")
    for wish in (
        lambda: applications.start(cohort, applicant=UserFactory(), role="mentee"),
        lambda: applications.save(application, by=application.applicant, answers={}),
        lambda: applications.submit(application, by=application.applicant),
    ):
        with pytest.raises(RuleBroken, match=sentence):
            wish()


def test_a_cohort_that_opens_later_says_when(db):
    cohort = CohortFactory(stage="draft", opened_at=clock.now())
    with pytest.raises(RuleBroken, match=r"Applications open on .*\d{4}"):
        applications.start(cohort, applicant=UserFactory(), role="mentee")


@pytest.mark.parametrize("status", STATUSES)
def test_answers_change_until_a_decision(db, status):
    application = in_status(status)
    may = status in (Status.DRAFT, Status.SUBMITTED)
    assert permissions.may_edit(application.applicant, application) is may
    assert permissions.may_edit(UserFactory(), application) is False
    if may:
        applications.save(application, by=application.applicant, answers={"motivation": "new"})
    else:
        with pytest.raises(RuleBroken, match="no longer be changed"):
            applications.save(application, by=application.applicant, answers={"motivation": "new"})
    application.refresh_from_db()
    assert (application.answers == {"motivation": "new"}) is may


def matched():
    """A match with a planned check-in and one that was held, whose people were accepted."""
    cohort = CohortFactory(stage="running")
    people = []
    for role in ("mentor", "mentee"):
        application = in_status(Status.ACCEPTED, cohort=cohort, role=role)
        person = ParticipantFactory(
            cohort=cohort, user=application.applicant, role=role, time_zone="Europe/Berlin"
        )
        people.append((application, person))
    match = match_of(people[0][1], people[1][1])
    assert len(checkins.plan(match)) > 2
    return match, dict(zip(("mentor", "mentee"), people, strict=True))


@pytest.mark.parametrize("role", ["mentor", "mentee"])
def test_whoever_withdraws_leaves_and_nobody_waits_for_them(db, role):
    match, people = matched()
    application, person = people[role]
    first = match.checkins.first()
    later = first.starts_at + timedelta(hours=1)
    with clock.at(later):
        checkins.answer(first, by=person.user, outcome="held")
        applications.withdraw(application, by=application.applicant)
    person.refresh_from_db()
    match.refresh_from_db()
    assert (person.left_at, match.status, match.ended_at) == (later, "ended", later)
    assert not Place.objects.open().filter(match=match).exists()
    states = [checkin.status for checkin in CheckIn.objects.filter(match=match)]
    assert (states[0], set(states[1:])) == ("held", {"cancelled"})
    seats = people["mentor"][1].seats.filter(places__until_at__isnull=True)
    assert seats.count() == 0
    other = people["mentee" if role == "mentor" else "mentor"][1]
    other.refresh_from_db()
    assert other.left_at is None


def test_somebody_who_withdrew_applies_again_and_is_the_same_participant(db):
    application, by = ApplicationFactory(answers={"motivation": "m"}), UserFactory()
    person = applications.accept(application, by=by)
    applications.withdraw(application, by=application.applicant)
    again = applications.start(
        application.cohort,
        applicant=application.applicant,
        role="mentee",
        answers={"motivation": "n"},
    )
    assert (again.pk, again.status, again.answers) == (application.pk, "draft", {"motivation": "n"})
    applications.submit(again, by=application.applicant)
    back = applications.accept(again, by=by)
    assert (back.pk, back.left_at) == (person.pk, None)
    assert Participant.objects.count() == 1


def test_withdrawing_before_a_decision_touches_no_participant(here: Troupe):
    before = Participant.objects.filter(left_at__isnull=False).count()
    applications.withdraw(here.application, by=here.applicant)
    assert Participant.objects.filter(left_at__isnull=False).count() == before
    assert Match.objects.running().count() == 2


# --- The pages --------------------------------------------------------------------------------


@pytest.fixture
def applicant(db, client):
    person = UserFactory()
    client.force_login(person)
    client.person = person
    return client


def test_a_draft_is_saved_resumed_and_sent_in(applicant):
    cohort = CohortFactory()
    new = reverse("application-new", args=[cohort.code, "mentee"])
    assert applicant.get(new).status_code == 200
    assert not Application.objects.exists()
    answer = applicant.post(new, {"action": "save", "skills_wanted": "Python, Go; SQL"})
    application = Application.objects.get()
    assert answer["Location"] == reverse("application-detail", args=[application.code])
    assert (application.status, application.answers) == (
        "draft",
        {"skills_wanted": ["Python", "Go", "SQL"]},
    )
    edit = reverse("application-edit", args=[application.code])
    review = reverse("application-review", args=[application.code])
    assert applicant.get(new)["Location"] == edit
    assert "Python, Go, SQL" in applicant.get(edit).content.decode()
    onwards = applicant.post(edit, {"action": "next", "skills_wanted": "Python"})
    assert onwards["Location"] == review
    refused = applicant.post(review)
    assert refused.status_code == 422
    assert "About motivation?" in refused.content.decode()
    application.refresh_from_db()
    assert application.status == "draft"
    applicant.post(edit, {"action": "next", "skills_wanted": "Python", "motivation": "Yes"})
    assert applicant.post(review).status_code == 302
    application.refresh_from_db()
    assert (application.status, application.answers["motivation"]) == ("submitted", "Yes")
    changed = applicant.post(edit, {"motivation": "More"})
    application.refresh_from_db()
    assert (changed.status_code, application.answers) == (302, {"motivation": "More"})
    assert applicant.post(edit, {"motivation": ""}).status_code == 422
    assert OutboxMessage.objects.filter(kind="application_received").count() == 1


@pytest.mark.parametrize(
    "field, value",
    [
        ("motivation", "a\0b"),
        ("motivation", "x" * 1_000_000),
        ("skills_wanted", ", ".join(f"skill {n}" for n in range(MOST_ITEMS + 1))),
        ("skills_wanted", "x" * 81),
        ("skills_wanted", "a\0b"),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("time_zone", "a\0"),
    ],
)
def test_a_wrong_answer_is_an_error_on_the_form_and_nothing_is_kept(applicant, field, value):
    new = reverse("application-new", args=[CohortFactory().code, "mentee"])
    fields = {"action": "next", "motivation": "m"} | {field: value}
    answer = applicant.post(new, fields)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {field}
    assert not Application.objects.exists()


def test_a_closed_cohorts_form_is_a_sentence(applicant):
    cohort = CohortFactory(stage="matching")
    new = reverse("application-new", args=[cohort.code, "mentee"])
    for answer in (applicant.get(new), applicant.post(new, {"motivation": "m"})):
        assert answer.status_code == 409
        assert "closed" in answer.content.decode()


def test_a_decided_application_is_read_only_and_withdrawn_on_its_page(applicant):
    application = in_status(Status.WAITLISTED, applicant=applicant.person)
    page = reverse("application-detail", args=[application.code])
    assert applicant.get(reverse("application-edit", args=[application.code]))["Location"] == page
    withdraw = reverse("application-withdraw", args=[application.code])
    assert applicant.get(withdraw).status_code == 405
    assert applicant.post(withdraw)["Location"] == page
    application.refresh_from_db()
    assert (application.status, application.decided_at) == ("withdrawn", None)
    second = applicant.post(withdraw, headers={"Referer": f"http://testserver{page}"}, follow=True)
    assert "withdrawn already" in second.content.decode()


def test_whoever_withdrew_finds_the_form_again_with_their_answers(applicant):
    application = ApplicationFactory(
        status="withdrawn", applicant=applicant.person, answers={"motivation": "as before"}
    )
    new = reverse("application-new", args=[application.cohort.code, "mentee"])
    assert "as before" in applicant.get(new).content.decode()
    applicant.post(new, {"action": "next", "motivation": "again"})
    application.refresh_from_db()
    assert (application.status, application.answers) == ("draft", {"motivation": "again"})


@pytest.mark.parametrize("decision", ["accepted", "waitlisted", "declined"])
def test_a_coordinator_decides_and_a_second_click_is_answered_kindly(
    here, as_coordinator, decision
):
    url = reverse("desk-application-decide", args=[here.application.code])
    page = reverse("desk-application", args=[here.application.code])
    assert as_coordinator.post(url, {"decision": decision, "note": "fine"}).status_code == 302
    here.application.refresh_from_db()
    assert (here.application.status, here.application.note) == (decision, "fine")
    again = as_coordinator.post(
        url, {"decision": decision}, headers={"Referer": f"http://testserver{page}"}, follow=True
    )
    assert "already" in again.content.decode()


@pytest.mark.parametrize(
    "fields", [{}, {"decision": "withdrawn"}, {"decision": "accepted", "note": "x" * 2001},
               {"decision": "accepted", "note": "\0"}],
)  # fmt: skip
def test_no_decision_is_taken_from_a_wrong_form(here, as_coordinator, fields):
    url = reverse("desk-application-decide", args=[here.application.code])
    assert as_coordinator.post(url, fields).status_code == 422
    here.application.refresh_from_db()
    assert here.application.status == "submitted"
