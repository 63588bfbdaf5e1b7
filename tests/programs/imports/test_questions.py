import csv
import tomllib

import pytest

from mentorship.shared.questions.forms import form_for
from mentorship.shared.questions.kinds import Kind
from mentorship.shared.questions.models import Question, Questionnaire
from programs.models import Role
from programs.questions import (
    READY_MADE,
    QuestionSpec,
    add_question,
    declared,
    make_questionnaire,
    ready_made,
    ready_made_for,
)
from programs.questions.personality import PERSONALITY
from tests.programs.imports.conftest import SAMPLES

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", Role)
def test_all_ready_made_questions_make_a_form_that_asks_them(role: Role) -> None:
    keys = [spec.key for spec in ready_made_for(role)]

    questionnaire = make_questionnaire("All", keys, role)

    form = form_for(questionnaire, {"motivation": "To learn."})
    assert form.is_valid(), form.errors
    assert list(form.fields) == keys
    assert form.answers() == {"motivation": "To learn."}
    for question in questionnaire.questions.all():
        question.full_clean()
    assert [key for key in keys if form.fields[key].required] == ["motivation"]


def test_every_fact_of_both_policies_is_asked() -> None:
    facts = {spec.fact for spec in READY_MADE}

    for policy in SAMPLES.glob("*/policy.toml"):
        for criterion in tomllib.loads(policy.read_text())["criterion"]:
            named = {criterion["mentee"], criterion["mentor"], criterion.get("when")}
            # computed from the time zone on the day of a run
            assert named - {None, "utc_offset"} <= facts


def test_every_column_of_the_survey_has_its_question() -> None:
    for name, role in {"mentors": Role.MENTOR, "mentees": Role.MENTEE}.items():
        with (SAMPLES / "developers-2025" / f"{name}.csv").open(newline="") as stream:
            header = next(csv.reader(stream))
        assert set(header) - {"applicant_id"} <= {spec.key for spec in ready_made_for(role)}


def test_what_is_sensitive_is_marked() -> None:
    assert {spec.key for spec in READY_MADE if spec.is_sensitive} == {
        *(spec.key for spec in PERSONALITY),
        "caregiver",
        "identities",
        "identity_matters",
        "identity_wished",
    }


def test_a_form_takes_a_question_once_and_at_its_end() -> None:
    questionnaire = make_questionnaire("Short", ["country"], Role.MENTEE)

    added = add_question(
        questionnaire, {"key": "shoe_size", "label": "Size?", "kind": "number", "minimum": 30}
    )
    again = add_question(questionnaire, "country", required=True)
    loose = add_question(questionnaire, "motivation", required=False)

    assert (added.position, added.fact, added.minimum) == (1, "shoe_size", 30)
    assert (again.position, again.required) == (0, False)
    assert (loose.position, loose.required) == (2, False)
    assert Question.objects.count() == 3


def test_a_spec_is_what_stands_on_the_form() -> None:
    spec = ready_made("capacity")
    question = add_question(Questionnaire.objects.create(title="One"), spec)

    assert QuestionSpec.of(question) == QuestionSpec(
        key="capacity",
        kind=Kind.NUMBER,
        label="How many mentees can you take?",
        minimum=1,
        maximum=20,
        fact="capacity",
    )


def test_a_declared_question_starts_from_the_ready_made_one_of_its_key() -> None:
    spec = declared({"key": "grade", "kind": "one_of", "choices": ["A", "B"]})

    assert (spec.kind, spec.choices, spec.fact) == (Kind.ONE_OF, ("A", "B"), "grade")
    assert str(spec.label) == "What is your grade?"


@pytest.mark.parametrize("key, role", [("capacity", Role.MENTEE), ("career_goal", Role.MENTOR)])
def test_a_form_refuses_questions_of_the_other_side(key: str, role: Role) -> None:
    with pytest.raises(ValueError, match=key):
        make_questionnaire("Wrong", [key], role)
    assert not Questionnaire.objects.exists()


def test_an_unknown_question_is_refused() -> None:
    with pytest.raises(KeyError):
        ready_made("shoe_size")
    with pytest.raises(KeyError):
        declared({"key": "shoe_size", "label": "Size?"})
    with pytest.raises(KeyError):
        declared({"key": "grade", "colour": "red"})
