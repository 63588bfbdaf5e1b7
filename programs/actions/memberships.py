"""Duties in a program: given, changed, ended; and the invitations that lead to them.

Every change takes the lock of the program's row first, so that of twenty people who leave at
once one coordinator always stays.
"""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications.addressee import Addressee
from mentorship.shared.notifications.outbox import notify
from programs.models import MemberInvitation, Membership, Program, User
from programs.notifications import MemberChanged, MemberInvited, MemberJoined, MemberRemoved

Role = Membership.Role
End = MemberInvitation.End

# An unanswered invitation is void after this time: the address may have changed hands.
_OPEN_FOR = timedelta(days=14)
_A_DAY = timedelta(days=1)
# So that nobody uses the site to write to many addresses.
MOST_OPEN = 50
MOST_TO_ONE = 3


@transaction.atomic
def appoint(program: Program, *, user: User, role: str, by: User) -> Membership:
    """Give `user` a duty in `program`; one already held is left as it is.

    For whoever makes a program; everybody else is invited.
    """
    membership, is_new = Membership.objects.get_or_create(program=program, user=user, role=role)
    if is_new:
        record(
            by=by,
            verb="member.appointed",
            subject=user,
            program=program,
            role=role,
        )
    return membership


@transaction.atomic
def invite(program: Program, *, email: str, role: str, by: User) -> MemberInvitation:
    """Ask whoever has this address to take a duty; they hear by mail.

    Nothing here looks whether the address has an account, so nobody can learn it from the
    answer or from the time it takes. An open invitation is left as it is.
    Raises RuleBroken when `by` does not run the program, or too many invitations are open.
    """
    program = _locked(program, by=by)
    now, address = clock.now(), email.strip().lower()
    waiting = MemberInvitation.objects.filter(program=program).waiting()
    for old in waiting.filter(email=address, role=role):
        if old.is_open(now):
            return old
        _end(old, End.WITHDRAWN)
    today = MemberInvitation.objects.filter(program=program, created_at__gt=now - _A_DAY)
    if waiting.open(now).count() >= MOST_OPEN or today.count() >= MOST_OPEN:
        raise RuleBroken(
            _("Too many invitations are open, or were sent today. Please go on tomorrow.")
        )
    if today.filter(email=address).count() >= MOST_TO_ONE:
        raise RuleBroken(_("This address was asked often today. Please ask again tomorrow."))
    invitation = MemberInvitation.objects.create(
        program=program, email=address, role=role, invited_by=by, expires_at=now + _OPEN_FOR
    )
    record(by=by, verb="member.invited", subject=invitation, program=program, role=role)
    notify(MemberInvited(invitation), Addressee(address), program=program)
    return invitation


@transaction.atomic
def uninvite(invitation: MemberInvitation, *, by: User) -> MemberInvitation:
    """Take an invitation back. One that was answered or taken back stays as it is.

    Raises RuleBroken when `by` does not run the program.
    """
    program = _locked(invitation.program, by=by)
    invitation = MemberInvitation.objects.get(pk=invitation.pk)
    if invitation.ended_at is None:
        _end(invitation, End.WITHDRAWN)
        record(
            by=by,
            verb="member.uninvited",
            subject=invitation,
            program=program,
            role=invitation.role,
        )
    return invitation


@transaction.atomic
def accept(invitation: MemberInvitation, *, by: User) -> Membership:
    """Take the duty one was invited to. Whoever invited hears by mail.

    Raises RuleBroken when the invitation has ended, was not sent to a proven address of `by`, or
    came from somebody who does not run the program any more.
    """
    program = _locked(invitation.program)
    invitation = _answerable(invitation, by=by)
    inviter = invitation.invited_by
    if not Program.objects.coordinated_by(inviter).filter(pk=program.pk).exists():
        raise RuleBroken(
            _("Who invited you does not run this program any more. Please ask its coordinators.")
        )
    _end(invitation, End.ACCEPTED)
    membership, is_new = Membership.objects.get_or_create(
        program=program, user=by, role=invitation.role
    )
    if is_new:
        record(by=by, verb="member.joined", subject=by, program=program, role=invitation.role)
        notify(MemberJoined(membership), inviter, program=program)
    return membership


