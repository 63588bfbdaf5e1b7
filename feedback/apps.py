from importlib import import_module

from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    name = "feedback"

    def ready(self) -> None:
        for module in ("verbs", "notifications", "receivers"):
            import_module(f"feedback.{module}")
