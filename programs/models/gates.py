"""The gate: what a cohort asks of its people before anybody is matched.

What can be asked is declared once (`Requirement`); what a cohort does ask are its rows
(`GateItem`). A cohort without rows asks nothing, and everybody in it is ready.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from programs.models.cohorts import Cohort
from programs.models.roles import Role
from programs.models.texts import Consent, RequiredText


class GateItem(models.Model):
    """One thing a cohort asks before matching: a declared requirement, or a text to be read."""

    # The key of a row that asks for a text.
    TEXT = "text"

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="gate_items")
    key = models.CharField(_("what is asked"), max_length=40)
    text = models.ForeignKey(
        RequiredText, on_delete=models.PROTECT, null=True, related_name="gate_items"
    )

    class Meta:
        ordering = ("id",)
        verbose_name = _("thing asked before matching")
        verbose_name_plural = _("things asked before matching")
        constraints = (
            models.UniqueConstraint(
                fields=("cohort", "key"), condition=~Q(key="text"), name="gate_asks_once"
            ),
            models.UniqueConstraint(
                fields=("cohort", "text"),
                condition=Q(key="text"),
                name="gate_asks_for_a_text_once",
            ),
            models.CheckConstraint(
                condition=Q(key="text", text__isnull=False)
                | (~Q(key="text") & Q(text__isnull=True)),
                name="gate_text_goes_with_its_key",
            ),
        )

    def __str__(self) -> str:
        return self.key if self.text_id is None else f"{self.key} {self.text_id}"


@dataclass(frozen=True, slots=True)
class Requirement:
    """Something a cohort may ask, besides texts, of the people in some roles.

    `lacking` is a condition on participants: who has not done it; whether their cohort asks for
    it is added here. `sentence` says what to do, `view` names the page where it is done.
    """

    key: str
    label: str | Promise
    sentence: str | Promise
    view: str
    lacking: Callable[[], Q]
    roles: tuple[str, ...] = (Role.MENTOR, Role.MENTEE)

    def missed(self) -> Q:
        """Participants whose cohort asks for it and who have not done it."""
        asked = GateItem.objects.filter(cohort=OuterRef("cohort"), key=self.key)
        return Q(Exists(asked), role__in=self.roles) & self.lacking()


_DECLARED: dict[str, Requirement] = {}


def declare(requirement: Requirement) -> Requirement:
    """Add something that a cohort may ask. Raises ValueError when its key is taken."""
    if requirement.key in _DECLARED or requirement.key == GateItem.TEXT:
        raise ValueError(f"two requirements of key {requirement.key!r}")
    _DECLARED[requirement.key] = requirement
    return requirement


def declared() -> tuple[Requirement, ...]:
    """Everything that a cohort may ask besides texts, in the order in which it is shown."""
    return tuple(_DECLARED.values())


def unread_texts() -> models.QuerySet[GateItem]:
    """The texts that the participant of the outer query has to read and has not."""
    read = Consent.objects.filter(
        user=OuterRef(OuterRef("user")),
        version__text=OuterRef("text"),
        version__number__gte=OuterRef("text__consent_from"),
    )
    return GateItem.objects.filter(
        Q(text__role="") | Q(text__role=OuterRef("role")),
        ~Exists(read),
        cohort=OuterRef("cohort"),
        key=GateItem.TEXT,
        text__retired_at__isnull=True,
    )


def held_up() -> Q:
    """Participants who have not done everything that their cohort asks."""
    condition = Q(Exists(unread_texts()))
    for requirement in declared():
        condition |= requirement.missed()
    return condition
