"""Mail that arrives once: the outbox under crashes, refusals, second senders and wishes."""

import hashlib
import re
import smtplib
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from feedback.notifications import CheckInReminder, SurveyInvitation
from mentorship.shared.base import clock
from mentorship.shared.base.models import Heartbeat
from mentorship.shared.notifications import delivery, tasks
from mentorship.shared.notifications.models import MailLink, OutboxMessage, Preference, State
from mentorship.shared.notifications.outbox import key_of, notify, withdraw
from mentorship.shared.notifications.registry import Category, Notice, declared, notice_of, register
from mentorship.shared.notifications.tokens import token_for
from programs.models import Application
from programs.notifications import ApplicationAccepted, ApplicationReceived
from tests.cast import Troupe
from tests.factories.programs import ApplicationFactory

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class BadServer(EmailBackend):
    """A mail server with a mind of its own; `says` maps an address to what it answers."""

    says: dict[str, Exception] = {}
    crash_after_the_yes = False

    def send_messages(self, messages):
        for message in messages:
            error = self.says.get(message.to[0])
            if error is not None:
                raise error
        sent = super().send_messages(messages)
        if self.crash_after_the_yes:
            raise KeyboardInterrupt
        return sent


@pytest.fixture
def server(settings, monkeypatch):
    settings.EMAIL_BACKEND = f"{__name__}.BadServer"
    monkeypatch.setattr(BadServer, "says", {})
    monkeypatch.setattr(BadServer, "crash_after_the_yes", False)
    return BadServer


def queue(notice=ApplicationReceived, **fields):
    application = ApplicationFactory(**fields)
    assert notify(notice(application), application.applicant, program=application.cohort.program)
    return OutboxMessage.objects.get(subject_code=application.code)


def sent_ids():
    return [message.extra_headers["Message-ID"] for message in mail.outbox]


def refused(code):
    return smtplib.SMTPRecipientsRefused({"x@example.org": (code, b"no")})


# --- Queued once, with what caused it ---------------------------------------------------


def test_a_notice_is_queued_once_per_person_subject_and_occasion(here: Troupe):
    reminder = CheckInReminder(here.checkin)
    mentor, mentee = here.mentor.user, here.mentee.user
    said = [
        notify(reminder, mentor, occasion="1"),
        notify(reminder, mentor, occasion="1"),
        notify(reminder, mentee, occasion="1"),
        notify(reminder, mentor, occasion="2"),
    ]
    assert said == [True, False, True, True]
    rows = OutboxMessage.objects.values_list("recipient", "occasion")
    assert set(rows) == {(mentor.pk, "1"), (mentee.pk, "1"), (mentor.pk, "2")}
    assert MailLink.objects.count() == 3


def test_a_mail_that_waits_is_taken_back_and_one_on_its_way_is_not(db):
    application, at = ApplicationFactory(), clock.now()
    notice, person = ApplicationReceived(application), application.applicant
    notify(notice, person, not_before=at + timedelta(minutes=1))
    key = key_of(notice, person)
    assert delivery.deliver_due().sent == 0
    assert withdraw([key, "another"], why="Undone.") == 1
    row = OutboxMessage.objects.get(key=key)
    assert (row.state, row.why) == (State.SKIPPED, "Undone.")
    assert withdraw([key], why="Undone.") == 0
    with clock.at(at + timedelta(minutes=2)):
        assert delivery.deliver_due().sent == 0
    OutboxMessage.objects.update(state=State.CLAIMED, owner="x", lease_until=at)
    assert withdraw([key], why="Undone.") == 0


def test_the_database_itself_holds_once_per_occasion(here: Troupe):
    row = queue()
    row.pk, row.key, row.message_id = None, "another", "<another>"
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.parametrize("fields", [{"state": "sent"}, {"sent_at": NOON}])
def test_a_row_is_sent_with_its_time_or_not_at_all(db, fields):
    row = queue()
    with pytest.raises(IntegrityError), transaction.atomic():
        OutboxMessage.objects.filter(pk=row.pk).update(**fields)


