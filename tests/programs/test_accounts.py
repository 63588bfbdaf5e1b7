"""Signing up and logging in: known and unknown alike, codes by mail, and limits that hold."""

import re
import uuid

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse

from programs.models import User
from tests.factories.programs import UserFactory

PASSWORD = "a-long-way-home-17"
CODE = re.compile(r"^([A-Z0-9]{3,}(?:-[A-Z0-9]{3,})*)$", re.MULTILINE)


@pytest.fixture(autouse=True)
def _db(db):
    """Every test here has people."""


def code_in(message):
    (code,) = CODE.findall(message.body)
    return code


def sign_up(client, email, **fields):
    form = {"name": "Ada", "email": email, "password1": PASSWORD, "password2": PASSWORD} | fields
    return client.post(reverse("account_signup"), form)


def is_logged_in(client):
    return client.get(reverse("home")).context["user"].is_authenticated


def person(password=PASSWORD, **fields):
    user = UserFactory(**fields)
    if password:
        user.set_password(password)
        user.save()
    return user


def test_sign_up_asks_for_a_name_and_lets_in_after_the_mailed_code(client):
    assert sign_up(client, "ada@example.org", name="").status_code == 200
    assert not User.objects.exists()
    answer = sign_up(client, "Ada@Example.org")
    confirm = reverse("account_email_verification_sent")
    assert (answer.status_code, answer["Location"]) == (302, confirm)
    user = User.objects.get()
    assert (user.email, user.name) == ("ada@example.org", "Ada")
    assert not is_logged_in(client)
    (message,) = mail.outbox
    assert message.to == ["ada@example.org"]
    assert client.post(confirm, {"code": "AAAAAA"}).status_code == 200
    assert not is_logged_in(client)
    assert client.post(confirm, {"code": code_in(message)}).status_code == 302
    assert is_logged_in(client)
    assert EmailAddress.objects.get().verified


def test_without_the_code_a_password_does_not_let_in(client):
    sign_up(client, "ada@example.org")
    other = Client()
    form = {"login": "ada@example.org", "password": PASSWORD}
    other.post(reverse("account_login"), form)
    assert not is_logged_in(other)
    EmailAddress.objects.update(verified=True)
    assert other.post(reverse("account_login"), form).status_code == 302
    assert is_logged_in(other)


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "x" * 121},
        {"name": "a\0"},
        {"email": "no address"},
        {"email": "a\0@example.org"},
        {"email": "a" * 300 + "@example.org"},
        {"password1": "short", "password2": "short"},
        {"password1": "12345678901", "password2": "12345678901"},
        {"password2": "another-long-word"},
        {"password1": "x" * 1_000_000},
    ],
    ids=lambda fields: "-".join(fields),
)
def test_a_wrong_sign_up_is_shown_again(client, fields):
    answer = sign_up(client, fields.pop("email", "ada@example.org"), **fields)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not User.objects.exists()


def same(answers):
    """Status, place and page, without what differs in any two answers."""

    def plain(answer):
        page = re.sub(
            r'(csrf\w*" value=|nonce=)"[^"]*"|[\w.]+@example\.org', "", answer.content.decode()
        )
        return answer.status_code, answer.get("Location"), page

    return len({plain(answer) for answer in answers}) == 1


def test_sign_up_does_not_tell_who_is_known():
    person(email="known@example.org")
    answers = [sign_up(Client(), f"{who}@example.org") for who in ("known", "new")]
    assert same(answers)
    assert User.objects.count() == 2
    told = {message.to[0]: message.subject for message in mail.outbox}
    assert told["known@example.org"] == "You already have an account"


@pytest.mark.parametrize("route", ["account_request_login_code", "account_reset_password"])
def test_asking_for_a_mail_does_not_tell_who_is_known(route):
    person(email="known@example.org")
    clients = Client(), Client()
    answers = [
        one.post(reverse(route), {"email": f"{who}@example.org"})
        for one, who in zip(clients, ("known", "nobody"), strict=True)
    ]
    assert same(answers)
    assert answers[0].status_code == 302
    nexts = [one.get(answer["Location"]) for one, answer in zip(clients, answers, strict=True)]
    assert same(nexts)
    assert {message.to[0] for message in mail.outbox} == {"known@example.org", "nobody@example.org"}


def test_a_wrong_password_does_not_tell_who_is_known():
    person(email="known@example.org")
    answers = [
        Client().post(
            reverse("account_login"), {"login": f"{who}@example.org", "password": "wrong"}
        )
        for who in ("known", "nobody")
    ]
    assert same(answers)
    assert answers[0].status_code == 200


def ask_for_code(client, email):
    answer = client.post(reverse("account_request_login_code"), {"email": email})
    assert answer["Location"] == reverse("account_confirm_login_code")
    return code_in(mail.outbox[-1])


def test_an_imported_person_without_a_password_logs_in_by_a_mailed_code(client):
    user = person(password=None, email="imported@example.org")
    user.set_unusable_password()
    user.save()
    EmailAddress.objects.update(verified=False)
    code = ask_for_code(client, "imported@example.org")
    assert not is_logged_in(client)
    client.post(reverse("account_confirm_login_code"), {"code": code})
    assert is_logged_in(client)
    assert EmailAddress.objects.get().verified


