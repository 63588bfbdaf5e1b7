"""Every verb this app writes to the audit log, with the sentence that tells it."""

from django.utils.translation import gettext_lazy as _

from mentorship.shared.audit.verbs import declare

declare(
    {
        "checkin.answered": _("said how a check-in went"),
        "checkin.moved": _("moved a check-in"),
        "silence.answered": _("answered whether they are in touch"),
        "survey.scheduled": _("scheduled the survey “%(title)s”"),
        "survey.sent": _("sent the survey “%(title)s” to %(count)s people"),
    }
)
