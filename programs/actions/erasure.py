"""A person's account ends: what the site held of them goes, and others' history stays whole."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications.models import OutboxMessage
from mentorship.shared.notifications.outbox import notify
from mentorship.shared.privacy.forgetting import forget_person
from programs.actions import offers
from programs.models import Application, Membership, Participant, Program, User
from programs.notifications import AccountEnds
from programs.signals import participant_withdrew

# Between the mail that announces it and the end of an account nobody uses.
NOTICE = timedelta(days=30)


@transaction.atomic
def erase(user: User, *, by: User | None) -> None:
    """End an account: leave every cohort, forget the person, and empty the row that stays.

    `by` is the person, or None for the operator and the sweep. The row stays because decisions
    and figures of others point at it; nothing in it tells who it was. Safe to call twice.
    Raises RuleBroken for the only coordinator of a program and for the only owner of the site.
    """
    # whoever holds a cohort and writes of the user must not wait: this waits for the cohort
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if user.is_erased:
        return
    _require_successors(user)
    _leave_everything(user)
    forget_person(user)
    user.empty()
    user.save()
    record(by=by, verb="person.erased", subject=user)


def alone_in(user: User) -> list[Program]:
    """The programs in use that nobody else coordinates: they need a successor first."""
    mine = Membership.objects.filter(user=user, role=Membership.Role.COORDINATOR).values("program")
    others = Count(
        "memberships",
        filter=Q(memberships__role=Membership.Role.COORDINATOR, memberships__user__is_active=True)
        & ~Q(memberships__user=user),
    )
    programs = Program.objects.filter(pk__in=mine, archived_at__isnull=True)
    return list(programs.annotate(others=others).filter(others=0))


def end_unused(user: User) -> bool:
    """Announce the end of an account nobody uses, or end it once that was long enough ago.

    Whether the account ended. Who runs a program alone or owns the site is left alone.
    """
    if alone_in(user):
        return False
    told = OutboxMessage.objects.filter(
        kind=AccountEnds.kind,
        recipient=user,
        sent_at__lte=clock.now() - NOTICE,
        sent_at__gt=user.last_seen_at,
    )
    if told.exists():
        erase(user, by=None)
        return True
    notify(AccountEnds(user), user, occasion=f"{user.last_seen_at:%Y%m%d}")
    return False


def unused_before_term() -> timedelta:
    """For how long nobody may have logged in before the end of an account is announced."""
    return timedelta(days=settings.RETENTION_ACCOUNT_DAYS) - NOTICE


def _require_successors(user: User) -> None:
    # the same lock as whoever gives and takes duties holds
    held = Membership.objects.filter(user=user).values("program")
    list(Program.objects.select_for_update(no_key=True).filter(pk__in=held).order_by("pk"))
    alone = alone_in(user)
    if alone:
        raise RuleBroken(
            _("Nobody else coordinates %(programs)s. Name a second coordinator first.")
            % {"programs": ", ".join(program.name for program in alone)}
        )
    owners = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
    if user.is_superuser and not owners.exists():
        raise RuleBroken(_("You are the only owner of this site. Name another one first."))


def _leave_everything(user: User) -> None:
    mine = Application.objects.of(user).select_related("cohort__program")
    # each locks its cohort: two who leave at once never wait for each other
    for application in mine.order_by("cohort_id", "pk"):
        if application.can_move_to(Application.Status.WITHDRAWN):
            offers.leave(application, by=user)
    present = Participant.objects.select_for_update().present().filter(user=user)
    for participant in present:
        participant.left_at = clock.now()
        participant.save(update_fields=["left_at"])
        participant_withdrew.send(Participant, participant=participant)
