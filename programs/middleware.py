from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control


class ReadersZoneMiddleware:
    """Shows every instant in the zone of the person who reads, and to no cache but theirs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        with timezone.override(request.user.time_zone):
            response = self.get_response(request)
        # what is shown to a person stays with that person
        patch_cache_control(response, private=True, no_store=True)
        return response
