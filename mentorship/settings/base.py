"""Production itself. Everything comes from the environment; what is missing is said loudly.

The other settings files add a few lines on top of this one. Every variable read here stands
in `.env.example` with a line of meaning.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF

from mentorship.settings.providers import elsewhere

BASE_DIR = Path(__file__).resolve().parent.parent.parent

env = environ.Env()
PROVIDER_APPS, SOCIALACCOUNT_PROVIDERS = elsewhere(env)

# --- Who we are -------------------------------------------------------------------------
SECRET_KEY = env.str("SECRET_KEY")
DEBUG = False
# Absolute links in mail are built from this, never from the Host header of a request.
BASE_URL = env.str("BASE_URL").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[urlsplit(BASE_URL).hostname])
CSRF_TRUSTED_ORIGINS = [BASE_URL]
SITE_NAME = env.str("SITE_NAME", default="Mentorship")
# Demo pages (outbox, one-click log-ins) answer 404 unless this is True. No variable sets it.
DEMO = False

# --- What is inside ---------------------------------------------------------------------
INSTALLED_APPS = [
    # first, so that our templates win over those of Django and allauth
    "mentorship.apps.FrameConfig",
    "mentorship.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    *PROVIDER_APPS,
    "allauth.usersessions",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "mentorship.shared.base",
    "mentorship.shared.privacy",
    "mentorship.shared.audit",
    "mentorship.shared.files",
    "mentorship.shared.notifications",
    "mentorship.shared.questions",
    "programs",
    "matching",
    "feedback",
    "feedback.metrics",
    "mentorship.dashboard",
    "mentorship.demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    # before anything asks the database for what a visitor sent
    "mentorship.shared.base.middleware.SoundRequestsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "programs.middleware.ReadersZoneMiddleware",
    "programs.middleware.ElsewhereMiddleware",
    "programs.middleware.SecondFactorMiddleware",
    "mentorship.shared.base.middleware.FewMethodsMiddleware",
    "mentorship.shared.base.middleware.RuleBrokenMiddleware",
]

ROOT_URLCONF = "mentorship.urls"
WSGI_APPLICATION = "mentorship.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mentorship.dashboard.context.site",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- Where things are kept --------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL")}
DATABASES["default"]["ATOMIC_REQUESTS"] = False
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Readers never wait for the writer, and a writer takes its lock at BEGIN instead of
    # failing half-way with "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", default=60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# Only the rate limits of log-in use the cache. A table keeps them when Redis is away.
CACHES = {
    "default": {
        "BACKEND": "mentorship.shared.base.cache.ForgivingDatabaseCache",
        "LOCATION": "base_cacheentry",
        # The table culls live entries beyond this: a visitor must not be able to fill it.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# --- People -----------------------------------------------------------------------------
AUTH_USER_MODEL = "programs.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_SIGNUP_FORM_CLASS = "programs.forms.people.SignupForm"
ACCOUNT_ADAPTER = "programs.adapters.AccountAdapter"
ACCOUNT_FORMS = {"signup": "programs.forms.accounts.EvenSignupForm"}
MFA_FORMS = {"add_webauthn": "programs.forms.accounts.AddPasskeyForm"}
SOCIALACCOUNT_FORMS = {"disconnect": "programs.forms.accounts.DisconnectForm"}
# Enumeration is prevented only when verification is mandatory.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_UNIQUE_EMAIL = True
# One address, and beside it the new one until it is proven and takes its place.
ACCOUNT_MAX_EMAIL_ADDRESSES = 2
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
# Whoever finds an open browser changes neither address nor log-ins without a proof.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# A changed password or address, a new passkey: the person hears of it by mail.
ACCOUNT_EMAIL_NOTIFICATIONS = True
SESSION_COOKIE_AGE = 14 * 24 * 60 * 60
MFA_ADAPTER = "programs.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Whoever sits down at an open browser finds none.
MFA_RECOVERY_CODES_SHOW_ONCE = True
# A code of the half-minute before or after still counts: clocks of telephones differ.
MFA_TOTP_TOLERANCE = 1
SOCIALACCOUNT_ADAPTER = "programs.adapters.SocialAccountAdapter"
# Who looks after people's data proves it twice; a passkey counts as both.
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=True)
# Behind one proxy allauth would otherwise count the whole site as one visitor.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

# --- Words, zones -----------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [BASE_DIR / "mentorship" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Static files -----------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT: Path | None = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- Mail -------------------------------------------------------------------------------
vars().update(env.email_url("EMAIL_URL"))
# A silent mail server holds nobody up longer than this many seconds.
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# A mail is the sender's own for this many seconds; afterwards another may take it over.
OUTBOX_LEASE_SECONDS = 120
# An invitation by survey link ends with the survey; other links in mail after this many days.
MAIL_LINK_DAYS = 30
# The address of somebody without an account stands beside a mail for this many days.
MAIL_ADDRESS_DAYS = env.int("MAIL_ADDRESS_DAYS", default=90)

# --- Applying ---------------------------------------------------------------------------
# How many invitations of one cohort leave on one day; the rest waits for the next days.
INVITATIONS_PER_DAY = env.int("INVITATIONS_PER_DAY", default=100)
# How many days before the deadline a half-finished application is reminded of; 0 is never.
DRAFT_REMINDER_DAYS = env.int("DRAFT_REMINDER_DAYS", default=3)

# --- Tasks ------------------------------------------------------------------------------
REDIS_URL = env.str("REDIS_URL")
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Whether a worker listens to this process's nudges; commands with a memory broker have none.
NUDGES = True

# --- Matching ---------------------------------------------------------------------------
# When this much time has passed, a run ends with the best matching so far and the gap that is left.
# 0 is until it is proven.
MATCHING_SECONDS = env.int("MATCHING_SECONDS", default=1800)
# 0 is one for each core. Their number changes nothing in what comes out.
MATCHING_THREADS = env.int("MATCHING_THREADS", default=0)
# For how long the question of a run is kept, so that its answer can be checked and repeated.
MATCHING_INPUT_DAYS = env.int("MATCHING_INPUT_DAYS", default=730)

# --- For how long what is kept ------------------------------------------------------------
# The hourly sweep forgets what is older, in days (mentorship/shared/privacy).
RETENTION_DRAFT_DAYS = env.int("RETENTION_DRAFT_DAYS", default=180)
RETENTION_ANSWER_DAYS = env.int("RETENTION_ANSWER_DAYS", default=730)
RETENTION_MAIL_DAYS = env.int("RETENTION_MAIL_DAYS", default=365)
RETENTION_HISTORY_DAYS = env.int("RETENTION_HISTORY_DAYS", default=1825)
RETENTION_ACCOUNT_DAYS = env.int("RETENTION_ACCOUNT_DAYS", default=1095)

# --- Doors ------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
# The domain's other hosts are not ours to bind to https; an operator who owns them all may.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=False)
# Django's CSRF check needs the Referer at home; nothing of ours needs it elsewhere.
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
# Fields of a form other than files. Files go to the disk and never beyond their own limit.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "mentorship.shared.files.uploads.BoundedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# --- Logs -------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "mentorship.shared.base.logs.MaskTokens",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
        }
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"django": {"handlers": [], "level": "INFO", "propagate": True}},
}
