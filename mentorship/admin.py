"""The coordinators' dashboard: our own AdminSite, with rights from Membership."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from csp.decorators import csp_update
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from mentorship.dashboard import desk
from programs.permissions import may_enter_dashboard


class DashboardSite(AdminSite):
    """`/admin/` is the list of one's cohorts; the stock model pages stand under `records/`."""

    site_header = _("Records")
    site_title = _("Mentorship")
    index_title = _("Records")
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return may_enter_dashboard(request.user)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        # Django's admin sets style attributes from its scripts; nothing else is relaxed.
        relaxed = csp_update({"style-src-attr": ["'unsafe-inline'"]})
        return relaxed(super().admin_view(view, cacheable))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Log-in is allauth's, with its rate limits."""
        return secure_admin_login(super().login)(request, extra_context)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return require_safe(desk.home)(request)

    def records(self, request: HttpRequest) -> HttpResponse:
        """The stock list of models, scoped to one's programs."""
        return super().index(request)

    def get_urls(self) -> list[Any]:
        records: list[URLPattern] = [
            path("records/", self.admin_view(self.records), name="records")
        ]
        return records + super().get_urls()
