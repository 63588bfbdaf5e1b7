from typing import Any

from django.db import transaction

from mentorship.shared.notifications.models import Preference
from programs.models import Participant, Profile, User

_ON_THE_ACCOUNT = ("name", "time_zone")


@transaction.atomic
def update_profile(user: User, *, by: User, **fields: Any) -> Profile:
    """Write what a person says of themself: fields of the profile, `name` and `time_zone`.

    A new zone holds in every cohort they take part in.

    Raises ValidationError for a value the models do not take.
    """
    profile = Profile.objects.select_for_update().filter(user=user).first() or Profile(user=user)
    for name in _ON_THE_ACCOUNT:
        if name in fields:
            setattr(user, name, fields.pop(name))
    for name, value in fields.items():
        setattr(profile, name, value)
    profile.full_clean(exclude=["user"])
    user.full_clean(exclude=["password"])
    user.save(update_fields=_ON_THE_ACCOUNT)
    profile.save()
    Participant.objects.present().filter(user=user).exclude(time_zone=user.time_zone).update(
        time_zone=user.time_zone
    )
    return profile


@transaction.atomic
def choose_mail(user: User, *, by: User, wanted: dict[str, bool]) -> None:
    """Switch categories of mail on or off."""
    for category, is_enabled in wanted.items():
        Preference.objects.update_or_create(
            user=user, category=category, defaults={"is_enabled": is_enabled}
        )
