from typing import Any

from allauth.account.signals import user_signed_up
from django.conf import settings
from django.dispatch import receiver

from mentorship.demo import cast
from programs.models import User


@receiver(user_signed_up)
def remember_visitor(user: User, **_kwargs: Any) -> None:
    """Whoever signs up in the demo is no stranger to it at the next start."""
    if settings.DEMO:
        cast.note_joined(user)
