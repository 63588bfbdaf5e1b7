from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from mentorship.shared.base.admin import ScopedAdmin
from programs.models import Application, Cohort, Membership, Participant, Program


@admin.register(Program)
class ProgramAdmin(ScopedAdmin):
    """Read only: a program is made and changed on its own pages."""

    list_display = ("name", "created_at", "archived_at")
    search_fields = ("name",)
    fields = ("name", "purpose", "for_mentors", "for_mentees", "reply_to", "archived_at")


@admin.register(Membership)
class MembershipAdmin(ScopedAdmin):
    """Read only: duties are given and ended on the program's own page of members."""

    list_display = ("user", "role", "program")
    list_filter = ("role",)
    list_select_related = ("user", "program")
    fields = ("program", "user", "role")


@admin.register(Cohort)
class CohortAdmin(ScopedAdmin):
    """Read only: a cohort is made and changed on its own pages."""

    list_display = ("name", "program", "starts_on", "ends_on", "opened_at", "archived_at")
    list_filter = ("starts_on",)
    list_select_related = ("program",)
    search_fields = ("name",)
    fields = (
        "program",
        "name",
        "time_zone",
        ("apply_from", "apply_until"),
        ("starts_on", "ends_on"),
        ("checkin_weeks", "checkin_minutes"),
        "is_one_to_one",
        "opened_at",
        "archived_at",
    )


@admin.register(Application)
class ApplicationAdmin(ScopedAdmin):
    """Read only: an application moves on its own page."""

    list_display = ("applicant", "role", "cohort", "status", "submitted_at")
    list_filter = ("status", "role")
    list_select_related = ("applicant", "cohort__program")
    search_fields = ("applicant__name",)
    fields = ("applicant", "role", "cohort", "status", "submitted_at", "decided_at", "decided_by")

    def get_queryset(self, request: HttpRequest) -> Any:
        return Application.objects.coordinated_by(request.user)


@admin.register(Participant)
class ParticipantAdmin(ScopedAdmin):
    """Read only: who takes part, and since when."""

    list_display = ("user", "role", "cohort", "capacity", "time_zone", "joined_at", "left_at")
    list_filter = ("role",)
    list_select_related = ("user", "cohort__program")
    search_fields = ("user__name",)
    fields = ("user", "role", "cohort", "capacity", "time_zone", "joined_at", "left_at")
