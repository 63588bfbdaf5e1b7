"""What becomes of a run: carried out, published, shown."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from feedback.models import CheckIn
from matching import bridge, runs, tasks
from matching.actions import matches, matching_runs
from matching.models import Match, MatchingRun, Place, Seat, Suggestion
from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications.models import OutboxMessage
from programs.actions import applications
from tests.factories.matching import MatchingRunFactory, match_of
from tests.factories.programs import POLICY, CohortFactory, UserFactory
from tests.matching.people import asked, person

Status = MatchingRun.Status


def test_a_run_is_answered_once_and_proven(cohort, pair):
    run = asked(cohort)
    runs.carry_out(run.pk)
    run.refresh_from_db()
    first = run.finished_at
    runs.carry_out(run.pk)
    run.refresh_from_db()
    numbers = (run.mentors, run.mentees, run.seats, run.matched, run.matched_bound, run.gap)
    assert (run.status, run.finished_at, numbers) == ("done", first, (1, 1, 1, 1, 1, 0))
    assert run.score == run.score_bound > 0
    assert run.is_proven
    assert (run.lease_until, run.unmatched, len(run.digest)) == (None, 0, 64)
    (suggestion,) = run.suggestions.all()
    assert (suggestion.mentor, suggestion.mentee) == pair
    assert [m.kind for m in OutboxMessage.objects.all()] == ["run_finished"]


def test_the_sweep_carries_out_what_waits(cohort, pair):
    first = asked(cohort)
    with pytest.raises(RuleBroken, match="being worked on"):
        asked(cohort)
    other = MatchingRun.objects.create(cohort=CohortFactory(stage="matching"), policy=first.policy)
    tasks.run_queued()
    assert set(MatchingRun.objects.values_list("pk", "status")) == {
        (first.pk, "done"),
        (other.pk, "done"),
    }
    third = asked(cohort)
    tasks.run_matching(third.pk)
    third.refresh_from_db()
    assert third.status == "done"


@pytest.mark.parametrize("policy", [{"name": "x"}, {"criterion": 5}, {"name": "", "criterion": []}])
def test_a_policy_the_engine_refuses_is_a_sentence(cohort, policy):
    with pytest.raises(RuleBroken, match="policy"):
        asked(cohort, policy=policy)
    assert not MatchingRun.objects.exists()


def test_a_policy_that_went_bad_leaves_the_run_failed_with_its_sentence(cohort, pair):
    run = asked(cohort)
    MatchingRun.objects.update(policy={"name": "x", "criterion": []})
    runs.carry_out(run.pk)
    run.refresh_from_db()
    assert (run.status, run.lease_until) == ("failed", None)
    assert "at least one" in run.failure
    assert run.finished_at is not None
    assert OutboxMessage.objects.count() == 1


def test_a_crash_leaves_the_run_failed_and_is_seen(cohort, pair, monkeypatch):
    run = asked(cohort)

    def crash(asked, **how):
        raise MemoryError("too large")

    monkeypatch.setattr(bridge, "solve", crash)
    with pytest.raises(MemoryError):
        runs.carry_out(run.pk)
    run.refresh_from_db()
    assert (run.status, run.suggestions.count()) == ("failed", 0)
    assert "Please start a new run" in run.failure


def test_a_run_left_behind_is_taken_up_after_its_lease(cohort, pair):
    run = asked(cohort)
    now = clock.now()
    MatchingRun.objects.update(status="running", lease_until=now + timedelta(hours=1))
    runs.carry_out(run.pk)
    run.refresh_from_db()
    assert run.status == "running"
    with clock.at(now + timedelta(hours=1, seconds=1)):
        runs.carry_out(run.pk)
    run.refresh_from_db()
    assert run.status == "done"


@pytest.mark.parametrize("ends_in", ["answer", "refusal"])
def test_a_worker_that_outlived_its_lease_writes_nothing(cohort, pair, monkeypatch, ends_in):
    """While it slept another answered and a person published."""
    run = asked(cohort)
    solve = bridge.solve

    def slow(asked, **how):
        monkeypatch.setattr(bridge, "solve", solve)
        with clock.at(clock.now() + timedelta(hours=2)):
            runs.carry_out(run.pk)
            matching_runs.publish(run, by=run.asked_by)
        if ends_in == "refusal":
            raise bridge.engine.ProblemError("late")
        return solve(asked, **how)

    monkeypatch.setattr(bridge, "solve", slow)
    runs.carry_out(run.pk)
    run.refresh_from_db()
    assert (run.status, run.failure, run.suggestions.count()) == ("published", "", 1)
    assert OutboxMessage.objects.filter(kind="run_finished").count() == 1


def test_a_run_nobody_asked_for_writes_to_nobody(cohort, pair):
    run = matching_runs.start(cohort, by=None)
    runs.carry_out(run.pk)
    assert not OutboxMessage.objects.exists()


# --- Publishing --------------------------------------------------------------------------------


def test_publishing_makes_matches_plans_check_ins_and_introduces_people(done, pair):
    by = UserFactory()
    (match,) = matching_runs.publish(done, by=by)
    mentor, mentee = pair
    assert {p.code for p in match.people} == {
        mentor.code,
        mentee.code,
    }
    assert (match.run, match.score, match.status) == (done, done.score, "running")
    told = set(OutboxMessage.objects.values_list("kind", "recipient"))
    assert told == {("match_introduced", mentor.user_id), ("match_introduced", mentee.user_id)}
    assert CheckIn.objects.filter(match=match).count() > 2
    done.refresh_from_db()
    assert (done.status, done.published_by) == ("published", by)
    with pytest.raises(RuleBroken, match="published already"):
        matching_runs.publish(done, by=by)
    assert Match.objects.count() == 1


def test_an_unfinished_run_is_not_published(cohort, pair):
    with pytest.raises(RuleBroken, match="not finished"):
        matching_runs.publish(asked(cohort), by=UserFactory())


def leaves(mentor, mentee):
    wish = mentee.user.applications.get()
    applications.withdraw(wish, by=mentee.user)


def is_matched(mentor, mentee):
    match_of(person(mentor.cohort, "mentor"), mentee)


def is_full(mentor, mentee):
    match_of(mentor, person(mentor.cohort))


@pytest.mark.parametrize(
    "change, sentence",
    [(leaves, "has left"), (is_matched, "is matched by now"), (is_full, "no free place")],
)
def test_a_stale_run_publishes_nothing(done, pair, change, sentence):
    change(*pair)
    before = Match.objects.count(), OutboxMessage.objects.count()
    with pytest.raises(RuleBroken, match=f"{sentence}.*nothing was published"):
        matching_runs.publish(done, by=UserFactory())
    assert (Match.objects.count(), OutboxMessage.objects.count()) == before
    done.refresh_from_db()
    assert (done.status, done.published_at) == ("done", None)


def test_a_mentor_with_two_seats_takes_two_and_a_lowered_capacity_counts(cohort):
    mentor = person(cohort, "mentor", capacity=2)
    mentees = [person(cohort) for _ in range(2)]
    run = MatchingRunFactory(cohort=cohort, status=Status.DONE)
    for mentee in mentees:
        Suggestion.objects.create(run=run, mentor=mentor, mentee=mentee, score=1)
    other = MatchingRunFactory(cohort=cohort, status=Status.DONE)
    Suggestion.objects.create(run=other, mentor=mentor, mentee=mentees[0], score=1)
    mentor.capacity = 1
    mentor.save()
    with pytest.raises(RuleBroken, match="no free place"):
        matching_runs.publish(run, by=UserFactory())
    mentor.capacity = 2
    mentor.save()
    assert len(matching_runs.publish(run, by=UserFactory())) == 2
    taken = Place.objects.open().filter(role="mentor").values_list("seat__number", flat=True)
    assert sorted(taken) == [1, 2]


def test_in_a_cohort_of_co_mentors_a_mentee_may_have_two(db):
    cohort = CohortFactory(stage="matching", is_one_to_one=False)
    mentee = person(cohort)
    for _ in range(2):
        run = MatchingRunFactory(cohort=cohort, status=Status.DONE)
        mentor = person(cohort, "mentor")
        Suggestion.objects.create(run=run, mentor=mentor, mentee=mentee, score=1)
        matching_runs.publish(run, by=UserFactory())
    assert Place.objects.open().filter(participant=mentee).count() == 2


def test_ending_frees_the_seat_once(here):
    at = clock.now() + timedelta(days=1)
    with clock.at(at):
        matches.end(here.match, by=here.coordinator)
    with clock.at(at + timedelta(days=1)):
        ended = matches.end(here.match, by=here.coordinator)
    assert (ended.status, ended.ended_at) == ("ended", at)
    assert ended.people == []
    assert AuditEvent.objects.filter(verb="match.ended").count() == 1
    assert match_of(here.mentor, here.mentee).pk


# --- What the database holds --------------------------------------------------------------------


def refuses(change):
    with pytest.raises(IntegrityError), transaction.atomic():
        change()


def test_the_database_holds_seats_and_places(here):
    now = clock.now()
    mentors_place = here.match.places.get(role="mentor")
    seat = mentors_place.seat
    other = Match.objects.create(cohort=here.cohort, introduced_at=now)

    def place(match=other, participant=here.mentor, role="mentor", **fields):
        return Place.objects.create(
            match=match, participant=participant, role=role, from_at=now, **fields
        )

    refuses(lambda: place(seat=seat))
    refuses(lambda: place(seat=None))
    refuses(lambda: place(participant=here.mentee, role="mentee"))
    refuses(lambda: place(participant=here.mentee, role="mentee", seat=seat))
    second = Seat.objects.create(participant=here.mentor, number=2)
    refuses(lambda: place(match=here.match, seat=second))
    refuses(lambda: Seat.objects.create(participant=here.mentor, number=2))
    refuses(lambda: place(seat=second, until_at=now - timedelta(seconds=1)))
    assert place(seat=second).pk
    assert place(participant=here.mentee, role="mentee", is_exclusive=False).pk


@pytest.mark.parametrize(
    "fields", [{"status": "ended"}, {"ended_at": clock.now()}], ids=["no time", "no end"]
)
def test_a_match_ends_at_some_time(here, fields):
    refuses(lambda: Match.objects.filter(pk=here.match.pk).update(**fields))


@pytest.mark.parametrize(
    "fields", [{"published_at": clock.now()}, {"matched": 2}], ids=["nobody", "bound"]
)
def test_a_run_is_published_by_somebody_and_stays_within_its_bound(here, fields):
    refuses(lambda: MatchingRun.objects.filter(pk=here.run.pk).update(**fields))


def test_a_run_names_a_mentee_once(here):
    Suggestion.objects.create(run=here.run, mentor=here.mentor, mentee=here.mentee, score=1)
    refuses(
        lambda: Suggestion.objects.create(
            run=here.run, mentor=here.other_mentor, mentee=here.mentee, score=1
        )
    )


# --- The pages --------------------------------------------------------------------------------


def test_a_coordinator_starts_reads_and_publishes(here, as_coordinator):
    mentor = person(here.cohort, "mentor", answers={"skills_offered": ["Go"]})
    mentee = person(here.cohort, answers={"skills_wanted": ["Go"]})
    answer = as_coordinator.post(reverse("desk-run-start", args=[here.cohort.code]))
    run = MatchingRun.objects.exclude(pk=here.run.pk).get()
    assert answer["Location"] == reverse("desk-run", args=[run.code])
    assert as_coordinator.get(answer["Location"]).status_code == 200
    tasks.run_queued()
    page = as_coordinator.get(answer["Location"]).content.decode()
    assert mentor.user.name in page
    assert mentee.user.name in page
    publish = reverse("desk-run-publish", args=[run.code])
    assert as_coordinator.get(publish).status_code == 405
    assert as_coordinator.post(publish).status_code == 302
    assert Match.objects.filter(run=run).count() == 1
    referer = {"Referer": f"http://testserver{answer['Location']}"}
    again = as_coordinator.post(publish, headers=referer, follow=True)
    assert "published already" in again.content.decode()


def test_a_matching_without_anybody_to_match_says_why_and_is_not_offered(here, as_coordinator):
    def shown():
        url = reverse("desk-runs", args=[here.next_cohort.code])
        page = as_coordinator.get(url).content.decode()
        return page, "Start a run" in page

    page, can_start = shown()
    assert ("Nobody takes part yet. Accept applications first." in page, can_start) == (True, False)
    mentee = person(here.next_cohort)
    page, can_start = shown()
    assert ("No mentor has a free place." in page, can_start) == (True, False)
    mentor = person(here.next_cohort, "mentor")
    assert shown()[1]
    match_of(mentor, mentee)
    page, can_start = shown()
    assert ("No mentee is without a mentor" in page, can_start) == (True, False)
    person(here.next_cohort)  # the one mentor has one place
    page, can_start = shown()
    assert ("No mentor has a free place." in page, can_start) == (True, False)


def test_a_policy_of_no_use_is_a_sentence_on_the_page(here, as_coordinator):
    here.cohort.policy = POLICY | {"criterion": []}
    here.cohort.save()
    url = reverse("desk-run-start", args=[here.cohort.code])
    page = reverse("desk-runs", args=[here.cohort.code])
    answer = as_coordinator.post(url, headers={"Referer": f"http://testserver{page}"}, follow=True)
    assert "at least one" in answer.content.decode()
    assert MatchingRun.objects.filter(cohort=here.cohort).count() == 1
