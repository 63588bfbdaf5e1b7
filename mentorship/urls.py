"""The table of contents of the product."""

from django.contrib import admin
from django.urls import include, path

from mentorship import health
from mentorship.dashboard import views as dashboard
from mentorship.shared.notifications import views as notifications

urlpatterns = [
    path("", dashboard.home, name="home"),
    path("accounts/", include("allauth.account.urls")),
    path("l/<token>/", notifications.mail_link, name="mail-link"),
    path("", include("programs.urls")),
    path("", include("matching.urls")),
    path("", include("feedback.urls")),
    path("", include("feedback.metrics.urls")),
    path("admin/", admin.site.urls),
    path("", include("mentorship.demo.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
