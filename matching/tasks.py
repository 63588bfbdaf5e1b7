from celery import shared_task

from matching import inquiring, meeting, next_best, runs
from matching.actions import introductions, matches, mentors, wishes
from matching.models import (
    Inquiry,
    Introduction,
    Match,
    MatchingRun,
    MeetAndGreet,
    Place,
    RunInput,
)
from mentorship.shared.base import clock
from mentorship.shared.base.sweeps import each


@shared_task
def run_matching(run_id: int) -> None:
    """Carry out one run."""
    runs.carry_out(run_id)


@shared_task
def run_queued() -> None:
    """Carry out every run that waits or was left behind."""
    waiting = MatchingRun.objects.to_carry_out(clock.now()).values_list("pk", flat=True)
    each(waiting, runs.carry_out)


@shared_task
def answer_inquiry(inquiry_id: int) -> None:
    """Answer one question about a run."""
    inquiring.answer(inquiry_id, threads=runs.cores())


@shared_task
def answer_inquiries() -> None:
    """Answer every question that waits or was left behind."""
    waiting = Inquiry.objects.to_answer(clock.now()).values_list("pk", flat=True)
    each(list(waiting), inquiring.answer)


@shared_task
def plan_meetings(round_id: int) -> None:
    """Plan the meetings of one round."""
    meeting.plan(round_id, threads=runs.cores())


@shared_task
def plan_all_meetings() -> None:
    """Plan every round that waits or was left behind."""
    waiting = MeetAndGreet.objects.to_plan(clock.now()).values_list("pk", flat=True)
    each(list(waiting), meeting.plan)


@shared_task
def forget_inputs() -> int:
    """Delete what runs were asked longer ago than it may be kept."""
    today = clock.now().date()
    expired = RunInput.objects.past_their_term(today).values_list("run", flat=True)
    return each(list(expired), runs.forget_expired_input)


@shared_task
def remind_to_choose() -> int:
    """Remind whoever has chosen nobody, some days before the last one."""
    return each(wishes.to_remind(clock.now()), wishes.remind)


@shared_task
def tend_introductions() -> int:
    """Remind who has not answered, and end what nobody answered in time."""
    now, rows = clock.now(), Introduction.objects.all()
    return each(list(rows.due_for_reminder(now)), introductions.remind) + each(
        list(rows.due(now)), introductions.lapse
    )


@shared_task
def go_on_with_next_best() -> int:
    """Look for the next best of whoever was let down, and introduce whom it found."""
    over, now = Introduction.objects.all(), clock.now()
    due = {*over.to_go_on(now).values_list("cohort", flat=True).order_by()}
    due |= {*over.with_freed_mentors(now).values_list("cohort", flat=True).order_by()}
    found = MatchingRun.objects.to_finish().values_list("pk", flat=True)
    return each(list(found), next_best.finish) + each(sorted(due), next_best.go_on)


@shared_task
def tend_matches() -> int:
    """End the places of stand-ins whose last day is over."""
    over = Place.objects.over(clock.now()).select_related("match")
    return each(list(over), mentors.end_over)


@shared_task
def announce_matches() -> int:
    """Let the higher stages know of matches that began among many."""
    return each(list(Match.objects.to_announce().values_list("pk", flat=True)), matches.announce)
