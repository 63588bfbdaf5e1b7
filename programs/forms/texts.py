from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base.texts import validate_one_line
from programs.models import Cohort, GateItem, RequiredText, Role
from programs.models.gates import declared

_LONGEST = 40_000


class VersionForm(forms.Form):
    """The words of a text, and whether everybody reads them again."""

    title = forms.CharField(label=_("Title"), max_length=120, validators=[validate_one_line])
    body = forms.CharField(
        label=_("Text"),
        max_length=_LONGEST,
        widget=forms.Textarea(attrs={"rows": 24}),
        help_text=_(
            "Markdown: ## before a heading, - before a point of a list, ** around what is bold."
        ),
    )
    asks_again = forms.TypedChoiceField(
        label=_("Who has read an earlier version"),
        coerce=lambda told: told == "yes",
        choices=(
            ("no", _("need not read it again: only a small change")),
            ("yes", _("is asked to read it again: something has changed in what it says")),
        ),
        widget=forms.RadioSelect,
    )


class TextForm(forms.Form):
    """A new text: what it is, for whom, and its words."""

    kind = forms.ChoiceField(label=_("What it is"), choices=RequiredText.Kind.choices)
    title = forms.CharField(label=_("Title"), max_length=120, validators=[validate_one_line])
    role = forms.ChoiceField(
        label=_("Who reads it"),
        required=False,
        choices=(("", _("Mentors and mentees")), *Role.choices),
    )
    scope = forms.ChoiceField(
        label=_("Where it holds"),
        choices=(
            ("cohort", _("in this cohort")),
            ("program", _("in all cohorts of the program")),
        ),
        widget=forms.RadioSelect,
    )
    is_asked = forms.BooleanField(
        label=_("Nobody in this cohort is matched before they have read it"), required=False
    )
    body = forms.CharField(
        label=_("Text"),
        max_length=_LONGEST,
        widget=forms.Textarea(attrs={"rows": 24}),
        help_text=_(
            "Markdown: ## before a heading, - before a point of a list, ** around what is bold."
        ),
    )


class GateForm(forms.Form):
    """What a cohort asks before matching: texts, and whatever else is declared."""

    def __init__(self, *args: Any, cohort: Cohort, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = list(cohort.gate_items.select_related("text"))
        self.fields["texts"] = forms.ModelMultipleChoiceField(
            label=_("Texts that must have been read"),
            queryset=RequiredText.objects.in_cohort(cohort).in_use(),
            to_field_name="code",
            required=False,
            widget=forms.CheckboxSelectMultiple,
            initial=[item.text.code for item in asked if item.text],
        )
        self.fields["keys"] = forms.MultipleChoiceField(
            label=_("What people must have told"),
            choices=[(one.key, one.label) for one in declared()],
            required=False,
            widget=forms.CheckboxSelectMultiple,
            initial=[item.key for item in asked if item.key != GateItem.TEXT],
        )


class ReadForm(forms.Form):
    """A person's word that they have read a text."""

    has_read = forms.BooleanField(
        label=_("I have read this."),
        error_messages={"required": _("Please tick the box when you have read the text.")},
    )
