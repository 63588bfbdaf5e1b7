"""The frame of the product; `celery -A mentorship` finds the application here."""

from mentorship.celery import app as celery_app

__all__ = ["celery_app"]
