"""Both troupes with everything a page could show, and everybody who could ask for it."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.client import ClientHandler
from django.urls import reverse

from feedback.models import Invitation, Response
from feedback.notifications import CheckInQuestion, SurveyInvitation
from matching.models import Suggestion
from mentorship.shared.audit.models import record
from mentorship.shared.notifications.models import OutboxMessage
from mentorship.shared.notifications.outbox import notify
from mentorship.shared.notifications.tokens import token_for
from programs.models import User
from programs.notifications import ApplicationReceived
from tests.cast import Troupe, troupe
from tests.factories.feedback import InvitationFactory
from tests.factories.programs import ApplicationFactory, UserFactory

HERE, ELSEWHERE = "heron", "walrus"

# Everybody who asks. Whoever is named "… elsewhere" belongs to the other program.
ACTORS = (
    "anonymous",
    "applicant",
    "mentor",
    "mentee",
    "other mentor",
    "other mentee",
    "coordinator",
    "reviewer",
    "observer",
    "coordinator elsewhere",
    "mentee elsewhere",
    "owner",
    "disabled",
    "check-in link",
    "later link",
    "survey link",
)
LINKS = ("check-in link", "later link", "survey link")


@dataclass
class Answer:
    """What came back, as far as the matrix cares."""

    status: int
    location: str
    text: str
    headers: str


class Browser(RequestFactory):
    """Asks the whole site, as the test client does, without its record of every template."""

    handler = ClientHandler(enforce_csrf_checks=False)

    def request(self, **request: Any) -> HttpResponse:
        return self.handler(self._base_environ(**request))


@dataclass
class World:
    here: Troupe
    elsewhere: Troupe
    browser: Browser = field(default_factory=Browser)
    cookies: dict[str, SimpleCookie] = field(default_factory=dict)
    # What the troupe does not name, by program: what stands in its address.
    things: dict[str, dict[str, str]] = field(default_factory=dict)

    def code(self, whose: str, thing: str) -> str:
        """What stands in an address for a thing of the program with this canary."""
        if thing in self.things[whose]:
            return self.things[whose][thing]
        return str(getattr(self.here if whose == HERE else self.elsewhere, thing).code)

    def ask(
        self,
        actor: str,
        method: str,
        address: str,
        data: dict[str, Any] | None = None,
        *,
        keep: bool = False,
    ) -> Answer:
        """One request, after which everything is as before unless `keep`."""
        cache.clear()  # allauth's limits would otherwise count the whole matrix as one visitor
        self.browser.cookies = SimpleCookie(self.cookies[actor].output(header="", sep=";"))
        with nullcontext() if keep else undone():
            if actor == "disabled":
                User.objects.filter(pk=self.here.mentee.user_id).update(is_active=False)
            body = urlencode(data or {}) if method == "POST" else ""
            response = self.browser.generic(
                method, address, body, "application/x-www-form-urlencoded"
            )
        return Answer(
            response.status_code,
            response.headers.get("Location", ""),
            response.content.decode(errors="replace"),
            "\n".join(f"{name}: {value}" for name, value in response.items())
            + response.cookies.output(),
        )


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside leaves no row."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def make_world() -> World:
    world = World(troupe(HERE), troupe(ELSEWHERE))
    for one in (world.here, world.elsewhere):
        _furnish(one)
        world.things[one.canary] = {
            "mail_token": _token(one, "survey link"),
            "membership": one.coordinator.memberships.get().code,
        }
    owner = UserFactory(name="Owner", email="owner@example.org", is_superuser=True)
    for actor in ACTORS:
        client = Client()
        if actor in LINKS:
            client.get(reverse("mail-link", args=[_token(world.here, actor)]))
        elif actor != "anonymous":
            client.force_login(_person(world, actor, owner))
        world.cookies[actor] = client.cookies
    # whoever was disabled has a session and an opened link left over
    world.cookies["disabled"].load(world.cookies["check-in link"].output(header="", sep=";"))
    return world


def _furnish(one: Troupe) -> None:
    """What the cast does not carry: answers, decisions, suggestions, mail, history."""
    answered = InvitationFactory(survey=one.survey, participant=one.other_mentee)
    Response.objects.create(
        invitation=answered, answers={"usefulness": 4, "comment": f"{one.canary} comment"}
    )
    Invitation.objects.filter(pk=answered.pk).update(answered_at=one.survey.opens_at)
    ApplicationFactory(cohort=one.cohort, applicant=one.other_mentee.user)
    one.application.note = f"{one.canary} verdict"
    one.application.save()
    reason = {
        "criterion": "skills",
        "kind": "overlap",
        "points": 10,
        "answered": True,
        "private": False,
        "shared": [f"{one.canary} craft"],
        "mentee": "",
        "mentor": "",
    }
    one.match.run, one.match.reasons = one.run, [reason]
    one.match.save()
    for mentor, mentee in (
        (one.mentor, one.mentee),
        (one.other_mentor, one.other_mentee),
    ):
        Suggestion.objects.create(
            run=one.run, mentor=mentor, mentee=mentee, score=10, reasons=[reason]
        )
    notify(ApplicationReceived(one.application), one.applicant, program=one.program)
    record(by=one.coordinator, verb="cohort.opened", subject=one.cohort, program=one.program)


def _token(one: Troupe, actor: str) -> str:
    notice = {
        "check-in link": CheckInQuestion(one.past_checkin),
        "later link": CheckInQuestion(one.checkin),
        "survey link": SurveyInvitation(one.invitation),
    }[actor]
    notify(notice, one.mentee.user, program=one.program)
    return token_for(
        OutboxMessage.objects.get(
            kind=notice.kind, subject_code=notice.subject.code, recipient=one.mentee.user
        )
    )


def _person(world: World, actor: str, owner: User) -> User:
    if actor == "owner":
        return owner
    if actor == "disabled":
        return world.here.mentee.user
    one = world.elsewhere if actor.endswith(" elsewhere") else world.here
    person = getattr(one, actor.removesuffix(" elsewhere").replace(" ", "_"))
    return person if isinstance(person, User) else person.user
