"""The matrix must notice a missing check: each test takes one away and wants to hear of it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.template import engines
from django.urls import URLPattern, get_resolver

import feedback.views.access as access
import feedback.views.desk as feedback_desk
from feedback.models import CheckIn, CheckInQuerySet
from matching.models import Match
from matching.models.matches import MatchQuerySet
from matching.models.runs import MatchingRunQuerySet
from mentorship.admin import DashboardSite
from mentorship.shared.base.middleware import FewMethodsMiddleware
from mentorship.shared.notifications.models import MailLink
from mentorship.shared.privacy.registry import Held
from programs import blind
from programs.models import (
    ApplicationQuerySet,
    BatchQuerySet,
    CohortQuerySet,
    InvitationToApplyQuerySet,
    ObjectiveQuerySet,
)
from programs.models.imports import ImportJobQuerySet
from programs.models.members import MemberInvitationQuerySet
from programs.models.participants import ParticipantQuerySet
from programs.models.programs import MembershipQuerySet, ProgramQuerySet
from programs.models.texts import RequiredTextQuerySet, TextVersionQuerySet
from tests.house.matrix import ANSWERED, UNUSUAL, pages, walk
from tests.house.routes import every_route
from tests.house.world import World

pytestmark = pytest.mark.django_db

ROUTES = {route.name: route for route in every_route()}
Patch = pytest.MonkeyPatch


def everything(self: Any, *_: Any) -> Any:
    return self.all()


def replaces(owner: Any, name: str, value: Any) -> Callable[[Patch], None]:
    return lambda patch: patch.setattr(owner, name, value)


def undecorates(name: str) -> Callable[[Patch], None]:
    """Call the route's view without what decorates it."""

    def mutate(patch: Patch) -> None:
        pattern = next(p for p in _patterns(get_resolver().url_patterns) if p.name == name)
        bare = pattern.callback
        while hasattr(bare, "__wrapped__"):
            bare = bare.__wrapped__
        patch.setattr(pattern, "callback", bare)

    return mutate


def _patterns(found: Any) -> Iterator[URLPattern]:
    for one in found:
        yield from [one] if isinstance(one, URLPattern) else _patterns(one.url_patterns)


def shows(template: str, words: str) -> Callable[[Patch], None]:
    """Let the template say `words` too."""

    def mutate(patch: Patch) -> None:
        nodes = engines["django"].engine.get_template(template).nodelist
        extra = engines["django"].engine.from_string(words).nodelist
        content = next(n for n in nodes[0].nodelist if getattr(n, "name", "") == "content")
        patch.setattr(content, "nodelist", type(content.nodelist)([*content.nodelist, *extra]))

    return mutate


def opens_anything(request: Any, **_: str) -> MailLink | None:
    """A link that asks neither which page nor which subject it was sent for."""
    return MailLink.objects.select_related("user").first() if request.COOKIES else None


def outlives_the_account(request: Any, *, view: str, subject_code: str) -> MailLink | None:
    if "mail-link" not in request.COOKIES:
        return None
    links = MailLink.objects.select_related("user").filter(view=view, subject_code=subject_code)
    return links.first()


def forbids(*_: Any) -> Any:
    raise PermissionDenied


MATCHES = admin.site._registry[Match]
CHECKINS = admin.site._registry[CheckIn]

