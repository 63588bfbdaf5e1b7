from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base.models import PublicModel
from mentorship.shared.questions.models import Question, Questionnaire, applicable
from programs.facts import ASKED, facts_of
from programs.models.cohorts import Cohort
from programs.models.invitations import Channel, HeardFrom, Invitation
from programs.models.people import User
from programs.models.programs import Program
from programs.models.roles import Role
from programs.taking import for_profile

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class ApplicationQuerySet(models.QuerySet["Application"]):
    def of(self, user: "User | AnonymousUser") -> "ApplicationQuerySet":
        """A person's own applications."""
        return self.filter(applicant=user.pk)

    def sent_in(self) -> "ApplicationQuerySet":
        """Not drafts: neither new ones nor those of people who took an earlier one back."""
        return self.filter(submitted_at__isnull=False).exclude(status=Application.Status.DRAFT)

    def drafts(self) -> "ApplicationQuerySet":
        """Begun and not sent in."""
        return self.filter(status=Application.Status.DRAFT)

    def brought(self) -> "ApplicationQuerySet":
        """Brought by a list, and their applicants have done nothing with them themselves yet."""
        return self.filter(brought_at__isnull=False)

    def coordinated_by(self, user: "User | AnonymousUser") -> "ApplicationQuerySet":
        """Everything sent in to the programs this person runs."""
        return self.sent_in().filter(cohort__program__in=Program.objects.coordinated_by(user))

    def assigned_to(self, user: "User | AnonymousUser") -> "ApplicationQuerySet":
        """What this person was given to review, in programs that still trust them with it."""
        standing = self.filter(assignments__reviewer=user.pk, assignments__handed_back_at=None)
        return self.sent_in().filter(
            pk__in=standing.values("pk"), cohort__program__in=Program.objects.reviewed_by(user)
        )

    def on_waiting_list(self, cohort: Cohort, role: str) -> "ApplicationQuerySet":
        """Who waits for a place in this role, the next one first."""
        waiting = self.filter(cohort=cohort, role=role, status=Application.Status.WAITLISTED)
        return waiting.order_by(F("waiting_position").asc(nulls_last=True), "decided_at", "pk")

    def offers_that_lapse(self, at: datetime) -> "ApplicationQuerySet":
        """Offers whose deadline is over."""
        return self.filter(status=Application.Status.OFFERED, offer_until__lte=at)

    def offers_to_remind_of(self, at: datetime) -> "ApplicationQuerySet":
        """Offers that end within a day and were not reminded of."""
        return self.filter(
            status=Application.Status.OFFERED,
            offer_until__gt=at,
            offer_until__lte=at + timedelta(days=1),
            offer_reminded_at__isnull=True,
        )

    def drafts_to_remind_of(self, at: datetime) -> "ApplicationQuerySet":
        """Drafts that lie untouched since yesterday while their deadline is near, not reminded of.

        Where one may apply at any time, those that lie untouched for a week.
        """
        days = settings.DRAFT_REMINDER_DAYS
        if days < 1:
            return self.none()
        near = Q(cohort__apply_until__lte=(at + timedelta(days=days)).date())
        lying = Q(cohort__is_always_on=True, updated_at__lte=at - timedelta(days=7))
        return self.filter(
            near | lying,
            cohort__in=Cohort.objects.accepting_applications(at),
            status=Application.Status.DRAFT,
            updated_at__lte=at - timedelta(days=1),
            reminded_at__isnull=True,
        )

    def waiting(self) -> "ApplicationQuerySet":
        """Sent in and not decided yet."""
        return self.filter(status=Application.Status.SUBMITTED)


