from django.apps import AppConfig


class MetricsConfig(AppConfig):
    name = "feedback.metrics"
    label = "metrics"
