from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mentorship.shared.base.texts import validate_one_line
from programs.about_me import DIMENSIONS, Dimension

LONGEST = 60


class AboutMeForm(forms.Form):
    """What somebody calls themself: a suggestion or own words for each dimension, or nothing.

    Takes what was told before, by dimension.
    """

    def __init__(self, *args: Any, told: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, dimension in enumerate(DIMENSIONS):
            group = told.get(dimension.name, "")
            is_suggested = group in dict(dimension.groups)
            self.fields[_key(number)] = forms.ChoiceField(
                label=str(dimension.label),
                choices=[("", gettext_lazy("Prefer not to say")), *dimension.groups],
                initial=group if is_suggested else "",
                required=False,
                help_text=str(dimension.help),
            )
            self.fields[_own(number)] = forms.CharField(
                label=_("%(dimension)s, in your own words") % {"dimension": dimension.label},
                max_length=LONGEST,
                validators=[validate_one_line],
                initial="" if is_suggested else group,
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for number, _dimension in enumerate(DIMENSIONS):
            if cleaned.get(_key(number)) and cleaned.get(_own(number)):
                self.add_error(
                    _own(number), _("Please choose from the list or write your own, not both.")
                )
        return cleaned

    def pairs(self) -> Iterator[tuple[BoundField, BoundField]]:
        """For each dimension the list and the field for one's own words."""
        for number, _dimension in enumerate(DIMENSIONS):
            yield self[_key(number)], self[_own(number)]

    def groups(self) -> dict[str, str]:
        """What was told, by dimension."""
        told = (
            (
                dimension,
                self.cleaned_data[_key(number)]
                or _known(dimension, self.cleaned_data[_own(number)]),
            )
            for number, dimension in enumerate(DIMENSIONS)
        )
        return {dimension.name: group for dimension, group in told if group}


def _known(dimension: Dimension, words: str) -> str:
    """Own words that are a suggestion after all are kept as it, so that they are counted as one."""
    for group, label in dimension.groups:
        if words.casefold() in (group.casefold(), str(label).casefold()):
            return group
    return words


def _key(number: int) -> str:
    return f"about_{number}"


def _own(number: int) -> str:
    return f"about_{number}_own"
