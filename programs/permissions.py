"""Named questions about who may do what, asked by views and templates alike."""

from typing import TYPE_CHECKING

from mentorship.shared.base import clock
from programs.models import Application, Cohort, Membership, Program, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


def may_enter_dashboard(user: "User | AnonymousUser") -> bool:
    """Whether the person has any duty in any program."""
    if not user.is_authenticated or not user.is_active:
        return False
    return user.is_superuser or Membership.objects.filter(user=user).exists()


def may_coordinate(user: "User | AnonymousUser", program: Program) -> bool:
    return Program.objects.coordinated_by(user).filter(pk=program.pk).exists()


def may_edit(user: "User | AnonymousUser", application: Application) -> bool:
    """An applicant changes the answers until the deadline, as long as nothing is decided."""
    return (
        application.applicant_id == user.pk
        and application.status in (Application.Status.DRAFT, Application.Status.SUBMITTED)
        and application.cohort.accepts_applications(clock.now())
    )


def may_withdraw(user: "User | AnonymousUser", application: Application) -> bool:
    return application.applicant_id == user.pk and application.can_move_to(
        Application.Status.WITHDRAWN
    )


def may_open(user: "User | AnonymousUser", cohort: Cohort) -> bool:
    return cohort.opened_at is None and may_coordinate(user, cohort.program)
