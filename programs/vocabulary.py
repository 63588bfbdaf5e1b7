"""What a program calls its mentors, mentees and check-ins."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

LONGEST = 40


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words as they stand in the middle of a sentence; each with its plural."""

    mentor: str
    mentors: str
    mentee: str
    mentees: str
    checkin: str
    checkins: str

    @classmethod
    def of(cls, own: Mapping[str, str]) -> "Vocabulary":
        """The usual words, with a program's own in their place."""
        return cls(**{name: own.get(name) or usual for name, usual in _usual().items()})

    def role(self, role: str) -> str:
        """What somebody in this role is called."""
        return self.mentor if role == "mentor" else self.mentee

    def roles(self, role: str) -> str:
        """What those in this role are called."""
        return self.mentors if role == "mentor" else self.mentees

    def a_role(self, role: str) -> str:
        """The same with its article."""
        return _with_article(self.role(role))


def _usual() -> dict[str, str]:
    return {
        "mentor": _("mentor"),
        "mentors": _("mentors"),
        "mentee": _("mentee"),
        "mentees": _("mentees"),
        "checkin": _("check-in"),
        "checkins": _("check-ins"),
    }


NAMES = tuple(field.name for field in fields(Vocabulary))


def _with_article(word: str) -> str:
    """The word with its article, as English says it."""
    article = _("an %(word)s") if word[:1].lower() in "aeiou" else _("a %(word)s")
    return article % {"word": word}


def validate_words(own: Any) -> None:
    """Raise ValidationError unless these are words of ours in one short line each."""
    is_table = isinstance(own, dict) and all(
        name in NAMES and isinstance(word, str) and len(word) <= LONGEST and word.isprintable()
        for name, word in own.items()
    )
    if not is_table:
        raise ValidationError(gettext_lazy("These are not words for a program."), code="no_words")
