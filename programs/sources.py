"""How somebody came to a program's page: the link of an invitation, or a public one with a name.

Opening such a link writes nothing here. What it was stands in a signed cookie until the person
applies, and is noted on the application then.
"""

from base64 import urlsafe_b64encode
from typing import NamedTuple

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from mentorship.shared.notifications.tokens import hashed
from programs.models import Channel, Cohort, Invitation

_COOKIE = "came-by"
_SALT = "mentorship.came-by"
_DAYS = 60


class Source(NamedTuple):
    """What led here; both None when no link did."""

    invitation: Invitation | None = None
    channel: Channel | None = None


def token_for(invitation: Invitation) -> str:
    """The token of an invitation's link: 192 bits, the same at each call."""
    digest = salted_hmac("mentorship.invitation", invitation.code, algorithm="sha256").digest()
    return urlsafe_b64encode(digest[:24]).decode()


def invitation_of(token: str) -> Invitation | None:
    """The invitation whose link carries this token, while it stands."""
    found = Invitation.objects.live().filter(token_hash=hashed(token))
    return found.select_related("cohort__program", "suggested_by").first()


def remember(response: HttpResponse, source: Invitation | Channel, *, secure: bool) -> None:
    """Let the browser carry the source until the person applies; a later link takes its place."""
    kind = "invitation" if isinstance(source, Invitation) else "channel"
    response.set_cookie(
        _COOKIE,
        signing.Signer(salt=_SALT).sign(f"{kind} {source.code}"),
        max_age=_DAYS * 24 * 60 * 60,
        secure=secure,
        httponly=True,
        samesite="Lax",
    )


def came_by(request: HttpRequest, cohort: Cohort) -> Source:
    """What led this visitor to the cohort; a link to another one does not count."""
    source = last_source(request)
    invitation, channel = source
    return Source(
        invitation if invitation and invitation.cohort_id == cohort.pk else None,
        channel if channel and channel.cohort_id == cohort.pk else None,
    )


def last_source(request: HttpRequest) -> Source:
    """The link that this visitor opened last, whatever cohort it is about."""
    try:
        told = signing.Signer(salt=_SALT).unsign(request.COOKIES.get(_COOKIE, ""))
    except signing.BadSignature:
        return Source()
    kind, _space, code = told.partition(" ")
    if kind == "invitation":
        return Source(invitation=Invitation.objects.live().filter(code=code).first())
    return Source(channel=Channel.objects.filter(code=code).first())
