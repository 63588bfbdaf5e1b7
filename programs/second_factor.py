"""Whether somebody has a second factor, and whether this log-in used it.

A factor is an authenticator app or a passkey; a recovery code stands in for it once. A session
remembers which ones it used, and counts on them only as long as they exist and are the person's.
"""

from allauth.mfa.models import Authenticator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from programs.models import Membership, User

_USED = "second_factors_used"
_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_one(user: User) -> bool:
    return Authenticator.objects.filter(user=user, type__in=_FACTORS).exists()


def is_used(request: HttpRequest) -> bool:
    """Whether this log-in used a factor that the person still has."""
    used = request.session.get(_USED, ())
    return Authenticator.objects.filter(user=request.user.pk, pk__in=used).exists()


def note_use(request: HttpRequest, authenticator: Authenticator) -> None:
    used = {*request.session.get(_USED, ()), authenticator.pk}
    request.session[_USED] = sorted(used)


def who_has_or_needs_one() -> QuerySet[User]:
    """People with a duty, who need one, and everybody who has one: with what they have."""
    theirs = Authenticator.objects.filter(user=OuterRef("pk"))
    keys = theirs.filter(type=Authenticator.Type.WEBAUTHN).order_by().values("user")
    return (
        User.objects.filter(is_active=True)
        .annotate(
            has_duty=Q(is_superuser=True) | Exists(Membership.objects.filter(user=OuterRef("pk"))),
            has_app=Exists(theirs.filter(type=Authenticator.Type.TOTP)),
            keys=Coalesce(Subquery(keys.annotate(count=Count("pk")).values("count")), 0),
        )
        .filter(Q(has_duty=True) | Q(has_app=True) | Q(keys__gt=0))
        .order_by("name", "pk")
    )
