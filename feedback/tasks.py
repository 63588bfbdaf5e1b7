from celery import shared_task

from feedback import silence
from feedback.actions import checkins, silences, surveys
from feedback.models import CheckIn, Survey
from mentorship.shared.base import clock
from mentorship.shared.base.sweeps import each
from programs.models import Cohort


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


@shared_task
def tend_silent_pairs() -> int:
    """Ask pairs of whom nothing was heard, warn those who did not answer, close the rest."""
    now, steps = clock.now(), 0
    for cohort in Cohort.objects.current().filter(silent_days__isnull=False):
        # the last step first: nobody is asked and warned in one go
        steps += each(silence.due_for_closing(cohort, now), silences.give_up)
        steps += each(silence.due_for_warning(cohort, now), silences.warn)
        steps += each(silence.silent(cohort, now), silences.ask)
    return steps
