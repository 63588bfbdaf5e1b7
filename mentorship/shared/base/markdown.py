"""Markdown that coordinators write, as HTML that is safe to show."""

from functools import cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

# What a text may consist of.
_TAGS = frozenset(
    {"p", "br", "hr", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "a", "blockquote", "code"}
)
_SCHEMES = frozenset({"https", "http", "mailto"})
# The first level is the page's own, so the headings of a text begin at the second.
_HEADINGS = ("h2", "h3", "h4")


@cache
def _parser() -> MarkdownIt:
    """Without raw HTML, images and tables: a text is to be read, also on a phone."""
    return MarkdownIt("commonmark", {"html": False}).disable("image")


def to_html(text: str) -> SafeString:
    """The text as HTML of a short list of tags; links open nothing but pages and mail."""
    parser = _parser()
    tokens = parser.parse(text)
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    top = min((int(token.tag[1]) for token in headings), default=1)
    for token in headings:
        token.tag = _HEADINGS[min(int(token.tag[1]) - top, len(_HEADINGS) - 1)]
    html = parser.renderer.render(tokens, parser.options, {})
    cleaned = nh3.clean(
        html,
        tags=set(_TAGS),
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes=set(_SCHEMES),
        link_rel="noopener noreferrer",
    )
    return mark_safe(cleaned)  # noqa: S308  cleaned in the line above
