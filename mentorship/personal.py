"""What the libraries' own tables hold of people, and the tables of ours that hold nothing."""

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base.models import CacheEntry, Heartbeat
from mentorship.shared.privacy.registry import (
    NOBODY,
    YOU,
    Erase,
    Held,
    Rows,
    Term,
    Told,
    deleted,
    impersonal,
    register,
)

_ACCOUNT = Term(_("As long as you have an account."))


def _end(rows: Rows) -> int:
    """The log-ins end with the rows that tell of them."""
    keys = list(rows.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    return deleted().act(rows)


register(
    Held(
        model=EmailAddress,
        title=_("Your address"),
        person="user",
        kept=_ACCOUNT,
        erase=deleted(),
        fields={
            "email": Told(_("Log you in and write to you."), YOU),
            "verified": Told(_("Know that the address is yours."), NOBODY),
        },
        machinery=("primary",),
        others=("id",),
    ),
    Held(
        model=EmailConfirmation,
        title=_("Confirmations of your address"),
        person="email_address__user",
        kept=Term(_("Until the address is confirmed.")),
        erase=deleted(),
        machinery=("created", "sent"),
        others=("id", "key"),
    ),
    Held(
        model=Authenticator,
        title=_("Second factors and passkeys"),
        person="user",
        kept=_ACCOUNT,
        erase=deleted(),
        labels={
            "type": _("kind"),
            "created_at": _("made"),
            "last_used_at": _("last used"),
        },
        fields={
            "type": Told(_("Let only you in."), YOU),
            "created_at": Told(_("Let you tell them apart."), YOU),
            "last_used_at": Told(_("Let you see a log-in that was not yours."), YOU),
        },
        # what opens the account is not handed out
        others=("id", "data"),
    ),
    Held(
        model=UserSession,
        title=_("Where you are logged in"),
        person="user",
        kept=Term(_("Until you log out, or two weeks after your last visit.")),
        erase=Erase(_end),
        labels={
            "ip": _("address of the network"),
            "user_agent": _("browser"),
            "created_at": _("logged in"),
            "last_seen_at": _("last seen"),
        },
        fields={
            "ip": Told(_("Let you see a log-in that was not yours."), YOU),
            "user_agent": Told(_("Let you see a log-in that was not yours."), YOU),
            "created_at": Told(_("Let you see a log-in that was not yours."), YOU),
            "last_seen_at": Told(_("Let you see a log-in that was not yours."), YOU),
        },
        others=("id", "session_key", "data"),
    ),
    Held(
        model=SocialAccount,
        title=_("Log-ins at other sites"),
        person="user",
        kept=_ACCOUNT,
        erase=deleted(),
        fields={
            "provider": Told(_("Log you in by another site."), YOU),
            "uid": Told(_("Recognise your account there."), NOBODY),
            "extra_data": Told(_("What that site told when you logged in."), NOBODY),
            "last_login": Told(_("Let you see a log-in that was not yours."), YOU),
            "date_joined": Told(_("Let you see when you connected it."), YOU),
        },
        others=("id",),
    ),
    Held(
        model=SocialToken,
        title=_("Keys of other sites"),
        person="account__user",
        kept=_ACCOUNT,
        erase=deleted(),
        machinery=("expires_at",),
        others=("id", "app", "token", "token_secret"),
    ),
)

impersonal(_("Rights and tables of the framework, not of people."), Permission, Group, ContentType)
impersonal(_("Not used: our own history serves."), LogEntry)
impersonal(_("Set by the operator."), SocialApp)
impersonal(_("Log-ins: told by the list of open log-ins; it ends after two weeks."), Session)
impersonal(_("Counters of log-in limits under hashed names, for minutes."), CacheEntry)
impersonal(_("When sweeps ran."), Heartbeat)
