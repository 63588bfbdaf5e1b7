"""Addresses of people's own pages: https only, plain, never fetched."""

from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

_is_https = URLValidator(
    schemes=["https"], message=_("Please write a whole address that begins with https://.")
)


def validate_link(link: str) -> None:
    """Raise ValidationError unless this is an https address without a name or password in it."""
    _is_https(link)
    parts = urlsplit(link)
    if parts.username is not None or parts.password is not None:
        raise ValidationError(
            _("Please leave out the part before the @ in the address."), code="credentials"
        )


def validate_linkedin(link: str) -> None:
    _validate_host(link, "linkedin.com")


def validate_github(link: str) -> None:
    _validate_host(link, "github.com")


def _validate_host(link: str, host: str) -> None:
    """Raise ValidationError unless the link leads to this host or to a part of it."""
    validate_link(link)
    found = urlsplit(link).hostname or ""
    if found != host and not found.endswith(f".{host}"):
        raise ValidationError(
            _("This address is not one of %(host)s."), params={"host": host}, code="other_host"
        )
