"""While applications come in: supply and demand by skill, and what lies half-finished."""

import pytest
from django.urls import reverse

from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications.models import OutboxMessage
from mentorship.shared.questions.kinds import Kind
from programs import drafts, supply
from programs.actions import unfinished
from tests.factories.programs import (
    ApplicationFactory,
    CohortFactory,
    QuestionnaireFactory,
    UserFactory,
)


@pytest.fixture
def cohort(db):
    return CohortFactory()


def mentor(cohort, *skills, capacity=1, **fields):
    answers = {"skills_offered": list(skills), "capacity": capacity}
    return ApplicationFactory(cohort=cohort, role="mentor", answers=answers, **fields)


def mentee(cohort, *skills, **fields):
    return ApplicationFactory(cohort=cohort, answers={"skills_wanted": list(skills)}, **fields)


def test_seats_and_wishes_are_counted_by_skill(cohort):
    mentor(cohort, "Python", "Go", capacity=3)
    mentor(cohort, "python", capacity=None)
    for _ in range(2):
        mentee(cohort, "Python ", " Rust")
    mentee(cohort, "Rust", "rust")
    for gone in ("declined", "withdrawn", "draft", "lapsed"):
        mentee(cohort, "Cobol", status=gone)
    market = supply.market_of(cohort)
    told = {one.name: (one.seats, one.wishes, one.gap) for one in market.skills}
    assert told == {"Rust": (0, 3, 3), "Python": (4, 2, -2), "Go": (3, 0, -3)}
    assert [one.name for one in market.skills] == ["Rust", "Python", "Go"]
    assert (market.mentors, market.mentees, market.seats) == (2, 3, 4)
    assert [one.name for one in market.short] == ["Rust"]


def test_skills_with_levels_are_counted_too(db):
    cohort = CohortFactory(
        mentee_questions=QuestionnaireFactory(asks=[("skills_wanted", Kind.SKILLS)])
    )
    answers = {
        "skills_wanted": [
            {"name": "SQL", "now": 1, "wanted": 3},
            {"name": "Known", "now": 4, "wanted": 4},
        ]
    }
    ApplicationFactory(cohort=cohort, answers=answers)
    assert {one.name: one.wishes for one in supply.market_of(cohort).skills} == {"SQL": 1}


def test_only_the_most_wished_for_are_shown(cohort):
    for n in range(30):
        mentee(cohort, *(f"skill {k}" for k in range(n + 1)))
    market = supply.market_of(cohort, most=5)
    assert ([one.name for one in market.skills], market.named) == (
        [f"skill {k}" for k in range(5)],
        30,
    )


def test_a_coordinator_sees_the_picture_and_its_numbers(here, as_coordinator):
    url = reverse("desk-supply", args=[here.cohort.code])
    assert "No application names a skill" in as_coordinator.get(url).content.decode()
    mentor(here.cohort, "Go", capacity=2)
    mentee(here.cohort, "Rust")
    text = as_coordinator.get(url).content.decode()
    assert "More wishes than seats" in text
    assert '<th scope="row">Rust</th>' in text


# --- Half-finished ----------------------------------------------------------------------------


def test_how_far_a_draft_is(cohort):
    form = cohort.mentee_questions
    form.questions.filter(key="skills_wanted").update(section="Skills")
    told = drafts.progress_of(form, {"motivation": "m", "skills_wanted": ["x"], "time_zone": ""})
    assert (told.answered, told.asked, told.number, told.steps) == (2, 3, 2, 2)
    assert (told.step, told.share) == ("Skills", pytest.approx(2 / 3))
    assert drafts.progress_of(form, {}).number == 0


def test_where_people_stop(cohort):
    for answers in ({}, {"motivation": "m"}, {"skills_wanted": ["x"]}, {"skills_wanted": ["y"]}):
        ApplicationFactory(cohort=cohort, status="draft", answers=answers)
    ApplicationFactory(cohort=cohort, answers={"time_zone": "UTC"})
    assert drafts.where_people_stop(cohort, "mentee") == [
        ("", 1),
        ("About motivation?", 1),
        ("About skills_wanted?", 2),
    ]
    assert drafts.where_people_stop(cohort, "mentor") == []


def test_a_coordinator_sees_how_far_drafts_are_and_not_what_they_say(here, as_coordinator):
    ApplicationFactory(
        cohort=here.next_cohort,
        status="draft",
        applicant=UserFactory(name="Dora"),
        answers={"motivation": "my private thoughts"},
    )
    url = reverse("desk-drafts", args=[here.next_cohort.code])
    text = as_coordinator.get(url).content.decode()
    assert "Dora" in text
    assert "1 of 3" in text
    assert "private thoughts" not in text
    remind = reverse("desk-drafts-remind", args=[here.next_cohort.code])
    told = as_coordinator.post(remind, follow=True).content.decode()
    assert "1 person is reminded by mail" in told
    assert "0 people are reminded" in as_coordinator.post(remind, follow=True).content.decode()
    assert OutboxMessage.objects.filter(kind="application_unfinished").count() == 1


def test_nobody_is_reminded_when_it_is_too_late(db):
    cohort = CohortFactory(stage="matching")
    ApplicationFactory(cohort=cohort, status="draft")
    with pytest.raises(RuleBroken, match="takes no applications"):
        unfinished.remind(cohort, by=UserFactory())
