"""For the test suite: SQLite in memory unless DATABASE_URL says otherwise, no network."""

import os

os.environ["SECRET_KEY"] = "only-for-tests-" + "x" * 50
os.environ["BASE_URL"] = "https://mentorship.example.org"
os.environ.setdefault("DATABASE_URL", "sqlite://:memory:")
os.environ.setdefault("REDIS_URL", "memory://")
os.environ["EMAIL_URL"] = "memorymail://"
os.environ["DEFAULT_FROM_EMAIL"] = "Mentorship <hello@example.org>"
# Every way to log in is there to be tested; nothing answers at this issuer.
os.environ.update(
    {
        f"{provider}_CLIENT_{part}": f"{provider.lower()}-{part.lower()}"
        for provider in ("GOOGLE", "GITHUB", "MICROSOFT", "OIDC")
        for part in ("ID", "SECRET")
    }
)
os.environ["OIDC_NAME"] = "Example ID"
os.environ["OIDC_ISSUER"] = "http://127.0.0.1:9"

from mentorship.settings.base import *  # noqa: F403  the lines above must come first
from mentorship.settings.base import TEMPLATES

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1", "mentorship.example.org"]
SECURE_SSL_REDIRECT = False  # the test client speaks http
SESSION_COOKIE_SECURE = False
CSRF_COOKIE_SECURE = False
# One hash is as good as a million where the password is known.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
STATIC_ROOT = None
WHITENOISE_AUTOREFRESH = True
NUDGES = False
# Tests of the rule switch it on.
SECOND_FACTOR_REQUIRED = False
# A misspelt variable in a template shows up as this word, and a test looks for it.
TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = "INVALID_VARIABLE"
