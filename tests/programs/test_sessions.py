"""Where somebody is logged in, and what ends it."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse

from programs import log_ins
from programs.models import User
from tests.factories.programs import UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "a-long-way-home-17"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0"
CHROME = (
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/141.0.0.0 Mobile Safari/537.36"
)


@pytest.fixture
def ada() -> User:
    return with_password(UserFactory(email="ada@example.org"))


def with_password(user: User) -> User:
    user.set_password(PASSWORD)
    user.save()
    return user


def log_in(user: User, agent: str = "") -> Client:
    client = Client(headers={"User-Agent": agent})
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return client


def is_in(client: Client) -> bool:
    return client.get("/profile/").status_code == 200


def test_one_sees_where_one_is_logged_in(ada: User) -> None:
    here, phone = log_in(ada, FIREFOX), log_in(ada, CHROME)
    page = here.get(reverse("log-ins")).content.decode()
    assert "Firefox, Windows" in page
    assert "Chrome, Android" in page
    assert page.count(">Here<") == 1
    assert "Here and in 1 other browser." in here.get(reverse("account")).content.decode()
    assert is_in(phone)


def test_nowhere_else_is_told(ada: User) -> None:
    page = log_in(ada).get(reverse("log-ins")).content.decode()
    assert "You are logged in nowhere else." in page
    assert "An unknown browser" in page


def test_one_ends_one_of_them(ada: User) -> None:
    here, phone, library = (log_in(ada) for _ in range(3))
    chosen = next(
        one for one in log_ins.open_ones(ada) if one.session_key == library.session.session_key
    )
    here.post(reverse("log-ins"), {"log_in": chosen.pk})
    assert [is_in(client) for client in (here, phone, library)] == [True, True, False]


def test_one_ends_all_others(ada: User) -> None:
    here, phone, library = (log_in(ada) for _ in range(3))
    stranger = log_in(with_password(UserFactory()))
    here.post(reverse("log-ins"))
    assert [is_in(c) for c in (here, phone, library, stranger)] == [True, False, False, True]


def test_nobody_ends_a_log_in_of_another_person(ada: User) -> None:
    stranger = with_password(UserFactory())
    theirs = log_in(stranger)
    [row] = log_ins.open_ones(stranger)
    log_in(ada).post(reverse("log-ins"), {"log_in": row.pk})
    assert is_in(theirs)


@pytest.mark.parametrize("sent", ["x", "-1", "9" * 50, "\0"])
def test_a_log_in_that_is_none_ends_none(ada: User, sent: str) -> None:
    here, phone = log_in(ada), log_in(ada)
    assert here.post(reverse("log-ins"), {"log_in": sent}).status_code == 302
    assert is_in(phone)


@pytest.mark.parametrize("more", [1, 6])
def test_the_list_costs_the_same_however_long(
    ada: User, more: int, django_assert_num_queries: Any
) -> None:
    for _ in range(more):
        log_in(ada)
    here = log_in(ada)
    with django_assert_num_queries(5):
        here.get(reverse("log-ins"))


def test_a_new_password_ends_the_others(ada: User) -> None:
    here, phone = log_in(ada), log_in(ada)
    new = "another-long-way-18"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert here.post(reverse("account_change_password"), form).status_code == 302
    assert [is_in(here), is_in(phone)] == [True, False]
    assert len(log_ins.open_ones(User.objects.get())) == 1


def test_a_closed_account_is_logged_out_and_stays_so_when_it_is_opened_again(ada: User) -> None:
    client = log_in(ada)
    ada.is_active = False
    ada.save(update_fields=["is_active"])
    assert not is_in(client)
    ada.is_active = True
    ada.save(update_fields=["is_active"])
    assert not is_in(client)
    assert is_in(log_in(ada))


def test_a_log_in_ends_by_itself_after_two_weeks() -> None:
    assert settings.SESSION_COOKIE_AGE == 14 * 24 * 60 * 60
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SAMESITE == "Lax"


@pytest.mark.parametrize("route", ["account", "log-ins"])
def test_the_pages_are_for_who_is_logged_in(ada: User, route: str) -> None:
    url = reverse(route)
    assert Client().get(url)["Location"] == f"/accounts/login/?next={url}"
    assert log_in(ada).put(url).status_code == 405


def test_changing_the_address_asks_for_two_proofs(ada: User) -> None:
    """That it is them, and that the new address is theirs."""
    client = log_in(ada)
    url = reverse("account_email")
    sent = {"action_add": "", "email": "new@example.org"}
    answer = client.post(url, sent)
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    answer = client.post(url, sent)
    assert answer["Location"] == reverse("account_email_verification_sent")
    assert User.objects.get().email == "ada@example.org"
    assert mail.outbox[-1].to == ["new@example.org"]
    [code] = re.findall(r"^\s*([A-Z0-9-]{6,})\s*$", str(mail.outbox[-1].body), re.MULTILINE)
    client.post(answer["Location"], {"code": code})
    assert User.objects.get().email == "new@example.org"
    told = {(message.to[0], message.subject) for message in mail.outbox}
    assert ("ada@example.org", "Your e-mail address was changed") in told
