"""Figures tell of groups."""

from django.utils.translation import gettext_lazy as _

from feedback.metrics.models import Figure
from mentorship.shared.privacy.registry import impersonal

impersonal(_("Counts over at least five people."), Figure)
