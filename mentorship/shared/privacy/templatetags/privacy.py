from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def plainly(value: Any) -> str:
    """A value of somebody's data as text: dates in the reader's zone, lists by commas."""
    match value:
        case None | "" | [] | {}:
            return _("Nothing")
        case bool():
            return _("Yes") if value else _("No")
        case datetime():
            return date_format(timezone.localtime(value), "j F Y, H:i")
        case date():
            return date_format(value, "j F Y")
        case dict():
            return "; ".join(f"{key}: {plainly(inner)}" for key, inner in value.items())
        case list() | tuple() if any(isinstance(inner, dict) for inner in value):
            return "\n".join(plainly(inner) for inner in value)
        case list() | tuple():
            return ", ".join(plainly(inner) for inner in value)
    return str(value)
