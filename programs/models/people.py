from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base import clock
from mentorship.shared.base.models import PublicModel, TimestampedModel
from mentorship.shared.base.texts import validate_one_line
from mentorship.shared.base.zones import validate_zone


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person with this address, kept in lower case; without a password none works."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """The owner of the site, who creates programs and appoints coordinators."""
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PublicModel):
    """A person who can log in. Rights come from Membership and Participant, never from here.

    An erased person's row stays, emptied, because others' history points at it.
    """

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120, validators=[validate_one_line])
    time_zone = models.CharField(
        _("time zone"), max_length=60, default="UTC", validators=[validate_zone]
    )
    language = models.CharField(_("language"), max_length=10, default=settings.LANGUAGE_CODE)
    is_active = models.BooleanField(_("active"), default=True)
    is_superuser = models.BooleanField(_("owner of the site"), default=False)
    joined_at = models.DateTimeField(_("joined"), default=clock.now)

    # Where nobody has told a zone yet.
    NO_ZONE = "UTC"

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = (
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_once_whatever_its_case",
                violation_error_message=_("There is already an account with this address."),
            ),
        )

    def __str__(self) -> str:
        return self.name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.lower()
        super().save(*args, **kwargs)

    @property
    def told_zone(self) -> str:
        """The zone this person chose; empty while they have not."""
        return "" if self.time_zone == self.NO_ZONE else self.time_zone

    @property
    def is_staff(self) -> bool:
        """Asked by Django's own code; who may enter the dashboard, `permissions` decides."""
        return self.is_superuser

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return self.is_active and self.is_superuser

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_superuser


class Profile(TimestampedModel):
    """What a person tells about themself, once for all programs."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="profile")
    pronouns = models.CharField(_("pronouns"), max_length=40, blank=True)
    headline = models.CharField(_("headline"), max_length=140, blank=True)
    story = models.TextField(_("your story"), max_length=4000, blank=True)
    languages = models.JSONField(_("languages"), default=list, blank=True)
    skills_offered = models.JSONField(_("skills you can teach"), default=list, blank=True)
    skills_wanted = models.JSONField(_("skills you want to learn"), default=list, blank=True)
    styles = models.JSONField(_("ways of learning or teaching"), default=list, blank=True)
    # 0 is Monday 00:00 to 00:30, 335 Sunday 23:30 to 24:00, in the person's own zone;
    # None is "not answered", which is not the same as "never".
    hours = models.JSONField(_("weekly half-hours"), null=True, blank=True)
    capacity = models.PositiveSmallIntegerField(
        _("mentees you can take"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(capacity__gte=1, capacity__lte=20),
                name="profile_capacity_1_to_20",
            ),
        )

    def __str__(self) -> str:
        return str(self.user)

    def facts(self) -> dict[str, Any]:
        """What the matching may know of the person beyond the application, answered only."""
        told = {
            "languages": self.languages,
            "skills_offered": self.skills_offered,
            "skills_wanted": self.skills_wanted,
            "styles": self.styles,
            "hours": self.hours,
        }
        return {name: value for name, value in told.items() if value}


class SelfIdentification(models.Model):
    """What a person calls themself in one respect, in their own words, told freely.

    Only the fairness audit of a matching reads it (`matching/fairness_rows.py`). It stands in
    a table of its own and not among the facts, and has no way back from the user, so that the
    scorer cannot come across it; tests/matching/test_fairness_rows.py holds that.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    # What is told about ("gender"), and what is told ("woman"). Audits compare both as written.
    dimension = models.CharField(_("about"), max_length=60, validators=[validate_one_line])
    group = models.CharField(_("I am"), max_length=60, validators=[validate_one_line])
    given_at = models.DateTimeField(_("told"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("self-identification")
        verbose_name_plural = _("self-identifications")
        constraints = (
            models.UniqueConstraint(
                fields=("user", "dimension"), name="self_identification_once_per_dimension"
            ),
        )

    def __str__(self) -> str:
        # Not the group: this text may reach a log or a page.
        return f"{self.dimension}, {self.given_at:%Y-%m-%d}"
