"""A form is built, filled in and judged in browsers that run no script.

The rest of the way, from the first visit to the figures, is in test_story.py, the profile in
test_profile.py: no script runs in their windows either.
"""

import pytest
from playwright.sync_api import Page, expect

from mentorship.shared.questions.kinds import Kind
from programs.models import Application, Cohort, Review
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.cast import Troupe, troupe
from tests.factories.programs import (
    AssignmentFactory,
    CohortFactory,
    QuestionnaireFactory,
    UserFactory,
)

pytestmark = pytest.mark.browser

PHONE = 360
NEW, HELP = "Is mentoring new to you?", "What would help you to begin?"


@pytest.fixture(scope="module")
def cast(site: Site) -> Troupe:
    return troupe("heron")


def test_a_form_is_built_filled_in_and_judged(visit: Visit, cast: Troupe) -> None:
    cohort = CohortFactory(
        program=cast.program,
        name="No script",
        is_blind=True,
        mentee_questions=QuestionnaireFactory(asks=[("motivation", Kind.LONG_TEXT)]),
    )
    person = UserFactory(name="Amara Okafor")

    _builds_a_form(visit(cast.coordinator, java_script_enabled=False), cohort)
    _applies(visit(person, width=PHONE, java_script_enabled=False), cohort)
    application = Application.objects.get(cohort=cohort, applicant=person)
    told = application.answers
    assert told["skills_learn"] == [{"name": "Django", "now": 1, "wanted": 3}]
    assert told["hours"] == list(range(16, 24))

    AssignmentFactory(application=application, reviewer=cast.reviewer)
    _scores(visit(cast.reviewer, java_script_enabled=False), application)
    assert Review.objects.get(application=application).is_handed_in


def _builds_a_form(page: Page, cohort: Cohort) -> None:
    page.goto(f"/admin/cohorts/{cohort.code}/forms/mentee/")
    for kind, words in (("Yes or no", NEW), ("Long text", HELP)):
        page.get_by_label("Kind of question").select_option(kind)
        page.get_by_role("button", name="Write it").click()
        page.get_by_label("Question").first.fill(words)
        if words == NEW:
            page.get_by_label("Heading of a new step").fill("Beginning")
        else:
            page.get_by_label("Must be answered").check()
            page.get_by_role("checkbox", name=f"{NEW}: Yes").check()
        page.get_by_role("button", name="Save").click()
    ready = page.get_by_role("region", name="Ready-made questions")
    ready.get_by_label("Which skills do you want to learn? (Skills with levels)").check()
    ready.get_by_label("When can you usually meet?").check()
    ready.get_by_role("button", name="Add to the form").click()
    page.get_by_role("button", name="Up When can you usually meet?").click()
    expect(page.get_by_role("region", name="Page 2").get_by_role("listitem")).to_have_count(4)


def _applies(page: Page, cohort: Cohort) -> None:
    page.goto(f"/cohorts/{cohort.code}/apply/mentee/")
    page.get_by_label("About motivation?").fill("I would like to.")
    page.get_by_role("button", name="Save and go on").click()

    expect(page.get_by_text("Step 2 of 2")).to_be_visible()
    expect(page.get_by_text(f"Only if you answered “Yes” to “{NEW}”.")).to_be_visible()
    page.get_by_label(NEW).select_option("Yes")
    page.get_by_label("Skill 1", exact=True).fill("Django")
    page.get_by_label("Level now").first.select_option("beginner")
    page.get_by_label("Level wanted").first.select_option("strong")
    page.get_by_label("Monday, Morning").check()
    page.get_by_role("button", name="Save and look it over").click()

    missing = page.get_by_role("alert").get_by_role("link", name=HELP)
    missing.click()
    page.get_by_label(HELP).fill("An example.")
    page.get_by_role("button", name="Save and look it over").click()
    page.get_by_role("button", name="Send in").click()
    expect(page.get_by_text("Your application is sent in.")).to_be_visible()


def _scores(page: Page, application: Application) -> None:
    page.goto("/admin/")
    page.get_by_role("link", name="Open the list").click()
    page.get_by_role("link", name=application.blind_name).click()
    expect(page.get_by_text("An example.")).to_be_visible()
    for four in page.get_by_role("radio", name="4", exact=True).all():
        four.check()
    page.get_by_role("radio", name="Accept").check()
    page.get_by_role("button", name="Hand in and go on").click()
    expect(page.get_by_text("Your review is in.")).to_be_visible()
