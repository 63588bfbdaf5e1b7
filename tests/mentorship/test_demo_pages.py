"""The demo's own pages: they exist in the demo only, and let in as the cast only."""

import re

import pytest
from django.contrib.auth import SESSION_KEY
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import reverse

from mentorship.demo import cast, mail
from mentorship.demo.mail import FileBackend
from tests.factories.programs import MembershipFactory, ProgramFactory, UserFactory

pytestmark = pytest.mark.django_db
NO_MAIL = "20261122T100000-0123456789abcdef0123"


@pytest.fixture
def demo(settings, tmp_path):
    settings.DEMO = True
    settings.MAIL_DIR = tmp_path


@pytest.fixture
def program():
    return ProgramFactory()


@pytest.fixture
def troupe(program):
    """A coordinator, an observer, a mentee and the owner of the cast."""
    people = {part: UserFactory(name=part) for part in ("coordinator", "observer", "mentee")}
    for part in ("coordinator", "observer"):
        MembershipFactory(program=program, user=people[part], role=part)
    people["owner"] = UserFactory(name="owner", is_superuser=True)
    cast.note_seeded(
        program, by=people["coordinator"], scenario="matched", cohort_code="x", cast=people
    )
    return people


@pytest.fixture
def name(demo):
    """The name of a mail that was sent."""
    message = EmailMultiAlternatives(
        "How was <it>?",
        "Say it: https://mentorship.example.org/l/token/",
        to=["ada@example.org"],
        headers={"Message-ID": "<a@example.org>", "Date": "Sun, 22 Nov 2026 10:00:00 +0000"},
        connection=FileBackend(),
    )
    message.attach_alternative(
        '<html><head></head><body><a href="https://mentorship.example.org/l/token/">Say it</a>'
        "<script>alert(1)</script></body></html>",
        "text/html",
    )
    message.send()
    return mail.names()[0]


@pytest.mark.parametrize(
    "route, arguments",
    [
        ("demo", ()),
        ("demo-log-in", ("abc",)),
        ("outbox", ()),
        ("outbox-mail", (NO_MAIL,)),
        ("outbox-body", (NO_MAIL,)),
    ],
)
@pytest.mark.parametrize("method", ["get", "post", "put", "delete", "head", "options"])
def test_outside_the_demo_nothing_is_there(route, arguments, method, settings, troupe):
    assert settings.DEMO is False
    arguments = (troupe["mentee"].code,) if route == "demo-log-in" else arguments
    client = Client()
    assert getattr(client, method)(reverse(route, args=arguments)).status_code == 404
    assert SESSION_KEY not in client.session


@pytest.mark.parametrize(
    "route, arguments",
    [
        ("demo", ()),
        ("outbox", ()),
        ("outbox-mail", (NO_MAIL,)),
        ("outbox-body", (NO_MAIL,)),
    ],
)
def test_reading_pages_only_read(route, arguments, demo, client):
    assert client.post(reverse(route, args=arguments)).status_code == 405


def test_a_link_logs_nobody_in(demo, troupe, client):
    response = client.get(reverse("demo-log-in", args=[troupe["mentee"].code]))
    assert response.status_code == 405
    assert SESSION_KEY not in client.session


def test_the_cast_is_listed_in_the_order_of_its_parts(demo, troupe, client):
    listed = client.get(reverse("demo")).context["cast"]
    assert [(one["name"], one["code"]) for one in listed] == [
        (person.name, person.code)
        for person in (troupe[part] for part in ("coordinator", "mentee", "observer", "owner"))
    ]
    assert {"label", "name", "email", "role_text", "code"} <= listed[0].keys()


def test_without_a_seeding_there_is_no_cast(demo, client):
    assert client.get(reverse("demo")).context["cast"] == []


@pytest.mark.parametrize(
    "part, page",
    [
        ("coordinator", "admin:index"),
        ("observer", "admin:index"),
        ("owner", "admin:index"),
        ("mentee", "home"),
    ],
)
def test_a_visitor_becomes_a_member_of_the_cast(part, page, demo, troupe, client):
    response = client.post(reverse("demo-log-in", args=[troupe[part].code]))
    assert (response.status_code, response["Location"]) == (302, reverse(page))
    assert client.session[SESSION_KEY] == str(troupe[part].pk)


def test_nobody_outside_the_cast_can_be_entered(demo, troupe, client):
    stranger = UserFactory()
    for code in (stranger.code, "nobody"):
        assert client.post(reverse("demo-log-in", args=[code])).status_code == 404
    troupe["mentee"].is_active = False
    troupe["mentee"].save()
    assert client.post(reverse("demo-log-in", args=[troupe["mentee"].code])).status_code == 404
    assert SESSION_KEY not in client.session


def test_another_site_cannot_log_a_visitor_in(demo, troupe):
    client = Client(enforce_csrf_checks=True)
    response = client.post(reverse("demo-log-in", args=[troupe["coordinator"].code]))
    assert response.status_code == 403


def test_the_outbox_lists_what_was_mailed(name, client):
    page = client.get(reverse("outbox")).context["page_obj"]
    assert [set(one) for one in page] == [{"name", "to", "subject", "date"}]
    assert page[0]["subject"] == "How was <it>?"


def test_the_outbox_reads_only_the_files_of_its_page(name, tmp_path, client, monkeypatch):
    for number in range(60):
        (tmp_path / f"202611{number // 24 + 10}T{number % 24:02}0000-{number:020}.eml").write_text(
            "Subject: x\n\nx"
        )
    read = []
    real = mail._raw
    monkeypatch.setattr(mail, "_raw", lambda one: read.append(one) or real(one))
    for number, count in (("1", 25), ("3", 11), ("99", 11), ("x", 25)):
        read.clear()
        page = client.get(reverse("outbox"), {"page": number}).context["page_obj"]
        assert (len(page), len(read)) == (count, count)


def test_a_mail_is_shown_with_its_links_leading_here(name, client):
    response = client.get(reverse("outbox-mail", args=[name]))
    shown = response.context["mail"]
    assert shown.links == ["http://testserver/l/token/"]
    assert "How was &lt;it&gt;?" in response.content.decode()
    assert reverse("outbox-body", args=[name]) in response.content.decode()


def test_the_body_has_a_policy_of_its_own(name, client):
    response = client.get(reverse("outbox-body", args=[name]))
    assert response["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        "sandbox allow-popups allow-popups-to-escape-sandbox "
        "allow-top-navigation-by-user-activation; frame-ancestors 'self'"
    )
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    body = response.content.decode()
    assert '<head><base target="_top">' in body
    assert re.findall('href="([^"]+)"', body) == ["http://testserver/l/token/"]


@pytest.mark.parametrize("route", ["outbox-mail", "outbox-body"])
@pytest.mark.parametrize("wanted", [NO_MAIL, "secret_key", "..", "%2e%2e%2fsecret_key", "a.eml"])
def test_what_is_not_a_mail_is_not_found(route, wanted, name, client, tmp_path):
    (tmp_path.parent / "secret_key").write_text("secret")
    assert client.get(f"/outbox/{wanted}/").status_code == 404
    if ".." not in wanted:
        assert client.get(reverse(route, args=[wanted])).status_code == 404


def test_a_mail_without_html_has_no_body_page(demo, client):
    EmailMultiAlternatives(
        "x", "y", to=["ada@example.org"], headers={"Message-ID": "<b>"}, connection=FileBackend()
    ).send()
    assert client.get(reverse("outbox-mail", args=mail.names())).status_code == 200
    assert client.get(reverse("outbox-body", args=mail.names())).status_code == 404
