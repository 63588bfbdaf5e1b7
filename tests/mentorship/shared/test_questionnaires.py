"""Forms as data: steps, conditions, versions; and any form takes anything that is sent to it."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mentorship.shared.base import clock
from mentorship.shared.questions.forms import form_for
from mentorship.shared.questions.kinds import DayField, Kind
from mentorship.shared.questions.models import Question, Questionnaire, as_choices
from mentorship.shared.questions.order import moved, out_of_order, without

pytestmark = pytest.mark.django_db


def questionnaire(*questions: dict[str, Any]) -> Questionnaire:
    form = Questionnaire.objects.create(title="A form")
    for position, fields in enumerate(questions):
        usual = {"kind": Kind.SHORT_TEXT, "label": f"About {fields['key']}?"}
        Question.objects.create(questionnaire=form, position=position, **usual | fields)
    return form


@pytest.fixture
def form() -> Questionnaire:
    """Who cares for somebody says for whom; on the next page, since when."""
    return questionnaire(
        {"key": "name"},
        {"key": "cares", "kind": Kind.YES_NO},
        {
            "key": "whom",
            "kind": Kind.SEVERAL_OF,
            "choices": ["a child", "a parent"],
            "required": True,
            "shown_if": "cares",
            "shown_if_answers": ["yes"],
        },
        {"key": "since", "section": "More", "shown_if": "whom", "shown_if_answers": ["a child"]},
        {"key": "hobby"},
    )


def keys(questions: Any) -> list[str]:
    return [question.key for question in questions]


# --- Steps ------------------------------------------------------------------------------


def test_a_question_with_a_heading_begins_a_step(form: Questionnaire) -> None:
    assert [(step.title, keys(step.questions)) for step in form.steps()] == [
        ("", ["name", "cares", "whom"]),
        ("More", ["since", "hobby"]),
    ]
    assert questionnaire().steps() == []


@pytest.mark.parametrize(
    "key, up, pages",
    [
        ("whom", True, [("", "name whom cares"), ("More", "since hobby")]),
        ("name", True, [("", "name cares whom"), ("More", "since hobby")]),
        ("whom", False, [("", "name cares"), ("More", "whom since hobby")]),
        ("since", True, [("", "name cares whom since"), ("More", "hobby")]),
        ("since", False, [("", "name cares whom"), ("More", "hobby since")]),
        ("hobby", False, [("", "name cares whom"), ("More", "since hobby")]),
    ],
)
def test_a_question_moves_and_the_heading_stays(
    form: Questionnaire, key: str, up: bool, pages: list[tuple[str, str]]
) -> None:
    Question.objects.bulk_update(moved(form.steps(), key, up=up), ("position", "section"))
    assert [(step.title, " ".join(keys(step.questions))) for step in form.steps()] == pages
    assert [q.position for q in form.questions.all()] == list(range(5))


def test_a_step_keeps_its_heading_without_its_first_question(form: Questionnaire) -> None:
    left = without(form.steps(), "since")
    assert [(q.key, q.section) for q in left][-1] == ("hobby", "More")


def test_a_question_before_the_one_it_waits_for_is_found(form: Questionnaire) -> None:
    assert out_of_order(list(form.questions.all())) is None
    wrong = out_of_order(moved(form.steps(), "whom", up=True))
    assert wrong is not None
    assert wrong.key == "whom"


# --- Conditions -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answers, kept",
    [
        ({"cares": True, "whom": ["a child"], "since": "2020"}, ["cares", "whom", "since"]),
        ({"cares": True, "whom": ["a parent"], "since": "2020"}, ["cares", "whom"]),
        ({"cares": False, "whom": ["a child"], "since": "2020"}, ["cares"]),
        ({"whom": ["a child"], "since": "2020", "hobby": "chess"}, ["hobby"]),
        ({"shoe size": 43, "name": "Ada"}, ["name"]),
    ],
)
def test_answers_to_what_is_not_shown_do_not_count(
    form: Questionnaire, answers: dict[str, Any], kept: list[str]
) -> None:
    assert list(form.applicable(answers)) == kept


def test_a_required_question_is_required_only_where_it_is_asked(form: Questionnaire) -> None:
    assert form_for(form, QueryDict("cares=no")).is_valid()
    missed = form_for(form, QueryDict("cares=yes"))
    assert list(missed.errors) == ["whom"]
    assert form_for(form, QueryDict("cares=yes"), draft=True).is_valid()


def test_what_is_hidden_is_let_go_even_when_it_is_wrong(form: Questionnaire) -> None:
    asked = form_for(form, QueryDict("cares=no&whom=nobody&since=2020&hobby=chess"))
    assert asked.is_valid()
    assert asked.answers() == {"cares": False, "hobby": "chess"}


def test_a_later_page_leaves_out_what_its_earlier_answers_hide(form: Questionnaire) -> None:
    later = form.steps()[1].questions
    told = {"cares": True, "whom": ["a child"]}
    assert list(form_for(form, initial=told, questions=later).fields) == ["since", "hobby"]
    assert list(form_for(form, initial={"cares": True}, questions=later).fields) == ["hobby"]


def test_the_page_says_when_a_question_counts(form: Questionnaire) -> None:
    asked = form_for(form)
    assert asked.fields["whom"].help_text == "Only if you answered “Yes” to “About cares?”."
    assert asked.has_conditions
    assert not form_for(form, questions=form.steps()[0].questions[:2]).has_conditions


def test_conditions_write_answers_in_one_way() -> None:
    assert as_choices(True) == {"yes"}
    assert as_choices(3) == {"3"}
    assert as_choices(["a", "b"]) == {"a", "b"}
    assert as_choices(None) == set()


def test_no_question_waits_for_itself() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        questionnaire({"key": "a", "shown_if": "a"})


# --- Versions ---------------------------------------------------------------------------


def test_the_first_answer_freezes_a_form_and_later_ones_change_nothing(form: Questionnaire) -> None:
    first, later = clock.now(), clock.now()
    form.freeze(first)
    Questionnaire.objects.get(pk=form.pk).freeze(later)
    assert Questionnaire.objects.get(pk=form.pk).frozen_at == first


def test_a_copy_of_an_answered_form_is_its_next_version(form: Questionnaire) -> None:
    other = form.copied()
    assert (other.version, other.earlier, other.frozen_at) == (1, None, None)
    form.freeze(clock.now())
    copy = form.copied()
    assert (copy.version, copy.earlier, copy.frozen_at) == (2, form, None)
    assert keys(copy.questions.all()) == keys(form.questions.all())
    assert form.questions.count() == 5


def test_a_later_version_counts_on() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Questionnaire.objects.create(title="x", version=1, earlier=questionnaire())


# --- Kinds ------------------------------------------------------------------------------


def test_a_day_is_kept_as_text() -> None:
    assert DayField().clean("2026-03-01") == "2026-03-01"
    assert DayField(required=False).clean("") is None
    for wrong in ("2026-02-30", "1 March", "\x00"):
        with pytest.raises(ValidationError):
            DayField().clean(wrong)


def test_both_ends_of_a_scale_have_words() -> None:
    form = questionnaire(
        {"key": "a", "kind": Kind.SCALE, "lowest_words": "never", "highest_words": "always"}
    )
    [question] = form.questions.all()
    assert question.scale_pairs() == [
        (1, "1 (never)"),
        (2, "2"),
        (3, "3"),
        (4, "4"),
        (5, "5 (always)"),
    ]
    assert question.in_words(5) == "5 (always)"
    assert question.in_words("anything") == "anything"


def test_answers_are_told_in_words_and_what_was_not_asked_is_left_out(form: Questionnaire) -> None:
    told = [(q.key, words) for q, words in form.in_words({"cares": False, "name": "Ada"})]
    assert told == [("name", "Ada"), ("cares", "No"), ("hobby", "")]


@pytest.mark.parametrize(
    "fields, good, bad",
    [
        ({"kind": Kind.YES_NO}, False, "no"),
        ({"kind": Kind.SCALE}, 5, 6),
        ({"kind": Kind.NUMBER}, -3, True),
        ({"kind": Kind.ITEMS}, ["a"], [1]),
        ({"kind": Kind.SEVERAL_OF, "choices": ["a"]}, ["a"], ["b"]),
        ({"kind": Kind.ONE_OF, "choices": ["a"]}, "a", "b"),
        ({"kind": Kind.HOURS}, [1], "1"),
        ({"kind": Kind.DATE}, "2026-03-01", 5),
    ],
)
def test_a_question_knows_what_could_be_an_answer(fields: Any, good: Any, bad: Any) -> None:
    [question] = questionnaire({"key": "a"} | fields).questions.all()
    assert question.takes(good)
    assert not question.takes(bad)


# --- Anything that is sent --------------------------------------------------------------

_KIND_FIELDS: dict[Kind, dict[str, Any]] = {
    Kind.ONE_OF: {"choices": ["a", "b"]},
    Kind.SEVERAL_OF: {"choices": ["a", "b"]},
    Kind.NUMBER: {"minimum": 0, "maximum": 9},
}


@st.composite
def forms_of_any_kinds(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Questions of any kinds, some of which wait for an earlier one."""
    questions: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(Kind))
        fields = {
            "key": f"q{number}",
            "kind": kind,
            "required": draw(st.booleans()),
            "section": draw(st.sampled_from(["", "Next"])),
            **_KIND_FIELDS.get(kind, {}),
        }
        closed = [q["key"] for q in questions if q["kind"].is_closed]
        if closed and draw(st.booleans()):
            fields["shown_if"] = draw(st.sampled_from(closed))
            fields["shown_if_answers"] = draw(
                st.lists(st.sampled_from(["yes", "no", "a", "b", "1", "5"]), max_size=3)
            )
        questions.append(fields)
    return questions


