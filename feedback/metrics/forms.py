import math
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from feedback.metrics.progress import metric_choices
from programs.forms.cohorts import DayField
from programs.models import CohortQuerySet, Objective, ObjectiveFigure, Program

# Larger than anything a program counts, and far from where a float loses its digits.
_MOST = 1e9


class NumberField(forms.FloatField):
    """A finite number of a size that a program can have."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs | {"min_value": -_MOST, "max_value": _MOST})
        self.widget.attrs |= {"step": "any"}

    def prepare_value(self, value: Any) -> Any:
        """Whole numbers without a point: 80, not 80.0."""
        return int(value) if isinstance(value, float) and value.is_integer() else value

    def clean(self, value: Any) -> float | None:
        number: float | None = super().clean(value)
        if number is not None and not math.isfinite(number):
            raise forms.ValidationError(_("Enter a number."), code="invalid")
        return number


class CohortField(forms.ModelChoiceField):
    """One cohort of a program, named by its code, or the whole program."""

    def __init__(self, cohorts: CohortQuerySet, **kwargs: Any) -> None:
        super().__init__(
            cohorts,
            required=False,
            empty_label=_("The whole program"),
            to_field_name="code",
            **kwargs,
        )

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class ObjectiveForm(forms.ModelForm):
    """What is to be reached, how one knows, and by when."""

    metric = forms.ChoiceField(
        label=_("Measured by"), required=False, choices=metric_choices, widget=forms.Select
    )

    class Meta:
        model = Objective
        fields = ("statement", "cohort", "metric", "unit", "baseline", "target", "due_on")
        field_classes = {"baseline": NumberField, "target": NumberField, "due_on": DayField}
        help_texts = {
            "statement": _(
                "One thing that can be reached and measured, such as "
                "“Eight of ten planned meetings take place”."
            ),
            "unit": _("What the numbers count, such as % or pairs."),
        }

    def __init__(self, *args: Any, program: Program, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cohort"] = CohortField(program.cohorts.all(), label=_("Counts for"))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        target = cleaned.get("target")
        if target is not None and target == cleaned.get("baseline"):
            self.add_error("target", _("The target must differ from where we start."))
        return cleaned


class FigureForm(forms.ModelForm):
    """What an objective stood at on a day."""

    class Meta:
        model = ObjectiveFigure
        fields = ("value", "on")
        field_classes = {"value": NumberField, "on": DayField}
