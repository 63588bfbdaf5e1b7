from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base.texts import validate_one_line
from programs.models import Application, HeardFrom

_OTHER = "other"


class HeardFromForm(forms.Form):
    """Where an applicant heard of the program: one of a list, or in their own words."""

    heard_from = forms.ChoiceField(
        label=_("Where did you hear of us?"),
        required=False,
        choices=[("", _("No answer")), *HeardFrom.choices, (_OTHER, _("Somewhere else"))],
        help_text=_("It tells the coordinators where to ask people next time."),
    )
    elsewhere = forms.CharField(
        label=_("Somewhere else: where?"),
        required=False,
        max_length=80,
        validators=[validate_one_line],
    )

    def __init__(self, *args: Any, application: Application, **kwargs: Any) -> None:
        told = application.heard_from
        is_listed = told in HeardFrom.values
        kwargs["initial"] = {
            "heard_from": told if is_listed or not told else _OTHER,
            "elsewhere": "" if is_listed else told,
        }
        super().__init__(*args, **kwargs)

    def told(self) -> str:
        """What to keep; words of one's own go before the list."""
        chosen: str = self.cleaned_data["heard_from"]
        return self.cleaned_data["elsewhere"] or ("" if chosen == _OTHER else chosen)
