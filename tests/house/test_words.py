"""Every sentence for people goes through gettext: in a pseudo language none stays as it was."""

import re
from copy import copy

import pytest

from feedback.models import Silence
from feedback.notifications import (
    CheckInMoved,
    CheckInQuestion,
    CheckInReminder,
    HelpAsked,
    SilenceQuestion,
    SilenceWarning,
    SurveyInvitation,
)
from matching.models import Introduction, MatchingRun, MeetAndGreet
from matching.notifications import (
    AskReceived,
    ChoosingEnds,
    DraftShown,
    IntroductionMade,
    IntroductionOver,
    IntroductionReminder,
    MatchChanged,
    MatchEnded,
    MatchExtended,
    MatchIntroduced,
    MatchJoined,
    MeetingCalledOff,
    MeetingsNone,
    MeetingsPlanned,
    NextBestNotFound,
    OneMorePlaceAnswered,
    OneMorePlaceAsked,
    RunFinished,
    StillWaiting,
)
from matching.policies import presets, ready_made
from mentorship.shared.base import clock
from mentorship.shared.notifications.delivery import compose
from mentorship.shared.notifications.models import OutboxMessage
from mentorship.shared.notifications.outbox import notify
from mentorship.shared.notifications.registry import Notice, declared
from programs.blueprints import all_blueprints
from programs.models import Application, Correction, ImportJob
from programs.notifications import (
    AccountEnds,
    ApplicationAccepted,
    ApplicationDeclined,
    ApplicationOffered,
    ApplicationReceived,
    ApplicationUnfinished,
    ApplicationWaitlisted,
    DataCorrected,
    GateReminder,
    ImportFinished,
    InterviewCancelled,
    InterviewInvited,
    InvitedToApply,
    MemberChanged,
    MemberInvited,
    MemberJoined,
    MemberRemoved,
    OfferLapsed,
    OfferReminder,
    PartToConfirm,
    ReviewsAssigned,
    SecondFactorReset,
)
from tests.cast import Troupe
from tests.house.matrix import Page, pages
from tests.house.matrix import words as known_texts
from tests.house.routes import NOTHING, every_route
from tests.house.test_queries import readers
from tests.house.world import ELSEWHERE, HERE, World
from tests.pseudo_locale import bare_in_page, bare_in_text, pseudo_locale, words

pytestmark = pytest.mark.django_db

ROUTES = {route.name: route for route in every_route()}
PAGES = [page for page in pages() if page.may and page.name not in ("admin:jsi18n", "healthz")]


def policy_words() -> set[str]:
    """What policies that come with the product call things; files that coordinators make theirs."""
    policies = (ready_made(), *presets().values())
    criteria = [criterion for policy in policies for criterion in policy.criteria]
    pairs = [pair for one in criteria for pair in one.kind.parameters().get("pairs", ())]
    return {
        *(policy.name for policy in policies),
        *(criterion.label for criterion in criteria),
        *(answer for mentee, mentor, _points in pairs for answer in (mentee, mentor)),
    }


# What the tests and the site's owner wrote themselves, and what is no word.
DATA = words(
    *(rf"{canary}[ +]{text}\b" for canary in (HERE, ELSEWHERE) for text in known_texts()),
    r"\b[\w.]+@[\w.]+\b",  # addresses
    r"https?://\S+",
    r"\b[A-Z]\w+/[\w/+-]+",  # zones
    r"\bUTC\b",
    r"\bMentorship\b",  # the site's name
    r"\bOwner\b",
    r"\bAbout \w+\?",  # questions, as the factories ask them
    r"\bmotivation\b|\b[a-z]+(?:_[a-z]+)+\b",  # facts, as policies name them
    r"\bI want to\.",  # an answer, as the factories give it
    r"\bQuestions\b",
    r"\bH[ACMOR]\b",  # the initials of heron mentor and others
    r"^Search$",  # the picture's text in Django's own search form, bare in Django 5.2
    r"\bSkills you want to learn\b",  # the policy of the factories
    r"\bSkills first\b",
    r"\b(?:Robin|Kim) Example\b|\b[RK]E\b",  # who stands on the previews of the portal
    r"\b[23456789bcdfghjkmnpqrstvwxz]{14}@preview\.invalid\b",
    r"\brole=mentor\b",  # a filter somebody saved
    rf"\b{HERE} list\.csv\b|^\s*(?:email|name)\s*$",  # a file somebody brought, and its columns
    r"^True$",  # the picture's text of a yes in Django's own pages
    *(re.escape(text) for one in all_blueprints() for text in (one.title, one.about)),
    *map(re.escape, policy_words()),
    r"^\s*(?:mentee email|mentor email|reason)\s*$",  # columns of a list of pairs
    r"\b[23456789bcdfghjkmnpqrstvwxz]{14}\b",  # codes
)


def test_the_pseudo_language_finds_what_is_bare() -> None:
    page = (
        '<title>⟦A title⟧ · Mentorship</title><p title="Bare title">⟦Hello heron mentee, ⟦and⟧ so⟧'
        '<b>Bare text</b> 12 <input type="submit" value="Bare button"><script>no()</script></p>'
    )
    assert bare_in_page(page, DATA) == ["Bare title", "Bare text", "Bare button"]
    assert bare_in_text("⟦Hello⟧\nheron program\n\nBare line", DATA) == ["Bare line"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.name}-{page.object}".strip("-"))
