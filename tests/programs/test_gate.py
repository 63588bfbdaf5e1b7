"""What a cohort asks before matching: who is ready, what is missing, and reminding people."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications.delivery import compose, deliver_due
from mentorship.shared.notifications.models import OutboxMessage
from programs import gate
from programs.actions import applications, gates, texts
from programs.models import Cohort, GateItem, Participant, Profile
from programs.models.gates import Requirement, declare, declared
from programs.notifications import ApplicationAccepted
from tests.cast import Troupe
from tests.factories.programs import (
    ApplicationFactory,
    CohortFactory,
    ParticipantFactory,
    ProfileFactory,
    UserFactory,
)
from tests.factories.texts import GateItemFactory, RequiredTextFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort() -> Cohort:
    return CohortFactory(stage="matching")


def ready(cohort: Cohort) -> set[Participant]:
    rows = Participant.objects.filter(cohort=cohort)
    assert {*rows.ready(), *rows.not_ready()} == set(rows)
    assert not {*rows.ready()} & {*rows.not_ready()}
    for one in rows:
        # a page about one person and a list of many say the same
        assert (gate.missing(one) == []) == (one in rows.ready())
    return set(rows.ready())


def keys(participant: Participant) -> list[str]:
    return [item.key for item in gate.missing(participant)]


def test_a_cohort_that_asks_nothing_has_everybody_ready(cohort: Cohort) -> None:
    somebody = ParticipantFactory(cohort=cohort)
    assert ready(cohort) == {somebody}
    assert gate.missing(somebody) == []


@pytest.mark.parametrize("key", [one.key for one in declared()])
def test_a_field_of_the_profile_is_missing_until_it_tells_something(
    cohort: Cohort, key: str
) -> None:
    GateItemFactory(cohort=cohort, key=key)
    without, empty, told = (ParticipantFactory(cohort=cohort) for _ in range(3))
    ProfileFactory(user=empty.user)
    value = {
        "hours": [1, 2],
        "languages": ["Polish"],
        "interests": ["Chess"],
        "skills": [{"name": "Go", "now": 1, "wanted": 3, "teaches": False}],
    }.get(key, "Something")
    ProfileFactory(user=told.user, **{key: value})
    assert ready(cohort) == {told}
    assert (keys(without), keys(empty), keys(told)) == ([key], [key], [])
    Profile.objects.filter(user=told.user).update(**{key: [] if isinstance(value, list) else ""})
    assert ready(cohort) == set()


def test_a_text_is_missing_until_the_person_has_read_it(cohort: Cohort) -> None:
    text = RequiredTextFactory(program=cohort.program)
    GateItemFactory(cohort=cohort, text=text)
    reader, other = ParticipantFactory(cohort=cohort), ParticipantFactory(cohort=cohort)
    texts.agree(text.versions.get(), by=reader.user)
    assert ready(cohort) == {reader}
    [item] = gate.missing(other)
    assert item.sentence == "Read “Code of conduct” and say that you have."
    assert item.url == reverse("text-detail", args=[text.versions.get().code])


def test_a_text_for_mentors_is_asked_of_mentors_only(cohort: Cohort) -> None:
    GateItemFactory(cohort=cohort, text=RequiredTextFactory(cohort=cohort, role="mentor"))
    mentor = ParticipantFactory(cohort=cohort, role="mentor")
    mentee = ParticipantFactory(cohort=cohort, user=mentor.user)
    assert ready(cohort) == {mentee}
    assert len(keys(mentor)) == 1


def test_a_small_change_leaves_readers_alone_and_a_large_one_asks_them_again(
    cohort: Cohort,
) -> None:
    text = RequiredTextFactory(program=cohort.program)
    GateItemFactory(cohort=cohort, text=text)
    early, late = ParticipantFactory(cohort=cohort), ParticipantFactory(cohort=cohort)
    texts.agree(text.versions.get(), by=early.user)
    by = UserFactory()
    second = texts.rewrite(text, by=by, title=text.title, body="Typo mended", asks_again=False)
    assert ready(cohort) == {early}
    texts.agree(second, by=late.user)
    assert ready(cohort) == {early, late}
    third = texts.rewrite(text, by=by, title=text.title, body="A new rule", asks_again=True)
    assert ready(cohort) == set()
    assert gate.missing(late)[0].url == reverse("text-detail", args=[third.code])


def test_a_retired_text_is_asked_of_nobody(cohort: Cohort) -> None:
    text = RequiredTextFactory(program=cohort.program)
    GateItemFactory(cohort=cohort, text=text)
    ParticipantFactory(cohort=cohort)
    assert ready(cohort) == set()
    texts.retire(text, by=UserFactory())
    assert len(ready(cohort)) == 1
    assert not GateItem.objects.exists()


def test_another_cohort_asks_for_itself(cohort: Cohort) -> None:
    other = CohortFactory(program=cohort.program, stage="matching")
    GateItemFactory(cohort=other, key="story")
    GateItemFactory(cohort=other, text=RequiredTextFactory(program=cohort.program))
    assert ready(cohort) == set()
    person = ParticipantFactory(cohort=cohort)
    there = ParticipantFactory(cohort=other, user=person.user)
    assert ready(cohort) == {person}
    assert len(keys(there)) == 2


def test_only_who_is_present_available_and_ready_can_be_matched(cohort: Cohort) -> None:
    GateItemFactory(cohort=cohort, key="story")
    today = clock.now().date()
    here, paused, left, silent = (ParticipantFactory(cohort=cohort) for _ in range(4))
    for one in (here, paused, left):
        ProfileFactory(user=one.user, story="Long ago")
    Profile.objects.filter(user=paused.user).update(
        paused_at=clock.now(), back_on=today + timedelta(days=9)
    )
    left.left_at = clock.now()
    left.save()
    assert list(Participant.objects.filter(cohort=cohort).matchable(today)) == [here]
    stands = gate.standing(cohort, clock.now())
    assert (stands.present, stands.paused, stands.not_ready, stands.matchable) == (3, 1, 1, 1)
    assert silent in Participant.objects.not_ready()


def test_what_many_people_miss_is_asked_in_as_many_queries_as_for_one(
    cohort: Cohort, django_assert_num_queries
) -> None:
    GateItemFactory(cohort=cohort, key="story")
    GateItemFactory(cohort=cohort, key="hours")
    GateItemFactory(cohort=cohort, text=RequiredTextFactory(program=cohort.program))
    people = [ParticipantFactory(cohort=cohort) for _ in range(3)]
    for some in (people[:1], people):
        with django_assert_num_queries(3):
            assert all(len(items) == 3 for items in gate.missing_of(some).values())


def test_a_requirement_has_a_key_of_its_own() -> None:
    taken = declared()[0]
    for key in (taken.key, "text"):
        with pytest.raises(ValueError, match="two requirements"):
            declare(Requirement(key, "x", "x", "profile", taken.lacking))


@pytest.mark.parametrize("fields", [{"key": "text"}, {"key": "story", "text": True}])
def test_the_database_refuses_a_text_without_its_key(cohort: Cohort, fields) -> None:
    text = RequiredTextFactory(cohort=cohort) if fields.pop("text", False) else None
    with pytest.raises(IntegrityError), transaction.atomic():
        GateItem.objects.create(cohort=cohort, text=text, **fields)


def test_the_database_refuses_to_ask_twice(cohort: Cohort) -> None:
    text = RequiredTextFactory(cohort=cohort)
    for fields in ({"key": "story"}, {"key": "text", "text": text}):
        GateItem.objects.create(cohort=cohort, **fields)
        with pytest.raises(IntegrityError), transaction.atomic():
            GateItem.objects.create(cohort=cohort, **fields)


# --- Setting it up --------------------------------------------------------------------------------


def test_a_coordinator_says_what_is_needed(as_coordinator: Client, here: Troupe) -> None:
    text = RequiredTextFactory(program=here.program)
    url = reverse("desk-gate", args=[here.cohort.code])
    told = {"texts": [text.code], "keys": ["story", "hours"]}
    assert as_coordinator.post(url, told).status_code == 302
    assert set(here.cohort.gate_items.values_list("key", "text")) == {
        ("text", text.pk),
        ("story", None),
        ("hours", None),
    }
    event = AuditEvent.objects.get(verb="gate.changed")
    assert event.details == {"count": 3}
    assert as_coordinator.post(url, {}).status_code == 302
    assert not here.cohort.gate_items.exists()


def test_what_cannot_be_asked_is_refused(
    as_coordinator: Client, here: Troupe, elsewhere: Troupe
) -> None:
    foreign = RequiredTextFactory(program=elsewhere.program)
    of_another = RequiredTextFactory(cohort=here.next_cohort)
    retired = RequiredTextFactory(cohort=here.cohort, retired_at=clock.now())
    url = reverse("desk-gate", args=[here.cohort.code])
    for told in (
        {"texts": [foreign.code]},
        {"texts": [of_another.code]},
        {"texts": [retired.code]},
        {"keys": ["shoe size"]},
    ):
        assert as_coordinator.post(url, told).status_code == 422
    assert not here.cohort.gate_items.exists()
    with pytest.raises(RuleBroken, match="choose again"):
        gates.set_up(here.cohort, by=here.coordinator, keys=[], texts=[foreign])


def test_a_copied_cohort_asks_the_same(cohort: Cohort) -> None:
    by = UserFactory()
    shared = RequiredTextFactory(program=cohort.program)
    own = RequiredTextFactory(cohort=cohort, title="House rules", body="Tea at four")
    gates.set_up(cohort, by=by, keys=["story"], texts=[shared, own])
    new = CohortFactory(program=cohort.program)
    gates.copy(new, source=cohort, by=by)
    copied = new.texts.get()
    assert (copied.title, copied.versions.get().body) == ("House rules", "Tea at four")
    assert set(new.gate_items.values_list("key", "text")) == {
        ("story", None),
        ("text", shared.pk),
        ("text", copied.pk),
    }


# --- What people see ------------------------------------------------------------------------------


def test_a_person_sees_what_is_done_what_is_missing_and_what_comes_next(
    client: Client, cohort: Cohort
) -> None:
    text = RequiredTextFactory(program=cohort.program)
    GateItemFactory(cohort=cohort, text=text)
    GateItemFactory(cohort=cohort, key="story")
    one = ParticipantFactory(cohort=cohort)
    client.force_login(one.user)
    url = reverse("participation-detail", args=[one.code])
    page = client.get(url).content.decode()
    assert "2 things are missing before you can be matched." in page
    assert "The round starts on" in page
    texts.agree(text.versions.get(), by=one.user)
    page = client.get(url).content.decode()
    assert "One thing is missing before you can be matched." in page
    assert "Read on" in page
    ProfileFactory(user=one.user, story="Once")
    page = client.get(url).content.decode()
    assert "There is nothing to do for you now." in page
    assert client.post(url).status_code == 405


def test_a_part_in_a_cohort_is_its_persons_page(client: Client, here: Troupe) -> None:
    client.force_login(here.mentor.user)
    assert client.get(reverse("participation-detail", args=[here.mentee.code])).status_code == 404


def test_every_state_of_a_part_says_what_comes_next(client: Client) -> None:
    ended = ParticipantFactory(cohort=CohortFactory(stage="ended"))
    left = ParticipantFactory(
        cohort=CohortFactory(stage="running"),
        joined_at=clock.now() - timedelta(days=3),
        left_at=clock.now(),
    )
    planned = ParticipantFactory(cohort=CohortFactory(stage="matching"))
    Cohort.objects.filter(pk=planned.cohort_id).update(match_on=clock.now().date())
    for one, words in (
        (ended, "This round is over."),
        (left, "You have left this cohort."),
        (planned, "Matching is planned for"),
    ):
        client.force_login(one.user)
        page = client.get(reverse("participation-detail", args=[one.code])).content.decode()
        assert words in page


def test_the_home_page_leads_to_what_is_missing(client: Client, cohort: Cohort) -> None:
    GateItemFactory(cohort=cohort, key="story")
    GateItemFactory(cohort=cohort, key="hours")
    one = ParticipantFactory(cohort=cohort)
    client.force_login(one.user)
    page = client.get(reverse("home")).content.decode()
    assert "Two things before you are matched" in page
    assert reverse("participation-detail", args=[one.code]) in page
    ProfileFactory(user=one.user, story="Once", hours=[1])
    assert "before you are matched" not in client.get(reverse("home")).content.decode()


# --- What coordinators see ------------------------------------------------------------------------


def test_coordinators_see_who_is_not_ready_and_why(as_coordinator: Client, here: Troupe) -> None:
    GateItemFactory(cohort=here.cohort, key="story")
    late = ParticipantFactory(cohort=here.cohort, user=UserFactory(name="Late Larry"))
    url = reverse("desk-participants", args=[here.cohort.code])
    everybody = as_coordinator.get(url)
    assert len(everybody.context["page_obj"]) == 5
    only = as_coordinator.get(url, {"ready": "no"})
    assert [one.pk for one in only.context["page_obj"]] == [late.pk]
    assert "A story in the profile" in only.content.decode()
    assert len(as_coordinator.get(url, {"ready": "yes"}).context["page_obj"]) == 4
    assert len(as_coordinator.get(url, {"ready": "maybe"}).context["page_obj"]) == 5


def test_people_who_are_not_ready_are_reminded_at_most_once_a_day(
    as_coordinator: Client, here: Troupe
) -> None:
    GateItemFactory(cohort=here.cohort, key="story")
    late = ParticipantFactory(cohort=here.cohort)
    url = reverse("desk-participants-remind", args=[here.cohort.code])
    assert "1 person gets a mail" in as_coordinator.get(url).content.decode()
    assert as_coordinator.post(url).status_code == 302
    assert as_coordinator.post(url).status_code == 302
    [message] = OutboxMessage.objects.filter(kind="gate_reminder")
    assert message.recipient == late.user
    assert "was reminded today already" in as_coordinator.get(url).content.decode()
    assert AuditEvent.objects.get(verb="participants.reminded").details == {"count": 1}
    deliver_due()
    [sent] = mail.outbox
    assert "Tell your story in your profile." in sent.body
    assert "https://mentorship.example.org/profile/" in sent.body
    with clock.at(clock.now() + timedelta(days=1)):
        assert gates.remind(here.cohort, by=here.coordinator) == 1


def test_reminding_many_costs_as_many_queries_as_reminding_one(
    cohort: Cohort, django_assert_num_queries
) -> None:
    GateItemFactory(cohort=cohort, key="story")
    by = UserFactory()
    for count in (1, 3):
        for _ in range(count):
            ParticipantFactory(cohort=cohort)
        with django_assert_num_queries(7):
            assert gates.remind(cohort, by=by) == count


def test_the_day_of_a_reminder_is_the_cohorts(cohort: Cohort) -> None:
    GateItemFactory(cohort=cohort, key="story")
    Cohort.objects.filter(pk=cohort.pk).update(time_zone="Pacific/Auckland")
    cohort.refresh_from_db()
    ParticipantFactory(cohort=cohort)
    by = UserFactory()
    # noon in Auckland lies between the two, midnight in UTC does not
    with clock.at(datetime(2026, 6, 10, 11, 30, tzinfo=UTC)):
        assert gates.remind(cohort, by=by) == 1
    with clock.at(datetime(2026, 6, 10, 12, 30, tzinfo=UTC)):
        assert gates.remind(cohort, by=by) == 1


def test_nobody_is_reminded_of_what_is_done_by_then(cohort: Cohort) -> None:
    GateItemFactory(cohort=cohort, key="story")
    done, gone = ParticipantFactory(cohort=cohort), ParticipantFactory(cohort=cohort)
    assert gates.remind(cohort, by=UserFactory()) == 2
    ProfileFactory(user=done.user, story="Once")
    gone.left_at = clock.now()
    gone.save()
    deliver_due()
    assert mail.outbox == []


def test_nobody_to_remind_is_said(as_coordinator: Client, here: Troupe) -> None:
    url = reverse("desk-participants-remind", args=[here.cohort.code])
    assert "There is nobody to remind." in as_coordinator.get(url).content.decode()
    as_coordinator.post(url)
    assert not OutboxMessage.objects.filter(kind="gate_reminder").exists()


def test_the_mail_that_lets_somebody_in_lists_what_is_missing_with_links(cohort: Cohort) -> None:
    text = RequiredTextFactory(cohort=cohort, title="The code of conduct")
    GateItemFactory(cohort=cohort, text=text)
    application = ApplicationFactory(cohort=cohort)
    applications.accept(application, by=UserFactory())
    application.refresh_from_db()
    message = OutboxMessage.objects.get(kind="application_accepted")
    [item] = gate.missing(Participant.objects.get(user=application.applicant))
    told = compose(message, ApplicationAccepted(application)).body
    assert f"- {item.sentence}\n  {settings.BASE_URL}{item.url}\n" in told
    assert "The better your profile" not in told
    GateItem.objects.all().delete()
    told = compose(message, ApplicationAccepted(application)).body
    assert "The better your profile" in told
    assert "once this is done" not in told
