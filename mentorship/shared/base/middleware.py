from collections.abc import Callable
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render

from mentorship.shared.base.rules import RuleBroken


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
        came_from = urlsplit(request.headers.get("Referer", ""))
        if request.method == "POST" and came_from.netloc == request.get_host():
            messages.warning(request, str(exception))
            # only the path, and never one that a browser would read as another host
            return redirect("/" + came_from.path.lstrip("/"))
        return render(request, "rule_broken.html", {"sentence": str(exception)}, status=409)
