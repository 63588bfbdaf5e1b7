"""The next best: found by a proven run of its own, moving nobody, at most three times in a row."""

from datetime import timedelta

import pytest

from matching import bridge, next_best, runs, tasks
from matching.actions import introductions, matching_runs
from matching.models import Avoid, Introduction, Match, MatchingRun, Place
from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications.models import OutboxMessage
from programs.actions import applications
from tests.factories.programs import CohortFactory, MembershipFactory, ProfileFactory, UserFactory
from tests.matching.introduced import introduce, stands, told
from tests.matching.people import person

DAY = timedelta(days=1)


@pytest.fixture
def cohort(db):
    return CohortFactory(stage="matching", answer_days=7)


@pytest.fixture
def coordinator(cohort):
    return MembershipFactory(program=cohort.program).user


def no(introduction, one):
    return introductions.answer(introduction, by=one.user, says_yes=False)


def yes(introduction, one):
    return introductions.answer(introduction, by=one.user, says_yes=True)


def open_of(mentee):
    return Introduction.objects.open().filter(mentee=mentee).first()


def nexts():
    return MatchingRun.objects.filter(kind="next").order_by("pk")


def test_whoever_is_let_down_is_introduced_to_the_next_best(cohort, coordinator):
    mentor, mentee, spare = person(cohort, "mentor"), person(cohort), person(cohort, "mentor")
    (first,) = introduce((mentor, mentee), by=coordinator)
    yes(first, mentee)
    no(first, mentor)
    tasks.go_on_with_next_best()
    second = open_of(mentee)
    assert (second.mentor, second.origin, second.follows) == (spare, "next", first)
    assert second.score == second.run.suggestions.get().score
    run = nexts().get()
    assert (run.parent, run.only, run.policy) == (first.run, [mentee.code], first.run.policy)
    assert (run.status, run.published_by, run.asked_by) == ("published", coordinator, None)
    assert run.is_proven
    bridge.check(run, bridge.asked_of(run))
    event = AuditEvent.objects.get(verb="run.published", subject_code=run.code)
    assert event.actor_code == ""
    assert told(mentee) == ["introduction_over"]
    tasks.go_on_with_next_best()
    assert nexts().count() == 1
    yes(second, mentee)
    assert yes(second, spare).status == "agreed"


def test_nobody_who_is_introduced_or_matched_is_moved(cohort):
    """The let down would fit the others' mentors better; they are not part of the question."""
    wish = {"skills_wanted": ["Go", "SQL"]}
    offer = {"skills_offered": ["Go", "SQL"]}
    leaver, kept, taken = (person(cohort, "mentor", answers=offer) for _ in range(3))
    plain = person(cohort, "mentor")
    let_down, introduced, matched = (person(cohort, answers=wish) for _ in range(3))
    first, other, last = introduce((leaver, let_down), (kept, introduced), (taken, matched))
    yes(last, matched)
    yes(last, taken)
    no(first, leaver)
    before = set(Place.objects.values_list("pk", "participant", "until_at"))
    tasks.go_on_with_next_best()
    assert open_of(let_down).mentor == plain
    assert stands(other).status == "open"
    assert set(Place.objects.values_list("pk", "participant", "until_at")) == before
    asked = bridge.asked_of(nexts().get())
    assert [one.id for one in asked.mentees] == [let_down.code]
    # the mentor who said no has a place free, but these two are kept apart
    assert {one.id for one in asked.mentors} == {plain.code, leaver.code}


def test_a_mentor_who_lets_it_lapse_lets_down_and_a_silent_mentee_is_not(cohort):
    mentors = [person(cohort, "mentor") for _ in range(2)]
    waiting, silent = person(cohort), person(cohort)
    first, second = introduce((mentors[0], waiting), (mentors[1], silent))
    yes(first, waiting)
    yes(second, mentors[1])
    spare = person(cohort, "mentor")
    with clock.at(first.answer_by + timedelta(seconds=1)):
        tasks.tend_introductions()
        tasks.go_on_with_next_best()
        # mentors[1] is free again too, and either fits
        assert open_of(waiting).mentor in (spare, mentors[1])
        assert open_of(silent) is None


def test_who_says_no_themself_is_not_introduced_again_and_the_freed_mentor_is(cohort):
    mentor, mentee, waiting = person(cohort, "mentor"), person(cohort), person(cohort)
    spare = person(cohort, "mentor")
    (first,) = introduce((mentor, mentee), left=[waiting])
    Introduction.objects.create(  # the spare one is spoken for
        cohort=cohort,
        mentee=person(cohort),
        mentor=spare,
        made_at=clock.now(),
        answer_by=clock.now() + DAY,
    )
    no(first, mentee)
    tasks.go_on_with_next_best()
    assert open_of(mentee) is None
    assert open_of(waiting).mentor == mentor
    assert open_of(waiting).follows is None
    tasks.go_on_with_next_best()
    assert nexts().count() == 1


