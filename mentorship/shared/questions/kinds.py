"""What kinds of question there are, and which form field answers each."""

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base.zones import validate_zone, zone_names
from mentorship.shared.questions.hours import HoursField
from mentorship.shared.questions.skills import SkillsField

if TYPE_CHECKING:
    from mentorship.shared.questions.models import Question

SHORT, LONG = 200, 4000
MOST_ITEMS, LONGEST_ITEM = 100, 80


class ItemsField(forms.CharField):
    """A list written by hand, such as skills: one in a line, or separated by commas.

    Text of several lines is split at their ends only, so that an item may hold a comma.
    Cleans to a list of distinct strings in the order written.
    """

    widget = forms.Textarea(attrs={"rows": 2})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MOST_ITEMS * (LONGEST_ITEM + 2), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        items = [str(item) for item in value]
        return ("\n" if any("," in item or ";" in item for item in items) else ", ").join(items)

    def clean(self, value: Any) -> list[str]:
        text = super().clean("\n".join(value) if isinstance(value, list) else value)
        lines = text.splitlines()
        parts = lines if len(lines) > 1 or isinstance(value, list) else re.split("[,;]", text)
        items = list(dict.fromkeys(" ".join(part.split()) for part in parts if part.strip()))
        if len(items) > MOST_ITEMS:
            raise forms.ValidationError(
                _("Please name at most %(most)d."), params={"most": MOST_ITEMS}, code="too_many"
            )
        for item in items:
            if len(item) > LONGEST_ITEM:
                raise forms.ValidationError(
                    _("“%(item)s…” is too long: at most %(most)d characters each."),
                    params={"item": item[:30], "most": LONGEST_ITEM},
                    code="too_long",
                )
        return items


class DayField(forms.DateField):
    """A day; cleans to its ISO text, such as "2026-03-01", and None for no answer."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], **kwargs)

    def clean(self, value: Any) -> str | None:
        day = super().clean(value)
        return day.isoformat() if day else None


class SeveralField(forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple


class YesNoField(forms.TypedChoiceField):
    """Yes, no, or not answered: a checkbox could not tell the last two apart."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=[("", _("No answer")), ("yes", _("Yes")), ("no", _("No"))],
            coerce=lambda value: value == "yes",
            empty_value=None,
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, bool):
            return "yes" if value else "no"
        return "" if value is None else value


class Kind(TextChoices):
    SHORT_TEXT = "short_text", _("Short text")
    LONG_TEXT = "long_text", _("Long text")
    NUMBER = "number", _("Number")
    YES_NO = "yes_no", _("Yes or no")
    ONE_OF = "one_of", _("One of many")
    SEVERAL_OF = "several_of", _("Several of many")
    ITEMS = "items", _("A list, such as skills")
    SCALE = "scale", _("Scale")
    ZONE = "zone", _("Time zone")
    DATE = "date", _("Date")
    SKILLS = "skills", _("Skills with levels")
    HOURS = "hours", _("Weekly hours")

    @property
    def has_choices(self) -> bool:
        """Whether what may be answered is listed with the question."""
        return self in (Kind.ONE_OF, Kind.SEVERAL_OF)

    @property
    def is_closed(self) -> bool:
        """Whether all answers are known beforehand, so that another question may depend on one."""
        return self in (Kind.YES_NO, Kind.ONE_OF, Kind.SEVERAL_OF, Kind.SCALE)

    def field(self, question: "Question", *, required: bool) -> forms.Field:
        """The form field that asks `question`; its cleaned value is plain JSON."""
        common: dict[str, Any] = {
            "label": question.label,
            "help_text": question.help,
            "required": required,
        }
        match self:
            case Kind.SHORT_TEXT:
                return forms.CharField(max_length=SHORT, **common)
            case Kind.LONG_TEXT:
                return forms.CharField(
                    max_length=LONG, widget=forms.Textarea(attrs={"rows": 5}), **common
                )
            case Kind.NUMBER:
                return forms.IntegerField(
                    min_value=question.minimum, max_value=question.maximum, **common
                )
            case Kind.YES_NO:
                return YesNoField(**common)
            case Kind.ONE_OF:
                choices = [("", _("No answer")), *question.choice_pairs()]
                return forms.ChoiceField(choices=choices, **common)
            case Kind.SEVERAL_OF:
                return SeveralField(choices=question.choice_pairs(), **common)
            case Kind.ITEMS:
                return ItemsField(**common)
            case Kind.SCALE:
                return forms.TypedChoiceField(
                    choices=question.scale_pairs(),
                    coerce=int,
                    empty_value=None,
                    widget=forms.RadioSelect,
                    **common,
                )
            case Kind.ZONE:
                return forms.ChoiceField(
                    choices=[("", _("No answer")), *((name, name) for name in zone_names())],
                    validators=[validate_zone, ProhibitNullCharactersValidator()],
                    **common,
                )
            case Kind.DATE:
                return DayField(**common)
            case Kind.SKILLS:
                return SkillsField(suggestions=question.choices, **common)
            case Kind.HOURS:
                return HoursField(**common)
