"""Questions about a finished run: asked once, answered at once or by a worker, gone in time."""

from datetime import timedelta

import pytest

from matching import inquiring, runs, tasks, told
from matching.actions import inquiries
from matching.models import Avoid, Exclusion, Inquiry, MatchingRun, RunInput
from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from programs.actions import erasure
from tests.factories.matching import MatchingRunFactory
from tests.factories.programs import UserFactory
from tests.matching.people import asked, person

pytestmark = pytest.mark.django_db

Kind = Inquiry.Kind


@pytest.fixture
def by(db):
    return UserFactory()


@pytest.fixture
def four(cohort):
    """Ada is with Grace and Bob with Alan: it could be the other way round, for less."""
    return {
        "grace": _person(cohort, "mentor", "Grace", skills_offered=["Go", "SQL", "Rust"]),
        "alan": _person(cohort, "mentor", "Alan", skills_offered=["Go"]),
        "ada": _person(cohort, "mentee", "Ada", skills_wanted=["Go", "SQL", "Rust"]),
        "bob": _person(cohort, "mentee", "Bob", skills_wanted=["Go"]),
    }


def _person(cohort, role, name, **answers):
    return person(cohort, role, user=UserFactory(name=name), answers=answers)


@pytest.fixture
def run(cohort, four):
    one = asked(cohort)
    runs.carry_out(one.pk)
    return MatchingRun.objects.get(pk=one.pk)


def in_words(run, answer):
    return told.why_not(answer, run.policy, told.names_in(run, answer))


def test_a_question_is_asked_once(run, four, by) -> None:
    pair = {"mentee": four["ada"], "mentor": four["alan"]}
    once = inquiries.ask(run, Kind.WHY_NOT, by=by, **pair)
    twice = inquiries.ask(run, Kind.WHY_NOT, by=UserFactory(), **pair)
    assert once == twice
    assert once.status == "answered"
    assert AuditEvent.objects.filter(verb="run.questioned").count() == 1


def test_why_not_says_what_it_would_cost_and_whom(run, four, by) -> None:
    inquiry = inquiries.ask(run, Kind.WHY_NOT, mentee=four["ada"], mentor=four["alan"], by=by)
    sentences = in_words(run, inquiry.answer)
    assert sentences[0].startswith("Ada and Alan would have ")
    assert sentences[1].startswith("All matches together would have ")
    assert sentences[2].startswith("Bob would go from Alan (")
    assert len(sentences) == 3


def test_if_forbidden_says_where_both_would_go(run, four, by) -> None:
    inquiry = inquiries.ask(run, Kind.IF_FORBIDDEN, mentee=four["ada"], mentor=four["grace"], by=by)
    names = told.names_in(run, inquiry.answer)
    sentences = told.if_forbidden(inquiry.answer, names)
    assert sentences[0].startswith("Ada would be with Alan instead (")
    assert sentences[-1].startswith("Bob would go from Alan (")


def test_the_next_mentors_come_with_what_choosing_them_costs(run, four, by) -> None:
    answer = inquiries.ask(run, Kind.INSTEAD, mentee=four["ada"], by=by).answer
    assert [one["mentor"] for one in answer["next"]] == [four["alan"].code]
    assert answer["next"][0]["why"]["cost"]["moves"][0]["mentee"] == four["bob"].code


@pytest.mark.parametrize("kind", [Kind.HOW_SURE, Kind.RECRUIT, Kind.AUDIT])
def test_what_concerns_the_whole_run_is_answered_on_first_sight(run, kind) -> None:
    inquiry = inquiries.look(run, kind)
    assert inquiry.status == "answered"
    assert inquiries.look(run, kind) == inquiry


def test_a_large_run_is_answered_by_a_worker(run, four, by, monkeypatch) -> None:
    monkeypatch.setattr(MatchingRun, "AT_ONCE", 0)
    inquiry = inquiries.ask(run, Kind.WHY_NOT, mentee=four["ada"], mentor=four["alan"], by=by)
    assert inquiry.status == "waiting"
    tasks.answer_inquiry(inquiry.pk)
    inquiry.refresh_from_db()
    assert inquiry.status == "answered"
    assert inquiry.answer["kind"] == "possible"


def test_the_sweep_finds_what_a_dead_worker_left(run, monkeypatch) -> None:
    monkeypatch.setattr(MatchingRun, "AT_ONCE", 0)
    inquiry = inquiries.look(run, Kind.RECRUIT)
    soon, late = clock.now() + timedelta(minutes=2), clock.now() - timedelta(minutes=2)
    Inquiry.objects.update(lease_until=soon, attempts=1)
    tasks.answer_inquiries()
    assert not Inquiry.objects.filter(status="answered").exists()
    Inquiry.objects.update(lease_until=late)
    tasks.answer_inquiries()
    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.attempts) == ("answered", 2)


