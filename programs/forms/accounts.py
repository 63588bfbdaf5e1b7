"""Forms that stand in for allauth's own, and those of the second factor."""

from typing import Any

from allauth.account.forms import SignupForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.forms import DisconnectForm as AnyDisconnectForm
from allauth.socialaccount.models import SocialAccount
from django import forms
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from programs.actions.second_factors import Reason


class EvenSignupForm(SignupForm):
    """Takes as long for an address that has an account as for one that has none."""

    def try_save(self, request: HttpRequest) -> Any:
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])  # what a new account would cost
        return super().try_save(request)


class AddPasskeyForm(AddWebAuthnForm):
    """A passkey that opens the account by itself, unless one asks for less."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")
        self.fields["name"].max_length = 100
        self.fields["name"].widget.attrs["maxlength"] = 100
        self.fields["name"].help_text = _("So that you tell it from others, such as “Phone”.")
        alone = self.fields["passwordless"]
        alone.label = _("Log in with it alone")
        alone.initial = True
        alone.help_text = _(
            "Without a password or code. It needs a fingerprint, a face or a PIN. An older "
            "security key without one: leave this out."
        )


class DisconnectForm(AnyDisconnectForm):
    """Only log-ins elsewhere that are still switched on: of the others allauth knows nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = {
            provider.sub_id: provider.name
            for provider in get_adapter().list_providers(self.request)
        }
        theirs = SocialAccount.objects.filter(user=self.request.user, provider__in=names)
        self.accounts = theirs.order_by("provider", "pk")
        field = self.fields["account"]
        field.queryset = self.accounts
        field.label = _("Connected")
        field.label_from_instance = lambda account: (
            f"{names[account.provider]}: {account.get_provider_account()}"
        )


class ResetSecondFactorForm(forms.Form):
    """Asked of the owner who resets somebody's second factor."""

    reason = forms.ChoiceField(label=_("Why"), choices=Reason.choices, widget=forms.RadioSelect)
    is_checked = forms.BooleanField(
        label=_("I have made sure that it is them who ask"),
        help_text=_(
            "By a call or in person. A mail is not enough: whoever has their mail and a reset has "
            "the account."
        ),
    )
