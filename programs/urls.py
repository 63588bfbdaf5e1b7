from django.contrib import admin
from django.urls import path, register_converter

from programs.models import Role
from programs.views import applications, desk, people, programs


class RoleConverter:
    """`mentor` or `mentee` in an address."""

    regex = "mentor|mentee"

    def to_python(self, value: str) -> Role:
        return Role(value)

    def to_url(self, value: str) -> str:
        return Role(value).value


register_converter(RoleConverter, "role")

staff = admin.site.admin_view

urlpatterns = [
    path("programs/<code>/", programs.program_detail, name="program-detail"),
    path("cohorts/<code>/apply/<role:role>/", applications.application_new, name="application-new"),
    path("applications/<code>/", applications.application_detail, name="application-detail"),
    path("applications/<code>/edit/", applications.application_edit, name="application-edit"),
    path(
        "applications/<code>/withdraw/",
        applications.application_withdraw,
        name="application-withdraw",
    ),
    path("profile/", people.profile_edit, name="profile"),
    path("profile/mail/", people.preferences, name="preferences"),
    path("admin/cohorts/<code>/open/", staff(desk.cohort_open), name="desk-cohort-open"),
    path(
        "admin/cohorts/<code>/applications/",
        staff(desk.application_list),
        name="desk-applications",
    ),
    path("admin/cohorts/<code>/mail/", staff(desk.outbox), name="desk-outbox"),
    path("admin/cohorts/<code>/history/", staff(desk.history), name="desk-history"),
    path("admin/applications/<code>/", staff(desk.application_detail), name="desk-application"),
    path(
        "admin/applications/<code>/decide/",
        staff(desk.application_decide),
        name="desk-application-decide",
    ),
]
