from importlib import import_module

from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "mentorship.shared.files"
    label = "files"

    def ready(self) -> None:
        import_module("mentorship.shared.files.verbs")
