"""Check-ins: planned, announced once, answered from a mail, moved, and never a flood."""

import io
import logging
import re
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as site
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from feedback import tasks
from feedback.actions import checkins
from feedback.models import CheckIn
from feedback.models.checkins import ASK_AFTER
from feedback.notifications import CheckInQuestion
from matching.actions import matches
from mentorship.shared.base import clock
from mentorship.shared.base.logs import MaskTokens
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications import delivery
from mentorship.shared.notifications.models import MailLink, OutboxMessage
from mentorship.shared.notifications.outbox import notify
from tests.cast import Troupe
from tests.factories.feedback import checkin_of
from tests.factories.matching import match_of
from tests.factories.programs import CohortFactory, ParticipantFactory

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def a_match(mentee_zone="Europe/Berlin", mentor_zone="America/New_York", **fields):
    cohort = CohortFactory(stage="matching", **fields)
    mentor = ParticipantFactory(cohort=cohort, role="mentor", time_zone=mentor_zone)
    return match_of(mentor, ParticipantFactory(cohort=cohort, time_zone=mentee_zone))


def kinds():
    return sorted(OutboxMessage.objects.values_list("kind", "recipient__name"))


# --- Planned ------------------------------------------------------------------------------


def test_check_ins_are_planned_in_the_mentees_zone_and_suit_both(db):
    match = a_match()
    planned = checkins.plan(match)
    cohort = match.cohort
    assert [c.number for c in planned] == list(range(1, len(planned) + 1))
    assert {c.time_zone for c in planned} == {"Europe/Berlin"}
    assert planned[0].local_on >= cohort.starts_on + 2 * DAY
    assert planned[-1].local_on <= cohort.ends_on + 6 * DAY
    for checkin in CheckIn.objects.filter(match=match):
        for zone in ("Europe/Berlin", "America/New_York"):
            assert 8 <= checkin.starts_at.astimezone(ZoneInfo(zone)).hour < 21
        wall = checkin.starts_at.astimezone(ZoneInfo("Europe/Berlin"))
        assert (wall.date(), wall.time()) == (checkin.local_on, checkin.local_at)
    assert checkins.plan(match) == []
    assert match.checkins.count() == len(planned)


def test_a_match_made_late_gets_only_what_is_ahead(db):
    match = a_match()
    late = datetime.combine(match.cohort.ends_on - 20 * DAY, time(12), UTC)
    with clock.at(late):
        planned = checkins.plan(match)
    assert planned
    assert all(c.starts_at > late for c in planned)
    other = a_match()
    with clock.at(datetime.combine(other.cohort.ends_on + DAY, time(12), UTC)):
        assert checkins.plan(other) == []


# --- Announced and asked, once ---------------------------------------------------------------


def test_both_are_reminded_once_within_a_day(here: Troupe):
    checkin = here.checkin
    checkins.answer(here.past_checkin, by=here.mentor.user, outcome="held")
    for before, queued in ((25 * HOUR, 0), (23 * HOUR, 1), (HOUR, 0)):
        with clock.at(checkin.starts_at - before):
            assert tasks.remind_due_checkins() == queued
    names = [here.mentee.user.name, here.mentor.user.name]
    assert kinds() == [("checkin_reminder", name) for name in names]


def test_both_are_asked_once_afterwards_and_not_after_a_week(here: Troupe):
    OutboxMessage.objects.all().delete()
    past = here.past_checkin
    for after, queued in ((ASK_AFTER - HOUR, 0), (ASK_AFTER, 1), (ASK_AFTER + HOUR, 0)):
        with clock.at(past.starts_at + after):
            assert tasks.remind_due_checkins() == queued
    assert len(kinds()) == 2
    CheckIn.objects.update(asked_at=None)
    with clock.at(past.starts_at + 7 * DAY):
        assert not CheckIn.objects.due_for_question(clock.now()).filter(pk=past.pk).exists()


def test_what_is_not_due_is_neither_announced_nor_asked_about(here: Troupe):
    assert checkins.remind(here.checkin) is False
    assert checkins.ask(here.checkin) is False
    assert checkins.remind(here.past_checkin) is False
    assert not OutboxMessage.objects.exists()


def test_a_claim_lost_to_another_says_so(here: Troupe, monkeypatch):
    """Between looking and claiming another sweep was faster."""
    with clock.at(here.checkin.starts_at - HOUR):
        ready = CheckIn.objects.with_people().get(pk=here.checkin.pk)
        monkeypatch.setattr(checkins, "_claim", lambda *_args, **_fields: False)
        assert checkins.remind(ready) is False
    with clock.at(here.past_checkin.starts_at + ASK_AFTER):
        assert checkins.ask(here.past_checkin) is False
    assert not OutboxMessage.objects.exists()


