"""Named questions about who may do what, asked by views and templates alike."""

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from mentorship.shared.base import clock
from mentorship.shared.questions.models import Questionnaire
from programs.models import Application, Cohort, Membership, Participant, Program, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet


def may_enter_dashboard(user: "User | AnonymousUser") -> bool:
    """Whether the person has any duty in any program."""
    if not user.is_authenticated or not user.is_active:
        return False
    return user.is_superuser or user.has_a_duty


def may_coordinate(user: "User | AnonymousUser", program: Program) -> bool:
    return Program.objects.coordinated_by(user).filter(pk=program.pk).exists()


def may_edit(user: "User | AnonymousUser", application: Application) -> bool:
    """An applicant changes the answers until the deadline, as long as nothing is decided."""
    return (
        application.applicant_id == user.pk
        and application.status in (Application.Status.DRAFT, Application.Status.SUBMITTED)
        and application.cohort.accepts_applications(clock.now())
    )


def may_correct(user: "User | AnonymousUser", application: Application) -> bool:
    """A coordinator changes the answers once the applicant cannot any more."""
    return can_be_corrected(application) and may_coordinate(user, application.cohort.program)


def can_be_corrected(application: Application) -> bool:
    """Whether it is the coordinators' turn to change the answers."""
    is_sent_in = application.status not in (Application.Status.DRAFT, Application.Status.WITHDRAWN)
    applicant = application.applicant
    return is_sent_in and not applicant.is_erased and not may_edit(applicant, application)


def has_come(user: User, program: Program) -> bool:
    """Whether the person takes part in the program or applied to it, by an act of their own.

    Not whom only a list brought, since a list may name anybody; nor who withdrew or left.
    """
    theirs = Application.objects.of(user).filter(cohort__program=program)
    brought = theirs.filter(
        brought_at__isnull=False, cohort=OuterRef("cohort"), role=OuterRef("role")
    )
    present = Participant.objects.present().filter(user=user, cohort__program=program)
    if present.exclude(Exists(brought)).exists():
        return True
    # for an accepted one its participant speaks, who may have left
    gone = (Application.Status.WITHDRAWN, Application.Status.ACCEPTED)
    return theirs.sent_in().filter(brought_at__isnull=True).exclude(status__in=gone).exists()


def may_correct_person(by: "User | AnonymousUser", user: User, program: Program) -> bool:
    """Whether a coordinator changes profile, name and zone of somebody in their program.

    Never of the owner of the site, of somebody with a duty in a program that `by` does not run,
    or of somebody who is erased.
    """
    if user.is_erased or user.is_superuser or not may_coordinate(by, program):
        return False
    elsewhere = Membership.objects.filter(user=user).exclude(
        program__in=Program.objects.coordinated_by(by)
    )
    return not elsewhere.exists() and has_come(user, program)


def may_withdraw(user: "User | AnonymousUser", application: Application) -> bool:
    # a place that is offered is turned down instead: then the next on the list may get it
    return (
        application.applicant_id == user.pk
        and application.status != Application.Status.OFFERED
        and application.can_move_to(Application.Status.WITHDRAWN)
    )


def may_take_offer(user: "User | AnonymousUser", application: Application) -> bool:
    """An applicant takes or turns down a place while the offer stands."""
    return (
        application.applicant_id == user.pk
        and application.status == Application.Status.OFFERED
        and application.offer_until is not None
        and clock.now() < application.offer_until
    )


def may_apply_again(user: "User | AnonymousUser", application: Application) -> bool:
    """Whoever took an application back begins again while the cohort takes applications."""
    return (
        application.applicant_id == user.pk
        and application.status == Application.Status.WITHDRAWN
        and application.cohort.accepts_applications(clock.now())
    )


def may_suggest_a_peer(user: "User | AnonymousUser", cohort: Cohort) -> bool:
    """Who knows the program may name somebody for a cohort that takes applications."""
    return cohort.accepts_applications(clock.now()) and knows(user, cohort.program)


def knows(user: "User | AnonymousUser", program: Program) -> bool:
    """Whether the person takes part in the program or has applied to it."""
    if not user.is_authenticated or not user.is_active:
        return False
    takes_part = Participant.objects.of(user).filter(cohort__program=program)
    sent_in = Application.objects.of(user).filter(
        cohort__program=program, submitted_at__isnull=False
    )
    return takes_part.exists() or sent_in.exclude(status=Application.Status.WITHDRAWN).exists()


def may_open(user: "User | AnonymousUser", cohort: Cohort) -> bool:
    return cohort.opened_at is None and may_coordinate(user, cohort.program)


def readable_forms(user: "User | AnonymousUser") -> "QuerySet[Questionnaire]":
    """The application forms of the cohorts this person coordinates, earlier versions too."""
    cohorts = Cohort.objects.coordinated_by(user)
    answered = Application.objects.filter(cohort__in=cohorts)
    return Questionnaire.objects.filter(
        Q(pk__in=cohorts.values("mentor_questions"))
        | Q(pk__in=cohorts.values("mentee_questions"))
        | Q(pk__in=answered.values("questionnaire"))
    )


def cohort_of_form(user: "User | AnonymousUser", form: Questionnaire) -> Cohort:
    """A cohort this person coordinates that asks or asked this form.

    Raises Cohort.DoesNotExist for a form that is not among `readable_forms`.
    """
    cohorts = Cohort.objects.coordinated_by(user).select_related("program")
    answered = Application.objects.filter(questionnaire=form)
    using = cohorts.filter(
        Q(mentor_questions=form) | Q(mentee_questions=form) | Q(pk__in=answered.values("cohort"))
    )
    return using.order_by("-starts_on", "pk")[:1].get()
