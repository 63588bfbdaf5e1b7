"""Silent pairs: asked, then warned, then closed; each once, and an answer is one click."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from feedback.actions import checkins, silences
from feedback.models import Silence
from feedback.tasks import tend_silent_pairs
from matching.actions import matches, mentors
from matching.models import EndKind, Match, Part
from mentorship.shared.base import clock
from mentorship.shared.notifications import delivery
from mentorship.shared.notifications.models import OutboxMessage
from programs.actions import pauses
from tests.factories.feedback import checkin_of
from tests.factories.matching import match_of
from tests.factories.programs import (
    CohortFactory,
    MembershipFactory,
    ParticipantFactory,
    UserFactory,
)

DAY = timedelta(days=1)


@pytest.fixture
def cohort(db):
    return CohortFactory(stage="running", silent_days=20)


@pytest.fixture
def pair(cohort):
    return match_of(
        ParticipantFactory(cohort=cohort, role="mentor"), ParticipantFactory(cohort=cohort)
    )


def sweep(days):
    """What the sweep does so many days from now."""
    with clock.at(clock.now() + days * DAY):
        return tend_silent_pairs()


def told():
    return sorted(OutboxMessage.objects.values_list("kind", flat=True))


def people(match):
    return {place.role: place.participant.user for place in match.places.all()}


# --- The steps ------------------------------------------------------------------------------------


def test_a_silent_pair_is_asked_then_warned_then_closed_each_once(pair):
    assert sweep(19) == 0
    assert [sweep(21), sweep(21.1), sweep(30)] == [1, 0, 0]
    assert told() == ["silence_question"] * 2
    assert [sweep(31.5), sweep(32), sweep(41)] == [1, 0, 0]
    assert told() == ["silence_question"] * 2 + ["silence_warning"] * 2
    assert [sweep(42), sweep(43), sweep(90)] == [1, 0, 0]
    ended = Match.objects.get(pk=pair.pk)
    assert (ended.status, ended.end_kind, ended.ended_side, ended.ended_by) == (
        "ended",
        EndKind.NO_CONTACT,
        "",
        None,
    )
    assert told()[:2] == ["match_ended"] * 2
    assert Silence.objects.get().closed_at == ended.ended_at


def test_a_worker_that_slept_for_weeks_still_asks_and_warns_before_it_closes(pair):
    assert [sweep(50), sweep(50.1)] == [1, 0]
    assert told() == ["silence_question"] * 2


def test_a_cohort_without_days_asks_nobody(pair, cohort):
    type(cohort).objects.update(silent_days=None)
    assert sweep(300) == 0


def test_nobody_is_asked_before_the_start_or_after_the_last_day(cohort):
    ahead = CohortFactory(stage="matching", silent_days=7)
    match_of(ParticipantFactory(cohort=ahead, role="mentor"), ParticipantFactory(cohort=ahead))
    until_start = (ahead.starts_on - clock.now().date()).days
    assert sweep(until_start + 6) == 0
    assert sweep((ahead.ends_on - clock.now().date()).days + 2) == 0
    assert sweep(until_start + 9) == 1


def test_a_match_that_was_extended_is_asked_past_the_cohorts_end(pair, cohort):
    late = (cohort.ends_on - clock.now().date()).days + 10
    assert sweep(late) == 0
    matches.extend(pair, by=UserFactory(), last_on=cohort.ends_on + 30 * DAY, reason="x")
    assert sweep(late) == 1


def test_an_endless_cohort_asks_each_pair_until_its_own_end(db):
    cohort = CohortFactory(stage="running", always_on=True, silent_days=10)
    match_of(ParticipantFactory(cohort=cohort, role="mentor"), ParticipantFactory(cohort=cohort))
    assert sweep(7 * cohort.match_weeks + 2) == 0
    assert sweep(12) == 1


# --- What is a contact ----------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["held", "missed", "moved"])
def test_a_check_in_that_somebody_answers_or_moves_is_a_contact(pair, what):
    mentee = people(pair)["mentee"]
    past, ahead = checkin_of(pair, days=-1), checkin_of(pair, days=30, number=2)
    with clock.at(clock.now() + 10 * DAY):
        if what == "moved":
            on = ahead.local_on + DAY
            checkins.move(ahead, by=mentee, on=on, at=ahead.local_at, zone="UTC")
        else:
            checkins.answer(past, by=mentee, outcome=what)
    assert [sweep(25), sweep(29), sweep(31)] == [0, 0, 1]


def test_a_contact_after_the_question_settles_it(pair):
    mentee, past = people(pair)["mentee"], checkin_of(pair, days=-1)
    sweep(21)
    with clock.at(clock.now() + 25 * DAY):
        checkins.answer(past, by=mentee, outcome="held")
    assert Silence.objects.get().closed_at is not None
    assert [sweep(32), sweep(43), sweep(46)] == [0, 0, 1]


def test_whoever_is_on_a_pause_is_left_in_peace(pair):
    mentor = people(pair)["mentor"]
    pauses.begin(mentor, by=mentor, until=clock.now().date() + 15 * DAY)
    assert [sweep(21), sweep(34)] == [0, 0]
    assert sweep(36) == 1
    with clock.at(clock.now() + 37 * DAY):
        pauses.begin(mentor, by=mentor, until=clock.now().date() + 30 * DAY)
    assert sweep(50) == 0


def test_somebody_new_in_the_match_has_time_to_begin(pair, cohort):
    with clock.at(clock.now() + 15 * DAY):
        co = ParticipantFactory(cohort=cohort, role="mentor")
        mentors.add(pair, co, by=UserFactory(), part=Part.CO)
    assert [sweep(21), sweep(36)] == [0, 1]


# --- Answers --------------------------------------------------------------------------------------


def link_of(user):
    """The address of the newest mail's link to this person."""
    delivery.deliver_due()
    letter = [one for one in mail.outbox if one.to == [user.email]][-1]
    return urlsplit(re.search(r"https?://\S+/l/\S+", letter.body)[0]).path


