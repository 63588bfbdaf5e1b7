"""Notices are declared as classes, one per thing worth a mail."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_BY_KIND: dict[str, type["Notice"]] = {}


class Category(models.TextChoices):
    """What a person switches on or off: a few groups rather than every single notice."""

    ACCOUNT = "account", _("Applications and decisions")
    APPLYING = "applying", _("Reminders of an application that is not finished")
    MATCH = "match", _("Your match")
    CHECK_INS = "check_ins", _("Check-in reminders")
    SURVEYS = "surveys", _("Surveys")
    PROGRAM = "program", _("Running a program")


class Notice:
    """One kind of mail about one subject.

    A subclass names `kind` (the stem of its two templates under `emails/`), `label`, `category`,
    `subject_model`, and may narrow `can_be_disabled`, `repeats_are_harmless` and
    `link_view`. The subject has a `code` and is loaded again at the moment of sending.
    """

    kind: ClassVar[str]
    label: ClassVar[str | Promise]
    category: ClassVar[Category]
    subject_model: ClassVar[type[models.Model]]
    can_be_disabled: ClassVar[bool] = True
    # After a crash between the mail server's yes and our note of it: send again (the same
    # Message-ID), or leave it to a person as "uncertain"?
    repeats_are_harmless: ClassVar[bool] = True
    # Name of the view that a link in the mail opens without a log-in; takes the subject's code.
    link_view: ClassVar[str | None] = None

    def __init__(self, subject: Any) -> None:
        self.subject = subject

    @classmethod
    def load(cls, codes: Iterable[str]) -> "dict[str, Notice]":
        """The notices about the subjects with these codes as they are now; the gone are absent."""
        return {subject.code: cls(subject) for subject in cls.subjects().filter(code__in=codes)}

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        """Where the subject is found, with what the mail shows of it."""
        return cls.subject_model._default_manager.all()

    def context(self, recipient: Any) -> dict[str, Any]:
        """What the templates may show, besides `subject`, `recipient` and `link`."""
        return {}

    def sender(self) -> str:
        """Whose name stands over the mail; empty for the site's."""
        return ""

    def signature(self) -> str:
        """Words of whoever lets the mail be sent, under it; empty for none."""
        return ""

    def not_needed(self, recipient: Any) -> str:
        """Why it need not be sent any more, asked at the moment of sending; empty when it is."""
        return ""

    def link_expires_at(self, queued_at: datetime, default: timedelta) -> datetime:
        """Until when the link in the mail works."""
        return queued_at + default


def register(notice: type[Notice]) -> type[Notice]:
    """Declare a notice. Raises ValueError when its kind is taken."""
    if notice.kind in _BY_KIND:
        raise ValueError(f"two notices of kind {notice.kind!r}")
    _BY_KIND[notice.kind] = notice
    return notice


def notice_of(kind: str) -> type[Notice]:
    """The declared notice of this kind. Raises KeyError."""
    return _BY_KIND[kind]


def label_of(kind: str) -> str:
    """The words for a kind; a kind of an earlier version is its own word."""
    return str(_BY_KIND[kind].label) if kind in _BY_KIND else kind


def declared() -> tuple[type[Notice], ...]:
    """Every declared notice, by kind."""
    return tuple(_BY_KIND[kind] for kind in sorted(_BY_KIND))
