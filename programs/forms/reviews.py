from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base import clock
from mentorship.shared.base.texts import validate_one_line
from mentorship.shared.base.zones import instant, local
from programs.models import Assignment, Cohort, Criterion, Interview, Review, Role, User
from programs.models.reviews import HIGHEST, LOWEST

_SCALE = [(score, str(score)) for score in range(LOWEST, HIGHEST + 1)]


class ReviewForm(forms.Form):
    """A score on each line of the rubric, red flags, a note, a recommendation."""

    def __init__(
        self, *args: Any, criteria: Sequence[Criterion], review: Review | None = None, **kwargs: Any
    ) -> None:
        if review is not None:
            kwargs["initial"] = {
                **{f"score_{key}": score for key, score in review.scores.items()},
                "flags": review.flags,
                "flag_words": review.flag_words,
                "note": review.note,
                "advice": review.advice,
            }
        super().__init__(*args, **kwargs)
        self.criteria = criteria
        for one in criteria:
            self.fields[f"score_{one.key}"] = forms.TypedChoiceField(
                label=one.title,
                help_text=_("1: %(low)s. 5: %(high)s.") % {"low": one.low, "high": one.high}
                if one.low and one.high
                else "",
                choices=_SCALE,
                coerce=int,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
            )
        self.fields["flags"] = forms.MultipleChoiceField(
            label=_("Red flags"),
            choices=Review.Flag.choices,
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
        self.fields["flag_words"] = forms.CharField(
            label=_("What you noticed"), max_length=500, required=False
        )
        self.fields["note"] = forms.CharField(
            label=_("Note"),
            max_length=4000,
            required=False,
            help_text=_(
                "Read by the coordinators. After the decision the applicant gets it when they ask "
                "for their data."
            ),
            widget=forms.Textarea(attrs={"rows": 4}),
        )
        self.fields["advice"] = forms.ChoiceField(
            label=_("Recommendation"),
            choices=Review.Advice.choices,
            required=False,
            widget=forms.RadioSelect,
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.data.get("action") == "hand_in":
            for name in (*(f"score_{one.key}" for one in self.criteria), "advice"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, _("Please choose one before you hand in."))
        return cleaned

    def told(self) -> dict[str, Any]:
        """What the action takes."""
        data = self.cleaned_data
        scores = {one.key: data[f"score_{one.key}"] for one in self.criteria}
        return {
            "scores": {key: score for key, score in scores.items() if score},
            **{name: data[name] for name in ("flags", "flag_words", "note", "advice")},
        }


class HandBackForm(forms.Form):
    reason = forms.ChoiceField(label=_("Why"), choices=Assignment.Reason.choices)


class InterviewForm(forms.Form):
    """A talk to plan; the coordinator enters the time in their own zone."""

    on = forms.DateField(
        label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    at = forms.TimeField(
        label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    minutes = forms.IntegerField(label=_("Minutes"), min_value=10, max_value=180, initial=30)
    place = forms.CharField(
        label=_("Where"),
        max_length=300,
        required=False,
        validators=[validate_one_line],
        help_text=_("A link, a telephone number or a room. The applicant reads it."),
    )

    def __init__(self, *args: Any, people: Sequence[User], zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {one.code: one for one in people}
        self.zone = zone
        self.fields["interviewer"] = forms.ChoiceField(
            label=_("Who leads it"), choices=[(one.code, one.name) for one in people]
        )

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if not 0 <= (day - local(clock.now(), self.zone).date()).days <= 366:
            raise ValidationError(
                _("Choose a day between today and a year from now."), code="too_far"
            )
        return day

    def told(self) -> dict[str, Any]:
        """What the action takes."""
        data = self.cleaned_data
        return {
            "at": instant(data["on"], data["at"], self.zone),
            "minutes": data["minutes"],
            "place": data["place"],
            "interviewer": self.people[data["interviewer"]],
        }


class OutcomeForm(forms.Form):
    outcome = forms.ChoiceField(label=_("How did it go?"), choices=Interview.Outcome.choices)
    notes = forms.CharField(
        label=_("Notes"),
        max_length=4000,
        required=False,
        help_text=_(
            "Read by the coordinators. After the decision the applicant gets it when they ask for "
            "their data."
        ),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class ReviewersForm(forms.Form):
    """Who of the program's reviewers and coordinators reads."""

    def __init__(self, *args: Any, people: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {one.code: one for one in people}
        self.fields["reviewers"] = forms.MultipleChoiceField(
            label=_("Who reads"),
            choices=[(one.code, one.name) for one in people],
            widget=forms.CheckboxSelectMultiple,
        )

    def chosen(self) -> list[User]:
        return [self.people[code] for code in self.cleaned_data["reviewers"]]


class ReviewChoicesForm(forms.ModelForm):
    """A cohort's own choices for its review."""

    class Meta:
        model = Cohort
        fields = ("is_blind", "reviews_each", "offer_days", "offers_go_on")


class CriterionForm(forms.Form):
    """One line of the rubric; a line without a title is taken away."""

    key = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    title = forms.CharField(
        label=_("What is judged"), max_length=120, required=False, validators=[validate_one_line]
    )
    low = forms.CharField(label=_("1 means"), max_length=200, required=False)
    high = forms.CharField(label=_("5 means"), max_length=200, required=False)
    weight = forms.IntegerField(label=_("Weight"), min_value=1, max_value=5, initial=1)
    role = forms.ChoiceField(
        label=_("For"), choices=[("", _("Both roles")), *Role.choices], required=False
    )


CriteriaForms = forms.formset_factory(CriterionForm, extra=2, max_num=12, validate_max=True)


def lines_of(formset: "forms.BaseFormSet[CriterionForm]") -> list[dict[str, Any]]:
    """The lines in the order of the page, without those whose title is empty."""
    return [form.cleaned_data for form in formset.forms if form.cleaned_data.get("title")]
