"""Introductions: answered from the mail, matched with two yeses, ended kindly with a no."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from feedback.models import CheckIn
from matching import tasks
from matching.actions import closing, introductions, matches, seats
from matching.models import Avoid, DecisionReason, Exclusion, Introduction, Match, Place
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.base.zones import local
from mentorship.shared.notifications import delivery
from mentorship.shared.notifications.models import MailLink, OutboxMessage
from programs.actions import applications
from tests.factories.matching import match_of
from tests.factories.programs import CohortFactory, MembershipFactory, UserFactory
from tests.matching.introduced import (
    introduce,
    link_of,
    opened,
    page_of,
    run_of,
    say,
    stands,
    told,
)
from tests.matching.people import person

DAY = timedelta(days=1)


@pytest.fixture
def cohort(db):
    return CohortFactory(stage="matching", answer_days=7)


@pytest.fixture
def introduced(cohort):
    (introduction,) = introduce((person(cohort, "mentor"), person(cohort)))
    return introduction


def ask(mentee, mentor):
    """As a mentee asks in an open cohort."""
    now = clock.now()
    return Introduction.objects.create(
        cohort=mentee.cohort,
        mentee=mentee,
        mentor=mentor,
        origin="ask",
        message="May I learn from you?",
        made_at=now,
        answer_by=now + 7 * DAY,
        mentee_answer="yes",
        mentee_answered_at=now,
        holds_place=False,
    )


def yes(introduction, one):
    return introductions.answer(introduction, by=one.user, says_yes=True)


def no(introduction, one, reason=""):
    return introductions.answer(introduction, by=one.user, says_yes=False, reason=reason)


# --- Two answers ----------------------------------------------------------------------------------


def test_two_who_both_say_yes_from_the_mail_are_matched_in_one_go(introduced):
    for one in (introduced.mentor, introduced.mentee):
        client = opened(introduced, one)
        page = client.get(page_of(introduced)).content.decode()
        assert introduced.other_than(one).user.name in page
        assert "A guide for your first meeting" in page
        answer = say(client, introduced, answer="yes")
    assert "You both said yes" in answer.content.decode()
    after = stands(introduced)
    assert (after.status, after.match) == ("agreed", Match.objects.get())
    assert (after.match.run, after.match.score) == (introduced.run, introduced.score)
    assert CheckIn.objects.filter(match=after.match).exists()
    for one in (introduced.mentor, introduced.mentee):
        assert told(one) == ["match_introduced"]
    delivery.deliver_due()
    words = [one.body for one in mail.outbox if "work together now" in one.subject]
    assert len(words) == 2
    assert all("You both said yes" in text for text in words)


def test_one_yes_matches_nobody_and_the_other_sees_nothing_of_it(introduced):
    yes(introduced, introduced.mentor)
    assert (stands(introduced).status, Match.objects.count()) == ("open", 0)
    mentor, mentee = introduced.mentor, introduced.mentee
    assert told(mentee) == []
    before = opened(introduced, mentee).get(page_of(introduced)).content.decode()
    assert "said yes" not in before
    page = opened(introduced, mentor).get(page_of(introduced)).content.decode()
    assert "You said yes" in page


def test_a_second_click_is_answered_kindly(introduced):
    client = opened(introduced, introduced.mentee)
    say(client, introduced, answer="yes")
    again = say(client, introduced, answer="yes").content.decode()
    assert "You said yes already" in again
    yes(introduced, introduced.mentor)
    assert "You said yes already" in say(client, introduced, answer="yes").content.decode()
    late = say(client, introduced, answer="no").content.decode()
    assert "You both said yes and work together now." in late
    assert Match.objects.count() == 1


def test_a_no_ends_it_and_the_other_learns_neither_who_nor_why(introduced):
    mentor, mentee = introduced.mentor, introduced.mentee
    client = opened(introduced, mentor)
    yes(introduced, mentee)
    say(client, introduced, answer="no", reason="I know their sister")
    after = stands(introduced)
    assert (after.status, after.decline_reason) == ("declined", "I know their sister")
    assert (told(mentor), told(mentee)) == ([], ["introduction_over"])
    delivery.deliver_due()
    (over,) = [one for one in mail.outbox if "is closed" in one.subject]
    page = opened(introduced, mentee).get(page_of(introduced)).content.decode()
    for text in (over.body, page):
        assert "did not work out" in text
        assert "next best mentor" in text
        assert "sister" not in text
        assert "no, " not in text.lower()
        assert "declined" not in text.lower()
    mine = client.get(page_of(introduced)).content.decode()
    assert "You said no" in mine
    assert "You said no already" in say(client, introduced, answer="no").content.decode()


def test_a_no_a_silence_and_what_became_impossible_read_the_same_to_the_other(cohort):
    """Whoever said yes cannot tell which of the three it was."""
    pages = set()
    for end in ("no", "silence", "left", "avoid"):
        mentor, mentee = person(cohort, "mentor"), person(cohort)
        (one,) = introduce((mentor, mentee))
        if end == "avoid":
            Avoid.objects.create(participant=mentor, other=mentee)
        yes(one, mentee)
        if end == "no":
            no(one, mentor, "not for me")
        elif end in ("silence", "avoid"):
            with clock.at(one.answer_by + timedelta(seconds=1)):
                assert introductions.lapse(one)
        elif end == "left":
            applications.withdraw(mentor.user.applications.get(), by=mentor.user)
        page = opened(one, mentee).get(page_of(one)).content.decode()
        pages.add(page.split("<main", 1)[1].split("</main", 1)[0])
    assert len(pages) == 1


def test_a_yes_can_be_taken_back_until_the_other_says_yes(introduced):
    yes(introduced, introduced.mentee)
    assert no(introduced, introduced.mentee).status == "declined"
    assert told(introduced.mentor) == ["introduction_over"]
    with pytest.raises(RuleBroken, match="did not work out"):
        yes(introduced, introduced.mentor)
    assert Match.objects.count() == 0


def test_nobody_else_reads_or_answers(introduced, client):
    stranger = person(introduced.cohort, "mentor")
    url = reverse("introduction-answer", args=[introduced.code])
    for user in (None, stranger.user):
        if user:
            client.force_login(user)
        assert client.get(page_of(introduced)).status_code == 404
        assert client.post(url, {"answer": "yes"}).status_code == 404
    assert client.get(url).status_code == 405
    with pytest.raises(ValueError, match="not introduced here"):
        yes(introduced, stranger)
    other = introduce((person(introduced.cohort, "mentor"), person(introduced.cohort)))[0]
    cookie = opened(introduced, introduced.mentee)
    assert cookie.get(page_of(other)).status_code == 404


def test_an_answer_that_is_none_is_refused_on_the_page(introduced):
    client = opened(introduced, introduced.mentee)
    for data in ({}, {"answer": "maybe"}, {"answer": "no", "reason": "x" * 1001}):
        assert say(client, introduced, **data).status_code == 422
    assert stands(introduced).status == "open"


# --- Mail links -----------------------------------------------------------------------------------


def rows():
    """Every row of every table, as the database has them."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            found[table] = sorted(map(repr, cursor.fetchall()))
    return found


