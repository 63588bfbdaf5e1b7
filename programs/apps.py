from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProgramsConfig(AppConfig):
    name = "programs"
    verbose_name = _("Programs")

    def ready(self) -> None:
        import_module("programs.verbs")
        import_module("programs.gate")
        import_module("programs.history")
        import_module("programs.notifications")
        import_module("programs.receivers")
