"""What coordinators say of a meet-and-greet: when it may be, and how many each person meets."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from matching import slots
from matching.models import MeetAndGreet
from mentorship.shared.base import clock
from mentorship.shared.base.templatetags.words import zone_words
from mentorship.shared.base.zones import instant
from programs.forms.cohorts import DayField
from programs.models import Cohort


class ClockField(forms.TimeField):
    """An hour in a browser's own clock."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
        super().__init__(**{"widget": widget, **kwargs})


class LimitsForm(forms.ModelForm):
    """How many each person meets, for how long and where."""

    class Meta:
        model = MeetAndGreet
        fields = ("mentee_meetings", "mentor_meetings", "minutes", "place")
        help_texts = {
            "mentee_meetings": _("At most so many; fewer where the times do not allow more."),
        }


class RoundForm(LimitsForm):
    """A round with all its times: from day to day, between two hours."""

    first = DayField(label=_("First day"))
    last = DayField(label=_("Last day"))
    from_ = ClockField(label=_("From"))
    until = ClockField(label=_("Until"))
    rest = forms.IntegerField(
        label=_("Minutes between two meetings"), min_value=0, max_value=120, initial=5
    )
    field_order = (
        *("first", "last", "from_", "until", "minutes", "rest"),
        *("mentee_meetings", "mentor_meetings", "place"),
    )

    def __init__(self, cohort: Cohort, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = cohort.time_zone
        self.fields["until"].help_text = _("Of each day, in %(zone)s.") % {
            "zone": zone_words(self.zone)
        }

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        asked = [told.get(name) for name in ("first", "last", "from_", "until", "minutes", "rest")]
        if any(value is None for value in asked):
            return told
        if told["last"] < told["first"]:
            self.add_error("last", _("The last day comes before the first."))
        elif told["until"] <= told["from_"]:
            self.add_error("until", _("This must be later than the beginning."))
        else:
            told["starts"] = self._starts(told)
        return told

    def _starts(self, told: dict[str, Any]) -> list[datetime]:
        starts = slots.laid_out(
            told["first"],
            told["last"],
            told["from_"],
            told["until"],
            minutes=told["minutes"],
            rest=told["rest"],
            zone=self.zone,
        )
        if not starts:
            self.add_error("until", _("No meeting fits between these hours."))
        elif why_not := slots.why_not(starts, told["minutes"], clock.now()):
            self.add_error("last", why_not)
        return starts

    @property
    def limits(self) -> dict[str, Any]:
        """The fields of the round."""
        return {name: self.cleaned_data[name] for name in LimitsForm.Meta.fields}


class SlotForm(forms.Form):
    """One more time to meet, in the cohort's zone."""

    on = DayField(label=_("Day"))
    at = ClockField(label=_("Time"))

    def __init__(self, cohort: Cohort, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = cohort.time_zone
        self.fields["at"].help_text = zone_words(self.zone)

    @property
    def starts_at(self) -> datetime:
        """The instant that was asked for."""
        return instant(self.cleaned_data["on"], self.cleaned_data["at"], self.zone)


class GoneSlotForm(forms.Form):
    """A time that is taken out, as the page names it."""

    starts_at = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M:%S%z"])
