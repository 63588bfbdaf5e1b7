from django.contrib import admin
from django.urls import path

from feedback.metrics import views

staff = admin.site.admin_view

urlpatterns = [
    path("admin/cohorts/<code>/", staff(views.cohort_detail), name="desk-cohort"),
]
