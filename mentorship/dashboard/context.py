from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from programs.permissions import may_enter_dashboard


def site(request: HttpRequest) -> dict[str, object]:
    """What every page shows of the site itself."""
    return {
        "SITE_NAME": settings.SITE_NAME,
        "DEMO": settings.DEMO,
        "SECOND_FACTOR_REQUIRED": settings.SECOND_FACTOR_REQUIRED,
        # asked only by pages that show the navigation
        "may_enter_dashboard": SimpleLazyObject(lambda: may_enter_dashboard(request.user)),
    }
