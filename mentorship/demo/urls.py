from django.urls import path

from mentorship.demo import views

urlpatterns = [
    path("demo/", views.demo, name="demo"),
    path("demo/log-in/<str:code>/", views.log_in, name="demo-log-in"),
    path("outbox/", views.outbox, name="outbox"),
    path("outbox/<str:name>/", views.outbox_mail, name="outbox-mail"),
    path("outbox/<str:name>/body/", views.outbox_body, name="outbox-body"),
]
