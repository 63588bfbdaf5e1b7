from celery import shared_task

from feedback.actions import checkins, surveys
from feedback.models import CheckIn, Survey
from mentorship.shared.base import clock


@shared_task
def remind_due_checkins() -> int:
    """Announce what starts within a day, and ask about what is over."""
    now = clock.now()
    reminded = sum(checkins.remind(c) for c in CheckIn.objects.due_for_reminder(now).with_people())
    asked = sum(checkins.ask(c) for c in CheckIn.objects.due_for_question(now).with_people())
    return reminded + asked


@shared_task
def send_due_surveys() -> int:
    """Send every survey that is open and was not sent."""
    due = Survey.objects.due_for_sending(clock.now()).select_related("cohort__program")
    return sum(surveys.send(survey) for survey in due)
