from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from mentorship.shared.audit.models import AuditEvent, AuditEventQuerySet
from mentorship.shared.audit.verbs import groups
from programs.forms.cohorts import DayField
from programs.history import narrowed
from programs.models import Cohort


def _groups() -> list[tuple[str, Any]]:
    return [("", _("Everything")), *groups()]


class HistoryFilter(forms.Form):
    """What the history is narrowed to; whatever is empty narrows nothing."""

    # parts of names are enough
    who = forms.CharField(label=_("Who did it"), max_length=100, required=False)
    about = forms.CharField(label=_("About whom or what"), max_length=100, required=False)
    group = forms.ChoiceField(label=_("What"), choices=_groups, required=False)
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("Until"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("The last day comes before the first one."))
        return cleaned

    def narrow(self, rows: AuditEventQuerySet, zone: str) -> AuditEventQuerySet:
        """Only what is asked for; everything when nothing is, or what is asked cannot be."""
        return narrowed(rows, self.cleaned_data, zone) if self.is_valid() else rows


def history_of(cohort: Cohort, asked: QueryDict) -> AuditEventQuerySet:
    """What was done in a cohort and in its program as a whole, as far as it is asked for."""
    rows = AuditEvent.objects.of_program(cohort.program).within(cohort)
    return HistoryFilter(asked).narrow(rows, cohort.time_zone)