def accept_and_fall(tell):
    """A change that tells somebody and is then taken back."""
    application = ApplicationFactory()

    @transaction.atomic
    def accept():
        Application.objects.filter(pk=application.pk).update(note="accepted")
        tell(application)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        accept()
    application.refresh_from_db()
    assert application.note == ""


def test_a_change_taken_back_tells_nobody(db):
    accept_and_fall(lambda a: notify(ApplicationReceived(a), a.applicant))
    assert OutboxMessage.objects.count() == MailLink.objects.count() == 0
    delivery.deliver_due()
    assert mail.outbox == []


def test_sending_at_once_would_tell_of_what_never_was(db):
    """The same story without the outbox leaves a phantom: the test above can fail."""
    accept_and_fall(lambda a: mail.send_mail("Accepted", "", None, [a.applicant.email]))
    assert len(mail.outbox) == 1


# --- Sent once ----------------------------------------------------------------------------


def test_what_is_due_leaves_once(db):
    row = queue()
    assert delivery.deliver_due() == (1, 1)
    assert delivery.deliver_due() == (0, 0)
    delivery.deliver_one(row.pk)
    row.refresh_from_db()
    assert sent_ids() == [row.message_id]
    assert (row.state, row.attempts, row.owner, row.lease_until) == (State.SENT, 1, "", None)


def test_a_second_sender_finds_nothing_while_the_first_holds_the_lease(db, settings):
    row = queue()
    with clock.at(NOON + timedelta(days=999)):
        assert [message.pk for message in delivery._claim(10)] == [row.pk]
        assert delivery._claim(10) == []
    ripe = NOON + timedelta(days=999, seconds=settings.OUTBOX_LEASE_SECONDS)
    with clock.at(ripe):
        assert delivery._claim(10) == []
    with clock.at(ripe + timedelta(seconds=1)):
        assert [message.pk for message in delivery._claim(10)] == [row.pk]


def test_a_sender_that_slept_past_its_lease_sends_nothing(db, settings):
    queue()
    with clock.at(clock.now()):
        (message,) = delivery._claim(10)
        later = clock.now() + timedelta(seconds=settings.OUTBOX_LEASE_SECONDS + 1)
    with clock.at(later):
        assert delivery._deliver_all([message]).sent == 0
        assert mail.outbox == []
        assert delivery.deliver_due().sent == 1
    assert len(mail.outbox) == 1


def test_after_a_crash_the_repeat_has_the_same_id_and_the_same_link(here: Troupe, server, settings):
    notify(CheckInReminder(here.checkin), here.mentor.user)
    server.crash_after_the_yes = True
    with pytest.raises(KeyboardInterrupt):
        delivery.deliver_due()
    row = OutboxMessage.objects.get()
    assert row.state == State.SENDING
    server.crash_after_the_yes = False
    assert delivery.deliver_due().sent == 0
    with clock.at(clock.now() + timedelta(seconds=settings.OUTBOX_LEASE_SECONDS + 1)):
        assert delivery.deliver_due().sent == 1
    first, second = mail.outbox
    assert sent_ids() == [row.message_id] * 2
    links = [re.findall(r"https://\S+/l/\S+/", message.body) for message in (first, second)]
    assert links[0] == links[1] == [f"https://mentorship.example.org/l/{token_for(row)}/"]


def test_what_must_not_repeat_is_left_to_a_person_after_a_crash(db, server, settings, monkeypatch):
    monkeypatch.setattr(ApplicationReceived, "repeats_are_harmless", False)
    row = queue()
    server.crash_after_the_yes = True
    with pytest.raises(KeyboardInterrupt):
        delivery.deliver_due()
    server.crash_after_the_yes = False
    for hours in (1, 30):
        with clock.at(clock.now() + timedelta(hours=hours)):
            assert delivery.deliver_due().sent == 0
    row.refresh_from_db()
    assert (row.state, len(mail.outbox)) == (State.UNCERTAIN, 1)
    assert list(OutboxMessage.objects.unsettled()) == [row]


