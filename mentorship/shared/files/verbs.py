"""Every verb this app writes to the audit log, with the sentence that tells it."""

from django.utils.translation import gettext_lazy as _

from mentorship.shared.audit.verbs import declare

declare({"list.exported": _("exported the list “%(list)s” as %(format)s, %(rows)s rows")})
