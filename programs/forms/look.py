from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base.texts import validate_one_line
from programs.colours import ENOUGH, is_colour, least_contrast, readable
from programs.forms.colours import ColourInput
from programs.models import Program
from programs.vocabulary import LONGEST, NAMES, Vocabulary

_LABELS = {
    "mentor": _("Instead of “mentor”"),
    "mentors": _("Instead of “mentors”"),
    "mentee": _("Instead of “mentee”"),
    "mentees": _("Instead of “mentees”"),
    "checkin": _("Instead of “check-in”"),
    "checkins": _("Instead of “check-ins”"),
}


class LookForm(forms.ModelForm):
    """Colours, texts and words of a program."""

    class Meta:
        model = Program
        fields = ("colour", "second_colour", "apply_words", "mail_signature")
        help_texts = {
            "colour": _(
                "For buttons, links and the band at the top, such as #1b5e52. Write it or pick it."
            ),
            "second_colour": _(
                "For the other side of a match, such as #7a3558. Write it or pick it."
            ),
            "apply_words": _(
                "For example: how long it takes, and what you do with the answers. They stand "
                "above the first page. Markdown, as in your texts."
            ),
            "mail_signature": _("For example: your names and where you can be reached."),
        }
        widgets = {
            "colour": ColourInput(usual="#1b5e52", palette=_("Pick the colour")),
            "second_colour": ColourInput(usual="#7a3558", palette=_("Pick the second colour")),
            "apply_words": forms.Textarea(attrs={"rows": 4}),
            "mail_signature": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usual = Vocabulary.of({})
        for name in NAMES:
            self.fields[name] = forms.CharField(
                label=_LABELS[name],
                required=False,
                max_length=LONGEST,
                validators=[validate_one_line],
                initial=self.instance.own_words.get(name, ""),
                help_text=getattr(usual, name),
            )

    def clean_colour(self) -> str:
        return _readable(self.cleaned_data["colour"])

    def clean_second_colour(self) -> str:
        return _readable(self.cleaned_data["second_colour"])

    def clean(self) -> dict[str, Any]:
        """A word comes with its plural, or sentences would mix both."""
        cleaned: dict[str, Any] = super().clean() or {}
        for one, many in (("mentor", "mentors"), ("mentee", "mentees"), ("checkin", "checkins")):
            if bool(cleaned.get(one)) != bool(cleaned.get(many)):
                self.add_error(
                    many if cleaned.get(one) else one, _("Please write both, one and several.")
                )
        return cleaned

    def own_words(self) -> dict[str, str]:
        """The program's own words; the usual ones are left out."""
        return {name: self.cleaned_data[name] for name in NAMES if self.cleaned_data[name]}

    def changed_fields(self) -> list[str]:
        """The fields of the program that were changed."""
        own = [name for name in self.changed_data if name not in NAMES]
        return [*own, "own_words"] if set(self.changed_data) & set(NAMES) else own


def _readable(colour: str) -> str:
    """The colour in small letters. Raises ValidationError for one that cannot be read on a page."""
    colour = colour.lower()
    if not colour or not is_colour(colour):
        return colour
    found = least_contrast(colour)
    if found < ENOUGH:
        raise forms.ValidationError(
            _(
                "Text in this colour is hard to read: its contrast is %(found).1f to 1, and "
                "%(enough)s is the least. The nearest that can be read is %(near)s."
            ),
            params={"found": found, "enough": ENOUGH, "near": readable(colour)},
            code="contrast",
        )
    return colour