def test_a_mail_scanner_that_opens_every_link_changes_nothing(introduced):
    with clock.at(introduced.answer_by - timedelta(hours=20)):
        assert introductions.remind(introduced)
    links = [
        link_of(introduced, one, kind)
        for one in (introduced.mentor, introduced.mentee)
        for kind in ("introduction_made", "introduction_reminder")
    ]
    assert len(links) == MailLink.objects.filter(view="introduction-detail").count()
    before = rows()
    for link in links:
        scanner = Client()
        for _time in range(3):
            for method in (scanner.get, scanner.head):
                assert method(link, follow=True).status_code == 200
                assert method(f"{page_of(introduced)}").status_code == 200
                url = reverse("introduction-answer", args=[introduced.code])
                assert method(f"{url}?answer=yes").status_code == 405
    assert rows() == before
    assert not Session.objects.exists()


def test_the_link_works_until_the_deadline_and_a_while_after(introduced):
    link = MailLink.objects.filter(user=introduced.mentee.user).first()
    assert link.expires_at > introduced.answer_by


# --- Places and private wishes at the moment of the yes -------------------------------------------


@pytest.mark.parametrize("kind", ["exclusion", "avoid of the mentor", "avoid of the mentee"])
def test_a_yes_beside_a_private_wish_waits_and_lapses_like_any_other(introduced, kind):
    """Closed at the click it would tell whoever said yes that the other would rather not."""
    mentor, mentee = introduced.mentor, introduced.mentee
    yes(introduced, mentor)
    if kind == "exclusion":
        Exclusion.objects.create(mentee=mentee, mentor=mentor, by=UserFactory())
    else:
        one, other = (mentor, mentee) if kind.endswith("mentor") else (mentee, mentor)
        Avoid.objects.create(participant=one, other=other)
    page = say(opened(introduced, mentee), introduced, answer="yes").content.decode()
    assert "We write to you as soon as there is news" in page
    assert (stands(introduced).status, Match.objects.count()) == ("open", 0)
    assert told(mentor) == []
    with clock.at(introduced.answer_by + timedelta(seconds=1)):
        assert introductions.lapse(introduced)
    assert (stands(introduced).status, Match.objects.count()) == ("lapsed", 0)


