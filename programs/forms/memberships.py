from django import forms
from django.utils.translation import gettext_lazy as _

from programs.models import Membership


class InviteMemberForm(forms.Form):
    """An address and a duty; whether the address has an account is asked nowhere."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("Duty"), choices=Membership.Role.choices)


class ChangeMemberForm(forms.Form):
    role = forms.ChoiceField(label=_("Duty"), choices=Membership.Role.choices)
