from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base.models import PublicModel
from programs.models.applications import Application
from programs.models.people import User
from programs.models.programs import Program


class Correction(PublicModel):
    """What a coordinator changed of somebody's own words, kept to tell the person by mail."""

    user = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="corrections", verbose_name=_("person")
    )
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="+")
    # Whose answers were changed; empty when it was the profile or the account.
    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # One [field or question, before, after] for each change, as stored and not in words, so that
    # it is told in the language of the person.
    changes = models.JSONField(default=list)

    class Meta:
        ordering = ("-created_at", "-id")
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")

    def __str__(self) -> str:
        # Not the words: this text may reach a log or a page.
        return f"{self.program}, {self.created_at:%Y-%m-%d}"

    @property
    def names(self) -> list[Any]:
        """Which fields or questions were changed."""
        return [name for name, _before, _after in self.changes]