@transaction.atomic
def refuse(invitation: MemberInvitation, *, by: User) -> MemberInvitation:
    """Say no to a duty. Raises RuleBroken when the invitation has ended or is not for `by`."""
    program = _locked(invitation.program)
    invitation = _answerable(invitation, by=by)
    _end(invitation, End.DECLINED)
    record(by=by, verb="member.refused", subject=by, program=program, role=invitation.role)
    return invitation


@transaction.atomic
def change(membership: Membership, *, role: str, by: User) -> Membership:
    """Give somebody another duty instead of this one, and tell them.

    If they hold the other one as well, this one ends.
    Raises RuleBroken when `by` does not run the program, or nobody would run it afterwards.
    """
    program = _locked(membership.program, by=by)
    membership = _there(membership)
    old = membership.role
    if old == role:
        return membership
    _require_another_coordinator(membership)
    held = Membership.objects.filter(program=program, user=membership.user, role=role).first()
    if held is not None:
        membership.delete()
        membership = held
    else:
        membership.role = role
        membership.save(update_fields=["role"])
    if old == Role.COORDINATOR:
        _void_invitations_of(membership.user, program)
    record(
        by=by,
        verb="member.changed",
        subject=membership.user,
        program=program,
        old=old,
        role=role,
    )
    notify(MemberChanged(membership), membership.user, occasion=_moment(), program=program)
    return membership


@transaction.atomic
def remove(membership: Membership, *, by: User) -> None:
    """End somebody's duty, and tell them; their next request is refused.

    Raises RuleBroken when `by` does not run the program, the duty has ended already, or nobody
    would run the program afterwards.
    """
    program = _locked(membership.program, by=by)
    membership = _there(membership)
    _require_another_coordinator(membership)
    user, role = membership.user, membership.role
    membership.delete()
    if role == Role.COORDINATOR:
        _void_invitations_of(user, program)
    record(by=by, verb="member.removed", subject=user, program=program, role=role)
    notify(MemberRemoved(program), user, occasion=_moment(), program=program)


def _locked(program: Program, *, by: User | None = None) -> Program:
    """The program's row, locked; with `by`, only for who runs it."""
    program = Program.objects.select_for_update(of=("self",)).get(pk=program.pk)
    if by is not None and not Program.objects.coordinated_by(by).filter(pk=program.pk).exists():
        raise RuleBroken(_("Only coordinators of this program can do this."))
    return program


def _there(membership: Membership) -> Membership:
    """As it is under the lock."""
    found = Membership.objects.filter(pk=membership.pk).select_related("user").first()
    if found is None:
        raise RuleBroken(_("This duty has ended already."))
    return found


def _require_another_coordinator(membership: Membership) -> None:
    """Raise RuleBroken when this is the last person who can run the program."""
    if membership.role != Role.COORDINATOR:
        return
    others = Membership.objects.filter(
        program=membership.program_id, role=Role.COORDINATOR, user__is_active=True
    )
    if not others.exclude(pk=membership.pk).exists():
        raise RuleBroken(
            _("A program needs a coordinator. Invite another one before this one goes.")
        )


def _answerable(invitation: MemberInvitation, *, by: User) -> MemberInvitation:
    mine = MemberInvitation.objects.for_person(by).select_related("invited_by")
    found = mine.filter(pk=invitation.pk).open(clock.now()).first()
    if found is None:
        raise RuleBroken(_("This invitation has ended. Please ask the coordinators for a new one."))
    return found


def _end(invitation: MemberInvitation, end: str) -> None:
    invitation.end, invitation.ended_at = end, clock.now()
    invitation.save(update_fields=["end", "ended_at"])


def _void_invitations_of(user: User, program: Program) -> None:
    """Nobody comes back, or lets others in, by an invitation sent while still a coordinator."""
    for invitation in MemberInvitation.objects.filter(program=program, invited_by=user).waiting():
        _end(invitation, End.WITHDRAWN)


def _moment() -> str:
    return f"{clock.now():%Y%m%d%H%M%S%f}"
