"""The Celery application and the beat schedule.

Beat only asks "what is due?". Every task it starts is safe to run twice, late, or in two
workers at once, because what is due stands in the database and is claimed there.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentorship.settings.base")

app = Celery("mentorship")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# A sweep that waited longer than its own period is worthless: the next one asks again.
app.conf.beat_schedule = {
    "deliver-outbox": {
        "task": "mentorship.shared.notifications.tasks.deliver_due",
        "schedule": 2.0,
        "options": {"expires": 10},
    },
    "start-matching-runs": {
        "task": "matching.tasks.run_queued",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "answer-questions-about-runs": {
        "task": "matching.tasks.answer_inquiries",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "plan-meetings": {
        "task": "matching.tasks.plan_all_meetings",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "remind-to-choose": {
        "task": "matching.tasks.remind_to_choose",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "tend-introductions": {
        "task": "matching.tasks.tend_introductions",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "announce-matches": {
        "task": "matching.tasks.announce_matches",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "go-on-with-next-best": {
        "task": "matching.tasks.go_on_with_next_best",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "work-on-imports": {
        "task": "programs.tasks.work_on_imports",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "forget-files": {
        "task": "mentorship.shared.files.tasks.forget_files",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "forget-run-inputs": {
        "task": "matching.tasks.forget_inputs",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "tend-applying": {
        "task": "programs.tasks.tend_applying",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "remind-check-ins": {
        "task": "feedback.tasks.remind_due_checkins",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "send-surveys": {
        "task": "feedback.tasks.send_due_surveys",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "tend-matches": {
        "task": "matching.tasks.tend_matches",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "tend-silent-pairs": {
        "task": "feedback.tasks.tend_silent_pairs",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "compute-figures": {
        "task": "feedback.metrics.tasks.compute_figures",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "end-unused-accounts": {
        "task": "programs.tasks.end_unused_accounts",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "forget-past-terms": {
        "task": "mentorship.shared.privacy.tasks.forget_past_terms",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "tend-offers": {
        "task": "programs.tasks.tend_offers",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "forget-expired": {
        "task": "mentorship.shared.notifications.tasks.forget_expired",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
}
