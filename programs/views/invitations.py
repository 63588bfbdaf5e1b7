"""Inviting people to apply: the coordinators' page, the links, and suggesting a peer."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mentorship.shared.base import clock
from mentorship.shared.base.links import absolute
from mentorship.shared.base.zones import local
from programs import permissions
from programs.actions import invitations
from programs.forms.invitations import ChannelForm, InvitationsForm, SuggestionForm
from programs.models import Application, Channel, Cohort, HeardFrom, Invitation
from programs.sources import invitation_of, remember
from programs.views.desk import cohort_of, page_of
from programs.views.signed_in import SignedIn

# More lines than these are counted instead of told one by one.
_MOST_TOLD = 10


# --- The coordinators' page -----------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def invitation_list(request: SignedIn, code: str) -> HttpResponse:
    """Who is invited and how they stand; a POST invites more."""
    cohort = cohort_of(request, code)
    form = InvitationsForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        told = form.cleaned_data
        result = invitations.invite(
            cohort,
            by=request.user,
            role=told["role"],
            people=told["people"],
            message=told["message"],
        )
        _say(request, result)
        return redirect("desk-invitations", cohort.code)
    return _list_page(request, cohort, form, ChannelForm(cohort=cohort))


@require_POST
def invitation_withdraw(request: SignedIn, code: str) -> HttpResponse:
    mine = Invitation.objects.coordinated_by(request.user).select_related("cohort")
    invitation = get_object_or_404(mine, code=code)
    invitations.withdraw(invitation, by=request.user)
    messages.success(request, _("The invitation is withdrawn. Its link no longer works."))
    return redirect("desk-invitations", invitation.cohort.code)


@require_POST
def channel_new(request: SignedIn, code: str) -> HttpResponse:
    cohort = cohort_of(request, code)
    form = ChannelForm(request.POST, cohort=cohort)
    if not form.is_valid():
        return _list_page(request, cohort, InvitationsForm(), form)
    invitations.open_channel(cohort, by=request.user, name=form.cleaned_data["name"])
    messages.success(request, _("The link is made. Copy it from the list."))
    return redirect("desk-invitations", cohort.code)


def _say(request: SignedIn, result: invitations.Invited) -> None:
    count = len(result.invitations)
    if count:
        words = ngettext("%(count)d person is invited.", "%(count)d people are invited.", count)
        messages.success(request, words % {"count": count})
    if result.left_out:
        lines = [
            _("line %(line)d (%(why)s)") % {"line": asked.line, "why": why}
            for asked, why in result.left_out[:_MOST_TOLD]
        ]
        more = len(result.left_out) - _MOST_TOLD
        if more > 0:
            lines.append(_("%(more)d more") % {"more": more})
        messages.warning(request, _("Left out: %(lines)s.") % {"lines": "; ".join(lines)})


def _list_page(
    request: SignedIn, cohort: Cohort, form: InvitationsForm, channel_form: ChannelForm
) -> HttpResponse:
    rows = cohort.invitations.with_applied().select_related("suggested_by")
    page = page_of(request, rows.order_by("-created_at", "-pk"))
    leaves = _leaving_days(cohort)
    for invitation in page:
        invitation.leaves_on = leaves.get(invitation.pk)
    channels = cohort.channels.annotate(
        applied=Count("applications", filter=Q(applications__submitted_at__isnull=False))
    )
    return render(
        request,
        "desk/invitations.html",
        {
            "cohort": cohort,
            "may_coordinate": True,
            "form": form,
            "channel_form": channel_form,
            "page_obj": page,
            "channels": [
                {"channel": channel, "url": absolute("channel", channel.code)}
                for channel in channels
            ],
            "sources": _sources(cohort, channels),
            "heard": _heard(cohort),
            "daily": settings.INVITATIONS_PER_DAY,
            "today": local(clock.now(), cohort.time_zone).date(),
            "tomorrow": local(clock.now(), cohort.time_zone).date() + timedelta(days=1),
            "accepts": cohort.accepts_applications(clock.now()),
        },
        status=422 if form.is_bound or channel_form.is_bound else 200,
    )


def _leaving_days(cohort: Cohort) -> dict[int, date]:
    """On which day each waiting invitation goes out, as things stand."""
    now = clock.now()
    today = local(now, cohort.time_zone).date()
    first, used = max(today, cohort.apply_from), 0
    if first == today:
        used = invitations.sent_today(cohort, now)
    daily = max(1, settings.INVITATIONS_PER_DAY)
    waiting = cohort.invitations.waiting().values_list("pk", flat=True)
    return {
        pk: first + timedelta(days=(min(used, daily) + index) // daily)
        for index, pk in enumerate(waiting)
    }


def _sources(cohort: Cohort, channels: QuerySet[Channel]) -> list[tuple[str, int]]:
    """Applications sent in, by the link that led to them, the most first."""
    rows = Application.objects.filter(cohort=cohort, submitted_at__isnull=False)
    told = rows.aggregate(
        invited=Count("pk", filter=Q(invitation__invited_by__isnull=False)),
        suggested=Count("pk", filter=Q(invitation__suggested_by__isnull=False)),
        none=Count("pk", filter=Q(invitation__isnull=True, channel__isnull=True)),
    )
    by_link = rows.filter(invitation__isnull=True, channel__isnull=False)
    counted = Counter(by_link.values_list("channel__name", flat=True))
    found = [
        (_("Invited by you"), told["invited"]),
        (_("Suggested by a peer"), told["suggested"]),
        *((channel.name, counted[channel.name]) for channel in channels),
        (_("No link"), told["none"]),
    ]
    return sorted(found, key=lambda row: -row[1])


def _heard(cohort: Cohort) -> list[tuple[str, int]]:
    """What applicants say of where they heard of the program, the most first."""
    rows = Application.objects.filter(cohort=cohort, submitted_at__isnull=False)
    labels: dict[str, Any] = dict(HeardFrom.choices)
    counted = Counter(
        str(labels.get(told, told)) for told in rows.values_list("heard_from", flat=True) if told
    )
    return counted.most_common(12)


# --- Links that lead to a program -----------------------------------------------------------------


@never_cache
@require_safe
def join(request: HttpRequest, token: str) -> HttpResponse:
    """The link of an invitation. Writes nothing, so a mail scanner may open it at will."""
    invitation = invitation_of(token)
    if invitation is None or not Cohort.objects.public().filter(pk=invitation.cohort_id).exists():
        return _gone(request)
    response = redirect("program-detail", invitation.cohort.program.code)
    remember(response, invitation, secure=request.is_secure())
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join_stop(request: HttpRequest, token: str) -> HttpResponse:
    """Where somebody says that they want no more invitations; only the POST counts."""
    invitation = invitation_of(token)
    if invitation is None:
        return _gone(request)
    if request.method == "POST":
        invitations.refuse(invitation)
        return render(request, "programs/join_stopped.html", {"cohort": invitation.cohort})
    return render(request, "programs/join_stop.html", {"cohort": invitation.cohort})


@never_cache
@require_safe
def channel(request: HttpRequest, code: str) -> HttpResponse:
    """A public link: to the program, with its name remembered until the person applies."""
    public = Channel.objects.filter(cohort__in=Cohort.objects.public())
    found = get_object_or_404(public.select_related("cohort__program"), code=code)
    response = redirect("program-detail", found.cohort.program.code)
    remember(response, found, secure=request.is_secure())
    return response


def _gone(request: HttpRequest) -> HttpResponse:
    sentence = _(
        "This link is not complete, or the invitation was withdrawn. The page of the site shows "
        "which programs take applications."
    )
    return render(request, "rule_broken.html", {"sentence": sentence}, status=404)


# --- Suggesting a peer ----------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def peer_suggest(request: SignedIn, code: str) -> HttpResponse:
    """Name somebody for an open cohort; they are invited by mail, once."""
    cohort = get_object_or_404(Cohort.objects.public().select_related("program"), code=code)
    if not permissions.may_suggest_a_peer(request.user, cohort):
        raise Http404
    form = SuggestionForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        invitations.suggest(cohort, by=request.user, **form.cleaned_data)
        messages.success(
            request, _("Thank you. Unless they were asked already, they are invited by mail.")
        )
        return redirect("program-detail", cohort.program.code)
    return render(
        request,
        "programs/peer_suggest.html",
        {"cohort": cohort, "form": form, "most": invitations.SUGGESTIONS_PER_DAY},
        status=422 if form.is_bound else 200,
    )
