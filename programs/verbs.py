"""Every verb this app writes to the audit log, with the sentence that tells it."""

from django.utils.translation import gettext_lazy as _

from mentorship.shared.audit.verbs import declare

declare(
    {
        "program.created": _("made the program"),
        "program.changed": _("changed the program: %(fields)s"),
        "member.appointed": _("gave %(subject)s a duty: %(role)s"),
        "cohort.created": _("made the cohort"),
        "cohort.changed": _("changed the cohort: %(fields)s"),
        "cohort.opened": _("opened the cohort for applications"),
        "application.submitted": _("sent in an application as %(role)s"),
        "application.accepted": _("accepted the application %(subject)s"),
        "application.waitlisted": _("put the application %(subject)s on the waiting list"),
        "application.declined": _("declined the application %(subject)s"),
        "application.withdrawn": _("withdrew the application %(subject)s"),
        "applications.imported": _("imported applications: %(created)s new, %(updated)s changed"),
    }
)
