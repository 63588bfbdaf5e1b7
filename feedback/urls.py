from django.contrib import admin
from django.urls import path

from feedback import exports
from feedback.views import checkins, desk, matches, silences, surveys
from mentorship.shared.files.exports import export_view

staff = admin.site.admin_view

urlpatterns = [
    path("matches/<code>/", matches.match_detail, name="match-detail"),
    path("check-ins/<code>/", checkins.checkin_detail, name="checkin-detail"),
    path("check-ins/<code>/answer/", checkins.checkin_answer, name="checkin-answer"),
    path("check-ins/<code>/move/", checkins.checkin_move, name="checkin-move"),
    path("in-touch/<code>/", silences.silence_answer, name="silence-answer"),
    path("surveys/<code>/", surveys.survey_answer, name="survey-answer"),
    path("admin/cohorts/<code>/matches/", staff(desk.match_list), name="desk-matches"),
    path("admin/matches/<code>/", staff(desk.match_page), name="desk-match"),
    path("admin/cohorts/<code>/surveys/", staff(desk.survey_list), name="desk-surveys"),
    path("admin/cohorts/<code>/surveys/start/", staff(desk.survey_start), name="desk-survey-start"),
    path("admin/surveys/<code>/", staff(desk.survey_detail), name="desk-survey"),
    path(
        "admin/cohorts/<code>/matches/export/",
        staff(export_view(exports.MATCHES)),
        name="desk-matches-export",
    ),
    path(
        "admin/cohorts/<code>/check-ins/export/",
        staff(export_view(exports.CHECK_INS)),
        name="desk-checkins-export",
    ),
    path(
        "admin/cohorts/<code>/surveys/export/",
        staff(export_view(exports.SURVEYS)),
        name="desk-surveys-export",
    ),
    path(
        "admin/surveys/<code>/export/",
        staff(export_view(exports.ANSWERS)),
        name="desk-survey-export",
    ),
]
