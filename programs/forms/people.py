from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base.texts import validate_one_line
from mentorship.shared.base.zones import zone_names
from mentorship.shared.notifications.models import Preference
from mentorship.shared.notifications.registry import Category, declared
from programs.models import User


class ZoneField(forms.ChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[(name, name) for name in zone_names()], **kwargs)


# Where a script writes the zone of the browser, if it runs (static/js/zone.js).
FROM_THE_BROWSER = {"data-browser-zone": "zone-words"}


class SignupForm(forms.Form):
    """What sign-up asks besides address and password; allauth mixes it in and calls `signup`.

    The time zone is not asked: it is what the browser says, where that can be heard, and a page
    says so. One that nobody can choose counts as none.
    """

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        validators=[validate_one_line],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    time_zone = forms.CharField(
        required=False, widget=forms.HiddenInput(attrs=FROM_THE_BROWSER), strip=True
    )

    field_order = ("name", "email", "password1", "password2", "time_zone")

    def clean_time_zone(self) -> str:
        zone: str = self.cleaned_data["time_zone"]
        return zone if zone in zone_names() else User.NO_ZONE

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
        user.time_zone = self.cleaned_data["time_zone"]
        user.save()


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
