from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base.models import PublicModel
from mentorship.shared.questions.models import Question, Questionnaire
from programs.models.people import User
from programs.models.programs import Cohort, Program
from programs.models.roles import Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class ApplicationQuerySet(models.QuerySet["Application"]):
    def of(self, user: "User | AnonymousUser") -> "ApplicationQuerySet":
        """A person's own applications."""
        return self.filter(applicant=user.pk)

    def reviewable_by(self, user: "User | AnonymousUser") -> "ApplicationQuerySet":
        """What lies on this person's desk: everything sent in to the programs they run."""
        programs = Program.objects.coordinated_by(user)
        sent_in = self.filter(cohort__program__in=programs, submitted_at__isnull=False)
        return sent_in.exclude(status=Application.Status.DRAFT)

    def waiting(self) -> "ApplicationQuerySet":
        """Sent in and not decided yet."""
        return self.filter(status=Application.Status.SUBMITTED)


class Application(PublicModel):
    """A person's wish to take part in a cohort in one role, with their answers."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Sent in")
        WAITLISTED = "waitlisted", _("On the waiting list")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    # Which status may follow which. Buttons ask `can_move_to`; actions enforce it.
    MOVES: Mapping[str, frozenset[str]] = {
        Status.DRAFT: frozenset({Status.SUBMITTED, Status.WITHDRAWN}),
        Status.SUBMITTED: frozenset(
            {Status.ACCEPTED, Status.WAITLISTED, Status.DECLINED, Status.WITHDRAWN}
        ),
        Status.WAITLISTED: frozenset({Status.ACCEPTED, Status.DECLINED, Status.WITHDRAWN}),
        Status.ACCEPTED: frozenset({Status.WITHDRAWN}),
        Status.DECLINED: frozenset(),
        Status.WITHDRAWN: frozenset({Status.DRAFT}),
    }
    DECIDED = (Status.ACCEPTED, Status.WAITLISTED, Status.DECLINED)

    cohort = models.ForeignKey(
        Cohort, on_delete=models.PROTECT, related_name="applications", verbose_name=_("cohort")
    )
    applicant = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="applications", verbose_name=_("applicant")
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.DRAFT
    )
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="+")
    answers = models.JSONField(_("answers"), default=dict)
    reference = models.CharField(
        _("reference"), max_length=80, blank=True, help_text=_("The row's own id in an import.")
    )
    submitted_at = models.DateTimeField(_("sent in"), null=True, editable=False)
    decided_at = models.DateTimeField(_("decided"), null=True, editable=False)
    decided_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("decided by"),
    )
    note = models.TextField(
        _("note"), max_length=2000, blank=True, help_text=_("Read by the coordinators only.")
    )

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering = ("submitted_at", "id")
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        indexes = (models.Index(fields=("cohort", "status"), name="application_desk"),)
        constraints = (
            models.UniqueConstraint(
                fields=("cohort", "applicant", "role"), name="application_once_per_cohort_and_role"
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="application_decided_at_and_by_together",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=("accepted", "waitlisted", "declined"))
                | Q(decided_at__isnull=False),
                name="application_decided_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(status__in=("draft", "withdrawn")) | Q(submitted_at__isnull=False),
                name="application_submitted_has_its_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.applicant}, {self.get_role_display()}, {self.cohort.name}"

    def can_move_to(self, status: str) -> bool:
        """Whether the table of moves allows this status next."""
        return status in self.MOVES[self.status]

    @property
    def is_decided(self) -> bool:
        return self.status in self.DECIDED

    def facts(self) -> dict[str, Any]:
        """What the answers tell the matching, by the name of the fact."""
        names = dict(self.questionnaire.questions.exclude(fact="").values_list("key", "fact"))
        return {names[key]: value for key, value in self.answers.items() if key in names}

    def in_words(self) -> list[tuple[Question, str]]:
        """Each question with its answer as text, in order."""
        return [
            (question, question.in_words(self.answers.get(question.key)))
            for question in self.questionnaire.questions.all()
        ]