def test_a_freed_mentor_goes_first_to_who_was_let_down_before(cohort):
    first_mentor, mentor = person(cohort, "mentor"), person(cohort, "mentor")
    let_down, mentee, waiting = person(cohort), person(cohort), person(cohort)
    lost, other = introduce((first_mentor, let_down), (mentor, mentee), left=[waiting])
    no(lost, first_mentor)
    tasks.go_on_with_next_best()  # finds nobody: the only free mentor is the one who said no
    assert open_of(let_down) is None
    later = clock.now() + DAY
    with clock.at(later):
        no(other, mentee)
        tasks.go_on_with_next_best()
        second = open_of(let_down)
        assert (second.mentor, second.follows) == (mentor, lost)
        tasks.go_on_with_next_best()
    # and the mentor who had said no goes to whoever is left
    assert open_of(waiting) is None or open_of(waiting).mentor == first_mentor


def test_a_pause_of_who_was_let_down_keeps_no_worker_busy(cohort):
    first_mentor, mentor = person(cohort, "mentor"), person(cohort, "mentor")
    let_down, mentee, waiting = person(cohort), person(cohort), person(cohort)
    lost, other = introduce((first_mentor, let_down), (mentor, mentee), left=[waiting])
    no(lost, first_mentor)
    tasks.go_on_with_next_best()
    ProfileFactory(user=let_down.user, paused_at=clock.now(), back_on=clock.now().date() + 30 * DAY)
    with clock.at(clock.now() + DAY):
        no(other, mentee)
        for _ in range(4):
            tasks.go_on_with_next_best()
        assert open_of(waiting).mentor in (mentor, first_mentor)
    assert nexts().count() == 3


def test_when_nobody_is_found_the_mentee_and_the_coordinators_hear(cohort, coordinator):
    mentor, mentee = person(cohort, "mentor"), person(cohort)
    (first,) = introduce((mentor, mentee))
    no(first, mentor)
    for _ in range(3):
        tasks.go_on_with_next_best()
    assert told(mentee) == ["introduction_over", "still_waiting"]
    rows = OutboxMessage.objects.filter(kind__in=("next_best_not_found", "still_waiting"))
    assert set(rows.values_list("kind", "recipient")) == {
        ("next_best_not_found", coordinator.pk),
        ("still_waiting", mentee.user_id),
    }
    assert (rows.count(), nexts().get().status) == (2, "done")


def test_three_times_in_a_row_and_then_a_coordinator_decides(cohort, coordinator):
    mentee = person(cohort)
    mentors = [person(cohort, "mentor") for _ in range(6)]
    (one,) = introduce((mentors[0], mentee))
    for _ in range(4):
        no(one, one.mentor)
        tasks.go_on_with_next_best()
        one = open_of(mentee) or one
    assert open_of(mentee) is None
    chain = Introduction.objects.filter(mentee=mentee).order_by("pk")
    assert [row.origin for row in chain] == ["run", "next", "next", "next"]
    assert chain.last().goes_on is False
    assert nexts().count() == 3
    told_once = OutboxMessage.objects.filter(kind="next_best_not_found")
    assert list(told_once.values_list("recipient", flat=True)) == [coordinator.pk]


def test_two_declines_at_once_are_looked_at_together(cohort):
    mentors = [person(cohort, "mentor") for _ in range(4)]
    mentees = [person(cohort) for _ in range(2)]
    made = introduce(*zip(mentors[:2], mentees, strict=True))
    for one in made:
        no(one, one.mentor)
    tasks.go_on_with_next_best()
    assert nexts().get().only == sorted(mentee.code for mentee in mentees)
    assert {open_of(mentee).follows for mentee in mentees} == set(made)


def test_where_the_cohort_does_not_want_it_nothing_happens_by_itself(cohort):
    cohort.next_best = False
    cohort.save()
    mentor, mentee = person(cohort, "mentor"), person(cohort)
    person(cohort, "mentor")
    (one,) = introduce((mentor, mentee))
    no(one, mentor)
    tasks.go_on_with_next_best()
    assert (open_of(mentee), nexts().count()) == (None, 0)


def test_what_a_coordinator_took_back_is_theirs_to_go_on_with(cohort, coordinator):
    mentor, mentee = person(cohort, "mentor"), person(cohort)
    person(cohort, "mentor")
    (one,) = introduce((mentor, mentee))
    introductions.withdraw(one, by=coordinator, reason="Another plan")
    tasks.go_on_with_next_best()
    assert (open_of(mentee), nexts().count()) == (None, 0)


