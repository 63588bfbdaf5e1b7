"""Coordinators write the forms of a cohort; what was answered stays as it was answered."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.questions.kinds import Kind
from mentorship.shared.questions.models import Question, Questionnaire
from programs.actions import applications, questionnaires
from programs.forms.questionnaires import QuestionForm
from programs.models import Application, Cohort, Role
from programs.questions import QuestionSpec, ready_made
from programs.questions.personality import key_of
from tests.cast import Troupe
from tests.factories.programs import CohortFactory, UserFactory

pytestmark = pytest.mark.django_db

MENTEE = Role.MENTEE
YES_NO = QuestionSpec(key="cares", kind=Kind.YES_NO, label="Do you care for somebody?")
WHOM = QuestionSpec(
    key="whom",
    kind=Kind.SHORT_TEXT,
    label="For whom?",
    shown_if="cares",
    shown_if_answers=("yes",),
)


@pytest.fixture
def cohort(here: Troupe) -> Cohort:
    """The cohort that takes applications; its forms are its own."""
    return here.next_cohort


@pytest.fixture
def client(here: Troupe) -> Client:
    client = Client()
    client.force_login(here.coordinator)
    return client


def keys(cohort: Cohort, role: Role = MENTEE) -> list[str]:
    form = Cohort.objects.get(pk=cohort.pk).questions_for(role)
    return list(form.questions.values_list("key", flat=True))


def form_of(cohort: Cohort, role: Role = MENTEE) -> Questionnaire:
    return Cohort.objects.get(pk=cohort.pk).questions_for(role)


def address(name: str, cohort: Cohort, *more: str) -> str:
    return reverse(name, args=[cohort.code, MENTEE, *more])


# --- What the actions do ------------------------------------------------------------------


def test_a_coordinator_puts_questions_on_both_forms_at_once(here: Troupe, cohort: Cohort) -> None:
    before = {role: keys(cohort, role) for role in Role}
    questionnaires.add(cohort, roles=Role, by=here.coordinator, questions=[YES_NO, WHOM])
    for role in Role:
        assert keys(cohort, role) == [*before[role], "cares", "whom"]
    assert AuditEvent.objects.filter(verb="question.added", subject_code=cohort.code).count() == 4
    whom = form_of(cohort).questions.get(key="whom")
    assert (whom.shown_if, whom.shown_if_answers) == ("cares", ["yes"])


def test_a_question_that_stands_there_stays_as_it_is(here: Troupe, cohort: Cohort) -> None:
    before = form_of(cohort)
    again = QuestionSpec(key="motivation", kind=Kind.NUMBER, label="Otherwise")
    questionnaires.add(cohort, roles=[MENTEE], by=here.coordinator, questions=[again])
    assert form_of(cohort) == before
    assert before.questions.get(key="motivation").kind == Kind.LONG_TEXT


def test_two_questions_cannot_tell_the_matching_the_same(here: Troupe, cohort: Cohort) -> None:
    questionnaires.add(cohort, roles=[MENTEE], by=here.coordinator, questions=[ready_made("hours")])
    other = QuestionSpec(key="times", kind=Kind.HOURS, label="When?", fact="hours")
    with pytest.raises(RuleBroken, match="tells the matching the same"):
        questionnaires.add(cohort, roles=[MENTEE], by=here.coordinator, questions=[other])


def test_a_form_has_its_limits(here: Troupe, cohort: Cohort) -> None:
    many = [QuestionSpec(key=f"q{n}", kind=Kind.NUMBER, label=f"{n}?") for n in range(100)]
    with pytest.raises(RuleBroken, match="at most 100"):
        questionnaires.add(cohort, roles=[MENTEE], by=here.coordinator, questions=many)


def test_an_answered_form_gets_a_next_version_and_the_answers_keep_theirs(
    here: Troupe, cohort: Cohort
) -> None:
    applicant, other = UserFactory(), UserFactory()
    answers = {"motivation": "To learn."}
    application = applications.start(cohort, applicant=applicant, role=MENTEE, answers=answers)
    old = form_of(cohort)
    questionnaires.remove(cohort, role=MENTEE, key="motivation", by=here.coordinator)
    new = form_of(cohort)
    assert (new.version, new.earlier, new.frozen_at) == (2, old, None)
    application.refresh_from_db()
    assert application.questionnaire == old
    assert ("To learn.") in [words for _question, words in application.in_words()]
    # the next change is made to the same version, which nobody answered yet
    questionnaires.add(cohort, roles=[MENTEE], by=here.coordinator, questions=[YES_NO])
    assert form_of(cohort) == new
    assert (
        applications.start(
            Cohort.objects.get(pk=cohort.pk), applicant=other, role=MENTEE, answers={}
        ).questionnaire
        == new
    )


def test_a_form_that_another_cohort_uses_is_copied_before_it_is_changed(here: Troupe) -> None:
    shared = form_of(here.cohort)
    other = CohortFactory(program=here.program, mentee_questions=shared)
    questionnaires.add(other, roles=[MENTEE], by=here.coordinator, questions=[YES_NO])
    assert form_of(here.cohort) == shared
    assert "cares" not in keys(here.cohort)
    assert "cares" in keys(other)
    assert form_of(other).version == 1


def test_a_form_of_both_roles_is_copied_before_one_is_changed(here: Troupe) -> None:
    form = form_of(here.cohort)
    both = CohortFactory(program=here.program, mentee_questions=form, mentor_questions=form)
    Cohort.objects.exclude(pk=both.pk).filter(mentee_questions=form).update(
        mentee_questions=Questionnaire.objects.create(title="Another")
    )
    questionnaires.add(both, roles=[MENTEE], by=here.coordinator, questions=[YES_NO])
    assert "cares" in keys(both, MENTEE)
    assert "cares" not in keys(both, Role.MENTOR)


def test_a_question_moves_and_is_taken_off(here: Troupe, cohort: Cohort) -> None:
    questionnaires.add(cohort, roles=[MENTEE], by=here.coordinator, questions=[YES_NO, WHOM])
    before = keys(cohort)
    questionnaires.move(cohort, role=MENTEE, key="cares", up=True, by=here.coordinator)
    at = before.index("cares")
    assert keys(cohort)[at - 1] == "cares"
    questionnaires.remove(cohort, role=MENTEE, key="whom", by=here.coordinator)
    assert "whom" not in keys(cohort)


def test_a_question_stays_after_the_one_it_waits_for(here: Troupe, cohort: Cohort) -> None:
    questionnaires.add(cohort, roles=[MENTEE], by=here.coordinator, questions=[YES_NO, WHOM])
    for change in (
        lambda: questionnaires.move(cohort, role=MENTEE, key="whom", up=True, by=here.coordinator),
        lambda: questionnaires.remove(cohort, role=MENTEE, key="cares", by=here.coordinator),
        lambda: questionnaires.change(
            cohort,
            role=MENTEE,
            key="cares",
            by=here.coordinator,
            shown_if="whom",
            shown_if_answers=["x"],
        ),
    ):
        with pytest.raises(RuleBroken):
            change()
    assert keys(cohort)[-2:] == ["cares", "whom"]


def test_an_answer_that_others_wait_for_cannot_be_taken_away(here: Troupe, cohort: Cohort) -> None:
    one_of = QuestionSpec(key="pick", kind=Kind.ONE_OF, label="Pick", choices=("a", "b"))
    waiting = QuestionSpec(
        key="why", kind=Kind.SHORT_TEXT, label="Why?", shown_if="pick", shown_if_answers=("b",)
    )
    questionnaires.add(cohort, roles=[MENTEE], by=here.coordinator, questions=[one_of, waiting])
    with pytest.raises(RuleBroken, match="an answer that you took away"):
        questionnaires.change(
            cohort, role=MENTEE, key="pick", by=here.coordinator, choices=["a", "c"]
        )
    questionnaires.change(cohort, role=MENTEE, key="pick", by=here.coordinator, choices=["b", "c"])


def test_an_archived_cohorts_forms_stay(here: Troupe, cohort: Cohort) -> None:
    Cohort.objects.filter(pk=cohort.pk).update(archived_at=clock.now())
    with pytest.raises(RuleBroken, match="archived"):
        questionnaires.add(cohort, roles=[MENTEE], by=here.coordinator, questions=[YES_NO])


def test_a_question_that_is_gone_cannot_be_changed(here: Troupe, cohort: Cohort) -> None:
    with pytest.raises(RuleBroken, match="no longer on the form"):
        questionnaires.change(cohort, role=MENTEE, key="gone", by=here.coordinator, label="x")


@pytest.mark.parametrize(
    "label, taken, key",
    [
        ("What is your goal?", [], "what_is_your_goal"),
        ("What is your goal?", ["what_is_your_goal"], "what_is_your_goal_2"),
        ("3 wishes?", [], "question_3_wishes"),
        ("为什么?", [], "question"),
        ("x" * 300, [], "x" * 56),
    ],
)
def test_a_key_tells_what_a_question_is_about(label: str, taken: list[str], key: str) -> None:
    assert questionnaires.key_for(label, taken) == key


def test_forms_answered_before_the_update_are_frozen_by_it(here: Troupe, cohort: Cohort) -> None:
    migration = import_module("programs.migrations.0014_freeze_answered_forms")
    migration.freeze_answered_forms(apps, None)
    assert form_of(cohort).frozen_at == here.application.created_at
    assert form_of(cohort, Role.MENTOR).frozen_at is None


# --- The form for a question --------------------------------------------------------------


def question_form(kind: Kind, data: dict[str, Any], *others: Question) -> QuestionForm:
    return QuestionForm(data, kind=kind, others=others, other_role=Role.MENTOR)


@pytest.mark.parametrize(
    "kind, data, field",
    [
        (Kind.SHORT_TEXT, {"label": ""}, "label"),
        (Kind.ONE_OF, {"label": "?", "choices": "only one"}, "choices"),
        (Kind.ONE_OF, {"label": "?", "choices": "a\n" + "x" * 201}, "choices"),
        (Kind.ONE_OF, {"label": "?", "choices": "\n".join(map(str, range(51)))}, "choices"),
        (Kind.NUMBER, {"label": "?", "minimum": "5", "maximum": "5"}, "maximum"),
        (Kind.NUMBER, {"label": "?", "minimum": "9" * 30}, "minimum"),
        (Kind.SCALE, {"label": "?", "maximum": "12"}, "maximum"),
        (Kind.ITEMS, {"label": "?", "fact": "new"}, "new_fact"),
        (Kind.ITEMS, {"label": "?", "fact": "new", "new_fact": "Big Words"}, "new_fact"),
        (Kind.NUMBER, {"label": "?", "fact": "new", "new_fact": "priority"}, "new_fact"),
        (Kind.NUMBER, {"label": "?", "fact": "skills_wanted"}, "fact"),
    ],
)
def test_what_is_wrong_with_a_question_is_said_at_its_field(
    kind: Kind, data: dict[str, Any], field: str
) -> None:
    assert field in question_form(kind, data).errors


def test_a_question_waits_for_answers_to_one_other_question(cohort: Cohort) -> None:
    form = form_of(cohort)
    others = [
        form.questions.create(position=90, key="cares", kind=Kind.YES_NO, label="Cares?"),
        form.questions.create(
            position=91, key="pick", kind=Kind.ONE_OF, label="Pick", choices=["a=b", "c"]
        ),
    ]
    good = question_form(Kind.DATE, {"label": "Since?", "condition": ["pick=a=b"]}, *others)
    assert good.is_valid(), good.errors
    assert (good.spec().shown_if, good.spec().shown_if_answers) == ("pick", ("a=b",))
    both = {"label": "Since?", "condition": ["pick=c", "cares=yes"]}
    assert "condition" in question_form(Kind.DATE, both, *others).errors


def test_a_fact_that_another_question_tells_is_refused(cohort: Cohort) -> None:
    other = Question(key="a", kind=Kind.HOURS, label="When?", fact="hours")
    assert "fact" in question_form(Kind.HOURS, {"label": "?", "fact": "hours"}, other).errors


# --- The pages ------------------------------------------------------------------------------


def test_both_forms_stand_side_by_side_with_who_answered_which_version(
    client: Client, here: Troupe, cohort: Cohort
) -> None:
    applications.start(cohort, applicant=UserFactory(), role=MENTEE, answers={"motivation": "x"})
    questionnaires.add(cohort, roles=[MENTEE], by=here.coordinator, questions=[YES_NO])
    page = client.get(reverse("desk-forms", args=[cohort.code]))
    versions = {one["role"]: one["versions"] for one in page.context["forms"]}
    assert [(v["number"], v["count"]) for v in versions[MENTEE]] == [(1, 2)]
    assert "Version 2" in page.content.decode()


@pytest.mark.parametrize("many", [1, 3])
def test_the_forms_page_asks_the_database_as_often_whatever_is_on_it(
    client: Client, here: Troupe, cohort: Cohort, many: int, django_assert_max_num_queries: Any
) -> None:
    for _each in range(many):
        applications.start(
            Cohort.objects.get(pk=cohort.pk),
            applicant=UserFactory(),
            role=MENTEE,
            answers={"motivation": "x"},
        )
        spec = questionnaires.as_new(YES_NO, Cohort.objects.get(pk=cohort.pk), [MENTEE])
        questionnaires.add(cohort, roles=[MENTEE], by=here.coordinator, questions=[spec])
    for address_of in (
        reverse("desk-forms", args=[cohort.code]),
        address("desk-form", cohort),
        reverse("desk-form-version", args=[form_of(cohort).code]),
    ):
        with django_assert_max_num_queries(20):
            assert client.get(address_of).status_code == 200


def test_a_coordinator_adds_ready_made_questions(client: Client, cohort: Cohort) -> None:
    sent = {"question": ["pace", "personality"], "both": "1"}
    answer = client.post(address("desk-form-add", cohort), sent)
    assert answer.status_code == 302
    for role in Role:
        assert {"pace", "personality_01", "personality_20"} <= set(keys(cohort, role))
    assert len(form_of(cohort).steps()) == 2
    offered = client.get(address("desk-form", cohort)).context["groups"]
    assert "pace" not in [q.key for group in offered for q in group["questions"]]
    nothing = client.post(address("desk-form-add", cohort), {}, follow=True)
    assert "Tick at least one question" in nothing.content.decode()


def test_a_coordinator_writes_a_question_that_depends_on_another(
    client: Client, cohort: Cohort
) -> None:
    new = address("desk-question-new", cohort)
    yes_no = {"label": "Do you care for somebody?", "both": "on"}
    assert client.post(f"{new}?kind=yes_no", yes_no).status_code == 302
    assert "do_you_care_for_somebody" in keys(cohort, Role.MENTOR)
    since = {
        "label": "Since when?",
        "condition": ["do_you_care_for_somebody=yes"],
        "required": "on",
        "section": "Care",
        "is_sensitive": "on",
        "fact": "new",
        "new_fact": "cares_since",
    }
    assert client.post(f"{new}?kind=date", since).status_code == 302
    question = form_of(cohort).questions.get(key="since_when")
    assert (question.kind, question.section, question.fact) == ("date", "Care", "cares_since")
    assert (question.required, question.is_sensitive) == (True, True)
    assert (question.shown_if, question.shown_if_answers) == ("do_you_care_for_somebody", ["yes"])
    page = client.get(address("desk-form", cohort)).content.decode()
    assert "Only if you answered “Yes” to “Do you care for somebody?”." in page


def test_a_wrong_question_is_the_same_page_again(client: Client, cohort: Cohort) -> None:
    new = address("desk-question-new", cohort)
    assert client.post(f"{new}?kind=one_of", {"label": "?"}).status_code == 422
    assert client.get(f"{new}?kind=nonsense").status_code == 404


def test_a_coordinator_changes_a_question_and_hears_of_the_new_version(
    client: Client, cohort: Cohort
) -> None:
    applications.start(cohort, applicant=UserFactory(), role=MENTEE, answers={"motivation": "x"})
    edit = address("desk-question", cohort, "motivation")
    assert "About motivation?" in client.get(edit).content.decode()
    changed = client.post(edit, {"label": "Why do you come?"}, follow=True)
    assert "changing version 2 now" in changed.content.decode()
    question = form_of(cohort).questions.get(key="motivation")
    assert (question.label, question.required) == ("Why do you come?", False)
    assert client.post(edit, {"label": ""}).status_code == 422
    assert client.get(address("desk-question", cohort, "gone")).status_code == 404


def test_questions_are_moved_and_removed_with_buttons(client: Client, cohort: Cohort) -> None:
    before = keys(cohort)
    client.post(address("desk-question-move", cohort, before[0]), {"direction": "down"})
    assert keys(cohort)[:2] == before[1::-1]
    client.post(address("desk-question-move", cohort, before[0]), {"direction": "up"})
    assert keys(cohort) == before
    client.post(address("desk-question-remove", cohort, before[0]))
    assert keys(cohort) == before[1:]
    assert client.post(address("desk-question-remove", cohort, "gone")).status_code == 404


def test_a_coordinator_tries_the_form_and_nothing_is_kept(
    client: Client, here: Troupe, cohort: Cohort
) -> None:
    later = QuestionSpec(
        key="whom",
        kind=Kind.SHORT_TEXT,
        label="For whom?",
        section="Care",
        shown_if="cares",
        shown_if_answers=("yes",),
    )
    questionnaires.add(cohort, roles=[MENTEE], by=here.coordinator, questions=[YES_NO, later])
    trying = address("desk-form-preview", cohort)
    first = client.get(trying)
    assert "cares" in first.context["form"].fields
    sent = {"page": "1", "told": first.context["told"], "cares": "yes", "action": "next"}
    second = client.post(trying, sent)
    assert list(second.context["form"].fields) == ["whom"]
    third = client.post(
        trying, {"page": "2", "told": second.context["told"], "whom": "My son", "action": "next"}
    )
    assert "My son" in third.content.decode()
    back = client.post(trying, {"page": "2", "told": second.context["told"], "action": "back"})
    assert "cares" in back.context["form"].fields
    # without the answer that the second page waits for, the first is the last
    skipped = client.post(trying, sent | {"cares": "no"})
    assert "That was the form" in skipped.content.decode()
    assert Application.objects.filter(cohort=cohort).count() == 1  # the applicant's
    assert form_of(cohort).frozen_at is None


@pytest.mark.parametrize(
    "told", ["", "null", "[1]", "{", "[" * 5000, '{"cares": [1]}', '{"motivation": 5, "x": 1}']
)
def test_a_preview_bears_whatever_travels_along(
    client: Client, here: Troupe, cohort: Cohort, told: str
) -> None:
    questionnaires.add(cohort, roles=[MENTEE], by=here.coordinator, questions=[YES_NO, WHOM])
    sent = {"told": told, "page": "77", "cares": "maybe"}
    assert client.post(address("desk-form-preview", cohort), sent).status_code == 422
    assert client.post(address("desk-form-preview", cohort), {"told": told}).status_code == 200


def test_an_earlier_version_can_be_read(client: Client, here: Troupe, cohort: Cohort) -> None:
    old = form_of(cohort)
    applications.start(cohort, applicant=UserFactory(), role=MENTEE, answers={"motivation": "x"})
    questionnaires.remove(cohort, role=MENTEE, key="motivation", by=here.coordinator)
    new = client.get(reverse("desk-form-version", args=[form_of(cohort).code]))
    assert new.context["earlier"] == old
    page = client.get(reverse("desk-form-version", args=[old.code]))
    assert "About motivation?" in page.content.decode()


def test_a_stranger_and_other_staff_find_no_forms(here: Troupe, elsewhere: Troupe) -> None:
    for user in (elsewhere.coordinator, here.observer, here.reviewer):
        client = Client()
        client.force_login(user)
        for url in (
            reverse("desk-forms", args=[here.cohort.code]),
            reverse("desk-form-version", args=[form_of(here.cohort).code]),
            address("desk-question", here.cohort, "motivation"),
        ):
            assert client.get(url).status_code == 404


def test_an_application_of_an_earlier_version_says_so(
    client: Client, here: Troupe, cohort: Cohort
) -> None:
    page = reverse("desk-application", args=[here.application.code])
    assert "Answered on version" not in client.get(page).content.decode()
    here.application.questionnaire.freeze(clock.now())
    questionnaires.add(cohort, roles=[MENTEE], by=here.coordinator, questions=[YES_NO])
    assert "Answered on version 1 of the form" in client.get(page).content.decode()


def test_coordinators_read_what_the_personality_form_adds_up_to(
    client: Client, here: Troupe
) -> None:
    page = reverse("desk-application", args=[here.application.code])
    assert "Mini-IPIP" not in client.get(page).content.decode()
    here.application.answers |= {key_of(number): 4 for number in (1, 6, 11, 16)}
    here.application.save()
    told = client.get(page).content.decode()
    assert "Extraversion" in told
    assert "Imagination" not in told
