"""What is kept of a run's question: for how long, what it proves, and what remains without it."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from matching import bridge, engine, runs, tasks
from matching.actions import matching_runs
from matching.engine.policy import OBJECTIVES
from matching.fairness_rows import audit_of
from matching.models import MatchingRun, RunInput, Suggestion, Unmatched
from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.questions.models import Question
from programs.actions import erasure
from tests.factories.matching import MatchingRunFactory
from tests.factories.programs import POLICY, CohortFactory, UserFactory
from tests.matching.engine.programs import set_sizes
from tests.matching.people import asked, person


def told(command, run):
    """What a command says of a run: its sentences and its last line as data."""
    out = StringIO()
    call_command(command, run.code, stdout=out)
    *lines, last = out.getvalue().splitlines()
    return " ".join(lines), json.loads(last)


def refused(command, run, match):
    """The same of a command that ends with 1 and a sentence; its last line, if it has one."""
    out = StringIO()
    with pytest.raises(CommandError, match=match):
        call_command(command, run.code, stdout=out)
    lines = out.getvalue().splitlines()
    return json.loads(lines[-1]) if lines else {}


@pytest.fixture
def crowd(cohort):
    """Three mentors with four places and six mentees, of whom two stay alone."""
    skills = ["Go", "SQL", "Rust", "C"]
    for number, capacity in enumerate((1, 2, 1)):
        answers = {"skills_offered": skills[number : number + 2]}
        person(cohort, "mentor", answers=answers, capacity=capacity)
    for number in range(6):
        person(cohort, answers={"skills_wanted": skills[number % 4 :][:2]})
    return cohort


@pytest.fixture
def answered(crowd):
    run = asked(crowd)
    runs.carry_out(run.pk)
    return MatchingRun.objects.get(pk=run.pk)


# --- Keeping --------------------------------------------------------------------------------------


def test_the_input_is_kept_word_for_word_with_where_to_go_on_from(crowd, settings):
    settings.MATCHING_INPUT_DAYS = 10
    run = asked(crowd, seed=3)
    with clock.at(clock.now()) as now:
        problem = bridge.load(run)
        runs.carry_out(run.pk)
    run.refresh_from_db()
    kept = run.input
    assert kept.text == problem.to_text()
    assert problem.digest() == run.digest
    assert bridge.asked_of(run).to_text() == problem.to_text()
    assert kept.keep_until == (now + timedelta(days=10)).date()
    state = engine.State.unpack(bytes(kept.state))
    assert len(state.prices) == run.mentors
    assert len(bytes(kept.packed)) < len(kept.text)


def test_everything_of_the_answer_is_read_back(answered):
    result = engine.solve(bridge.asked_of(answered))
    assert bridge.answer_of(answered) == result
    assert (answered.matched, answered.unmatched, answered.left_over.count()) == (4, 2, 2)
    assert answered.objective == "most-mentees-then-total"


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_every_objective_is_kept_and_holds(crowd, objective):
    run = asked(crowd, policy=POLICY | {"objective": objective})
    runs.carry_out(run.pk)
    run.refresh_from_db()
    assert (run.status, run.objective) == ("done", objective)
    assert (run.floor is not None) == (objective == "fair-floor")
    _words, data = told("check_run", run)
    assert data["holds"] is True
    _words, data = told("replay_run", run)
    assert data["same"] is True


def test_a_question_that_nobody_answered_was_asked_all_the_same(crowd):
    """Also when the run is checked and repeated from what was kept."""
    for form in (crowd.mentor_questions, crowd.mentee_questions):
        Question.objects.create(
            questionnaire=form, position=9, key="pet", kind="short_text", label="Pet?", fact="pet"
        )
    pet = {"name": "pet", "kind": "same", "mentee": "pet", "mentor": "pet", "points": 4}
    run = asked(crowd, policy=POLICY | {"criterion": [*POLICY["criterion"], pet]})
    runs.carry_out(run.pk)
    run.refresh_from_db()
    assert (run.status, run.failure) == ("done", "")
    assert told("check_run", run)[1]["holds"] is True
    assert told("replay_run", run)[1]["same"] is True


def test_lists_and_pages_do_not_load_it(answered, client):
    client.force_login(UserFactory(is_superuser=True))
    for name, code in (("desk-runs", answered.cohort.code), ("desk-run", answered.code)):
        client.get(reverse(name, args=[code]))  # the first look asks about the run
        with CaptureQueriesContext(connection) as seen:
            assert client.get(reverse(name, args=[code])).status_code == 200
        sql = " ".join(query["sql"] for query in seen)
        assert "matching_matchingrun" in sql
        assert not any(column in sql for column in ('"packed"', '"state"', '"prices"'))


def test_a_run_taken_up_again_keeps_one_input(crowd):
    run = asked(crowd)
    runs.carry_out(run.pk)
    MatchingRun.objects.update(status="queued")
    runs.carry_out(run.pk)
    run.refresh_from_db()
    assert RunInput.objects.filter(run=run).count() == 1
    assert (run.suggestions.count(), run.left_over.count()) == (4, 2)


# --- Forgetting -----------------------------------------------------------------------------------


def test_the_sweep_forgets_what_is_past_its_term(answered):
    last_day = answered.input.keep_until
    other = MatchingRunFactory(status="done", asked=bridge.asked_of(answered))
    RunInput.objects.filter(run=other).update(keep_until=last_day + timedelta(days=1))
    noon = clock.now() + timedelta(days=730)
    assert noon.date() == last_day
    with clock.at(noon):
        assert tasks.forget_inputs() == 0
    with clock.at(noon + timedelta(days=1)):
        assert tasks.forget_inputs() == 1
        assert tasks.forget_inputs() == 0
    assert [kept.run for kept in RunInput.objects.all()] == [other]
    events = AuditEvent.objects.filter(verb="run.forgotten").values_list(
        "actor_code", "subject_code", "program_code"
    )
    assert list(events) == [("", answered.code, answered.cohort.program.code)]


def test_after_an_erasure_figures_pairs_and_prices_are_still_there(answered, client):
    before = bridge.answer_of(answered)
    by = UserFactory(is_superuser=True)
    client.force_login(by)
    page = client.get(reverse("desk-run", args=[answered.code])).content.decode()
    assert "is kept until" in page
    assert matching_runs.forget_input(answered, by=by) is True
    assert matching_runs.forget_input(answered, by=by) is False
    answered.refresh_from_db()
    assert bridge.asked_of(answered) is None
    assert bridge.answer_of(answered) == before
    page = client.get(reverse("desk-run", args=[answered.code])).content.decode()
    assert "is no longer kept, so it can be neither checked nor repeated" in page
    assert "4 of 6 mentees have a match" in page
    page = client.get(reverse("desk-run-pairs", args=[answered.code])).content.decode()
    assert all(row.mentee.user.name in page for row in answered.suggestions.all())
    page = client.get(reverse("desk-run-unmatched", args=[answered.code])).content.decode()
    assert all(row.mentee.user.name in page for row in answered.left_over.all())
    for command in ("check_run", "replay_run"):
        assert refused(command, answered, "no longer kept") == {}
    with pytest.raises(RuleBroken, match="no longer kept"):
        audit_of(answered)
    (event,) = AuditEvent.objects.filter(verb="run.forgotten")
    assert event.actor_code == by.code


def test_forgetting_somebody_forgets_every_run_that_may_have_known_them(answered):
    again = asked(answered.cohort)
    runs.carry_out(again.pk)
    elsewhere = CohortFactory(stage="matching")
    person(elsewhere, "mentor")
    person(elsewhere)
    other = asked(elsewhere)
    runs.carry_out(other.pk)
    somebody = answered.suggestions.first().mentor.user
    erasure.erase(somebody, by=None)
    assert [kept.run for kept in RunInput.objects.all()] == [other]


# --- Checking -------------------------------------------------------------------------------------


def test_a_run_that_holds_is_said_to(answered, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        words, data = told("check_run", answered)
    assert words.startswith("Everything holds. No other matching places more mentees")
    assert data == {
        "run": answered.code,
        "holds": True,
        "wrong": "",
        "matched": 4,
        "matched_bound": 4,
        "score": answered.score,
        "score_bound": answered.score,
        "gap": 0,
        "digest": answered.digest,
    }


def another_pair(run):
    row = run.suggestions.first()
    row.mentee = run.left_over.first().mentee
    row.save()


def a_point_more(run):
    row = run.suggestions.last()
    Suggestion.objects.filter(pk=row.pk).update(score=row.score + 1)


def another_reason(run):
    row = run.suggestions.first()
    row.reasons[0]["shared"] = ["Piano"]
    row.save()


def a_pair_less(run):
    run.suggestions.last().delete()


def nobody_left_over(run):
    Unmatched.objects.all().delete()


def a_price(run):
    code = max(run.prices, key=run.prices.get)
    run.prices[code] += 1
    run.save()


def a_bound(run):
    run.score_bound -= 1
    run.save()


def the_gap(run):
    run.gap = 5
    run.save()


def the_policy(run):
    run.policy["criterion"][0]["label"] = "Another"
    run.save()


def the_seed(run):
    run.seed = 9
    run.save()


def the_digest(run):
    run.digest = "0" * 64
    run.save()


def the_input(run):
    text = run.input.text.replace('"seats":2', '"seats":3')
    assert text != run.input.text
    RunInput.objects.update(packed=RunInput.pack(text))


def a_damaged_input(run):
    RunInput.objects.update(packed=bytes(run.input.packed)[:-9])


def nonsense(run):
    RunInput.objects.update(packed=RunInput.pack('"nothing"'))


def another_form(run):
    RunInput.objects.update(packed=RunInput.pack('{"mentors": []}'))


@pytest.mark.parametrize(
    "tamper, sentence",
    [
        (another_pair, "list of mentees without a mentor"),
        (a_point_more, "The score of"),
        (another_reason, "The reasons of"),
        (a_pair_less, "number of mentees matched"),
        (nobody_left_over, "list of mentees without a mentor"),
        (a_price, "The gap"),
        (a_bound, "best total score"),
        (the_gap, "The gap"),
        (the_policy, "policy or the seed"),
        (the_seed, "policy or the seed"),
        (the_digest, "made from other people"),
        (the_input, "made from other people"),
        (a_damaged_input, "damaged"),
        (nonsense, "damaged"),
        (another_form, "not one that the engine wrote"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_was_tampered_with_does_not_hold(answered, tamper, sentence):
    tamper(answered)
    data = refused("check_run", answered, f"does not hold: .*{sentence}")
    if data:
        assert data["holds"] is False
        assert sentence in data["wrong"]


def late_run(cohort):
    for number in range(6):
        answers = {"skills_offered": [f"s{number % 3}", f"s{number % 2}"]}
        person(cohort, "mentor", answers=answers)
    for number in range(8):
        answers = {"skills_wanted": [f"s{number % 3}", f"s{number % 5}", f"s{number % 4}"]}
        person(cohort, answers=answers)
    run = asked(cohort)
    runs.carry_out(run.pk)
    return MatchingRun.objects.get(pk=run.pk)


def test_a_run_that_ran_out_of_time_says_how_far_it_is_and_that_holds(
    cohort, settings, monkeypatch
):
    """One pair of each mentee is given to the solver at first, and then it is late."""
    set_sizes(monkeypatch, LISTED=2, MOST_LISTED=3, SOLVED_WITH=1, FALLEN=(0, 1, 2))
    settings.MATCHING_SECONDS = 1e-9
    run = late_run(cohort)
    assert (run.status, run.is_proven) == ("done", False)
    assert run.gap > 0
    words, data = told("check_run", run)
    assert f"The gap to the proof is {run.gap} points" in words
    assert data["gap"] == run.gap
    out = StringIO()
    with pytest.raises(CommandError, match="did not come out the same"):
        call_command("replay_run", run.code, stdout=out)
    assert "ended before it was proven" in out.getvalue()


# --- Repeating ------------------------------------------------------------------------------------


@pytest.mark.parametrize("solver", engine.installed())
def test_a_run_comes_out_the_same_again(crowd, solver):
    run = matching_runs.start(crowd, by=None, solver=solver, seed=4)
    runs.carry_out(run.pk)
    run.refresh_from_db()
    assert run.solver.startswith(solver)
    before = MatchingRun.objects.values().get(pk=run.pk)
    words, data = told("replay_run", run)
    assert words == "The same came out: the same input, the same total, the same matches."
    assert data == {
        "run": run.code,
        "same": True,
        "digest": True,
        "total": True,
        "pairs": True,
        "solver": run.solver,
        "solver_now": run.solver,
    }
    assert MatchingRun.objects.values().get(pk=run.pk) == before


def test_another_version_of_the_solver_is_said(answered):
    name = answered.solver.split()[0]
    MatchingRun.objects.update(solver=f"{name} somehow 0.1")
    words, data = told("replay_run", answered)
    assert f"was solved by {name} somehow 0.1, this time it is {name}" in words
    assert data["same"] is True


def test_a_solver_that_is_no_longer_here_is_replaced_and_said(answered):
    MatchingRun.objects.update(solver="abacus 1.0")
    words, data = told("replay_run", answered)
    assert "was solved by abacus 1.0" in words
    assert (data["total"], data["digest"]) == (True, True)


@pytest.mark.parametrize(
    "tamper, sentence, other",
    [
        (another_pair, "1 of 4 matches are others", "pairs"),
        (a_bound, "The same came out", None),
        (the_digest, "not the one that was solved", "digest"),
        (the_input, "not the one that was solved", "digest"),
    ],
    ids=["pair", "bound", "digest", "input"],
)
def test_what_differs_from_the_stored_run_is_said(answered, tamper, sentence, other):
    tamper(answered)
    out = StringIO()
    if other is None:
        call_command("replay_run", answered.code, stdout=out)
    else:
        with pytest.raises(CommandError, match="did not come out the same"):
            call_command("replay_run", answered.code, stdout=out)
    *lines, last = out.getvalue().splitlines()
    assert sentence in " ".join(lines)
    data = json.loads(last)
    assert data["same"] is (other is None)
    if other:
        assert data[other] is False


def test_a_run_with_another_total_is_said(answered):
    MatchingRun.objects.update(score=answered.score - 1)
    out = StringIO()
    with pytest.raises(CommandError, match="did not come out the same"):
        call_command("replay_run", answered.code, stdout=out)
    assert f"Then 4 were matched with {answered.score - 1} points, now 4" in out.getvalue()


@pytest.mark.parametrize("command", ["check_run", "replay_run"])
@pytest.mark.parametrize(
    "fields, sentence",
    [
        ({"status": "queued"}, "still at work"),
        ({"status": "running"}, "still at work"),
        ({"status": "failed", "failure": "x"}, "has no answer"),
        ({"status": "cancelled"}, "has no answer"),
        ({"status": "done"}, "no longer kept"),
    ],
    ids=["queued", "running", "failed", "cancelled", "forgotten"],
)
def test_what_cannot_be_done_is_a_sentence(db, command, fields, sentence):
    assert refused(command, MatchingRunFactory(**fields), sentence) == {}


@pytest.mark.parametrize("command", ["check_run", "replay_run"])
def test_a_code_nobody_knows_is_a_sentence(db, command):
    with pytest.raises(CommandError, match="no matching run with the code nosuchcode"):
        call_command(command, "nosuchcode")


def test_an_input_that_the_engine_refuses_cannot_be_repeated(answered):
    table = json.loads(answered.input.text)
    table["policy"]["criterion"][0]["mentee"] = "shoes"
    RunInput.objects.update(packed=RunInput.pack(json.dumps(table)))
    refused("replay_run", answered, "cannot be repeated: .*shoes")
