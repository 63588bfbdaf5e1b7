"""Whatever a browser, a script or a scanner sends: an answer below 500, from every route.

The routes come from the URL resolver, so a new page is tried without anybody thinking of it;
one that needs a code this file does not know fails here until it is told.
"""

import logging
import os
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.exceptions import NoReverseMatch

from programs.models import Membership
from tests.cast import Troupe
from tests.factories.programs import ApplicationFactory, MembershipFactory

FULL = bool(os.environ.get("FULL"))
FORM = "application/x-www-form-urlencoded"

BAD_VALUES = {
    "nul": "a\0b",
    "megabyte": "x" * 1_000_000,
    "not a number": "many",
    "negative": "-1",
    "huge number": "9" * 5_000,
    "64 bit": str(2**63),
    "float": "1e400",
    "first day": "0001-01-01",
    "last day": "9999-12-31",
    "time": "23:59:59.999999",
    "zone": "Mars/Olympus",
    "zone that climbs": "../../etc/passwd",
    "emoji": "🦩" * 300,
    "surrogate": "%ED%A0%80",
    "markup": "<script>alert(1)</script>{{ 7|add:7 }}%s%(a)s",
    "header": "x\r\nBcc: all@example.org",
    "deep json": "[" * 20_000,
    "not finite json": '{"points": NaN}',
    "nul in json": '"\\u0000"',
    "half a pair in json": '{"a": "\\ud800"}',
    "odd json": '{"criterion": [5, {"name": []}]}',
    "another odd json": '{"criterion": 5}',
    "list json": "[1]",
    "empty": "",
}

BAD_BODIES = {
    "broken utf-8": (b"note=%ff%fe&\xff\xfe=1&name=%C0%80", FORM),
    "utf-16": ("name=a".encode("utf-16"), f"{FORM}; charset=utf-16"),
    "no such charset": (b"name=a", f"{FORM}; charset=klingon"),
    "json": (b'{"name": ' + b"[" * 10_000, "application/json"),
    "xml": (b"<?xml version='1.0'?><a/>", "text/xml"),
    "no type": (b"name=a", ""),
    "no boundary": (b"--x", "multipart/form-data"),
    "cut multipart": (b"--x\r\nContent-Disposition: form-data", "multipart/form-data;boundary=x"),
    "nul in a multipart name": (
        b'--x\r\nContent-Disposition: form-data; name="na\0me"\r\n\r\na\0\r\n--x--\r\n',
        "multipart/form-data;boundary=x",
    ),
    "charset that is no text": (
        b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\na\r\n--x--\r\n',
        "multipart/form-data;boundary=x;charset=rot13",
    ),
    "too many fields": (b"&".join(b"f%d=1" % n for n in range(1_500)), FORM),
    "separators": (b"&&&==;;=&=", FORM),
}  # fmt: skip

BAD_HEADERS = {
    "referer": {"HTTP_REFERER": "http://[::1"},
    "language": {"HTTP_ACCEPT_LANGUAGE": "x" * 5_000 + ",\x00"},
    "session": {"HTTP_COOKIE": 'sessionid="\\000\\000\\000\\000\\000\\000\\000\\000"'},
    "mail link": {"HTTP_COOKIE": "mail-link=1:forged; messages=forged; csrftoken=é"},
    "forwarded": {"HTTP_X_FORWARDED_FOR": "not an address, \x00"},
}

# What a route of its own asks besides what its page shows.
EXTRA_FIELDS = {
    "desk-application-decide": {"decision": "accepted", "note": ""},
    "checkin-answer": {"outcome": "held", "rating": "4", "notes": ""},
    "checkin-move": {"on": "2030-01-01", "at": "10:00"},
    "application-edit": {"action": "submit"},
    "application-new": {"action": "submit"},
}


