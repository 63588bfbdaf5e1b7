"""What allauth leaves to the site."""

import base64
import hashlib
import secrets
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from programs.models import User

# Whose own "this address is verified" we believe; see mentorship/settings/providers.py.
_VERIFY_THEMSELVES = frozenset({"google", "github"})


def _cipher() -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    digests = [hashlib.sha256(f"second factors:{key}".encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


class AccountAdapter(DefaultAccountAdapter):
    """Links in allauth's mails start with BASE_URL, whatever Host a request claims."""

    def get_reset_password_from_key_url(self, key: str) -> str:
        path = urlsplit(super().get_reset_password_from_key_url(key)).path
        return f"{settings.BASE_URL}{path}"


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """A log-in elsewhere opens the account it was connected to, or makes a new one.

    It never opens an account because the addresses are alike: see `authenticate_by_email`.
    """

    def authenticate_by_email(self, sociallogin: SocialLogin) -> None:
        """Nobody, whatever the settings say: who connects, is logged in first."""
        return None

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: Any) -> User:
        """Address and name as they are told there; what is not told, the form asks."""
        user: User = super().populate_user(request, sociallogin, data)
        parts = (data.get("name"), f"{data.get('first_name') or ''} {data.get('last_name') or ''}")
        name = next((part for part in parts if part and part.strip()), "")
        longest = User._meta.get_field("name").max_length
        user.name = " ".join("".join(c for c in name if c.isprintable()).split())[:longest]
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Keep one address, believe only whom we trust, and tell who has an account already."""
        addresses = sociallogin.email_addresses = sociallogin.email_addresses[:1]
        for address in addresses:
            address.verified = address.verified and self._is_believed(sociallogin, address.email)
        if sociallogin.is_existing or request.user.is_authenticated:
            return
        proven = [address.email for address in addresses if address.verified]
        if User.objects.filter(email__in=[email.lower() for email in proven]).exists():
            messages.info(
                request,
                _(
                    "You have an account with this address. Log in to it as you did before, then "
                    "connect %(provider)s under Account."
                )
                % {"provider": sociallogin.provider.name},
            )
            raise ImmediateHttpResponse(redirect("account_login"))

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """The form is skipped only when it would ask nothing."""
        told = bool(sociallogin.user and sociallogin.user.name)
        return told and super().is_auto_signup_allowed(request, sociallogin)

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> Any:
        """An address that the form changed is the only one, and nobody has proven it."""
        if form is not None:
            email = form.cleaned_data["email"].lower()
            same = [one for one in sociallogin.email_addresses if one.email.lower() == email]
            sociallogin.email_addresses = same
        return super().save_user(request, sociallogin, form)

    def get_signup_form_initial_data(self, sociallogin: SocialLogin) -> dict[str, Any]:
        return {
            **super().get_signup_form_initial_data(sociallogin),
            "name": sociallogin.user.name,
        }

    def _is_believed(self, sociallogin: SocialLogin, email: str) -> bool:
        provider = sociallogin.provider
        return provider.id in _VERIFY_THEMSELVES or self.is_email_verified(provider, email)


class MFAAdapter(DefaultMFAAdapter):
    """Passkeys are bound to the address in BASE_URL, whatever Host a request claims.

    What authenticator apps share with us is unreadable in the database, and so in its backups.
    """

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret; a random one, which no code fits, when SECRET_KEY has changed since."""
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return base64.b32encode(secrets.token_bytes(20)).decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {
            "id": urlsplit(settings.BASE_URL).hostname or "",
            "name": settings.SITE_NAME,
        }

    def get_totp_issuer(self) -> str:
        return settings.SITE_NAME

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        number = Authenticator.objects.filter(user=user.pk, type=type).count() + 1
        return _("Passkey") if number == 1 else _("Passkey %(number)d") % {"number": number}
