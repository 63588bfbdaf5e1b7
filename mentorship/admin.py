"""The coordinators' dashboard: our own AdminSite, with rights from Membership."""

from typing import Any

from csp.decorators import csp_update
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from mentorship.dashboard import desk
from mentorship.shared.base.admin import ScopedAdmin
from programs.permissions import may_enter_dashboard

_reads_and_posts = require_http_methods(["GET", "HEAD", "POST"])
# Passwords are allauth's, with its rate limits; the other two would find rows by number.
_NOT_OURS = frozenset({"password_change", "password_change_done", "autocomplete", "view_on_site"})


class DashboardSite(AdminSite):
    """`/admin/` is the list of one's cohorts; the stock model pages stand under `records/`."""

    site_header = _("Records")
    site_title = _("Mentorship")
    index_title = _("Records")
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only scoped pages: libraries would add theirs, with every row and a delete button."""
        if admin_class is not None and issubclass(admin_class, ScopedAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return may_enter_dashboard(request.user)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        # Django's admin sets style attributes from its scripts; nothing else is relaxed.
        relaxed = csp_update({"style-src-attr": ["'unsafe-inline'"]})
        return relaxed(super().admin_view(_reads_and_posts(view), cacheable))

    @method_decorator(_reads_and_posts)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The way to allauth's log-in, with its rate limits, and back to the page asked for."""
        there = request.GET.get("next", "")
        if not url_has_allowed_host_and_scheme(there, {request.get_host()}, request.is_secure()):
            there = reverse("admin:index")
        if self.has_permission(request):
            return HttpResponseRedirect(there)  # not the name of a view
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(there)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return require_safe(desk.home)(request)

    @method_decorator(require_safe)
    def records(self, request: HttpRequest) -> HttpResponse:
        """The stock list of models, scoped to one's programs."""
        return super().index(request)

    @method_decorator(require_safe)
    def app_index(self, request: HttpRequest, app_label: str, extra_context: Any = None) -> Any:
        return super().app_index(request, app_label, extra_context)

    def get_urls(self) -> list[Any]:
        records: list[URLPattern] = [
            path("records/", self.admin_view(self.records), name="records")
        ]
        stock = [url for url in super().get_urls() if getattr(url, "name", "") not in _NOT_OURS]
        return records + stock