@pytest.fixture
def asked(pair):
    """The pair was asked a moment ago."""
    with clock.at(clock.now() + 21 * DAY):
        tend_silent_pairs()
        yield Silence.objects.get()


def opened(user):
    client = Client()
    path = client.get(link_of(user)).headers["Location"]
    return client, path


def test_one_click_from_the_mail_says_that_all_is_well(asked, pair):
    mentee = people(pair)["mentee"]
    client, path = opened(mentee)
    page = client.get(path)
    assert people(pair)["mentor"].name in page.content.decode()
    assert client.post(path, {"answer": "in-touch"}).status_code == 302
    asked.refresh_from_db()
    assert (asked.answer, asked.answered_by) == ("in-touch", mentee)
    assert asked.closed_at is not None
    assert "You told us that you are in touch" in client.get(path).content.decode()
    # and it counts as a contact
    with clock.at(clock.now() + 19 * DAY):
        assert tend_silent_pairs() == 0
    with clock.at(clock.now() + 21 * DAY):
        assert tend_silent_pairs() == 1


def test_looking_at_the_link_changes_nothing_not_even_a_session(asked, pair):
    address = link_of(people(pair)["mentee"])

    def rows():
        with connection.cursor() as cursor:
            counts = {}
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f'SELECT COUNT(*) FROM "{table}"')
                counts[table] = cursor.fetchone()[0]
        return counts

    before = rows()
    for method in ("get", "head") * 3:
        client = Client()
        path = getattr(client, method)(address).headers["Location"]
        assert getattr(client, method)(path).status_code == 200
    assert rows() == before
    assert not Session.objects.exists()
    asked.refresh_from_db()
    assert asked.answer == ""


def test_twenty_clicks_are_one_answer(asked, pair):
    client, path = opened(people(pair)["mentee"])
    assert client.post(path, {"answer": "perhaps"}).status_code == 422
    for answer in ("help", *["end"] * 19):
        assert client.post(path, {"answer": answer}).status_code == 302
    asked.refresh_from_db()
    assert asked.answer == "help"
    assert Match.objects.get(pk=pair.pk).status == "running"


def test_asking_for_help_reaches_the_coordinators_and_stands_on_the_match(asked, pair, cohort):
    by, reviewer = UserFactory(), UserFactory()
    MembershipFactory(program=cohort.program, user=by, role="coordinator")
    MembershipFactory(program=cohort.program, user=reviewer, role="reviewer")
    mentor = people(pair)["mentor"]
    silences.answer(asked, by=mentor, answer="help")
    got = OutboxMessage.objects.filter(kind="help_asked").values_list("recipient__name", flat=True)
    assert list(got) == [by.name]
    client = Client()
    client.force_login(by)
    page = client.get(reverse("desk-match", args=[pair.code])).content.decode()
    assert "They asked for help" in page
    assert f"{mentor.name}: We need help" in " ".join(page.split())
    with clock.at(clock.now() + 19 * DAY):
        assert tend_silent_pairs() == 0


def test_asking_for_an_end_ends_it_without_blame_before_the_warning(asked, pair):
    mentee = people(pair)["mentee"]
    client, path = opened(mentee)
    client.post(path, {"answer": "end"})
    ended = Match.objects.get(pk=pair.pk)
    assert (ended.status, ended.end_kind, ended.ended_side, ended.ended_by) == (
        "ended",
        EndKind.NO_CONTACT,
        "",
        mentee,
    )
    page = client.get(path)
    assert page.status_code == 200
    assert people(pair)["mentor"].name not in page.content.decode()


def test_after_the_warning_the_other_side_answers_for_its_silence(asked, pair):
    with clock.at(clock.now() + 11 * DAY):
        tend_silent_pairs()
        asked.refresh_from_db()
        assert asked.warned_at is not None
        silences.answer(asked, by=people(pair)["mentee"], answer="end")
    assert Match.objects.get(pk=pair.pk).ended_side == "mentor"


def test_a_stranger_and_somebody_who_left_cannot_answer(asked, pair, here):
    address = reverse("silence-answer", args=[asked.code])
    client = Client()
    assert client.get(address).status_code == 404
    client.force_login(here.mentee.user)
    assert client.post(address, {"answer": "end"}).status_code == 404
    matches.leave(pair, by=people(pair)["mentor"])
    silences.answer(asked, by=people(pair)["mentee"], answer="help")
    asked.refresh_from_db()
    assert asked.answer == ""


def test_a_question_that_is_settled_is_not_sent_any_more(asked, pair):
    silences.answer(asked, by=people(pair)["mentee"], answer="in-touch")
    delivery.deliver_due()
    assert mail.outbox == []


# --- The database's own word ----------------------------------------------------------------------


def test_the_database_holds_one_open_question_and_whole_answers(asked, pair):
    def refuses(change):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()

    now = clock.now()
    refuses(lambda: Silence.objects.create(match=pair, asked_at=now))
    refuses(lambda: Silence.objects.filter(pk=asked.pk).update(answer="help"))
    whole = {"answer": "help", "answered_at": now, "answered_by": people(pair)["mentee"]}
    refuses(lambda: Silence.objects.filter(pk=asked.pk).update(**whole))
    Silence.objects.filter(pk=asked.pk).update(**whole, closed_at=now)
    Silence.objects.create(match=pair, asked_at=now)
