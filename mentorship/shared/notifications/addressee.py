"""Whom a mail goes to: a person with an account, or an address without one."""

from dataclasses import dataclass

from django.conf import settings
from django.core.validators import validate_email
from django.utils.crypto import salted_hmac

from mentorship.shared.base.texts import validate_one_line


def address_hash(address: str) -> str:
    """What may be kept of an address for good: tells the same one again, and not which it is.

    Keyed with the site's secret, so that trying addresses needs more than the database.
    """
    told = salted_hmac("mentorship.address", address.strip().lower(), algorithm="sha256")
    return told.hexdigest()


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody without an account, as far as a mail needs to know them.

    Answers what a notice and its templates ask of a recipient. Nobody has told the language or
    the zone of a bare address: they are the site's.

    Raises ValidationError for what is no address, and for a name of several lines: it stands in
    the mail and could pass for a paragraph of ours.
    """

    email: str
    name: str = ""

    is_active = True
    time_zone = "UTC"

    def __post_init__(self) -> None:
        validate_email(self.email)
        validate_one_line(self.name)

    @property
    def language(self) -> str:
        return str(settings.LANGUAGE_CODE)

    @property
    def code(self) -> str:
        """Stands in the outbox's key where a person's own code would."""
        return f"a{address_hash(self.email)[:19]}"