def test_a_pause_of_weeks_brings_no_flood(db):
    """Nothing in the past is announced; asked is only what people remember."""
    match = a_match()
    with clock.at(datetime.combine(match.cohort.starts_on, time(6), UTC)):
        planned = checkins.plan(match)
    back = planned[3].starts_at + ASK_AFTER
    with clock.at(back):
        assert tasks.remind_due_checkins() == 1
        delivery.deliver_due()
    told = set(OutboxMessage.objects.values_list("kind", "subject_code"))
    assert told == {("checkin_question", planned[3].code)}
    assert len(mail.outbox) == 2


def test_a_reminder_that_waited_until_it_began_is_not_sent(here: Troupe):
    with clock.at(here.checkin.starts_at - HOUR):
        checkins.remind(here.checkin)
    with clock.at(here.checkin.starts_at):
        delivery.deliver_due()
    assert mail.outbox == []
    assert set(OutboxMessage.objects.values_list("why", flat=True)) == {"The check-in has begun."}


def settle(here):
    CheckIn.objects.filter(pk=here.checkin.pk).update(status="cancelled")


def part(here):
    matches.end(here.match, by=here.coordinator)
    CheckIn.objects.filter(pk=here.checkin.pk).update(status="scheduled")


@pytest.mark.parametrize(
    "change, why", [(settle, "The check-in is settled."), (part, "The match has ended since.")]
)
def test_a_reminder_that_is_not_true_any_more_is_not_sent(here: Troupe, change, why):
    with clock.at(here.checkin.starts_at - HOUR):
        checkins.remind(here.checkin)
        change(here)
        OutboxMessage.objects.filter(kind="match_ended").delete()
        delivery.deliver_due()
    assert mail.outbox == []
    assert set(OutboxMessage.objects.values_list("why", flat=True)) == {why}


def test_nobody_is_asked_when_somebody_said_or_the_match_ended(here: Troupe):
    past = here.past_checkin
    checkins.ask(past)
    checkins.answer(past, by=here.mentor.user, outcome="held")
    delivery.deliver_due()
    assert mail.outbox == []
    parted = checkin_of(here.other_match, days=-1)
    notify(CheckInQuestion(parted), here.other_mentor.user)
    matches.end(here.other_match, by=None)
    OutboxMessage.objects.filter(kind="match_ended").delete()
    delivery.deliver_due()
    assert mail.outbox == []


# --- Answered and moved ----------------------------------------------------------------------


def test_people_say_how_it_went_and_correct_themselves(here: Troupe):
    past, user = here.past_checkin, here.mentee.user
    checkins.answer(past, by=user, outcome="held", rating=4, notes="good")
    checkins.answer(past, by=here.mentor.user, outcome="held")
    now = checkins.answer(past, by=user, outcome="missed", notes="")
    assert (now.status, now.rating, now.notes, now.answered_by) == ("missed", 4, "", user)


def test_what_has_not_begun_or_was_cancelled_is_not_answered(here: Troupe):
    with pytest.raises(RuleBroken, match="not begun"):
        checkins.answer(here.checkin, by=here.mentee.user, outcome="held")
    CheckIn.objects.update(status="cancelled")
    with pytest.raises(RuleBroken, match="cancelled"):
        checkins.answer(here.past_checkin, by=here.mentee.user, outcome="held")


def test_a_moved_check_in_is_announced_anew(here: Troupe):
    checkin = here.checkin
    with clock.at(checkin.starts_at - HOUR):
        tasks.remind_due_checkins()
        to = (checkin.starts_at + 2 * DAY).astimezone(ZoneInfo("Asia/Tokyo"))
        moved = checkins.move(
            checkin, by=here.mentor.user, on=to.date(), at=to.time(), zone="Asia/Tokyo"
        )
        assert moved.starts_at == checkin.starts_at + 2 * DAY
        assert (moved.time_zone, moved.reminded_at, moved.asked_at) == ("Asia/Tokyo", None, None)
        assert tasks.remind_due_checkins() == 0
    with clock.at(moved.starts_at - HOUR):
        assert tasks.remind_due_checkins() == 1
    assert OutboxMessage.objects.filter(kind="checkin_reminder").count() == 4


@pytest.mark.parametrize(
    "on, sentence",
    [
        (date(1, 1, 1), "over"),
        (date(2020, 1, 1), "over"),
        (date(9999, 12, 31), "program ends"),
    ],
)
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_no_time_that_is_over_or_after_the_end_whatever_the_calendar_says(
    here: Troupe, on, sentence, zone
):
    for at in (time(0), time(23, 59)):
        with pytest.raises(RuleBroken, match=sentence):
            checkins.move(here.checkin, by=here.mentor.user, on=on, at=at, zone=zone)