# What is taken away: the route on which it must be noticed, and how.
MUTANTS: dict[str, tuple[str, Callable[[Patch], None]]] = {
    "every program is everybody's to run": (
        "desk-applications",
        replaces(ProgramQuerySet, "held_by", everything),
    ),
    "every cohort is every coordinator's": (
        "desk-participants",
        replaces(CohortQuerySet, "coordinated_by", everything),
    ),
    "an observer runs the program": (
        "desk-matches",
        replaces(ProgramQuerySet, "coordinated_by", ProgramQuerySet.watched_by),
    ),
    "a reviewer reads the figures": (
        "desk-cohort",
        replaces(
            ProgramQuerySet,
            "watched_by",
            lambda self, user: self.held_by(user, "coordinator", "observer", "reviewer"),
        ),
    ),
    "every match is everybody's": (
        "match-detail",
        replaces(MatchQuerySet, "of", everything),
    ),
    "every check-in is everybody's": (
        "checkin-detail",
        replaces(CheckInQuerySet, "of", everything),
    ),
    "every application is everybody's": (
        "application-detail",
        replaces(ApplicationQuerySet, "of", everything),
    ),
    "every application lies on every desk": (
        "desk-application-decide",
        replaces(ApplicationQuerySet, "coordinated_by", everything),
    ),
    "a reviewer reads what was given to others": (
        "desk-review",
        replaces(ApplicationQuerySet, "assigned_to", everything),
    ),
    "names are not hidden from reviewers": (
        "desk-review",
        replaces(blind, "name_for_reviewer", lambda application: application.applicant.name),
    ),
    "every run is every coordinator's": (
        "desk-run",
        replaces(MatchingRunQuerySet, "coordinated_by", everything),
    ),
    "nobody need be logged in": ("profile", undecorates("profile")),
    "a view takes every method": ("match-detail", undecorates("match-detail")),
    "allauth takes every method": (
        "account_login",
        replaces(FewMethodsMiddleware, "ANSWERED", (*ANSWERED, *UNUSUAL)),
    ),
    "the dashboard has no door": (
        "desk-history",
        replaces(DashboardSite, "has_permission", lambda *_: True),
    ),
    "a link opens every page of its person": (
        "checkin-detail",
        replaces(access, "link_in", opens_anything),
    ),
    "a link outlives the account": (
        "checkin-answer",
        replaces(access, "link_in", outlives_the_account),
    ),
    "a foreign page says that it exists": (
        "desk-survey",
        replaces(feedback_desk, "get_object_or_404", forbids),
    ),
    "a draft cohort takes applications": (
        "application-new",
        replaces(CohortQuerySet, "public", everything),
    ),
    "the applicant reads what was noted": (
        "application-detail",
        shows("programs/application_detail.html", "{{ application.note }}"),
    ),
    "the dashboard shows what a pair noted": (
        "admin:feedback_checkin_change",
        replaces(CHECKINS, "fields", ("number", "notes")),
    ),
    "every text is everybody's to read": (
        "text-detail",
        replaces(TextVersionQuerySet, "readable_by", everything),
    ),
    "every text is every coordinator's": (
        "desk-text",
        replaces(RequiredTextQuerySet, "coordinated_by", everything),
    ),
    "anybody takes a duty that was offered": (
        "duty-invitation",
        replaces(MemberInvitationQuerySet, "for_person", everything),
    ),
    "every duty is every coordinator's to end": (
        "desk-member-remove",
        replaces(MembershipQuerySet, "coordinated_by", everything),
    ),
    "every part in a cohort is everybody's": (
        "participation-detail",
        replaces(ParticipantQuerySet, "of", everything),
    ),
    "every objective is every coordinator's": (
        "desk-objective",
        replaces(ObjectiveQuerySet, "coordinated_by", everything),
    ),
    "every invitation is every coordinator's": (
        "desk-invitation-withdraw",
        replaces(InvitationToApplyQuerySet, "coordinated_by", everything),
    ),
    "every decision is every coordinator's to undo": (
        "desk-batch-undo",
        replaces(BatchQuerySet, "coordinated_by", everything),
    ),
    "every list that was brought is every coordinator's": (
        "desk-import-job",
        replaces(ImportJobQuerySet, "coordinated_by", everything),
    ),
    "every person is every coordinator's": (
        "desk-person",
        replaces(ParticipantQuerySet, "coordinated_by", everything),
    ),
    "every answer is every coordinator's to correct": (
        "desk-answers-edit",
        replaces(ApplicationQuerySet, "coordinated_by", everything),
    ),
    "every cohort can be taken along": (
        "desk-applications-export",
        replaces(CohortQuerySet, "coordinated_by", everything),
    ),
    "everybody previews every cohort": (
        "desk-preview",
        replaces(CohortQuerySet, "coordinated_by", everything),
    ),
    "my data is that of others too": (
        "my-data",
        replaces(Held, "rows_of", lambda self, person: self.model._default_manager.all()),
    ),
    "an observer changes the dates": (
        "desk-cohort-edit",
        replaces(ProgramQuerySet, "coordinated_by", ProgramQuerySet.watched_by),
    ),
    "whoever has a duty gives the program its look": (
        "desk-look",
        replaces(
            ProgramQuerySet,
            "coordinated_by",
            lambda self, user: self.held_by(user, "coordinator", "observer", "reviewer"),
        ),
    ),
    "a list shows the rows of all programs": (
        "admin:matching_match_changelist",
        replaces(type(MATCHES), "get_queryset", lambda *_: Match.objects.all()),
    ),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_the_matrix_notices(world: World, monkeypatch: Patch, mutant: str) -> None:
    """That it finds nothing before the mutation, tests/test_house.py says."""
    name, mutate = MUTANTS[mutant]
    mutate(monkeypatch)
    entries = [page for page in pages() if page.name == name]
    assert any(trouble for page in entries for trouble in walk(world, ROUTES[name], page))
