"""Whatever a browser, a script or a scanner sends: an answer below 500, from every route.

The routes come from the URL resolver, so a new page is tried without anybody thinking of it;
one that needs a code this file does not know fails here until it is told.
"""

import logging
import os
import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.exceptions import NoReverseMatch

from feedback.models import Silence
from matching.actions import asks
from matching.models import Introduction, MatchingRun, MeetAndGreet, PlaceAsk
from mentorship.shared.base import clock
from programs import sources
from programs.actions import invitations
from programs.actions.invitations import Asked
from programs.models import Batch, Interview, Membership, RequiredText, SavedView
from tests.cast import Troupe
from tests.factories.imports import ImportJobFactory, brought, checked
from tests.factories.programs import (
    ApplicationFactory,
    AssignmentFactory,
    CohortFactory,
    MembershipFactory,
    ParticipantFactory,
)
from tests.factories.texts import MemberInvitationFactory, RequiredTextFactory
from tests.house.world import content_of

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
    "desk-decide": {
        "decision": "offered",
        "every": "1",
        "query": "role=mentee",
        "ticked": "x",
        "codes": "",
        "words": "",
        "until": "",
        "note": "",
        "step": "confirm",
    },
    "desk-view-save": {"name": "v", "query": "low=1"},
    "desk-waiting-move": {"direction": "up"},
    "desk-interview-plan": {
        "on": "2030-01-01",
        "at": "10:00",
        "minutes": "30",
        "place": "",
        "interviewer": "x",
    },
    "desk-interview-hold": {"outcome": "good", "notes": ""},
    "desk-review": {"action": "hand_in", "score_motivation": "3"},
    "desk-review-return": {"reason": "knows"},
    "desk-rubric": {"line-TOTAL_FORMS": "4", "line-INITIAL_FORMS": "4", "line-0-title": "x"},
    "desk-objective-measure": {"value": "5", "on": "2024-01-01"},
    "desk-application-decide": {"decision": "accepted", "note": ""},
    "checkin-answer": {"outcome": "held", "rating": "4", "notes": ""},
    "introduction-answer": {"answer": "no", "reason": "x"},
    "desk-introduction-withdraw": {"reason": "x"},
    "desk-match-end": {"kind": "no-fit", "side": "", "reason": "x"},
    "desk-match-extend": {"last_on": "2030-01-01", "reason": "x"},
    "desk-match-mentor": {"mentor": "x", "part": "co", "until_on": "", "reason": "x"},
    "desk-match-hand-over": {"old": "x", "new": "x", "reason": "x"},
    "desk-match-step-down": {"mentor": "x"},
    "desk-pair-new": {"mentee": "x", "mentor": "x", "reason": "x"},
    "silence-answer": {"answer": "help"},
    "checkin-move": {"on": "2030-01-01", "at": "10:00"},
    "application-edit": {"action": "next"},
    "application-new": {"action": "next"},
    "desk-invitations": {"role": "mentor", "people": "somebody@example.org"},
    "desk-form-add": {"question": "styles", "both": "1"},
    "desk-form-preview": {"told": "{}", "page": "1", "action": "next"},
    "desk-question-move": {"direction": "down"},
    "duty-invitation": {"answer": "yes"},
    "desk-gate": {"texts": "", "keys": "story"},
    "desk-member-invite": {"email": "somebody@example.org", "role": "reviewer"},
    "desk-member-change": {"role": "reviewer"},
}


