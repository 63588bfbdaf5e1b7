from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "mentorship.shared.base"
    label = "base"
