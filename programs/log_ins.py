"""Where a person is logged in at the moment."""

import re
from collections.abc import Iterable

from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from mentorship.shared.base import clock
from programs.models import User

# A browser names its ancestors too: the first that is found is the one.
_BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "Mac",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


def open_ones(user: User) -> list[UserSession]:
    """The log-ins that still work, the newest first, whatever has ended them otherwise."""
    rows = UserSession.objects.filter(user=user).order_by("-created_at", "-pk")
    kept = {
        session.session_key: session.get_decoded()
        for session in Session.objects.filter(
            session_key__in=rows.values("session_key"), expire_date__gt=clock.now()
        )
    }
    signature = user.get_session_auth_hash()
    return [
        row
        for row in rows
        if row.session_key in kept
        and constant_time_compare(kept[row.session_key].get(HASH_SESSION_KEY, ""), signature)
    ]


def end(log_ins: Iterable[UserSession]) -> None:
    """End these log-ins at once."""
    keys = [one.session_key for one in log_ins]
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()


def device(user_agent: str) -> str:
    """A browser in words, such as “Firefox, Windows”, as far as it tells."""
    found = (_first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent))
    return ", ".join(filter(None, found)) or _("An unknown browser")


def _first(names: dict[str, str], text: str) -> str:
    return next((name for mark, name in names.items() if re.search(rf"\b{mark}\b", text)), "")
