"""Who goes first: what counts, its bound, and that it decides the next matching."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from matching import runs
from matching.actions import matches, matching_runs
from matching.models import EndKind, Introduction, Match, Unmatched
from matching.priority import MOST, Cause, Priority, of_program, of_programs, points_for
from mentorship.shared.base import clock
from tests.factories.matching import MatchingRunFactory, match_of
from tests.factories.programs import (
    POLICY,
    CohortFactory,
    MembershipFactory,
    ParticipantFactory,
    UserFactory,
)
from tests.matching.people import person


@pytest.fixture
def cohort(db):
    return CohortFactory(stage="running")


def left_over(mentee, *, status="published"):
    published = {"published_at": clock.now(), "published_by": UserFactory()}
    run = MatchingRunFactory(
        cohort=mentee.cohort, status=status, **(published if status == "published" else {})
    )
    Unmatched.objects.create(run=run, mentee=mentee)


def introduced(mentee, *, status, mentee_says="", mentor_says="", origin="run"):
    now = clock.now()
    answers = {
        f"{side}_{what}": value
        for side, said in (("mentee", mentee_says), ("mentor", mentor_says))
        if said
        for what, value in (("answer", said), ("answered_at", now))
    }
    return Introduction.objects.create(
        cohort=mentee.cohort,
        mentee=mentee,
        mentor=ParticipantFactory(cohort=mentee.cohort, role="mentor"),
        status=status,
        origin=origin,
        made_at=now,
        answer_by=now,
        closed_at=None if status == "open" else now,
        **answers,
    )


def matched(mentee):
    return match_of(ParticipantFactory(cohort=mentee.cohort, role="mentor"), mentee)


def of(mentee):
    return of_program(mentee.cohort.program_id).get(mentee.user_id, Priority())


# --- The sum --------------------------------------------------------------------------------------


def test_the_points_stay_between_nothing_and_the_bound():
    assert points_for([]) == Priority(0, ())
    assert points_for([Cause.LEFT_OVER] * 9).points == MOST
    assert points_for([Cause.SILENT] * 3).points == 0
    both = points_for([Cause.SILENT, Cause.LET_DOWN, Cause.LEFT_OVER])
    assert both.points == 1
    assert both == points_for([Cause.LEFT_OVER, Cause.SILENT, Cause.LET_DOWN])
    assert both.reasons == [
        "a matching found no mentor",
        "an introduction did not work out through no doing of their own",
        "one less, because a match was closed after no sign of life",
    ]


# --- What counts ----------------------------------------------------------------------------------


def test_only_a_published_run_leaves_somebody_out(cohort):
    mentee = ParticipantFactory(cohort=cohort)
    left_over(mentee, status="done")
    assert of(mentee) == Priority()
    left_over(mentee)
    left_over(mentee)
    assert (of(mentee).points, of(mentee).causes) == (2, ((Cause.LEFT_OVER, 2),))


@pytest.mark.parametrize(
    "how, causes",
    [
        ({"status": "declined", "mentor_says": "no"}, [Cause.LET_DOWN]),
        ({"status": "declined", "mentor_says": "no", "mentee_says": "yes"}, [Cause.LET_DOWN]),
        ({"status": "declined", "mentee_says": "no"}, []),
        ({"status": "lapsed", "mentee_says": "yes"}, [Cause.LET_DOWN]),
        ({"status": "lapsed"}, [Cause.NO_ANSWER]),
        ({"status": "lapsed", "mentor_says": "yes"}, [Cause.NO_ANSWER]),
        ({"status": "lapsed", "mentee_says": "yes", "origin": "ask"}, []),
        ({"status": "declined", "mentor_says": "no", "origin": "ask"}, []),
        ({"status": "withdrawn"}, []),
        ({"status": "open"}, []),
    ],
    ids=str,
)
def test_an_introduction_counts_for_who_did_not_spoil_it(cohort, how, causes):
    mentee = ParticipantFactory(cohort=cohort)
    introduced(mentee, **how)
    assert [cause for cause, _ in of(mentee).causes] == causes


def test_an_introduction_that_ended_because_the_mentor_left_lets_the_mentee_down(cohort):
    mentee = ParticipantFactory(cohort=cohort)
    one = introduced(mentee, status="withdrawn")
    one.mentor.left_at = one.closed_at = clock.now()
    one.mentor.save()
    one.save()
    assert of(mentee).causes == ((Cause.LET_DOWN, 1),)


def test_a_match_that_ended_through_the_mentor_counts_and_leaving_costs_nothing(cohort):
    mentee = ParticipantFactory(cohort=cohort)
    matches.leave(first := matched(mentee), by=first.places.get(role="mentor").participant.user)
    assert of(mentee).causes == ((Cause.PARTED, 1),)
    matches.leave(matched(mentee), by=mentee.user)
    matches.end(matched(mentee), by=UserFactory(), kind=EndKind.FINISHED, reason="x")
    matches.end(matched(mentee), by=UserFactory(), kind=EndKind.NO_CONTACT, reason="x")
    assert of(mentee).causes == ((Cause.PARTED, 1),)


def test_whoever_was_silent_has_one_less_and_whoever_answered_one_more(cohort):
    silent, other, ended, early = (ParticipantFactory(cohort=cohort) for _ in range(4))
    matches.lose_touch(matched(silent), by=None)
    pair = matched(other)
    mentor = pair.places.get(role="mentor").participant.user
    matches.lose_touch(pair, by=mentor, side="mentee")
    matches.lose_touch(matched(ended), by=ended.user, side="mentor")
    matches.lose_touch(matched(early), by=early.user)  # before anybody was warned
    told = [of(one).causes for one in (silent, other, ended, early)]
    assert told == [
        ((Cause.SILENT, 1),),
        ((Cause.SILENT, 1),),
        ((Cause.PARTED, 1),),
        ((Cause.PARTED, 1),),
    ]


def test_a_mentee_who_had_left_a_group_before_is_not_let_down_by_its_end(cohort):
    mentor = ParticipantFactory(cohort=cohort, role="mentor")
    stayed, gone = ParticipantFactory(cohort=cohort), ParticipantFactory(cohort=cohort)
    group = match_of(mentor, stayed)
    group.places.create(participant=gone, role="mentee", from_at=clock.now())
    matches.leave(group, by=gone.user)
    with clock.at(clock.now() + timedelta(days=1)):
        matches.leave(Match.objects.get(pk=group.pk), by=mentor.user)
    assert (of(stayed).points, of(gone).points) == (1, 0)


def test_it_is_told_by_program_in_one_query(cohort, django_assert_num_queries):
    elsewhere = ParticipantFactory()
    here = ParticipantFactory(cohort=cohort, user=elsewhere.user)
    left_over(elsewhere)
    left_over(here)
    left_over(here)
    programs = [cohort.program_id, elsewhere.cohort.program_id]
    with django_assert_num_queries(1):
        found = of_programs(programs, [here.user_id])
    assert {whose: one.points for whose, one in found.items()} == {
        (programs[0], here.user_id): 2,
        (programs[1], here.user_id): 1,
    }
    assert of_program(cohort.program_id, [UserFactory().pk]) == {}


# --- What comes of it -----------------------------------------------------------------------------

FIRST = {
    "name": "waited",
    "label": "Went without a match before",
    "kind": "priority",
    "mentee": "priority",
    "points": 5,
    "full": MOST,
    "unanswered": 0,
    "private": True,
}


@pytest.mark.parametrize("number", [0, 1])
def test_after_an_end_through_the_mentor_the_mentee_is_matched_first(cohort, number):
    mentees = [person(cohort), person(cohort)]
    who = mentees[number]
    pair = match_of(person(cohort, "mentor"), who)
    matches.leave(pair, by=pair.places.get(role="mentor").participant.user)
    gone = pair.places.get(role="mentor").participant
    gone.left_at = clock.now()
    gone.save()
    free = person(cohort, "mentor")
    policy = POLICY | {"criterion": [*POLICY["criterion"], FIRST]}
    run = matching_runs.start(cohort, by=UserFactory(), policy=policy)
    runs.carry_out(run.pk)
    run.refresh_from_db()
    assert [(one.mentor, one.mentee) for one in run.suggestions.all()] == [(free, who)]
    assert [one.mentee for one in run.left_over.all()] == [mentees[1 - number]]


def test_the_person_and_the_coordinators_read_it_and_nobody_else(cohort):
    by = UserFactory()
    MembershipFactory(program=cohort.program, user=by, role="coordinator")
    mentee, other = person(cohort), person(cohort)
    left_over(mentee)
    left_over(mentee)
    words = "Goes first: 2 of 5."

    def page(user, address):
        client = Client()
        client.force_login(user)
        return " ".join(client.get(address).content.decode().split())

    people = reverse("desk-participants", args=[cohort.code])
    assert words in page(mentee.user, "/")
    assert "2 matchings found no mentor" in page(mentee.user, "/")
    assert words in page(by, people)
    assert words not in page(other.user, "/")
    match_of(person(cohort, "mentor"), mentee)
    assert words not in page(mentee.user, "/")
    assert words not in page(by, people)
