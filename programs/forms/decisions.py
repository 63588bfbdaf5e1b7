from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base import clock
from mentorship.shared.base.zones import local
from programs.models import Application, Cohort

Status = Application.Status

DECISIONS = [
    (Status.ACCEPTED, _("Accept")),
    (Status.OFFERED, _("Offer a place")),
    (Status.WAITLISTED, _("Waiting list")),
    (Status.DECLINED, _("Decline")),
]


class WordsForm(forms.Form):
    """What goes with a decision: words to the applicant, a note, the last day of an offer.

    The day is not asked where `has_offer` says that no offer can be made.
    """

    words = forms.CharField(
        label=_("Personal words"),
        max_length=600,
        required=False,
        help_text=_("Stand at the beginning of the mail. A sentence is enough."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    until = forms.DateField(
        label=_("Last day to take an offer"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=2000,
        required=False,
        help_text=_(
            "Read by the coordinators. The applicant gets it when they ask for their data."
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, cohort: Cohort, has_offer: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cohort = cohort
        if not has_offer:
            del self.fields["until"]

    def clean_until(self) -> date | None:
        day: date | None = self.cleaned_data["until"]
        if day is not None:
            today = local(clock.now(), self.cohort.time_zone).date()
            if not 0 <= (day - today).days <= 366:
                raise ValidationError(
                    _("Choose a day between today and a year from now."), code="too_far"
                )
        return day


class DecideForm(WordsForm):
    """A decision about many; `codes` are what was previewed, so that just these are decided."""

    decision = forms.ChoiceField(choices=DECISIONS)
    codes = forms.CharField(max_length=20_000, required=False, widget=forms.HiddenInput)

    field_order = ("decision", "words", "until", "note", "codes")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound and self.data.get("decision") != Application.Status.OFFERED:
            # kept for when an offer is chosen after all
            self.fields["until"].widget = forms.HiddenInput()

    def clean_codes(self) -> list[str]:
        return [code for code in self.cleaned_data["codes"].split(",") if code]
