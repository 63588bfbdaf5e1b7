from django.contrib import admin
from django.urls import path

from feedback.views import checkins, desk, matches, surveys

staff = admin.site.admin_view

urlpatterns = [
    path("matches/<code>/", matches.match_detail, name="match-detail"),
    path("check-ins/<code>/", checkins.checkin_detail, name="checkin-detail"),
    path("check-ins/<code>/answer/", checkins.checkin_answer, name="checkin-answer"),
    path("check-ins/<code>/move/", checkins.checkin_move, name="checkin-move"),
    path("surveys/<code>/", surveys.survey_answer, name="survey-answer"),
    path("admin/cohorts/<code>/matches/", staff(desk.match_list), name="desk-matches"),
    path("admin/cohorts/<code>/surveys/", staff(desk.survey_list), name="desk-surveys"),
    path("admin/cohorts/<code>/surveys/start/", staff(desk.survey_start), name="desk-survey-start"),
    path("admin/surveys/<code>/", staff(desk.survey_detail), name="desk-survey"),
]
