from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base.texts import validate_one_line
from mentorship.shared.base.zones import zone_names
from mentorship.shared.notifications.models import Preference
from mentorship.shared.notifications.registry import Category, declared
from mentorship.shared.questions.kinds import ItemsField
from programs.hours import half_hours, parts
from programs.models import Profile, User

_PARTS = {
    "morning": _("08 to 12"),
    "afternoon": _("12 to 17"),
    "evening": _("17 to 21"),
}


def _parts_of_the_week() -> list[tuple[str, str]]:
    return [
        (f"{day}-{part}", f"{WEEKDAYS[day]}, {words}")
        for day in range(7)
        for part, words in _PARTS.items()
    ]


class ZoneField(forms.ChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[(name, name) for name in zone_names()], **kwargs)


class SignupForm(forms.Form):
    """What sign-up asks besides address and password; allauth mixes it in and calls `signup`."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        validators=[validate_one_line],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    field_order = ("name", "email", "password1", "password2")

    def clean(self) -> dict[str, Any]:
        """allauth would cut a long address and write to another one."""
        cleaned: dict[str, Any] = super().clean() or {}
        longest = User._meta.get_field("email").max_length
        if longest and len(cleaned.get("email") or "") > longest:
            self.add_error("email", _("This address is too long."))
        return cleaned

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth with the person it is about to keep."""
        user.name = self.cleaned_data["name"]
        user.save()


class ProfileForm(forms.ModelForm):
    """A person's own account of themself; name, zone and language stand on the account."""

    name = forms.CharField(label=_("Your name"), max_length=120, validators=[validate_one_line])
    time_zone = ZoneField(
        label=_("Time zone"), help_text=_("Dates and times are shown to you in this zone.")
    )
    languages = ItemsField(
        label=_("Languages you can talk in"), required=False, help_text=_("Separate by commas.")
    )
    skills_offered = ItemsField(
        label=_("Skills you can teach"), required=False, help_text=_("Separate by commas.")
    )
    skills_wanted = ItemsField(
        label=_("Skills you want to learn"), required=False, help_text=_("Separate by commas.")
    )
    styles = ItemsField(
        label=_("How you like to learn or teach"),
        required=False,
        help_text=_("For example: pair programming, reading code, books."),
    )
    hours = forms.MultipleChoiceField(
        label=_("When you can usually meet"),
        required=False,
        choices=_parts_of_the_week,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("In your own time. Without an answer we propose weekdays from 08 to 21."),
    )

    class Meta:
        model = Profile
        fields = (
            "pronouns",
            "headline",
            "story",
            "languages",
            "skills_offered",
            "skills_wanted",
            "styles",
            "hours",
            "capacity",
        )

    field_order = ("name", "pronouns", "time_zone", "headline", "story")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].initial = self.instance.user.name
        self.fields["time_zone"].initial = self.instance.user.time_zone
        self.initial["hours"] = parts(self.instance.hours or ())

    def clean_hours(self) -> list[int] | None:
        """Half-hours of the week; None when nothing was ticked, which is no answer."""
        return half_hours(self.cleaned_data["hours"]) or None


class PreferencesForm(forms.Form):
    """Which categories of mail a person wants."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        off = set(
            Preference.objects.filter(user=user, is_enabled=False).values_list(
                "category", flat=True
            )
        )
        optional = {notice.category for notice in declared() if notice.can_be_disabled}
        for category in Category:
            self.fields[category.value] = forms.BooleanField(
                label=category.label,
                required=False,
                initial=category.value not in off or category not in optional,
                disabled=category not in optional,
                help_text="" if category in optional else _("Always sent: it is about you."),
            )
