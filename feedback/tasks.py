from celery import shared_task

from feedback.actions import checkins, surveys
from feedback.models import CheckIn, Survey
from mentorship.shared.base import clock
from mentorship.shared.base.sweeps import each


@shared_task
def remind_due_checkins() -> int:
    """Announce what starts within a day, and ask about what is over."""
    now = clock.now()
    reminded = each(CheckIn.objects.due_for_reminder(now).with_people(), checkins.remind)
    asked = each(CheckIn.objects.due_for_question(now).with_people(), checkins.ask)
    return reminded + asked


@shared_task
def send_due_surveys() -> int:
    """Send every survey that is open and was not sent."""
    due = Survey.objects.due_for_sending(clock.now()).select_related("cohort__program")
    return each(due, surveys.send)
