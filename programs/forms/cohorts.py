from datetime import date
from itertools import pairwise
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base.texts import validate_one_line
from programs.blueprints import all_blueprints
from programs.forms.people import ZoneField
from programs.models import Cohort, Program

# The dates that only a cohort with an end has.
_OF_A_ROUND = ("apply_until", "review_until", "match_on", "ends_on")
_GROUPS = (
    (_("Name and zone"), ("name", "time_zone")),
    (_("Applying"), ("is_always_on", "apply_from", "apply_until", "review_until", "match_on")),
    (_("Working together"), ("starts_on", "ends_on", "match_weeks")),
    (
        _("Rhythm"),
        ("checkin_weeks", "checkin_minutes", "has_flexible_pace", "flexible_weeks"),
    ),
    (_("People"), ("is_one_to_one", "mentor_places", "mentee_places")),
)
# How often earlier cohorts are offered to start from: the newest of a program.
_MOST_EARLIER = 20
# Django's own dates begin with the year 1; arithmetic over weeks must not fall off the calendar.
_FIRST, _LAST = date(2000, 1, 1), date(2200, 1, 1)


class DayField(forms.DateField):
    """A day in a browser's own calendar, within the years that a cohort can have."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(**{"widget": widget, **kwargs})

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day is not None and not _FIRST <= day <= _LAST:
            raise forms.ValidationError(_("Enter a day of this century."), code="invalid")
        return day


class CohortForm(forms.ModelForm):
    """Dates, rhythm and places of a cohort."""

    time_zone = ZoneField(label=_("Time zone"), help_text=_("Days begin and end in this zone."))

    class Meta:
        model = Cohort
        fields = (
            "name",
            "time_zone",
            "is_always_on",
            "apply_from",
            "apply_until",
            "review_until",
            "match_on",
            "starts_on",
            "ends_on",
            "match_weeks",
            "checkin_weeks",
            "checkin_minutes",
            "has_flexible_pace",
            "flexible_weeks",
            "is_one_to_one",
            "mentor_places",
            "mentee_places",
        )
        field_classes = dict.fromkeys(
            ("apply_from", "apply_until", "review_until", "match_on", "starts_on", "ends_on"),
            DayField,
        )
        help_texts = {
            "apply_until": _("The last day counts in full. You can put it later at any time."),
            "review_until": _("When everybody has an answer. You may leave it open."),
            "match_on": _("When pairs are introduced. You may leave it open."),
            "match_weeks": _("Only for a cohort that is always on: from the introduction."),
            "mentor_places": _("No more are accepted. Empty: no limit."),
            "mentee_places": _("No more are accepted. Empty: no limit."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # the browser knows neither how a form without dates is meant nor in which order
        for name in _OF_A_ROUND:
            self.fields[name].required = False
        if self.instance.opened_at is not None:
            # places copy it when a match is made, so it is chosen before anybody comes
            del self.fields["is_one_to_one"]

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields as the page shows them, under a heading each."""
        return [
            (str(title), [self[name] for name in names if name in self.fields])
            for title, names in _GROUPS
        ]

    def clean(self) -> dict[str, Any]:
        """One of two shapes: with a last day, or always on; and the days in their order."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("is_always_on"):
            cleaned |= dict.fromkeys(_OF_A_ROUND)
            self._require("match_weeks")
            self._require_order("apply_from", "starts_on")
        else:
            cleaned["match_weeks"] = None
            self._require("apply_until")
            self._require("ends_on")
            self._require_order("apply_from", "apply_until")
            self._require_order("apply_until", "review_until", "match_on", "starts_on")
            self._require_order("apply_until", "starts_on", strictly=True)
            self._require_order("starts_on", "ends_on", strictly=True)
        return cleaned

    def fields_to_keep(self) -> list[str]:
        """What was changed, with the dates that the chosen shape empties."""
        return [*dict.fromkeys((*self.changed_data, *_OF_A_ROUND, "match_weeks"))]

    def changes_dates(self) -> bool:
        """Whether a day was changed by which check-ins are planned."""
        return bool({"starts_on", "ends_on", "match_weeks", "checkin_weeks"} & {*self.changed_data})

    def _require(self, name: str) -> None:
        if self.cleaned_data.get(name) is None and name not in self.errors:
            self.add_error(name, _("This field is required."))

    def _require_order(self, *names: str, strictly: bool = False) -> None:
        told = [name for name in names if self.cleaned_data.get(name) and name not in self.errors]
        for earlier, later in pairwise(told):
            one, other = self.cleaned_data.get(earlier), self.cleaned_data.get(later)
            if one is None or other is None:
                continue  # an error was found just now
            if other < one or (strictly and other == one):
                words = {"earlier": self.fields[earlier].label}
                self.add_error(later, _("This must come after “%(earlier)s”.") % words)


class NewCohortForm(forms.Form):
    """From what a new cohort starts, what it is called, and when it starts."""

    source = forms.ChoiceField()  # what there is to start from depends on the program
    name = forms.CharField(label=_("Name"), max_length=120, validators=[validate_one_line])
    starts_on = DayField(
        label=_("Start"),
        help_text=_(
            "The other dates follow. A copy moves by whole weeks, so that its weekdays stay."
        ),
    )
    time_zone = ZoneField(label=_("Time zone"), help_text=_("Days begin and end in this zone."))

    def __init__(self, *args: Any, program: Program, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._earlier = {
            f"cohort-{cohort.code}": cohort for cohort in program.cohorts.all()[:_MOST_EARLIER]
        }
        copies = [
            (key, _("A copy of %(name)s") % {"name": cohort.name})
            for key, cohort in self._earlier.items()
        ]
        ready = [(one.key, f"{one.title}. {one.about}") for one in all_blueprints()]
        empty = [("empty", _("Empty, with the usual questions"))]
        self.fields["source"] = forms.ChoiceField(
            label=_("Start from"),
            choices=[*copies, *ready, *empty],
            widget=forms.RadioSelect,
        )
        self.initial.setdefault("source", (copies or ready)[0][0])

    @property
    def earlier(self) -> Cohort | None:
        """The cohort to copy; None when it starts from something else."""
        return self._earlier.get(self.cleaned_data["source"])
