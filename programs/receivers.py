from typing import Any

from allauth.account.signals import email_confirmed
from django.dispatch import receiver
from django.http import HttpRequest

_BY_CODE = "account_confirm_login_code"


@receiver(email_confirmed)
def drop_a_password_set_by_somebody_else(
    request: HttpRequest, email_address: Any, **_: Any
) -> None:
    """Whoever proves an address by a log-in code did not sign up in this session.

    The password, if there is one, was set by somebody who never proved the address: it must
    not open the account of the person who now has.
    """
    match = request.resolver_match
    if match is not None and match.url_name == _BY_CODE:
        email_address.user.set_unusable_password()
        email_address.user.save(update_fields=["password"])
