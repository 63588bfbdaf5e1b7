from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed, password_reset
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_used
from allauth.socialaccount.models import SocialAccount
from django.dispatch import receiver
from django.http import HttpRequest

from programs import second_factor
from programs.models import User

_BY_CODE = "account_confirm_login_code"


@receiver(email_confirmed)
def drop_what_somebody_else_set(request: HttpRequest, email_address: Any, **_: Any) -> None:
    """Whoever proves an address by a log-in code did not sign up in this session.

    The password and the log-ins elsewhere, if there are any, were set by somebody who never
    proved the address: they must not open the account of the person who now has.
    """
    match = request.resolver_match
    if match is not None and match.url_name == _BY_CODE:
        user = email_address.user
        user.set_unusable_password()
        user.save(update_fields=["password"])
        SocialAccount.objects.filter(user=user).delete()


@receiver(password_reset)
def drop_log_ins_elsewhere_of_somebody_else(user: User, **_: Any) -> None:
    """The same for who proves a new account's address by the link to a new password."""
    if not EmailAddress.objects.filter(user=user, verified=True).exists():
        SocialAccount.objects.filter(user=user).delete()


@receiver(authenticator_used)
def note_that_a_factor_was_used(
    request: HttpRequest, authenticator: Authenticator, **_: Any
) -> None:
    second_factor.note_use(request, authenticator)


@receiver(authenticator_added)
def note_that_the_first_factor_was_proven(
    request: HttpRequest, user: User, authenticator: Authenticator, **_: Any
) -> None:
    """Setting up asks for a code or a touch, which is a use.

    That of a further one is none: it does not show that the person has the first.
    """
    others = Authenticator.objects.filter(user=user).exclude(pk=authenticator.pk)
    if not others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists():
        second_factor.note_use(request, authenticator)
