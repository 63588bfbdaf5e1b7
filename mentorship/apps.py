from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class FrameConfig(AppConfig):
    """The project package as an app, so that its commands and translations are found."""

    name = "mentorship"
    label = "frame"


class AdminConfig(admin_apps.AdminConfig):
    """Django's admin with our own site as the default one."""

    default_site = "mentorship.admin.DashboardSite"
