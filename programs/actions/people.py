from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications.models import Preference
from programs.models import Application, Participant, Profile, User

_ON_THE_ACCOUNT = ("name", "time_zone")


@transaction.atomic
def update_profile(user: User, *, by: User, **fields: Any) -> Profile:
    """Write what a person says of themself: fields of the profile, `name` and `time_zone`.

    A new zone holds in every cohort they take part in. What was taken from an application is the
    person's own word once they have saved it, and whoever changes it takes the note away, too.

    Raises ValidationError for a value the models do not take, RuleBroken for an erased account.
    """
    profile = locked_profile(user)
    for name in profile.taken.keys() & fields.keys():
        if by.pk == user.pk or profile.told(name) != fields[name]:
            profile.taken[name] = ""
    account = {name: fields.pop(name) for name in _ON_THE_ACCOUNT if name in fields}
    for name, value in fields.items():
        setattr(profile, name, value)
    profile.full_clean(exclude=["user"])
    profile.save()
    if account:
        _update_account(user, account)
    return profile


@transaction.atomic
def take_from(application: Application) -> list[str]:
    """Fill what the applicant's profile leaves open from their own answers; the fields filled.

    What they wrote into the profile themself, or took out of it, stays (`Profile.takes`). The
    caller holds the account (`lock_person`) and knows that the answers are the applicant's word:
    a list that coordinators brought is not.
    """
    told = application.for_profile()
    if not told:
        return []
    profile = locked_profile(application.applicant)
    names = profile.takes(told, application.code)
    for name in names:
        if name == "time_zone":
            # for pages and mails; where they take part, the cohort's own answer counts
            profile.user.time_zone = told[name]
            profile.user.save(update_fields=["time_zone"])
        else:
            setattr(profile, name, told[name])
        profile.taken[name] = application.code
    profile.save()
    return names


def _update_account(user: User, fields: Mapping[str, str]) -> None:
    """Write these and no others: what stands in `user` beside them may be old by now."""
    for name, value in fields.items():
        setattr(user, name, value)
    user.clean_fields(exclude=["password"])
    user.save(update_fields=fields)
    if "time_zone" in fields:
        elsewhere = Participant.objects.present().filter(user=user)
        elsewhere.exclude(time_zone=user.time_zone).update(time_zone=user.time_zone)


@transaction.atomic
def choose_audiences(user: User, *, by: User, chosen: Mapping[str, str]) -> Profile:
    """Say who may see which field, by its name; what is left out is seen as usual.

    Raises ValidationError for a field or an audience that is none.
    """
    profile = locked_profile(user)
    profile.audiences = dict(chosen)
    profile.clean_fields()
    profile.save(update_fields=["audiences"])
    return profile


def locked_profile(user: User) -> Profile:
    """The person's profile, made if need be, locked until the caller's transaction ends.

    Raises RuleBroken for an erased account.
    """
    lock_person(user)
    # made first: two first saves at one moment must end up with the same row
    Profile.objects.get_or_create(user=user)
    rows = Profile.objects.select_for_update(of=("self",)).select_related("user")
    return rows.get(user=user)


def lock_person(user: User) -> User:
    """Hold the account until the caller's transaction ends, so that nobody erases it meanwhile.

    Take it before other locks, as an erasure does. Raises RuleBroken for an erased account.
    """
    person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if person.is_erased:
        raise RuleBroken(_("This account is erased, and nothing can be written into it."))
    return person


@transaction.atomic
def choose_mail(user: User, *, by: User, wanted: dict[str, bool]) -> None:
    """Switch categories of mail on or off."""
    for category, is_enabled in wanted.items():
        Preference.objects.update_or_create(
            user=user, category=category, defaults={"is_enabled": is_enabled}
        )
