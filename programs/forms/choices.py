from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from programs.forms.cohorts import DayField
from programs.models import Choice, Cohort

_GROUPS = (
    (_("Who chooses"), ("choice", "choose_until", "ask_days")),
    (_("Introductions"), ("answer_days", "next_best")),
    (_("Along the way"), ("silent_days",)),
)


class ChoiceForm(forms.ModelForm):
    """How people are matched in a cohort: who chooses, until when, and what is answered by when."""

    class Meta:
        model = Cohort
        fields = ("choice", "choose_until", "ask_days", "answer_days", "next_best", "silent_days")
        field_classes = {"choose_until": DayField}
        widgets = {"choice": forms.RadioSelect}
        labels = {
            "ask_days": _("Days a mentor has to answer an ask"),
            "answer_days": _("Days both have to answer an introduction"),
            "silent_days": _("Days without contact"),
        }
        help_texts = {
            "choose_until": _(
                "Only where people rank. The day counts in full; people can change their choices "
                "until then. Empty: until the day of the matching."
            ),
            "ask_days": _("Only where mentees ask. Then the ask ends, and they may ask others."),
            "answer_days": _(
                "Both say yes before they are matched. Empty: whoever is published is matched at "
                "once, and nobody is asked."
            ),
            "silent_days": _(
                "After so many days without a sign a pair is asked, then warned, then closed. "
                "Empty: nobody is asked."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["choice"] = forms.ChoiceField(
            label=_("Who chooses"), choices=Choice.choices, widget=forms.RadioSelect
        )

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields as the page shows them, under a heading each."""
        return [(str(title), [self[name] for name in names]) for title, names in _GROUPS]

    def clean_choose_until(self) -> date | None:
        """A day on which people take part already and the round is not over."""
        last: date | None = self.cleaned_data["choose_until"]
        cohort = self.instance
        if last is None:
            return None
        if last < cohort.apply_from:
            raise forms.ValidationError(_("Nobody takes part before applications open."))
        if cohort.is_over(last):
            raise forms.ValidationError(_("The cohort is over on that day."))
        return last
