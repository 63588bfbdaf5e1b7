from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from feedback.models import CheckIn, Silence
from mentorship.shared.base.zones import local


class AnswerForm(forms.Form):
    """How a check-in went."""

    outcome = forms.ChoiceField(
        label=_("Did you meet?"),
        choices=[
            (CheckIn.Status.HELD, _("Yes, we met")),
            (CheckIn.Status.MISSED, _("No, it did not happen")),
        ],
        widget=forms.RadioSelect,
    )
    rating = forms.TypedChoiceField(
        label=_("How useful was it?"),
        help_text=_("1 is not useful, 5 is very useful."),
        choices=[("", _("No answer")), *((str(n), str(n)) for n in range(1, 6))],
        coerce=int,
        empty_value=None,
        required=False,
    )
    notes = forms.CharField(
        label=_("Shared notes"),
        help_text=_("Only the people of this match read them."),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, checkin: CheckIn, **kwargs: Any) -> None:
        answered = checkin.status in (CheckIn.Status.HELD, CheckIn.Status.MISSED)
        kwargs["initial"] = {
            "outcome": checkin.status if answered else None,
            "rating": checkin.rating,
            "notes": checkin.notes,
        }
        super().__init__(*args, **kwargs)


class MoveForm(forms.Form):
    """Another time, written as the reader's own wall time."""

    on = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    at = forms.TimeField(
        label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )

    def __init__(self, *args: Any, checkin: CheckIn, zone: str, **kwargs: Any) -> None:
        wall = local(checkin.starts_at, zone)
        kwargs["initial"] = {"on": wall.date(), "at": wall.time()}
        super().__init__(*args, **kwargs)
        self.fields["at"].help_text = _("Your time, in %(zone)s.") % {"zone": zone}


class InTouchForm(forms.Form):
    """How a match of whom nothing was heard stands."""

    answer = forms.ChoiceField(label=_("How it stands"), choices=Silence.Answer.choices)
