from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from matching.models import Match, Place
from mentorship.shared.base.models import PublicModel
from programs.models import Participant, Program, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class SilenceQuerySet(models.QuerySet["Silence"]):
    def of(self, user: "User | AnonymousUser") -> "SilenceQuerySet":
        """Those this person is asked, or was; a settled one outlives their place in the match."""
        here = Q(match__in=Match.objects.of(user))
        was_here = Place.objects.filter(participant__in=Participant.objects.of(user))
        return self.filter(here | Q(closed_at__isnull=False, match__in=was_here.values("match")))

    def coordinated_by(self, user: "User | AnonymousUser") -> "SilenceQuerySet":
        return self.filter(match__cohort__program__in=Program.objects.coordinated_by(user))

    def open(self) -> "SilenceQuerySet":
        """Asked, and nobody has answered or met since."""
        return self.filter(closed_at__isnull=True)

    def with_people(self) -> "SilenceQuerySet":
        return self.select_related("match__cohort__program").prefetch_related(
            "match__places__participant__user"
        )


class Silence(PublicModel):
    """People of a match of whom nothing was heard: asked, then warned, then closed.

    Any answer closes it, and so does a contact: a check-in that was answered or moved.
    """

    class Answer(models.TextChoices):
        IN_TOUCH = "in-touch", _("We are in touch")
        HELP = "help", _("We need help")
        END = "end", _("Please end it")

    match = models.ForeignKey(Match, on_delete=models.PROTECT, related_name="silences")
    asked_at = models.DateTimeField(_("asked"))
    warned_at = models.DateTimeField(_("warned"), null=True, editable=False)
    answer = models.CharField(_("answer"), max_length=10, choices=Answer.choices, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, editable=False)
    answered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)

    objects = SilenceQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at", "-id")
        verbose_name = _("silence")
        verbose_name_plural = _("silences")
        constraints = (
            models.UniqueConstraint(
                fields=("match",),
                condition=Q(closed_at__isnull=True),
                name="silence_one_open_per_match",
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True, answered_by__isnull=True)
                | (~Q(answer="") & Q(answered_at__isnull=False, answered_by__isnull=False)),
                name="silence_answer_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(answer="") | Q(closed_at__isnull=False),
                name="silence_answered_is_closed",
            ),
        )

    def __str__(self) -> str:
        return f"{self.match_id}, asked {self.asked_at:%Y-%m-%d}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None
