"""The stock pages under /admin/: scoped, and never past an action."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from programs.actions import cohorts
from programs.models import Cohort, Membership, Program
from tests.cast import Troupe
from tests.factories.programs import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_owner() -> Client:
    client = Client()
    client.force_login(UserFactory(is_superuser=True))
    return client


def test_the_owner_makes_a_program_and_runs_it(as_owner: Client) -> None:
    answer = as_owner.post(
        reverse("admin:programs_program_add"), {"name": "New", "purpose": "To learn together."}
    )
    assert answer.status_code == 302
    program = Program.objects.get()
    assert list(program.memberships.values_list("role", flat=True)) == ["coordinator"]
    assert set(AuditEvent.objects.values_list("verb", flat=True)) == {
        "program.created",
        "member.appointed",
    }


def test_the_owner_appoints_somebody_by_address(as_owner: Client, here: Troupe) -> None:
    person = UserFactory(email="new.coordinator@example.org")
    fields = {"program": here.program.pk, "role": "coordinator"}
    url = reverse("admin:programs_membership_add")
    unknown = as_owner.post(url, fields | {"email": "nobody@example.org"})
    assert "There is no account with this address" in unknown.content.decode()
    assert as_owner.post(url, fields | {"email": "NEW.Coordinator@example.org"}).status_code == 302
    assert Membership.objects.filter(user=person, program=here.program).count() == 1


def test_a_coordinator_appoints_nobody(as_coordinator: Client) -> None:
    assert as_coordinator.get(reverse("admin:programs_membership_add")).status_code == 403


def new_cohort(program: Program) -> dict[str, object]:
    today = clock.now().date()
    return {
        "program": program.pk,
        "name": "Next",
        "time_zone": "Europe/Berlin",
        "apply_from": today,
        "apply_until": today + timedelta(days=20),
        "starts_on": today + timedelta(days=30),
        "ends_on": today + timedelta(days=120),
        "checkin_weeks": 2,
        "checkin_minutes": 45,
        "is_one_to_one": "on",
    }


def test_a_coordinator_makes_a_cohort_with_forms_to_start_from(
    as_coordinator: Client, here: Troupe
) -> None:
    answer = as_coordinator.post(reverse("admin:programs_cohort_add"), new_cohort(here.program))
    assert answer.status_code == 302, answer.content
    cohort = Cohort.objects.get(name="Next")
    assert cohort.mentee_questions.questions.filter(key="skills_wanted").exists()
    assert cohort.mentor_questions.questions.filter(key="skills_offered").exists()
    assert cohort.opened_at is None


def test_a_cohort_cannot_be_put_into_somebody_elses_program(
    as_coordinator: Client, here: Troupe, elsewhere: Troupe
) -> None:
    answer = as_coordinator.post(
        reverse("admin:programs_cohort_add"), new_cohort(elsewhere.program)
    )
    assert answer.status_code == 200
    assert not Cohort.objects.filter(name="Next").exists()


def test_dates_in_the_wrong_order_are_a_sentence(as_coordinator: Client, here: Troupe) -> None:
    fields = new_cohort(here.program)
    fields["starts_on"], fields["ends_on"] = fields["ends_on"], fields["starts_on"]
    answer = as_coordinator.post(reverse("admin:programs_cohort_add"), fields)
    assert answer.status_code == 200
    assert not Cohort.objects.filter(name="Next").exists()
    assert "errornote" in answer.content.decode()


def test_a_changed_cohort_is_in_the_history(as_coordinator: Client, here: Troupe) -> None:
    url = reverse("admin:programs_cohort_change", args=[here.next_cohort.code])
    fields = new_cohort(here.program) | {"name": "Renamed", "checkin_weeks": 3}
    assert as_coordinator.post(url, fields).status_code == 302
    here.next_cohort.refresh_from_db()
    assert (here.next_cohort.name, here.next_cohort.checkin_weeks) == ("Renamed", 3)
    event = AuditEvent.objects.get(verb="cohort.changed")
    assert "name" in event.details["fields"]


def test_an_edit_does_not_undo_what_an_action_did_meanwhile(here: Troupe) -> None:
    stale = Cohort.objects.get(pk=here.draft_cohort.pk)
    cohorts.open(here.draft_cohort, by=here.coordinator)
    stale.name = "Renamed"
    cohorts.update(stale, by=here.coordinator, changed=["name"])
    kept = Cohort.objects.get(pk=stale.pk)
    assert (kept.name, kept.opened_at is not None) == ("Renamed", True)


def test_the_history_names_people_and_the_log_does_not(
    as_owner: Client, as_coordinator: Client, here: Troupe
) -> None:
    person = UserFactory(name="Ann Newcomer", email="ann@example.org")
    as_owner.post(
        reverse("admin:programs_membership_add"),
        {"program": here.program.pk, "role": "observer", "email": person.email},
    )
    event = AuditEvent.objects.get(verb="member.appointed")
    assert "Ann" not in str(event.details)
    page = as_coordinator.get(reverse("desk-history", args=[here.cohort.code])).content.decode()
    assert "gave Ann Newcomer a duty: observer" in page