_NAMES = st.builds(
    "q{}{}".format,
    st.integers(0, 4),
    st.sampled_from(["", "-part", "-was", "-0-name", "-0-now", "-0-wanted", "-29-name"]),
)
_VALUES = st.text(max_size=30) | st.sampled_from(
    ["yes", "no", "a", "b", "3", "0-morning", "6-23", "2026-02-30", "Europe/Berlin", "9" * 400]
)
_STORED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    questions=forms_of_any_kinds(),
    data=st.lists(st.tuples(_NAMES, _VALUES), max_size=12),
    initial=st.dictionaries(st.sampled_from(["q0", "q1", "q2", "q3", "q4"]), _STORED),
    draft=st.booleans(),
)
def test_any_form_takes_anything_that_is_sent_to_it(
    questions: list[dict[str, Any]],
    data: list[tuple[str, str]],
    initial: dict[str, Any],
    draft: bool,
) -> None:
    sent = QueryDict(mutable=True)
    for name, value in data:
        sent.appendlist(name, value)
    with transaction.atomic():
        form = questionnaire(*questions)
        assert isinstance(form_for(form, initial=initial).as_p(), str)
        assert all(isinstance(words, str) for _question, words in form.in_words(initial))
        for step in form.steps():
            asked = form_for(form, sent, initial=initial, draft=draft, questions=step.questions)
            if asked.is_valid():
                answers = asked.answers()
                known = {question.key: question for question in form.questions.all()}
                assert all(known[key].takes(value) for key, value in answers.items())
                assert all(form.in_words(form.applicable(initial | answers)))
            assert isinstance(asked.as_p(), str)
        transaction.set_rollback(True)