def test_a_place_that_is_gone_ends_it_kindly(introduced):
    match_of(introduced.mentor, person(introduced.cohort))
    assert yes(introduced, introduced.mentee).status == "withdrawn"
    assert told(introduced.mentor) == ["introduction_over"]


def test_a_mentee_who_is_matched_meanwhile_is_not_matched_twice(introduced):
    match_of(person(introduced.cohort, "mentor"), introduced.mentee)
    assert yes(introduced, introduced.mentor).status == "withdrawn"
    assert Place.objects.open().filter(participant=introduced.mentee).count() == 1


def test_the_last_place_of_a_mentor_ends_the_other_asks(cohort):
    mentor, other_mentor = person(cohort, "mentor"), person(cohort, "mentor", capacity=2)
    happy, late = person(cohort), person(cohort)
    first, second, elsewhere = ask(happy, mentor), ask(late, mentor), ask(happy, other_mentor)
    untouched = ask(late, other_mentor)
    assert yes(first, mentor).status == "agreed"
    assert [stands(one).status for one in (second, elsewhere, untouched)] == [
        "withdrawn",
        "withdrawn",
        "open",
    ]
    assert told(late) == ["introduction_over"]
    assert "introduction_over" not in told(mentor) + told(other_mentor) + told(happy)
    with pytest.raises(RuleBroken, match="did not work out"):
        yes(second, mentor)
    delivery.deliver_due()
    (over,) = [one for one in mail.outbox if "is closed" in one.subject]
    assert "You can ask somebody else." in over.body


def test_a_mentor_with_a_place_left_keeps_the_other_asks(cohort):
    mentor = person(cohort, "mentor", capacity=2)
    first, second = ask(person(cohort), mentor), ask(person(cohort), mentor)
    yes(first, mentor)
    assert stands(second).status == "open"
    assert yes(second, mentor).status == "agreed"


def test_a_place_that_is_kept_for_somebody_is_not_given_to_who_asks(introduced):
    mentor = introduced.mentor
    asked = ask(person(introduced.cohort), mentor)
    with pytest.raises(RuleBroken, match="kept for people who are introduced"):
        yes(asked, mentor)
    assert stands(asked).status == "open"
    no(introduced, introduced.mentee)
    assert yes(asked, mentor).status == "agreed"


