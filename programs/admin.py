from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.forms import ModelChoiceField
from django.http import HttpRequest

from mentorship.shared.base.admin import ScopedAdmin
from programs.actions import cohorts, memberships, programs
from programs.forms.memberships import MembershipForm
from programs.forms.people import ZoneField
from programs.models import Application, Cohort, Membership, Participant, Program


@admin.register(Program)
class ProgramAdmin(ScopedAdmin):
    list_display = ("name", "created_at")
    search_fields = ("name",)
    fields = ("name", "purpose", "for_mentors", "for_mentees", "reply_to")
    may_change = True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def save_model(self, request: Any, obj: Program, form: Any, change: bool) -> None:
        if change:
            programs.update(obj, by=request.user, changed=form.changed_data)
        else:
            made = programs.create_program(by=request.user, **form.cleaned_data)
            obj.pk = made.pk


@admin.register(Membership)
class MembershipAdmin(ScopedAdmin):
    """Coordinators see who has which duty; the owner of the site gives duties to people.

    Only the owner: whoever may try addresses here learns who has an account.
    """

    list_display = ("user", "role", "program")
    list_filter = ("role",)
    list_select_related = ("user", "program")
    fields = ("program", "email", "role")
    form = MembershipForm

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return ("program", "user", "role") if obj else self.fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def save_model(self, request: Any, obj: Membership, form: Any, change: bool) -> None:
        memberships.appoint(
            obj.program, user=form.cleaned_data["email"], role=obj.role, by=request.user
        )


@admin.register(Cohort)
class CohortAdmin(ScopedAdmin):
    list_display = ("name", "program", "starts_on", "ends_on", "opened_at")
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
    )
    may_add = True
    may_change = True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return Program.objects.coordinated_by(request.user).exists()

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return ("program",) if obj else ()

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        # places copy "one to one" when a match is made, so it is chosen once
        return [f for f in self.fields if f != "is_one_to_one"] if obj else self.fields

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "time_zone":
            return ZoneField(label=db_field.verbose_name)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        if db_field.name == "program":
            kwargs["queryset"] = Program.objects.coordinated_by(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: Any, obj: Cohort, form: Any, change: bool) -> None:
        if change:
            cohorts.update(obj, by=request.user, changed=form.changed_data)
        else:
            programs.keep_new_cohort(obj, by=request.user)


@admin.register(Application)
class ApplicationAdmin(ScopedAdmin):
    """Read only: an application moves on its own page."""

    list_display = ("applicant", "role", "cohort", "status", "submitted_at")
    list_filter = ("status", "role")
    list_select_related = ("applicant", "cohort__program")
    search_fields = ("applicant__name",)
    fields = ("applicant", "role", "cohort", "status", "submitted_at", "decided_at", "decided_by")

    def get_queryset(self, request: HttpRequest) -> Any:
        return Application.objects.reviewable_by(request.user)


@admin.register(Participant)
class ParticipantAdmin(ScopedAdmin):
    """Read only: who takes part, and since when."""

    list_display = ("user", "role", "cohort", "capacity", "time_zone", "joined_at", "left_at")
    list_filter = ("role",)
    list_select_related = ("user", "cohort__program")
    search_fields = ("user__name",)
    fields = ("user", "role", "cohort", "capacity", "time_zone", "joined_at", "left_at")
