from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from feedback.models import CheckIn, Survey
from mentorship.shared.base.admin import ScopedAdmin


@admin.register(CheckIn)
class CheckInAdmin(ScopedAdmin):
    """Read only, and without the notes: what a pair writes is the pair's."""

    list_display = ("code", "starts_at", "status")
    list_filter = ("status",)
    fields = ("number", "local_on", "local_at", "time_zone", "starts_at", "minutes", "status")

    def get_queryset(self, request: HttpRequest) -> Any:
        rows: Any = super().get_queryset(request)
        return rows.with_people()


@admin.register(Survey)
class SurveyAdmin(ScopedAdmin):
    list_display = ("title", "cohort", "opens_at", "closes_at", "sent_at")
    list_select_related = ("cohort__program",)
    fields = ("cohort", "title", "intro", "opens_at", "closes_at", "sent_at")