def test_a_pair_by_hand_ends_what_else_was_open_of_the_mentee(introduced):
    mentor = person(introduced.cohort, "mentor")
    matches.begin(introduced.mentee, mentor)
    assert stands(introduced).status == "withdrawn"
    assert told(introduced.mentor) == ["introduction_over"]


def test_the_database_refuses_a_second_open_introduction_of_a_mentee(introduced):
    mentor = person(introduced.cohort, "mentor")
    with pytest.raises(IntegrityError), transaction.atomic():
        Introduction.objects.create(
            cohort=introduced.cohort,
            mentee=introduced.mentee,
            mentor=mentor,
            made_at=clock.now(),
            answer_by=clock.now(),
        )


# --- Time, leaving and coordinators ---------------------------------------------------------------


def test_who_has_not_answered_is_reminded_once_a_day_before(introduced):
    yes(introduced, introduced.mentor)
    for before, count in ((30, 0), (20, 1), (10, 1)):
        with clock.at(introduced.answer_by - timedelta(hours=before)):
            tasks.tend_introductions()
        assert OutboxMessage.objects.filter(kind="introduction_reminder").count() == count
    reminder = OutboxMessage.objects.get(kind="introduction_reminder")
    assert reminder.recipient == introduced.mentee.user
    yes(introduced, introduced.mentee)
    with clock.at(introduced.answer_by):
        delivery.deliver_due()
    reminder.refresh_from_db()
    assert reminder.why == "The person has answered."


def test_nobody_is_reminded_right_after_being_asked(cohort):
    cohort.answer_days = 1
    cohort.save()
    (one,) = introduce((person(cohort, "mentor"), person(cohort)))
    soon = one.answer_by - 1 * DAY + timedelta(minutes=1)
    Introduction.objects.filter(pk=one.pk).update(made_at=soon - timedelta(hours=1))
    assert not Introduction.objects.due_for_reminder(soon).exists()
    assert Introduction.objects.due_for_reminder(soon + timedelta(hours=12)).exists()


def test_the_deadline_is_the_last_second_of_a_day_where_the_cohort_is(cohort):
    (one,) = introduce((person(cohort, "mentor"), person(cohort)))
    there, today = local(one.answer_by, cohort.time_zone), local(clock.now(), cohort.time_zone)
    assert (there.hour, there.minute, there.second) == (23, 59, 59)
    assert there.date() - today.date() == 7 * DAY


def test_what_nobody_answers_lapses_once_and_both_hear_what_they_need(introduced):
    yes(introduced, introduced.mentee)
    with clock.at(introduced.answer_by):
        assert introductions.lapse(introduced) is False
    with clock.at(introduced.answer_by + timedelta(seconds=1)):
        tasks.tend_introductions()
        tasks.tend_introductions()
        assert introductions.lapse(introduced) is False
        delivery.deliver_due()
    assert stands(introduced).status == "lapsed"
    words = {one.to[0]: one.body for one in mail.outbox if "is closed" in one.subject}
    assert "The time to answer is over" in words[introduced.mentor.user.email]
    assert "did not work out" in words[introduced.mentee.user.email]
    assert "time to answer" not in words[introduced.mentee.user.email]
    with pytest.raises(RuleBroken, match="time to answer is over"):
        yes(introduced, introduced.mentor)


def test_whoever_leaves_takes_their_introductions_along(introduced):
    mentee, mentor = introduced.mentee, introduced.mentor
    applications.withdraw(mentee.user.applications.get(), by=mentee.user)
    assert stands(introduced).status == "withdrawn"
    assert (told(mentor), "introduction_over" in told(mentee)) == (["introduction_over"], False)
    assert seats.free_seats([mentor])[mentor.pk]


