from django.contrib import admin
from django.urls import path

from feedback.metrics import objectives, views

staff = admin.site.admin_view

urlpatterns = [
    path("admin/cohorts/<code>/", staff(views.cohort_detail), name="desk-cohort"),
    # a code and nothing else: Django's own pages of this app begin in the same way
    path(
        "admin/programs/<public_code:code>/",
        staff(objectives.program_detail),
        name="desk-program",
    ),
    path(
        "admin/programs/<public_code:code>/objectives/",
        staff(objectives.objective_list),
        name="desk-objectives",
    ),
    path(
        "admin/programs/<public_code:code>/objectives/new/",
        staff(objectives.objective_new),
        name="desk-objective-new",
    ),
    path("admin/objectives/<code>/", staff(objectives.objective_detail), name="desk-objective"),
    path(
        "admin/objectives/<code>/measure/",
        staff(objectives.objective_measure),
        name="desk-objective-measure",
    ),
    path(
        "admin/objectives/<code>/remove/",
        staff(objectives.objective_remove),
        name="desk-objective-remove",
    ),
]
