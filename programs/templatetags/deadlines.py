"""Deadlines on pages."""

from datetime import datetime

from django import template
from django.template import RequestContext
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from programs import deadlines

register = template.Library()


@register.simple_tag(takes_context=True)
def deadline(context: RequestContext, moment: datetime, zone: str) -> SafeString:
    """A deadline to the second, in the zone where it holds and on the reader's clock.

    Of a visitor who is not logged in nobody knows the zone; there a script may add it.
    """
    # an attribute, because `include … only` leaves no variables
    user = context.request.user
    stamp, there = moment.isoformat(), deadlines.there(moment, zone)
    if not user.is_authenticated:
        return format_html(
            '<time datetime="{}" data-local="{}">{}</time>',
            stamp,
            _("(that is {} for you)"),
            there,
        )
    here = deadlines.here(moment, zone, user.time_zone)
    if not here:
        return format_html('<time datetime="{}">{}</time>', stamp, there)
    return format_html(
        '<time datetime="{}">{}</time> {}',
        stamp,
        there,
        _("(that is %(here)s for you)") % {"here": here},
    )
