"""Who has which duty in a program: the coordinators' page, and the answer to an invitation."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mentorship.shared.base import clock
from programs.actions import memberships
from programs.forms.memberships import ChangeMemberForm, InviteMemberForm
from programs.models import MemberInvitation, Membership, Program
from programs.views.desk import page_of
from programs.views.signed_in import SignedIn


@require_safe
def member_list(request: SignedIn, code: str) -> HttpResponse:
    return _members_page(request, _program(request, code), InviteMemberForm())


@require_POST
def member_invite(request: SignedIn, code: str) -> HttpResponse:
    program = _program(request, code)
    form = InviteMemberForm(request.POST)
    if not form.is_valid():
        return _members_page(request, program, form, status=422)
    memberships.invite(program, by=request.user, **form.cleaned_data)
    messages.success(request, _("Invited. The duty begins when the person says yes."))
    return redirect("desk-members", program.code)


@require_POST
def member_uninvite(request: SignedIn, code: str) -> HttpResponse:
    mine = MemberInvitation.objects.coordinated_by(request.user).select_related("program")
    invitation = get_object_or_404(mine, code=code)
    memberships.uninvite(invitation, by=request.user)
    messages.success(request, _("The invitation is taken back."))
    return redirect("desk-members", invitation.program.code)


@require_POST
def member_change(request: SignedIn, code: str) -> HttpResponse:
    membership = _membership(request, code)
    form = ChangeMemberForm(request.POST)
    if not form.is_valid():
        return _members_page(request, membership.program, InviteMemberForm(), status=422)
    memberships.change(membership, by=request.user, **form.cleaned_data)
    messages.success(request, _("The duty is changed. The person hears by mail."))
    return _to_the_members(request, membership.program)


@require_http_methods(["GET", "HEAD", "POST"])
def member_remove(request: SignedIn, code: str) -> HttpResponse:
    """What it means to end this duty, and the button that does."""
    membership = _membership(request, code)
    if request.method == "POST":
        memberships.remove(membership, by=request.user)
        messages.success(request, _("The duty has ended. The person hears by mail."))
        return _to_the_members(request, membership.program)
    return render(
        request,
        "desk/member_remove.html",
        {"membership": membership, "program": membership.program, "may_coordinate": True},
    )


def _to_the_members(request: SignedIn, program: Program) -> HttpResponse:
    """Back to the page, unless one has just ended one's own right to see it."""
    if Program.objects.coordinated_by(request.user).filter(pk=program.pk).exists():
        return redirect("desk-members", program.code)
    return redirect("home")


def _program(request: SignedIn, code: str) -> Program:
    return get_object_or_404(Program.objects.coordinated_by(request.user), code=code)


def _membership(request: SignedIn, code: str) -> Membership:
    mine = Membership.objects.coordinated_by(request.user).select_related("program", "user")
    return get_object_or_404(mine, code=code)


def _members_page(
    request: SignedIn, program: Program, form: InviteMemberForm, status: int = 200
) -> HttpResponse:
    rows = Membership.objects.filter(program=program).select_related("user")
    now = clock.now()
    waiting = MemberInvitation.objects.filter(program=program).open(now)
    return render(
        request,
        "desk/members.html",
        {
            "program": program,
            "may_coordinate": True,
            "page_obj": page_of(request, rows.order_by("role", "user__name", "pk")),
            "invitations": waiting.select_related("invited_by")[: memberships.MOST_OPEN],
            "roles": Membership.Role.choices,
            "form": form,
        },
        status=status,
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def duty_invitation(request: SignedIn, code: str) -> HttpResponse:
    """A duty one is asked to take: yes or no."""
    mine = MemberInvitation.objects.for_person(request.user).open(clock.now())
    invitation = get_object_or_404(mine.select_related("program", "invited_by"), code=code)
    answer = request.POST.get("answer", "") if request.method == "POST" else ""
    if answer in _ANSWERS:
        return _ANSWERS[answer](request, invitation)
    about: dict[str, Any] = {"invitation": invitation, "program": invitation.program}
    status = 422 if request.method == "POST" else 200
    return render(request, "programs/duty_invitation.html", about, status=status)


def _accepted(request: SignedIn, invitation: MemberInvitation) -> HttpResponse:
    memberships.accept(invitation, by=request.user)
    messages.success(request, _("Thank you. This is the dashboard of the programs you help run."))
    return redirect("admin:index")


def _refused(request: SignedIn, invitation: MemberInvitation) -> HttpResponse:
    memberships.refuse(invitation, by=request.user)
    messages.success(request, _("Kept: you do not take the duty."))
    return redirect("home")


_ANSWERS = {"yes": _accepted, "no": _refused}
