from celery import shared_task

from mentorship.shared.base import clock
from mentorship.shared.base.sweeps import each
from programs.actions import drafts, erasure, import_work, invitations, offers
from programs.models import Application, Cohort, ImportJob, Invitation, User


@shared_task
def tend_offers() -> int:
    """End offers whose deadline is over, and remind of those that end within a day."""
    now = clock.now()
    lapsed = each(Application.objects.offers_that_lapse(now), offers.lapse)
    reminded = each(Application.objects.offers_to_remind_of(now), offers.remind)
    return lapsed + reminded


@shared_task
def tend_applying() -> int:
    """Let today's invitations out, and remind of drafts whose deadline is near."""
    now = clock.now()
    waiting = Invitation.objects.waiting().values("cohort")
    ready = Cohort.objects.accepting_applications(now).filter(pk__in=waiting)
    released = each(ready, invitations.release)
    drafts_due = Application.objects.drafts_to_remind_of(now).select_related(
        "cohort__program", "applicant"
    )
    return released + each(drafts_due, drafts.remind)


@shared_task
def end_unused_accounts() -> int:
    """Announce the end of accounts nobody uses, and end those announced a month ago."""
    since = clock.now() - erasure.unused_before_term()
    return each(User.objects.unused_since(since), erasure.end_unused)


@shared_task
def work_on_import(job_id: int) -> None:
    """Check the files of one import, or take them in."""
    import_work.carry_out(job_id)


@shared_task
def work_on_imports() -> None:
    """Carry on with every import that waits or was left behind."""
    waiting = ImportJob.objects.to_carry_out(clock.now()).values_list("pk", flat=True)
    each(list(waiting), import_work.carry_out)