def test_an_hour_ago_today_is_over_and_an_answered_one_stays(here: Troupe):
    ago = clock.now().replace(hour=12)
    with clock.at(ago), pytest.raises(RuleBroken, match="over"):
        checkins.move(here.checkin, by=here.mentor.user, on=ago.date(), at=time(11), zone="UTC")
    CheckIn.objects.update(status="cancelled")
    with pytest.raises(RuleBroken, match="Only a planned"):
        checkins.move(here.checkin, by=here.mentor.user, on=ago.date(), at=time(11), zone="UTC")


@pytest.mark.parametrize(
    "fields",
    [{"answered_at": datetime(2026, 1, 1, tzinfo=UTC)}, {"rating": 6}],
    ids=["nobody", "rating"],
)
def test_the_database_holds_who_answered_and_the_scale(here: Troupe, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        CheckIn.objects.filter(pk=here.checkin.pk).update(**fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        checkin_of(here.match, number=here.checkin.number)


# --- From the mail, without a log-in ---------------------------------------------------------


def link_in_the_mail(here):
    checkins.ask(here.past_checkin)
    delivery.deliver_due()
    message = next(m for m in mail.outbox if m.to == [here.mentee.user.email])
    (link,) = re.findall(r"https://mentorship\.example\.org(/l/\S+/)", message.body)
    return link


def rows():
    """Every row of every table."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            yield from ((table, repr(row)) for row in cursor.fetchall())


def test_a_check_in_is_answered_from_the_mail_without_a_log_in(here: Troupe):
    link = link_in_the_mail(here)
    token = link.split("/")[2]
    spoken = io.StringIO()
    handler = logging.StreamHandler(spoken)
    handler.setFormatter(MaskTokens())
    logging.getLogger().addHandler(handler)
    browser = Client(enforce_csrf_checks=True)
    try:
        opened = browser.get(link)
        browser.get(link[:-2] + "/")
    finally:
        logging.getLogger().removeHandler(handler)
    page = reverse("checkin-detail", args=[here.past_checkin.code])
    assert (opened.status_code, opened["Location"]) == (302, page)
    cookie = opened.cookies["mail-link"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (page, True, "Lax")
    assert token not in cookie.value
    shown = browser.get(page)
    assert shown.status_code == 200
    assert token not in shown.content.decode()
    csrf = shown.context["csrf_token"]
    answer = browser.post(
        f"{page}answer/",
        {"outcome": "held", "rating": "5", "notes": "met", "csrfmiddlewaretoken": str(csrf)},
    )
    assert (answer.status_code, answer["Location"]) == (302, page)
    here.past_checkin.refresh_from_db()
    told = here.past_checkin
    assert (told.status, told.rating, told.answered_by) == ("held", 5, here.mentee.user)
    assert "session" not in opened.cookies
    assert [table for table, row in rows() if token in row] == []
    assert "/l/***" in spoken.getvalue()
    assert token[:-1] not in spoken.getvalue()
    # the cookie speaks for this page only
    assert browser.get(reverse("checkin-detail", args=[here.checkin.code])).status_code == 404
    assert browser.get(reverse("home")).context["user"].is_anonymous


def test_a_scanner_opens_a_link_as_often_as_it_likes(here: Troupe):
    link = link_in_the_mail(here)
    before = sorted(rows())
    for method in ("get", "head") * 3:
        scanner = Client()
        answer = getattr(scanner, method)(link)
        assert answer.status_code == 302
        getattr(scanner, method)(urlsplit(answer["Location"]).path)
    assert sorted(rows()) == before
    assert not Session.objects.exists()
    assert Client().post(link).status_code == 405


def test_an_altered_or_ended_link_says_what_to_do(here: Troupe):
    link = link_in_the_mail(here)
    altered = Client().get(link[:-3] + "xx/")
    assert altered.status_code == 404
    assert "not complete or was changed" in altered.content.decode()
    end = MailLink.objects.filter(user=here.mentee.user).get().expires_at
    browser = Client()
    browser.get(link)
    page = reverse("checkin-detail", args=[here.past_checkin.code])
    with clock.at(end):
        ended = Client().get(link)
        assert browser.get(page).status_code == 404
    assert ended.status_code == 410
    assert "expired" in ended.content.decode()
    browser.cookies["mail-link"] = "1:forged"
    assert browser.get(page).status_code == 404


def test_a_closed_account_opens_no_link(here: Troupe):
    link = link_in_the_mail(here)
    browser = Client()
    browser.get(link)
    here.mentee.user.is_active = False
    here.mentee.user.save()
    assert Client().get(link).status_code == 404
    page = reverse("checkin-detail", args=[here.past_checkin.code])
    assert browser.get(page).status_code == 404


def test_the_sites_logs_keep_no_token():
    assert site.LOGGING["handlers"]["console"]["formatter"] == "line"
    assert site.LOGGING["formatters"]["line"]["()"].endswith("MaskTokens")
    record = logging.LogRecord("x", 20, "", 0, "Not Found: %s", ("/l/secret-token/",), None)
    assert MaskTokens().format(record) == "Not Found: /l/***/"


@pytest.mark.parametrize(
    "url, fields",
    [
        ("answer", {"outcome": "cancelled"}),
        ("answer", {"outcome": "held", "rating": "6"}),
        ("answer", {"outcome": "held", "notes": "x" * 4001}),
        ("answer", {"outcome": "held", "notes": "\0"}),
        ("answer", {}),
        ("move", {"on": "tomorrow", "at": "10:00"}),
        ("move", {"on": "2030-01-01", "at": "25:00"}),
        ("move", {}),
    ],
)
def test_a_wrong_form_is_shown_again(client, here: Troupe, url, fields):
    client.force_login(here.mentee.user)
    checkin = here.past_checkin if url == "answer" else here.checkin
    answer = client.post(reverse(f"checkin-{url}", args=[checkin.code]), fields)
    assert answer.status_code == 422
    before = checkin.status, checkin.starts_at
    checkin.refresh_from_db()
    assert (checkin.status, checkin.starts_at) == before


def test_a_check_in_is_moved_in_the_readers_own_time(client, here: Troupe):
    client.force_login(here.mentor.user)
    here.mentor.time_zone = "Asia/Tokyo"
    here.mentor.save()
    on = (clock.now() + 10 * DAY).date()
    url = reverse("checkin-move", args=[here.checkin.code])
    assert client.post(url, {"on": on.isoformat(), "at": "09:30"}).status_code == 302
    here.checkin.refresh_from_db()
    wall = here.checkin.starts_at.astimezone(ZoneInfo("Asia/Tokyo"))
    assert (wall.date(), wall.time()) == (on, time(9, 30))


def test_the_others_hear_at_once_that_a_checkin_was_moved(here: Troupe):
    new_day = clock.now().date() + 5 * DAY
    checkins.move(here.checkin, by=here.mentee.user, on=new_day, at=time(9), zone="UTC")
    delivery.deliver_due()
    assert kinds() == [("checkin_moved", here.mentor.user.name)]
    (told,) = mail.outbox
    assert told.subject.startswith("Moved: your check-in with")
    assert f"{new_day.day} {new_day:%B %Y}" in told.body


def test_a_checkin_moved_there_and_back_is_announced_again(here: Troupe):
    checkin, day = here.checkin, here.checkin.local_on
    at = checkin.local_at
    with clock.at(checkin.starts_at - HOUR):
        assert tasks.remind_due_checkins() >= 1
        checkins.move(checkin, by=here.mentee.user, on=day + DAY, at=at, zone="UTC")
        checkins.move(checkin, by=here.mentee.user, on=day, at=at, zone="UTC")
    with clock.at(checkin.starts_at - HOUR / 2):
        tasks.remind_due_checkins()
    reminders = OutboxMessage.objects.filter(kind="checkin_reminder", subject_code=checkin.code)
    assert reminders.count() == 4


def test_only_held_and_missed_say_how_it_went(here: Troupe):
    with pytest.raises(ValueError, match="how it went"):
        checkins.answer(here.past_checkin, by=here.mentor.user, outcome="cancelled")


def test_one_bad_row_holds_up_no_other(here: Troupe, monkeypatch):
    other = checkin_of(here.other_match, days=0.5)
    CheckIn.objects.filter(pk=here.checkin.pk).update(starts_at=clock.now() + 6 * HOUR)
    real = checkins.notify

    def poisoned(notice, *args, **kwargs):
        if notice.subject.pk == here.checkin.pk:
            raise OSError("bad row")
        return real(notice, *args, **kwargs)

    monkeypatch.setattr(checkins, "notify", poisoned)
    tasks.remind_due_checkins()
    assert ("checkin_reminder", here.other_mentor.user.name) in kinds()
    here.checkin.refresh_from_db()
    other.refresh_from_db()
    assert (here.checkin.reminded_at, other.reminded_at is None) == (None, False)
