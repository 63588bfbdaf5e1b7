"""The mails about a person's part, data and account."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy

from mentorship.shared.base import clock
from mentorship.shared.base.links import absolute
from mentorship.shared.notifications.registry import Category, Notice, register
from programs.corrected import in_words
from programs.gate import Missing, missing
from programs.models import (
    Correction,
    ImportJob,
    Participant,
    User,
)
from programs.notifications.of_program import OfProgram


@register
class GateReminder(OfProgram):
    """What a person still has to do before they can be matched."""

    kind = "gate_reminder"
    label = gettext_lazy("Missing before matching")
    category = Category.MATCH
    subject_model = Participant

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        return Participant.objects.select_related("cohort__program")

    @cached_property
    def missing(self) -> list[Missing]:
        """Asked once for a mail, at the moment of sending."""
        return missing(self.subject)

    def context(self, recipient: Any) -> dict[str, Any]:
        return {
            "url": absolute("participation-detail", self.subject.code),
            "missing": [
                {"sentence": item.sentence, "url": f"{settings.BASE_URL}{item.url}"}
                for item in self.missing
            ],
        }

    def not_needed(self, recipient: Any) -> str:
        if self.subject.left_at is not None:
            return "The person has left."
        return "" if self.missing else "Nothing is missing any more."


@register
class PartToConfirm(OfProgram):
    """To somebody who takes part because a list named them: whether that is right."""

    kind = "part_to_confirm"
    label = gettext_lazy("Taking part, to be confirmed")
    category = Category.ACCOUNT
    subject_model = Participant
    can_be_disabled = False

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        return Participant.objects.select_related("cohort__program")

    def context(self, recipient: Any) -> dict[str, Any]:
        return {"url": absolute("participation-detail", self.subject.code)}

    def not_needed(self, recipient: Any) -> str:
        if self.subject.left_at is not None:
            return "The person has left."
        waits = Participant.objects.unconfirmed().filter(pk=self.subject.pk).exists()
        return "" if waits else "The person has confirmed."


@register
class AccountEnds(Notice):
    """Nobody has logged in for so long that the account is about to end."""

    kind = "account_ends"
    label = gettext_lazy("An unused account ends")
    category = Category.ACCOUNT
    subject_model = User
    can_be_disabled = False

    def context(self, recipient: Any) -> dict[str, Any]:
        return {"url": absolute("home")}

    def not_needed(self, recipient: Any) -> str:
        if self.subject.last_seen_at > clock.now() - timedelta(days=60):
            return "The person has logged in since."
        return ""


@register
class DataCorrected(Notice):
    """To somebody whose words a coordinator changed: which, by whom, from what to what."""

    kind = "data_corrected"
    label = gettext_lazy("Your data was corrected")
    category = Category.ACCOUNT
    subject_model = Correction
    can_be_disabled = False

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        return Correction.objects.select_related("by", "program", "application__questionnaire")

    def context(self, recipient: Any) -> dict[str, Any]:
        application = self.subject.application
        return {
            "url": absolute("application-detail", application.code)
            if application
            else absolute("profile"),
            "changes": in_words(self.subject),
        }


@register
class SecondFactorReset(Notice):
    """To whose second factor was removed: if they did not ask for it, somebody is after them."""

    kind = "second_factor_reset"
    label = gettext_lazy("Second factor reset")
    category = Category.ACCOUNT
    subject_model = User
    can_be_disabled = False

    def context(self, recipient: Any) -> dict[str, Any]:
        return {"url": absolute("mfa_index")}


@register
class ImportFinished(Notice):
    """To the coordinator who asked: the list is in, or why it is not."""

    kind = "import_finished"
    label = gettext_lazy("Import finished")
    category = Category.PROGRAM
    subject_model = ImportJob

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        return ImportJob.objects.select_related("cohort__program")

    def context(self, recipient: Any) -> dict[str, Any]:
        return {
            "url": absolute("desk-import-job", self.subject.code),
            "is_imported": self.subject.status == ImportJob.Status.IMPORTED,
        }
