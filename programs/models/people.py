from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base import clock
from mentorship.shared.base.models import PublicModel
from mentorship.shared.base.texts import validate_one_line
from mentorship.shared.base.zones import validate_zone

# An address that no mail server anywhere takes (RFC 2606).
ERASED_DOMAIN = "erased.invalid"


class UserManager(BaseUserManager["User"]):
    def unused_since(self, at: datetime) -> "models.QuerySet[User]":
        """Open accounts nobody has logged in to since, and that run or take part in nothing."""
        from_then = Q(last_login__lt=at) | Q(last_login__isnull=True, joined_at__lt=at)
        idle = self.filter(from_then, is_active=True, is_superuser=False)
        runs_on = Q(participations__left_at__isnull=True) & (
            Q(participations__cohort__ends_on__isnull=True)
            | Q(participations__cohort__ends_on__gte=at.date())
        )
        busy = self.filter(runs_on, participations__isnull=False)
        return idle.filter(memberships__isnull=True).exclude(pk__in=busy.values("pk"))

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
    # Stands in the signature of every session: counting on ends all there are.
    session_round = models.PositiveIntegerField(default=0, editable=False)
    erased_at = models.DateTimeField(_("erased"), null=True, editable=False)

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
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True)
                | Q(is_active=False, is_superuser=False, email__endswith=f"@{ERASED_DOMAIN}"),
                name="user_erased_is_empty",
            ),
        )

    def __str__(self) -> str:
        return self.name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.lower()
        super().save(*args, **kwargs)
        if not self.is_active:
            self.end_sessions()  # or they would live on when the account is opened again

    def end_sessions(self) -> None:
        """Log this person out everywhere, whatever keeps the sessions."""
        type(self).objects.filter(pk=self.pk).update(session_round=models.F("session_round") + 1)
        self.refresh_from_db(fields=["session_round"])

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        whole = f"{self.session_round}:{self.password}"
        salt = "programs.User.session"
        return salted_hmac(salt, whole, secret=secret, algorithm="sha256").hexdigest()

    @property
    def is_erased(self) -> bool:
        return self.erased_at is not None

    @property
    def last_seen_at(self) -> datetime:
        """When somebody last logged in to the account, or when it was made."""
        return self.last_login or self.joined_at

    def empty(self) -> None:
        """Leave nothing that tells who it was, and nothing that opens the account. Not saved."""
        self.name = gettext("Former participant")
        self.email = f"{self.code}@{ERASED_DOMAIN}"
        self.set_unusable_password()
        self.time_zone, self.language = self.NO_ZONE, settings.LANGUAGE_CODE
        self.is_active = self.is_superuser = False
        self.last_login, self.erased_at = None, clock.now()

    @property
    def told_zone(self) -> str:
        """The zone this person chose; empty while they have not."""
        return "" if self.time_zone == self.NO_ZONE else self.time_zone

    @cached_property
    def has_a_duty(self) -> bool:
        """Whether they coordinate, review or observe anything; asked once for each request."""
        return self.memberships.exists()

    @property
    def is_staff(self) -> bool:
        """Asked by Django's own code; who may enter the dashboard, `permissions` decides."""
        return self.is_superuser

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return self.is_active and self.is_superuser

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_superuser


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
