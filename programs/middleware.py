from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from requests import RequestException

from programs import second_factor
from programs.permissions import may_enter_dashboard

Answer = Callable[[HttpRequest], HttpResponse]


class ReadersZoneMiddleware:
    """Shows every instant in the zone of the person who reads, and to no cache but theirs."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        with timezone.override(request.user.time_zone):
            response = self.get_response(request)
        # what is shown to a person stays with that person
        patch_cache_control(response, private=True, no_store=True)
        return response


class SecondFactorMiddleware:
    """Whoever has a duty enters the dashboard only in a log-in that used a second factor.

    Who has none is led to set one up. And whoever has one changes one only after using one: a
    log-in older than the factor, or a stolen password, must not add another.
    """

    _CHANGES = frozenset(
        {
            "mfa_activate_totp",
            "mfa_deactivate_totp",
            "mfa_add_webauthn",
            "mfa_edit_webauthn",
            "mfa_remove_webauthn",
            "mfa_generate_recovery_codes",
            "mfa_view_recovery_codes",
            "mfa_download_recovery_codes",
        }
    )

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: object) -> HttpResponse | None:
        if not request.user.is_authenticated:
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in self._CHANGES:
            return _prove(request) if second_factor.has_one(request.user) else None
        if not settings.SECOND_FACTOR_REQUIRED or not _is_desk(request.path, name):
            return None
        if second_factor.is_used(request) or not may_enter_dashboard(request.user):
            return None
        return _prove(request) if second_factor.has_one(request.user) else redirect("mfa_index")


def _is_desk(path: str, name: str) -> bool:
    """Every page of the dashboard stands below one address; leaving is always possible."""
    return path.startswith(reverse("admin:index")) and name != "admin:logout"


def _prove(request: HttpRequest) -> HttpResponse | None:
    """The way to the page that asks for the factor, and back; None when this log-in used it."""
    if second_factor.is_used(request):
        return None
    has_key = Authenticator.objects.filter(
        user=request.user.pk, type=Authenticator.Type.WEBAUTHN
    ).exists()
    page = reverse("mfa_reauthenticate_webauthn" if has_key else "mfa_reauthenticate")
    back = request.get_full_path() if request.method == "GET" else reverse("admin:index")
    return redirect(f"{page}?{urlencode({'next': back})}")


class ElsewhereMiddleware:
    """The way to a log-in elsewhere and back, which `allauth.socialaccount` has in its hands.

    It begins by POST alone, and leaves by a page of ours: a redirect in answer to a form is
    bound to the policy's `form-action`, and where a provider sends people on, nobody knows.
    """

    _VIEWS = "allauth.socialaccount.providers."

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        there = response.headers.get("Location", "")
        host = urlsplit(there).netloc
        if request.method == "POST" and host and host != request.get_host():
            return render(request, "socialaccount/leave.html", {"there": there})
        return response

    def process_view(self, request: HttpRequest, *args: object) -> HttpResponse | None:
        match = request.resolver_match
        begins = match is not None and (match.url_name or "").endswith("_login")
        if begins and self._is_ours(request) and request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, RequestException) or not self._is_ours(request):
            return None
        messages.error(
            request, _("We cannot reach the other site at the moment. Log in another way.")
        )
        return redirect("account_login")

    def _is_ours(self, request: HttpRequest) -> bool:
        match = request.resolver_match
        return match is not None and match.func.__module__.startswith(self._VIEWS)
