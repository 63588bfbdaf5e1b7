from collections.abc import Collection, Container, Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base.models import TimestampedModel
from mentorship.shared.base.texts import validate_one_line
from programs import skills
from programs.facts import facts_of_profile
from programs.links import validate_github, validate_link, validate_linkedin
from programs.models.people import User
from programs.visibility import FIELD_OF, Viewer, hidden_facts, seen_fields


class ContactWay(models.TextChoices):
    """How somebody likes to be reached first."""

    MAIL = "mail", _("E-mail")
    CHAT = "chat", _("Chat")
    PHONE = "phone", _("Phone")
    VIDEO = "video", _("Video call")
    IN_PERSON = "in_person", _("In person")


def validate_audiences(chosen: Any) -> None:
    """Raise ValidationError unless this names fields and, for each, somebody who may see it."""
    is_table = isinstance(chosen, dict) and all(
        name in FIELD_OF and told in FIELD_OF[name].choices for name, told in chosen.items()
    )
    if not is_table:
        raise ValidationError(_("This cannot be chosen."), code="no_audiences")


@dataclass(frozen=True, slots=True)
class Seen:
    """What one kind of viewer sees of a person. Whatever they may not see is not in here at all."""

    name: str = ""
    pronouns: str = ""
    time_zone: str = ""
    headline: str = ""
    story: str = ""
    languages: tuple[str, ...] = ()
    skills: tuple[dict[str, Any], ...] = ()
    styles: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()
    hours: tuple[int, ...] = ()
    capacity: int | None = None
    email: str = ""
    channel: str = ""
    reach: str = ""
    linkedin: str = ""
    github: str = ""
    site: str = ""
    # The facts of the matching that would tell what is not shown.
    hidden_facts: frozenset[str] = frozenset()

    @property
    def links(self) -> list[str]:
        """The addresses of the person's own pages."""
        return [link for link in (self.linkedin, self.github, self.site) if link]


class ProfileQuerySet(models.QuerySet["Profile"]):
    def paused(self, on: date) -> "ProfileQuerySet":
        """Whoever is away on the day `on`."""
        return self.filter(back_on__gt=on)

    def capacity_of(self, user: User) -> int | None:
        """How many mentees the person said they can take; None when they told nothing."""
        return self.filter(user=user).values_list("capacity", flat=True).first()

    def by_user(self, users: Iterable[User]) -> "dict[int, Profile]":
        """Everybody's profile by the user's key; whoever has told nothing yet has an empty one."""
        people = {user.pk: user for user in users}
        found: dict[int, Profile] = {
            profile.user_id: profile for profile in self.filter(user__in=people)
        }
        for pk, user in people.items():
            found.setdefault(pk, Profile()).user = user
        return found


