from importlib import import_module

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "mentorship.demo"
    label = "demo"

    def ready(self) -> None:
        for module in ("verbs", "receivers"):
            import_module(f"mentorship.demo.{module}")
