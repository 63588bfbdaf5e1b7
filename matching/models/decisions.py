"""What coordinators decided about matches and why: one hash chain for each cohort."""

import hashlib
import json
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from programs.models import Cohort, Program, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class LoggedDecisionQuerySet(models.QuerySet["LoggedDecision"]):
    def coordinated_by(self, user: "User | AnonymousUser") -> "LoggedDecisionQuerySet":
        return self.filter(cohort__program__in=Program.objects.coordinated_by(user))


class LoggedDecision(models.Model):
    """One link of a cohort's chain: who decided what, by codes, and a digest of the reason.

    The reason itself stands beside the chain in `DecisionReason` and can be erased without breaking
    it. Codes are opaque; they outlive what they named.
    """

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="decisions")
    number = models.PositiveIntegerField(_("number"))
    at = models.DateTimeField(_("when"))
    kind = models.CharField(_("what"), max_length=40)
    # A person's public code; empty for what followed by itself.
    by_code = models.CharField(max_length=20, blank=True)
    # Codes and numbers, never words of a person.
    facts = models.JSONField(default=dict)
    # SHA-256 of salt and text; empty when no reason was given.
    text_digest = models.CharField(max_length=64, blank=True)
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64, unique=True)

    objects = LoggedDecisionQuerySet.as_manager()

    # Set by pages: who decided, what, and why, in words.
    who: str
    text: str
    words: str

    class Meta:
        ordering = ("cohort", "-number")
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = (
            models.UniqueConstraint(fields=("cohort", "number"), name="decision_number_once"),
            models.CheckConstraint(
                condition=Q(number=1, previous="") | (Q(number__gt=1) & ~Q(previous="")),
                name="decision_hangs_on_the_one_before",
            ),
        )

    def __str__(self) -> str:
        return f"{self.cohort_id} #{self.number}: {self.kind}"

    def computed_digest(self) -> str:
        """SHA-256 (hex) over everything this link says and the digest of the link before."""
        told = {
            "cohort": self.cohort.code,
            "number": self.number,
            "at": self.at.isoformat(timespec="microseconds"),
            "kind": self.kind,
            "by": self.by_code,
            "facts": self.facts,
            "text": self.text_digest,
            "previous": self.previous,
        }
        text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()


class DecisionReason(models.Model):
    """The reason of a decision in the words of whoever decided; erased, the chain still holds."""

    decision = models.OneToOneField(LoggedDecision, on_delete=models.CASCADE, related_name="reason")
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    # Whom the words may tell about, so that an erasure finds them.
    about = models.ManyToManyField(User, related_name="+", blank=True)
    salt = models.CharField(max_length=64)
    text = models.TextField(_("reason"), max_length=1000)

    class Meta:
        verbose_name = _("reason of a decision")
        verbose_name_plural = _("reasons of decisions")

    def __str__(self) -> str:
        return f"reason of {self.decision_id}"

    def computed_digest(self) -> str:
        """SHA-256 (hex) of salt and text, as the chain holds it."""
        return hashlib.sha256(f"{self.salt}\n{self.text}".encode()).hexdigest()


class DecisionLog(models.Model):
    """Where a cohort's chain ends; its row is locked while a link is added."""

    cohort = models.OneToOneField(Cohort, on_delete=models.PROTECT, related_name="decision_log")
    number = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.cohort_id} up to {self.number}"
