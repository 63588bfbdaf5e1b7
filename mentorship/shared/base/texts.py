"""What a short text may hold."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


def validate_one_line(text: str) -> None:
    """Raise ValidationError for a text with line breaks or other control characters.

    Names stand in mails: a name of several lines could pass for a paragraph of ours.
    """
    if any(not character.isprintable() for character in text):
        raise ValidationError(_("Please write it in one line."), code="not_one_line")
