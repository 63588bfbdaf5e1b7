from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base.models import PublicModel
from mentorship.shared.questions.kinds import Kind


class Questionnaire(PublicModel):
    """A list of questions; what was answered is kept by whoever asked, as JSON by question key."""

    title = models.CharField(_("title"), max_length=200)

    def __str__(self) -> str:
        return self.title


class Question(models.Model):
    """One question. `fact` names what the answer tells the matching; empty tells it nothing."""

    questionnaire = models.ForeignKey(
        Questionnaire, on_delete=models.CASCADE, related_name="questions"
    )
    position = models.PositiveSmallIntegerField(_("position"))
    key = models.CharField(
        _("key"), max_length=60, validators=[RegexValidator(r"^[a-z][a-z0-9_]*$")]
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    label = models.CharField(_("question"), max_length=300)
    help = models.CharField(_("help"), max_length=500, blank=True)
    required = models.BooleanField(_("required"), default=False)
    choices = models.JSONField(_("choices"), default=list, blank=True)
    minimum = models.IntegerField(_("smallest"), null=True, blank=True)
    maximum = models.IntegerField(_("largest"), null=True, blank=True)
    fact = models.CharField(_("fact for the matching"), max_length=60, blank=True)
    is_sensitive = models.BooleanField(
        _("sensitive"), default=False, help_text=_("Only coordinators read the answer.")
    )

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("questionnaire", "key"), name="question_key_once_per_questionnaire"
            ),
        )

    def __str__(self) -> str:
        return self.label

    def choice_pairs(self) -> list[tuple[str, str]]:
        """What can be chosen, as (value, words)."""
        return [(choice, choice) for choice in self.choices]

    def scale(self) -> range:
        """The steps of a scale; 1 to 5 unless said otherwise."""
        lowest = 1 if self.minimum is None else self.minimum
        return range(lowest, (5 if self.maximum is None else self.maximum) + 1)

    def field(self, *, required: bool | None = None) -> Any:
        """The form field that asks this question."""
        return Kind(self.kind).field(self, required=self.required if required is None else required)

    def in_words(self, answer: Any) -> str:
        """An answer as plain text for a page."""
        if answer is None or answer == "" or answer == []:
            return ""
        if isinstance(answer, bool):
            return str(_("Yes") if answer else _("No"))
        return ", ".join(answer) if isinstance(answer, list) else str(answer)
