"""Every page of the site in every state worth a look, and a world in which they have content.

A view is an address that somebody gets 200 for: the file of permissions knows them all. A scene
is what only a few steps lead to, such as a refused form. Together they must name every route.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core import mail
from django.urls import reverse
from playwright.sync_api import Page as Window

from feedback.metrics.tasks import compute_figures
from feedback.models import CheckIn, Invitation, Survey
from matching.actions import matching_runs
from matching.models import MatchingRun
from matching.runs import carry_out
from mentorship.demo.cast import note_seeded
from mentorship.shared.base import clock
from mentorship.shared.notifications.outbox import notify
from mentorship.shared.notifications.registry import declared
from mentorship.shared.questions.kinds import Kind
from mentorship.shared.questions.models import Question, Questionnaire
from programs.models import Application, Role, User
from programs.questions import make_questionnaire, ready_made_for
from tests.browser.site import Site
from tests.cast import Troupe
from tests.factories.feedback import InvitationFactory, SurveyFactory, checkin_of
from tests.factories.matching import MatchingRunFactory, match_of
from tests.factories.programs import (
    ApplicationFactory,
    CohortFactory,
    ParticipantFactory,
    ProfileFactory,
    UserFactory,
)
from tests.house.matrix import pages, relation
from tests.house.routes import every_route
from tests.house.world import ACTORS, HERE, World, make_world

ROUTES = {route.name: route for route in every_route()}

# Routes that answer a GET with something else than a page of their own.
NO_PAGE = {
    "healthz": "one word for a machine",
    "readyz": "data for a machine",
    "admin:jsi18n": "a script",
    "mail-link": "leads to the page the mail is about",
    "admin:logout": "leads to the log-out of the portal",
    "account_set_password": "leads on: everybody has a password",
}


@dataclass(frozen=True, slots=True)
class View:
    """A page somebody gets by its address."""

    route: str
    object: str
    actor: str
    query: str = ""

    def __str__(self) -> str:
        return "-".join(filter(None, (self.route, self.object, self.actor, self.query)))

    def address(self, world: World) -> str:
        code = world.code(HERE, self.object) if self.object else ""
        return ROUTES[self.route].address(code) + self.query


# Who sees another page at the same address than the first who may see it.
ALSO = (
    View("home", "", "applicant"),
    View("home", "", "mentor"),
    View("home", "", "mentee"),
    View("home", "", "coordinator"),
    View("program-detail", "program", "anonymous"),
    View("checkin-detail", "past_checkin", "check-in link"),
    View("survey-answer", "invitation", "survey link"),
    View("admin:index", "", "reviewer"),
    View("admin:index", "", "owner"),
    View("desk-cohort", "cohort", "observer"),
    View("desk-cohort", "draft_cohort", "coordinator"),
    View("desk-cohort", "next_cohort", "coordinator"),
    View("desk-runs", "next_cohort", "coordinator"),
    View("desk-matches", "next_cohort", "coordinator"),
    View("desk-surveys", "next_cohort", "coordinator"),
    View("desk-applications", "next_cohort", "coordinator"),
    View("desk-applications", "next_cohort", "coordinator", "?status=submitted&role=mentee&page=2"),
    View("admin:programs_application_changelist", "", "coordinator", "?q=heron"),
)


def views() -> tuple[View, ...]:
    """One view for each page that the file of permissions lets somebody see, and some more."""
    found = dict.fromkeys(_permitted())
    return tuple(dict.fromkeys((*found, *ALSO)))


def _permitted() -> Iterator[View]:
    for page in pages():
        for actor in ACTORS:
            stands = relation(actor, HERE) if page.object else actor
            if page.name not in NO_PAGE and page.expects(actor, "GET", stands) == 200:
                yield View(page.name, page.object, actor)
                break


@dataclass(frozen=True, slots=True)
class Scene:
    """A page that a few steps lead to: one of `route`, with the words `says` on it."""

    name: str
    route: str
    actor: str
    says: str
    play: Callable[[Window, World], None]

    def __str__(self) -> str:
        return self.name


SCENES: list[Scene] = []
Play = Callable[[Window, World], None]


def scene(route: str, says: str, actor: str = "anonymous") -> Callable[[Play], Play]:
    def keep(play: Play) -> Play:
        SCENES.append(Scene(play.__name__, route, actor, says, play))
        return play

    return keep


def refused_routes() -> set[str]:
    """Routes that refuse a GET whoever asks: for buttons only, or for nobody."""
    answers: dict[str, set[int | str]] = {}
    for page in pages():
        for actor in ACTORS:
            stands = relation(actor, HERE) if page.object else actor
            answers.setdefault(page.name, set()).add(page.expects(actor, "GET", stands))
    return {name for name, got in answers.items() if got <= {403, 404, 405, "login"}}


# Tested under the demo's settings, by a test of their own.
DEMO_ROUTES = frozenset({"demo", "demo-log-in", "outbox", "outbox-mail", "outbox-body"})


# --- Scenes ---------------------------------------------------------------------------------------


def _send(window: Window, button: str) -> None:
    """Press a button of the page itself, whatever the browser thinks of the fields."""
    main = window.get_by_role("main")
    main.locator("form").evaluate_all("forms => forms.forEach(form => form.noValidate = true)")
    main.get_by_role("button", name=button, exact=True).first.click()


@scene("account_signup", "Enter a valid email address")
def sign_up_refused(window: Window, world: World) -> None:
    window.goto("/accounts/signup/")
    window.get_by_label("Email").fill("nobody")
    window.get_by_label("Password").first.fill("1234")
    _send(window, "Sign up")


@scene("account_login", "The email address and/or password you specified are not correct")
def log_in_refused(window: Window, world: World) -> None:
    window.goto("/accounts/login/")
    window.get_by_label("Email").fill("nobody@example.org")
    window.get_by_label("Password").fill("wrong")
    _send(window, "Log in")


@scene("account_email_verification_sent", "Incorrect code")
def code_after_sign_up(window: Window, world: World) -> None:
    window.goto("/accounts/signup/")
    window.get_by_label("Your name").fill("Newcomer")
    window.get_by_label("Email").fill("newcomer@example.org")
    window.get_by_label("Password").first.fill("a lamp by the window")
    window.get_by_label("Password (again)").fill("a lamp by the window")
    _send(window, "Sign up")
    window.get_by_label("Code").fill("WRONG")
    _send(window, "Continue")


@scene("account_confirm_login_code", "Enter the code from your mail")
def code_to_log_in(window: Window, world: World) -> None:
    window.goto("/accounts/login/code/")
    window.get_by_label("Email").fill(world.here.mentee.user.email)
    window.get_by_role("main").get_by_role("button").first.click()


@scene("account_reset_password_from_key", "Password (again)")
def new_password(window: Window, world: World) -> None:
    window.goto("/accounts/password/reset/")
    window.get_by_label("Email").fill(world.here.mentee.user.email)
    window.get_by_role("main").get_by_role("button").first.click()
    window.wait_for_url("**/done/")
    window.goto(re.search(r"http\S+/key/\S+", mail.outbox[-1].body)[0])


@scene("account_change_password", "This field is required", "mentee")
def password_refused(window: Window, world: World) -> None:
    window.goto("/accounts/password/change/")
    _send(window, "Change Password")


@scene("application-edit", "Please look at this again", "applicant")
def application_refused(window: Window, world: World) -> None:
    window.goto(reverse("application-edit", args=[world.here.application.code]))
    window.get_by_label("About motivation?").fill("")
    _send(window, "Send in")


@scene("application-new", "Please look at this again", "applicant")
def application_with_every_question(window: Window, world: World) -> None:
    code = _cohort_with_every_question(world).code
    window.goto(reverse("application-new", args=[code, Role.MENTEE]))
    _send(window, "Send in")


@scene("profile", "Please look at this again", "mentee")
def profile_refused(window: Window, world: World) -> None:
    window.goto("/profile/")
    window.get_by_label("Your name").fill("")
    _send(window, "Save")


@scene("profile", "Your profile is saved.", "mentee")
def profile_saved(window: Window, world: World) -> None:
    window.goto("/profile/")
    _send(window, "Save")


@scene("checkin-answer", "Please look at this again", "mentee")
def checkin_answer_refused(window: Window, world: World) -> None:
    window.goto(reverse("checkin-detail", args=[world.here.past_checkin.code]))
    _send(window, "Send")


@scene("checkin-move", "This time is over.", "mentee")
def checkin_move_refused(window: Window, world: World) -> None:
    window.goto(reverse("checkin-detail", args=[world.here.checkin.code]))
    window.get_by_label("Day").fill("2020-01-01")
    _send(window, "Move")


@scene("checkin-move", "Please look at this again", "mentee")
def checkin_move_without_a_day(window: Window, world: World) -> None:
    window.goto(reverse("checkin-detail", args=[world.here.checkin.code]))
    window.get_by_label("Day").fill("")
    _send(window, "Move")


@scene("checkin-detail", "It does not take place.", "mentor")
def checkin_cancelled(window: Window, world: World) -> None:
    cancelled = CheckIn.objects.get(match=world.here.match, status=CheckIn.Status.CANCELLED)
    window.goto(reverse("checkin-detail", args=[cancelled.code]))


@scene("checkin-detail", "Change the answer", "mentor")
def checkin_answered(window: Window, world: World) -> None:
    held = CheckIn.objects.get(match=world.here.match, status=CheckIn.Status.HELD)
    window.goto(reverse("checkin-detail", args=[held.code]))


@scene("survey-answer", "Please look at this again", "mentee")
def survey_with_every_kind_of_question(window: Window, world: World) -> None:
    survey = Survey.objects.get(title__startswith="Every kind")
    invitation = Invitation.objects.get(survey=survey, participant=world.here.mentee)
    window.goto(reverse("survey-answer", args=[invitation.code]))
    _send(window, "Send your answers")


@scene("survey-answer", "Thank you", "other mentee")
def survey_answered(window: Window, world: World) -> None:
    invitation = Invitation.objects.get(
        survey=world.here.survey, participant=world.here.other_mentee
    )
    window.goto(reverse("survey-answer", args=[invitation.code]))


@scene("survey-answer", "This survey takes no answers at the moment.", "mentee")
def survey_closed(window: Window, world: World) -> None:
    closed = Survey.objects.get(title="Closed")
    window.goto(reverse("survey-answer", args=[closed.invitations.get().code]))


@scene("desk-application-decide", "Please look at this again", "coordinator")
def decision_refused(window: Window, world: World) -> None:
    window.goto(reverse("desk-application", args=[world.here.application.code]))
    note = window.get_by_label("Note")
    note.evaluate("note => note.removeAttribute('maxlength')")
    note.fill("x" * 2001)
    _send(window, "Accept")


@scene("admin:programs_cohort_add", "Please correct the errors below.", "coordinator")
def cohort_refused(window: Window, world: World) -> None:
    window.goto(reverse("admin:programs_cohort_add"))
    main = window.locator("main")
    main.locator("form").evaluate_all("forms => forms.forEach(form => form.noValidate = true)")
    main.locator("[name=_save]").click()


@scene("admin:login", "This is not open to you", "mentee")
def not_for_you(window: Window, world: World) -> None:
    window.goto("/admin/")


@scene("admin/(?P<url>.*)$", "There is no such page", "coordinator")
def not_there(window: Window, world: World) -> None:
    window.goto("/admin/nothing/")


@scene("program-detail", "There is no such page")
def not_there_either(window: Window, world: World) -> None:
    window.goto(reverse("program-detail", args=["2222222222222b"]))


@scene("application-new", "This is not possible now", "mentee")
def not_possible_now(window: Window, world: World) -> None:
    window.goto(reverse("application-new", args=[world.here.cohort.code, Role.MENTEE]))


@scene("mail-link", "This link is not complete")
def link_not_complete(window: Window, world: World) -> None:
    window.goto(reverse("mail-link", args=["broken"]))


@scene("home", "Please send the form again")
def form_too_old(window: Window, world: World) -> None:
    window.goto("/accounts/login/")
    window.context.clear_cookies()
    _send(window, "Log in")


def _to_run(window: Window, world: World, **known: Any) -> None:
    run = MatchingRun.objects.filter(cohort=world.here.cohort, **known).latest("pk")
    window.goto(reverse("desk-run", args=[run.code]))


@scene("desk-run", "The run is at work", "coordinator")
def run_at_work(window: Window, world: World) -> None:
    _to_run(window, world, status=MatchingRun.Status.QUEUED)


@scene("desk-run", "Comparing every mentee with every mentor", "coordinator")
def run_half_way(window: Window, world: World) -> None:
    _to_run(window, world, status=MatchingRun.Status.RUNNING)


@scene("desk-run", "The run was cancelled", "coordinator")
def run_cancelled(window: Window, world: World) -> None:
    _to_run(window, world, status=MatchingRun.Status.CANCELLED)


@scene("desk-run", "The run did not finish", "coordinator")
def run_failed(window: Window, world: World) -> None:
    _to_run(window, world, status=MatchingRun.Status.FAILED)


@scene("desk-run", "2 of 3 mentees have a match", "coordinator")
def run_with_some_left_over(window: Window, world: World) -> None:
    _to_run(window, world, status=MatchingRun.Status.DONE, matched=2)


# --- The world ------------------------------------------------------------------------------------

_LONG = "Maximiliane-Theodora von und zu Hohenstaufen-Wittgenstein"
_KINDS = {
    Kind.SHORT_TEXT: {},
    Kind.LONG_TEXT: {},
    Kind.NUMBER: {"minimum": 1, "maximum": 5},
    Kind.YES_NO: {},
    Kind.ONE_OF: {"choices": ["Very well", "Well", "Not well"]},
    Kind.SEVERAL_OF: {"choices": ["Reading", "Pairing", "Talking"]},
    Kind.ITEMS: {},
    Kind.SCALE: {},
    Kind.ZONE: {},
}


def furnished_world(site: Site) -> World:
    """Everybody of tests/house, and enough of everything to fill lists, charts and mails."""
    world = make_world()
    here = world.here
    _crowd(here)
    _meetings(here)
    _surveys(here)
    _matchings(here)
    compute_figures()
    note_seeded(
        here.program,
        by=here.coordinator,
        scenario="mid-program",
        cohort_code=here.cohort.code,
        cast={"coordinator": here.coordinator, "mentee": here.mentee.user},
    )
    return world


def mail_of_every_kind(here: Troupe) -> None:
    """Queue a mail of each kind to somebody for whom it makes sense at this moment."""
    decided = Application.objects.filter(cohort=here.next_cohort)
    done = MatchingRun.objects.filter(cohort=here.cohort, status=MatchingRun.Status.DONE)
    subjects: list[tuple[Any, User]] = [
        *((one, one.applicant) for one in decided),
        *((run, here.coordinator) for run in done),
        (here.match, here.mentee.user),
        (here.checkin, here.mentee.user),
        (here.past_checkin, here.mentor.user),
        (here.invitation, here.mentee.user),
    ]
    for notice in declared():
        subject, person = next(
            (subject, person)
            for subject, person in subjects
            if isinstance(subject, notice.subject_model) and not notice(subject).not_needed(person)
        )
        notify(notice(subject), person, program=here.program)


def _crowd(here: Troupe) -> None:
    """More applications than a page of the list holds, in every status."""
    statuses = [status for status, _ in Application.Status.choices]
    for number in range(40):
        person = UserFactory(
            name=f"{_LONG} {number}",
            email=f"{'a-very-long-address' * 2}.{number}@{'department.' * 3}example.org",
        )
        ApplicationFactory(
            cohort=here.next_cohort,
            applicant=person,
            role=("mentor", "mentee")[number % 2],
            status=statuses[number % len(statuses)],
            answers={"motivation": "Word " * 120 + "x" * 90},
        )


def _meetings(here: Troupe) -> None:
    """Six more pairs that met, so that the figures and their course are shown."""
    checkin_of(
        here.match,
        days=-9,
        number=3,
        status=CheckIn.Status.HELD,
        rating=4,
        answered_at=clock.now(),
        answered_by=here.mentor.user,
    )
    checkin_of(here.match, days=9, number=4, status=CheckIn.Status.CANCELLED)
    for number in range(6):
        pair = [
            ParticipantFactory(
                cohort=here.cohort,
                role=role,
                user=UserFactory(name=f"{_LONG} {role} {number}"),
                facts={"skills_offered": ["x" * 80]},
            )
            for role in ("mentor", "mentee")
        ]
        match = match_of(*pair)
        for days in (-16, -9, -2):
            held = (number + days) % 4 > 0
            checkin_of(
                match,
                days=days,
                number=-days,
                status=CheckIn.Status.HELD if held else CheckIn.Status.MISSED,
                rating=3 if held else None,
            )


def _surveys(here: Troupe) -> None:
    every_kind = Questionnaire.objects.create(title="Every kind")
    for position, (kind, fields) in enumerate(_KINDS.items()):
        Question.objects.create(
            questionnaire=every_kind,
            position=position,
            key=kind.value,
            kind=kind,
            label=f"{kind.label}? {'A long question. ' * 4}",
            help="A word of help.",
            required=True,
            **fields,
        )
    survey = SurveyFactory(
        cohort=here.cohort, title="Every kind of question", questionnaire=every_kind
    )
    InvitationFactory(survey=survey, participant=here.mentee)
    closed = SurveyFactory(
        cohort=here.cohort,
        title="Closed",
        opens_at=clock.now() - timedelta(days=9),
        closes_at=clock.now() - timedelta(days=2),
    )
    InvitationFactory(survey=closed, participant=here.mentee)


def _matchings(here: Troupe) -> None:
    """Runs in every state; three mentees wait, and two places are free."""
    ProfileFactory(user=ParticipantFactory(cohort=here.cohort, role="mentor", capacity=2).user)
    for number in range(3):
        ParticipantFactory(
            cohort=here.cohort, role="mentee", user=UserFactory(name=f"{_LONG} {number}")
        )
    carry_out(matching_runs.start(here.cohort, by=here.coordinator).pk)
    MatchingRunFactory(cohort=here.cohort)
    MatchingRunFactory(
        cohort=here.cohort,
        status=MatchingRun.Status.RUNNING,
        step="scores",
        share=0.42,
        attempts=2,
    )
    MatchingRunFactory(cohort=here.cohort, status=MatchingRun.Status.CANCELLED)
    MatchingRunFactory(
        cohort=here.cohort, status=MatchingRun.Status.FAILED, failure="No policy fits."
    )


def _cohort_with_every_question(world: World) -> Any:
    made = world.here.program.cohorts.filter(name="Every question").first()
    return made or CohortFactory(
        program=world.here.program,
        name="Every question",
        **{
            f"{role.value}_questions": make_questionnaire(
                "Every question", [question.key for question in ready_made_for(role)], role
            )
            for role in Role
        },
    )
