from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "mentorship.shared.notifications"
    label = "notifications"
