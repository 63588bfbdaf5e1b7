"""What a person calls themself, told freely. Read back by nobody but the person here.

There is no line about it in the audit log: that somebody told something is nobody's business.
"""

from collections.abc import Mapping

from django.db import transaction

from mentorship.shared.base import clock
from programs.models import SelfIdentification, User


def told_by(user: User) -> dict[str, str]:
    """What the person told, by dimension."""
    rows = SelfIdentification.objects.filter(user=user)
    return dict(rows.values_list("dimension", "group"))


@transaction.atomic
def tell(user: User, *, groups: Mapping[str, str]) -> None:
    """Keep exactly this, by dimension; whatever is not in it is deleted.

    Only the person themself calls this: nobody may say it for somebody else.
    Raises ValidationError for a word the model does not take.
    """
    # one after the other, as the second of two saves at one moment is the one that counts
    User.objects.select_for_update().get(pk=user.pk)
    SelfIdentification.objects.filter(user=user).exclude(dimension__in=groups).delete()
    earlier = told_by(user)
    for dimension, group in groups.items():
        if earlier.get(dimension) == group:
            continue
        row = SelfIdentification(user=user, dimension=dimension, group=group)
        row.clean_fields()
        SelfIdentification.objects.update_or_create(
            user=user, dimension=dimension, defaults={"group": group, "given_at": clock.now()}
        )