def test_a_half_sent_mail_of_an_unknown_kind_holds_up_no_other(db):
    strange, good = queue(), queue()
    OutboxMessage.objects.filter(pk=strange.pk).update(
        kind="of_another_release", state=State.SENDING, lease_until=NOON
    )
    assert delivery.deliver_due().sent == 1
    assert sent_ids() == [good.message_id]
    strange.refresh_from_db()
    assert strange.state == State.UNCERTAIN


# --- Refused --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error",
    [refused(550), smtplib.SMTPDataError(554, b"spam"), smtplib.SMTPSenderRefused(550, b"", "")],
)
def test_a_final_no_is_shown_and_not_repeated(db, server, error):
    row = queue()
    server.says[row.recipient.email] = error
    assert delivery.deliver_due() == (1, 0)
    row.refresh_from_db()
    assert (row.state, row.owner, row.attempts) == (State.FAILED, "", 1)
    assert type(error).__name__ in row.why
    with clock.at(clock.now() + timedelta(days=3)):
        assert delivery.deliver_due() == (0, 0)


@pytest.mark.parametrize(
    "error",
    [refused(451), smtplib.SMTPDataError(451, b"later"), ConnectionRefusedError(), OSError()],
)
def test_a_not_now_waits_longer_each_time_and_ends_after_a_day(db, server, error):
    row = queue()
    server.says[row.recipient.email] = error
    waits = []
    at = row.not_before
    while row.state == State.PENDING:
        with clock.at(at):
            delivery.deliver_due()
        row.refresh_from_db()
        waits.append((row.not_before - at).total_seconds())
        at = row.not_before
    waits.pop()
    assert waits[:6] == [5, 10, 20, 40, 80, 160]
    assert all(later >= earlier for earlier, later in pairwise(waits))
    assert max(waits) <= 2 * 3600
    assert row.state == State.FAILED
    assert timedelta(hours=24) < at - row.queued_at < timedelta(hours=27)


def test_a_not_now_is_sent_when_the_server_is_back(db, server):
    row = queue()
    server.says[row.recipient.email] = refused(451)
    delivery.deliver_due()
    server.says.clear()
    assert delivery.deliver_due() == (0, 0)
    with clock.at(clock.now() + timedelta(seconds=6)):
        assert delivery.deliver_due() == (1, 1)
    row.refresh_from_db()
    assert (row.state, row.attempts, row.why) == (State.SENT, 2, "")


