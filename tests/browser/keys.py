"""A person at a browser who has no mouse."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe

# More than any page has; who is not there by then never comes.
_MANY = 200

# What has the focus: its words, and whether one sees it by an outline, a shadow or a border that
# it has not without the focus.
_FOCUS = """
(() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const look = e => { const s = getComputedStyle(e);
    return [s.outlineStyle !== "none" && s.outlineWidth, s.outlineColor, s.boxShadow,
            s.borderColor].join(); };
  // A day is typed part by part and, left for a moment, would begin at its first part once more.
  // At its calendar's button the browser draws the focus, inside of what can be asked.
  const isOfParts = ["date", "time"].includes(one.type);
  const differs = () => {
    const focused = look(one);
    if (isOfParts) {
      const twin = one.cloneNode();
      one.after(twin);
      const plain = look(twin);
      twin.remove();
      return focused !== plain || !one.matches(":focus");
    }
    one.blur();
    const plain = look(one);
    one.focus({preventScroll: true, focusVisible: true});
    return focused !== plain;
  };
  const box = one.getBoundingClientRect();
  const words = (one.labels && one.labels.length ? [...one.labels].map(l => l.innerText).join()
    : one.innerText || one.getAttribute("aria-label") || one.value || "");
  return {
    words: words.replaceAll("*", "").replace(/\\s+/g, " ").trim(),
    tag: one.tagName,
    seen: differs() && box.width > 0 && box.height > 0 &&
      box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
})()
"""


class Keys:
    """A person without a mouse. Each step sees to it that the focus can be seen."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def tab_to(self, words: str, *tags: str) -> None:
        """Press Tab until what has these words, and is one of these elements, has the focus."""
        met = []
        for _ in range(_MANY):
            self.page.keyboard.press("Tab")
            here = axe.evaluate(self.page, _FOCUS)
            if here is None:
                continue
            met.append(here["words"])
            assert here["seen"], f"one does not see the focus on {here}"
            if here["words"].startswith(words) and here["tag"] in (tags or (here["tag"],)):
                return
        pytest.fail(f"Tab does not lead to {words!r}, but to {met}")

    def fill(self, label: str, text: str) -> None:
        self.tab_to(label, "INPUT", "TEXTAREA", "SELECT")
        self.page.keyboard.type(text)

    def press(self, words: str, key: str = "Enter") -> None:
        self.tab_to(words)
        self.page.keyboard.press(key)

    def meets(self, heading: str) -> None:
        """Wait for the page that the last key leads to, known by its heading."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)

    def choose(self, label: str, words: str) -> None:
        """In a list: typing leads to the choice that begins so."""
        self.fill(label, words)
