"""A coordinator mends what somebody told; the person is told what, by whom, from what to what."""

from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications import delivery
from mentorship.shared.notifications.models import OutboxMessage
from programs.actions import applications, corrections, erasure, imports, people
from programs.corrected import in_words
from programs.models import Application, Correction, Participant, Profile, User
from tests.cast import Troupe
from tests.factories.programs import ApplicationFactory, ParticipantFactory, UserFactory


@pytest.fixture
def coordinator(here: Troupe, client: Client) -> User:
    client.force_login(here.coordinator)
    return here.coordinator


@pytest.fixture
def accepted(here: Troupe) -> Application:
    """The mentor's application, of a cohort that takes none any more."""
    application: Application = ApplicationFactory(
        cohort=here.cohort,
        applicant=here.mentor.user,
        role="mentor",
        status="accepted",
        answers={"motivation": "Old words", "capacity": 1, "imported": "kept"},
    )
    return application


def profile_fields(profile: Profile) -> dict[str, Any]:
    return {
        "headline": profile.headline,
        "story": profile.story,
        "capacity": profile.capacity,
        "languages": "",
        "styles": "",
        "interests": "",
    }


def test_a_coordinator_mends_a_profile_and_the_person_is_told(
    here: Troupe, client: Client, coordinator: User
) -> None:
    person = here.mentor
    before = Profile.objects.get(user=person.user)
    url = reverse("desk-person-edit", args=[person.code])
    assert client.get(url).status_code == 200
    sent = profile_fields(before) | {"headline": "New headline", "reach": "@ada"}
    answer = client.post(url, sent)
    assert answer.status_code == 302
    assert answer["Location"] == reverse("desk-person", args=[person.code])
    after = Profile.objects.get(user=person.user)
    assert (after.headline, after.reach, after.story) == ("New headline", "@ada", before.story)
    correction = Correction.objects.get()
    assert correction.changes == [
        ["headline", before.headline, "New headline"],
        ["reach", "", "@ada"],
    ]
    (event,) = AuditEvent.objects.filter(verb="person.corrected")
    assert event.details == {"fields": "headline, reach"}
    assert (event.actor_code, event.subject_code) == (coordinator.code, person.user.code)
    delivery.deliver_due()
    (message,) = mail.outbox
    assert message.to == [person.user.email]
    assert message.subject == f"Your data was corrected: {here.program.name}"
    for words in (coordinator.name, before.headline, "New headline", "Where you can be reached"):
        assert words in message.body
    assert "New headline" in str(message.alternatives[0][0])


def test_every_kind_of_field_is_told_in_words(here: Troupe) -> None:
    skill = {"name": "Go", "now": 1, "wanted": 2, "teaches": True}
    corrections.correct_profile(
        here.mentor.user,
        by=here.coordinator,
        program=here.program,
        skills=[skill, skill | {"name": "SQL", "teaches": False}],
        hours=[16, 17],
        languages=["Polish", "Ukrainian"],
        channel="in_person",
        capacity=3,
        headline="",
    )
    told = {one.label: (one.before, one.after) for one in in_words(Correction.objects.get())}
    steps = "beginner, wants working knowledge (one step to go)"
    assert told == {
        "Skills": ("", f"Go: {steps}; SQL: {steps}; can teach Go"),
        "When you can meet": ("", "Monday 08:00 to 09:00"),
        "Languages": ("", "Polish, Ukrainian"),
        "How you like to be reached": ("", "In person"),
        "Mentees you can take": ("1", "3"),
        "Headline": (f"{here.canary} headline", ""),
    }


def test_a_question_that_is_gone_is_told_by_its_key(here: Troupe, accepted: Application) -> None:
    answers = {"motivation": "New words", "capacity": 2}
    correction = corrections.correct_answers(accepted, by=here.coordinator, answers=answers)
    assert correction is not None
    correction.changes.append(["imported", None, "kept"])
    assert [tuple(one) for one in in_words(correction)] == [
        ("About motivation?", "Old words", "New words"),
        ("About capacity?", "1", "2"),
        ("imported", "", "kept"),
    ]


def test_a_coordinator_mends_name_and_zone(here: Troupe, client: Client, coordinator: User) -> None:
    url = reverse("desk-person-account", args=[here.mentee.code])
    assert client.get(url).status_code == 200
    answer = client.post(url, {"name": "Grace", "time_zone": "Asia/Tokyo", "email": "x@y.example"})
    assert answer.status_code == 302
    user = User.objects.get(pk=here.mentee.user_id)
    assert (user.name, user.time_zone, user.email) == (
        "Grace",
        "Asia/Tokyo",
        here.mentee.user.email,
    )
    assert Participant.objects.get(pk=here.mentee.pk).time_zone == "Asia/Tokyo"
    assert [name for name, _old, _new in Correction.objects.get().changes] == ["name", "time_zone"]


