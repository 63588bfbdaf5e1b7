"""Setting up programs and cohorts in the dashboard: from a template, as a copy, by hand."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from programs.actions import applications, cohorts, programs
from programs.models import Cohort, Program, Stage
from tests.cast import Troupe
from tests.factories.programs import (
    ApplicationFactory,
    CohortFactory,
    MembershipFactory,
    ParticipantFactory,
    ProgramFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

DAYS = ("apply_from", "apply_until", "review_until", "match_on", "starts_on", "ends_on")


@pytest.fixture
def as_owner() -> Client:
    client = Client()
    client.force_login(UserFactory(is_superuser=True, time_zone="Europe/Berlin"))
    return client


def fields_of(cohort: Cohort, **changed: Any) -> dict[str, Any]:
    """What the form of this cohort sends, with some answers changed."""
    sent: dict[str, Any] = {
        "name": cohort.name,
        "time_zone": cohort.time_zone,
        "checkin_weeks": cohort.checkin_weeks,
        "checkin_minutes": cohort.checkin_minutes,
        "flexible_weeks": cohort.flexible_weeks,
    }
    days = {name: getattr(cohort, name) for name in DAYS}
    told = {name: day.isoformat() for name, day in days.items() if day is not None}
    return {**sent, **told, **changed}


def edit(client: Client, cohort: Cohort, **changed: Any) -> Any:
    url = reverse("desk-cohort-edit", args=[cohort.code])
    return client.post(url, fields_of(cohort, **changed))


# --- New programs ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "blueprint", ["one_to_one", "onboarding", "women_in_tech", "return_to_work", "pilot"]
)
def test_the_owner_makes_a_program_from_a_template_that_can_open_at_once(
    as_owner: Client, blueprint: str
) -> None:
    answer = as_owner.post(
        reverse("desk-program-new"),
        {"name": "New", "blueprint": blueprint, "time_zone": "Asia/Tokyo"},
    )
    program, cohort = Program.objects.get(), Cohort.objects.get()
    assert answer.url == reverse("desk-cohort-setup", args=[cohort.code])
    assert list(program.memberships.values_list("role", flat=True)) == ["coordinator"]
    told = (program.purpose, program.outcomes, program.for_mentors, program.for_mentees)
    assert all(told)
    assert cohort.policy["name"]
    assert cohort.time_zone == "Asia/Tokyo"
    assert cohort.objectives.count() >= 2
    assert cohort.starts_on.weekday() == 0
    assert cohort.apply_from > clock.now().date()
    coordinator = program.memberships.get().user
    assert cohorts.open(cohort, by=coordinator).opened_at is not None


def test_the_owner_makes_an_empty_program_and_is_asked_for_its_purpose(as_owner: Client) -> None:
    answer = as_owner.post(
        reverse("desk-program-new"), {"name": "New", "blueprint": "", "time_zone": "Asia/Tokyo"}
    )
    program = Program.objects.get()
    assert answer.url == reverse("desk-program-edit", args=[program.code])
    assert not program.cohorts.exists()


def test_nobody_else_makes_programs(as_coordinator: Client) -> None:
    assert as_coordinator.get(reverse("desk-program-new")).status_code == 403
    assert as_coordinator.post(reverse("desk-program-new"), {"name": "New"}).status_code == 403


def test_a_coordinator_edits_the_words_of_the_program(as_coordinator: Client, here: Troupe) -> None:
    url = reverse("desk-program-edit", args=[here.program.code])
    sent = {"name": "Renamed", "purpose": "To learn together.", "outcomes": "More courage."}
    assert as_coordinator.post(url, sent).status_code == 302
    here.program.refresh_from_db()
    assert (here.program.name, here.program.outcomes) == ("Renamed", "More courage.")
    assert "outcomes" in AuditEvent.objects.get(verb="program.changed").details["fields"]
    assert as_coordinator.post(url, sent | {"purpose": ""}).status_code == 422


def test_the_program_page_is_the_observers_too_without_its_buttons(here: Troupe) -> None:
    client = Client()
    client.force_login(here.observer)
    page = client.get(reverse("desk-program", args=[here.program.code])).content.decode()
    assert "heron objective" in page
    assert "Archive the program" not in page
    assert "Change the words" not in page


# --- New cohorts ----------------------------------------------------------------------------------


def test_a_copy_keeps_forms_rhythm_policy_and_places_and_moves_by_whole_weeks(
    as_coordinator: Client, here: Troupe
) -> None:
    old = here.cohort
    old.mentor_places, old.has_flexible_pace, old.checkin_weeks = 7, True, 3
    old.save()
    wanted = old.starts_on + timedelta(weeks=30, days=2)
    sent = {
        "source": f"cohort-{old.code}",
        "name": "Again",
        "starts_on": wanted.isoformat(),
        "time_zone": "Asia/Tokyo",
    }
    url = reverse("desk-cohort-new", args=[here.program.code])
    assert as_coordinator.post(url, sent).status_code == 302
    new = Cohort.objects.get(name="Again")
    moved = new.starts_on - old.starts_on
    assert moved == timedelta(weeks=31)
    for name in DAYS:
        before = getattr(old, name)
        assert getattr(new, name) == (None if before is None else before + moved)
    assert (new.mentor_places, new.has_flexible_pace, new.checkin_weeks) == (7, True, 3)
    assert (new.policy, new.time_zone, new.opened_at) == (old.policy, "Asia/Tokyo", None)
    assert new.questions_for("mentee") == old.questions_for("mentee")


def test_a_copy_of_a_cohort_that_is_always_on_is_always_on(here: Troupe) -> None:
    old = CohortFactory(program=here.program, always_on=True)
    new = cohorts.clone(
        old,
        by=here.coordinator,
        name="Again",
        time_zone="UTC",
        starts_on=old.starts_on + timedelta(weeks=52),
    )
    assert (new.is_always_on, new.apply_until, new.match_weeks) == (True, None, 8)


@pytest.mark.parametrize("source", ["empty", "pilot", "onboarding"])
def test_a_cohort_starts_empty_or_from_a_template(
    as_coordinator: Client, here: Troupe, source: str
) -> None:
    url = reverse("desk-cohort-new", args=[here.program.code])
    sent = {"source": source, "name": "Next", "starts_on": "2030-01-07", "time_zone": "UTC"}
    assert as_coordinator.post(url, sent).status_code == 302
    cohort = Cohort.objects.get(name="Next")
    assert cohort.starts_on == date(2030, 1, 7)
    assert cohort.mentee_questions.questions.filter(key="motivation").exists() or (
        source == "onboarding"
    )


def test_a_cohort_of_another_program_is_not_copied(
    as_coordinator: Client, here: Troupe, elsewhere: Troupe
) -> None:
    sent = {
        "source": f"cohort-{elsewhere.cohort.code}",
        "name": "Next",
        "starts_on": "2030-01-07",
        "time_zone": "UTC",
    }
    mine = reverse("desk-cohort-new", args=[here.program.code])
    assert as_coordinator.post(mine, sent).status_code == 422
    theirs = reverse("desk-cohort-new", args=[elsewhere.program.code])
    assert as_coordinator.post(theirs, sent | {"source": "empty"}).status_code == 404
    assert not Cohort.objects.filter(name="Next").exists()


# --- Editing --------------------------------------------------------------------------------------


def test_a_deadline_is_put_later_and_a_draft_goes_on(as_coordinator: Client, here: Troupe) -> None:
    cohort = here.next_cohort
    draft = ApplicationFactory(cohort=cohort, applicant=here.mentee.user, status="draft")
    zone = ZoneInfo(cohort.time_zone)
    day_after = datetime.combine(cohort.apply_until + timedelta(days=1), time(9), zone)
    with clock.at(day_after):
        with pytest.raises(RuleBroken, match="closed"):
            applications.save(draft, by=here.mentee.user, answers={"motivation": "Late"})
        later = cohort.apply_until + timedelta(days=3)
        as_coordinator.force_login(here.coordinator)
        assert edit(as_coordinator, cohort, apply_until=later.isoformat()).status_code == 302
        draft.refresh_from_db()
        applications.save(draft, by=here.mentee.user, answers={"motivation": "In time"})
    draft.refresh_from_db()
    assert draft.answers == {"motivation": "In time"}


def test_a_deadline_people_count_on_does_not_move_into_the_past(
    as_coordinator: Client, here: Troupe
) -> None:
    cohort = here.next_cohort
    past = clock.now().date() - timedelta(days=3)
    sent = {"apply_from": (past - timedelta(days=9)).isoformat(), "apply_until": past.isoformat()}
    answer = edit(as_coordinator, cohort, **sent)
    assert answer.status_code == 409
    assert "cannot lie in the past" in answer.content.decode()
    cohort.refresh_from_db()
    assert cohort.apply_until > past


def test_changed_dates_say_that_planned_check_ins_stay(
    as_coordinator: Client, here: Troupe
) -> None:
    planned = here.checkin.starts_at
    later = here.cohort.ends_on + timedelta(weeks=2)
    url = reverse("desk-cohort-edit", args=[here.cohort.code])
    sent = fields_of(here.cohort, ends_on=later.isoformat())
    page = as_coordinator.post(url, sent, follow=True).content.decode()
    assert "stay where they are" in page
    here.checkin.refresh_from_db()
    assert here.checkin.starts_at == planned


@pytest.mark.parametrize(
    "name,days",
    [("apply_until", -400), ("starts_on", -400), ("ends_on", -400), ("review_until", -400)],
)
def test_dates_in_the_wrong_order_are_a_sentence_at_their_field(
    as_coordinator: Client, here: Troupe, name: str, days: int
) -> None:
    day = here.draft_cohort.starts_on + timedelta(days=days)
    answer = edit(as_coordinator, here.draft_cohort, **{name: day.isoformat()})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "This must come after" in page
    assert "Constraint" not in page


def test_a_cohort_becomes_always_on_and_a_round_again(as_coordinator: Client, here: Troupe) -> None:
    cohort = here.draft_cohort
    assert edit(as_coordinator, cohort, is_always_on="on").status_code == 422  # how many weeks?
    answer = edit(as_coordinator, cohort, is_always_on="on", match_weeks="10")
    assert answer.status_code == 302
    cohort.refresh_from_db()
    assert (cohort.is_always_on, cohort.apply_until, cohort.ends_on) == (True, None, None)
    last = (cohort.starts_on + timedelta(weeks=12)).isoformat()
    until = (cohort.starts_on - timedelta(days=3)).isoformat()
    assert edit(as_coordinator, cohort, apply_until=until, ends_on=last).status_code == 302
    cohort.refresh_from_db()
    assert (cohort.is_always_on, cohort.match_weeks) == (False, None)


def test_one_to_one_is_chosen_before_anybody_comes(as_coordinator: Client, here: Troupe) -> None:
    edit(as_coordinator, here.draft_cohort)
    here.draft_cohort.refresh_from_db()
    assert here.draft_cohort.is_one_to_one is False
    edit(as_coordinator, here.next_cohort)
    here.next_cohort.refresh_from_db()
    assert here.next_cohort.is_one_to_one is True


# --- Archive --------------------------------------------------------------------------------------


def test_a_cohort_is_archived_and_brought_back(as_coordinator: Client, here: Troupe) -> None:
    cohort = CohortFactory(program=here.program, stage="ended", name="Old round")
    ParticipantFactory(cohort=cohort)
    url = reverse("desk-cohort-archive", args=[cohort.code])
    assert as_coordinator.post(url).url == reverse("desk-archive")
    cohort.refresh_from_db()
    assert cohort.stage_now == Stage.ARCHIVED
    assert "Old round" in as_coordinator.get(reverse("desk-archive")).content.decode()
    for name, args in (("admin:index", []), ("desk-program", [here.program.code])):
        as_coordinator.get(reverse("admin:index"))  # takes the message away
        assert "Old round" not in as_coordinator.get(reverse(name, args=args)).content.decode()
    as_coordinator.post(reverse("desk-cohort-restore", args=[cohort.code]))
    cohort.refresh_from_db()
    assert cohort.stage_now == Stage.ENDED
    verbs = AuditEvent.objects.filter(subject_code=cohort.code).values_list("verb", flat=True)
    assert set(verbs) == {"cohort.archived", "cohort.restored"}


def test_a_round_in_which_people_work_is_not_archived(here: Troupe) -> None:
    with pytest.raises(RuleBroken, match="until"):
        cohorts.archive(here.cohort, by=here.coordinator)
    always = CohortFactory(program=here.program, always_on=True, stage="running")
    assert cohorts.archive(always, by=here.coordinator).archived_at is not None
    cohorts.take_back(always, by=here.coordinator)
    ParticipantFactory(cohort=always)
    with pytest.raises(RuleBroken, match="last day"):
        cohorts.archive(always, by=here.coordinator)


def test_a_program_takes_its_cohorts_along_and_brings_only_those_back() -> None:
    by = UserFactory()
    program = ProgramFactory()
    MembershipFactory(program=program, user=by)
    earlier = CohortFactory(program=program, stage="ended", archived_at=clock.now())
    last = CohortFactory(program=program, stage="ended")
    with clock.at(clock.now() + timedelta(hours=1)):
        programs.archive(program, by=by)
        programs.archive(program, by=by)
    last.refresh_from_db()
    assert last.archived_at is not None
    with pytest.raises(RuleBroken, match="program is archived"):
        cohorts.take_back(last, by=by)
    programs.take_back(program, by=by)
    programs.take_back(program, by=by)
    last.refresh_from_db()
    earlier.refresh_from_db()
    assert (last.archived_at, earlier.archived_at is not None) == (None, True)


def test_what_is_archived_is_not_changed(as_coordinator: Client, here: Troupe) -> None:
    cohort = CohortFactory(program=here.program, stage="ended", archived_at=clock.now())
    answer = edit(as_coordinator, cohort, name="Renamed")
    assert answer.status_code == 409
    assert "Bring it back first" in answer.content.decode()
    here.program.archived_at = clock.now()
    here.program.save()
    with pytest.raises(RuleBroken, match="Bring it back"):
        cohorts.create_empty(
            here.program,
            by=here.coordinator,
            name="New",
            time_zone="UTC",
            starts_on=date(2030, 1, 7),
        )


# --- Lists ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["desk-archive", "desk-program", "desk-objectives"])
def test_a_list_asks_as_often_for_three_rows_as_for_one(
    as_coordinator: Client, here: Troupe, django_assert_max_num_queries: Any, name: str
) -> None:
    url = reverse(name, args=[] if name == "desk-archive" else [here.program.code])

    def count() -> int:
        with django_assert_max_num_queries(20) as asked:
            assert as_coordinator.get(url).status_code == 200
        return len(asked)

    CohortFactory(program=here.program, stage="ended", archived_at=clock.now())
    before = count()
    for _ in range(2):
        CohortFactory(program=here.program, stage="ended", archived_at=clock.now())
        cohort = CohortFactory(program=here.program)
        type(here.objective).objects.create(
            program=here.program,
            cohort=cohort,
            statement="More",
            baseline=0,
            target=1,
            due_on=cohort.ends_on,
            metric="match_rate",
        )
    assert count() == before


def test_the_set_up_page_asks_at_most_twenty_questions(
    as_coordinator: Client, here: Troupe, django_assert_max_num_queries: Any
) -> None:
    for name in ("desk-cohort-setup", "desk-readiness"):
        with django_assert_max_num_queries(20):
            as_coordinator.get(reverse(name, args=[here.next_cohort.code]))
