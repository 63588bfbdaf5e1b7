"""What the pairs of a run are narrowed to and ordered by, and why a coordinator changes one."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

ORDERS = {
    "points": ("-score", "pk"),
    "few": ("score", "pk"),
    "mentee": ("mentee__user__name", "pk"),
    "mentor": ("mentor__user__name", "pk"),
}


class PairFilter(forms.Form):
    """Which pairs are shown, and in which order; whatever is empty narrows nothing."""

    q = forms.CharField(label=gettext_lazy("Name"), max_length=100, required=False)
    only = forms.ChoiceField(
        label=gettext_lazy("Only"),
        choices=(
            ("", gettext_lazy("All pairs")),
            ("unsure", gettext_lazy("Pairs to look at first")),
            ("locked", gettext_lazy("Settled pairs")),
        ),
        required=False,
    )
    below = forms.IntegerField(
        label=gettext_lazy("Fewer points than"), min_value=0, max_value=2**31 - 1, required=False
    )
    order = forms.ChoiceField(
        label=gettext_lazy("Order"),
        choices=(
            ("points", gettext_lazy("Most points first")),
            ("few", gettext_lazy("Fewest points first")),
            ("sure", gettext_lazy("Least sure first")),
            ("mentee", gettext_lazy("By the mentee's name")),
            ("mentor", gettext_lazy("By the mentor's name")),
        ),
        required=False,
    )

    def asked(self) -> dict[str, Any]:
        """What is asked for and can be."""
        self.is_valid()
        return self.cleaned_data

    def condition(self) -> Q:
        """What the database is asked."""
        told = self.asked()
        condition = Q()
        if told.get("q"):
            condition &= Q(mentee__user__name__icontains=told["q"]) | Q(
                mentor__user__name__icontains=told["q"]
            )
        if told.get("below") is not None:
            condition &= Q(score__lt=told["below"])
        return condition

    @property
    def is_narrow(self) -> bool:
        told = self.asked()
        return bool(told.get("q") or told.get("only") or told.get("below") is not None)


class ReasonForm(forms.Form):
    """Why a pair is changed; the log keeps it."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy(
            "It stands in the log of decisions, for coordinators. The two never read it."
        ),
    )

    def clean_reason(self) -> str:
        reason: str = self.cleaned_data["reason"].strip()
        if not reason:
            raise forms.ValidationError(_("Please give a reason."))
        return reason
