from django import forms
from django.utils.translation import gettext_lazy as _


class DecisionForm(forms.Form):
    note = forms.CharField(
        label=_("Note"),
        max_length=2000,
        required=False,
        help_text=_("Read by the coordinators only, never by the applicant."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
