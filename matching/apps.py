from importlib import import_module

from django.apps import AppConfig


class MatchingConfig(AppConfig):
    name = "matching"

    def ready(self) -> None:
        for module in ("verbs", "notifications", "receivers"):
            import_module(f"matching.{module}")
