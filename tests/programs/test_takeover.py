"""What an attacker tried, each as a test that failed before its defence."""

import logging
import re
import sys

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from mentorship.shared.base.logs import MaskTokens
from mentorship.shared.notifications.models import OutboxMessage
from programs.actions import applications, people
from programs.forms import accounts
from programs.models import Application, User
from tests.cast import Troupe
from tests.factories.programs import ApplicationFactory, UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


def sign_up(client: Client, email: str) -> None:
    fields = {"name": "Ann", "email": email, "password1": PASSWORD, "password2": PASSWORD}
    assert client.post(reverse("account_signup"), fields).status_code == 302


def enters_by_password(email: str) -> bool:
    client = Client()
    client.post(reverse("account_login"), {"login": email, "password": PASSWORD})
    return "_auth_user_id" in client.session


def test_a_password_set_before_the_address_was_proven_opens_nothing() -> None:
    email = "victim@example.org"
    sign_up(Client(), email)  # the attacker stops here
    victim = Client()
    mail.outbox.clear()
    victim.post(reverse("account_request_login_code"), {"email": email})
    (code,) = re.findall(r"^\s*([A-Z0-9-]{6,})\s*$", str(mail.outbox[-1].body), re.MULTILINE)
    victim.post(reverse("account_confirm_login_code"), {"code": code})
    assert "_auth_user_id" in victim.session
    assert not enters_by_password(email)


def test_a_person_who_proved_the_address_in_the_sign_up_keeps_the_password() -> None:
    email, client = "ann@example.org", Client()
    sign_up(client, email)
    (code,) = re.findall(r"^\s*([A-Z0-9-]{6,})\s*$", str(mail.outbox[-1].body), re.MULTILINE)
    client.post(reverse("account_email_verification_sent"), {"code": code})
    assert enters_by_password(email)


def test_a_taken_address_costs_a_password_hash_too(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed = []
    monkeypatch.setattr(accounts, "make_password", lambda raw: hashed.append(make_password(raw)))
    sign_up(Client(), UserFactory().email)
    assert len(hashed) == 1


@pytest.mark.parametrize(
    "lookup",
    ["notes__startswith", "notes__regex", "rating", "answered_by", "match", "number", "id__in"],
)
def test_hidden_columns_cannot_be_guessed_by_filters(
    as_coordinator: Client, here: Troupe, lookup: str
) -> None:
    url = reverse("admin:feedback_checkin_changelist")
    assert as_coordinator.get(url, {lookup: "h"}).status_code == 400
    assert as_coordinator.get(url, {"status__exact": "scheduled"}).status_code == 200


def test_a_draft_that_was_never_sent_in_stays_its_writers(
    as_coordinator: Client, here: Troupe
) -> None:
    draft = ApplicationFactory(
        cohort=here.next_cohort, status="draft", answers={"motivation": "secret thoughts"}
    )
    applications.withdraw(draft, by=draft.applicant)
    url = reverse("desk-application", args=[draft.code])
    assert as_coordinator.get(url).status_code == 404
    assert not Application.objects.coordinated_by(here.coordinator).filter(pk=draft.pk).exists()


def test_a_name_is_one_line() -> None:
    person = UserFactory()
    for name in ("Bob\r\n\r\nYour account is locked", "Bob\nBcc: x", "Bob\x0bx", "Bob\u2028x"):
        with pytest.raises(ValidationError):
            people.update_profile(User.objects.get(pk=person.pk), by=person, name=name)
        client = Client()
        client.force_login(person)
        answer = client.post("/profile/", {"name": name, "time_zone": "UTC", "capacity": 1})
        assert answer.status_code == 422
    assert User.objects.get(pk=person.pk).name == person.name


def test_who_applies_again_hears_again(here: Troupe) -> None:
    application = here.application
    for _ in range(2):
        applications.withdraw(application, by=here.applicant)
        application = applications.start(here.next_cohort, applicant=here.applicant, role="mentee")
        applications.submit(application, by=here.applicant)
    received = "application_received"
    assert OutboxMessage.objects.filter(kind=received).count() == 2


def test_personal_pages_are_kept_by_no_cache(here: Troupe) -> None:
    client = Client()
    client.force_login(here.mentee.user)
    for url in ("/", "/profile/", reverse("match-detail", args=[here.match.code])):
        assert client.get(url)["Cache-Control"] == "private, no-store"
    assert not Client().get("/").has_header("Cache-Control")


def test_a_log_line_with_its_traceback_holds_no_token() -> None:
    try:
        raise ValueError("boom at /l/SECRETTOKEN/")
    except ValueError:
        record = logging.LogRecord(
            "x", logging.ERROR, "x", 1, "GET %s", ("/accounts/password/reset/key/1-SECRET/",), None
        )
        record.exc_info = sys.exc_info()
    line = MaskTokens("{message}", style="{").format(record)
    assert "SECRET" not in line
    assert line.count("***") >= 2


def test_a_reset_link_starts_with_our_own_address_whatever_the_host() -> None:
    email = "ann@example.org"
    UserFactory(email=email)
    Client().post(
        reverse("account_reset_password"), {"email": email}, headers={"Host": "localhost"}
    )
    links = re.findall(r"https?://\S+", str(mail.outbox[-1].body))
    assert links
    assert all(link.startswith(settings.BASE_URL + "/") for link in links)
