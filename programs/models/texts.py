"""What people have to read before they are matched, every version of it, and who read which."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base import clock
from mentorship.shared.base.models import PublicModel
from mentorship.shared.base.texts import validate_one_line
from programs.models.cohorts import Cohort
from programs.models.people import User
from programs.models.programs import Program
from programs.models.roles import Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class RequiredTextQuerySet(models.QuerySet["RequiredText"]):
    def coordinated_by(self, user: "User | AnonymousUser") -> "RequiredTextQuerySet":
        mine = Program.objects.coordinated_by(user)
        return self.filter(Q(program__in=mine) | Q(cohort__program__in=mine))

    def in_cohort(self, cohort: Cohort) -> "RequiredTextQuerySet":
        """Its own texts and those of its whole program."""
        return self.filter(Q(cohort=cohort) | Q(program=cohort.program_id))

    def in_use(self) -> "RequiredTextQuerySet":
        return self.filter(retired_at__isnull=True)


class RequiredText(PublicModel):
    """A text that people read and say so, such as a code of conduct. Its words are its versions.

    It belongs to a whole program or to one cohort. Whether anybody must have read it before
    matching, the gate of each cohort says (`GateItem`).
    """

    class Kind(models.TextChoices):
        CONDUCT = "conduct", _("Code of conduct")
        CONFIDENTIALITY = "confidentiality", _("Confidentiality")
        DATA = "data", _("Data protection")
        OTHER = "other", _("Something else")

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, null=True, blank=True, related_name="texts"
    )
    cohort = models.ForeignKey(
        Cohort, on_delete=models.PROTECT, null=True, blank=True, related_name="texts"
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    # Empty is both.
    role = models.CharField(_("for"), max_length=10, choices=Role.choices, blank=True)
    title = models.CharField(_("title"), max_length=120, validators=[validate_one_line])
    # The number of the newest version, and of the oldest one whose readers need not read again.
    newest = models.PositiveSmallIntegerField(default=1, editable=False)
    consent_from = models.PositiveSmallIntegerField(default=1, editable=False)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True, editable=False)

    objects = RequiredTextQuerySet.as_manager()

    class Meta:
        ordering = ("created_at", "id")
        verbose_name = _("required text")
        verbose_name_plural = _("required texts")
        constraints = (
            models.CheckConstraint(
                condition=Q(program__isnull=False, cohort__isnull=True)
                | Q(program__isnull=True, cohort__isnull=False),
                name="text_of_a_program_or_a_cohort",
            ),
            models.CheckConstraint(
                condition=Q(consent_from__gte=1, consent_from__lte=F("newest")),
                name="text_consent_from_a_version_it_has",
            ),
            models.CheckConstraint(
                condition=Q(role__in=("", "mentor", "mentee")), name="text_for_a_known_role"
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def of_program(self) -> Program:
        """The program it belongs to, directly or through its cohort."""
        owner = self.cohort.program if self.cohort else self.program
        return owner  # type: ignore[return-value]  # one of the two is set: a constraint

    @property
    def for_words(self) -> str:
        """Whom it is for, in words."""
        return str(Role(self.role).label) if self.role else str(_("Mentors and mentees"))


class TextVersionQuerySet(models.QuerySet["TextVersion"]):
    def current(self) -> "TextVersionQuerySet":
        """The newest version of each text."""
        return self.filter(number=F("text__newest"))

    def readable_by(self, user: "User | AnonymousUser") -> "TextVersionQuerySet":
        """Of texts for this person where they take part, and whatever they have agreed to."""
        if not user.is_active:
            return self.none()
        theirs = Q(Exists(Consent.objects.filter(version=OuterRef("pk"), user=user.pk)))
        for role in Role:
            cohorts = Cohort.objects.filter(
                participants__user=user.pk,
                participants__role=role,
                participants__left_at__isnull=True,
            )
            here = Q(text__cohort__in=cohorts) | Q(text__program__in=cohorts.values("program"))
            theirs |= here & Q(text__role__in=("", role), text__retired_at__isnull=True)
        return self.filter(theirs)


class TextVersion(PublicModel):
    """The words of a text as they stood from one moment on; never changed afterwards."""

    text = models.ForeignKey(RequiredText, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    title = models.CharField(_("title"), max_length=120, validators=[validate_one_line])
    body = models.TextField(_("text"), max_length=40_000)
    written_at = models.DateTimeField(_("written"), default=clock.now, editable=False)
    written_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name=_("written by")
    )
    # A small change leaves earlier consents as they are.
    asks_again = models.BooleanField(_("everybody reads it again"), default=True)

    objects = TextVersionQuerySet.as_manager()

    class Meta:
        ordering = ("text", "-number")
        verbose_name = _("version of a text")
        verbose_name_plural = _("versions of texts")
        constraints = (
            models.UniqueConstraint(fields=("text", "number"), name="text_version_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="text_version_from_1"),
        )

    def __str__(self) -> str:
        return f"{self.title}, {self.number}"

    @property
    def is_current(self) -> bool:
        return self.number == self.text.newest


class ConsentQuerySet(models.QuerySet["Consent"]):
    def of(self, user: "User | AnonymousUser") -> "ConsentQuerySet":
        return self.filter(user=user.pk)

    def still_counting(self) -> "ConsentQuerySet":
        """Of a version whose readers need not read again."""
        return self.filter(version__number__gte=F("version__text__consent_from"))


class Consent(models.Model):
    """Somebody said of one version of a text: I have read this."""

    user = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="consents", verbose_name=_("person")
    )
    version = models.ForeignKey(TextVersion, on_delete=models.PROTECT, related_name="consents")
    at = models.DateTimeField(_("read"), default=clock.now, editable=False)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-id")
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = (
            models.UniqueConstraint(fields=("user", "version"), name="consent_once_per_version"),
        )

    def __str__(self) -> str:
        return f"{self.version_id}, {self.at:%Y-%m-%d}"
