"""The table of contents of the product."""

from allauth.urls import build_provider_urlpatterns
from django.contrib import admin
from django.urls import include, path

from mentorship import health
from mentorship.dashboard import preview
from mentorship.dashboard import views as dashboard
from mentorship.shared.notifications import views as notifications

# Not the way in by a token that a script of Google puts into a page.
elsewhere = [
    url
    for url in build_provider_urlpatterns()
    if getattr(url, "name", "") != "google_login_by_token"
]

urlpatterns = [
    path("", dashboard.home, name="home"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/elsewhere/", include("allauth.socialaccount.urls")),
    path("accounts/", include(elsewhere)),
    path("l/<token>/", notifications.mail_link, name="mail-link"),
    path("", include("programs.urls")),
    path("", include("matching.urls")),
    path("", include("feedback.urls")),
    path("", include("feedback.metrics.urls")),
    path(
        "admin/cohorts/<code>/preview/<role:role>/<scene>/",
        admin.site.admin_view(preview.preview),
        name="desk-preview",
    ),
    path("admin/", admin.site.urls),
    path("", include("mentorship.demo.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
