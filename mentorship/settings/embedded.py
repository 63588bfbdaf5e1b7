"""The demo and the small site: SQLite, one process, no Redis. Each relaxation says why."""

import os
import secrets
from pathlib import Path

_root = Path(__file__).resolve().parent.parent.parent
DATA_DIR = Path(os.environ.get("DATA_DIR", _root / "var"))
DATA_DIR.mkdir(parents=True, exist_ok=True)


def _secret_key() -> str:
    """A random key made on the first start and kept in the data folder, for the owner only."""
    path = DATA_DIR / "secret_key"
    if not path.exists():
        with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
    return path.read_text()


# The embedded mode answers on loopback only, so what production asks of the operator has a
# safe answer here.
PORT = int(os.environ.get("PORT", "8000"))
os.environ.setdefault("SECRET_KEY", _secret_key())
os.environ.setdefault("BASE_URL", f"http://localhost:{PORT}")
os.environ.setdefault("DATABASE_URL", f"sqlite:///{DATA_DIR / 'demo.sqlite3'}")
os.environ.setdefault("REDIS_URL", "memory://")
os.environ.setdefault("EMAIL_URL", "dummymail://")
os.environ.setdefault("DEFAULT_FROM_EMAIL", "Mentorship demo <demo@example.org>")

from mentorship.settings.base import *  # noqa: E402, F403  the defaults above must come first

DEMO = True  # the outbox page and the demo log-ins exist only here
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]  # loopback only
CSRF_TRUSTED_ORIGINS = [f"http://localhost:{PORT}", f"http://127.0.0.1:{PORT}"]
# A visitor's browser on the same machine speaks plain http to loopback: no certificate there.
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 0
SESSION_COOKIE_SECURE = False
CSRF_COOKIE_SECURE = False
# The people of a demo are made up, and whoever visits it has no device of theirs.
SECOND_FACTOR_REQUIRED = False
# One process, so its memory is a cache that every thread sees.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# Static files are served from where they lie: no collectstatic on a visitor's machine.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
STATIC_ROOT = None
# Mail goes to files, readable on the outbox page: a demo must never write to real people.
EMAIL_BACKEND = "mentorship.demo.mail.FileBackend"
MAIL_DIR = DATA_DIR / "mail"
# A memory broker reaches only threads of its own process; the demo server switches this on.
NUDGES = False
