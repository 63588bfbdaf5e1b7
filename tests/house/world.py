"""Both troupes with everything a page could show, and everybody who could ask for it."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.client import ClientHandler
from django.urls import reverse

from feedback.models import Invitation, Response, Silence
from feedback.notifications import CheckInQuestion, SurveyInvitation
from matching.actions import asks
from matching.actions import decisions as decided
from matching.models import (
    Avoid,
    Inquiry,
    Introduction,
    Match,
    MeetAndGreet,
    MeetingSlot,
    Place,
    PlaceAsk,
    Preference,
    RunComment,
    Seat,
    Suggestion,
    Unmatched,
)
from matching.notifications import IntroductionMade
from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.notifications.models import OutboxMessage
from mentorship.shared.notifications.outbox import notify
from mentorship.shared.notifications.tokens import token_for
from programs import sources
from programs.actions import invitations, memberships, texts
from programs.actions.invitations import Asked
from programs.models import Batch, Interview, Participant, SavedView, User
from programs.notifications import ApplicationReceived, GateReminder
from tests.cast import Troupe, troupe
from tests.factories.feedback import InvitationFactory
from tests.factories.imports import ImportJobFactory, brought, checked
from tests.factories.matching import MatchingRunFactory
from tests.factories.programs import (
    ApplicationFactory,
    CohortFactory,
    ParticipantFactory,
    UserFactory,
)
from tests.factories.texts import GateItemFactory, RequiredTextFactory

HERE, ELSEWHERE = "heron", "walrus"

# Everybody who asks. Whoever is named "… elsewhere" belongs to the other program.
ACTORS = (
    "anonymous",
    "applicant",
    "other applicant",
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
    "introduction link",
)
LINKS = ("check-in link", "later link", "survey link", "introduction link")


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
            content_of(response).decode(errors="replace"),
            "\n".join(f"{name}: {value}" for name, value in response.items())
            + response.cookies.output(),
        )


def content_of(response: HttpResponse) -> bytes:
    """The whole of an answer, of a file too."""
    return b"".join(response.streaming_content) if response.streaming else response.content


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside leaves no row."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def make_world() -> World:
    world = World(troupe(HERE), troupe(ELSEWHERE))
    for one in (world.here, world.elsewhere):
        furnish(one)
        world.things[one.canary] = {
            "mail_token": _token(one, "survey link"),
            "form": one.cohort.mentee_questions.code,
            "membership": one.coordinator.memberships.get().code,
            "late_application": one.cohort.applications.get(applicant=one.other_mentee.user).code,
            "observer_membership": one.observer.memberships.get().code,
            **_brought(one),
            **_before_matching(one),
            **_applying(one),
            **_review(one),
            **_along_the_way(one),
            "introduction": _introduction(one).code,
            **_choosing(one),
            **_meeting(one),
            **_desk(one),
            **_drafts(one),
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


def furnish(one: Troupe) -> None:
    """What the cast does not carry: answers, decisions, suggestions, mail, history."""
    answered = InvitationFactory(survey=one.survey, participant=one.other_mentee)
    Response.objects.create(
        invitation=answered, answers={"usefulness": 4, "comment": f"{one.canary} comment"}
    )
    Invitation.objects.filter(pk=answered.pk).update(answered_at=one.survey.opens_at)
    ApplicationFactory(cohort=one.cohort, applicant=one.other_mentee.user)
    CohortFactory(program=one.program, name=f"{one.canary} running", archived_at=clock.now())
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
    _introduced(one)
    record(by=one.mentee.user, verb="wishes.changed", subject=one.mentee, program=one.program)
    met = one.cohort.introductions.first()
    record(by=one.mentee.user, verb="introduction.accepted", subject=met, program=one.program)
    decided.note(
        one.cohort,
        by=one.coordinator,
        kind="pair.forbidden",
        facts={"mentee": one.mentee.code, "mentor": one.other_mentor.code},
        reason=f"{one.canary} reason of a decision",
        about=[one.mentee.user, one.other_mentor.user],
    )
    _meet(one)
    notify(ApplicationReceived(one.application), one.applicant, program=one.program)
    record(by=one.coordinator, verb="cohort.opened", subject=one.cohort, program=one.program)


def _review(one: Troupe) -> dict[str, str]:
    """A talk with the applicant, a decision that can no longer be undone, a view that was kept."""
    interview = Interview.objects.create(
        application=one.application,
        interviewer=one.coordinator,
        planned_at=clock.now() + timedelta(days=1),
        place=f"{one.canary} room",
    )
    batch = Batch.objects.create(
        cohort=one.cohort,
        decision="declined",
        by=one.coordinator,
        at=clock.now() - timedelta(days=1),
    )
    for status, name in (("waitlisted", "waiting"), ("draft", "beginner")):
        ApplicationFactory(
            cohort=one.cohort,
            applicant=UserFactory(name=f"{one.canary} {name}"),
            status=status,
            answers={"motivation": f"{one.canary} unsent" if status == "draft" else ""},
        )
    view = SavedView.objects.create(
        cohort=one.cohort, user=one.coordinator, name=f"{one.canary} view", query="role=mentor"
    )
    return {"interview": interview.code, "batch": batch.code, "saved_view": view.code}


def _along_the_way(one: Troupe) -> dict[str, str]:
    """A match that ended with a reason, and a pair of whom nothing was heard."""
    now = clock.now()
    seat = Seat.objects.create(participant=one.other_mentor, number=9)
    ended = Match.objects.create(
        cohort=one.cohort,
        introduced_at=now,
        status=Match.Status.ENDED,
        ended_at=now,
        ended_by=one.coordinator,
        ended_side="mentor",
        end_kind="no-fit",
        end_reason=f"{one.canary} farewell",
    )
    times = {"match": ended, "from_at": now, "until_at": now}
    Place.objects.create(
        participant=one.other_mentor,
        role="mentor",
        seat=seat,
        left_reason=f"{one.canary} parting",
        **times,
    )
    Place.objects.create(participant=one.other_mentee, role="mentee", **times)
    silence = Silence.objects.create(match=one.match, asked_at=now)
    return {"ended_match": ended.code, "silence": silence.code}


def _before_matching(one: Troupe) -> dict[str, str]:
    """A text that the cohort asks for and one has read, a reminder, and a duty to take."""
    text = RequiredTextFactory(
        program=one.program, title=f"{one.canary} rules", body=f"{one.canary} rules in full"
    )
    GateItemFactory(cohort=one.cohort, text=text)
    GateItemFactory(cohort=one.cohort, key="interests")
    texts.agree(text.versions.get(), by=one.mentee.user)
    notify(GateReminder(one.mentee), one.mentee.user, program=one.program)
    invitation = memberships.invite(
        one.program, email=one.applicant.email, role="reviewer", by=one.coordinator
    )
    return {
        "text": text.code,
        "text_version": text.versions.get().code,
        "member_invitation": invitation.code,
    }


def _applying(one: Troupe) -> dict[str, str]:
    """Somebody invited, a public link, a draft, and a place that is offered."""
    guest = Asked(1, f"guest.{one.canary}@example.org", f"{one.canary} guest")
    (invited,) = invitations.invite(
        one.next_cohort, by=one.coordinator, role="mentee", people=[guest]
    ).invitations
    link = invitations.open_channel(one.next_cohort, by=one.coordinator, name=f"{one.canary} radio")
    draft = ApplicationFactory(
        cohort=one.next_cohort, applicant=one.applicant, role="mentor", status="draft"
    )
    offer = ApplicationFactory(
        cohort=one.cohort,
        applicant=one.applicant,
        status="offered",
        offer_until=clock.now() + timedelta(days=3),
        decided_at=clock.now(),
        decided_by=one.coordinator,
    )
    return {
        "personal_invitation": invited.code,
        "invitation_token": sources.token_for(invited),
        "channel": link.code,
        "draft": draft.code,
        "offer": offer.code,
    }


def _introduced(one: Troupe) -> None:
    """Two who are to answer, and two of whom one said no and why."""
    now = clock.now()
    asked = {"cohort": one.cohort, "run": one.run, "made_at": now, "reasons": one.match.reasons}
    Introduction.objects.create(
        mentor=one.mentor,
        mentee=one.mentee,
        answer_by=now + timedelta(days=7),
        holds_place=False,
        **asked,
    )
    Introduction.objects.create(
        mentor=one.other_mentor,
        mentee=one.other_mentee,
        answer_by=now,
        status="declined",
        closed_at=now,
        mentor_answer="no",
        mentor_answered_at=now,
        decline_reason=f"{one.canary} refusal",
        **asked,
    )


def _introduction(one: Troupe) -> Introduction:
    return Introduction.objects.open().proposed().get(mentee=one.mentee)


def _choosing(one: Troupe) -> dict[str, str]:
    """A cohort where people rank each other, and one where the mentee asks the mentor."""
    told: dict[str, str] = {}
    for choice, name in (("ranked", "round"), ("open", "turn")):
        cohort = CohortFactory(
            program=one.program,
            stage="matching",
            name=f"{one.canary} {name}",
            choice=choice,
        )
        mentor, mentee = (
            ParticipantFactory(cohort=cohort, user=person.user, role=person.role)
            for person in (one.mentor, one.mentee)
        )
        told |= {f"{choice}_mentor": mentor.code, f"{choice}_mentee": mentee.code}
        if choice == "ranked":
            Preference.objects.create(participant=mentee, other=mentor, rank=1)
        else:
            ask = asks.ask(mentee, mentor, by=mentee.user, message=f"{one.canary} plea")
            told["ask"] = ask.code
    Avoid.objects.create(participant=one.mentee, other=one.other_mentor)
    return told


def _meet(one: Troupe) -> None:
    """Two who are to meet, and a meet-and-greet that is still being prepared."""
    now = clock.now()
    told, draft = (
        MeetAndGreet.objects.create(cohort=one.cohort, made_by=one.coordinator, **fields)
        for fields in (
            {
                "status": MeetAndGreet.Status.PUBLISHED,
                "published_at": now,
                "published_by": one.coordinator,
                "place": f"{one.canary} room",
                "figures": {
                    **{"meetings": 1, "mentees": 2, "mentors": 1, "idle": []},
                    "met": {"mentees": [[1, 1]], "mentors": [[1, 1]]},
                    "unmet": [one.other_mentee.code],
                    "goals": [[1, 1, 1], [0, 9, 9]],
                },
            },
            {},
        )
    )
    slots = [
        MeetingSlot.objects.create(round=round, starts_at=now + timedelta(days=2))
        for round in (told, draft)
    ]
    told.meetings.create(slot=slots[0], mentee=one.mentee, mentor=one.mentor, score=9)


def _meeting(one: Troupe) -> dict[str, str]:
    """What names them in an address."""
    rounds = {round.status: round for round in one.cohort.meet_and_greets.all()}
    told = rounds["published"]
    return {
        "meet": told.code,
        "draft_meet": rounds["draft"].code,
        "meeting": told.meetings.get().code,
    }


def _drafts(one: Troupe) -> dict[str, str]:
    """A draft that the program's reviewers may read, and what a coordinator said of it."""
    draft = MatchingRunFactory(
        cohort=one.cohort,
        status="done",
        mentees=1,
        mentors=1,
        seats=1,
        matched=1,
        matched_bound=1,
        shared_at=clock.now(),
    )
    Suggestion.objects.create(
        run=draft,
        mentor=one.other_mentor,
        mentee=one.other_mentee,
        score=10,
        reasons=one.match.reasons,
    )
    RunComment.objects.create(run=draft, by=one.coordinator, text=f"{one.canary} counsel")
    return {"shown_draft": draft.code}


