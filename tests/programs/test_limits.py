"""Limits of trying hold where production keeps them: in a table, with Redis away."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from programs.models import User
from tests.factories.programs import UserFactory
from tests.factories.second_factors import SECRET, code_of_app

pytestmark = pytest.mark.django_db

PASSWORD = "a-long-way-home-17"
TABLE = {
    "default": {
        "BACKEND": "mentorship.shared.base.cache.ForgivingDatabaseCache",
        "LOCATION": "base_cacheentry",
    }
}


@pytest.fixture(autouse=True)
def _no_redis(settings: Any) -> None:
    """The cache of production, and a Redis that nobody answers at."""
    settings.CACHES = TABLE
    settings.REDIS_URL = settings.CELERY_BROKER_URL = "redis://127.0.0.1:9/0"


@pytest.fixture
def ada() -> User:
    user = UserFactory(email="ada@example.org")
    user.set_password(PASSWORD)
    user.save()
    return user


def log_in(client: Client, email: str, password: str) -> Any:
    return client.post(reverse("account_login"), {"login": email, "password": password})


def refusals(ask: Callable[[int], Any], times: int) -> list[int]:
    """Which of the answers refused to count on, whether by a page or by a sentence in the form."""

    def is_refused(answer: Any) -> bool:
        form = answer.context and answer.context.get("form")
        told = form.errors.as_text() if form else ""
        return answer.status_code == 429 or "Too many" in told

    return [number for number in range(times) if is_refused(ask(number))]


def test_the_table_is_what_keeps_them() -> None:
    cache.set("kept", 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM base_cacheentry")
        assert cursor.fetchone() == (1,)


def test_wrong_passwords_for_a_known_and_an_unknown_address_are_counted_alike(ada: User) -> None:
    known = refusals(lambda _: log_in(Client(), ada.email, "wrong"), 8)
    cache.clear()
    unknown = refusals(lambda _: log_in(Client(), "nobody@example.org", "wrong"), 8)
    assert known == unknown == [5, 6, 7]


def test_one_machine_gets_few_wrong_passwords_for_all_addresses(ada: User) -> None:
    tried = refusals(lambda n: log_in(Client(), f"person{n}@example.org", "wrong"), 12)
    assert tried == [10, 11]
    client = Client()
    log_in(client, ada.email, PASSWORD)
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "route, allowed", [("account_request_login_code", 3), ("account_reset_password", 5)]
)
@pytest.mark.parametrize("email", ["ada@example.org", "nobody@example.org"])
def test_an_address_gets_few_mails(ada: User, route: str, allowed: int, email: str) -> None:
    refused = refusals(lambda _: Client().post(reverse(route), {"email": email}), allowed + 2)
    assert refused == [allowed, allowed + 1]
    assert len(mail.outbox) == allowed


def test_one_machine_makes_few_accounts() -> None:
    def sign_up(number: int) -> Any:
        form = {"name": "Ada", "email": f"ada{number}@example.org"}
        form |= {"password1": PASSWORD, "password2": PASSWORD}
        return Client().post(reverse("account_signup"), form)

    assert refusals(sign_up, 22) == [20, 21]
    assert User.objects.count() == 20


def test_guessing_the_code_of_an_app_is_counted_by_person(ada: User) -> None:
    TOTP.activate(ada, SECRET)

    def guess(_: int) -> Any:
        client = Client()
        log_in(client, ada.email, PASSWORD)  # each guess in a log-in of its own
        return client.post(reverse("mfa_authenticate"), {"code": "000000"})

    assert refusals(guess, 7) == [5, 6]
    client = Client()
    log_in(client, ada.email, PASSWORD)
    client.post(reverse("mfa_authenticate"), {"code": code_of_app()})
    assert "_auth_user_id" not in client.session


def test_a_code_of_an_app_opens_once(ada: User) -> None:
    TOTP.activate(ada, SECRET)
    code = code_of_app()
    entered = []
    for _ in range(2):
        client = Client()
        log_in(client, ada.email, PASSWORD)
        client.post(reverse("mfa_authenticate"), {"code": code})
        entered.append("_auth_user_id" in client.session)
    assert entered == [True, False]


@pytest.mark.parametrize(
    "route, field", [("account_reauthenticate", "password"), ("mfa_reauthenticate", "code")]
)
def test_proving_it_again_is_counted_too(ada: User, route: str, field: str) -> None:
    TOTP.activate(ada, SECRET)
    client = Client()
    client.force_login(ada)
    refused = refusals(lambda _: client.post(reverse(route), {field: "000000"}), 14)
    assert refused
    assert refused[-1] == 13
    assert len(refused) >= 4


def test_asking_for_passkeys_is_counted() -> None:
    url = reverse("mfa_login_webauthn")
    sent = {"credential": "{}"}
    assert refusals(lambda _: Client().post(url, sent), 12) == [10, 11]
