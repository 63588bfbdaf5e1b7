"""What a cohort lacks before it opens, and what may go wrong."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from programs.actions import cohorts, texts
from programs.models import Cohort, Membership, Program
from programs.readiness import Weight, blockers, findings
from tests.cast import Troupe
from tests.factories.programs import (
    ApplicationFactory,
    CohortFactory,
    MembershipFactory,
    ObjectiveFactory,
    ProgramFactory,
    QuestionnaireFactory,
)

pytestmark = pytest.mark.django_db

# A Monday, long before the dates below.
NOW = datetime.fromisoformat("2026-01-05T12:00+00:00")


@pytest.fixture
def program() -> Program:
    program = ProgramFactory(reply_to="help@example.org")
    for role in ("coordinator", "reviewer"):
        MembershipFactory(program=program, role=role)
    ObjectiveFactory(program=program)
    return program


@pytest.fixture
def cohort(program: Program) -> Cohort:
    cohort = CohortFactory(
        program=program,
        opened_at=None,
        apply_from=date(2026, 2, 2),
        apply_until=date(2026, 3, 2),
        review_until=date(2026, 3, 16),
        match_on=date(2026, 3, 23),
        starts_on=date(2026, 3, 30),
        ends_on=date(2026, 6, 19),
        mentor_places=10,
        mentee_places=10,
    )
    coordinator = program.memberships.get(role="coordinator").user
    texts.write(cohort, by=coordinator, kind="conduct", title="Conduct", body="Be kind.")
    return cohort


def told(cohort: Cohort, weight: Weight | None = None) -> list[str]:
    return [one.text for one in findings(cohort, NOW) if weight in (None, one.weight)]


def test_a_cohort_with_everything_is_ready(cohort: Cohort) -> None:
    assert told(cohort) == []


def test_what_is_missing_keeps_the_cohort_closed(cohort: Cohort) -> None:
    coordinator = cohort.program.memberships.get(role="coordinator").user
    cohort.program.memberships.filter(role=Membership.Role.COORDINATOR).delete()
    cohort.mentee_questions = QuestionnaireFactory(asks=[])
    cohort.save()
    assert told(cohort, Weight.BLOCKS) == [
        "The mentee's form has no questions. Add some.",
        "The program has no coordinator. Appoint one, so that applications are read.",
    ]
    with clock.at(NOW), pytest.raises(RuleBroken, match="no questions"):
        cohorts.open(cohort, by=coordinator)
    cohort.refresh_from_db()
    assert cohort.opened_at is None


@pytest.mark.parametrize(
    "fields,said",
    [
        ({"apply_until": date(2026, 1, 4)}, "The dates for applications are over"),
        ({"starts_on": date(2026, 3, 1)}, "“Start” lies before “Matched”"),
        ({"ends_on": date(2026, 3, 1)}, "“End” lies before “Start”"),
        ({"review_until": date(2026, 3, 1)}, "“Reviewed” lies before “Applications close”"),
    ],
)
def test_dates_that_block(cohort: Cohort, fields: dict[str, date], said: str) -> None:
    for name, day in fields.items():
        setattr(cohort, name, day)
    assert any(said in text for text in told(cohort, Weight.BLOCKS))


@pytest.mark.parametrize(
    "fields,said",
    [
        ({"apply_until": date(2026, 2, 4)}, "People have 3 days to apply"),
        ({"review_until": date(2026, 3, 4)}, "There are 2 days to read the applications"),
        ({"review_until": date(2026, 3, 28), "match_on": None}, "There are 2 days between"),
        ({"apply_until": date(2026, 3, 1)}, "Sunday 1 March, is on a weekend"),
        ({"starts_on": date(2026, 4, 4)}, "The start, Saturday 4 April"),
        ({"mentor_places": 5}, "There are 10 places for mentees and 5 for mentors"),
        ({"mentor_places": None}, "It is not said how many"),
        ({"checkin_weeks": 12}, "once or twice only"),
    ],
)
def test_what_may_go_wrong_is_a_warning(cohort: Cohort, fields: dict[str, Any], said: str) -> None:
    for name, value in fields.items():
        setattr(cohort, name, value)
    assert blockers(cohort, NOW) == []
    assert [text for text in told(cohort, Weight.WARNS) if said in text]


def test_a_program_without_reader_objective_text_or_address_is_warned_of(cohort: Cohort) -> None:
    program = cohort.program
    program.memberships.filter(role="reviewer").delete()
    program.objectives.all().delete()
    cohort.texts.update(retired_at=NOW)
    program.reply_to = ""
    words = " ".join(told(cohort, Weight.WARNS))
    for said in ("second reader", "no objectives", "code of conduct", "no address"):
        assert said in words


def test_skills_that_more_people_want_than_mentors_have_places_for(cohort: Cohort) -> None:
    for skills in (["Python", "Go"], ["python "], ["Python"]):
        ApplicationFactory(cohort=cohort, answers={"skills_wanted": skills})
    ApplicationFactory(cohort=cohort, status="draft", answers={"skills_wanted": ["Python"]})
    ApplicationFactory(
        cohort=cohort, role="mentor", answers={"skills_offered": ["Python", "Go"], "capacity": 2}
    )
    assert told(cohort) == ["Python: 3 want to learn it, mentors have 2 places."]


def test_the_page_lists_findings_with_a_way_to_mend_each(
    as_coordinator: Client, here: Troupe
) -> None:
    cohort = CohortFactory(program=here.program, stage="ended", opened_at=None)
    page = as_coordinator.get(reverse("desk-readiness", args=[cohort.code])).content.decode()
    assert "Missing before it can open" in page
    assert reverse("desk-cohort-edit", args=[cohort.code]) in page
    assert "Add what is missing first." in page
    ready = here.draft_cohort
    page = as_coordinator.get(reverse("desk-readiness", args=[ready.code])).content.decode()
    assert reverse("desk-cohort-open", args=[ready.code]) in page


def test_every_finding_leads_to_a_page_that_is_there(as_coordinator: Client, here: Troupe) -> None:
    cohort = CohortFactory(
        program=here.program,
        stage="ended",
        opened_at=None,
        mentor_questions=QuestionnaireFactory(asks=[]),
    )
    at = clock.now() - timedelta(days=1)
    for finding in findings(cohort, at):
        assert as_coordinator.get(finding.url).status_code == 200, finding
