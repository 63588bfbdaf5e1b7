"""Mail to somebody without an account: the same outbox, the same care, and then forgotten."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from feedback.notifications import CheckInReminder
from mentorship.shared.base import clock
from mentorship.shared.notifications import delivery, tasks
from mentorship.shared.notifications.addressee import Addressee, address_hash
from mentorship.shared.notifications.models import OutboxMessage
from mentorship.shared.notifications.outbox import notify
from programs.models import Application
from programs.notifications import ApplicationReceived
from tests.factories.programs import ApplicationFactory

NEWCOMER = Addressee("nia@example.org", "Nia")


def queue(to=NEWCOMER):
    application = ApplicationFactory()
    assert notify(ApplicationReceived(application), to, program=application.cohort.program)
    return OutboxMessage.objects.get()


def test_a_mail_to_an_address_leaves_once_with_its_name(db):
    row = queue()
    assert notify(ApplicationReceived(Application.objects.get()), NEWCOMER) is (False)
    assert (row.recipient, row.to, row.to_name) == (None, NEWCOMER, "Nia")
    assert delivery.deliver_due().sent == 1
    (sent,) = mail.outbox
    assert sent.to == ["nia@example.org"]
    assert "Hello Nia," in sent.body


def test_a_kind_one_could_switch_off_sends_no_address_to_the_preferences(db, monkeypatch):
    monkeypatch.setattr(ApplicationReceived, "can_be_disabled", True)
    queue()
    delivery.deliver_due()
    assert "/profile/mail/" not in mail.outbox[0].body


@pytest.mark.parametrize(
    "email, name",
    [
        ("nia@example.org\nBcc: all@example.org", ""),
        ("nia", ""),
        ("", ""),
        ("Nia <nia@example.org>", ""),
        ("nia@example.org", "Nia\nBcc: all@example.org"),
        ("nia@example.org", "Nia\r\n\r\nDear friend"),
        ("nia@example.org", "Nia\u2028second line"),
        ("nia@example.org", "N\0a"),
    ],
)
def test_no_mail_is_queued_to_what_is_no_address_or_no_name(email, name):
    with pytest.raises(ValidationError):
        Addressee(email, name)


def test_a_name_is_text_wherever_it_stands(db):
    queue(Addressee("nia@example.org", '<b>"Nia"</b>, Bcc: x@example.org'))
    delivery.deliver_due()
    (sent,) = mail.outbox
    assert sent.recipients() == ["nia@example.org"]
    [(html, _kind)] = sent.alternatives
    assert "<b>" not in html


def test_the_same_address_in_other_letters_is_the_same(db):
    assert Addressee("Nia@Example.org").code == NEWCOMER.code
    assert address_hash(" NIA@example.org ") == address_hash("nia@example.org")
    assert len(NEWCOMER.code) <= OutboxMessage._meta.get_field("subject_code").max_length


def test_a_link_that_acts_for_a_person_goes_to_no_address(here):
    with pytest.raises(ValueError, match="nobody's"):
        notify(CheckInReminder(here.checkin), NEWCOMER)


def test_the_ledger_names_the_address(here, as_coordinator):
    notify(ApplicationReceived(here.application), NEWCOMER, program=here.program)
    notify(ApplicationReceived(here.application), Addressee("bo@example.org"), program=here.program)
    page = as_coordinator.get(reverse("desk-outbox", args=[here.cohort.code])).content.decode()
    assert "Nia" in page
    assert "bo@example.org" in page


def test_an_address_is_forgotten_after_its_term_and_gets_nothing_twice(db, settings):
    row = queue()
    days = timedelta(days=settings.MAIL_ADDRESS_DAYS)
    with clock.at(clock.now() + days + timedelta(hours=1)):
        tasks.forget_expired()
    row.refresh_from_db()
    assert row.address, "it still waits to be sent"
    delivery.deliver_due()
    for wait, kept in ((days - timedelta(hours=1), True), (days + timedelta(hours=1), False)):
        with clock.at(clock.now() + wait):
            tasks.forget_expired()
        row.refresh_from_db()
        assert bool(row.address or row.name) is kept
    assert (row.to, row.to_name) == (None, "An address that is forgotten")
    application = Application.objects.get()
    assert notify(ApplicationReceived(application), NEWCOMER) is False


@pytest.mark.parametrize(
    "fields",
    [{"address": ""}, {"address": "", "name": ""}, {"state": "sent", "address": ""}],
)
def test_the_database_holds_that_what_waits_has_somebody_to_go_to(db, fields):
    row = queue()
    with pytest.raises(IntegrityError), transaction.atomic():
        OutboxMessage.objects.filter(pk=row.pk).update(**fields)


def test_the_database_holds_that_a_person_has_no_second_address(here):
    notify(ApplicationReceived(here.application), here.applicant)
    with pytest.raises(IntegrityError), transaction.atomic():
        OutboxMessage.objects.update(address="other@example.org")
