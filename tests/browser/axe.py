"""What axe-core finds on a page, and what of a page does not fit on a screen.

Everything is evaluated over the debugging protocol: a page's own policy allows no foreign script.
"""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

_SOURCE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice")
# A colour half-way from light to dark is nobody's fault.
_SETTLED = "Promise.all(document.getAnimations().map(one => one.finished)).then(() => 0)"
_RUN = """
axe.run(document, {
  runOnly: %s, resultTypes: ["violations"], iframes: false, preload: false
}).then(result =>
  result.violations.flatMap(rule => rule.nodes.map(node =>
    `${rule.id} (${rule.impact}): ${node.html.slice(0, 200)}: ` +
    node.any.concat(node.all, node.none).map(check => check.message).join("; "))))
"""
_OVERFLOW = """
document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll("body *")]
    .filter(e => e.getBoundingClientRect().right > innerWidth || e.scrollWidth > innerWidth)
    .map(e => e.outerHTML.slice(0, 120)).slice(0, 5)
    .concat(`${document.documentElement.scrollWidth} px in all`)
"""


def evaluate(page: Page, expression: str) -> Any:
    """The value of a JavaScript expression or of its promise."""
    session = page.context.new_cdp_session(page)
    answer = session.send(
        "Runtime.evaluate",
        {"expression": expression, "awaitPromise": True, "returnByValue": True},
    )
    session.detach()
    assert "exceptionDetails" not in answer, answer["exceptionDetails"]
    return answer["result"].get("value")


def violations(page: Page, rules: tuple[str, ...] = _RULES) -> list[str]:
    """Everything axe finds, one line an element."""
    evaluate(page, f"window.axe ? 0 : (() => {{ {_SOURCE} }})()")
    evaluate(page, _SETTLED)
    return list(evaluate(page, _RUN % list(rules)))


def too_wide(page: Page, width: int) -> list[str]:
    """What makes a page of this width scroll sideways; empty when it does not."""
    page.set_viewport_size({"width": width, "height": 800})
    return list(evaluate(page, _OVERFLOW))