class Application(PublicModel):
    """A person's wish to take part in a cohort in one role, with their answers."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Sent in")
        WAITLISTED = "waitlisted", _("On the waiting list")
        OFFERED = "offered", _("Offered a place")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        LAPSED = "lapsed", _("Offer not taken")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    # Which status may follow which. Buttons ask `can_move_to`; actions enforce it.
    MOVES: Mapping[str, frozenset[str]] = {
        Status.DRAFT: frozenset({Status.SUBMITTED, Status.WITHDRAWN}),
        Status.SUBMITTED: frozenset(
            {
                Status.ACCEPTED,
                Status.OFFERED,
                Status.WAITLISTED,
                Status.DECLINED,
                Status.WITHDRAWN,
            }
        ),
        Status.WAITLISTED: frozenset(
            {Status.ACCEPTED, Status.OFFERED, Status.DECLINED, Status.WITHDRAWN}
        ),
        Status.OFFERED: frozenset({Status.ACCEPTED, Status.LAPSED, Status.WITHDRAWN}),
        Status.ACCEPTED: frozenset({Status.WITHDRAWN}),
        Status.DECLINED: frozenset(),
        Status.LAPSED: frozenset({Status.OFFERED, Status.WAITLISTED, Status.WITHDRAWN}),
        Status.WITHDRAWN: frozenset({Status.DRAFT}),
    }
    # While it is so, reviews and talks can still count.
    UNDECIDED = (Status.SUBMITTED, Status.WAITLISTED)
    DECIDED = (
        Status.ACCEPTED,
        Status.OFFERED,
        Status.WAITLISTED,
        Status.DECLINED,
        Status.LAPSED,
    )

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
    heard_from = models.CharField(_("heard of us"), max_length=80, blank=True)
    # What led here, as far as a link told: a personal invitation or a public link with a name.
    invitation = models.ForeignKey(
        Invitation, on_delete=models.PROTECT, null=True, related_name="applications", editable=False
    )
    channel = models.ForeignKey(
        Channel, on_delete=models.PROTECT, null=True, related_name="applications", editable=False
    )
    # When the applicant was reminded to finish; once is enough.
    reminded_at = models.DateTimeField(_("reminded"), null=True, editable=False)
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

    # What the coordinators add to the mail about their decision.
    decision_words = models.CharField(_("personal words"), max_length=600, blank=True)
    # Stands for the name where names are hidden; given in an order that tells nothing.
    number = models.PositiveIntegerField(_("number"), null=True, editable=False)
    waiting_position = models.PositiveIntegerField(
        _("place on the waiting list"), null=True, editable=False
    )
    offer_until = models.DateTimeField(_("offer ends"), null=True, editable=False)
    offer_reminded_at = models.DateTimeField(null=True, editable=False)
    # When a list brought it, for as long as the applicant has done nothing with it themself:
    # until then it gives the coordinators no right over the account it points at.
    brought_at = models.DateTimeField(_("brought by a list"), null=True, editable=False)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering = ("submitted_at", "id")
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        indexes = (
            models.Index(fields=("cohort", "status"), name="application_desk"),
            models.Index(fields=("cohort", "submitted_at"), name="application_queue"),
            models.Index(fields=("status", "offer_until"), name="application_offers"),
        )
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
                condition=~Q(status__in=("accepted", "offered", "waitlisted", "declined", "lapsed"))
                | Q(decided_at__isnull=False),
                name="application_decided_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(status__in=("draft", "withdrawn")) | Q(submitted_at__isnull=False),
                name="application_submitted_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=("offered", "lapsed")) | Q(offer_until__isnull=False),
                name="application_offer_has_its_deadline",
            ),
            models.CheckConstraint(
                condition=Q(waiting_position__isnull=True) | Q(status="waitlisted"),
                name="application_waits_on_the_waiting_list",
            ),
            models.UniqueConstraint(
                fields=("cohort", "role", "waiting_position"),
                name="application_one_to_a_waiting_position",
            ),
            models.UniqueConstraint(
                fields=("cohort", "number"), name="application_number_once_per_cohort"
            ),
        )

    def __str__(self) -> str:
        return f"{self.applicant}, {self.get_role_display()}, {self.cohort.name}"

    def can_move_to(self, status: str) -> bool:
        """Whether the table of moves allows this status next."""
        return status in self.MOVES[self.status]

    @property
    def heard_words(self) -> str:
        """Where the applicant heard of the program, in words; empty when it was not told."""
        return str(dict(HeardFrom.choices).get(self.heard_from, self.heard_from))

    @property
    def blind_name(self) -> str:
        """What stands for the name where names are hidden."""
        return gettext("Applicant %(number)s") % {"number": self.number or self.code[-4:].upper()}

    def offer_is_over(self, at: datetime) -> bool:
        """Whether the deadline of the last offer lies behind."""
        return self.offer_until is not None and self.offer_until <= at

    @property
    def is_decided(self) -> bool:
        return self.status in self.DECIDED

    @property
    def is_on_earlier_form(self) -> bool:
        """Whether the cohort asks another version of the form by now."""
        cohort, is_mentor = self.cohort, self.role == Role.MENTOR
        newest = cohort.mentor_questions_id if is_mentor else cohort.mentee_questions_id
        return self.questionnaire_id != newest

    def facts(self) -> dict[str, Any]:
        """What the answers tell the matching, by the name of the fact (programs/facts.py)."""
        return facts_of(self.questionnaire.questions.values_list(*ASKED), self.answers)

    def for_profile(self) -> dict[str, Any]:
        """What the answers tell that a profile asks, too (programs/taking.py)."""
        questions = list(self.questionnaire.questions.all())
        asked = [(one.key, one.kind, one.fact) for one in questions if not one.is_sensitive]
        return for_profile(asked, applicable(questions, self.answers))

    def in_words(self) -> list[tuple[Question, str]]:
        """Each question that was asked, with its answer as text, in order."""
        return self.questionnaire.in_words(self.answers)
