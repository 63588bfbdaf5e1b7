"""Small words of pages and mails: whose zone, which hour, what colour a status has."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from mentorship.shared.base.markdown import to_html

register = template.Library()

# Which colour a status gets beside its word: never the colour alone.
_TONES = {
    "accepted": "good",
    "running": "good",
    "done": "good",
    "published": "good",
    "held": "good",
    "sent": "good",
    "applying": "good",
    "submitted": "wait",
    "waitlisted": "wait",
    "queued": "wait",
    "pending": "wait",
    "claimed": "wait",
    "sending": "wait",
    "uncertain": "wait",
    "matching": "wait",
    "scheduled": "info",
    "open": "wait",
    "agreed": "good",
    "declined": "bad",
    "failed": "bad",
    "missed": "bad",
    "confirmed": "wait",
    "wrong": "bad",
    "changed": "info",
    "new": "good",
    "imported": "good",
    "checked": "info",
}

# How an instant is written: with the day of the week, since people agree on weekdays.
_MOMENT = pgettext_lazy("day and hour", "l j F Y, H:i")
# The same where many stand below each other.
_SHORT = pgettext_lazy("day and hour, short", "D j M Y, H:i")
_DAY = gettext_lazy("j F Y")


@register.filter
def tone(status: str) -> str:
    """The colour of a status: good, wait, bad, info or plain."""
    return _TONES.get(str(status), "plain")


@register.filter
def initials(name: Any) -> str:
    """Up to two first letters, for the circle beside a name."""
    words = str(name).split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@register.filter
def markdown(text: Any) -> SafeString:
    """Words in Markdown as HTML that is safe to show."""
    return to_html(str(text))


@register.filter
def names(people: Iterable[Any]) -> str:
    """Names as a sentence says them. Takes whatever has a `user`, as attribute or key."""
    told = [str(_user_of(person).name) for person in people]
    return get_text_list(told, _("and"))


def _user_of(person: Any) -> Any:
    return person["user"] if isinstance(person, Mapping) else person.user


@register.filter
def zone_words(zone: str) -> str:
    """A zone as people say it: "Europe/Berlin" is "Berlin time"."""
    city = str(zone).rsplit("/", 1)[-1].replace("_", " ")
    return city if city == "UTC" else _("%(city)s time") % {"city": city}


@register.simple_tag
def when(moment: datetime, zone: str = "", *, short: bool = False) -> SafeString:
    """An instant as a `<time>`, in the named zone or the reader's own."""
    told = _told(moment, zone, str(_SHORT if short else _MOMENT))
    stamp = moment.isoformat(timespec="minutes")
    return format_html('<time datetime="{}">{}</time>', stamp, told)


@register.simple_tag
def when_text(moment: datetime, zone: str = "") -> str:
    """An instant as plain text, for text mails."""
    return _told(moment, zone, str(_MOMENT))


@register.simple_tag
def day(on: date) -> SafeString:
    """A day as a `<time>`."""
    return format_html('<time datetime="{}">{}</time>', on.isoformat(), date_format(on, str(_DAY)))


@register.simple_tag
def day_text(on: date) -> str:
    """A day as plain text, for text mails."""
    return date_format(on, str(_DAY))


def _told(moment: datetime, zone: str, style: str) -> str:
    # The `date` filter would turn the instant into the reader's zone again.
    there = moment.astimezone(ZoneInfo(zone)) if zone else timezone.localtime(moment)
    return date_format(there, style)
