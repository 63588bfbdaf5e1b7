from celery import shared_task

from mentorship.shared.base import clock
from mentorship.shared.files.models import StoredFile


@shared_task
def forget_files() -> int:
    """Delete every file whose term is over, with its parts; how many."""
    expired = StoredFile.objects.expired(clock.now())
    return sum(
        StoredFile.objects.get(pk=pk).delete()[0] > 0 for pk in expired.values_list("pk", flat=True)
    )
