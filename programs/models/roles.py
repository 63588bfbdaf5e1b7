from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """The two sides of a match."""

    MENTOR = "mentor", _("Mentor")
    MENTEE = "mentee", _("Mentee")

    @property
    def other(self) -> "Role":
        return Role.MENTEE if self is Role.MENTOR else Role.MENTOR


class Pace(models.TextChoices):
    """How often somebody can meet."""

    USUAL = "usual", _("As planned for everybody")
    FLEXIBLE = "flexible", _("Flexible: no fixed hours, fewer meetings")


class Choice(models.TextChoices):
    """Who says who works with whom."""

    ASSIGNED = "assigned", _("Assigned: coordinators propose from the matching")
    RANKED = "ranked", _("Ranked: people say whom they would like, then the matching decides")
    OPEN = "open", _("Open: mentees ask mentors, who say yes or no")
