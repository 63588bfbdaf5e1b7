"""Tokens of mail links: derived, so that a repeated mail carries the same link."""

import hashlib
from base64 import urlsafe_b64encode

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from mentorship.shared.base import clock
from mentorship.shared.notifications.models import MailLink, OutboxMessage

_COOKIE = "mail-link"
_SALT = "mentorship.mail-link"


def token_for(message: OutboxMessage) -> str:
    """The token of the message's link: 192 bits, the same at each call."""
    digest = salted_hmac(_SALT, message.key + message.message_id, algorithm="sha256").digest()
    return urlsafe_b64encode(digest[:24]).decode()


def hashed(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_link(token: str) -> MailLink | None:
    """The link of a token, expired or not; None for a token that was never given out."""
    return MailLink.objects.filter(token_hash=hashed(token)).first()


def remember(response: HttpResponse, link: MailLink, *, path: str, secure: bool) -> None:
    """Move the link into a signed cookie that the browser shows to `path` only."""
    response.set_cookie(
        _COOKIE,
        signing.Signer(salt=_SALT).sign(link.token_hash),
        path=path,
        max_age=max(0, int((link.expires_at - clock.now()).total_seconds())),
        secure=secure,
        httponly=True,
        samesite="Lax",
    )


def link_in(request: HttpRequest, *, view: str, subject_code: str) -> MailLink | None:
    """The live link that this request's cookie speaks for, if it opens `view` of the subject."""
    try:
        ident = signing.Signer(salt=_SALT).unsign(request.COOKIES.get(_COOKIE, ""))
    except signing.BadSignature:
        return None
    return (
        MailLink.objects.select_related("user")
        .filter(
            token_hash=ident,
            view=view,
            subject_code=subject_code,
            expires_at__gt=clock.now(),
            user__is_active=True,
        )
        .first()
    )
