from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "mentorship.demo"
    label = "demo"