def walk(patterns: list[Any], namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from walk(pattern.url_patterns, namespace + inner)
        elif pattern.name:
            yield namespace + pattern.name, pattern


ROUTES = sorted({name for name, _ in walk(get_resolver().url_patterns)})


def codes(here: Troupe) -> dict[str, tuple[Any, ...]]:
    """Which rows the routes with a code are tried on."""
    mine = ApplicationFactory(cohort=here.next_cohort, applicant=here.mentee.user, status="draft")
    cohort = (here.cohort.code,)
    return {
        "program-detail": (here.program.code,),
        "application-new": (here.next_cohort.code, "mentor"),
        "application-detail": (mine.code,),
        "application-edit": (mine.code,),
        "application-withdraw": (mine.code,),
        "match-detail": (here.match.code,),
        "checkin-detail": (here.checkin.code,),
        "checkin-answer": (here.past_checkin.code,),
        "checkin-move": (here.checkin.code,),
        "survey-answer": (here.invitation.code,),
        "desk-cohort": cohort,
        "desk-cohort-open": (here.draft_cohort.code,),
        "desk-applications": cohort,
        "desk-outbox": cohort,
        "desk-history": cohort,
        "desk-participants": cohort,
        "desk-runs": cohort,
        "desk-run-start": cohort,
        "desk-survey-start": cohort,
        "desk-matches": cohort,
        "desk-surveys": cohort,
        "desk-survey": (here.survey.code,),
        "desk-run": (here.run.code,),
        "desk-run-publish": (here.run.code,),
        "desk-run-cancel": (here.run.code,),
        "desk-run-again": (here.run.code,),
        "desk-application": (here.application.code,),
        "desk-application-decide": (here.application.code,),
        "mail-link": ("no-such-token",),
        "account_reset_password_from_key": ("1", "set-password"),
        "demo-log-in": ("x",),
        "outbox-mail": ("x",),
        "outbox-body": ("x",),
        "admin:programs_program_change": (here.program.code,),
        "admin:programs_cohort_change": cohort,
        "admin:programs_membership_change": (
            Membership.objects.get(program=here.program, user=here.observer).code,
        ),
        "admin:programs_application_change": (here.application.code,),
        "admin:programs_participant_change": (here.mentee.code,),
        "admin:matching_matchingrun_change": (here.run.code,),
        "admin:matching_match_change": (here.match.code,),
        "admin:feedback_checkin_change": (here.checkin.code,),
        "admin:feedback_survey_change": (here.survey.code,),
        "admin:app_list": ("programs",),
    }


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Thousands of refused requests need not be told one by one."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def everybody(here: Troupe) -> Client:
    """One person who is mentee, coordinator and owner of the site: every door is open."""
    user = here.mentee.user
    user.is_superuser = True
    user.save()
    MembershipFactory(program=here.program, user=user)
    client = Client()
    client.force_login(user)
    return client


def url_of(name: str, known: dict[str, tuple[Any, ...]]) -> str:
    try:
        return reverse(name, args=known.get(name, ()))
    except NoReverseMatch:
        pytest.fail(f"tell tests/test_bad_requests.py which row to try {name} on")


def shown(client: Client, url: str) -> dict[str, str]:
    """The fields of the forms on a page, with the values they show."""
    contexts = client.get(url).context or []
    found: dict[str, str] = {}
    for context in contexts:
        for key in ("form", "move_form", "adminform"):
            form = context.get(key)
            form = getattr(form, "form", form)
            for field in getattr(form, "fields", {}):
                value = form[field].value()
                found[form.add_prefix(field)] = "" if value is None else str(value)
    return found


def outcome(client: Client, method: str, url: str, **sent: Any) -> int | str:
    """The status, or the error nobody caught; what it did is taken back."""
    with transaction.atomic():
        try:
            return client.generic(method, url, **sent).status_code
        except Exception as error:
            return f"{type(error).__name__}: {error}"[:200]
        finally:
            transaction.set_rollback(True)


def requests(name: str, url: str, fields: dict[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every bad request to a route, by a name that tells what is bad about it."""
    for label, (body, kind) in BAD_BODIES.items():
        yield label, {"method": "POST", "url": url, "data": body, "content_type": kind}
    for label, headers in BAD_HEADERS.items():
        for method in ("GET", "POST"):
            yield label, {"method": method, "url": url, **headers}
    for label in ("nul", "huge number", "negative", "header", "markup"):
        query = urlencode(
            dict.fromkeys(
                ("page", "p", "q", "status", "role", "next", "o", "id"), BAD_VALUES[label]
            )
        )
        yield f"query {label}", {"method": "GET", "url": f"{url}?{query}"}
    twice = [(field, value) for field in fields for value in (fields[field], "other")]
    yield "twice", {"method": "POST", "url": url, "data": urlencode(twice), "content_type": FORM}
    every = [(field, value) for field in fields for value in BAD_VALUES]
    chosen = every if FULL else random.Random(name).sample(every, min(len(every), 8))
    chosen += [(field, label) for field, label in every if field == "policy" and "json" in label]
    for field, label in chosen:
        data = urlencode(fields | {field: BAD_VALUES[label]})
        yield f"{field} {label}", {"method": "POST", "url": url, "data": data, "content_type": FORM}
    for label in sorted(BAD_VALUES.keys() - {"megabyte"}) if "any" not in fields else ("nul",):
        data = urlencode(dict.fromkeys(fields, BAD_VALUES[label]))
        yield f"all {label}", {"method": "POST", "url": url, "data": data, "content_type": FORM}


@pytest.mark.parametrize("name", ROUTES)
def test_a_bad_request_is_never_answered_with_an_error_of_ours(name, everybody, here):
    url = url_of(name, codes(here))
    fields = shown(everybody, url) | EXTRA_FIELDS.get(name, {})
    bad = {}
    for label, request in requests(name, url, fields or {"any": ""}):
        answer = outcome(everybody, **request)
        if isinstance(answer, str) or answer >= 500:
            bad[label] = answer
    assert bad == {}


@pytest.mark.parametrize("name", ROUTES)
def test_a_strangers_bad_request_is_never_answered_with_an_error_of_ours(name, here):
    url = url_of(name, codes(here))
    bad = {}
    for label, request in requests(name, url, shown(Client(), url) or {"any": ""}):
        answer = outcome(Client(), **request)
        if isinstance(answer, str) or answer >= 500:
            bad[label] = answer
    assert bad == {}


ODD_CODES = (
    "%00",
    "a%00b",
    "%FF%FE",
    "%ED%A0%80",
    "x" * 3_000,
    "..%2F..",
    "%0d%0aX:y",
    "%F0%9F%A6%A9",
)


@pytest.mark.parametrize("name", [n for n in ROUTES if n != "account_reset_password_from_key"])
def test_an_odd_address_is_answered_with_not_found(name, everybody, here):
    args = codes(here).get(name)
    if args is None:
        return
    stands = reverse(name, args=args)
    odd = {
        code: outcome(everybody, method, stands.replace(f"/{args[0]}/", f"/{code}/"))
        for code in ODD_CODES
        for method in ("GET",)
    }
    assert {code: a for code, a in odd.items() if a not in (400, 404, 405)} == {}


def test_the_net_has_no_hole(everybody):
    """The same way of looking notices an error that is planted."""

    class Broken:
        def __init__(self, get_response: Any) -> None:
            self.get_response = get_response

        def __call__(self, request: Any) -> Any:
            raise ZeroDivisionError

    handler = everybody.handler
    handler.load_middleware()
    handler._middleware_chain = Broken(None)
    assert outcome(everybody, "GET", "/") == "ZeroDivisionError: "


def test_a_sentence_finds_its_page_whatever_the_referer_says(everybody, here):
    """A kind refusal leads back to where the button was; a Referer that is no address, nowhere."""
    url = reverse("desk-run-publish", args=[here.run.code])
    # it placed nobody, so there is nothing to publish
    assert everybody.post(url, headers={"Referer": "http://[::1"}).status_code == 409
    away = everybody.post(url, headers={"Referer": "http://elsewhere.example/x"})
    assert away.status_code == 409
    back = everybody.post(url, headers={"Referer": "http://testserver//evil.example/x"})
    assert (back.status_code, back["Location"]) == (302, "/evil.example/x")
