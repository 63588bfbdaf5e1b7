"""Every page of the site in every state worth a look, and a world in which they have content.

A view is an address that somebody gets 200 for: the file of permissions knows them all. A scene
is what only a few steps lead to, such as a refused form. Together they must name every route.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.db.models import Max
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page as Window

from feedback.metrics.tasks import compute_figures
from feedback.models import CheckIn, Invitation, Silence, Survey
from matching.actions import matching_runs
from matching.models import Introduction, Match, MatchingRun, Meeting
from matching.runs import carry_out
from mentorship.demo.cast import note_seeded
from mentorship.shared.base import clock
from mentorship.shared.notifications.outbox import notify
from mentorship.shared.notifications.registry import declared
from mentorship.shared.questions.kinds import Kind
from mentorship.shared.questions.models import Question, Questionnaire
from programs.actions import about_me, corrections, pauses, people, texts
from programs.models import (
    Application,
    Assignment,
    Cohort,
    Correction,
    ImportJob,
    Interview,
    Participant,
    Profile,
    Role,
    SavedView,
    User,
)
from programs.questions import make_questionnaire, ready_made_for
from tests.browser.site import Site
from tests.cast import Troupe
from tests.factories.feedback import InvitationFactory, SurveyFactory, checkin_of
from tests.factories.imports import ImportJobFactory, checked
from tests.factories.matching import MatchingRunFactory, match_of
from tests.factories.programs import (
    ApplicationFactory,
    CohortFactory,
    ParticipantFactory,
    ProfileFactory,
    QuestionnaireFactory,
    ReviewFactory,
    UserFactory,
)
from tests.factories.second_factors import SECRET, code_of_app
from tests.house.matrix import pages, relation
from tests.house.routes import every_route
from tests.house.world import ACTORS, HERE, World, make_world

ROUTES = {route.name: route for route in every_route()}

# Routes that answer a GET with something else than a page of their own.
NO_PAGE = {
    "healthz": "one word for a machine",
    "readyz": "data for a machine",
    "admin:jsi18n": "a script",
    "program-look": "a stylesheet",
    "mail-link": "leads to the page the mail is about",
    "join": "leads to the program's page",
    "channel": "leads to the program's page",
    "my-data-file": "a file",
    "desk-pairs-template": "a file",
    "admin:logout": "leads to the log-out of the portal",
    "account_set_password": "leads on: everybody has a password",
    "mfa_login_webauthn": "a riddle for a script",
    "socialaccount_signup": "only with an answer from elsewhere",
    **dict.fromkeys(
        ("google_callback", "github_callback", "microsoft_callback", "openid_connect_callback"),
        "without an answer from elsewhere the page of socialaccount_login_error",
    ),
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
    View("introduction-detail", "introduction", "introduction link"),
    View("desk-introductions", "cohort", "coordinator", "?status=agreed"),
    View("desk-introductions", "next_cohort", "coordinator"),
    View("admin:index", "", "reviewer"),
    View("admin:index", "", "owner"),
    View("desk-cohort", "cohort", "observer"),
    View("desk-cohort", "draft_cohort", "coordinator"),
    View("desk-cohort", "next_cohort", "coordinator"),
    View("desk-runs", "next_cohort", "coordinator"),
    View("desk-run-unmatched", "run", "coordinator", "?side=mentor"),
    View("desk-run-pairs", "run", "coordinator", "?q=nobody"),
    View("desk-run-start", "cohort", "coordinator", "?from=career-change"),
    View("desk-draft", "shown_draft", "reviewer"),
    View("desk-matches", "next_cohort", "coordinator"),
    View("desk-surveys", "next_cohort", "coordinator"),
    View("desk-applications", "next_cohort", "coordinator"),
    View("desk-applications", "next_cohort", "coordinator", "?q=nobody"),
    View("desk-reviewers", "next_cohort", "coordinator"),
    View("desk-rubric", "next_cohort", "coordinator"),
    View("desk-supply", "next_cohort", "coordinator"),
    View("desk-drafts", "next_cohort", "coordinator"),
    View("desk-waiting", "next_cohort", "coordinator"),
    View("desk-import", "next_cohort", "coordinator"),
    View("desk-import-job", "import", "coordinator"),
    View("desk-my-reviews", "", "reviewer"),
    View("desk-my-reviews", "", "observer"),
    View("desk-applications", "next_cohort", "coordinator", "?status=submitted&role=mentee&page=2"),
    View("admin:programs_application_changelist", "", "coordinator", "?q=heron"),
    View("desk-participants", "cohort", "coordinator", "?ready=no"),
    View("desk-person", "mentor", "coordinator"),
    View("profile-preview", "", "mentor"),
    View("profile-preview", "", "mentor", "?as=coordinator"),
    View("profile", "", "mentor"),
    View("about-me", "", "mentor"),
    View("match-detail", "other_match", "other mentee"),
    View("profile-pause", "", "other mentor"),
    View("profile", "", "other mentor"),
    View("home", "", "other mentor"),
    View("desk-texts", "next_cohort", "coordinator"),
    View("desk-text-new", "cohort", "coordinator", "?start=conduct"),
    View("desk-history", "cohort", "coordinator", "?group=members"),
    View("desk-decisions", "cohort", "coordinator"),
    View("desk-compare", "cohort", "coordinator"),
    View("desk-decisions", "cohort", "coordinator", "?check=1"),
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


# Visited by tests/browser/test_passkeys.py, with a device that keeps passkeys.
PASSKEY_ROUTES = frozenset(
    {
        "mfa_add_webauthn",
        "mfa_edit_webauthn",
        "mfa_remove_webauthn",
        "mfa_reauthenticate_webauthn",
    }
)

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


_PASSWORD = "a lamp by the window"


def _log_in(window: Window, *, with_app: bool) -> None:
    """As somebody new, with the password; who has an app then stands before its question."""
    person = UserFactory(name=_LONG)
    person.set_password(_PASSWORD)
    person.save()
    if with_app:
        TOTP.activate(person, SECRET)
        RecoveryCodes.activate(person)
    window.goto("/accounts/login/")
    window.get_by_label("Email").fill(person.email)
    window.get_by_label("Password").fill(_PASSWORD)
    _send(window, "Log in")


def _enter(window: Window) -> None:
    """Log in with password and app."""
    _log_in(window, with_app=True)
    window.get_by_label("Code").fill(code_of_app())
    _send(window, "Log in")
    window.wait_for_url("**/")


def _prove(window: Window, address: str) -> None:
    """Go to a page that asks for the password first."""
    window.goto(address)
    window.get_by_label("Password").fill(_PASSWORD)
    _send(window, "Continue")


@scene("desk-question-new", "Write at least two different choices", "coordinator")
def question_refused(window: Window, world: World) -> None:
    new = ROUTES["desk-question-new"].address(world.code(HERE, "cohort"))
    window.goto(f"{new}?kind=one_of")
    window.get_by_label("Choices").fill("Only one")
    _send(window, "Save")


@scene("desk-form-preview", "That was the form", "coordinator")
def form_tried_to_its_end(window: Window, world: World) -> None:
    window.goto(ROUTES["desk-form-preview"].address(world.code(HERE, "cohort")))
    _send(window, "Go on")


@scene("mfa_authenticate", "Incorrect code")
def second_factor_refused(window: Window, world: World) -> None:
    _log_in(window, with_app=True)
    window.get_by_label("Code").fill("000000")
    _send(window, "Log in")


@scene("account_reauthenticate", "Is it you?")
def prove_it_by_password(window: Window, world: World) -> None:
    _log_in(window, with_app=False)
    window.goto("/accounts/2fa/totp/activate/")


@scene("mfa_reauthenticate", "Incorrect code")
def prove_it_by_app(window: Window, world: World) -> None:
    _enter(window)
    window.goto("/accounts/2fa/reauthenticate/")
    window.get_by_label("Code").fill("000000")
    _send(window, "Continue")


@scene("mfa_activate_totp", "Incorrect code")
def app_refused(window: Window, world: World) -> None:
    _log_in(window, with_app=False)
    _prove(window, "/accounts/2fa/totp/activate/")
    window.get_by_label("Authenticator code").fill("000000")
    _send(window, "Set up")


@scene("mfa_index", "10 are left")
def second_factor_in_place(window: Window, world: World) -> None:
    _enter(window)
    window.goto("/accounts/2fa/")


@scene("mfa_deactivate_totp", "Remove the authenticator app?")
def app_to_be_removed(window: Window, world: World) -> None:
    _enter(window)
    _prove(window, "/accounts/2fa/totp/deactivate/")


@scene("mfa_generate_recovery_codes", "Make new recovery codes?")
def new_recovery_codes(window: Window, world: World) -> None:
    _enter(window)
    _prove(window, "/accounts/2fa/recovery-codes/generate/")


@scene("mfa_view_recovery_codes", "they are shown only this once")
def recovery_codes(window: Window, world: World) -> None:
    _enter(window)
    _prove(window, "/accounts/2fa/recovery-codes/generate/")
    _send(window, "Make new ones")


@scene("mfa_view_recovery_codes", "are not shown again")
def recovery_codes_once_more(window: Window, world: World) -> None:
    recovery_codes(window, world)
    window.wait_for_url("**/recovery-codes/")
    window.goto("/accounts/2fa/recovery-codes/")


@scene("account", "Here and in 1 other browser.")
def account_in_use(window: Window, world: World) -> None:
    _many_log_ins(window)
    window.goto("/account/")


@scene("log-ins", "Chrome, Android")
def log_ins_elsewhere(window: Window, world: World) -> None:
    _many_log_ins(window)
    window.goto("/account/log-ins/")


def _many_log_ins(window: Window) -> None:
    _log_in(window, with_app=False)
    window.wait_for_url("**/")
    person = User.objects.latest("pk")
    phone = Client(headers={"User-Agent": "Mozilla/5.0 (Linux; Android 14) Chrome/141.0.0.0"})
    phone.post("/accounts/login/", {"login": person.email, "password": _PASSWORD})


@scene("socialaccount_connections", "Disconnect", "other mentor")
def connected_elsewhere(window: Window, world: World) -> None:
    person = world.here.other_mentor.user
    for provider in ("google", "github"):
        SocialAccount.objects.get_or_create(
            user=person,
            provider=provider,
            uid=str(person.pk),
            defaults={"extra_data": {"email": "a-very-long-address" * 4 + "@example.org"}},
        )
    window.goto("/accounts/elsewhere/")


@scene("socialaccount_login_error", "That log-in did not work")
def log_in_elsewhere_failed(window: Window, world: World) -> None:
    window.goto("/accounts/elsewhere/login/error/")


@scene("desk-second-factors", "Authenticator app", "owner")
def second_factors(window: Window, world: World) -> None:
    for person in (world.here.coordinator, world.here.observer):
        TOTP.activate(UserFactory(name=f"{_LONG} {person.pk}"), SECRET)
    window.goto("/admin/second-factors/")


@scene("desk-second-factor-reset", "Please look at this again", "owner")
def reset_refused(window: Window, world: World) -> None:
    window.goto(reverse("desk-second-factor-reset", args=[world.here.coordinator.code]))
    _send(window, "Reset")


@scene("account_change_password", "This field is required", "mentee")
def password_refused(window: Window, world: World) -> None:
    window.goto("/accounts/password/change/")
    _send(window, "Change Password")


@scene("application-edit", "Please look at this again", "applicant")
def application_refused(window: Window, world: World) -> None:
    window.goto(reverse("application-edit", args=[world.here.application.code]))
    window.get_by_label("About motivation?").fill("")
    _send(window, "Save")


@scene("application-new", "Apply as a mentee", "applicant")
def application_with_every_question(window: Window, world: World) -> None:
    code = _cohort_with_every_question(world).code
    window.goto(reverse("application-new", args=[code, Role.MENTEE]))


@scene("application-edit", "What was saved in the meantime", "applicant")
def application_changed_elsewhere(window: Window, world: World) -> None:
    application = _draft_in_steps(world)
    window.goto(reverse("application-edit", args=[application.code]) + "?step=1")
    Application.objects.filter(pk=application.pk).update(answers={"motivation": "By phone."})
    window.get_by_label("About motivation?").fill("At the desk.")
    _send(window, "Save and go on")


@scene("application-review", "These answers are still missing", "applicant")
def application_with_gaps(window: Window, world: World) -> None:
    window.goto(reverse("application-review", args=[_draft_in_steps(world).code]))


def _draft_in_steps(world: World) -> Application:
    """A draft on a form of two pages, its second one not filled in."""
    form = QuestionnaireFactory(asks=[("motivation", "long_text"), ("goal", "short_text")])
    form.questions.filter(key="motivation").update(section="About you")
    form.questions.filter(key="goal").update(section="Where to", required=True)
    # the program's page tells cohorts apart by their names
    name = f"In steps {world.here.program.cohorts.count()}"
    cohort = CohortFactory(program=world.here.program, name=name, mentee_questions=form)
    return ApplicationFactory(cohort=cohort, applicant=world.here.applicant, status="draft")


@scene("application-detail", "Take the place", "applicant")
def application_with_an_offer(window: Window, world: World) -> None:
    window.goto(reverse("application-detail", args=[world.code(HERE, "offer")]))


@scene("desk-invitations", "Please look at this again", "coordinator")
def invitations_refused(window: Window, world: World) -> None:
    window.goto(reverse("desk-invitations", args=[world.here.next_cohort.code]))
    window.get_by_label("Whom to invite").fill("nobody")
    _send(window, "Invite")


@scene("desk-invitations", "Nobody is invited yet", "coordinator")
def invitations_of_nobody(window: Window, world: World) -> None:
    window.goto(reverse("desk-invitations", args=[world.here.draft_cohort.code]))


@scene("peer-suggest", "Please look at this again", "mentee")
def suggestion_refused(window: Window, world: World) -> None:
    window.goto(reverse("peer-suggest", args=[world.here.next_cohort.code]))
    _send(window, "Invite them")


@scene("join-stop", "We do not write to you again")
def invitations_stopped(window: Window, world: World) -> None:
    window.goto(reverse("join-stop", args=[world.code(HERE, "invitation_token")]))
    _send(window, "Do not write to me again")


@scene("profile", "Please look at this again", "mentee")
def profile_refused(window: Window, world: World) -> None:
    window.goto("/profile/")
    window.get_by_label("Your name").fill("")
    _send(window, "Save")


@scene("profile", "Your profile is saved.", "mentee")
def profile_saved(window: Window, world: World) -> None:
    window.goto("/profile/")
    _send(window, "Save")


@scene("profile-audiences", "Before you hide your address", "mentee")
def address_hidden_without_another_way(window: Window, world: World) -> None:
    window.goto("/profile/seen-by/")
    window.get_by_label("E-mail address").select_option("coordinators")
    _send(window, "Save")


@scene("profile-pause", "Please look at this again", "mentee")
def pause_refused(window: Window, world: World) -> None:
    window.goto("/profile/pause/")
    window.get_by_label("The first day you are back").fill("2020-01-01")
    _send(window, "Begin the pause")


@scene("profile-return", "Welcome back", "other mentor")
def pause_ended(window: Window, world: World) -> None:
    window.goto("/profile/pause/")
    window.get_by_role("button", name="Come back now").click()


@scene("about-me", "not both", "mentee")
def told_twice(window: Window, world: World) -> None:
    window.goto("/profile/about-me/")
    window.get_by_label("Gender", exact=True).select_option("woman")
    window.get_by_label("Gender, in your own words").fill("lady")
    _send(window, "Save")


@scene("desk-import", "Please look at this again", "coordinator")
def import_without_a_file(window: Window, world: World) -> None:
    window.goto(reverse("desk-import", args=[world.here.next_cohort.code]))
    _send(window, "Go on")


@scene("desk-import-columns", "feeds this already", "coordinator")
def import_columns_refused(window: Window, world: World) -> None:
    window.goto(reverse("desk-import-columns", args=[world.code(HERE, "import")]))
    window.get_by_label("name", exact=True).select_option("email")
    _send(window, "Check the rows")


@scene("desk-import-job", "Nothing can be imported yet", "coordinator")
def import_with_faults(window: Window, world: World) -> None:
    _look_at_import(window, world, "checked")


@scene("desk-import-job", "Cancel", "coordinator")
def import_at_work(window: Window, world: World) -> None:
    _look_at_import(window, world, "checking")


@scene("desk-import-job", "Nothing was imported", "coordinator")
def import_that_failed(window: Window, world: World) -> None:
    _look_at_import(window, world, "failed")


def _look_at_import(window: Window, world: World, status: str) -> None:
    job = ImportJob.objects.get(cohort=world.here.draft_cohort, status=status)
    window.goto(reverse("desk-import-job", args=[job.code]))


@scene("desk-person-edit", "Please look at this again", "coordinator")
def correction_refused(window: Window, world: World) -> None:
    window.goto(reverse("desk-person-edit", args=[world.here.mentee.code]))
    window.get_by_label("Mentees you can take").fill("99")
    _send(window, "Correct and tell")


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


@scene("introduction-detail", "did not work out", "other mentee")
def introduction_over(window: Window, world: World) -> None:
    over = Introduction.objects.get(mentee=world.here.other_mentee)
    window.goto(reverse("introduction-detail", args=[over.code]))


@scene("introduction-detail", "You said yes", "mentor")
def introduction_answered(window: Window, world: World) -> None:
    """In a cohort of its own: whoever is matched already cannot say yes to somebody else."""
    mentor = ParticipantFactory(user=world.here.mentor.user, role="mentor")
    mentee = ParticipantFactory(cohort=mentor.cohort)
    introduction = Introduction.objects.create(
        cohort=mentor.cohort,
        mentor=mentor,
        mentee=mentee,
        made_at=clock.now(),
        answer_by=clock.now() + timedelta(days=7),
    )
    window.goto(reverse("introduction-detail", args=[introduction.code]))
    _send(window, "Yes, I would")


@scene("introduction-detail", "Please look at this again", "mentee")
def introduction_answered_too_long(window: Window, world: World) -> None:
    code = world.code(HERE, "introduction")
    window.goto(reverse("introduction-detail", args=[code]))
    reason = window.get_by_label("Your reason, if you like")
    reason.evaluate("field => field.removeAttribute('maxlength')")
    reason.fill("x" * 1001)
    _send(window, "No, thank you")


@scene("desk-introduction-withdraw", "Please look at this again", "coordinator")
def introduction_withdrawn_without_a_reason(window: Window, world: World) -> None:
    code = world.code(HERE, "introduction")
    window.goto(reverse("desk-introduction-withdraw", args=[code]))
    _send(window, "Take back")


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
    note = window.get_by_label("Note", exact=True)
    note.evaluate("note => note.removeAttribute('maxlength')")
    note.fill("x" * 2001)
    _send(window, "Accept")


@scene("desk-decide", "The mail each of them gets", "coordinator")
def decision_previewed(window: Window, world: World) -> None:
    # not the one of the cast: other scenes need it undecided, and the next scene decides this one
    _waits_for_a_place(world.here)
    queue = reverse("desk-applications", args=[world.here.next_cohort.code])
    window.goto(f"{queue}?status=waitlisted")
    window.get_by_label("match this filter").check()
    _send(window, "Offer a place")


def _waits_for_a_place(here: Troupe) -> Application:
    """Somebody more on the waiting list."""
    last = here.next_cohort.applications.aggregate(last=Max("waiting_position"))["last"] or 0
    return ApplicationFactory(
        cohort=here.next_cohort,
        status="waitlisted",
        waiting_position=last + 1,
        decided_at=clock.now(),
        decided_by=here.coordinator,
    )


@scene("desk-decide", "Nobody is chosen", "coordinator")
def nobody_chosen(window: Window, world: World) -> None:
    window.goto(reverse("desk-applications", args=[world.here.next_cohort.code]))
    _send(window, "Accept")


@scene("desk-applications", "The mails wait for a minute.", "coordinator")
def decision_to_undo(window: Window, world: World) -> None:
    decision_previewed(window, world)
    _send(window, "Decide now")


@scene("desk-review", "Please choose one before you hand in.", "reviewer")
def review_refused(window: Window, world: World) -> None:
    window.goto(reverse("desk-review", args=[world.here.application.code]))
    _send(window, "Hand in and go on")


@scene("desk-rubric", "Please look at this again", "coordinator")
def rubric_refused(window: Window, world: World) -> None:
    window.goto(reverse("desk-rubric", args=[world.here.next_cohort.code]))
    window.get_by_label("Weight").first.fill("9")
    _send(window, "Save")


@scene("desk-interview-plan", "Please look at this again", "coordinator")
def interview_refused(window: Window, world: World) -> None:
    window.goto(reverse("desk-application", args=[world.here.application.code]))
    window.get_by_text("Move it").click()
    _send(window, "Invite to the talk")


@scene("desk-application", "The reviewers differ by up to", "coordinator")
def reviewers_differ(window: Window, world: World) -> None:
    window.goto(reverse("desk-application", args=[_reviewed(world.here).code]))


@scene("desk-cohort-edit", "This must come after", "coordinator")
def cohort_refused(window: Window, world: World) -> None:
    window.goto(reverse("desk-cohort-edit", args=[world.here.draft_cohort.code]))
    window.get_by_label("Starts").fill("2001-01-01")
    _send(window, "Save")


@scene("desk-readiness", "Missing before it can open", "coordinator")
def cohort_not_ready(window: Window, world: World) -> None:
    cohort = CohortFactory(
        program=world.here.program, name="Not ready", stage="ended", opened_at=None
    )
    window.goto(reverse("desk-readiness", args=[cohort.code]))


@scene("desk-cohort-setup", "Always on", "coordinator")
def cohort_always_on(window: Window, world: World) -> None:
    cohort = CohortFactory(program=world.here.program, name="Always", always_on=True)
    window.goto(reverse("desk-cohort-setup", args=[cohort.code]))


@scene("text-detail", "Please look at this again", "mentor")
def text_not_ticked(window: Window, world: World) -> None:
    window.goto(reverse("text-detail", args=[world.code(HERE, "text_version")]))
    _send(window, "Confirm")


@scene("text-detail", "You said on", "mentee")
def text_read(window: Window, world: World) -> None:
    window.goto(reverse("text-detail", args=[world.code(HERE, "text_version")]))


@scene("participation-detail", "Yes, I take part", "other mentee")
def part_to_confirm(window: Window, world: World) -> None:
    window.goto(reverse("participation-detail", args=[world.here.other_mentee.code]))


@scene("desk-text-new", "This is how people see it", "coordinator")
def text_looked_at(window: Window, world: World) -> None:
    address = reverse("desk-text-new", args=[world.here.cohort.code])
    window.goto(f"{address}?start=confidentiality")
    _send(window, "Look at it first")


@scene("desk-text-edit", "Please look at this again", "coordinator")
def text_refused(window: Window, world: World) -> None:
    window.goto(reverse("desk-text-edit", args=[world.code(HERE, "text")]))
    window.get_by_role("textbox", name="Text").fill("")
    _send(window, "Keep it")


@scene("desk-member-invite", "Please look at this again", "coordinator")
def member_refused(window: Window, world: World) -> None:
    window.goto(reverse("desk-members", args=[world.here.program.code]))
    window.get_by_label("E-mail address").fill("nobody")
    window.get_by_role("button", name="Invite", exact=True).click()


@scene("desk-history", "Nothing of that kind was done", "coordinator")
def nothing_found(window: Window, world: World) -> None:
    window.goto(f"{reverse('desk-history', args=[world.here.cohort.code])}?about=nobody+at+all")


@scene("home", "You are asked to help", "applicant")
def asked_to_help(window: Window, world: World) -> None:
    window.goto("/")


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
    running = MatchingRun.objects.filter(cohort=world.here.cohort, status="running")
    # its worker gave a sign just now, however long the pages before took
    running.update(lease_until=clock.now() + timedelta(minutes=2))
    _to_run(window, world, status=MatchingRun.Status.RUNNING)


@scene("desk-run", "The run was cancelled", "coordinator")
def run_cancelled(window: Window, world: World) -> None:
    _to_run(window, world, status=MatchingRun.Status.CANCELLED)


@scene("desk-run", "The run did not finish", "coordinator")
def run_failed(window: Window, world: World) -> None:
    _to_run(window, world, status=MatchingRun.Status.FAILED)


@scene("ask-new", "Your message", "mentee")
def ask_of_a_mentor(window: Window, world: World) -> None:
    code = world.code(HERE, "open_mentee")
    cohort = Participant.objects.get(code=code).cohort
    mentor = ParticipantFactory(cohort=cohort, role="mentor")
    window.goto(f"{reverse('ask-new', args=[code])}?whom={mentor.code}")


@scene("desk-compare", "Who moves", "coordinator")
def runs_side_by_side(window: Window, world: World) -> None:
    here = world.here.cohort
    codes = MatchingRun.objects.filter(cohort=here).answered().values_list("code", flat=True)
    asked = "&".join(f"run={code}" for code in codes[:3])
    window.goto(f"{reverse('desk-compare', args=[here.code])}?{asked}")


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
    Kind.DATE: {"shown_if": "yes_no", "shown_if_answers": ["yes"]},
    Kind.SKILLS: {"choices": ["Python", "SQL"]},
    Kind.HOURS: {},
}


def furnished_world(site: Site) -> World:
    """Everybody of tests/house, and enough of everything to fill lists, charts and mails."""
    world = make_world()
    here = world.here
    _crowd(here)
    _reviews(here)
    _meetings(here)
    _surveys(here)
    _imports(here)
    _matchings(here)
    _profiles(here)
    compute_figures()
    note_seeded(
        here.program,
        by=here.coordinator,
        scenario="mid-program",
        cohort_code=here.cohort.code,
        cast={"coordinator": here.coordinator, "mentee": here.mentee.user},
    )
    return world


def _profiles(here: Troupe) -> None:
    """Somebody who told everything and was corrected, one on a pause, one whom a list brought."""
    told = {
        "pronouns": "they",
        "languages": ["English", "x" * 60],
        "skills": [
            {"name": "x" * 80, "now": 0, "wanted": 4, "teaches": False},
            {"name": "Go", "now": 4, "wanted": 4, "teaches": True},
            {"name": "SQL", "now": 2, "wanted": 3, "teaches": True},
        ],
        "interests": ["chess", "music"],
        "hours": list(range(16, 60)),
        "channel": "chat",
        "reach": "x" * 90,
        "linkedin": f"https://linkedin.com/in/{'x' * 90}",
        "github": "https://github.com/somebody",
        "site": "https://somebody.example/",
    }
    people.update_profile(here.mentor.user, by=here.mentor.user, **told)
    about_me.tell(here.mentor.user, groups={"gender": "woman", "background": "Sorbian"})
    corrections.correct_profile(
        here.mentor.user,
        by=here.coordinator,
        program=here.program,
        reach="Evenings by phone",
        skills=told["skills"][1:],
        story="",
    )
    day = clock.now().date() + timedelta(days=30)
    pauses.begin(here.other_mentor.user, by=here.other_mentor.user, until=day)
    brought = Application.objects.filter(cohort=here.cohort, applicant=here.other_mentee.user)
    brought.update(brought_at=clock.now())


def mail_of_every_kind(here: Troupe) -> None:
    """Queue a mail of each kind to somebody for whom it makes sense at this moment."""
    _waits_for_a_place(here)
    decided = Application.objects.filter(cohort=here.next_cohort)
    done = MatchingRun.objects.filter(cohort=here.cohort, status=MatchingRun.Status.DONE)
    long_gone = UserFactory(name=_LONG, last_login=clock.now() - timedelta(days=700))
    subjects: list[tuple[Any, User]] = [
        *((one, one.applicant) for one in decided),
        *((run, here.coordinator) for run in done),
        *((run, here.reviewer) for run in MatchingRun.objects.filter(shared_at__isnull=False)),
        (here.match, here.mentee.user),
        (Introduction.objects.open().proposed().first(), here.mentee.user),
        (Introduction.objects.get(mentee=here.other_mentee), here.other_mentee.user),
        *((one, one.user) for one in _with_nobody(here)),
        *((asked, asked.mentor.user) for asked in here.mentor.place_asks.all()),
        *((one, here.mentee.user) for one in here.cohort.meet_and_greets.all()),
        *((one, here.mentee.user) for one in Meeting.objects.filter(mentee=here.mentee)),
        (here.checkin, here.mentee.user),
        (here.past_checkin, here.mentor.user),
        (here.invitation, here.mentee.user),
        *((one, one.user) for one in Correction.objects.all()),
        *((talk, talk.application.applicant) for talk in Interview.objects.all()),
        *((job, here.coordinator) for job in ImportJob.objects.filter(cohort=here.draft_cohort)),
        *((asked, here.applicant) for asked in here.next_cohort.invitations.all()),
        *((asked, here.applicant) for asked in here.program.member_invitations.all()),
        *((duty, duty.user) for duty in here.program.memberships.all()),
        (here.other_mentee, here.other_mentee.user),
        (here.program, here.observer),
        (here.next_cohort, here.reviewer),
        (long_gone, long_gone),
        *((one, one.places.all()[0].participant.user) for one in _ended(here)),
        *((one, here.mentee.user) for one in here.match.silences.all()),
        *((one, here.coordinator) for one in Silence.objects.filter(answer="help")),
        *((one, one.mentor.user) for one in Introduction.objects.asks().open()),
        *((one, one.user) for one in Participant.objects.filter(cohort__choice="ranked")),
    ]
    for notice in declared():
        needed = [
            (subject, person)
            for subject, person in subjects
            if isinstance(subject, notice.subject_model) and not notice(subject).not_needed(person)
        ]
        assert needed, f"nobody needs a mail of the kind {notice.kind}"
        subject, person = needed[0]
        notify(notice(subject), person, program=here.program)


def _with_nobody(here: Troupe) -> list[Participant]:
    """Somebody who waits."""
    return [ParticipantFactory(cohort=here.cohort)]


def _ended(here: Troupe) -> list[Match]:
    """Matches that ended."""
    return list(Match.objects.filter(cohort=here.cohort, status=Match.Status.ENDED))


def _reviewed(here: Troupe) -> Application:
    """An application that two people read and see differently."""
    return Application.objects.filter(cohort=here.next_cohort, reviews__is_flagged=True).first()


def _reviews(here: Troupe) -> None:
    """Reviews that differ, much to read, talks that were held and called off, views kept."""
    # the reviewer has not read the one of the cast yet
    sent_in = Application.objects.filter(cohort=here.next_cohort, status="submitted")
    wishes = list(sent_in.exclude(pk=here.application.pk)[:8])
    for number, wish in enumerate(wishes):
        for reviewer, motivation in ((here.reviewer, 1), (here.coordinator, 5)):
            Assignment.objects.get_or_create(application=wish, reviewer=reviewer)
            ReviewFactory(
                application=wish,
                reviewer=reviewer,
                scores={"motivation": motivation, "time": 2, "goals": 4, "brings": 3},
                score=2.0 + motivation / 5 + number / 10,
                flags=["sales", "copied"],
                flag_words="Asks for money",
                is_flagged=True,
                note="Word " * 60 + "x" * 90,
            )
    at = clock.now()
    for told in ({"cancelled_at": at}, {"held_at": at, "outcome": "good", "notes": "x" * 90}):
        Interview.objects.create(
            application=wishes[0],
            interviewer=here.coordinator,
            planned_at=at,
            place="https://meet.example.org/a-very-long-address",
            **told,
        )
    SavedView.objects.create(
        cohort=here.next_cohort, user=here.coordinator, name="To decide", query="status=submitted"
    )
    Cohort.objects.filter(pk=here.next_cohort.pk).update(mentee_places=20)


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
    # asked, and one of the last pair wants a hand
    asked = {"asked_at": clock.now(), "answered_at": clock.now(), "closed_at": clock.now()}
    Silence.objects.create(match=match, answer="help", answered_by=pair[0].user, **asked)
    back_on = clock.now().date() + timedelta(days=20)
    Profile.objects.update_or_create(
        user=pair[0].user, defaults={"paused_at": clock.now(), "back_on": back_on}
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


def _imports(here: Troupe) -> None:
    """Lists that somebody works on, that cannot be imported, and that never were."""
    asked = {"cohort": here.draft_cohort, "asked_by": here.coordinator}
    soon = clock.now() + timedelta(minutes=5)
    ImportJobFactory(**asked, status="checking", lease_until=soon, rows_read=40, rows_total=90)
    ImportJobFactory(**asked, status="failed", failure="Something went wrong.")
    wrong = checked(ImportJobFactory(**asked), _LONG, rows=30)
    wrong.files.get().rows.filter(number__lt=9).update(
        fate="wrong", details=[["email", "“nobody” is not an e-mail address."], ["", "A row."]]
    )
    wrong.wrong, wrong.new = 7, 23
    wrong.faults, wrong.remarks = ["people.csv, row 9: A fault."], ["people.csv: A remark."]
    wrong.save()


def _matchings(here: Troupe) -> None:
    """Runs in every state; three mentees wait, and two places are free."""
    _ready(ParticipantFactory(cohort=here.cohort, role="mentor", capacity=2))
    for number in range(3):
        person = UserFactory(name=f"{_LONG} {number}")
        _ready(ParticipantFactory(cohort=here.cohort, role="mentee", user=person))
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


def _ready(participant: Participant) -> None:
    """Let somebody have done everything that is asked before matching."""
    ProfileFactory(user=participant.user, interests=["chess"])
    for item in participant.cohort.gate_items.exclude(text=None):
        texts.agree(item.text.versions.get(), by=participant.user)


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
