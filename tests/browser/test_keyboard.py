"""Everything can be done with the keys alone, and one always sees where one is."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from feedback.models import CheckIn
from feedback.notifications import CheckInQuestion
from mentorship.shared.base import clock
from mentorship.shared.notifications.models import OutboxMessage
from mentorship.shared.notifications.outbox import notify
from mentorship.shared.notifications.tokens import token_for
from programs.models import Application, Consent, Profile, Review, Role
from programs.questions import make_questionnaire
from tests.browser import axe
from tests.browser.conftest import Visit
from tests.browser.keys import Keys
from tests.browser.site import Site
from tests.cast import Troupe, troupe
from tests.factories.programs import (
    ApplicationFactory,
    AssignmentFactory,
    CohortFactory,
    MembershipFactory,
    ParticipantFactory,
    UserFactory,
)
from tests.factories.texts import GateItemFactory, RequiredTextFactory

pytestmark = pytest.mark.browser

PASSWORD = "a lamp by the window"


@pytest.fixture
def keys(visit: Visit) -> Keys:
    return Keys(visit(reduced_motion="reduce"))


@pytest.fixture(scope="module")
def cast(site: Site) -> Troupe:
    return troupe("heron")


def test_the_first_key_leads_past_the_menu(keys: Keys) -> None:
    keys.page.goto("/")
    keys.press("Skip to the content")
    assert axe.evaluate(keys.page, "document.activeElement.id") == "main"
    keys.page.keyboard.press("Tab")
    assert axe.evaluate(keys.page, "document.activeElement.innerText") == "Sign up"
    assert axe.evaluate(keys.page, "!!document.activeElement.closest('main')")


def test_somebody_logs_in_and_applies(keys: Keys, cast: Troupe) -> None:
    person = cast.other_mentee.user
    person.set_password(PASSWORD)
    person.save()
    asked = ("motivation", "styles", "career_goal", "skills_wanted")
    cohort = CohortFactory(
        program=cast.program,
        name="Keys",
        mentee_questions=make_questionnaire("Mentees", asked, Role.MENTEE),
    )

    keys.page.goto(f"/accounts/login/?next=/cohorts/{cohort.code}/apply/mentee/")
    keys.fill("Email", person.email)
    keys.fill("Password", PASSWORD)
    keys.press("Log in")
    expect(keys.page.get_by_role("heading", level=1)).to_have_text("Apply as a mentee")
    keys.press("Save and look it over")
    expect(keys.page.get_by_role("alert")).to_contain_text("These answers are still missing")
    keys.press("Why do you want to take part?")  # the line of the list leads to its page
    keys.fill("Why do you want to take part?", "I would like to.")
    keys.press("books", "Space")
    keys.tab_to("What do you plan for the next years?")
    keys.page.keyboard.press("ArrowDown")
    keys.fill("Which skills do you want to learn?", "Django")
    keys.press("Save and look it over")
    expect(keys.page.get_by_role("heading", level=1)).to_have_text("Look it over")
    keys.press("Send in")
    expect(keys.page.get_by_text("Your application is sent in.")).to_be_visible()

    sent_in = Application.objects.get(cohort=cohort)
    assert sent_in.status == Application.Status.SUBMITTED
    assert sent_in.answers["motivation"] == "I would like to."
    assert sent_in.answers["skills_wanted"] == ["Django"]
    assert sent_in.answers["styles"]
    assert sent_in.answers["career_goal"]


def test_somebody_answers_a_checkin(keys: Keys, cast: Troupe) -> None:
    notify(CheckInQuestion(cast.past_checkin), cast.mentee.user, program=cast.program)
    question = OutboxMessage.objects.get(kind=CheckInQuestion.kind)
    keys.page.goto(f"/l/{token_for(question)}/")
    keys.press("Yes, we met", "Space")
    keys.page.keyboard.press("ArrowDown")
    expect(keys.page.get_by_label("No, it did not happen")).to_be_checked()
    keys.page.keyboard.press("ArrowUp")
    keys.tab_to("How useful was it?")
    keys.page.keyboard.type("4")
    keys.fill("Shared notes", "Next time: tests.")
    keys.press("Send")
    expect(keys.page.get_by_text("Thank you. Your answer is saved.")).to_be_visible()

    cast.past_checkin.refresh_from_db()
    assert cast.past_checkin.status == CheckIn.Status.HELD
    assert cast.past_checkin.rating == 4
    assert cast.past_checkin.notes.startswith("Next time: tests.")


def test_a_coordinator_accepts(keys: Keys, visit: Visit, cast: Troupe) -> None:
    desk = Keys(visit(cast.coordinator, reduced_motion="reduce"))
    desk.page.goto("/admin/")
    desk.press("heron next")
    desk.meets("Overview")
    desk.press("1 application waits for a decision.")
    desk.meets("Applications")
    desk.press("heron applicant")
    desk.meets("heron applicant")
    desk.fill("Note", "Welcome.")
    desk.press("Accept")
    expect(desk.page.get_by_text("Decided.")).to_be_visible()


def test_somebody_applies_page_by_page_with_skills_and_hours(visit: Visit, cast: Troupe) -> None:
    form = make_questionnaire("In steps", ("motivation", "skills_learn", "hours"), Role.MENTEE)
    form.questions.filter(key="skills_learn").update(section="Skills and time")
    cohort = CohortFactory(program=cast.program, name="In steps", mentee_questions=form)
    person = UserFactory()

    keys = Keys(visit(person, reduced_motion="reduce"))
    keys.page.goto(f"/cohorts/{cohort.code}/apply/mentee/")
    keys.fill("Why do you want to take part?", "I would like to.")
    keys.press("Save and go on")
    expect(keys.page.get_by_text("Step 2 of 2")).to_be_visible()
    keys.fill("Skill 1", "Django")
    keys.choose("Level now", "beg")
    keys.choose("Level wanted", "str")
    keys.press("Monday, Morning", "Space")
    keys.press("Choose single hours")
    keys.press("Tuesday, 18", "Space")
    keys.press("Save and look it over")
    keys.meets("Look it over")
    keys.press("Send in")
    keys.meets("Your application")

    answers = Application.objects.get(applicant=person).answers
    assert answers["skills_learn"] == [{"name": "Django", "now": 1, "wanted": 3}]
    assert answers["hours"] == [*range(16, 24), 84, 85]


def test_a_reviewer_scores(visit: Visit, cast: Troupe) -> None:
    cohort = CohortFactory(program=cast.program, name="To be scored", is_blind=True)
    application = ApplicationFactory(cohort=cohort)
    reader = UserFactory()
    MembershipFactory(program=cast.program, user=reader, role="reviewer")
    AssignmentFactory(application=application, reviewer=reader)

    desk = Keys(visit(reader, reduced_motion="reduce"))
    desk.page.goto("/admin/")
    desk.press("Open the list")
    desk.meets("Yours to review")
    desk.press("Review the next one")
    desk.meets(application.blind_name)
    for _ in range(4):
        desk.press("1", "Space")
        desk.page.keyboard.press("ArrowRight")
        desk.page.keyboard.press("ArrowRight")
    desk.fill("Note", "Knows why.")
    desk.press("Accept", "Space")
    desk.press("Hand in and go on")
    expect(desk.page.get_by_text("Your review is in.")).to_be_visible()

    review = Review.objects.get(application=application)
    assert (set(review.scores.values()), review.advice) == ({3}, "yes")


def test_a_coordinator_decides_in_bulk_and_takes_it_back(visit: Visit, cast: Troupe) -> None:
    cohort = CohortFactory(program=cast.program, name="In bulk")
    for name in ("Ada", "Bo"):
        ApplicationFactory(cohort=cohort, applicant=UserFactory(name=name))

    desk = Keys(visit(cast.coordinator, reduced_motion="reduce"))
    desk.page.goto(f"/admin/cohorts/{cohort.code}/applications/")
    desk.press("Choose Ada", "Space")
    desk.press("Choose Bo", "Space")
    desk.press("Accept")
    expect(desk.page.get_by_role("heading", name="2 applications")).to_be_visible()
    desk.press("Decide now")
    expect(desk.page.get_by_text("2 applications are decided.")).to_be_visible()
    assert set(cohort.applications.values_list("status", flat=True)) == {"accepted"}
    desk.press("Undo")
    expect(desk.page.get_by_text("2 decisions are taken back.")).to_be_visible()
    assert set(cohort.applications.values_list("status", flat=True)) == {"submitted"}


def test_a_coordinator_builds_a_question_that_waits_for_an_answer(
    visit: Visit, cast: Troupe
) -> None:
    cohort = CohortFactory(program=cast.program, stage="draft", name="Being built")
    desk = Keys(visit(cast.coordinator, reduced_motion="reduce"))
    desk.page.goto(f"/admin/cohorts/{cohort.code}/setup/")
    desk.press("Forms")
    desk.meets("Application forms")
    desk.press("Edit the form for mentees")
    desk.meets("Form for mentees")
    desk.choose("Kind of question", "yes")
    desk.press("Write it")
    desk.meets("Write a question")
    desk.fill("Question", "Is it new to you?")
    desk.press("Save")
    desk.meets("Form for mentees")
    desk.choose("Kind of question", "long")
    desk.press("Write it")
    desk.meets("Write a question")
    desk.fill("Question", "What would help?")
    desk.press("Must be answered", "Space")
    desk.press("Is it new to you?: Yes", "Space")
    desk.press("Save")
    desk.meets("Form for mentees")
    desk.press("Up Is it new to you?")
    asked = desk.page.get_by_role("region", name="Page 1").get_by_role("listitem")
    expect(asked.nth(2)).to_contain_text("Is it new to you?")

    cohort.refresh_from_db()
    *_, new, _zone, last = list(cohort.mentee_questions.questions.all())
    assert (new.label, last.label) == ("Is it new to you?", "What would help?")
    assert (last.shown_if, last.shown_if_answers, last.required) == (new.key, ["yes"], True)


def test_a_participant_reads_a_text_and_says_so(visit: Visit, cast: Troupe) -> None:
    participant = ParticipantFactory(cohort=CohortFactory(program=cast.program, stage="matching"))
    text = RequiredTextFactory(program=cast.program, title="How we meet")
    GateItemFactory(cohort=participant.cohort, text=text)

    keys = Keys(visit(participant.user, reduced_motion="reduce"))
    keys.page.goto("/")
    keys.press(cast.program.name)
    keys.meets("You take part as a mentee")
    keys.press("Read “How we meet”")
    keys.meets("How we meet")
    keys.press("I have read this.", "Space")
    keys.press("Confirm")
    expect(keys.page.get_by_text("Read on")).to_be_visible()
    assert Consent.objects.filter(user=participant.user, version__text=text).exists()


def test_somebody_tells_of_themself_and_takes_a_pause(visit: Visit, cast: Troupe) -> None:
    person = ParticipantFactory(cohort=cast.cohort, role="mentor").user
    keys = Keys(visit(person, reduced_motion="reduce", locale="en-US"))
    keys.page.goto("/profile/")
    keys.fill("Headline", "Ten years of Django")
    keys.fill("Skill 1", "Django")
    keys.choose("Level now", "exp")
    keys.press("I can teach it", "Space")
    keys.press("Monday, Evening", "Space")
    keys.press("Save")
    expect(keys.page.get_by_text("Your profile is saved.")).to_be_visible()
    profile = Profile.objects.get(user=person)
    assert profile.headline == "Ten years of Django"
    assert profile.skills == [{"name": "Django", "now": 4, "wanted": 4, "teaches": True}]
    assert profile.hours == list(range(34, 42))

    keys.press("Take a pause")
    keys.meets("Take a pause")
    day = clock.now().date() + timedelta(days=30)
    keys.fill("The first day you are back", f"{day:%m%d%Y}")
    keys.press("Begin the pause")
    expect(keys.page.get_by_role("heading", level=1)).to_contain_text("You are paused until")
    keys.press("Come back now")
    expect(keys.page.get_by_role("heading", level=1)).to_contain_text("Take a pause")


def test_a_focus_that_nobody_sees_is_found_out(keys: Keys) -> None:
    keys.page.goto("/")
    axe.evaluate(
        keys.page,
        "document.querySelectorAll('a').forEach(a => a.style.setProperty('outline', 'none',"
        " 'important') || a.style.setProperty('box-shadow', 'none', 'important'))",
    )
    with pytest.raises(AssertionError, match="does not see the focus"):
        keys.press("I have an account")
