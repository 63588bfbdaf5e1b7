from django import forms
from django.utils.translation import gettext_lazy as _

from programs.models import Pace


class PaceForm(forms.Form):
    """How often somebody can meet."""

    pace = forms.ChoiceField(label=_("Pace"), choices=Pace.choices, widget=forms.RadioSelect)
