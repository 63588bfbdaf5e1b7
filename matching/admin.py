from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from matching.models import Match, MatchingRun
from mentorship.shared.base.admin import ScopedAdmin


@admin.register(MatchingRun)
class MatchingRunAdmin(ScopedAdmin):
    """Read only: what the engine proved is not edited."""

    list_display = ("cohort", "status", "matched", "mentees", "score", "gap", "created_at")
    list_filter = ("status",)
    list_select_related = ("cohort__program",)
    fields = ("cohort", "status", "solver", "digest", "matched", "matched_bound", "score")


@admin.register(Match)
class MatchAdmin(ScopedAdmin):
    """Read only: a match begins and ends by an action."""

    list_display = ("code", "cohort", "status", "introduced_at", "ended_at")
    list_filter = ("status",)
    list_select_related = ("cohort__program",)
    fields = ("cohort", "status", "introduced_at", "ended_at")

    def get_queryset(self, request: HttpRequest) -> Any:
        rows: Any = super().get_queryset(request)
        return rows.with_people()
