from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "mentorship.shared.audit"
    label = "audit"