class Profile(TimestampedModel):
    """What a person tells about themself, once for all programs."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="profile")
    pronouns = models.CharField(
        _("pronouns"), max_length=40, blank=True, validators=[validate_one_line]
    )
    headline = models.CharField(
        _("headline"), max_length=140, blank=True, validators=[validate_one_line]
    )
    story = models.TextField(_("your story"), max_length=4000, blank=True)
    languages = models.JSONField(_("languages"), default=list, blank=True)
    # What programs/skills.py describes: name, level now, level wanted, whether one teaches it.
    skills = models.JSONField(
        _("skills"), default=list, blank=True, validators=[skills.validate_skills]
    )
    styles = models.JSONField(_("ways of learning or teaching"), default=list, blank=True)
    interests = models.JSONField(_("interests"), default=list, blank=True)
    # 0 is Monday 00:00 to 00:30, 335 Sunday 23:30 to 24:00, in the person's own zone;
    # None is "not answered", which is not the same as "never".
    hours = models.JSONField(_("weekly half-hours"), null=True, blank=True)
    capacity = models.PositiveSmallIntegerField(
        _("mentees you can take"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
    )
    channel = models.CharField(
        _("how you like to be reached"), max_length=10, choices=ContactWay, blank=True
    )
    reach = models.CharField(
        _("where you can be reached"), max_length=200, blank=True, validators=[validate_one_line]
    )
    linkedin = models.CharField(
        _("LinkedIn"), max_length=200, blank=True, validators=[validate_linkedin]
    )
    github = models.CharField(_("GitHub"), max_length=200, blank=True, validators=[validate_github])
    site = models.CharField(_("your site"), max_length=200, blank=True, validators=[validate_link])
    # Who sees which field, where the person chose otherwise than usual (programs/visibility.py).
    audiences = models.JSONField(
        _("who sees what"),
        default=dict,
        blank=True,
        editable=False,
        validators=[validate_audiences],
    )
    # What was taken from an application (programs/taking.py), by field: the application's code,
    # or nothing once the person has looked at it. Nothing is taken twice into a field.
    taken = models.JSONField(_("taken from applications"), default=dict, blank=True, editable=False)
    # A pause ends by itself: whoever is back on a day is there from its first minute.
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True, editable=False)
    back_on = models.DateField(_("back on"), null=True, blank=True, editable=False)

    objects = ProfileQuerySet.as_manager()

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")
        constraints = (
            models.CheckConstraint(
                condition=Q(capacity__gte=1, capacity__lte=20), name="profile_capacity_1_to_20"
            ),
            models.CheckConstraint(
                condition=Q(paused_at__isnull=True, back_on__isnull=True)
                | Q(paused_at__isnull=False, back_on__isnull=False),
                name="profile_pause_has_its_end",
            ),
            *(
                models.CheckConstraint(
                    condition=Q((link, "")) | Q((f"{link}__startswith", "https://")),
                    name=f"profile_{link}_is_https",
                )
                for link in ("linkedin", "github", "site")
            ),
        )

    def __str__(self) -> str:
        return str(self.user)

    def facts(self) -> dict[str, Any]:
        """What the matching may know of the person beyond the application, answered only."""
        return facts_of_profile(self.languages, self.skills, self.styles, self.hours)

    def told(self, name: str) -> Any:
        """What the person tells in the field of this name; name, address and zone are the user's.

        Raises KeyError for a field that is none.
        """
        if name in ("name", "email"):
            return getattr(self.user, name)
        if name == "time_zone":
            return self.user.told_zone
        return getattr(self, FIELD_OF[name].name)

    def takes(self, names: Container[str], code: str) -> list[str]:
        """Those of the fields, in order, that may be filled from the application with this code.

        One may while it tells nothing and nothing was taken into it; and what was taken from the
        same application follows it, until the person has looked at it.
        """
        return [
            name
            for name in FIELD_OF
            if name in names
            and (self.taken[name] == code if name in self.taken else not self.told(name))
        ]

    def taken_from(self) -> dict[str, list[str]]:
        """The fields that the person has not looked at since, by the application's code."""
        found: dict[str, list[str]] = {}
        for name in FIELD_OF:
            if self.taken.get(name):
                found.setdefault(self.taken[name], []).append(name)
        return found

    def missing(self, names: Collection[str] | None = None) -> list[str]:
        """Which of these fields (all, unless told) tell nothing yet, in the order of the form."""
        return [
            name for name in FIELD_OF if (names is None or name in names) and not self.told(name)
        ]

    def seen_by(self, viewer: Viewer) -> Seen:
        """What this kind of viewer may see of the person: the one way to show somebody."""
        allowed = seen_fields(viewer, self.audiences)
        names = {field.name for field in fields(Seen)} & allowed
        shown = {name: value for name in names if (value := self.told(name))}
        if "channel" in shown:
            shown["channel"] = self.get_channel_display()
        shown = {k: tuple(v) if isinstance(v, list) else v for k, v in shown.items()}
        return Seen(**shown, hidden_facts=hidden_facts(viewer, self.audiences))

    def paused_until(self, on: date) -> date | None:
        """The day the person is back, when they are away on the day `on`; else None."""
        return self.back_on if self.back_on is not None and on < self.back_on else None
