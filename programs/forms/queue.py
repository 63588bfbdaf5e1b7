from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from programs import queue
from programs.models import Application, Cohort, Role
from programs.models.reviews import HIGHEST, LOWEST

ANY = ("", _("Any"))
_STATUSES = [one for one in Application.Status.choices if one[0] != Application.Status.DRAFT]


class QueueForm(forms.Form):
    """What the queue shows. A value that makes no sense is left out, as if it were not asked."""

    q = forms.CharField(label=_("Name or address"), max_length=100, required=False)
    status = forms.ChoiceField(label=_("Status"), choices=[ANY, *_STATUSES], required=False)
    role = forms.ChoiceField(label=_("Role"), choices=[ANY, *Role.choices], required=False)
    reviewed = forms.ChoiceField(
        label=_("Reviews"), choices=[ANY, *queue.REVIEWED.items()], required=False
    )
    low = forms.FloatField(
        label=_("Score from"), min_value=LOWEST, max_value=HIGHEST, required=False
    )
    high = forms.FloatField(
        label=_("Score up to"), min_value=LOWEST, max_value=HIGHEST, required=False
    )
    skill = forms.CharField(label=_("Skill"), max_length=80, required=False)
    interview = forms.ChoiceField(
        label=_("Interview"), choices=[ANY, *queue.INTERVIEWS.items()], required=False
    )
    mine = forms.BooleanField(label=_("Given to me to review"), required=False)
    flagged = forms.BooleanField(label=_("With red flags"), required=False)
    order = forms.ChoiceField(label=_("Order"), choices=queue.ORDERS.items(), required=False)

    def __init__(self, data: QueryDict, *, sources: list[tuple[str, str]]) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.fields["source"] = forms.ChoiceField(
            label=_("Heard of us"), choices=[ANY, *sources], required=False
        )
        for field in self.fields.values():
            if isinstance(field.widget, forms.NumberInput):
                field.widget.attrs["step"] = "0.1"
        self.order_fields(queue.KEYS[-2:-1] + queue.KEYS[:-2] + queue.KEYS[-1:])

    def told(self) -> dict[str, Any]:
        """The values that make sense, by name; nothing for those that ask nothing."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def query(self) -> str:
        """The filter as it stands in an address, nothing else than what may be asked."""
        told = self.told()
        sent = {name: told[name] for name in queue.KEYS if name in told}
        return urlencode({name: "1" if value is True else value for name, value in sent.items()})


class SavedViewForm(forms.Form):
    name = forms.CharField(label=_("Name of this view"), max_length=60)
    query = forms.CharField(max_length=500, required=False, widget=forms.HiddenInput)

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())


def filter_of(cohort: Cohort, asked: QueryDict) -> QueueForm:
    """The filter of a cohort's queue, with where its applicants heard of it as a choice."""
    heard = Application.objects.filter(cohort=cohort).exclude(heard_from="")
    sources = heard.order_by("heard_from").values_list("heard_from", flat=True).distinct()
    words = [(one, Application(heard_from=one).heard_words) for one in sources]
    return QueueForm(asked, sources=words)
