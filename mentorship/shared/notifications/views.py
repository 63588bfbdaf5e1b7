from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from mentorship.shared.base import clock
from mentorship.shared.notifications.tokens import find_link, remember


@never_cache
@require_safe
def mail_link(request: HttpRequest, token: str) -> HttpResponse:
    """Open a link from a mail: the token moves into a cookie for that one page.

    Writes nothing, so a mail scanner may open it as often as it likes.
    """
    link = find_link(token)
    if link is None or not link.user.is_active:
        sentence = _(
            "This link is not complete or was changed. Please open it from the mail again, or "
            "log in to find the page."
        )
        return render(request, "rule_broken.html", {"sentence": sentence}, status=404)
    if link.is_expired(clock.now()):
        sentence = _("This link has expired. Please log in to find what it was about.")
        return render(request, "rule_broken.html", {"sentence": sentence}, status=410)
    path = reverse(link.view, args=[link.subject_code])
    response = redirect(path)
    remember(response, link, path=path, secure=request.is_secure())
    return response
