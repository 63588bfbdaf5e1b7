from django import forms
from django.utils.translation import gettext_lazy as _

from matching.models import Answer


class AnswerForm(forms.Form):
    """Yes or no to an introduction."""

    answer = forms.ChoiceField(choices=Answer.choices, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Your reason, if you like"),
        help_text=_("Only the coordinators read it, to find you somebody who fits better."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    @property
    def says_yes(self) -> bool:
        """What was said; the form is valid."""
        return bool(self.cleaned_data["answer"] == Answer.YES)


class WithdrawForm(forms.Form):
    """A coordinator takes an introduction back."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("It stands in the log of decisions. The two hear only that it is over."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
