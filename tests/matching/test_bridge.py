"""From participants to the engine's question."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib import admin
from django.db import IntegrityError, transaction

from matching import bridge, engine, runs
from matching.actions import matches, matching_runs
from matching.models import Avoid, Exclusion, Preference, Unmatched
from matching.proofs import failure_of
from mentorship.shared.base import clock
from mentorship.shared.base.zones import offset_minutes
from mentorship.shared.questions.kinds import Kind
from programs.models import Application, Participant
from tests.factories.matching import MatchingRunFactory, match_of
from tests.factories.programs import (
    POLICY,
    CohortFactory,
    QuestionnaireFactory,
    UserFactory,
)
from tests.matching.people import asked, loaded, person


def test_the_application_speaks_before_the_profile_and_lists_become_sets(cohort):
    mentee = person(
        cohort,
        answers={"skills_wanted": ["Go", "SQL"], "motivation": "m", "unknown": "x"},
        profile={
            "skills": [{"name": "Rust", "now": 0, "wanted": 2, "teaches": False}],
            "languages": ["Polish"],
            "hours": [1, 2],
        },
        time_zone="Asia/Tokyo",
    )
    everything = ("skills_wanted", "languages", "hours", "time_zone", "motivation", "priority")
    (asked,) = loaded(cohort, *everything, "utc_offset", "utc_offsets").mentees
    assert asked.id == mentee.code
    assert dict(asked.facts) == {
        "skills_wanted": frozenset({"Go", "SQL"}),
        "motivation": "m",
        "languages": frozenset({"Polish"}),
        "hours": "011" + "0" * 333,
        "time_zone": "Asia/Tokyo",
        "utc_offset": 540,
        "utc_offsets": (540,),
        "priority": 0,
    }
    mentee.refresh_from_db()
    assert mentee.facts_at is not None
    assert not {"utc_offset", "utc_offsets", "priority"} & mentee.facts.keys()
    assert mentee.facts["hours"] == [1, 2]


def test_skills_with_levels_are_offered_when_taught_and_wanted_when_there_is_a_gap(cohort):
    skills = [
        {"name": "Go", "now": 3, "wanted": 3, "teaches": True},
        {"name": "SQL", "now": 1, "wanted": 3, "teaches": True},
        {"name": "Rust", "now": 4, "wanted": 4, "teaches": False},
    ]
    mentor = person(cohort, "mentor", profile={"skills": skills})
    mentee = person(cohort, profile={"skills": skills})
    asked = loaded(cohort)
    assert asked.mentors[0].facts["skills_offered"] == frozenset({"Go", "SQL"})
    assert asked.mentees[0].facts["skills_wanted"] == frozenset({"SQL"})
    for one in (mentor, mentee):
        one.refresh_from_db()
        assert one.facts["skills_offered"] == {"Go": 3, "SQL": 1}
        assert one.facts["skills_wanted"] == {"SQL": 2}


@pytest.mark.parametrize(
    "full_level, offered, wanted",
    [
        (3, {"Go": 4, "SQL": 2}, {"Go": 3, "Rust": 1}),
        (None, frozenset({"Go", "SQL"}), frozenset({"Go", "Rust"})),
    ],
)
def test_levels_reach_the_engine_where_the_policy_asks_for_them(db, full_level, offered, wanted):
    teach = QuestionnaireFactory(asks=[("skills_offered", Kind.SKILLS)])
    learn = QuestionnaireFactory(asks=[("skills_wanted", Kind.SKILLS)])
    cohort = CohortFactory(stage="matching", mentor_questions=teach, mentee_questions=learn)
    skills = [
        {"name": "Go", "now": 4, "wanted": 4},
        {"name": "SQL", "now": 2, "wanted": 2},
        {"name": "Rust", "now": 0, "wanted": 0},
    ]
    person(cohort, "mentor", answers={"skills_offered": skills})
    gaps = [{"name": "Go", "now": 1, "wanted": 4}, {"name": "Rust", "now": 0, "wanted": 1}]
    person(cohort, answers={"skills_wanted": [*gaps, {"name": "C", "now": 2, "wanted": 1}]})
    clause = {"name": "skills", "kind": "overlap", "points": 10}
    clause |= {"mentee": "skills_wanted", "mentor": "skills_offered"}
    clause |= {"full_level": full_level} if full_level else {}
    policy = POLICY | {"criterion": [clause]}
    asked = bridge.load(MatchingRunFactory(cohort=cohort, policy=policy))
    assert asked.mentors[0].facts["skills_offered"] == offered
    assert asked.mentees[0].facts["skills_wanted"] == wanted
    assert engine.Input.from_dict(json.loads(asked.to_text())) == asked


def test_whoever_is_on_a_pause_is_not_asked_about(cohort):
    today = clock.now().date()
    away = {"paused_at": clock.now(), "back_on": today + timedelta(days=2)}
    person(cohort, "mentor", profile=away)
    here = person(cohort, profile={"paused_at": clock.now(), "back_on": today})
    asked = loaded(cohort)
    assert (asked.mentors, [one.id for one in asked.mentees]) == ((), [here.code])


def test_the_engine_gets_what_the_policy_reads_and_nothing_else(cohort):
    answers = {"skills_wanted": ["Go"], "motivation": "m"}
    person(cohort, answers=answers, profile={"languages": ["Polish"], "hours": [1]})
    (asked,) = loaded(cohort).mentees
    assert set(asked.facts) == {"skills_wanted"}
    clause = {"name": "c", "kind": "wish", "mentee": "languages", "mentor": "languages"}
    clause |= {"points": 1, "when": "motivation"}
    hours = {"name": "h", "kind": "hours", "mentee": "hours", "mentor": "hours"}
    hours |= {"points": 1, "full_hours": 4}
    policy = POLICY | {"criterion": [clause, hours]}
    (asked,) = bridge.load(MatchingRunFactory(cohort=cohort, policy=policy)).mentees
    assert set(asked.facts) == {"languages", "motivation", "hours", "utc_offsets"}


@pytest.mark.parametrize("starts, minutes", [((2027, 1, 10), 60), ((2027, 7, 10), 120)])
def test_clocks_are_compared_as_they_are_when_the_cohort_starts(db, starts, minutes):
    starts_on = date(*starts)
    cohort = CohortFactory(
        apply_from=starts_on - timedelta(days=30),
        apply_until=starts_on - timedelta(days=10),
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=90),
    )
    person(cohort, time_zone="Europe/Berlin")
    (asked,) = loaded(cohort, "utc_offset").mentees
    assert asked.facts["utc_offset"] == minutes


def test_in_a_running_cohort_clocks_are_compared_as_they_are_today(db):
    cohort = CohortFactory(stage="running")
    person(cohort, time_zone="Europe/Berlin")
    with clock.at(clock.now() + timedelta(days=40)) as now:
        (asked,) = loaded(cohort, "utc_offset").mentees
        assert asked.facts["utc_offset"] == offset_minutes("Europe/Berlin", now.date())


def test_who_is_matched_has_left_or_has_no_seat_is_not_asked_about(cohort):
    full, half, free = (person(cohort, "mentor", capacity=n) for n in (1, 3, 2))
    gone_mentor = person(cohort, "mentor", left_at=clock.now() + timedelta(seconds=9))
    taken, also, waiting = (person(cohort) for _ in range(3))
    gone = person(cohort, left_at=clock.now() + timedelta(seconds=9))
    elsewhere = person(CohortFactory(stage="matching"))
    match_of(full, taken)
    match_of(half, also)
    problem = loaded(cohort)
    assert {m.id: m.seats for m in problem.mentors} == {half.code: 2, free.code: 2}
    assert {m.id for m in problem.mentees} == {waiting.code}
    asked = repr(problem.to_dict())
    assert not any(one.code in asked for one in (gone, gone_mentor, elsewhere, taken, full))


def test_nobody_mentors_themself_and_who_parted_stays_apart(cohort):
    both = UserFactory()
    as_mentor, as_mentee = person(cohort, "mentor", user=both), person(cohort, user=both)
    mentor, mentee = person(cohort, "mentor"), person(cohort)
    matches.end(match_of(mentor, mentee), by=None)
    problem = loaded(cohort)
    expected = {(as_mentee.code, as_mentor.code), (mentee.code, mentor.code)}
    assert problem.excluded == frozenset(expected)
    assert {m.id for m in problem.mentees} == {as_mentee.code, mentee.code}


def test_the_engine_sees_no_name_and_no_address(cohort):
    someone = person(cohort, "mentor", answers={"skills_offered": ["Go"]})
    told = repr(loaded(cohort).to_dict())
    assert someone.user.name not in told
    assert someone.user.email not in told


# --- Hours and clocks -----------------------------------------------------------------------------


def running_from(year, month, day, days=90):
    starts_on = date(year, month, day)
    return CohortFactory(
        apply_from=starts_on - timedelta(days=30),
        apply_until=starts_on - timedelta(days=10),
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=days),
    )


def test_clocks_are_told_for_every_period_of_the_cohort(db):
    cohort = running_from(2027, 2, 1)
    for zone in ("Europe/Berlin", "America/New_York", "Asia/Tokyo"):
        person(cohort, time_zone=zone)
    told = {mentee.facts["utc_offsets"] for mentee in loaded(cohort, "utc_offsets").mentees}
    # New York changes on 14 March, Berlin on the 28th.
    assert told == {(60, 60, 120), (-300, -240, -240), (540, 540, 540)}


def test_what_is_past_of_a_running_cohort_does_not_count(db):
    cohort = running_from(2027, 2, 1)
    person(cohort, time_zone="Europe/Berlin")
    with clock.at(datetime(2027, 4, 1, 12, tzinfo=UTC)):
        (asked,) = loaded(cohort, "utc_offsets").mentees
    assert asked.facts["utc_offsets"] == (120,)


def test_a_cohort_that_is_over_is_asked_about_today(db):
    cohort = running_from(2027, 2, 1)
    person(cohort, time_zone="Europe/Berlin")
    with clock.at(datetime(2028, 7, 1, 12, tzinfo=UTC)):
        (asked,) = loaded(cohort, "utc_offsets", "utc_offset").mentees
    assert (asked.facts["utc_offsets"], asked.facts["utc_offset"]) == ((120,), 120)


def test_a_zone_this_machine_does_not_know_is_a_sentence(cohort):
    person(cohort, time_zone="Atlantis/Capital")
    with pytest.raises(engine.ProblemError, match=r"Atlantis/Capital.*not a time zone"):
        loaded(cohort)


def test_no_hours_are_no_answer_and_not_none_at_all(cohort):
    person(cohort, profile={"hours": None})
    (asked,) = loaded(cohort, "hours").mentees
    assert "hours" not in asked.facts


def test_hours_and_clocks_go_all_the_way_into_the_reasons(db):
    cohort = running_from(2027, 6, 1)
    evening = [36, 37, 38, 39]  # Monday 18:00 to 20:00
    person(cohort, "mentor", time_zone="Europe/Berlin", profile={"hours": evening})
    person(cohort, time_zone="Europe/London", profile={"hours": evening})
    hours = {"name": "hours", "kind": "hours", "mentee": "hours", "mentor": "hours"}
    hours |= {"points": 10, "full_hours": 2, "least_hours": 1, "must": True}
    run = asked(cohort, policy=POLICY | {"criterion": [hours]})
    runs.carry_out(run.pk)
    (suggestion,) = run.suggestions.all()
    (reason,) = suggestion.reasons
    assert (suggestion.score, reason["shared"]) == (5, ["Mon 19:00-20:00"])


# --- Whom people chose and whom they must not meet ------------------------------------------------


def rank(participant, *others):
    for place, other in enumerate(others, start=1):
        Preference.objects.create(participant=participant, other=other, rank=place)


def test_choices_come_in_order_and_name_only_who_can_be_had(cohort):
    gone = person(cohort, "mentor", left_at=clock.now() + timedelta(seconds=9))
    full, one, two = (person(cohort, "mentor") for _ in range(3))
    match_of(full, person(cohort))
    mentee, silent = person(cohort), person(cohort)
    rank(mentee, gone, two, full, one)
    rank(one, silent, mentee)
    problem = loaded(cohort)
    assert {m.id: m.ranks for m in problem.mentees} == {
        mentee.code: (two.code, one.code),
        silent.code: (),
    }
    assert {m.id: m.ranks for m in problem.mentors} == {
        one.code: (silent.code, mentee.code),
        two.code: (),
    }


def test_exclusions_and_private_wishes_are_told_apart_from_each_other_only(cohort):
    mentor, mentee = person(cohort, "mentor"), person(cohort)
    other_mentor, other_mentee = person(cohort, "mentor"), person(cohort)
    Exclusion.objects.create(mentee=mentee, mentor=mentor, by=UserFactory(), reason="relatives")
    Avoid.objects.create(participant=other_mentee, other=mentor)
    Avoid.objects.create(participant=other_mentor, other=mentee)
    problem = loaded(cohort)
    assert problem.excluded == {(mentee.code, mentor.code)}
    assert problem.avoided == {
        (other_mentee.code, mentor.code),
        (mentee.code, other_mentor.code),
    }
    assert "relatives" not in problem.to_text()


def test_what_joins_two_of_one_role_or_of_two_cohorts_says_nothing(cohort):
    mentor, mentee = person(cohort, "mentor"), person(cohort)
    peer, elsewhere = person(cohort), person(CohortFactory(stage="matching"), "mentor")
    rank(mentee, peer, elsewhere, mentor)
    Avoid.objects.create(participant=mentee, other=peer)
    Avoid.objects.create(participant=mentee, other=elsewhere)
    Exclusion.objects.create(mentee=mentor, mentor=mentee, by=UserFactory())
    problem = loaded(cohort)
    (first,) = (m for m in problem.mentees if m.id == mentee.code)
    assert (first.ranks, problem.excluded, problem.avoided) == ((mentor.code,), set(), set())


@pytest.mark.parametrize("wish", [Exclusion, Avoid], ids=["exclusion", "avoid"])
def test_who_must_not_meet_is_not_put_together(cohort, pair, wish):
    mentor, mentee = pair
    if wish is Exclusion:
        Exclusion.objects.create(mentee=mentee, mentor=mentor, by=UserFactory())
    else:
        Avoid.objects.create(participant=mentor, other=mentee)
    run = asked(cohort)
    runs.carry_out(run.pk)
    run.refresh_from_db()
    assert (run.status, run.matched, run.gap) == ("done", 0, 0)
    assert [row.mentee for row in run.left_over.all()] == [mentee]


def test_pairs_that_are_settled_are_part_of_the_answer(cohort, pair):
    mentor, mentee = pair
    rival = person(cohort, answers={"skills_wanted": ["Go", "SQL"]})
    plain = person(cohort)
    run = asked(cohort, locked=[(plain.code, mentor.code)])
    runs.carry_out(run.pk)
    run.refresh_from_db()
    (suggestion,) = run.suggestions.all()
    assert (suggestion.mentee, run.gap) == (plain, 0)
    assert {row.mentee for row in run.left_over.all()} == {mentee, rival}
    again = matching_runs.again(run, by=UserFactory())
    assert again.locked == [[plain.code, mentor.code]]


def test_a_settled_pair_that_cannot_be_any_more_is_a_sentence(cohort, pair):
    mentor, mentee = pair
    run = asked(cohort, locked=[(mentee.code, mentor.code)])
    match_of(mentor, person(cohort))
    runs.carry_out(run.pk)
    run.refresh_from_db()
    assert run.status == "failed"
    assert "settled beforehand" in run.failure


def test_settled_pairs_that_contradict_each_other_are_a_sentence_with_names(cohort, pair):
    mentor, mentee = pair
    Exclusion.objects.create(mentee=mentee, mentor=mentor, by=UserFactory())
    run = asked(cohort, locked=[(mentee.code, mentor.code)])
    runs.carry_out(run.pk)
    run.refresh_from_db()
    assert run.status == "failed"
    told = failure_of(run)
    assert mentee.code not in told
    assert f"{mentee.user.name} is locked to mentor {mentor.user.name}" in told


# --- Priority -------------------------------------------------------------------------------------


def test_a_mentee_who_was_left_over_before_comes_with_a_count(cohort):
    program = cohort.program
    waited, fresh = UserFactory(), UserFactory()

    def left_over(of, *, status, user=waited):
        run = MatchingRunFactory(
            cohort=of,
            status=status,
            **(
                {"published_at": clock.now(), "published_by": UserFactory()}
                if status == "published"
                else {}
            ),
        )
        mentee = Participant.objects.filter(cohort=of, user=user).first() or person(of, user=user)
        Unmatched.objects.create(run=run, mentee=mentee)

    earlier = CohortFactory(program=program, stage="ended")
    left_over(earlier, status="published")
    left_over(earlier, status="published")
    left_over(cohort, status="published")
    left_over(earlier, status="done")  # nobody was told
    left_over(CohortFactory(stage="ended"), status="published")  # of another program
    newcomer, mentor = person(cohort, user=fresh), person(cohort, "mentor")
    problem = loaded(cohort, "priority")
    told = {mentee.id: mentee.facts["priority"] for mentee in problem.mentees}
    assert told.pop(newcomer.code) == 0
    assert list(told.values()) == [3]
    assert {m.id: dict(m.facts) for m in problem.mentors} == {mentor.code: {}}


# --- What the database holds ----------------------------------------------------------------------


def refuses(change):
    with pytest.raises(IntegrityError), transaction.atomic():
        change()


def test_the_database_holds_wishes_once_and_about_others(here):
    me, other, third = here.mentee, here.mentor, here.other_mentor
    rank(me, other)
    refuses(lambda: Preference.objects.create(participant=me, other=other, rank=2))
    refuses(lambda: Preference.objects.create(participant=me, other=third, rank=1))
    refuses(lambda: Preference.objects.create(participant=me, other=third, rank=0))
    refuses(lambda: Preference.objects.create(participant=me, other=me, rank=2))
    Exclusion.objects.create(mentee=me, mentor=other, by=here.coordinator)
    refuses(lambda: Exclusion.objects.create(mentee=me, mentor=other, by=here.coordinator))
    refuses(lambda: Exclusion.objects.create(mentee=me, mentor=me, by=here.coordinator))
    Avoid.objects.create(participant=me, other=other)
    refuses(lambda: Avoid.objects.create(participant=me, other=other))
    refuses(lambda: Avoid.objects.create(participant=me, other=me))
    assert Preference.objects.in_cohort(here.cohort).count() == 1


def test_a_private_wish_has_no_page_and_no_words(here):
    wish = Avoid.objects.create(participant=here.mentee, other=here.mentor)
    assert not any(code in str(wish) for code in (here.mentee.code, here.mentor.code))
    assert not any(name in str(wish) for name in (str(here.mentee.user), str(here.mentor.user)))
    assert not admin.site.is_registered(Avoid)
    assert not any(f.related_model is Avoid for f in Participant._meta.get_fields())


def test_facts_that_are_as_they_were_are_not_written_again(cohort):
    mentee = person(cohort, answers={"skills_wanted": ["Go"]})
    other = person(cohort, answers={"skills_wanted": ["SQL"]})
    loaded(cohort)
    copied = Participant.objects.get(pk=mentee.pk).facts_at
    Application.objects.filter(applicant=other.user).update(answers={"skills_wanted": ["Rust"]})
    with clock.at(copied + timedelta(hours=1)) as later:
        loaded(cohort)
    mentee.refresh_from_db()
    other.refresh_from_db()
    assert mentee.facts_at == copied
    assert (other.facts["skills_wanted"], other.facts_at) == (["Rust"], later)


def test_a_changed_draft_takes_over_the_reasons_of_pairs_that_stay(cohort, monkeypatch):
    for name in ("Go", "SQL"):
        person(cohort, "mentor", answers={"skills_offered": [name]})
        person(cohort, answers={"skills_wanted": [name]})
    policy = engine.Policy.from_dict(POLICY).to_dict()
    before = MatchingRunFactory(cohort=cohort, policy=policy)
    question = bridge.load(before)
    result = bridge.solve(question)
    bridge.save(before, question, result)
    told, made = dict(before.suggestions.values_list("mentee", "reasons")), []
    reasons_of = engine.reasons_of

    def counted(asked, pairs):
        made.extend(pairs)
        return reasons_of(asked, pairs)

    monkeypatch.setattr(engine, "reasons_of", counted)
    changed = MatchingRunFactory(cohort=cohort, policy=policy, kind="changed", parent=before)
    bridge.save(changed, question, result)
    assert dict(changed.suggestions.values_list("mentee", "reasons")) == told
    assert made == []
    bridge.check(changed, question)
    other = engine.Policy.from_dict(
        POLICY | {"criterion": [POLICY["criterion"][0] | {"points": 3}]}
    )
    weighed = MatchingRunFactory(
        cohort=cohort, policy=other.to_dict(), kind="changed", parent=before
    )
    question = replace(question, policy=other)
    bridge.save(weighed, question, bridge.solve(question))
    bridge.check(weighed, question)