def test_a_question_that_kills_its_workers_is_given_up(run, monkeypatch) -> None:
    monkeypatch.setattr(MatchingRun, "AT_ONCE", 0)
    inquiry = inquiries.look(run, Kind.RECRUIT)
    Inquiry.objects.update(attempts=Inquiry.MOST_ATTEMPTS)
    assert inquiring.answer(inquiry.pk)
    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.failure) == ("failed", "This could not be worked out.")


def test_who_lost_the_question_writes_nothing(run, four, monkeypatch) -> None:
    monkeypatch.setattr(MatchingRun, "AT_ONCE", 0)
    inquiry = inquiries.look(run, Kind.RECRUIT)

    def taken_up_elsewhere(*told):
        Inquiry.objects.update(attempts=2)
        return {"mine": True}

    monkeypatch.setitem(inquiring._ANSWERS, Kind.RECRUIT, taken_up_elsewhere)
    inquiring.answer(inquiry.pk)
    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.answer) == ("waiting", None)


def test_what_the_engine_refuses_is_a_sentence_and_can_be_asked_anew(run, cohort, by) -> None:
    late = _person(cohort, "mentor", "Late")
    pair = {"mentee": run.suggestions.first().mentee, "mentor": late}
    inquiry = inquiries.ask(run, Kind.WHY_NOT, by=by, **pair)
    assert inquiry.status == "failed"
    assert told.failure(run, inquiry.failure) == "The mentor Late is not of this run."
    assert inquiries.ask(run, Kind.WHY_NOT, by=by, **pair) != inquiry


def test_a_run_without_an_answer_is_not_asked(cohort, by) -> None:
    with pytest.raises(RuleBroken, match="no answer"):
        inquiries.ask(MatchingRunFactory(cohort=cohort), Kind.RECRUIT, by=by)


def test_a_forgotten_run_says_so(run, by) -> None:
    runs.forget_input(run)
    assert inquiries.look(run, Kind.RECRUIT) is None
    with pytest.raises(RuleBroken, match="no longer kept"):
        inquiries.ask(run, Kind.RECRUIT, by=by)


def test_a_question_whose_run_is_forgotten_meanwhile_has_no_answer(run, monkeypatch) -> None:
    monkeypatch.setattr(MatchingRun, "AT_ONCE", 0)
    inquiry = inquiries.look(run, Kind.RECRUIT)

    def forgotten(*told):
        RunInput.objects.all().delete()
        return {"of": "everybody"}

    monkeypatch.setitem(inquiring._ANSWERS, Kind.RECRUIT, forgotten)
    inquiring.answer(inquiry.pk)
    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.answer) == ("failed", None)
    assert "no longer kept" in inquiry.failure


def test_answers_go_with_what_the_run_was_asked(run, four, by) -> None:
    inquiries.ask(run, Kind.WHY_NOT, mentee=four["ada"], mentor=four["alan"], by=by)
    runs.forget_input(run)
    assert not Inquiry.objects.exists()


def test_an_erasure_takes_the_answers_with_it(run, four, by) -> None:
    inquiries.ask(run, Kind.WHY_NOT, mentee=four["ada"], mentor=four["alan"], by=by)
    erasure.erase(four["bob"].user, by=four["bob"].user)
    assert not Inquiry.objects.exists()


def test_a_prohibition_and_a_private_wish_get_one_answer(cohort, four, by) -> None:
    """Canary: whoever reads the answers cannot tell an Avoid from an Exclusion."""
    pair = {"mentee": four["ada"], "mentor": four["grace"]}
    answers = []
    for keep_apart in (
        lambda: Exclusion.objects.create(**pair, by=by, reason="Cousins."),
        lambda: Avoid.objects.create(participant=four["ada"], other=four["grace"]),
        lambda: Avoid.objects.create(participant=four["grace"], other=four["ada"]),
    ):
        kept = keep_apart()
        run = asked(cohort)
        runs.carry_out(run.pk)
        run.refresh_from_db()
        answers.append(
            [
                inquiries.ask(run, Kind.WHY_NOT, by=by, **pair).answer,
                inquiries.ask(run, Kind.INSTEAD, mentee=four["ada"], by=by).answer,
                inquiries.ask(run, Kind.RECRUIT, by=by).answer,
                inquiries.ask(run, Kind.HOW_SURE, by=by).answer,
            ]
        )
        kept.delete()
    assert answers[0] == answers[1] == answers[2]
    assert in_words(run, answers[0][0]) == ["Ada with Grace is not possible (a private wish)."]
