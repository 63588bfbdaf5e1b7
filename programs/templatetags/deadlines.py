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
    """A deadline in the zone where it holds and on the reader's clock; its attribute is exact.

    Of whoever has not told their zone nobody knows it; there a script may add it.
    """
    # an attribute, because `include … only` leaves no variables
    user = context.request.user
    reader_zone = user.told_zone if user.is_authenticated else ""
    told = deadlines.in_both(moment, zone, reader_zone)
    if reader_zone:
        return format_html('<time datetime="{}">{}</time>', moment.isoformat(), told)
    return format_html(
        '<time datetime="{}" data-zone="{}" data-local="{}">{}</time>',
        moment.isoformat(),
        zone,
        _("({} where you are)"),
        told,
    )
