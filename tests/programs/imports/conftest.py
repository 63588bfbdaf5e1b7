from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from programs.actions import cohorts
from programs.actions import programs as program_actions
from programs.models import Cohort, Role, User
from programs.questions import make_questionnaire

SAMPLES = Path(__file__).resolve().parents[3] / "samples"


@pytest.fixture
def coordinator(db: None) -> User:
    return User.objects.create_user(
        "carol@example.org", "a long password", name="Carol Coordinator"
    )


@pytest.fixture
def new_cohort(coordinator: User) -> Callable[..., Cohort]:
    """A program of its own with one cohort whose forms ask these questions."""

    def make(mentor_keys: tuple[str, ...] = (), mentee_keys: tuple[str, ...] = ()) -> Cohort:
        return cohorts.create(
            program_actions.create_program(by=coordinator, name="Guides", purpose="To learn."),
            by=coordinator,
            name="Spring",
            time_zone="Europe/Berlin",
            apply_from=date(2026, 1, 1),
            apply_until=date(2026, 1, 31),
            starts_on=date(2026, 2, 15),
            ends_on=date(2026, 8, 15),
            mentor_questions=make_questionnaire("Mentors", mentor_keys, Role.MENTOR),
            mentee_questions=make_questionnaire("Mentees", mentee_keys, Role.MENTEE),
            policy={"name": "Any"},
        )

    return make


@pytest.fixture
def cohort(new_cohort: Callable[..., Cohort]) -> Cohort:
    return new_cohort()


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a file, from text or bytes, and say where it is."""

    def write(content: str | bytes, name: str = "mentors.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write
