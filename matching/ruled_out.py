"""Which pairs must not be put together, whatever a matching found before."""

from collections.abc import Collection

from django.db.models import Q

from matching.models import Avoid, Exclusion
from programs.models import Role

# A mentee and a mentor, by their numbers.
Pair = tuple[int, int]


def barred(pairs: Collection[Pair]) -> set[Pair]:
    """Those of these pairs that a coordinator ruled out or one of the two would rather not.

    Two queries. Nothing tells which of both it is, and nothing may.
    """
    mentees = {mentee for mentee, _ in pairs}
    rows = Exclusion.objects.filter(mentee__in=mentees)
    apart: set[Pair] = set(rows.values_list("mentee", "mentor"))
    wishes = Avoid.objects.filter(Q(participant__in=mentees) | Q(other__in=mentees))
    for role, one, other in wishes.values_list("participant__role", "participant", "other"):
        apart.add((one, other) if role == Role.MENTEE else (other, one))
    return apart & set(pairs)
