"""What the made programs are made of: lists of people, policies and forms."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings

from mentorship.demo import texts
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.questions.models import Questionnaire
from programs.actions.imports import import_applications
from programs.models import Cohort, Role, User
from programs.questions import add_question, make_questionnaire

SAMPLES = Path(settings.BASE_DIR) / "samples"


def bring(sample: str, cohort: Cohort, by: User, *, accept: bool = False) -> None:
    """The people of a sample apply; with `accept` they are in. RuleBroken for a row that is not."""
    folder = SAMPLES / sample
    report = import_applications(
        cohort,
        by=by,
        mentors=folder / "mentors.csv",
        mentees=folder / "mentees.csv",
        mapping=folder / "mapping.toml",
        accept=accept,
    )
    if report.rejected_total:
        first = report.rejected[0]
        raise RuleBroken(f"{first.file}, row {first.row}, {first.column}: {first.reason}")


def policy_of(sample: str) -> dict[str, Any]:
    """What a sample is matched by."""
    return tomllib.loads((SAMPLES / sample / "policy.toml").read_text())


def questionnaire(title: str, questions: tuple[dict[str, Any], ...]) -> Questionnaire:
    """A form of these questions."""
    form = Questionnaire.objects.create(title=title)
    for question in questions:
        add_question(form, question)
    return form


def in_steps(title: str, keys: Iterable[str], role: Role) -> Questionnaire:
    """A form of ready-made questions that is asked page by page."""
    form = make_questionnaire(title, keys, role)
    for key, heading in texts.STEPS.items():
        form.questions.filter(key=key).update(section=heading)
    return form
