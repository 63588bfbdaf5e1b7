"""What happens to a match along the way: left, ended, extended, joined, handed over."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from feedback.models import CheckIn
from matching import runs
from matching.actions import matches, matching_runs, mentors, pairs, parts
from matching.models import (
    Avoid,
    EndKind,
    Exclusion,
    Introduction,
    LoggedDecision,
    Match,
    MatchingRun,
    Part,
    Place,
    Seat,
)
from matching.tasks import tend_matches
from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications import delivery
from mentorship.shared.notifications.models import OutboxMessage
from programs.actions import pauses
from tests.factories.feedback import checkin_of
from tests.factories.matching import match_of
from tests.factories.programs import (
    POLICY,
    ApplicationFactory,
    CohortFactory,
    MembershipFactory,
    ParticipantFactory,
    UserFactory,
)
from tests.matching.people import person

DAY = timedelta(days=1)
WORD = "canaryword"


@pytest.fixture
def cohort(db):
    return CohortFactory(stage="running")


@pytest.fixture
def by(cohort):
    user = UserFactory()
    MembershipFactory(program=cohort.program, user=user, role="coordinator")
    return user


@pytest.fixture
def pair(cohort):
    return match_of(
        ParticipantFactory(cohort=cohort, role="mentor", capacity=2),
        ParticipantFactory(cohort=cohort),
    )


def mentor_of(match):
    return match.places.filter(role="mentor").latest("pk").participant


def mentee_of(match):
    return match.places.get(role="mentee").participant


def told():
    return sorted(OutboxMessage.objects.values_list("kind", "recipient__name"))


def logged_in(user):
    client = Client()
    client.force_login(user)
    return client


def fresh(match):
    return Match.objects.with_people().get(pk=match.pk)


# --- Leaving --------------------------------------------------------------------------------------


def test_whoever_leaves_ends_a_pair_and_nobody_hears_why(pair):
    mentor, mentee = mentor_of(pair), mentee_of(pair)
    client, address = logged_in(mentee.user), reverse("match-leave", args=[pair.code])
    page = client.get(address)
    assert mentor.user.name in page.content.decode()
    assert fresh(pair).status == "running"
    assert client.post(address, {"reason": WORD}).status_code == 302
    ended = fresh(pair)
    assert (ended.status, ended.end_kind, ended.ended_side, ended.ended_by, ended.end_reason) == (
        "ended",
        EndKind.LEFT,
        "mentee",
        mentee.user,
        WORD,
    )
    assert told() == sorted(("match_ended", one.user.name) for one in (mentor, mentee))
    delivery.deliver_due()

    letters = [f"{one.subject} {one.body} {one.alternatives}" for one in mail.outbox]
    assert len(letters) == 2
    assert not any(WORD in letter for letter in letters)
    assert not LoggedDecision.objects.exists()


def test_a_second_leave_changes_nothing_and_a_stranger_cannot(pair, here):
    mentee = mentee_of(pair)
    matches.leave(pair, by=mentee.user)
    before = fresh(pair).ended_at
    with clock.at(before + DAY):
        matches.leave(pair, by=mentor_of(pair).user, reason="late")
    assert (fresh(pair).ended_at, fresh(pair).end_reason) == (before, "")
    other = logged_in(here.mentee.user)
    assert other.post(reverse("match-leave", args=[pair.code])).status_code == 404
    assert other.get(reverse("match-leave", args=[here.other_match.code])).status_code == 404


def test_whoever_leaves_the_program_ends_their_matches_without_facing_anybody(pair, cohort):
    mentor, mentee = mentor_of(pair), mentee_of(pair)
    ApplicationFactory(
        cohort=cohort,
        applicant=mentor.user,
        role="mentor",
        status="accepted",
        decided_at=clock.now(),
        decided_by=UserFactory(),
    )
    client = logged_in(mentor.user)
    address = reverse("participation-leave", args=[mentor.code])
    assert client.get(address).status_code == 200
    assert client.post(address).status_code == 302
    mentor.refresh_from_db()
    assert mentor.left_at is not None
    assert (fresh(pair).status, fresh(pair).ended_side) == ("ended", "mentor")
    assert told() == [("match_ended", mentee.user.name)]
    assert client.post(address).status_code == 404


def test_somebody_without_an_application_leaves_too(pair):
    mentee = mentee_of(pair)
    parts.leave(mentee, by=mentee.user)
    parts.leave(mentee, by=mentee.user)
    mentee.refresh_from_db()
    assert mentee.left_at is not None
    assert fresh(pair).status == "ended"


# --- Ending ---------------------------------------------------------------------------------------


def test_a_coordinator_ends_with_a_kind_and_a_reason_that_only_coordinators_read(pair, by):
    client, address = logged_in(by), reverse("desk-match-end", args=[pair.code])
    assert client.post(address, {"kind": "no-fit", "side": "mentor"}).status_code == 422
    sent = {"kind": "no-fit", "side": "mentor", "reason": WORD}
    assert client.post(address, sent).status_code == 302
    ended = fresh(pair)
    assert (ended.end_kind, ended.ended_side, ended.ended_by) == ("no-fit", "mentor", by)
    (decision,) = LoggedDecision.objects.all()
    assert (decision.kind, decision.facts["match"], decision.facts["kind"]) == (
        "match.ended",
        pair.code,
        "no-fit",
    )
    assert decision.reason.text == WORD
    assert WORD in client.get(reverse("desk-match", args=[pair.code])).content.decode()
    assert [kind for kind, _ in told()] == ["match_ended", "match_ended"]
    for side in (mentor_of(pair), mentee_of(pair)):
        for name in ("home", "my-data"):
            assert WORD not in logged_in(side.user).get(reverse(name)).content.decode()
    assert client.post(address, sent).status_code == 404


# --- Longer ---------------------------------------------------------------------------------------


def test_an_extended_match_runs_to_its_own_day_and_meets_on(pair, by):
    with clock.at(clock.now()):
        first = checkin_of(pair, days=2)
        last_on = pair.last_day + 60 * DAY
        matches.extend(pair, by=by, last_on=last_on, reason="more to do")
    longer = fresh(pair)
    assert longer.last_day == last_on
    ahead = list(CheckIn.objects.filter(match=pair).exclude(pk=first.pk).order_by("number"))
    assert [one.number for one in ahead] == list(range(2, 2 + len(ahead)))
    assert ahead[-1].local_on > pair.cohort.ends_on
    assert all(one.local_on <= last_on + 6 * DAY for one in ahead)
    days = [first.local_on, *(one.local_on for one in ahead)]
    assert all(later > earlier for earlier, later in pairwise(days))
    assert [kind for kind, _ in told()] == ["match_extended", "match_extended"]
    assert LoggedDecision.objects.get().facts["until"] == last_on.isoformat()


@pytest.mark.parametrize("days", [0, -1, 1000])
def test_a_match_is_not_extended_to_a_day_that_is_not_later_or_far_away(pair, by, days):
    with pytest.raises(RuleBroken):
        matches.extend(pair, by=by, last_on=pair.last_day + days * DAY, reason="x")
    assert fresh(pair).last_on is None


def test_an_ended_match_is_not_extended(pair, by):
    matches.end(pair, by=by, reason="x")
    with pytest.raises(RuleBroken, match="has ended"):
        matches.extend(pair, by=by, last_on=pair.last_day + 9 * DAY, reason="x")


# --- More than one mentor -------------------------------------------------------------------------


def test_a_stand_in_takes_a_free_place_until_their_day(pair, by, cohort):
    stand_in = ParticipantFactory(cohort=cohort, role="mentor")
    today = clock.now().date()
    place = mentors.add(pair, stand_in, by=by, part=Part.STAND_IN, until_on=today + 7 * DAY)
    assert (place.part, place.seat.participant) == (Part.STAND_IN, stand_in)
    assert told() == sorted(
        [
            ("match_joined", stand_in.user.name),
            ("match_changed", mentor_of_first(pair).user.name),
            ("match_changed", mentee_of(pair).user.name),
        ]
    )
    with clock.at(clock.now() + 6 * DAY):
        assert tend_matches() == 0
    with clock.at(clock.now() + 9 * DAY):
        assert tend_matches() == 1
        assert tend_matches() == 0
    place.refresh_from_db()
    assert place.until_at is not None
    assert fresh(pair).status == "running"


def mentor_of_first(match):
    return match.places.filter(role="mentor").earliest("pk").participant


def test_a_second_mentor_needs_a_free_place_and_nothing_between_them(pair, by, cohort):
    full = ParticipantFactory(cohort=cohort, role="mentor")
    match_of(full, ParticipantFactory(cohort=cohort))
    barred, avoided, left, other = (
        ParticipantFactory(cohort=cohort, role="mentor") for _ in range(4)
    )
    left.left_at = clock.now()
    left.save()
    Exclusion.objects.create(mentee=mentee_of(pair), mentor=barred, by=by)
    Avoid.objects.create(participant=mentee_of(pair), other=avoided)
    elsewhere = ParticipantFactory(role="mentor")
    heard = set()
    for one in (full, barred, avoided, left, mentor_of(pair), elsewhere):
        with pytest.raises(RuleBroken) as broken:
            mentors.add(pair, one, by=by, part=Part.CO)
        heard.add(str(broken.value).replace(one.user.name, "X"))
        assert fresh(pair).those("mentor") == [mentor_of(pair)]
    assert len(heard) == 5  # a coordinator's word and a private wish are told alike
    for day in (None, clock.now().date() - DAY, pair.last_day + DAY):
        with pytest.raises(RuleBroken, match="last day"):
            mentors.add(pair, other, by=by, part=Part.STAND_IN, until_on=day)
    assert not LoggedDecision.objects.exists()


def test_a_mentor_who_leaves_a_match_with_another_ends_nothing(pair, by, cohort):
    first, co = mentor_of(pair), ParticipantFactory(cohort=cohort, role="mentor")
    mentors.add(pair, co, by=by, part=Part.CO)
    OutboxMessage.objects.all().delete()
    matches.leave(pair, by=first.user, reason=WORD)
    here = fresh(pair)
    assert (here.status, here.those("mentor")) == ("running", [co])
    assert told() == sorted(
        [
            ("match_ended", first.user.name),
            ("match_changed", co.user.name),
            ("match_changed", mentee_of(pair).user.name),
        ]
    )
    assert pair.places.get(participant=first).left_reason == WORD
    matches.leave(pair, by=co.user)
    assert (fresh(pair).status, fresh(pair).ended_side) == ("ended", "mentor")


def test_a_mentor_who_leaves_the_cohort_leaves_the_match_to_the_co_mentor(pair, by, cohort):
    first, co = mentor_of(pair), ParticipantFactory(cohort=cohort, role="mentor")
    mentors.add(pair, co, by=by, part=Part.CO)
    parts.leave(first, by=first.user)
    assert (fresh(pair).status, fresh(pair).those("mentor")) == ("running", [co])


def test_a_stand_in_who_is_alone_on_their_day_ends_the_match_through_the_mentors(pair, by, cohort):
    stand_in = ParticipantFactory(cohort=cohort, role="mentor")
    day = clock.now().date() + 3 * DAY
    mentors.add(pair, stand_in, by=by, part=Part.STAND_IN, until_on=day)
    matches.leave(pair, by=mentor_of_first(pair).user)
    with clock.at(clock.now() + 5 * DAY):
        tend_matches()
    assert (fresh(pair).status, fresh(pair).ended_side) == ("ended", "mentor")


def test_a_step_down_frees_the_seat(pair, by, cohort):
    co = ParticipantFactory(cohort=cohort, role="mentor")
    place = mentors.add(pair, co, by=by, part=Part.CO)
    client = logged_in(by)
    address = reverse("desk-match-step-down", args=[pair.code])
    assert client.post(address, {"mentor": mentee_of(pair).code}).status_code == 409
    assert client.post(address, {"mentor": co.code}).status_code == 302
    assert Place.objects.open().filter(seat=place.seat).count() == 0
    mentors.step_down(place, by=by)  # a second time changes nothing
    assert fresh(pair).status == "running"


# --- What passes to a successor -------------------------------------------------------------------


@pytest.fixture
def noted(pair):
    """A check-in of last week with shared notes, and one ahead."""
    Match.objects.filter(pk=pair.pk).update(introduced_at=clock.now() - 20 * DAY)
    pair.places.update(from_at=clock.now() - 20 * DAY)
    past = checkin_of(pair, days=-7, status="held", notes=WORD, rating=1)
    return past, checkin_of(pair, days=3, number=2)


def reads(user, checkin):
    page = logged_in(user).get(reverse("checkin-detail", args=[checkin.code]))
    return page.status_code, WORD in page.content.decode()


def test_a_successor_reads_shared_notes_and_nothing_else(pair, by, cohort, noted):
    past, ahead = noted
    old, new = mentor_of(pair), ParticipantFactory(cohort=cohort, role="mentor")
    mentors.replace(pair, old=old, new=new, by=by, reason="moves away")
    assert reads(new.user, past) == (200, True)
    page = logged_in(new.user).get(reverse("checkin-detail", args=[past.code]))
    assert "form" not in page.context or page.context["form"] is None
    answer = reverse("checkin-answer", args=[past.code])
    assert logged_in(new.user).post(answer, {"outcome": "missed"}).status_code == 404
    assert reads(new.user, ahead)[0] == 200
    assert [reads(old.user, one)[0] for one in noted] == [404, 404]
    assert logged_in(old.user).get(reverse("match-detail", args=[pair.code])).status_code == 404
    assert reads(mentee_of(pair).user, past) == (200, True)
    assert LoggedDecision.objects.get().facts == {
        "match": pair.code,
        "mentee": mentee_of(pair).code,
        "mentor": new.code,
        "before": old.code,
    }
    assert {kind for kind, _ in told()} == {"match_joined", "match_changed", "match_ended"}


def test_a_stand_in_reads_what_is_noted_from_their_time_on(pair, by, cohort, noted):
    past, ahead = noted
    stand_in = ParticipantFactory(cohort=cohort, role="mentor")
    day = clock.now().date() + 7 * DAY
    mentors.add(pair, stand_in, by=by, part=Part.STAND_IN, until_on=day)
    assert reads(stand_in.user, past)[0] == 404
    assert reads(stand_in.user, ahead)[0] == 200
    page = logged_in(stand_in.user).get(reverse("match-detail", args=[pair.code]))
    assert [one.pk for one in page.context["checkins"]] == [ahead.pk]
    # the mentor leaves for good: what was shared passes on
    matches.leave(pair, by=mentor_of_first(pair).user)
    assert reads(stand_in.user, past) == (200, True)


def test_the_file_of_ones_data_holds_notes_of_ones_own_time_only(pair, by, cohort, noted):
    _, ahead = noted
    old, new = mentor_of(pair), ParticipantFactory(cohort=cohort, role="mentor")
    mentors.replace(pair, old=old, new=new, by=by, reason="x")
    CheckIn.objects.filter(pk=ahead.pk).update(notes="laterword")

    def held(user):
        page = logged_in(user).get(reverse("my-data")).content.decode()
        return [WORD in page, "laterword" in page]

    assert held(old.user) == [True, False]
    assert held(new.user) == [False, True]
    assert held(mentee_of(pair).user) == [True, True]


# --- The database's own word ----------------------------------------------------------------------


def refuses(change):
    with pytest.raises(IntegrityError), transaction.atomic():
        change()


def test_the_database_refuses_a_place_beyond_capacity(cohort):
    mentor, mentee = (
        ParticipantFactory(cohort=cohort, role="mentor"),
        ParticipantFactory(cohort=cohort),
    )
    taken = match_of(mentor, mentee).places.get(role="mentor")
    now = clock.now()
    other = Match.objects.create(cohort=cohort, introduced_at=now)
    how = {"match": other, "participant": mentor, "role": "mentor", "from_at": now}
    refuses(lambda: Place.objects.create(seat=taken.seat, **how))
    refuses(lambda: Place.objects.create(seat=None, **how))
    refuses(lambda: Seat.objects.create(participant=mentor, number=taken.seat.number))
    refuses(lambda: Place.objects.create(seat=taken.seat, **how | {"part": "stand-in"}))


def test_the_database_refuses_a_second_open_match_of_a_mentee(cohort):
    mentee = ParticipantFactory(cohort=cohort)
    match_of(ParticipantFactory(cohort=cohort, role="mentor"), mentee)
    now = clock.now()
    other = Match.objects.create(cohort=cohort, introduced_at=now)
    how = {"match": other, "participant": mentee, "role": "mentee", "from_at": now}
    refuses(lambda: Place.objects.create(**how))
    refuses(lambda: Place.objects.create(**how | {"part": "co"}))
    Place.objects.create(**how | {"until_at": now})  # one that has ended is none
    Place.objects.create(**how | {"is_exclusive": False})  # in a cohort with several mentors


def test_the_database_refuses_an_end_of_a_running_match(pair):
    refuses(lambda: Match.objects.filter(pk=pair.pk).update(end_reason="x"))
    refuses(lambda: Match.objects.filter(pk=pair.pk).update(status="ended"))


# --- By hand --------------------------------------------------------------------------------------


def test_two_are_put_together_by_hand_at_once_where_nobody_is_asked(cohort, by):
    mentor, mentee = person(cohort, "mentor"), person(cohort)
    client, address = logged_in(by), reverse("desk-pair-new", args=[cohort.code])
    assert client.get(address).status_code == 200
    sent = {"mentee": mentee.code, "mentor": mentor.code}
    assert client.post(address, sent).status_code == 422
    assert client.post(address, sent | {"reason": WORD}).status_code == 302
    made = Match.objects.with_people().get()
    assert made.people == [mentee, mentor]
    decision = LoggedDecision.objects.get()
    assert (decision.kind, decision.facts) == (
        "pair.made",
        {"mentee": mentee.code, "mentor": mentor.code, "match": made.code},
    )
    assert [kind for kind, _ in told()] == ["match_introduced", "match_introduced"]
    assert client.post(address, sent | {"reason": WORD}).status_code == 422


def test_two_are_introduced_by_hand_where_both_say_yes(by, cohort):
    type(cohort).objects.filter(pk=cohort.pk).update(answer_days=5)
    mentor, mentee = person(cohort, "mentor"), person(cohort)
    made = pairs.make(mentee, mentor, by=by, reason="x")
    assert isinstance(made, Introduction)
    assert (made.origin, made.is_open) == ("hand", True)
    other = person(cohort, "mentor")
    with pytest.raises(RuleBroken, match="being introduced"):
        pairs.make(mentee, other, by=by, reason="x")
    with pytest.raises(RuleBroken, match="no free place"):
        pairs.make(person(cohort), mentor, by=by, reason="x")


def test_a_pair_by_hand_keeps_to_musts_words_and_wishes(by, cohort):
    must = {
        "name": "languages",
        "label": "A language in common",
        "kind": "overlap",
        "mentee": "languages",
        "mentor": "languages",
        "points": 1,
        "must": True,
    }
    type(cohort).objects.filter(pk=cohort.pk).update(policy=POLICY | {"criterion": [must]})
    mentor = person(cohort, "mentor", profile={"languages": ["German"]})
    mentee = person(cohort, profile={"languages": ["French"]})
    with pytest.raises(RuleBroken, match="A language in common"):
        pairs.make(mentee, mentor, by=by, reason="x")
    fits = person(cohort, profile={"languages": ["German"]})
    Exclusion.objects.create(mentee=fits, mentor=mentor, by=by)
    with pytest.raises(RuleBroken) as excluded:
        pairs.make(fits, mentor, by=by, reason="x")
    Exclusion.objects.all().delete()
    Avoid.objects.create(participant=mentor, other=fits)
    with pytest.raises(RuleBroken) as avoided:
        pairs.make(fits, mentor, by=by, reason="x")
    assert str(excluded.value) == str(avoided.value)
    Avoid.objects.all().delete()
    assert pairs.make(fits, mentor, by=by, reason="x").status == "running"


# --- New people and those who wait again ----------------------------------------------------------


def test_late_people_are_matched_without_touching_the_running_ones(cohort, by):
    early = match_of(person(cohort, "mentor"), person(cohort))
    before = list(Place.objects.values())
    mentor, mentee = person(cohort, "mentor"), person(cohort)
    run = matching_runs.start(cohort, by=by)
    runs.carry_out(run.pk)
    run.refresh_from_db()
    assert [(one.mentor, one.mentee) for one in run.suggestions.all()] == [(mentor, mentee)]
    matching_runs.publish(run, by=by)
    assert list(Place.objects.filter(match=early).values()) == before
    assert Match.objects.running().count() == 2


def test_a_new_match_is_looked_for_after_an_end(cohort, by):
    mentee = person(cohort)
    pair = match_of(person(cohort, "mentor"), mentee)
    free, other = person(cohort, "mentor"), person(cohort)
    matches.end(pair, by=by, reason="x")
    client = logged_in(by)
    assert client.post(reverse("desk-match-again", args=[pair.code])).status_code == 302
    run = MatchingRun.objects.get()
    assert run.only == [mentee.code]
    runs.carry_out(run.pk)
    assert [(one.mentor, one.mentee) for one in run.suggestions.all()] == [(free, mentee)]
    assert not run.left_over.filter(mentee=other).exists()
    match_of(free, mentee)
    with pytest.raises(RuleBroken, match="Nobody of this match waits"):
        pairs.look_again(pair, by=by)


# --- The desk's page ------------------------------------------------------------------------------


def test_the_desk_page_counts_and_never_shows_what_was_written(pair, by, noted):
    client = logged_in(by)
    page = client.get(reverse("desk-match", args=[pair.code]))
    assert WORD not in page.content.decode()
    assert (page.context["counts"]["held"], page.context["counts"]["ahead"]) == (1, 1)
    stranger = UserFactory()
    MembershipFactory(program=pair.cohort.program, user=stranger, role="reviewer")
    assert logged_in(stranger).get(reverse("desk-match", args=[pair.code])).status_code == 404


def test_a_mentor_on_a_pause_is_a_hint_to_name_a_stand_in(pair, by):
    client, address = logged_in(by), reverse("desk-match", args=[pair.code])
    assert "Name a stand-in" not in client.get(address).content.decode()
    mentor = mentor_of(pair).user
    pauses.begin(mentor, by=mentor, until=clock.now().date() + 20 * DAY)
    assert "Name a stand-in" in client.get(address).content.decode()


def test_every_change_is_in_the_audit_log(pair, by, cohort):
    co, new = (ParticipantFactory(cohort=cohort, role="mentor") for _ in range(2))
    mentors.add(pair, co, by=by, part=Part.CO, reason="x")
    mentors.replace(pair, old=co, new=new, by=by, reason="x")
    matches.extend(pair, by=by, last_on=pair.last_day + 9 * DAY, reason="x")
    matches.leave(pair, by=mentor_of_first(pair).user)
    matches.end(pair, by=by, reason="x")
    verbs = AuditEvent.objects.filter(subject_code=pair.code).order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == [
        "match.joined",
        "match.reassigned",
        "match.extended",
        "match.left",
        "match.ended",
    ]
    assert not any("x" in str(one.details.values()) for one in verbs if "until" not in one.details)