def test_a_page_says_nothing_past_gettext(world: World, page: Page) -> None:
    address = ROUTES[page.name].address(world.code(HERE, page.object) if page.object else NOTHING)
    with pseudo_locale():
        seen = {
            f"{actor} {method}": world.ask(actor, method, address)
            for actor in ("anonymous", "applicant", *readers(page))
            for method in ("GET", "POST")
        }
    found = {
        who: bare_in_page(answer.text, DATA)
        for who, answer in seen.items()
        if answer.text.lstrip().startswith("<")
    }
    assert {who: what for who, what in found.items() if what} == {}


def _notices(world: World) -> dict[type[Notice], tuple[object, object]]:
    here = world.here
    applied = (here.application, here.applicant)
    met = (here.past_checkin, here.mentee.user)
    matched = (here.match, here.mentee.user)
    silent = (here.match.silences.get(), here.mentee.user)
    offered = (_offered(here), here.applicant)
    talk = (here.application.interviews.get(), here.applicant)
    return {
        ApplicationReceived: applied,
        ApplicationAccepted: applied,
        ApplicationWaitlisted: applied,
        ApplicationDeclined: applied,
        ApplicationUnfinished: applied,
        ApplicationOffered: offered,
        OfferReminder: offered,
        OfferLapsed: offered,
        InterviewInvited: talk,
        InterviewCancelled: talk,
        InvitedToApply: (here.next_cohort.invitations.first(), here.applicant),
        MatchChanged: matched,
        MatchEnded: matched,
        MatchExtended: matched,
        MatchJoined: matched,
        SilenceQuestion: silent,
        SilenceWarning: silent,
        HelpAsked: (_help_asked(here), here.coordinator),
        MatchIntroduced: (here.match, here.mentee.user),
        IntroductionMade: (_introduction(here), here.mentee.user),
        IntroductionReminder: (_introduction(here), here.mentee.user),
        IntroductionOver: (_over(here), here.other_mentee.user),
        NextBestNotFound: (_over(here), here.coordinator),
        StillWaiting: (here.mentee, here.mentee.user),
        RunFinished: (here.run, here.coordinator),
        DraftShown: (MatchingRun.objects.filter(shared_at__isnull=False)[0], here.reviewer),
        AskReceived: (_ask(here), here.mentor.user),
        OneMorePlaceAsked: (here.mentor.place_asks.get(), here.mentor.user),
        OneMorePlaceAnswered: (here.mentor.place_asks.get(), here.coordinator),
        MeetingsPlanned: (_meet(here), here.mentee.user),
        MeetingsNone: (_meet(here), here.other_mentee.user),
        MeetingCalledOff: (_meet(here).meetings.first(), here.mentee.user),
        ChoosingEnds: (here.mentee, here.mentee.user),
        DataCorrected: (_correction(here), here.mentor.user),
        CheckInReminder: met,
        CheckInMoved: met,
        CheckInQuestion: met,
        SurveyInvitation: (here.invitation, here.mentee.user),
        ReviewsAssigned: (here.next_cohort, here.reviewer),
        SecondFactorReset: (here.coordinator, here.coordinator),
        GateReminder: (here.mentee, here.mentee.user),
        PartToConfirm: (here.mentee, here.mentee.user),
        MemberInvited: (here.program.member_invitations.get(), here.applicant),
        MemberChanged: (here.observer.memberships.get(), here.observer),
        MemberJoined: (here.observer.memberships.get(), here.coordinator),
        MemberRemoved: (here.program, here.observer),
        AccountEnds: (here.applicant, here.applicant),
        ImportFinished: (ImportJob.objects.filter(cohort=here.cohort)[0], here.coordinator),
    }


def _introduction(here: Troupe) -> Introduction:
    """Two who are to answer."""
    return Introduction.objects.open().proposed().get(mentee=here.mentee)


def _over(here: Troupe) -> Introduction:
    """Two of whom one said no."""
    return Introduction.objects.get(mentee=here.other_mentee)


def _meet(here: Troupe) -> MeetAndGreet:
    """A meet-and-greet that is published."""
    return MeetAndGreet.objects.get(cohort=here.cohort, status="published")


def _ask(here: Troupe) -> Introduction:
    """What the mentee asks the mentor."""
    return Introduction.objects.asks().get(mentor__user=here.mentor.user)


def _help_asked(here: Troupe) -> Silence:
    """The question as if the mentee had asked for help."""
    asked = copy(here.match.silences.get())
    asked.answer, asked.answered_by = "help", here.mentee.user
    return asked


def _offered(here: Troupe) -> Application:
    """The application as if a place were offered to it."""
    offered = copy(here.application)
    offered.offer_until = clock.now()
    return offered


def _correction(here: Troupe) -> Correction:
    """What a coordinator mended, in words of whose the test knows."""
    known, _made = Correction.objects.get_or_create(
        user=here.mentor.user,
        by=here.coordinator,
        program=here.program,
        changes=[["headline", "", f"{here.canary} headline"]],
    )
    return known


@pytest.mark.parametrize("notice", declared(), ids=lambda notice: notice.kind)
def test_a_mail_says_nothing_past_gettext(world: World, notice: type[Notice]) -> None:
    subject, recipient = _notices(world)[notice]
    notify(notice(subject), recipient, occasion="words", program=world.here.program)
    message = OutboxMessage.objects.get(kind=notice.kind, recipient=recipient, occasion="words")
    with pseudo_locale():
        mail = compose(message, notice(subject))
    [(html, _)] = mail.alternatives
    assert bare_in_text(f"{mail.subject}\n{mail.body}", DATA) == []
    assert bare_in_page(str(html), DATA) == []
