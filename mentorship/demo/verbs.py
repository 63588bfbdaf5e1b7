from django.utils.translation import gettext_lazy as _

from mentorship.shared.audit.verbs import declare

declare(
    {
        "demo.seeded": _("played the scenario “%(scenario)s” with made-up people"),
        "demo.joined": _("signed up as a visitor of the demo"),
    }
)
