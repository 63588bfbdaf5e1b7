"""Log-in with an account elsewhere: what the environment switches on, and nothing else."""

from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

_PACKAGE = "allauth.socialaccount.providers"


def elsewhere(env: environ.Env) -> tuple[list[str], dict[str, Any]]:
    """The apps to install and SOCIALACCOUNT_PROVIDERS, for what is set in the environment.

    Google and GitHub check addresses themselves. Microsoft and an OpenID provider say of an
    address what whoever runs a directory there wants: that counts only for the domains that the
    operator names, and other addresses are checked by us.

    Raises ImproperlyConfigured for a provider of which only a part is set.
    """
    apps: dict[str, Any] = {}
    if google := _complete(
        GOOGLE_CLIENT_ID=env.str("GOOGLE_CLIENT_ID", default=""),
        GOOGLE_CLIENT_SECRET=env.str("GOOGLE_CLIENT_SECRET", default=""),
    ):
        apps["google"] = _app(*google)
    if github := _complete(
        GITHUB_CLIENT_ID=env.str("GITHUB_CLIENT_ID", default=""),
        GITHUB_CLIENT_SECRET=env.str("GITHUB_CLIENT_SECRET", default=""),
    ):
        apps["github"] = _app(*github)
    if microsoft := _complete(
        MICROSOFT_CLIENT_ID=env.str("MICROSOFT_CLIENT_ID", default=""),
        MICROSOFT_CLIENT_SECRET=env.str("MICROSOFT_CLIENT_SECRET", default=""),
    ):
        apps["microsoft"] = _app(
            *microsoft,
            tenant=env.str("MICROSOFT_TENANT", default="common"),
            verified_email=env.list("MICROSOFT_TRUSTED_DOMAINS", default=[]),
        )
    if oidc := _complete(
        OIDC_CLIENT_ID=env.str("OIDC_CLIENT_ID", default=""),
        OIDC_CLIENT_SECRET=env.str("OIDC_CLIENT_SECRET", default=""),
        OIDC_NAME=env.str("OIDC_NAME", default=""),
        OIDC_ISSUER=env.str("OIDC_ISSUER", default=""),
    ):
        client_id, secret, name, issuer = oidc
        trusted = env.list("OIDC_TRUSTED_DOMAINS", default=[])
        app = _app(client_id, secret, server_url=issuer, verified_email=trusted)
        apps["openid_connect"] = app | {"provider_id": "oidc", "name": name}
    return (
        [f"{_PACKAGE}.{provider}" for provider in apps],
        {provider: {"APPS": [app]} for provider, app in apps.items()},
    )


def _complete(**values: str) -> list[str]:
    """All the values, or nothing when none is set."""
    missing = [name for name, value in values.items() if not value]
    if missing and len(missing) < len(values):
        raise ImproperlyConfigured(f"Set {' and '.join(missing)} too, or none of {list(values)}.")
    return [] if missing else list(values.values())


def _app(client_id: str, secret: str, **settings: Any) -> dict[str, Any]:
    return {
        "client_id": client_id,
        "secret": secret,
        "settings": {"oauth_pkce_enabled": True, **settings},
    }
