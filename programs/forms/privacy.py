from django import forms
from django.utils.translation import gettext_lazy as _


class EraseForm(forms.Form):
    """The word of somebody who wants their account to be erased."""

    sure = forms.BooleanField(
        label=_("I want my account and my data to be erased"),
        error_messages={
            "required": _("Please tick the box, so that nobody erases an account by mistake.")
        },
    )
