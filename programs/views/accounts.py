"""A person's own log-in: what stands where, and where it is open."""

from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from programs import log_ins
from programs.views.signed_in import SignedIn


@login_required
@require_safe
def account(request: SignedIn) -> HttpResponse:
    """The way to everything about one's log-in, with how it stands."""
    factors = {factor.type: factor for factor in Authenticator.objects.filter(user=request.user)}
    codes = factors.get(Authenticator.Type.RECOVERY_CODES)
    names = {provider.sub_id: provider.name for provider in get_adapter().list_providers(request)}
    connected = SocialAccount.objects.filter(user=request.user, provider__in=names)
    return render(
        request,
        "programs/account.html",
        {
            "has_passkey": Authenticator.Type.WEBAUTHN in factors,
            "has_app": Authenticator.Type.TOTP in factors,
            "has_codes": codes is not None,
            "codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
            "others": len(_others(request)),
            "elsewhere": ", ".join(sorted(names.values())),
            "connected": ", ".join(sorted(names[one.provider] for one in connected)),
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def log_in_list(request: SignedIn) -> HttpResponse:
    """Where one is logged in; a POST ends one of the others, or all of them."""
    others = _others(request)
    if request.method == "POST":
        chosen = request.POST.get("log_in", "")
        ended = [one for one in others if chosen in ("", str(one.pk))]
        log_ins.end(ended)
        text = ngettext("%(count)d log-in ended.", "%(count)d log-ins ended.", len(ended))
        messages.success(request, text % {"count": len(ended)})
        return redirect("log-ins")
    shown = [{"row": one, "device": log_ins.device(one.user_agent)} for one in others]
    this = log_ins.device(request.headers.get("User-Agent", ""))
    return render(request, "programs/log_ins.html", {"this": this, "others": shown})


def _others(request: SignedIn) -> list[UserSession]:
    here = request.session.session_key
    return [one for one in log_ins.open_ones(request.user) if one.session_key != here]