def walk(patterns: list[Any], namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from walk(pattern.url_patterns, namespace + inner)
        elif pattern.name:
            yield namespace + pattern.name, pattern


ROUTES = sorted({name for name, _ in walk(get_resolver().url_patterns)})


def _text(here: Troupe) -> RequiredText:
    """The program's text, the same however often it is asked for."""
    return here.program.texts.first() or RequiredTextFactory(program=here.program)


def _silence(here: Troupe) -> Silence:
    """The question whether the pair is in touch, the same however often it is asked for."""
    return here.match.silences.first() or Silence.objects.create(
        match=here.match, asked_at=clock.now()
    )


def _shown(here: Troupe) -> MatchingRun:
    """The run of the cast as a draft that reviewers may read."""
    MatchingRun.objects.filter(pk=here.run.pk).update(shared_at=clock.now())
    return here.run


def codes(here: Troupe) -> dict[str, tuple[Any, ...]]:
    """Which rows the routes with a code are tried on."""
    mine = ApplicationFactory(cohort=here.next_cohort, applicant=here.mentee.user, status="draft")
    accepted = ApplicationFactory(
        cohort=here.cohort, applicant=here.mentor.user, role="mentor", status="accepted"
    )
    guest = invitations.invite(
        here.next_cohort,
        by=here.coordinator,
        role="mentee",
        people=[Asked(1, f"{mine.code}@example.org")],
    ).invitations[0]
    link = invitations.open_channel(here.next_cohort, by=here.coordinator, name=mine.code)
    cohort = (here.cohort.code,)
    lists = [
        made(ImportJobFactory(cohort=here.cohort, asked_by=here.coordinator), rows=3).code
        for made in (brought, checked)
    ]
    text = (_text(here).code,)
    observer = (Membership.objects.get(program=here.program, user=here.observer).code,)
    invited = MemberInvitationFactory(program=here.program, email=here.mentee.user.email)
    return {
        "text-detail": (RequiredText.objects.get(code=text[0]).versions.get().code,),
        "participation-detail": (here.mentee.code,),
        "participation-confirm": (here.mentee.code,),
        "duty-invitation": (invited.code,),
        **choosing_of(here),
        "desk-cohort-choice": cohort,
        "desk-texts": cohort,
        "desk-text-new": cohort,
        "desk-gate": cohort,
        "desk-text": text,
        "desk-text-edit": text,
        "desk-text-retire": text,
        "desk-participants-remind": cohort,
        "desk-participants-confirm": cohort,
        "desk-members": (here.program.code,),
        "desk-program-history": (here.program.code,),
        "desk-member-invite": (here.program.code,),
        "desk-member-uninvite": (invited.code,),
        "desk-member-change": observer,
        "desk-member-remove": observer,
        "program-detail": (here.program.code,),
        "program-look": (here.program.code,),
        "desk-look": (here.program.code,),
        "desk-preview": (here.cohort.code, "mentee", "match"),
        "application-new": (here.next_cohort.code, "mentor"),
        "application-detail": (mine.code,),
        "application-edit": (mine.code,),
        "application-copy": (here.next_cohort.code, "mentor"),
        "application-review": (mine.code,),
        "application-withdraw": (mine.code,),
        "offer-take": (mine.code,),
        "offer-turn-down": (mine.code,),
        "peer-suggest": (here.next_cohort.code,),
        "join": (sources.token_for(guest),),
        "join-stop": (sources.token_for(guest),),
        "channel": (link.code,),
        "desk-invitations": (here.next_cohort.code,),
        "desk-channel-new": (here.next_cohort.code,),
        "desk-invitation-withdraw": (guest.code,),
        "participation-pace": (here.mentee.code,),
        "match-detail": (here.match.code,),
        "match-leave": (here.match.code,),
        "participation-leave": (here.mentee.code,),
        "silence-answer": (_silence(here).code,),
        **dict.fromkeys(
            (
                "desk-match",
                "desk-match-end",
                "desk-match-extend",
                "desk-match-mentor",
                "desk-match-hand-over",
                "desk-match-step-down",
                "desk-match-again",
            ),
            (here.match.code,),
        ),
        "desk-pair-new": cohort,
        "checkin-detail": (here.checkin.code,),
        "checkin-answer": (here.past_checkin.code,),
        "checkin-move": (here.checkin.code,),
        "survey-answer": (here.invitation.code,),
        "desk-program": (here.program.code,),
        "desk-program-edit": (here.program.code,),
        "desk-program-archive": (here.program.code,),
        "desk-program-restore": (here.program.code,),
        "desk-objectives": (here.program.code,),
        "desk-objective-new": (here.program.code,),
        "desk-objective": (here.objective.code,),
        "desk-objective-measure": (here.objective.code,),
        "desk-objective-remove": (here.objective.code,),
        "desk-cohort-new": (here.program.code,),
        "desk-cohort-setup": (here.draft_cohort.code,),
        "desk-cohort-edit": cohort,
        "desk-readiness": (here.draft_cohort.code,),
        "desk-cohort-archive": cohort,
        "desk-cohort-restore": cohort,
        "desk-cohort": cohort,
        "desk-cohort-open": (here.draft_cohort.code,),
        "desk-applications": cohort,
        "desk-outbox": cohort,
        "desk-import": cohort,
        "desk-applications-export": cohort,
        "desk-drafts-export": cohort,
        "desk-reviews-export": cohort,
        "desk-invitations-export": cohort,
        "desk-outbox-export": cohort,
        "desk-history-export": cohort,
        "desk-decisions": cohort,
        "desk-introductions": cohort,
        "desk-introductions-export": cohort,
        **dict.fromkeys(
            ("introduction-detail", "introduction-answer", "desk-introduction-withdraw"),
            (_introduced(here).code,),
        ),
        "desk-decisions-export": cohort,
        "desk-import-export": cohort,
        "desk-participants-export": cohort,
        "desk-runs-export": cohort,
        "desk-matches-export": cohort,
        "desk-checkins-export": cohort,
        "desk-surveys-export": cohort,
        "desk-members-export": (here.program.code,),
        "desk-run-export": (here.run.code,),
        "desk-survey-export": (here.survey.code,),
        "desk-import-job": (lists[1],),
        "desk-import-columns": (lists[0],),
        "desk-import-confirm": (lists[1],),
        "desk-import-cancel": (lists[0],),
        "desk-history": cohort,
        "desk-participants": cohort,
        "desk-forms": cohort,
        "desk-form": (*cohort, "mentee"),
        "desk-form-add": (*cohort, "mentee"),
        "desk-form-preview": (*cohort, "mentee"),
        "desk-question-new": (*cohort, "mentee"),
        "desk-question": (*cohort, "mentee", "motivation"),
        "desk-question-move": (*cohort, "mentee", "motivation"),
        "desk-question-remove": (*cohort, "mentee", "motivation"),
        "desk-form-version": (here.cohort.mentee_questions.code,),
        "desk-runs": cohort,
        "desk-run-start": cohort,
        "desk-policy-import": cohort,
        "desk-pairs-import": cohort,
        "desk-pairs-template": cohort,
        **dict.fromkeys(("desk-draft", "desk-run-show", "desk-run-hide"), (_shown(here).code,)),
        "desk-survey-start": cohort,
        "desk-matches": cohort,
        "desk-surveys": cohort,
        "desk-survey": (here.survey.code,),
        "desk-run": (here.run.code,),
        "desk-run-audit": (here.run.code,),
        "desk-compare": cohort,
        "desk-run-publish": (here.run.code,),
        "desk-run-undo": (here.run.code,),
        "desk-meets": cohort,
        "desk-meet-new": cohort,
        **_meet(here),
        "desk-run-pairs": (here.run.code,),
        "desk-run-unmatched": (here.run.code,),
        "desk-pair": (here.run.code, here.mentee.code),
        "desk-pair-ask": (here.run.code, here.mentee.code),
        "desk-run-remedy": (here.run.code, here.mentee.code),
        "desk-what-if": (here.run.code, here.mentee.code, here.other_mentor.code),
        "desk-pair-allow": cohort,
        **dict.fromkeys(("place-ask", "place-answer"), (_place_ask(here).code,)),
        "desk-run-cancel": (here.run.code,),
        "desk-run-again": (here.run.code,),
        "desk-application": (here.application.code,),
        **review_desk(here),
        "desk-person": (here.mentee.code,),
        "desk-person-edit": (here.mentee.code,),
        "desk-person-account": (here.mentee.code,),
        "desk-answers-edit": (accepted.code,),
        "desk-application-decide": (here.application.code,),
        "mail-link": ("no-such-token",),
        "account_reset_password_from_key": ("1", "set-password"),
        "mfa_edit_webauthn": (1,),
        "mfa_remove_webauthn": (1,),
        "openid_connect_login": ("oidc",),
        "openid_connect_callback": ("oidc",),
        "desk-second-factor-reset": (here.coordinator.code,),
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


def _introduced(here: Troupe) -> Introduction:
    """Two who are to say yes or no."""
    now = clock.now()
    return Introduction.objects.create(
        cohort=here.cohort,
        mentor=here.mentor,
        mentee=here.mentee,
        made_at=now,
        answer_by=now + timedelta(days=7),
        holds_place=False,
    )


def _meet(here: Troupe) -> dict[str, tuple[str]]:
    """A meet-and-greet in preparation, and a meeting of one that is published."""
    now = clock.now()
    draft = MeetAndGreet.objects.create(cohort=here.cohort)
    told = MeetAndGreet.objects.create(
        cohort=here.cohort, status="published", published_at=now, published_by=here.coordinator
    )
    for one in (draft, told):
        one.slots.create(starts_at=now + timedelta(days=2))
    meeting = told.meetings.create(slot=told.slots.get(), mentee=here.mentee, mentor=here.mentor)
    pages = ("desk-meet", "desk-meet-change", "desk-meet-plan", "desk-meet-publish")
    return {
        **dict.fromkeys((*pages, "desk-meet-delete", "desk-meet-export"), (draft.code,)),
        "meeting-detail": (meeting.code,),
    }


def _place_ask(here: Troupe) -> PlaceAsk:
    """The mentor is asked for one more place."""
    return PlaceAsk.objects.create(mentor=here.mentor, asked_by=here.coordinator)


def choosing_of(here: Troupe) -> dict[str, tuple[Any, ...]]:
    """The mentee in a cohort where people rank each other, and in one where they ask."""
    mine = {}
    for choice in ("ranked", "open"):
        cohort = CohortFactory(program=here.program, stage="matching", choice=choice)
        mine[choice] = ParticipantFactory(cohort=cohort, user=here.mentee.user)
    mentor = ParticipantFactory(cohort=mine["open"].cohort, role="mentor")
    ask = asks.ask(mine["open"], mentor, by=here.mentee.user, message="Please")
    return {
        "choose": (mine["ranked"].code,),
        "choose-rank": (mine["ranked"].code,),
        "avoids": (here.mentee.code,),
        "avoid-change": (here.mentee.code,),
        "ask-new": (mine["open"].code,),
        "asks": (mine["open"].code,),
        "ask-take-back": (ask.code,),
    }


def review_desk(here: Troupe) -> dict[str, tuple[Any, ...]]:
    """The rows of the review desk; `everybody` has one application of their own to read."""
    cohort, application = (here.cohort.code,), (here.application.code,)
    given = ApplicationFactory(cohort=here.next_cohort)
    AssignmentFactory(application=given, reviewer=here.mentee.user)
    interview = Interview.objects.create(
        application=here.application,
        interviewer=here.coordinator,
        planned_at=clock.now() + timedelta(days=1),
    )
    batch = Batch.objects.create(
        cohort=here.cohort, decision="declined", by=here.coordinator, at=clock.now()
    )
    view = SavedView.objects.create(cohort=here.cohort, user=here.mentee.user, name="v")
    of_cohort = ("rubric", "reviewers", "supply", "drafts", "drafts-remind", "view-save")
    return {
        **{f"desk-{name}": cohort for name in of_cohort},
        "desk-decide": (here.next_cohort.code,),
        "desk-waiting": (here.cohort.code, "mentee"),
        "desk-waiting-order": (here.cohort.code, "mentee"),
        "desk-waiting-move": application,
        "desk-interview-plan": application,
        "desk-interview-hold": (interview.code,),
        "desk-interview-cancel": (interview.code,),
        "desk-batch-undo": (batch.code,),
        "desk-view-delete": (view.code,),
        "desk-review": (given.code,),
        "desk-review-return": (given.code,),
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
            answer = client.generic(method, url, **sent)
            content_of(answer)  # a file that is sent stays open until it has been read
            return answer.status_code
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
