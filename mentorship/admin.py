"""The coordinators' dashboard: our own AdminSite, with rights from Membership."""

from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy as _


class DashboardSite(AdminSite):
    site_header = _("Mentorship")
    site_title = _("Mentorship")