@pytest.mark.parametrize("poison", ["kind", "words", "server"])
def test_a_poisoned_mail_blocks_nobody(db, server, poison, monkeypatch):
    bad, good = queue(), queue()
    if poison == "kind":
        OutboxMessage.objects.filter(pk=bad.pk).update(kind="of_another_release")
    elif poison == "words":

        def context(notice, recipient):
            return {"url": 1 // (recipient.pk - bad.recipient_id)}

        monkeypatch.setattr(ApplicationReceived, "context", context)
    else:
        server.says[bad.recipient.email] = RuntimeError("out of its mind")
    tasks.deliver_due()
    bad.refresh_from_db()
    assert sent_ids() == [good.message_id]
    assert (bad.state, bad.attempts) == (State.PENDING, 1)
    assert bad.why


def test_a_kind_whose_subjects_cannot_be_loaded_leaves_the_others_alone(here: Troupe, monkeypatch):
    queue()
    notify(SurveyInvitation(here.invitation), here.mentee.user)

    def subjects():
        raise LookupError("no such table")

    monkeypatch.setattr(ApplicationReceived, "subjects", subjects)
    assert delivery.deliver_due() == (2, 1)
    assert [message.to for message in mail.outbox] == [[here.mentee.user.email]]


# --- Not needed any more -------------------------------------------------------------------


def test_what_is_not_true_any_more_is_not_sent(db):
    row = queue()
    Application.objects.update(status="withdrawn")
    delivery.deliver_due()
    row.refresh_from_db()
    assert (row.state, row.why) == (State.SKIPPED, "The application has moved on since.")
    assert mail.outbox == []


def test_a_closed_account_and_a_gone_subject_get_nothing(db):
    closed, gone = queue(), queue()
    closed.recipient.is_active = False
    closed.recipient.save()
    OutboxMessage.objects.filter(pk=gone.pk).update(subject_code="gone")
    delivery.deliver_due()
    whys = set(OutboxMessage.objects.values_list("state", "why"))
    assert whys == {
        ("skipped", "The account is closed."),
        ("skipped", "What it was about is gone."),
    }
    assert mail.outbox == []


def test_a_wish_is_respected_but_not_for_an_answer_to_ones_own_application(here: Troupe):
    mentee = here.mentee.user
    for category in Category:
        Preference.objects.create(user=mentee, category=category, is_enabled=False)
    notify(CheckInReminder(here.checkin), mentee)
    notify(CheckInReminder(here.checkin), here.mentor.user)
    application = ApplicationFactory(cohort=here.next_cohort, applicant=mentee)
    notify(ApplicationReceived(application), mentee)
    delivery.deliver_due()
    told = {(m.to[0], m.subject.split()[0]) for m in mail.outbox}
    assert told == {(here.mentor.user.email, "Your"), (mentee.email, "Your")}
    states = set(OutboxMessage.objects.values_list("kind", "recipient__name", "state"))
    assert states == {
        ("checkin_reminder", mentee.name, "skipped"),
        ("checkin_reminder", here.mentor.user.name, "sent"),
        ("application_received", mentee.name, "sent"),
    }


# --- What stands in it ---------------------------------------------------------------------


def test_a_mail_speaks_the_readers_language_and_shows_their_zone(here: Troupe, settings):
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
    reader = here.mentor.user
    reader.language, reader.time_zone = "de", "Asia/Tokyo"
    reader.save()
    heard = []

    def context(notice, recipient):
        heard.append((translation.get_language(), str(delivery.timezone.get_current_timezone())))
        return {"url": "x"}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ApplicationReceived, "context", context)
        application = ApplicationFactory(cohort=here.next_cohort, applicant=reader)
        notify(ApplicationReceived(application), reader)
        delivery.deliver_due()
    assert heard == [("de", "Asia/Tokyo")]
    assert translation.get_language() == "en"


def test_a_reminder_says_the_time_of_the_readers_side_first(here: Troupe):
    here.mentor.time_zone = "Asia/Tokyo"
    here.mentor.save()
    notify(CheckInReminder(here.checkin), here.mentor.user)
    notify(CheckInReminder(here.checkin), here.mentee.user)
    delivery.deliver_due()
    clocks = {}
    for message in mail.outbox:
        lines = [line for line in message.body.splitlines() if line.startswith("- ")]
        clocks[message.to[0]] = [re.findall(r"\b\d\d:\d\d\b", line)[0] for line in lines]
    starts = here.checkin.starts_at
    tokyo, kyiv = (
        starts.astimezone(ZoneInfo(zone)).strftime("%H:%M")
        for zone in ("Asia/Tokyo", "Europe/Kyiv")
    )
    assert clocks == {
        here.mentor.user.email: [tokyo, kyiv],
        here.mentee.user.email: [kyiv, tokyo],
    }


EVIL = "Eve\r\nBcc: all@example.org\nX-Evil: 1"


