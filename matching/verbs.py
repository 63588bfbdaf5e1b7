"""Every verb this app writes to the audit log, with the sentence that tells it."""

from django.utils.translation import gettext_lazy as _

from mentorship.shared.audit.verbs import declare

declare(
    {
        "run.started": _("asked for a matching"),
        "run.cancelled": _("cancelled a matching"),
        "run.forgotten": _("forgot what a matching was asked"),
        "run.published": _("published a matching with %(matches)s matches"),
        "match.ended": _("ended the match %(subject)s"),
    }
)
