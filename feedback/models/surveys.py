from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base.models import PublicModel, TimestampedModel
from mentorship.shared.base.texts import validate_one_line
from mentorship.shared.questions.models import Question, Questionnaire
from programs.models import Cohort, Participant, Program, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class SurveyQuerySet(models.QuerySet["Survey"]):
    def coordinated_by(self, user: "User | AnonymousUser") -> "SurveyQuerySet":
        return self.filter(cohort__program__in=Program.objects.coordinated_by(user))

    def open(self, at: datetime) -> "SurveyQuerySet":
        """Twin of `Survey.is_open`."""
        return self.filter(opens_at__lte=at, closes_at__gt=at)

    def due_for_sending(self, at: datetime) -> "SurveyQuerySet":
        """Open and not sent yet."""
        return self.open(at).filter(sent_at__isnull=True)


class Survey(PublicModel):
    """Questions to the participants of a cohort, open from an instant until another.

    Answers are named: the coordinator reads who said what, and the page says so beforehand.
    """

    cohort = models.ForeignKey(
        Cohort, on_delete=models.PROTECT, related_name="surveys", verbose_name=_("cohort")
    )
    title = models.CharField(_("title"), max_length=120, validators=[validate_one_line])
    intro = models.TextField(_("introduction"), max_length=2000, blank=True)
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="+")
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("closes"))
    sent_at = models.DateTimeField(_("sent"), null=True, editable=False)

    objects = SurveyQuerySet.as_manager()

    class Meta:
        ordering = ("opens_at", "id")
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        constraints = (
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")), name="survey_closes_after_opening"
            ),
        )

    def __str__(self) -> str:
        return self.title

    def is_open(self, at: datetime) -> bool:
        return self.opens_at <= at < self.closes_at


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def of(self, user: "User | AnonymousUser") -> "InvitationQuerySet":
        """Invitations of a person who still takes part."""
        return self.filter(participant__in=Participant.objects.of(user).present())

    def waiting(self, at: datetime) -> "InvitationQuerySet":
        """Not answered, and one still can."""
        return self.filter(answered_at__isnull=True, survey__in=Survey.objects.open(at))


class Invitation(PublicModel):
    """One participant asked to answer one survey. Its code stands in the address."""

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="invitations")
    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="survey_invitations"
    )
    answered_at = models.DateTimeField(_("answered"), null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("survey invitation")
        verbose_name_plural = _("survey invitations")
        constraints = (
            models.UniqueConstraint(fields=("survey", "participant"), name="invitation_once"),
        )

    def __str__(self) -> str:
        return f"{self.survey} · {self.participant}"


class Response(TimestampedModel):
    """The answers of one invited participant."""

    invitation = models.OneToOneField(Invitation, on_delete=models.PROTECT, related_name="response")
    answers = models.JSONField(_("answers"), default=dict)

    class Meta:
        verbose_name = _("response")
        verbose_name_plural = _("responses")

    def __str__(self) -> str:
        return str(self.invitation)

    def in_words(self) -> list[tuple[Question, str]]:
        """Each question with its answer as text."""
        return self.invitation.survey.questionnaire.in_words(self.answers)
