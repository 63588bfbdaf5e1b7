"""The way to take a list along."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

register = template.Library()


@register.inclusion_tag("components/_export.html", takes_context=True)
def export(context: dict[str, Any], route: str, code: str, label: str = "") -> dict[str, Any]:
    """Two buttons that give a list of this page as a file, filtered as the page is."""
    request = context["request"]
    query = request.GET.copy()
    query.pop("page", None)
    address = reverse(route, args=[code])
    return {
        "label": label or _("Take this list along:"),
        "address": f"{address}?{query.urlencode()}" if query else address,
        "csrf_token": context.get("csrf_token", ""),
    }