def test_answers_are_mended_after_the_deadline_and_the_participant_follows(
    here: Troupe, client: Client, coordinator: User, accepted: Application
) -> None:
    url = reverse("desk-answers-edit", args=[accepted.code])
    assert "Old words" in client.get(url).content.decode()
    sent = {"motivation": "New words", "capacity": "3", "time_zone": "Asia/Tokyo"}
    assert client.post(url, sent).status_code == 302
    accepted.refresh_from_db()
    assert accepted.answers == {
        "motivation": "New words",
        "capacity": 3,
        "time_zone": "Asia/Tokyo",
        "imported": "kept",
    }
    person = Participant.objects.get(pk=here.mentor.pk)
    assert (person.capacity, person.time_zone) == (3, "Asia/Tokyo")
    (event,) = AuditEvent.objects.filter(verb="application.corrected")
    assert event.details == {"fields": "motivation, capacity, time_zone"}
    assert OutboxMessage.objects.filter(kind="data_corrected").count() == 1


def test_a_capacity_beyond_bounds_is_what_a_participant_may_have(
    here: Troupe, accepted: Application
) -> None:
    answers = {"motivation": "Old words", "capacity": 99}
    corrections.correct_answers(accepted, by=here.coordinator, answers=answers)
    assert Participant.objects.get(pk=here.mentor.pk).capacity == 20


def test_nothing_different_is_nothing_changed_and_no_mail(
    here: Troupe, client: Client, coordinator: User, accepted: Application
) -> None:
    account = {"name": here.mentor.user.name, "time_zone": here.mentor.user.time_zone}
    client.post(reverse("desk-person-account", args=[here.mentor.code]), account)
    answers = {"motivation": "Old words", "capacity": "1"}
    client.post(reverse("desk-answers-edit", args=[accepted.code]), answers)
    assert not Correction.objects.exists()
    assert not OutboxMessage.objects.filter(kind="data_corrected").exists()


def test_what_the_applicant_can_change_is_theirs(
    here: Troupe, client: Client, coordinator: User
) -> None:
    url = reverse("desk-answers-edit", args=[here.application.code])
    for method in (client.get, client.post):
        assert method(url).status_code == 302
    with pytest.raises(RuleBroken):
        corrections.correct_answers(here.application, by=coordinator, answers={})


def test_a_form_that_is_refused_changes_nothing(
    here: Troupe, client: Client, coordinator: User, accepted: Application
) -> None:
    wrong = (
        ("desk-person-edit", here.mentor.code, {"capacity": "99"}),
        ("desk-person-edit", here.mentor.code, {"capacity": "1", "site": "http://a.example"}),
        ("desk-person-account", here.mentor.code, {"name": "", "time_zone": "Mars"}),
        ("desk-answers-edit", accepted.code, {"capacity": "many"}),
    )
    for name, code, sent in wrong:
        assert client.post(reverse(name, args=[code]), sent).status_code == 422
    assert not Correction.objects.exists()


@pytest.mark.parametrize("field", ["email", "password", "audiences", "is_superuser", "hidden"])
def test_nobody_but_the_person_changes_these(here: Troupe, field: str) -> None:
    with pytest.raises(ValueError, match="nobody but the person"):
        corrections.correct_profile(
            here.mentor.user, by=here.coordinator, program=here.program, **{field: "x"}
        )


def test_a_value_the_models_do_not_take_is_kept_out(here: Troupe) -> None:
    with pytest.raises(ValidationError):
        corrections.correct_profile(
            here.mentor.user, by=here.coordinator, program=here.program, site="http://a.example"
        )
    assert not Correction.objects.exists()


def test_whoever_coordinates_nothing_of_theirs_does_not_find_the_person(
    here: Troupe, elsewhere: Troupe, client: Client, accepted: Application
) -> None:
    for stranger in (elsewhere.coordinator, here.reviewer, here.observer):
        client.force_login(stranger)
        for name in ("desk-person", "desk-person-edit", "desk-person-account"):
            for code in (here.mentor.code, here.application.code):
                assert client.get(reverse(name, args=[code])).status_code == 404
        assert client.get(reverse("desk-answers-edit", args=[accepted.code])).status_code == 404


def test_an_applicants_draft_is_nobodys_business(here: Troupe, client: Client) -> None:
    draft = ApplicationFactory(cohort=here.next_cohort, status="draft")
    client.force_login(here.coordinator)
    assert client.get(reverse("desk-person", args=[draft.code])).status_code == 404


def test_the_page_shows_the_applications_of_own_programs_only(
    here: Troupe, elsewhere: Troupe, client: Client, coordinator: User
) -> None:
    ApplicationFactory(
        cohort=elsewhere.cohort,
        applicant=here.mentor.user,
        role="mentor",
        answers={"motivation": "words for another program"},
    )
    ApplicationFactory(
        cohort=here.next_cohort, applicant=here.mentor.user, answers={"motivation": "words here"}
    )
    page = client.get(reverse("desk-person", args=[here.mentor.code])).content.decode()
    assert "words here" in page
    assert "words for another program" not in page
    assert client.get(reverse("desk-person", args=[here.application.code])).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_a_constant_number_of_questions(
    here: Troupe, client: Client, coordinator: User, count: int, django_assert_max_num_queries: Any
) -> None:
    person = ParticipantFactory(cohort=here.cohort, user=UserFactory())
    for role in ("mentor", "mentee")[:count]:
        ApplicationFactory(cohort=here.next_cohort, applicant=person.user, role=role)
    with django_assert_max_num_queries(20):
        client.get(reverse("desk-person", args=[person.code]))


