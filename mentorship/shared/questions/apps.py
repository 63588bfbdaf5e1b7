from django.apps import AppConfig


class QuestionsConfig(AppConfig):
    name = "mentorship.shared.questions"
    label = "questions"
