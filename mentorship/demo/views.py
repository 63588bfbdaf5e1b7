"""Pages that exist in the demo only: one-click log-ins, and the mail that went out."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from mentorship.demo import mail
from mentorship.demo.cast import cast_member, cast_members, entry_of

_PER_PAGE = 25
# A mail is foreign matter: nothing loads, nothing runs, and a link a person clicks may leave
# the frame.
_BODY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "sandbox allow-popups allow-popups-to-escape-sandbox "
    "allow-top-navigation-by-user-activation; frame-ancestors 'self'"
)

View = Callable[..., HttpResponse]


def only_in_demo(view: View) -> View:
    """404 for every method unless `settings.DEMO`, as if the page were not there."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@only_in_demo
@require_safe
def demo(request: HttpRequest) -> HttpResponse:
    """The people one can be here."""
    return render(request, "demo/index.html", {"cast": cast_members()})


@only_in_demo
@require_POST
def log_in(request: HttpRequest, code: str) -> HttpResponse:
    """Become a member of the cast; nobody else can be logged in here."""
    person = cast_member(code)
    if person is None:
        raise Http404
    login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect(entry_of(person))


@only_in_demo
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """What was mailed, newest first."""
    page: Any = Paginator(mail.names(), _PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = [head._asdict() for head in mail.read_heads(page.object_list)]
    return render(request, "demo/outbox.html", {"page_obj": page})


@only_in_demo
@require_safe
def outbox_mail(request: HttpRequest, name: str) -> HttpResponse:
    """One mail: its head, its text, its links; the HTML part stands in a frame."""
    return render(request, "demo/mail.html", {"mail": _find(request, name)})


@only_in_demo
@require_safe
def outbox_body(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML part of a mail under a policy of its own, for the frame."""
    found = _find(request, name)
    if not found.html:
        raise Http404
    response = HttpResponse(mail.for_frame(found.html))
    response["Content-Security-Policy"] = _BODY_POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _find(request: HttpRequest, name: str) -> mail.Mail:
    found = mail.read(name, origin=_origin(request))
    if found is None:
        raise Http404
    return found


def _origin(request: HttpRequest) -> str:
    """Where the visitor is: a mail written while another port was served must lead back here."""
    return f"{request.scheme}://{request.get_host()}"
