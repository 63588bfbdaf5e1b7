from django import forms
from django.utils.translation import gettext_lazy as _

from programs.blueprints import all_blueprints
from programs.forms.people import ZoneField
from programs.models import Program


class ProgramForm(forms.ModelForm):
    """What a program says of itself; visitors read it."""

    class Meta:
        model = Program
        fields = (
            "name",
            "purpose",
            "outcomes",
            "skills_exchanged",
            "for_mentors",
            "for_mentees",
            "reply_to",
        )
        widgets = {
            "purpose": forms.Textarea(attrs={"rows": 4}),
            "outcomes": forms.Textarea(attrs={"rows": 4}),
            "skills_exchanged": forms.Textarea(attrs={"rows": 3}),
            "for_mentors": forms.Textarea(attrs={"rows": 4}),
            "for_mentees": forms.Textarea(attrs={"rows": 4}),
        }
        help_texts = {
            "purpose": _("Why this program exists, in two or three sentences. Visitors read them."),
            "outcomes": _("What will be different when it went well."),
            "reply_to": _("Shown on the page of the program and in mails."),
        }


def _ready_made() -> list[tuple[str, str]]:
    ready = [(one.key, f"{one.title}. {one.about}") for one in all_blueprints()]
    return [*ready, ("", str(_("Empty. You write everything yourself.")))]


class NewProgramForm(forms.Form):
    """From what a new program starts, and what it is called."""

    blueprint = forms.ChoiceField(
        label=_("Start from"),
        choices=_ready_made,
        initial=lambda: all_blueprints()[0].key,
        widget=forms.RadioSelect,
        required=False,
        help_text=_("Texts, forms, rhythm, dates and objectives come with it. Change all of them."),
    )
    name = Program._meta.get_field("name").formfield()
    time_zone = ZoneField(
        label=_("Time zone"), help_text=_("Days of the first cohort begin and end in this zone.")
    )