# --- Whose account is nobody's to mend ------------------------------------------------------------

PROFILE = {"capacity": "1", "headline": "Owned"}
ACCOUNT = {"name": "Owned", "time_zone": "Asia/Tokyo"}


def refused(client: Client, by: User, code: str) -> None:
    """Neither page of the person takes anything."""
    client.force_login(by)
    for name, sent in (("desk-person-edit", PROFILE), ("desk-person-account", ACCOUNT)):
        url = reverse(name, args=[code])
        assert client.get(url).status_code == 404
        assert client.post(url, sent).status_code == 404


@pytest.mark.parametrize("is_accepted", [False, True])
def test_a_list_gives_no_right_over_the_account_it_names(
    here: Troupe, elsewhere: Troupe, client: Client, is_accepted: bool
) -> None:
    victim = here.other_mentor.user
    brought, _is_new = imports.receive(
        elsewhere.next_cohort, applicant=victim, role="mentee", answers={}, by=elsewhere.coordinator
    )
    if is_accepted:
        applications.accept(brought, by=elsewhere.coordinator)
    codes = Participant.objects.filter(user=victim).exclude(cohort__program=here.program)
    for code in (brought.code, *codes.values_list("code", flat=True)):
        refused(client, elsewhere.coordinator, code)
        page = client.get(reverse("desk-person", args=[code]))
        assert page.status_code == 200
        assert here.canary not in page.content.decode().replace(victim.name, "")
        assert reverse("desk-person-edit", args=[code]) not in page.content.decode()
    with pytest.raises(RuleBroken):
        corrections.correct_profile(
            victim, by=elsewhere.coordinator, program=elsewhere.program, headline="Owned"
        )


def test_what_a_list_brought_opens_the_profile_once_the_person_acts(
    here: Troupe, client: Client, coordinator: User
) -> None:
    person = UserFactory()
    brought, _is_new = imports.receive(
        here.next_cohort, applicant=person, role="mentee", answers={}, by=coordinator
    )
    url = reverse("desk-person-account", args=[brought.code])
    assert client.get(url).status_code == 404
    applications.save(brought, by=person, answers={"motivation": "Mine"})
    assert client.post(url, ACCOUNT).status_code == 302


@pytest.mark.parametrize("status", ["withdrawn", "accepted"])
def test_who_withdrew_or_left_is_out_of_reach(
    here: Troupe, client: Client, coordinator: User, status: str
) -> None:
    application = ApplicationFactory(cohort=here.next_cohort, status=status)
    if status == "accepted":
        person = ParticipantFactory(cohort=here.next_cohort, user=application.applicant)
        Participant.objects.filter(pk=person.pk).update(left_at=person.joined_at)
    refused(client, coordinator, application.code)


def test_who_has_duties_elsewhere_or_owns_the_site_is_out_of_reach(
    here: Troupe, elsewhere: Troupe, client: Client
) -> None:
    for person in (elsewhere.coordinator, elsewhere.observer, UserFactory(is_superuser=True)):
        application = ApplicationFactory(cohort=here.next_cohort, applicant=person)
        refused(client, here.coordinator, application.code)


def test_who_has_a_duty_in_the_same_program_is_not(
    here: Troupe, client: Client, coordinator: User
) -> None:
    application = ApplicationFactory(cohort=here.next_cohort, applicant=here.reviewer)
    url = reverse("desk-person-account", args=[application.code])
    assert client.post(url, ACCOUNT).status_code == 302


def test_an_erased_person_is_not_filled_in_again(
    here: Troupe, client: Client, coordinator: User
) -> None:
    declined = ApplicationFactory(cohort=here.next_cohort, status="declined")
    person = declined.applicant
    erasure.erase(person, by=person)

    refused(client, coordinator, declined.code)
    url = reverse("desk-answers-edit", args=[declined.code])
    assert client.post(url, {"motivation": "Jane Doe"}).status_code == 404

    stale = User(pk=person.pk)  # as a request that began before the erasure has it
    for write in (
        lambda: people.update_profile(stale, by=stale, headline="x"),
        lambda: people.choose_audiences(stale, by=stale, chosen={}),
        lambda: corrections.correct_profile(
            stale, by=coordinator, program=here.program, headline="x"
        ),
        lambda: corrections.correct_answers(declined, by=coordinator, answers={"motivation": "x"}),
    ):
        with pytest.raises(RuleBroken):
            write()
    declined.refresh_from_db()
    assert declined.answers == {}
    assert not Correction.objects.exists()