def left_over(one: Troupe, mentee: Participant) -> None:
    """Somebody without a match in the run, and the engine's answer why."""
    Unmatched.objects.create(run=one.run, mentee=mentee)
    remedy = {"kind": "must", "mentor": "", "criterion": "skills", "hours": 0}
    Inquiry.objects.create(
        run=one.run,
        kind=Inquiry.Kind.WHY_UNMATCHED,
        mentee=mentee,
        key=Inquiry.key_of(one.run, Inquiry.Kind.WHY_UNMATCHED, mentee, None),
        status=Inquiry.Status.ANSWERED,
        answered_at=clock.now(),
        answer={
            **{"kind": "none-fits", "mentors": 1, "fitting": 0, "musts": []},
            "changes": [remedy | {"partner": one.mentor.code, "points": 5}],
        },
    )


def _desk(one: Troupe) -> dict[str, str]:
    """What the pages of a run speak of, an answer of the engine, and a mentor who is asked."""
    left_over(one, one.mentee)
    asked = PlaceAsk.objects.create(mentor=one.mentor, asked_by=one.coordinator)
    pair = f"{one.run.code} {one.mentee.code}"
    return {
        "pair": pair,
        "what_if": f"{pair} {one.other_mentor.code}",
        "place_ask": asked.code,
    }


def _brought(one: Troupe) -> dict[str, str]:
    """A list whose columns are to be chosen, and one that is checked."""
    asked = {"cohort": one.cohort, "asked_by": one.coordinator}
    return {
        "import": brought(ImportJobFactory(**asked), one.canary).code,
        "checked_import": checked(ImportJobFactory(**asked), one.canary).code,
    }


def _token(one: Troupe, actor: str) -> str:
    notice = {
        "check-in link": CheckInQuestion(one.past_checkin),
        "later link": CheckInQuestion(one.checkin),
        "survey link": SurveyInvitation(one.invitation),
    }.get(actor) or IntroductionMade(_introduction(one))
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
