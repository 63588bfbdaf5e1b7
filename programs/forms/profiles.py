"""What a person tells of themself, who sees it, and when they are away."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mentorship.shared.base import clock
from mentorship.shared.base.texts import validate_one_line
from mentorship.shared.base.zones import local
from mentorship.shared.questions.hours import HoursField
from mentorship.shared.questions.kinds import ItemsField
from mentorship.shared.questions.skills import SkillsField
from programs.actions.pauses import LONGEST
from programs.forms.people import FROM_THE_BROWSER, ZoneField
from programs.links import validate_github, validate_link, validate_linkedin
from programs.models import Profile, User
from programs.skills import MOST_ON_A_FORM
from programs.visibility import FIELD_OF, FIELDS


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the form under a heading of its own."""

    name: str
    title: str | Promise
    fields: tuple[str, ...]


SECTIONS: tuple[Section, ...] = (
    Section("who", gettext_lazy("Who you are"), ("name", "pronouns", "headline", "story")),
    Section(
        "what",
        gettext_lazy("What you know and want to learn"),
        ("skills", "styles", "interests"),
    ),
    Section(
        "when",
        gettext_lazy("Languages, time and places"),
        ("languages", "time_zone", "hours", "capacity"),
    ),
    Section(
        "reach",
        gettext_lazy("How to reach you"),
        ("channel", "reach", "linkedin", "github", "site"),
    ),
)

_COMMAS = gettext_lazy("Separate by commas.")


class LinkField(forms.URLField):
    """The address of a page of the person's own; never opened by us."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(assume_scheme="https", required=False, max_length=200, **kwargs)


class ProfileForm(forms.ModelForm):
    """A person's own account of themself; name, zone and language stand on the account."""

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=120,
        validators=[validate_one_line],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    time_zone = ZoneField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy("Dates and times are shown to you in this zone."),
    )
    languages = ItemsField(
        label=gettext_lazy("Languages you can talk in"), required=False, help_text=_COMMAS
    )
    skills = SkillsField(
        label=gettext_lazy("Skills"),
        required=False,
        asks_teaching=True,
        most=MOST_ON_A_FORM,
        help_text=gettext_lazy(
            "For each skill: how well you know it, and how well you would like to. Tick what you "
            "can teach. The matching looks at both."
        ),
    )
    styles = ItemsField(
        label=gettext_lazy("How you like to learn or teach"),
        required=False,
        help_text=gettext_lazy("For example: pair programming, reading code, books."),
    )
    interests = ItemsField(
        label=gettext_lazy("Interests beyond work"), required=False, help_text=_COMMAS
    )
    hours = HoursField(
        label=gettext_lazy("When you can usually meet"),
        required=False,
        help_text=gettext_lazy(
            "In your own time. Without an answer we propose weekdays from 08 to 21."
        ),
    )
    linkedin = LinkField(label=gettext_lazy("LinkedIn"), validators=[validate_linkedin])
    github = LinkField(label=gettext_lazy("GitHub"), validators=[validate_github])
    site = LinkField(label=gettext_lazy("Your site"), validators=[validate_link])

    class Meta:
        model = Profile
        fields = (
            "pronouns",
            "headline",
            "story",
            "languages",
            "skills",
            "styles",
            "interests",
            "hours",
            "capacity",
            "channel",
            "reach",
            "linkedin",
            "github",
            "site",
        )
        help_texts = {
            "headline": gettext_lazy("Who you are in one line."),
            "story": gettext_lazy("What you do, how you came to it, what you hope for here."),
            "capacity": gettext_lazy("If you mentor. An application may tell another number."),
            "reach": gettext_lazy("For example: @ada on Matrix, or evenings by phone."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["name"] = self.instance.user.name
        self.initial["time_zone"] = self.instance.user.time_zone
        if not self.is_bound and not self.instance.user.told_zone:
            self.fields["time_zone"].widget.attrs |= FROM_THE_BROWSER

    def say_who_sees(self) -> None:
        """Write beside each field who sees it, as the person chose."""
        for name, field in self.fields.items():
            audience = FIELD_OF[name].audience(self.instance.audiences)
            seen_by = _("Seen by: %(audience)s.") % {"audience": audience.label}
            field.help_text = " ".join(filter(None, (str(field.help_text), seen_by)))

    def sections(self) -> Iterator[tuple[Section, list[BoundField]]]:
        """The fields as the page shows them."""
        for section in SECTIONS:
            yield section, [self[name] for name in section.fields if name in self.fields]


class ProfileCorrectionForm(ProfileForm):
    """The profile of somebody else, mended for them; the account has a form of its own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("name", "time_zone"):
            del self.fields[name]


class AccountCorrectionForm(forms.Form):
    """Somebody else's name and zone."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=120, validators=[validate_one_line]
    )
    time_zone = ZoneField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy("It holds in every cohort the person takes part in."),
    )


class AudiencesForm(forms.Form):
    """Who sees which field. Usual choices are not kept, so that they may become wiser."""

    def __init__(self, *args: Any, profile: Profile, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.profile = profile
        for field in FIELDS:
            self.fields[field.name] = forms.ChoiceField(
                label=str(field.label),
                choices=[(audience.value, audience.label) for audience in field.choices],
                initial=field.audience(profile.audiences).value,
            )

    def clean(self) -> dict[str, Any]:
        """Whoever works with a person must be able to write to them in some way."""
        cleaned: dict[str, Any] = super().clean() or {}
        hidden = {name for name, told in cleaned.items() if told == "coordinators"}
        if "email" in hidden and ("reach" in hidden or not self.profile.reach):
            self.add_error(
                "email",
                _(
                    "Before you hide your address, tell in your profile where else your match "
                    "can reach you, and let them see it."
                ),
            )
        return cleaned

    def chosen(self) -> dict[str, str]:
        """What differs from the usual."""
        return {
            field.name: self.cleaned_data[field.name]
            for field in FIELDS
            if self.cleaned_data[field.name] != field.usual
        }


class PauseForm(forms.Form):
    """Until when somebody is away."""

    back_on = forms.DateField(
        label=gettext_lazy("The first day you are back"),
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("After today and within a year."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = local(clock.now(), user.time_zone).date()

    def clean_back_on(self) -> date:
        day: date = self.cleaned_data["back_on"]
        if not self.today < day <= self.today + LONGEST:
            raise forms.ValidationError(_("Please choose a day after today and within a year."))
        return day