def test_a_coordinator_takes_one_back_with_a_reason_for_the_log(introduced, client):
    by = MembershipFactory(program=introduced.cohort.program).user
    client.force_login(by)
    url = reverse("desk-introduction-withdraw", args=[introduced.code])
    assert client.get(url).status_code == 200
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "They are cousins"}).status_code == 302
    after = stands(introduced)
    assert (after.status, after.withdrawn_by) == ("withdrawn", by)
    logged = DecisionReason.objects.get()
    assert (logged.text, logged.decision.kind) == ("They are cousins", "introduction.withdrawn")
    assert set(logged.about.all()) == {introduced.mentee.user, introduced.mentor.user}
    assert told(introduced.mentor) == told(introduced.mentee) == ["introduction_over"]
    assert after.goes_on is False
    with pytest.raises(RuleBroken, match="over already"):
        introductions.withdraw(introduced, by=by, reason="again")
    assert "nothing to take back" in client.get(url).content.decode()


def test_the_desk_tells_who_is_waited_for_and_who_said_no_and_why(cohort, client):
    waiting, declined = introduce(
        (person(cohort, "mentor"), person(cohort)), (person(cohort, "mentor"), person(cohort))
    )
    yes(waiting, waiting.mentee)
    no(declined, declined.mentor, "We worked together before")
    client.force_login(MembershipFactory(program=cohort.program).user)
    url = reverse("desk-introductions", args=[cohort.code])
    page = client.get(url).content.decode()
    assert f"Waits for {waiting.mentor.user.name}" in page
    assert f"{declined.mentor.user.name} said no" in page
    assert "We worked together before" in page
    only = client.get(url, {"status": "open"}).content.decode()
    assert "We worked together before" not in only
    none = client.get(url, {"status": "agreed"}).content.decode()
    assert "No introduction has this status" in none
    export = reverse("desk-introductions-export", args=[cohort.code])
    assert "We worked together before" in b"".join(client.post(export)).decode()


# --- Where it is found ----------------------------------------------------------------------------


def test_an_open_introduction_is_the_one_next_step_at_home(introduced, client):
    client.force_login(introduced.mentee.user)
    page = client.get(reverse("home")).content.decode()
    name = introduced.mentor.user.name
    assert page.index(f"Meet {name}") < page.index("Introductions</h2>")
    yes(introduced, introduced.mentee)
    page = client.get(reverse("home")).content.decode()
    assert f"Meet {name}" not in page
    assert "we write to you when there is news" in page


def test_the_page_of_a_match_points_to_an_introduction_that_waits(cohort, client):
    mentor = person(cohort, "mentor", capacity=2)
    match = match_of(mentor, person(cohort))
    (one,) = introduce((mentor, person(cohort)))
    client.force_login(mentor.user)
    url = reverse("match-detail", args=[match.code])
    page = client.get(url).content.decode()
    assert page_of(one) in page
    assert "A guide for your first meeting" in page
    yes(one, mentor)
    assert page_of(one) not in client.get(url).content.decode()


def test_the_page_costs_few_queries(introduced):
    client = opened(introduced, introduced.mentee)
    with CaptureQueriesContext(connection) as queries:
        client.get(page_of(introduced))
    assert len(queries) <= 12


def test_a_closed_introduction_shows_no_profile_any_more(introduced):
    introduced.mentor.facts = {"job_title": "Lighthouse keeper"}
    introduced.mentor.save()
    client = opened(introduced, introduced.mentee)
    assert "Lighthouse keeper" in client.get(page_of(introduced)).content.decode()
    no(introduced, introduced.mentor)
    assert "Lighthouse keeper" not in client.get(page_of(introduced)).content.decode()


def test_a_closed_one_is_closed_for_good(introduced):
    no(introduced, introduced.mentor)
    with pytest.raises(RuleBroken, match="over already"):
        introductions.withdraw(introduced, by=UserFactory(), reason="late")
    closing.of_leaver(introduced.mentee)
    assert stands(introduced).status == "declined"
    assert run_of((introduced.mentor, introduced.mentee)).pk
