from celery import shared_task

from mentorship.shared.privacy import forgetting


@shared_task
def forget_past_terms() -> int:
    """Forget what is past its term."""
    return forgetting.forget_past_terms()
