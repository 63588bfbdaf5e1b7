"""The portal as a mentor or a mentee of a cohort sees it, shown to its coordinators.

Each scene lets made-up people live for the length of one request: they are written in a
transaction that is taken back, and the portal's own page is shown as one of them. So the preview
can never show anything else than the portal does, and leaves nothing behind.
"""

import re
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage import default_storage
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import resolve, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from feedback.actions import checkins
from feedback.models import CheckIn
from matching.models import Match, Place, Seat
from mentorship.shared.base import clock
from mentorship.shared.base.zones import local
from programs.models import Application, Cohort, Participant, Profile, Role, User

Status = Application.Status


@dataclass
class Stage:
    """The made-up people of one preview, and the one who looks."""

    cohort: Cohort
    role: Role

    def __post_init__(self) -> None:
        self.person = _somebody("Robin Example", self.cohort)
        self.other = _somebody("Kim Example", self.cohort)

    def visit(self) -> str:
        return reverse("program-detail", args=[self.cohort.program.code])

    def apply(self) -> str:
        return reverse("application-new", args=[self.cohort.code, self.role.value])

    def sent_in(self) -> str:
        return reverse("application-detail", args=[self._application(Status.SUBMITTED).code])

    def accepted(self) -> str:
        self._application(Status.ACCEPTED)
        self._participant(self.person, self.role)
        return reverse("home")

    def matched(self) -> str:
        self._match()
        return reverse("home")

    def match(self) -> str:
        return reverse("match-detail", args=[self._match().code])

    def check_in(self) -> str:
        checkin = CheckIn.objects.filter(match=self._match()).first()
        if checkin is None:
            raise Http404
        return reverse("checkin-detail", args=[checkin.code])

    def _application(self, status: Status) -> Application:
        now = clock.now()
        is_decided = status in Application.DECIDED
        return Application.objects.create(
            cohort=self.cohort,
            applicant=self.person,
            role=self.role,
            questionnaire=self.cohort.questions_for(self.role),
            status=status,
            submitted_at=now,
            decided_at=now if is_decided else None,
            decided_by=self.other if is_decided else None,
        )

    def _participant(self, user: User, role: Role) -> Participant:
        return Participant.objects.create(
            cohort=self.cohort,
            user=user,
            role=role,
            time_zone=self.cohort.time_zone,
            joined_at=clock.now(),
        )

    def _match(self) -> Match:
        now = clock.now()
        self._application(Status.ACCEPTED)
        mine = self._participant(self.person, self.role)
        theirs = self._participant(self.other, self.role.other)
        mentor, mentee = (mine, theirs) if self.role == Role.MENTOR else (theirs, mine)
        match = Match.objects.create(cohort=self.cohort, introduced_at=now)
        seat = Seat.objects.create(participant=mentor, number=1)
        Place.objects.create(match=match, participant=mentor, role="mentor", seat=seat, from_at=now)
        Place.objects.create(match=match, participant=mentee, role="mentee", from_at=now)
        checkins.plan(match)
        return match


@dataclass(frozen=True, slots=True)
class Scene:
    """One page of the portal, by name; `play` writes what it needs and returns its address."""

    name: str
    label: str | Promise
    play: Callable[[Stage], str]
    is_visitor: bool = False


SCENES: tuple[Scene, ...] = (
    Scene("visit", gettext_lazy("The program's page"), Stage.visit, is_visitor=True),
    Scene("apply", gettext_lazy("The application"), Stage.apply),
    Scene("sent-in", gettext_lazy("Sent in"), Stage.sent_in),
    Scene("accepted", gettext_lazy("Accepted"), Stage.accepted),
    Scene("matched", gettext_lazy("Matched"), Stage.matched),
    Scene("match", gettext_lazy("The match"), Stage.match),
    Scene("check-in", gettext_lazy("A check-in"), Stage.check_in),
)
_BY_NAME: Mapping[str, Scene] = {scene.name: scene for scene in SCENES}


@require_safe
def preview(request: HttpRequest, code: str, role: Role, scene: str) -> HttpResponse:
    """A page of the portal as somebody in this role would see it at this point."""
    mine = Cohort.objects.coordinated_by(request.user).select_related("program")
    cohort = get_object_or_404(mine, code=code)
    if scene not in _BY_NAME:
        raise Http404
    with transaction.atomic():
        page = _played(request, _opened(cohort), role, _BY_NAME[scene])
        transaction.set_rollback(True)
    return _harmless(page, request, cohort, role, scene)


def _played(request: HttpRequest, cohort: Cohort, role: Role, scene: Scene) -> HttpResponse:
    stage = Stage(cohort, role)
    inner = copy(request)
    inner.path = inner.path_info = scene.play(stage)
    inner.GET = QueryDict()
    # a message that waits for the coordinator is not used up here
    vars(inner)["_messages"] = default_storage(inner)
    inner.user = AnonymousUser() if scene.is_visitor else stage.person
    inner.resolver_match = resolve(inner.path)
    view: Callable[..., HttpResponse] = inner.resolver_match.func
    return view(inner, *inner.resolver_match.args, **inner.resolver_match.kwargs)


def _opened(cohort: Cohort) -> Cohort:
    """The cohort as if it were open for applications today. Never kept."""
    now = clock.now()
    today = local(now, cohort.time_zone).date()
    cohort.opened_at = min(cohort.opened_at or now, now)
    cohort.archived_at = None
    days = {"apply_from": min(cohort.apply_from, today)}
    if cohort.apply_until is not None:
        late = max(cohort.apply_until, today) - cohort.apply_until
        for name in ("apply_until", "review_until", "match_on", "starts_on", "ends_on"):
            day = getattr(cohort, name)
            days[name] = day and day + late
    for name, value in days.items():
        setattr(cohort, name, value)
    cohort.save()
    return cohort


def _somebody(name: str, cohort: Cohort) -> User:
    user = User(name=name, time_zone=cohort.time_zone)
    user.email = f"{user.code}@preview.invalid"
    user.set_unusable_password()
    user.save()
    Profile.objects.create(
        user=user,
        headline=_("What somebody does, in one line"),
        story=_("A few sentences that somebody tells of themself."),
    )
    return user


# --- Nothing on the page leads anywhere ---------------------------------------------------------

_FORM = re.compile(r"<form\b[^>]*>")
_TOKEN = re.compile(r'<input type="hidden" name="csrfmiddlewaretoken"[^>]*>')
_LINK = re.compile(r'(<a\b[^>]*?href=")/[^"]*(")')


def _harmless(
    page: HttpResponse, request: HttpRequest, cohort: Cohort, role: Role, scene: str
) -> HttpResponse:
    """The page with a strip that says what it is, and with forms and links that stay on it."""
    here = reverse("desk-preview", args=[cohort.code, role.value, scene])
    strip = render_to_string(
        "desk/_preview_strip.html",
        {
            "cohort": Cohort.objects.select_related("program").get(pk=cohort.pk),
            "role": role,
            "roles": list(Role),
            "scene": scene,
            "scenes": SCENES,
            "was_pressed": bool(request.GET),
        },
        request,
    )
    text = page.content.decode()
    text = _TOKEN.sub("", _FORM.sub(f'<form method="get" action="{here}" novalidate>', text))
    text = _LINK.sub(rf"\1{here}\2", text)
    # behind the way past it to the content, which must stay the first thing on a page
    text = text.replace('<header class="band">', f'{strip}\n<header class="band">', 1)
    return HttpResponse(text, status=page.status_code)
