from codecs import lookup
from collections.abc import Callable
from itertools import chain
from urllib.parse import SplitResult, urlsplit

from django.contrib import messages
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseNotAllowed,
)
from django.shortcuts import redirect, render

from mentorship.shared.base.rules import RuleBroken


class SoundRequestsMiddleware:
    """Refuses what no browser sends and what would be an error of ours further in.

    A NUL byte in an address or a cookie is a value no database takes; a form in an encoding
    that is not text cannot be read. In the fields of a form a NUL byte is the form's to refuse.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = chain.from_iterable(values for _, values in request.GET.lists())
        if any("\0" in text for text in (request.path, *request.COOKIES.values(), *asked)):
            return HttpResponseBadRequest("A NUL byte stands in the address or in a cookie.")
        if request.encoding and lookup(request.encoding).name != "utf-8":
            return HttpResponseBadRequest("Forms are read as UTF-8 only.")
        return self.get_response(request)


class FewMethodsMiddleware:
    """Views of allauth answer GET, HEAD and POST; Django's form views take a PUT for a POST.

    Our own views say themselves what they answer.
    """

    ANSWERED = ("GET", "HEAD", "POST")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *args: object
    ) -> HttpResponse | None:
        if view.__module__.startswith("allauth.") and request.method not in self.ANSWERED:
            return HttpResponseNotAllowed(self.ANSWERED)
        return None


class RuleBrokenMiddleware:
    """Turns `RuleBroken` into a sentence on a page, so that no view needs try and except.

    After a POST the person goes back to the page the button was on. Otherwise, or when that
    page is unknown, the sentence has a page of its own (409).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, RuleBroken):
            return None
        came_from = _referer(request)
        if (
            request.method == "POST"
            and came_from.netloc == request.get_host()
            # a page that a form's own address answered with errors takes no GET
            and came_from.path != request.path
        ):
            messages.warning(request, str(exception))
            # only the path, and never one that a browser would read as another host
            return redirect("/" + came_from.path.lstrip("/"))
        return render(request, "rule_broken.html", {"sentence": str(exception)}, status=409)


def _referer(request: HttpRequest) -> SplitResult:
    """Where the person comes from; nowhere when the header is no address."""
    try:
        return urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return urlsplit("")
