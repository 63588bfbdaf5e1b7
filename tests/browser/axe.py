"""What axe-core finds on a page, and what of a page does not fit on a screen.

Everything is evaluated over the debugging protocol: a page's own policy allows no foreign script.
"""

import json
import time
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from playwright.sync_api import CDPSession, Page

_SOURCE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice")
# A colour half-way from light to dark is nobody's fault.
_SETTLED = "Promise.allSettled(document.getAnimations().map(one => one.finished)).then(() => 0)"
_RUN = """
axe.run(document, {
  runOnly: %s, rules: %s, resultTypes: ["violations"], iframes: false, preload: false
}).then(result => {
  if (!result.passes.length) throw "axe has looked at nothing";
  return result.violations.flatMap(rule => rule.nodes.map(node =>
    `${rule.id} (${rule.impact}): ${node.html.slice(0, 200)}: ` +
    node.any.concat(node.all, node.none).map(check => check.message).join("; ")));
})
"""
# Sideways, only what says so of itself may scroll; and nothing may be hidden by its own edge.
_OVERFLOW = """
(() => {
  // Besides our own: the lists of Django's admin, whose every row has a link to go to.
  const isMarked = e =>
    e.matches('[role="region"][tabindex="0"][aria-label], #changelist .results');
  const isOwnBusiness = e => e.matches("input, select, textarea") ||
    e.closest(".visually-hidden, .visually-hidden-focusable, svg") || !e.getClientRects().length;
  const all = [...document.querySelectorAll("body *")].filter(e => !isOwnBusiness(e));
  const told = (words, found) => found.map(e => `${words}: ${e.outerHTML.slice(0, 120)}`);
  const page = document.documentElement;
  const broad = page.scrollWidth <= innerWidth ? [] :
    all.filter(e => e.getBoundingClientRect().right > innerWidth || e.scrollWidth > innerWidth);
  const beyond = all.filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1);
  const low = all.filter(e => e.scrollHeight > e.clientHeight + 1 && e.clientHeight > 1);
  const how = (e, side) => getComputedStyle(e)[`overflow${side}`];
  return [
    ...told(`the page is ${page.scrollWidth} px wide`, broad).slice(0, 5),
    ...told("cut off", beyond.filter(e => ["hidden", "clip"].includes(how(e, "X")))),
    ...told("cut off below", low.filter(e => ["hidden", "clip"].includes(how(e, "Y")))),
    ...told("scrolls and does not say so",
      beyond.filter(e => ["auto", "scroll"].includes(how(e, "X")) && !isMarked(e))),
  ];
})()
"""


# The protocol waits for a promise as long as it takes; a test should not.
_PATIENCE = 30
_BEGIN = """
window.answered = null;
(async () => %s)().then(
  value => { window.answered = JSON.stringify({value}); },
  error => { window.answered = JSON.stringify({error: String(error)}); });
"""
_SESSIONS: WeakKeyDictionary[Page, CDPSession] = WeakKeyDictionary()


def evaluate(page: Page, expression: str) -> Any:
    """The value of a JavaScript expression or of its promise."""
    _ask(page, _BEGIN % expression.strip())
    until = time.monotonic() + _PATIENCE
    while (answer := _ask(page, "window.answered")) is None:
        assert time.monotonic() < until, f"no answer to {expression[:200]}"
        page.wait_for_timeout(20)
    told = json.loads(answer)
    assert "error" not in told, told["error"]
    return told.get("value")


def _ask(page: Page, expression: str) -> Any:
    if page not in _SESSIONS:
        _SESSIONS[page] = page.context.new_cdp_session(page)
    answer = _SESSIONS[page].send(
        "Runtime.evaluate", {"expression": expression, "returnByValue": True}
    )
    assert "exceptionDetails" not in answer, answer["exceptionDetails"]
    return answer["result"].get("value")


def violations(page: Page, without: tuple[str, ...] = ()) -> list[str]:
    """Everything axe finds, one line an element; `without` names rules that do not apply."""
    _ask(page, f"window.axe ? 0 : (() => {{ {_SOURCE} }})()")
    evaluate(page, _SETTLED)
    off = json.dumps({rule: {"enabled": False} for rule in without})
    return list(evaluate(page, _RUN % (json.dumps(_RULES), off)))


def too_wide(page: Page, width: int) -> list[str]:
    """What of a page of this width does not fit: what makes it scroll sideways, what is cut off."""
    page.set_viewport_size({"width": width, "height": 800})
    return list(evaluate(page, _OVERFLOW))
