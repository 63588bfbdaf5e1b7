"""Absolute links for mail."""

from django.conf import settings
from django.urls import reverse


def absolute(view: str, *args: object) -> str:
    """The address of a page as it stands in a mail, built from BASE_URL."""
    return f"{settings.BASE_URL}{reverse(view, args=args)}"