def test_names_cannot_write_headers(here: Troupe):
    here.mentor.user.name = EVIL
    here.mentor.user.save()
    here.next_cohort.program.name = EVIL
    here.next_cohort.program.save()
    application = ApplicationFactory(cohort=here.next_cohort, applicant=here.mentee.user)
    notify(ApplicationReceived(application), here.mentee.user)
    notify(CheckInReminder(here.checkin), here.mentee.user)
    delivery.deliver_due()
    assert len(mail.outbox) == 2
    for message in mail.outbox:
        parsed = message.message()
        assert message.recipients() == [here.mentee.user.email]
        assert {"Bcc", "X-Evil"}.isdisjoint(parsed.keys())
        assert "\n" not in parsed["Subject"].replace("\n ", "")


def test_the_date_is_by_our_clock_and_machines_are_told_not_to_answer(db):
    with clock.at(NOON):
        row = queue()
        delivery.deliver_due()
    (message,) = mail.outbox
    headers = message.message()
    assert parsedate_to_datetime(headers["Date"]) == NOON
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["Message-ID"] == row.message_id
    assert row.message_id.endswith("@mentorship.example.org>")


def test_every_declared_notice_has_its_words_and_a_category():
    for notice in declared():
        assert notice_of(notice.kind) is notice
        assert notice.category in Category
        assert str(notice.label)


def test_two_notices_of_one_kind_are_refused():
    class Twin(Notice):
        kind = ApplicationAccepted.kind

    with pytest.raises(ValueError, match="application_accepted"):
        register(Twin)
    assert notice_of("application_accepted") is ApplicationAccepted
    with pytest.raises(KeyError):
        notice_of("nothing")


# --- Links ----------------------------------------------------------------------------------


def test_only_the_hash_of_a_token_is_kept(here: Troupe):
    notify(CheckInReminder(here.checkin), here.mentor.user)
    row = OutboxMessage.objects.get()
    token = token_for(row)
    assert len(token) >= 32
    assert token == token_for(OutboxMessage.objects.get())
    link = MailLink.objects.get()
    assert link.token_hash == hashlib.sha256(token.encode()).hexdigest()
    delivery.deliver_due()
    assert token in mail.outbox[0].body
    for table in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}"')
            assert token not in repr(cursor.fetchall()), table


def test_a_check_ins_link_outlives_the_meeting_and_a_surveys_ends_with_it(here: Troupe, settings):
    notify(CheckInReminder(here.checkin), here.mentor.user)
    notify(SurveyInvitation(here.invitation), here.mentee.user)
    ends = dict(MailLink.objects.values_list("view", "expires_at"))
    assert ends == {
        "checkin-detail": here.checkin.starts_at + timedelta(days=settings.MAIL_LINK_DAYS),
        "survey-answer": here.survey.closes_at,
    }


def test_links_are_forgotten_long_after_they_ended(here: Troupe):
    notify(SurveyInvitation(here.invitation), here.mentee.user)
    end = MailLink.objects.get().expires_at
    with clock.at(end + timedelta(days=90)):
        assert tasks.forget_expired() == 0
    with clock.at(end + timedelta(days=90, seconds=1)):
        assert tasks.forget_expired() == 1
    assert MailLink.objects.count() == 0


# --- The sweep ------------------------------------------------------------------------------


def test_the_sweep_sends_all_batches_and_leaves_a_heartbeat(db, monkeypatch):
    rows = [queue() for _ in range(7)]
    batch = delivery.deliver_due
    monkeypatch.setattr(delivery, "deliver_due", lambda: batch(limit=3))
    with clock.at(clock.now() + timedelta(minutes=1)) as now:
        assert tasks.deliver_due() == 7
    assert sorted(sent_ids()) == sorted(row.message_id for row in rows)
    assert Heartbeat.objects.get(name="deliver_due").beat_at == now


def test_a_nudge_sends_one(db):
    one, _other = queue(), queue()
    tasks.deliver(one.pk)
    assert sent_ids() == [one.message_id]
