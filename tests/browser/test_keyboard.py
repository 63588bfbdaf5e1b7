"""Everything can be done with the keys alone, and one always sees where one is."""

import pytest
from playwright.sync_api import Page, expect

from feedback.models import CheckIn
from feedback.notifications import CheckInQuestion
from mentorship.shared.notifications.models import OutboxMessage
from mentorship.shared.notifications.outbox import notify
from mentorship.shared.notifications.tokens import token_for
from programs.models import Application, Role
from programs.questions import make_questionnaire
from tests.browser import axe
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.cast import Troupe, troupe
from tests.factories.programs import CohortFactory

pytestmark = pytest.mark.browser

PASSWORD = "a lamp by the window"
# More than any page has; who is not there by then never comes.
_MANY = 80

# What has the focus: its words, and whether one sees it by an outline, a shadow or a border that
# it has not without the focus.
_FOCUS = """
(() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const look = e => { const s = getComputedStyle(e);
    return [s.outlineStyle !== "none" && s.outlineWidth, s.outlineColor, s.boxShadow,
            s.borderColor].join(); };
  const box = one.getBoundingClientRect();
  const words = (one.labels && one.labels.length ? [...one.labels].map(l => l.innerText).join()
    : one.innerText || one.getAttribute("aria-label") || one.value || "");
  const focused = look(one);
  one.blur();
  const plain = look(one);
  one.focus({preventScroll: true, focusVisible: true});
  return {words: words.replaceAll("*", "").trim(), tag: one.tagName, type: one.type || "",
    group: one.closest("fieldset") ? one.closest("fieldset").innerText : "",
    seen: focused !== plain && box.width > 0 && box.height > 0 &&
      box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth};
})()
"""


class Keys:
    """A person without a mouse. Each step sees to it that the focus can be seen."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def tab_to(self, words: str) -> None:
        """Press Tab until what has these words has the focus."""
        met = []
        for _ in range(_MANY):
            self.page.keyboard.press("Tab")
            here = axe.evaluate(self.page, _FOCUS)
            if here is None:
                continue
            met.append(here["words"])
            assert here["seen"], f"one does not see the focus on {here}"
            if here["words"].startswith(words):
                return
        pytest.fail(f"Tab does not lead to {words!r}, but to {met}")

    def fill(self, label: str, text: str) -> None:
        self.tab_to(label)
        self.page.keyboard.type(text)

    def press(self, words: str, key: str = "Enter") -> None:
        self.tab_to(words)
        self.page.keyboard.press(key)


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

    keys.page.goto(f"/cohorts/{cohort.code}/apply/mentee/")
    keys.fill("Email", person.email)
    keys.fill("Password", PASSWORD)
    keys.press("Log in")
    expect(keys.page.get_by_role("heading", level=1)).to_have_text("Apply as a mentee")
    keys.press("Send in")
    expect(keys.page.get_by_role("alert")).to_contain_text("Please look at this again")
    keys.press("Why do you want to take part?")  # the line of the summary leads to the field
    assert axe.evaluate(keys.page, "document.activeElement.name") == "motivation"
    keys.page.keyboard.type("I would like to.")
    keys.press("books", "Space")
    keys.tab_to("What do you plan for the next years?")
    keys.page.keyboard.press("ArrowDown")
    keys.fill("Which skills do you want to learn?", "Django")
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
    desk.press("1 application waits for a decision.")
    desk.press("heron applicant")
    desk.fill("Note", "Welcome.")
    desk.press("Accept")
    expect(desk.page.get_by_text("Decided.")).to_be_visible()


def test_a_focus_that_nobody_sees_is_found_out(keys: Keys) -> None:
    keys.page.goto("/")
    axe.evaluate(
        keys.page,
        "document.querySelectorAll('a').forEach(a => a.style.setProperty('outline', 'none',"
        " 'important') || a.style.setProperty('box-shadow', 'none', 'important'))",
    )
    with pytest.raises(AssertionError, match="does not see the focus"):
        keys.press("I have an account")
