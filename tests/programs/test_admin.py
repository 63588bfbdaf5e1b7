"""The stock pages under /admin/: scoped, and never past an action."""

import pytest
from django.test import Client
from django.urls import reverse

from programs.actions import cohorts
from programs.models import Cohort
from tests.cast import Troupe
from tests.factories.programs import UserFactory

pytestmark = pytest.mark.django_db


def test_nobody_appoints_anybody_here(as_coordinator: Client) -> None:
    owner = Client()
    owner.force_login(UserFactory(is_superuser=True))
    for client in (as_coordinator, owner):
        assert client.get(reverse("admin:programs_membership_add")).status_code == 403


def test_programs_and_cohorts_are_read_here_and_changed_on_their_own_pages(
    as_coordinator: Client, here: Troupe
) -> None:
    for name, code in (("program", here.program.code), ("cohort", here.cohort.code)):
        url = reverse(f"admin:programs_{name}_change", args=[code])
        assert as_coordinator.get(url).status_code == 200
        assert as_coordinator.post(url, {"name": "Other"}).status_code == 403
        assert as_coordinator.get(reverse(f"admin:programs_{name}_add")).status_code == 403


def test_an_edit_does_not_undo_what_an_action_did_meanwhile(here: Troupe) -> None:
    stale = Cohort.objects.get(pk=here.draft_cohort.pk)
    cohorts.open(here.draft_cohort, by=here.coordinator)
    stale.name = "Renamed"
    cohorts.update(stale, by=here.coordinator, changed=["name"])
    kept = Cohort.objects.get(pk=stale.pk)
    assert (kept.name, kept.opened_at is not None) == ("Renamed", True)
