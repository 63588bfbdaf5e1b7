from django.contrib import admin
from django.urls import path

from matching import exports
from matching.views import desk
from mentorship.shared.files.exports import export_view

staff = admin.site.admin_view

urlpatterns = [
    path("admin/cohorts/<code>/people/", staff(desk.participant_list), name="desk-participants"),
    path("admin/cohorts/<code>/matching/", staff(desk.run_list), name="desk-runs"),
    path("admin/cohorts/<code>/matching/start/", staff(desk.run_start), name="desk-run-start"),
    path("admin/runs/<code>/", staff(desk.run_detail), name="desk-run"),
    path("admin/runs/<code>/cancel/", staff(desk.run_cancel), name="desk-run-cancel"),
    path("admin/runs/<code>/again/", staff(desk.run_again), name="desk-run-again"),
    path("admin/runs/<code>/publish/", staff(desk.run_publish), name="desk-run-publish"),
    path(
        "admin/cohorts/<code>/people/export/",
        staff(export_view(exports.PARTICIPANTS)),
        name="desk-participants-export",
    ),
    path(
        "admin/cohorts/<code>/matching/export/",
        staff(export_view(exports.RUNS)),
        name="desk-runs-export",
    ),
    path(
        "admin/runs/<code>/export/",
        staff(export_view(exports.SUGGESTIONS)),
        name="desk-run-export",
    ),
]
