"""A run at work: how far it is, how it is cancelled, what becomes of it when its worker dies."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from matching import bridge, engine, runs, tasks
from matching.actions import matching_runs
from matching.models import MatchingRun
from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications.models import OutboxMessage
from tests.factories.matching import MatchingRunFactory
from tests.factories.programs import UserFactory
from tests.matching.people import asked, person

Status = MatchingRun.Status


@pytest.fixture
def talkative(monkeypatch):
    """Every sign is written, however soon after the last one."""
    monkeypatch.setattr(runs, "_SECONDS_BETWEEN_SIGNS", 0)


def carried_out(run, **how):
    runs.carry_out(run.pk, **how)
    return MatchingRun.objects.get(pk=run.pk)


def dies(*args, **how):
    """As a worker that is killed: nothing is written, nothing is caught."""
    raise SystemExit


def killed(run, monkeypatch, how=dies):
    """Carry the run out, until its worker is killed."""
    with monkeypatch.context() as patch:
        patch.setattr(bridge, "solve", how)
        with pytest.raises(SystemExit):
            runs.carry_out(run.pk)


# --- How far it is --------------------------------------------------------------------------------


def test_the_row_tells_the_step_and_its_share_and_the_lease_is_renewed(
    cohort, pair, talkative, monkeypatch
):
    seen = []
    give = runs._Signs.give

    def watched(signs, step, share):
        give(signs, step, share)
        row = MatchingRun.objects.get()
        seen.append((row.status, row.step, row.share, row.lease_until))

    monkeypatch.setattr(runs._Signs, "give", watched)
    run = carried_out(asked(cohort))
    steps = [step for _status, step, _share, _lease in seen]
    assert steps[0] == "reading"
    assert {"scores", "solving"} <= set(steps)
    assert {status for status, *_ in seen} == {"running"}
    assert {share for *_, share, _lease in seen} <= {0.0, 1.0}
    leases = [lease for *_, lease in seen]
    assert leases == sorted(set(leases))
    assert (run.status, run.step, run.share, run.lease_until) == ("done", "", 0, None)


def test_a_small_run_writes_one_sign(cohort, pair, monkeypatch):
    given = []
    monkeypatch.setattr(runs._Signs, "give", lambda signs, step, share: given.append(step))
    assert carried_out(asked(cohort)).status == "done"
    assert given == ["reading"]


@pytest.mark.parametrize("people, seconds", [(1, 120), (3, 120)])
def test_a_lease_is_short(cohort, people, seconds, monkeypatch):
    for _ in range(people):
        person(cohort)
    run = asked(cohort)
    monkeypatch.setattr(bridge, "load", dies)
    with clock.at(clock.now()) as now, pytest.raises(SystemExit):
        runs.carry_out(run.pk)
    run.refresh_from_db()
    assert run.lease_until - now == timedelta(seconds=seconds + people / 50)


# --- A worker that dies ---------------------------------------------------------------------------


def test_a_killed_run_is_taken_up_again_three_times_and_then_failed(cohort, pair, monkeypatch):
    run = asked(cohort)
    solve = bridge.solve
    monkeypatch.setattr(bridge, "solve", dies)
    now = clock.now()
    for attempt in (1, 2, 3):
        with clock.at(now), pytest.raises(SystemExit):
            tasks.run_queued()
        run.refresh_from_db()
        assert (run.status, run.attempts, run.is_left_behind(now)) == ("running", attempt, False)
        with clock.at(now + timedelta(seconds=60)):
            tasks.run_queued()  # too early: its lease still runs
        run.refresh_from_db()
        assert run.attempts == attempt
        now += timedelta(minutes=3)
        assert run.is_left_behind(now)
    monkeypatch.setattr(bridge, "solve", solve)
    with clock.at(now):
        tasks.run_queued()
    run.refresh_from_db()
    assert (run.status, run.lease_until, run.finished_at) == ("failed", None, now)
    assert "broke off 3 times" in run.failure
    assert [mail.kind for mail in OutboxMessage.objects.all()] == ["run_finished"]


def test_a_run_that_was_killed_once_comes_to_its_end(cohort, pair, monkeypatch):
    run = asked(cohort)
    killed(run, monkeypatch)
    with clock.at(clock.now() + timedelta(minutes=3)):
        tasks.run_queued()
    run.refresh_from_db()
    assert (run.status, run.attempts, run.matched) == ("done", 2, 1)


def test_a_worker_that_was_thought_dead_notices_and_stops(cohort, pair, talkative, monkeypatch):
    run = asked(cohort)
    solve = bridge.solve

    def late(problem, **how):
        monkeypatch.setattr(bridge, "solve", solve)
        with clock.at(clock.now() + timedelta(minutes=5)):
            runs.carry_out(run.pk)
        other = MatchingRun.objects.get(pk=run.pk)
        assert (other.status, other.attempts) == ("done", 2)
        with pytest.raises(engine.Stopped):
            how["work"].watch("scores", 0.5)
        raise engine.Stopped

    monkeypatch.setattr(bridge, "solve", late)
    assert carried_out(run).status == "done"


def test_the_database_keeps_a_lease_on_what_runs_and_a_reason_on_what_failed(here):
    rows = MatchingRun.objects.filter(pk=here.run.pk)
    for fields in ({"status": "running"}, {"status": "failed"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**fields)


# --- Cancelling -----------------------------------------------------------------------------------


def test_a_run_that_waits_is_cancelled_at_once(cohort, pair):
    run, by = asked(cohort), UserFactory()
    cancelled = matching_runs.cancel(run, by=by)
    assert (cancelled.status, cancelled.failure) == ("cancelled", "")
    assert cancelled.finished_at is not None
    assert carried_out(run).status == "cancelled"
    assert matching_runs.cancel(run, by=by).status == "cancelled"
    told = AuditEvent.objects.filter(verb="run.cancelled").values_list("actor_code", "subject_code")
    assert list(told) == [(by.code, run.code)]
    assert not OutboxMessage.objects.exists()


def test_a_run_at_work_is_cancelled_between_two_steps(cohort, pair, talkative, monkeypatch):
    run, by = asked(cohort), UserFactory()
    steps = []
    watch = runs._Signs._watch

    def cancelling(signs, step, share):
        steps.append(step)
        if step == "solving":
            row = matching_runs.cancel(run, by=by)
            assert (row.status, row.cancel_asked_at is None) == ("running", False)
            assert matching_runs.cancel(run, by=by).cancel_asked_at == row.cancel_asked_at
        watch(signs, step, share)

    monkeypatch.setattr(runs._Signs, "_watch", cancelling)
    row = carried_out(run)
    assert (row.status, row.lease_until, row.suggestions.count()) == ("cancelled", None, 0)
    assert steps[-1] == "solving"
    assert "proof" not in steps
    assert not hasattr(row, "input")
    assert AuditEvent.objects.filter(verb="run.cancelled").count() == 1


def test_a_run_cancelled_in_its_last_moment_is_not_done(cohort, pair, monkeypatch):
    run, solve = asked(cohort), bridge.solve

    def cancelled_after(problem, **how):
        result = solve(problem, **how)
        matching_runs.cancel(run, by=UserFactory())
        return result

    monkeypatch.setattr(bridge, "solve", cancelled_after)
    row = carried_out(run)
    assert (row.status, row.suggestions.count()) == ("cancelled", 0)


def test_a_run_left_behind_is_cancelled_at_once(cohort, pair, monkeypatch):
    run = asked(cohort)
    killed(run, monkeypatch)
    with clock.at(clock.now() + timedelta(minutes=3)):
        assert matching_runs.cancel(run, by=UserFactory()).status == "cancelled"
    assert asked(cohort).status == "queued"


def test_a_worker_that_dies_while_it_is_cancelled_leaves_it_cancelled(cohort, pair, monkeypatch):
    run = asked(cohort)

    def cancelled_and_killed(*args, **how):
        matching_runs.cancel(run, by=UserFactory())
        raise SystemExit

    killed(run, monkeypatch, cancelled_and_killed)
    with clock.at(clock.now() + timedelta(minutes=3)):
        assert carried_out(run).status == "cancelled"


def test_whoever_stops_the_command_cancels_the_run(cohort, pair, monkeypatch):
    run = asked(cohort)

    def interrupted(*args, **how):
        raise KeyboardInterrupt

    monkeypatch.setattr(bridge, "solve", interrupted)
    with pytest.raises(KeyboardInterrupt):
        runs.carry_out(run.pk)
    run.refresh_from_db()
    assert run.status == "cancelled"


@pytest.mark.parametrize("status", ["done", "failed", "published"])
def test_what_has_ended_is_not_cancelled(db, status):
    published = {"published_at": clock.now(), "published_by": UserFactory()}
    run = MatchingRunFactory(
        status=status, failure="x", **(published if status == "published" else {})
    )
    with pytest.raises(RuleBroken, match="has ended"):
        matching_runs.cancel(run, by=UserFactory())


# --- Again ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["cancelled", "failed", "done"])
def test_a_run_that_ended_is_run_again_as_a_new_one(cohort, pair, status):
    policy = {**cohort.policy, "name": "Another", "objective": "total"}
    first = MatchingRunFactory(
        cohort=cohort, status=status, failure="x", policy=policy, seed=7, attempts=4
    )
    by = UserFactory()
    again = matching_runs.again(first, by=by)
    assert (again.status, again.seed, again.attempts, again.asked_by) == ("queued", 7, 0, by)
    assert (again.policy["name"], again.objective) == ("Another", "total")
    with pytest.raises(RuleBroken, match="being worked on"):
        matching_runs.again(first, by=by)
    assert carried_out(again).status == "done"


# --- Time and cores -------------------------------------------------------------------------------


def test_the_settings_say_how_long_and_on_how_many_cores(cohort, pair, settings, monkeypatch):
    settings.MATCHING_SECONDS, settings.MATCHING_THREADS = 1800, 3
    told = []

    def look(problem, *, solver, work):
        told.append((solver, work.threads, work.is_late()))
        settings.MATCHING_SECONDS = 1e-9
        told.append(work.is_late())
        settings.MATCHING_SECONDS = 0
        told.append(work.is_late())
        return engine.solve(problem, solver=solver, work=work)

    monkeypatch.setattr(bridge, "solve", look)
    run = matching_runs.start(cohort, by=None, solver="scipy")
    assert carried_out(run, threads=2).solver.startswith("scipy ")
    assert told == [("scipy", 2, False), True, False]
    settings.MATCHING_SECONDS, settings.MATCHING_THREADS = 1800, 0
    assert runs.cores() >= 1


def test_a_solver_that_is_not_here_is_a_sentence(cohort, pair):
    run = carried_out(matching_runs.start(cohort, by=None, solver="abacus"))
    assert run.status == "failed"
    assert "abacus" in run.failure
    assert "not installed" in run.failure


def test_nothing_that_cannot_be_matched_reaches_the_solver(cohort, pair, monkeypatch):
    monkeypatch.setattr("matching.engine.assignment.assign", dies)
    policy = cohort.policy | {"criterion": [{**cohort.policy["criterion"][0], "mentee": "shoes"}]}
    run = carried_out(asked(cohort, policy=policy))
    assert run.status == "failed"
    assert "'shoes', which no mentee was asked for" in run.failure


# --- The pages ------------------------------------------------------------------------------------


@pytest.fixture
def waiting(here):
    mentor = person(here.cohort, "mentor", answers={"skills_offered": ["Go"]})
    mentee = person(here.cohort, answers={"skills_wanted": ["Go"]})
    return mentor, mentee


def page_of(client, run, **query):
    return client.get(reverse("desk-run", args=[run.code]), query)


def test_a_page_of_a_run_at_work_tells_how_far_it_is(here, as_coordinator):
    run = MatchingRunFactory(cohort=here.cohort, status="running", step="scores", share=0.42)
    answer = page_of(as_coordinator, run)
    text = answer.content.decode()
    assert "Comparing every mentee with every mentor" in text
    assert "42%" in text.replace("\xa0", "")
    assert reverse("desk-run-cancel", args=[run.code]) in text
    assert reverse("desk-run-again", args=[run.code]) not in text
    assert "Refresh" not in answer.headers
    followed = page_of(as_coordinator, run, follow=1)
    assert followed.headers["Refresh"] == "5"
    assert "Stop loading anew" in followed.content.decode()


def test_a_page_that_follows_a_run_stands_still_when_it_has_ended(here, as_coordinator):
    assert "Refresh" not in page_of(as_coordinator, here.run, follow=1).headers


@pytest.mark.parametrize(
    "fields, told",
    [
        ({"status": "queued"}, "Waiting for a free worker"),
        ({"status": "running", "step": "new-step"}, "Looking for the best matches"),
        ({"status": "running", "attempts": 2}, "this is attempt 2 of 3"),
        ({"status": "running", "cancel_asked_at": clock.now()}, "It is being cancelled"),
        (
            {"status": "running", "lease_until": clock.now() - timedelta(minutes=1)},
            "has not been heard of",
        ),
        ({"status": "cancelled"}, "The run was cancelled"),
        ({"status": "failed", "failure": "Too little."}, "Too little."),
    ],
    ids=["waits", "unknown step", "again", "stopping", "left behind", "cancelled", "failed"],
)
def test_a_page_says_what_becomes_of_a_run(here, as_coordinator, fields, told):
    run = MatchingRunFactory(cohort=here.cohort, **fields)
    assert told in page_of(as_coordinator, run).content.decode()


def test_a_coordinator_cancels_and_runs_again(here, as_coordinator, waiting):
    run = matching_runs.start(here.cohort, by=here.coordinator)
    cancel = reverse("desk-run-cancel", args=[run.code])
    again = reverse("desk-run-again", args=[run.code])
    assert as_coordinator.get(cancel).status_code == 405
    assert as_coordinator.get(again).status_code == 405
    answer = as_coordinator.post(cancel, follow=True)
    text = answer.content.decode()
    assert "The run was cancelled" in text
    assert f'action="{again}"' in text
    answer = as_coordinator.post(again)
    new = MatchingRun.objects.filter(cohort=here.cohort).first()
    assert new.pk != run.pk
    assert answer["Location"] == reverse("desk-run", args=[new.code])
    # while that one waits no other can start, so no button offers it
    assert again not in page_of(as_coordinator, run).content.decode()


@pytest.mark.parametrize("verb", ["cancel", "again"])
def test_a_stranger_neither_cancels_nor_repeats(elsewhere, as_coordinator, verb):
    answer = as_coordinator.post(reverse(f"desk-run-{verb}", args=[elsewhere.run.code]))
    assert answer.status_code == 404
