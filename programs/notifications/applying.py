"""The mails of applying, in the order a person meets them."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy

from mentorship.shared.base import clock
from mentorship.shared.base.links import absolute
from mentorship.shared.notifications.registry import Category, register
from programs.deadlines import in_both
from programs.gate import missing
from programs.models import (
    Application,
    Cohort,
    Interview,
    Invitation,
    Participant,
    Refusal,
)
from programs.notifications.of_program import OfProgram
from programs.sources import token_for


class ApplicationNotice(OfProgram):
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


def _until(cohort: Cohort, reader_zone: str = "") -> str:
    """The deadline in the cohort's zone and the reader's; empty where one may apply at any time."""
    deadline = cohort.apply_deadline
    return in_both(deadline, cohort.time_zone, reader_zone) if deadline else ""


@register
class InvitedToApply(OfProgram):
    """To somebody who may have no account. Whoever wants no more of them says so from the mail."""

    kind = "invited_to_apply"
    label = gettext_lazy("Invitation to apply")
    category = Category.ACCOUNT
    subject_model = Invitation
    can_be_disabled = False
    repeats_are_harmless = False

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        return Invitation.objects.select_related("cohort__program", "suggested_by")

    def context(self, recipient: Any) -> dict[str, Any]:
        token = token_for(self.subject)
        return {
            "url": absolute("join", token),
            "stop_url": absolute("join-stop", token),
            "cohort": self.subject.cohort,
            "until": _until(self.subject.cohort),
        }

    def not_needed(self, recipient: Any) -> str:
        if self.subject.withdrawn_at is not None:
            return "The invitation was withdrawn."
        if Refusal.objects.covers(recipient.email):
            return "The address wants no invitations."
        if not self.subject.cohort.accepts_applications(clock.now()):
            return "The cohort takes no applications any more."
        return ""


@register
class ApplicationUnfinished(ApplicationNotice):
    kind = "application_unfinished"
    label = gettext_lazy("Application not finished")
    category = Category.APPLYING
    can_be_disabled = True
    true_while = Application.Status.DRAFT

    def context(self, recipient: Any) -> dict[str, Any]:
        return {
            "url": absolute("application-edit", self.subject.code),
            "until": _until(self.subject.cohort, recipient.told_zone),
        }

    def not_needed(self, recipient: Any) -> str:
        if not self.subject.cohort.accepts_applications(clock.now()):
            return "The cohort takes no applications any more."
        return super().not_needed(recipient)


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

    def context(self, recipient: Any) -> dict[str, Any]:
        """With what is missing before the matching at the moment of sending."""
        mine = Participant.objects.present().select_related("cohort")
        person = mine.filter(
            cohort=self.subject.cohort, user=self.subject.applicant_id, role=self.subject.role
        ).first()
        return super().context(recipient) | {
            "missing": [
                {"sentence": item.sentence, "url": f"{settings.BASE_URL}{item.url}"}
                for item in (missing(person) if person else [])
            ]
        }


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


class OpenOfferNotice(ApplicationNotice):
    """About a place that waits for the person's word."""

    true_while = Application.Status.OFFERED

    def context(self, recipient: Any) -> dict[str, Any]:
        until, zone = self.subject.offer_until, self.subject.cohort.time_zone
        return super().context(recipient) | {
            "until": in_both(until, zone, recipient.told_zone) if until else ""
        }


@register
class ApplicationOffered(OpenOfferNotice):
    kind = "application_offered"
    label = gettext_lazy("A place offered")


@register
class OfferReminder(OpenOfferNotice):
    kind = "offer_reminder"
    label = gettext_lazy("An offer ends soon")


@register
class OfferLapsed(ApplicationNotice):
    kind = "offer_lapsed"
    label = gettext_lazy("An offer has ended")
    true_while = Application.Status.LAPSED


class InterviewNotice(OfProgram):
    """About an interview, to the applicant, in their own zone."""

    category = Category.ACCOUNT
    subject_model = Interview
    program_at = "application.cohort.program"
    can_be_disabled = False

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        return Interview.objects.select_related("application__cohort__program", "interviewer")

    def context(self, recipient: Any) -> dict[str, Any]:
        return {
            "url": absolute("application-detail", self.subject.application.code),
            "times": [{"when": self.subject.planned_at, "zone": recipient.time_zone}],
        }


@register
class InterviewInvited(InterviewNotice):
    kind = "interview_invited"
    label = gettext_lazy("Invited to an interview")

    def not_needed(self, recipient: Any) -> str:
        return "" if self.subject.is_planned else "The interview is over or was cancelled."


@register
class InterviewCancelled(InterviewNotice):
    kind = "interview_cancelled"
    label = gettext_lazy("Interview cancelled")

    def not_needed(self, recipient: Any) -> str:
        return "" if self.subject.cancelled_at else "The interview takes place."
