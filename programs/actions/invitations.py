"""Asking people to apply. Nobody is written to twice about the same cohort."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mentorship.shared.audit.models import AuditEvent, record
from mentorship.shared.base import clock
from mentorship.shared.base.codes import new_code
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.base.zones import instant, local
from mentorship.shared.notifications.addressee import address_hash
from mentorship.shared.notifications.outbox import notify
from mentorship.shared.notifications.tokens import hashed
from programs.models import Application, Channel, Cohort, Invitation, Refusal, Role, User
from programs.notifications import InvitedToApply
from programs.sources import token_for

# How many peers one person may suggest in a day.
SUGGESTIONS_PER_DAY = 3

_TWICE = gettext_lazy("stands in the list twice")
_INVITED = gettext_lazy("was invited already")
_APPLIED = gettext_lazy("has applied already")
_REFUSED = gettext_lazy("wants no invitations")


class Asked(NamedTuple):
    """One line of a list of people to invite."""

    line: int
    email: str
    name: str = ""


class Invited(NamedTuple):
    """What became of a list: who is invited, and which lines were left out, with the reason."""

    invitations: list[Invitation]
    left_out: list[tuple[Asked, str | Promise]]


@transaction.atomic
def invite(
    cohort: Cohort, *, by: User, role: str, people: Sequence[Asked], message: str = ""
) -> Invited:
    """Ask people to apply. What fits into today's number goes out, the rest on the next days.

    Left out is who stands in the list twice, was invited or has applied already, or wants no
    invitations. Raises RuleBroken when nobody can apply any more.
    """
    cohort = _locked_cohort(cohort)
    _require_ahead(cohort)
    result = Invited([], [])
    hashes = {person: address_hash(person.email) for person in people}
    reasons = _reasons(cohort, set(hashes.values()))
    seen: set[str] = set()
    for person, known_as in hashes.items():
        why_not = _TWICE if known_as in seen else reasons.get(known_as)
        seen.add(known_as)
        if why_not:
            result.left_out.append((person, why_not))
            continue
        result.invitations.append(
            _keep(cohort, person, role=role, message=message, invited_by=by, suggested_by=None)
        )
    if result.invitations:
        record(
            by=by,
            verb="invitations.made",
            subject=cohort,
            program=cohort.program,
            count=len(result.invitations),
        )
        release(cohort)
    return result


def _reasons(cohort: Cohort, hashes: set[str]) -> Mapping[str, str | Promise]:
    """Who of these is not written to, and why; the strongest reason stands."""
    # one that was withdrawn before it left may go out after all
    written = cohort.invitations.exclude(withdrawn_at__isnull=False, sent_at__isnull=True)
    invited = written.filter(address_hash__in=hashes).values_list("address_hash", flat=True)
    refused = Refusal.objects.filter(address_hash__in=hashes)
    sent_in = Application.objects.filter(cohort=cohort, submitted_at__isnull=False)
    applied = map(address_hash, sent_in.values_list("applicant__email", flat=True))
    return (
        dict.fromkeys(invited, _INVITED)
        | dict.fromkeys(hashes & set(applied), _APPLIED)
        | dict.fromkeys(refused.values_list("address_hash", flat=True), _REFUSED)
    )


_OURS = ("cohort", "invited_by", "suggested_by", "address_hash", "token_hash")


def _keep(cohort: Cohort, person: Asked, **fields: object) -> Invitation:
    invitation = Invitation(
        code=new_code(), email=person.email, name=person.name, cohort=cohort, **fields
    )
    found = cohort.invitations.to_address(person.email).first()
    if found is not None:
        invitation.pk, invitation.code = found.pk, found.code
        invitation.created_at = found.created_at
    invitation.token_hash = hashed(token_for(invitation))
    # what people typed; the rest is ours
    invitation.clean_fields(exclude=_OURS)
    invitation.save()
    return invitation


@transaction.atomic
def suggest(
    cohort: Cohort,
    *,
    by: User,
    role: str,
    email: str,
    name: str = "",
    why: str = "",
    may_name_me: bool = False,
) -> None:
    """Invite a peer whom a participant or applicant names.

    Says nothing about whether the address was known before: that is nobody's business.
    Raises RuleBroken after a few in one day, or when the cohort takes no applications now.
    """
    # one at a time for each person, so that the number of a day holds
    by = User.objects.select_for_update().get(pk=by.pk)
    cohort = _locked_cohort(cohort)
    if not cohort.accepts_applications(clock.now()):
        raise RuleBroken(_("This cohort takes no applications at the moment."))
    # every try counts, or the number left would tell who is known here
    lately = AuditEvent.objects.filter(
        actor_code=by.code, verb="peer.suggested", at__gt=clock.now() - timedelta(days=1)
    )
    if lately.count() >= SUGGESTIONS_PER_DAY:
        raise RuleBroken(
            _("You can suggest %(most)d people a day. Please come back tomorrow.")
            % {"most": SUGGESTIONS_PER_DAY}
        )
    record(by=by, verb="peer.suggested", subject=cohort, program=cohort.program)
    known_as = address_hash(email)
    if cohort.invitations.filter(address_hash=known_as).exists() or _reasons(cohort, {known_as}):
        return
    _keep(
        cohort,
        Asked(1, email, name),
        role=Role(role),
        why=why,
        may_name_suggester=may_name_me,
        suggested_by=by,
        invited_by=None,
    )
    release(cohort)


@transaction.atomic
def release(cohort: Cohort) -> int:
    """Hand the outbox what may go out today, the oldest first, and return how many.

    A day is one of the cohort's zone. Nothing leaves while the cohort takes no applications.
    Safe to call at any time and twice.
    """
    cohort = _locked_cohort(cohort)
    now = clock.now()
    if not cohort.accepts_applications(now):
        return 0
    left = max(0, settings.INVITATIONS_PER_DAY - sent_today(cohort, now))
    released = 0
    for invitation in cohort.invitations.waiting()[:left]:
        # it may be withdrawn at this moment
        claimed = Invitation.objects.filter(pk=invitation.pk).waiting().update(sent_at=now)
        if claimed:
            invitation.cohort = cohort
            notify(InvitedToApply(invitation), invitation.addressee, program=cohort.program)
            released += 1
    return released


def sent_today(cohort: Cohort, at: datetime) -> int:
    """How many invitations of the cohort left since midnight in its zone."""
    midnight = instant(local(at, cohort.time_zone).date(), time(0), cohort.time_zone)
    return cohort.invitations.filter(sent_at__gte=midnight).count()


@transaction.atomic
def withdraw(invitation: Invitation, *, by: User) -> Invitation:
    """Take an invitation back: its link ends, and what has not left does not leave.

    Raises RuleBroken when it was withdrawn already or the person has applied.
    """
    invitation = _locked(invitation)
    if invitation.withdrawn_at is not None:
        raise RuleBroken(_("This invitation is withdrawn already."))
    if invitation.state == Invitation.State.APPLIED:
        raise RuleBroken(_("This person has applied already. Decide about the application."))
    invitation.withdrawn_at = clock.now()
    invitation.save(update_fields=["withdrawn_at"])
    record(
        by=by,
        verb="invitation.withdrawn",
        subject=invitation,
        program=invitation.cohort.program,
    )
    return invitation


@transaction.atomic
def refuse(invitation: Invitation) -> bool:
    """Never invite this address again, to anything. False when it said so before."""
    invitation = _locked(invitation)
    _refusal, is_new = Refusal.objects.get_or_create(address_hash=invitation.address_hash)
    if invitation.refused_at is None:
        invitation.refused_at = clock.now()
        invitation.save(update_fields=["refused_at"])
        record(
            by=None,
            verb="invitation.refused",
            subject=invitation,
            program=invitation.cohort.program,
        )
    return is_new


@transaction.atomic
def open_channel(cohort: Cohort, *, by: User, name: str) -> Channel:
    """A public link with a name, so that one sees who came by it.

    Raises RuleBroken for a name that is taken, ValidationError for one of several lines.
    """
    cohort = _locked_cohort(cohort)
    channel = Channel(cohort=cohort, name=name)
    channel.clean_fields(exclude=["cohort"])
    if cohort.channels.filter(name=name).exists():
        raise RuleBroken(_("There is a link with this name already."))
    channel.save()
    record(by=by, verb="channel.made", subject=channel, program=cohort.program)
    return channel


def _locked_cohort(cohort: Cohort) -> Cohort:
    """One at a time for each cohort: who is invited and how many may leave is counted in it."""
    rows = Cohort.objects.select_for_update(of=("self",)).select_related("program")
    return rows.get(pk=cohort.pk)


def _locked(invitation: Invitation) -> Invitation:
    return (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("cohort__program")
        .get(pk=invitation.pk)
    )


def _require_ahead(cohort: Cohort) -> None:
    """Raise RuleBroken when nobody can apply any more."""
    deadline = cohort.apply_deadline
    if cohort.archived_at is None and (deadline is None or clock.now() <= deadline):
        return
    raise RuleBroken(_("Applications for this cohort are closed. Extend the deadline to invite."))