def test_a_mentor_who_leaves_lets_the_mentee_go_to_the_next(cohort):
    mentor, mentee, spare = person(cohort, "mentor"), person(cohort), person(cohort, "mentor")
    introduce((mentor, mentee))
    applications.withdraw(mentor.user.applications.get(), by=mentor.user)
    tasks.go_on_with_next_best()
    assert open_of(mentee).mentor == spare


def test_whoever_has_somebody_by_now_or_left_is_not_looked_at(cohort):
    mentors = [person(cohort, "mentor") for _ in range(4)]
    matched, gone = person(cohort), person(cohort)
    first, second = introduce((mentors[0], matched), (mentors[1], gone))
    for one in (first, second):
        no(one, one.mentor)
    introductions.matches.begin(matched, mentors[2])
    applications.withdraw(gone.user.applications.get(), by=gone.user)
    tasks.go_on_with_next_best()
    assert nexts().count() == 0
    assert Introduction.objects.open().count() == 0


def test_what_came_to_nothing_long_ago_is_not_stirred_up(cohort):
    mentor, mentee = person(cohort, "mentor"), person(cohort)
    person(cohort, "mentor")
    (one,) = introduce((mentor, mentee))
    no(one, mentor)
    with clock.at(clock.now() + 15 * DAY):
        tasks.go_on_with_next_best()
    assert nexts().count() == 0


def test_when_something_moved_meanwhile_it_is_looked_for_anew(cohort, monkeypatch):
    mentor, mentee = person(cohort, "mentor"), person(cohort)
    best = person(cohort, "mentor")
    (one,) = introduce((mentor, mentee))
    no(one, mentor)
    carry_out = runs.carry_out

    def then_a_wish(run_id):
        carry_out(run_id)
        Avoid.objects.get_or_create(participant=best, other=mentee)

    monkeypatch.setattr(next_best.runs, "carry_out", then_a_wish)
    tasks.go_on_with_next_best()
    assert (open_of(mentee), stands(one).next_run) == (None, None)
    monkeypatch.setattr(next_best.runs, "carry_out", carry_out)
    other = person(cohort, "mentor")
    tasks.go_on_with_next_best()
    assert open_of(mentee).mentor == other
    assert nexts().count() == 2


def test_a_worker_that_dies_half_way_is_followed_by_another(cohort, monkeypatch):
    mentor, mentee, spare = person(cohort, "mentor"), person(cohort), person(cohort, "mentor")
    (one,) = introduce((mentor, mentee))
    no(one, mentor)
    monkeypatch.setattr(next_best.runs, "carry_out", lambda run_id: None)
    tasks.go_on_with_next_best()
    assert (open_of(mentee), nexts().get().status) == (None, "queued")
    monkeypatch.undo()
    tasks.run_queued()
    assert nexts().get().status == "done"
    tasks.go_on_with_next_best()
    assert open_of(mentee).mentor == spare
    assert next_best.finish(nexts().get().pk) is False


def test_a_run_that_fails_tells_those_it_was_about(cohort, coordinator, monkeypatch):
    mentor, mentee = person(cohort, "mentor"), person(cohort)
    person(cohort, "mentor")
    (one,) = introduce((mentor, mentee))
    no(one, mentor)

    def fails(run):
        raise bridge.engine.ProblemError("no")

    monkeypatch.setattr(runs.bridge, "load", fails)
    for _ in range(2):
        tasks.go_on_with_next_best()
    assert nexts().get().status == "failed"
    assert told(mentee) == ["introduction_over", "still_waiting"]


def test_nobody_publishes_a_next_best_by_hand(cohort):
    mentor, mentee = person(cohort, "mentor"), person(cohort)
    person(cohort, "mentor")
    (one,) = introduce((mentor, mentee))
    no(one, mentor)
    next_best._ask(cohort.pk, clock.now())
    runs.carry_out(nexts().get().pk)
    with pytest.raises(RuleBroken, match="by itself"):
        matching_runs.publish(nexts().get(), by=UserFactory())
    assert Match.objects.count() == 0


def test_a_cohort_that_is_over_goes_on_with_nobody(cohort):
    mentor, mentee = person(cohort, "mentor"), person(cohort)
    person(cohort, "mentor")
    (one,) = introduce((mentor, mentee))
    no(one, mentor)
    cohort.archived_at = clock.now()
    cohort.save()
    tasks.go_on_with_next_best()
    assert nexts().count() == 0
