"""Publishing: all or nothing, with a mail to everybody it was about, however many they are."""

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback.models import CheckIn
from matching import tasks
from matching.actions import matches, matching_runs
from matching.models import Avoid, Exclusion, Introduction, LoggedDecision, Match, Unmatched
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications import delivery
from mentorship.shared.notifications.models import MailLink, OutboxMessage
from programs.actions import applications
from tests.factories.matching import match_of
from tests.factories.programs import CohortFactory, UserFactory
from tests.matching.introduced import introduce, run_of, told
from tests.matching.people import person


@pytest.fixture
def cohort(db):
    return CohortFactory(stage="matching", answer_days=7)


def pairs_of(cohort, count):
    return [(person(cohort, "mentor"), person(cohort)) for _ in range(count)]


def waits():
    rows = OutboxMessage.objects.filter(kind="still_waiting")
    return sorted(rows.values_list("recipient", flat=True))


def test_a_run_becomes_introductions_with_a_link_for_each(cohort):
    pairs = pairs_of(cohort, 3)
    by = UserFactory()
    run = run_of(*pairs)
    made = matching_runs.publish(run, by=by)
    assert {(one.mentor, one.mentee) for one in made} == set(pairs)
    assert {one.run for one in made} == {run}
    assert Match.objects.count() == 0
    assert OutboxMessage.objects.filter(kind="introduction_made").count() == 6
    assert MailLink.objects.filter(view="introduction-detail").count() == 6
    assert delivery.deliver_due().sent == 6
    logged = LoggedDecision.objects.get()
    assert (logged.kind, logged.by_code) == ("run.published", by.code)
    assert logged.facts == {"run": run.code, "matches": 3}


def test_where_nobody_is_asked_they_are_matched_at_once(cohort):
    cohort.answer_days = None
    cohort.save()
    made = matching_runs.publish(run_of(*pairs_of(cohort, 2)), by=UserFactory())
    assert {one.status for one in made} == {"running"}
    assert all(CheckIn.objects.filter(match=one).exists() for one in made)
    assert OutboxMessage.objects.filter(kind="match_introduced").count() == 4


@pytest.mark.parametrize("answer_days", [7, None])
def test_whoever_is_left_over_hears_what_happens_next(cohort, answer_days):
    cohort.answer_days = answer_days
    cohort.save()
    left, spare = person(cohort), person(cohort, "mentor")
    has_one = person(cohort, "mentor")
    match_of(has_one, person(cohort))
    matching_runs.publish(run_of(*pairs_of(cohort, 1), left=[left]), by=UserFactory())
    assert waits() == sorted([left.user_id, spare.user_id])
    assert delivery.deliver_due().sent
    words = {one.to[0]: one.body for one in mail.outbox if "what happens next" in one.subject}
    assert "stay on the list" in words[left.user.email]
    assert "your place stays open" in words[spare.user.email]


def test_whoever_left_or_has_somebody_by_now_is_not_told_that_they_wait(cohort):
    gone, matched = person(cohort), person(cohort)
    match_of(person(cohort, "mentor"), matched)
    applications.withdraw(gone.user.applications.get(), by=gone.user)
    matching_runs.publish(run_of(*pairs_of(cohort, 1), left=[gone, matched]), by=UserFactory())
    assert waits() == []


def test_a_mail_about_waiting_is_not_sent_to_who_has_somebody_meanwhile(cohort):
    left = person(cohort)
    matching_runs.publish(run_of(*pairs_of(cohort, 1), left=[left]), by=UserFactory())
    introduce((person(cohort, "mentor"), left))
    delivery.deliver_due()
    row = OutboxMessage.objects.get(kind="still_waiting", recipient=left.user)
    assert (row.state, row.why) == ("skipped", "The person has somebody by now.")


@pytest.mark.parametrize("kind", ["exclusion", "avoid of the mentor", "avoid of the mentee"])
def test_who_must_not_be_together_by_now_is_not_published(cohort, kind):
    (mentor, mentee), other = pairs_of(cohort, 2)
    run = run_of((mentor, mentee), other)
    if kind == "exclusion":
        Exclusion.objects.create(mentee=mentee, mentor=mentor, by=UserFactory())
    else:
        one, two = (mentor, mentee) if kind.endswith("mentor") else (mentee, mentor)
        Avoid.objects.create(participant=one, other=two)
    with pytest.raises(RuleBroken) as told_so:
        matching_runs.publish(run, by=UserFactory())
    assert str(told_so.value) == (
        f"{mentee.user.name} and {mentor.user.name} are not possible (a private wish). "
        "Please start a new run; nothing was published."
    )
    assert (Introduction.objects.count(), OutboxMessage.objects.count()) == (0, 0)


def test_a_place_that_is_kept_for_somebody_is_not_published_again(cohort):
    mentor, mentee = person(cohort, "mentor"), person(cohort)
    introduce((mentor, mentee))
    with pytest.raises(RuleBroken, match="no free place"):
        matching_runs.publish(run_of((mentor, person(cohort))), by=UserFactory())
    with pytest.raises(RuleBroken, match="matched by now"):
        matching_runs.publish(run_of((person(cohort, "mentor"), mentee)), by=UserFactory())


def test_publishing_ends_the_asks_that_have_become_impossible(cohort):
    cohort.answer_days = None
    cohort.save()
    (mentor, mentee), late = pairs_of(cohort, 1)[0], person(cohort)
    asked = Introduction.objects.create(
        cohort=cohort,
        mentee=late,
        mentor=mentor,
        origin="ask",
        holds_place=False,
        made_at=cohort.created_at,
        answer_by=cohort.created_at,
    )
    matching_runs.publish(run_of((mentor, mentee)), by=UserFactory())
    asked.refresh_from_db()
    assert (asked.status, "introduction_over" in told(late)) == ("withdrawn", True)


def test_of_many_matches_at_once_the_check_ins_are_planned_by_a_worker(cohort, monkeypatch):
    monkeypatch.setattr(matches, "FEW", 1)
    cohort.answer_days = None
    cohort.save()
    first, second = matching_runs.publish(run_of(*pairs_of(cohort, 2)), by=UserFactory())
    assert not CheckIn.objects.exists()
    matches.end(second, by=None)
    assert (tasks.announce_matches(), tasks.announce_matches()) == (1, 0)
    assert set(CheckIn.objects.values_list("match", flat=True)) == {first.pk}


@pytest.mark.parametrize("answer_days", [7, None])
def test_ten_pairs_cost_no_more_queries_than_two(cohort, answer_days, monkeypatch):
    cohort.answer_days = answer_days
    cohort.save()
    asked = {}
    monkeypatch.setattr(matches, "FEW", 1)
    for count in (2, 10):
        run = run_of(*pairs_of(cohort, count), left=[person(cohort)])
        by = UserFactory()
        with CaptureQueriesContext(connection) as queries:
            matching_runs.publish(run, by=by)
        asked[count] = len(queries)
    assert asked[10] <= asked[2]
    assert Unmatched.objects.count() == 2