def test_a_code_ends_after_some_wrong_ones(client):
    person(email="ada@example.org")
    code = ask_for_code(client, "ada@example.org")
    confirm = reverse("account_confirm_login_code")
    for _ in range(3):
        client.post(confirm, {"code": "WRONG1"})
    client.post(confirm, {"code": code})
    assert not is_logged_in(client)


def test_a_closed_account_gets_in_by_no_code(client):
    person(email="ada@example.org", is_active=False)
    client.post(reverse("account_request_login_code"), {"email": "ada@example.org"})
    for message in mail.outbox:
        for code in CODE.findall(message.body):
            client.post(reverse("account_confirm_login_code"), {"code": code})
    assert not is_logged_in(client)


def test_log_in_codes_stand_in_no_row_but_the_signed_session_that_asked(client):
    """allauth keeps the code in the session of whoever asked, until it is used or too old."""
    person(email="ada@example.org")
    code = ask_for_code(client, "ada@example.org")
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            assert code not in repr(cursor.fetchall()), table
    holds = [code in repr(session.get_decoded()) for session in Session.objects.all()]
    assert holds == [True]
    client.post(reverse("account_confirm_login_code"), {"code": code})
    assert is_logged_in(client)
    assert not any(code in repr(session.get_decoded()) for session in Session.objects.all())


def test_a_forgotten_password_is_chosen_anew_once(client):
    person(email="ada@example.org")
    client.post(reverse("account_reset_password"), {"email": "ada@example.org"})
    (link,) = re.findall(r"https?://[^/\s]+(/accounts/password/reset/key/\S+)", mail.outbox[0].body)
    form = client.get(link)["Location"]
    new = "another-long-way-18"
    assert client.post(form, {"password1": new, "password2": new}).status_code == 302
    assert User.objects.get().check_password(new)
    used = Client().get(link)
    assert used.status_code in (200, 302)
    assert Client().post(form, {"password1": PASSWORD, "password2": PASSWORD}).status_code < 500
    assert User.objects.get().check_password(new)
    assert mail.outbox[-1].to == ["ada@example.org"]


def test_five_wrong_passwords_lock_the_account_out_for_a_while():
    person(email="ada@example.org")
    form = {"login": "ada@example.org", "password": "wrong"}
    for _ in range(10):
        Client().post(reverse("account_login"), form)
    client = Client()
    client.post(reverse("account_login"), form | {"password": PASSWORD})
    assert not is_logged_in(client)


def test_an_address_gets_few_code_mails_in_a_row():
    person(email="ada@example.org")
    url, form = reverse("account_request_login_code"), {"email": "ada@example.org"}
    answers = [Client().post(url, form) for _ in range(12)]
    assert 1 <= len(mail.outbox) <= 5
    assert answers[-1].status_code == 200
    assert answers[-1].context["form"].errors


def test_logging_out_takes_a_post(client):
    client.force_login(person())
    assert client.get(reverse("account_logout")).status_code == 200
    assert is_logged_in(client)
    client.post(reverse("account_logout"))
    assert not is_logged_in(client)


def test_a_session_is_a_new_one_after_logging_in(client):
    person(email="ada@example.org")
    client.get(reverse("account_login"))
    planted = uuid.uuid4().hex
    client.cookies["sessionid"] = planted
    client.post(reverse("account_login"), {"login": "ada@example.org", "password": PASSWORD})
    assert is_logged_in(client)
    assert client.cookies["sessionid"].value != planted


def test_who_wants_to_apply_is_told_why_and_gets_there_by_every_way(client):
    to = "/cohorts/abc/apply/mentee/"
    encoded = "%2Fcohorts%2Fabc%2Fapply%2Fmentee%2F"
    for name in ("account_login", "account_signup"):
        page = client.get(reverse(name), {"next": to}).content.decode()
        assert "To apply, make an account first" in page
        assert "To apply" not in client.get(reverse(name), {"next": "/profile/"}).content.decode()
        assert "To apply" not in client.get(reverse(name)).content.decode()
    log_in = client.get(reverse("account_login"), {"next": to}).content.decode()
    by_code = f"{reverse('account_request_login_code')}?next={encoded}"
    assert f'href="{by_code}"' in log_in
    asked = client.get(by_code).content.decode()
    assert f'name="next" value="{to}"' in asked
    assert f'href="{reverse("account_login")}?next={encoded}"' in asked


@pytest.mark.parametrize(
    "said, kept",
    [
        ("Europe/Kyiv", "Europe/Kyiv"),
        ("", "UTC"),
        ("Etc/Unknown", "UTC"),  # what some browsers say who do not know
        ("Mars/Olympus", "UTC"),
        ("x" * 300, "UTC"),
    ],
)
def test_a_zone_that_the_browser_says_is_kept_and_none_stops_a_sign_up(client, said, kept):
    assert sign_up(client, "ada@example.org", time_zone=said).status_code == 302
    assert User.objects.get().time_zone == kept
