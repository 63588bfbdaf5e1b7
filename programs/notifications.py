"""The mails of applying, in the order a person meets them."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy

from mentorship.shared.base.links import absolute
from mentorship.shared.notifications.registry import Category, Notice, register
from programs.models import Application


class ApplicationNotice(Notice):
    """About an application, to the applicant, who cannot switch it off: it answers a wish."""

    category = Category.ACCOUNT
    subject_model = Application
    can_be_disabled = False
    # The status in which the mail still says the truth.
    true_while: str

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        return Application.objects.select_related("cohort__program")

    def context(self, recipient: Any) -> dict[str, Any]:
        return {"url": absolute("application-detail", self.subject.code)}

    def not_needed(self, recipient: Any) -> str:
        if self.subject.status == self.true_while:
            return ""
        return "The application has moved on since."


@register
class ApplicationReceived(ApplicationNotice):
    kind = "application_received"
    label = gettext_lazy("Application received")
    true_while = Application.Status.SUBMITTED


@register
class ApplicationAccepted(ApplicationNotice):
    kind = "application_accepted"
    label = gettext_lazy("Application accepted")
    true_while = Application.Status.ACCEPTED


@register
class ApplicationWaitlisted(ApplicationNotice):
    kind = "application_waitlisted"
    label = gettext_lazy("Application on the waiting list")
    true_while = Application.Status.WAITLISTED


@register
class ApplicationDeclined(ApplicationNotice):
    kind = "application_declined"
    label = gettext_lazy("Application declined")
    true_while = Application.Status.DECLINED
