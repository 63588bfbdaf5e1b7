"""People meet before anybody is matched: prepared, planned, published, called off."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

import pytest
from django.db.models import Q
from django.test import Client
from django.urls import reverse

from matching import engine, meeting
from matching.actions import meet_and_greets
from matching.meeting_plans import met_by, proof_of
from matching.models import (
    Avoid,
    DecisionLog,
    Exclusion,
    LoggedDecision,
    MeetAndGreet,
    Meeting,
    Preference,
)
from matching.slots import MOST_SLOTS, laid_out, why_not
from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications.models import OutboxMessage
from mentorship.shared.notifications.outbox import notify
from mentorship.shared.notifications.registry import notice_of
from programs.actions import erasure, pauses
from programs.models import Participant
from programs.signals import participant_withdrew
from tests.factories.matching import match_of
from tests.factories.programs import (
    POLICY,
    CohortFactory,
    MembershipFactory,
    ParticipantFactory,
    ProfileFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

NUMBERS = count()
# A Monday of winter; the cohort of `party` starts three weeks after it.
NOW = datetime(2026, 2, 2, 9, tzinfo=UTC)
TOMORROW = datetime(2026, 2, 3, 10, tzinfo=UTC)


def half_hours(*spans: tuple[int, int, int]) -> list[int]:
    """Half-hours of a week: (day, first half-hour, last half-hour) each."""
    return [day * 48 + half for day, first, last in spans for half in range(first, last)]


def person(cohort: Any, role: str, *, hours: list[int] | None = None, **fields: Any) -> Participant:
    user = UserFactory(name=f"{role.title()} {next(NUMBERS)}")
    ProfileFactory(user=user, hours=hours or [])
    return ParticipantFactory(cohort=cohort, user=user, role=role, **fields)


@pytest.fixture(autouse=True)
def monday() -> Any:
    with clock.at(NOW):
        yield


@pytest.fixture
def cohort() -> Any:
    return CohortFactory(stage="matching", policy=POLICY, time_zone="Europe/Berlin")


@pytest.fixture
def coordinator(cohort: Any) -> Any:
    return MembershipFactory(program=cohort.program).user


def round_of(cohort: Any, *, by: Any, slots: int = 2, **limits: Any) -> MeetAndGreet:
    starts = [TOMORROW + timedelta(minutes=30 * number) for number in range(slots)]
    limits = {"mentee_meetings": 2, "mentor_meetings": 2, "minutes": 20} | limits
    return meet_and_greets.make(cohort, by=by, starts=starts, **limits)


def planned(cohort: Any, *, by: Any, **told: Any) -> MeetAndGreet:
    return meet_and_greets.plan(round_of(cohort, by=by, **told), by=by)


def pairs(made: MeetAndGreet) -> set[tuple[int, int]]:
    return set(made.meetings.values_list("mentee", "mentor").order_by())


def mails(kind: str) -> list[str]:
    rows = OutboxMessage.objects.filter(kind=kind)
    return sorted(rows.values_list("recipient__name", flat=True))


# --- Times ----------------------------------------------------------------------------------------


def test_times_are_laid_out_from_day_to_day() -> None:
    starts = laid_out(
        date(2026, 2, 3),
        date(2026, 2, 4),
        time(17),
        time(18),
        minutes=20,
        rest=10,
        zone="Europe/Berlin",
    )
    assert [f"{at:%d %H:%M}" for at in starts] == ["03 16:00", "03 16:30", "04 16:00", "04 16:30"]


def test_times_keep_the_hour_of_the_wall_when_the_clocks_change() -> None:
    starts = laid_out(
        date(2026, 3, 28),
        date(2026, 3, 29),
        time(17),
        time(17, 20),
        minutes=20,
        rest=0,
        zone="Europe/Berlin",
    )
    assert [f"{at:%d %H:%M}" for at in starts] == ["28 16:00", "29 15:00"]


@pytest.mark.parametrize(
    "starts, said",
    [
        ([NOW], "over already"),
        ([TOMORROW, TOMORROW + timedelta(minutes=19)], "overlap"),
        ([TOMORROW, TOMORROW + timedelta(days=32)], "within 31 days"),
        ([TOMORROW + timedelta(hours=n) for n in range(MOST_SLOTS + 1)], "more than 100 times"),
        ([TOMORROW, TOMORROW + timedelta(minutes=20)], ""),
    ],
)
def test_times_that_cannot_be_are_refused_with_a_sentence(starts: Any, said: str) -> None:
    assert said in why_not(starts, 20, NOW)
    assert bool(said) == bool(why_not(starts, 20, NOW))


# --- Planning -------------------------------------------------------------------------------------


def test_everybody_meets_as_many_as_the_times_allow(cohort: Any, coordinator: Any) -> None:
    mentees = [person(cohort, "mentee") for _ in range(2)]
    mentors = [person(cohort, "mentor") for _ in range(2)]
    made = planned(cohort, by=coordinator)
    assert made.status == "planned"
    assert pairs(made) == {(a.pk, b.pk) for a in mentees for b in mentors}
    assert made.figures["met"] == {"mentees": [[2, 2]], "mentors": [[2, 2]]}
    assert proof_of(made) == (
        "No other plan lets more mentees meet somebody, and none that does lets more of them meet "
        "two, three and so on. Of all such plans none fits better."
    )


def test_the_gap_is_told_honestly() -> None:
    figures = {"mentees": 3, "mentors": 3, "goals": [[1, 2, 3], [0, 5, 5]]}
    assert "at most 1 mentee more could meet somebody" in proof_of(MeetAndGreet(figures=figures))
    figures["goals"] = [[1, 3, 3], [2, 0, 2], [0, 5, 5]]
    assert "at most 2 mentees more could meet 2" in proof_of(MeetAndGreet(figures=figures))
    figures["goals"] = [[1, 3, 3], [0, 5, 9]]
    assert "better by 4 of 9 points at most" in proof_of(MeetAndGreet(figures=figures))


def test_nobody_meets_at_an_hour_that_does_not_suit_them(cohort: Any, coordinator: Any) -> None:
    """Tomorrow is a Tuesday; 10:00 UTC is 11:00 in Berlin and 05:00 in New York."""
    berlin = person(cohort, "mentee", hours=half_hours((1, 22, 23)), time_zone="Europe/Berlin")
    early = person(cohort, "mentor", hours=half_hours((1, 10, 11)), time_zone="America/New_York")
    person(cohort, "mentor", hours=half_hours((1, 22, 23)), time_zone="America/New_York")
    made = planned(cohort, by=coordinator)
    assert pairs(made) == {(berlin.pk, early.pk)}
    assert made.meetings.get().slot.starts_at == TOMORROW


def test_hours_are_read_on_the_clock_of_the_day_when_the_clocks_change(
    cohort: Any, coordinator: Any
) -> None:
    """Berlin springs forward on 29 March 2026: 17:00 is 16:00 UTC on Saturday, 15:00 on Sunday."""
    person(cohort, "mentee", hours=half_hours((5, 34, 36), (6, 34, 36)), time_zone="Europe/Berlin")
    person(cohort, "mentor", hours=half_hours((6, 30, 36)), time_zone="UTC")
    sunday = datetime(2026, 3, 29, 15, tzinfo=UTC)
    with clock.at(sunday - timedelta(days=2)):
        made = meet_and_greets.make(
            cohort,
            by=coordinator,
            starts=[sunday, sunday + timedelta(hours=1), sunday - timedelta(hours=23)],
            mentee_meetings=3,
            mentor_meetings=3,
            minutes=20,
        )
        made = meet_and_greets.plan(made, by=coordinator)
    assert [one.slot.starts_at for one in made.meetings.all()] == [sunday]


def test_who_cannot_be_matched_takes_no_part(cohort: Any, coordinator: Any) -> None:
    mentee, mentor = person(cohort, "mentee"), person(cohort, "mentor")
    matched, taken = person(cohort, "mentee"), person(cohort, "mentor")
    match_of(taken, matched)
    away = person(cohort, "mentee")
    pauses.begin(away.user, by=away.user, until=NOW.date() + timedelta(days=9))
    made = planned(cohort, by=coordinator)
    assert pairs(made) == {(mentee.pk, mentor.pk)}
    assert made.figures["mentees"] == made.figures["mentors"] == 1


def test_one_person_in_both_roles_is_in_one_meeting_at_a_time(
    cohort: Any, coordinator: Any
) -> None:
    both = person(cohort, "mentee")
    twin = ParticipantFactory(cohort=cohort, user=both.user, role="mentor")
    mentee, mentor = person(cohort, "mentee"), person(cohort, "mentor")
    made = planned(cohort, by=coordinator, mentor_meetings=1)
    assert pairs(made) == {(both.pk, mentor.pk), (mentee.pk, twin.pk)}
    their = made.meetings.filter(Q(mentee=both) | Q(mentor=twin))
    slots = [one.slot_id for one in their]
    assert len(slots) == len(set(slots))


@pytest.mark.parametrize("side", ["mentee", "mentor", "coordinator"])
def test_a_private_wish_and_an_exclusion_keep_two_apart_and_read_alike(
    side: str, cohort: Any, coordinator: Any
) -> None:
    mentee, mentor = person(cohort, "mentee"), person(cohort, "mentor")
    if side == "coordinator":
        Exclusion.objects.create(mentee=mentee, mentor=mentor, by=coordinator, reason="x")
    else:
        one, other = (mentee, mentor) if side == "mentee" else (mentor, mentee)
        Avoid.objects.create(participant=one, other=other)
    made = planned(cohort, by=coordinator)
    assert pairs(made) == set()
    client = Client()
    client.force_login(coordinator)
    for query in ("", "?show=nobody"):
        page = client.get(reverse("desk-meet", args=[made.code]) + query).content.decode()
        for word in ("wish ", "exclu", "ruled", "avoid", "not possible"):
            assert word not in page.split("<main")[1].split("Times and limits")[0]


def test_a_wish_changes_no_figure_but_who_meets(cohort: Any, coordinator: Any) -> None:
    """What is kept of a plan is the same for a wish and for an exclusion."""
    mentees = [person(cohort, "mentee") for _ in range(3)]
    mentors = [person(cohort, "mentor") for _ in range(2)]
    made = round_of(cohort, by=coordinator)
    wish = Avoid.objects.create(participant=mentors[0], other=mentees[0])
    first = meet_and_greets.plan(made, by=coordinator)
    seen, told = pairs(first), {k: v for k, v in first.figures.items() if k != "digest"}
    wish.delete()
    Exclusion.objects.create(mentee=mentees[0], mentor=mentors[0], by=coordinator, reason="x")
    again = meet_and_greets.plan(made, by=coordinator)
    assert (mentees[0].pk, mentors[0].pk) not in seen
    assert pairs(again) == seen
    assert {k: v for k, v in again.figures.items() if k != "digest"} == told


def test_a_must_of_the_policy_holds(cohort: Any, coordinator: Any) -> None:
    cohort.policy = POLICY | {
        "criterion": [
            {
                "name": "language",
                "label": "A language in common",
                "kind": "overlap",
                "mentee": "languages",
                "mentor": "languages",
                "points": 10,
                "must": True,
            }
        ]
    }
    cohort.save()
    mentee, silent, fitting = (person(cohort, role) for role in ("mentee", "mentor", "mentor"))
    for one, languages in ((mentee, ["German"]), (silent, ["French"]), (fitting, ["German"])):
        one.user.profile.languages = languages
        one.user.profile.save()
    made = planned(cohort, by=coordinator)
    assert pairs(made) == {(mentee.pk, fitting.pk)}


def test_the_plan_is_checked_before_it_is_kept(
    cohort: Any, coordinator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    person(cohort, "mentee"), person(cohort, "mentor")

    def lying(*_: Any) -> None:
        raise engine.CertificateError("The meetings do not follow.")

    monkeypatch.setattr(engine, "check_meetings", lying)
    made = planned(cohort, by=coordinator)
    assert (made.status, made.failure) == ("draft", "The meetings do not follow.")
    assert not made.meetings.exists()


def test_a_worker_that_dies_is_followed_by_another_and_the_late_one_keeps_nothing(
    cohort: Any, coordinator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    person(cohort, "mentee"), person(cohort, "mentor")
    monkeypatch.setattr(meet_and_greets, "_is_small", lambda cohort: False)
    made = planned(cohort, by=coordinator)
    assert made.status == "queued"
    late = meeting._claim(made.pk)
    assert late is not None
    assert not meeting.plan(made.pk)
    with clock.at(NOW + timedelta(minutes=6)):
        assert meeting.plan(made.pk)
    question = meeting.load(late)
    found = engine.plan_meetings(question.asked, question.times)
    assert not meeting._keep(late, question, found)
    assert made.meetings.count() == 1


def test_a_round_whose_workers_die_is_given_up_with_a_sentence(
    cohort: Any, coordinator: Any
) -> None:
    made = round_of(cohort, by=coordinator)
    MeetAndGreet.objects.filter(pk=made.pk).update(
        status="planning", attempts=3, lease_until=NOW - timedelta(minutes=1)
    )
    assert meeting.plan(made.pk)
    made.refresh_from_db()
    assert made.status == "draft"
    assert "again and again" in made.failure


def test_a_change_throws_the_plan_away(cohort: Any, coordinator: Any) -> None:
    person(cohort, "mentee"), person(cohort, "mentor")
    made = planned(cohort, by=coordinator)
    made = meet_and_greets.add_slot(made, by=coordinator, starts_at=TOMORROW + timedelta(hours=4))
    assert (made.status, made.meetings.count(), made.slots.count()) == ("draft", 0, 3)
    made = meet_and_greets.remove_slot(made, by=coordinator, starts_at=TOMORROW)
    assert made.slots.count() == 2
    with pytest.raises(RuleBroken, match="overlap"):
        meet_and_greets.change(made, by=coordinator, minutes=120 * 2)


# --- Publishing -----------------------------------------------------------------------------------


def test_everybody_hears_once_and_who_meets_nobody_kindly(cohort: Any, coordinator: Any) -> None:
    mentee, mentor = person(cohort, "mentee"), person(cohort, "mentor")
    lonely = person(cohort, "mentee", hours=half_hours((6, 0, 2)))
    made = meet_and_greets.publish(planned(cohort, by=coordinator), by=coordinator)
    assert mails("meetings_planned") == sorted([mentee.user.name, mentor.user.name])
    assert mails("meetings_none") == [lonely.user.name]
    assert LoggedDecision.objects.get().facts == {"round": made.code, "meetings": 1}
    assert AuditEvent.objects.get(verb="meet.published").details == {"meetings": 1}
    with pytest.raises(RuleBroken, match="published already"):
        meet_and_greets.publish(made, by=coordinator)
    with pytest.raises(RuleBroken, match="cannot be changed"):
        meet_and_greets.plan(made, by=coordinator)


def test_a_mail_tells_the_plan_on_the_readers_clock_and_no_points(
    cohort: Any, coordinator: Any
) -> None:
    mentee = person(cohort, "mentee", time_zone="Asia/Kolkata")
    mentor = person(cohort, "mentor", time_zone="Europe/Berlin")
    made = planned(cohort, by=coordinator, place="https://call.example.org/hall")
    Meeting.objects.update(score=4321)
    meet_and_greets.publish(made, by=coordinator)
    body = _mail("meetings_planned", mentee)
    assert "Tuesday 3 February 2026, 15:30, Kolkata time: " + mentor.user.name in body
    assert "https://call.example.org/hall" in body
    assert "4321" not in body
    assert "11:00, Berlin time: " + mentee.user.name in _mail("meetings_planned", mentor)


def _mail(kind: str, one: Participant) -> str:
    from mentorship.shared.notifications.delivery import compose  # noqa: PLC0415

    row = OutboxMessage.objects.get(kind=kind, recipient=one.user)
    notice = notice_of(kind).load([row.subject_code])[row.subject_code]
    return str(compose(row, notice).body)


def _left(mentee: Participant, mentor: Participant, by: Any) -> None:
    Participant.objects.filter(pk=mentee.pk).update(left_at=clock.now())


def _away(mentee: Participant, mentor: Participant, by: Any) -> None:
    pauses.begin(mentor.user, by=mentor.user, until=NOW.date() + timedelta(days=9))


def _wished(mentee: Participant, mentor: Participant, by: Any) -> None:
    Avoid.objects.create(participant=mentor, other=mentee)


def _ruled_out(mentee: Participant, mentor: Participant, by: Any) -> None:
    Exclusion.objects.create(mentee=mentee, mentor=mentor, by=by, reason="x")


def _matched(mentee: Participant, mentor: Participant, by: Any) -> None:
    match_of(mentor, mentee)


@pytest.mark.parametrize("happens", [_left, _away, _wished, _ruled_out, _matched])
def test_nothing_is_published_that_cannot_be_any_more_and_nobody_reads_why(
    happens: Any, cohort: Any, coordinator: Any
) -> None:
    mentee, mentor = person(cohort, "mentee"), person(cohort, "mentor")
    made = planned(cohort, by=coordinator)
    happens(mentee, mentor, coordinator)
    with pytest.raises(RuleBroken) as refused:
        meet_and_greets.publish(made, by=coordinator)
    assert str(refused.value) == (
        "Something has changed since these meetings were planned. Please plan them again; nothing "
        "was published."
    )
    made.refresh_from_db()
    assert made.status == "planned"
    assert not OutboxMessage.objects.filter(kind__startswith="meeting").exists()


def test_a_round_whose_time_is_over_is_not_published(cohort: Any, coordinator: Any) -> None:
    person(cohort, "mentee"), person(cohort, "mentor")
    made = planned(cohort, by=coordinator)
    with clock.at(TOMORROW), pytest.raises(RuleBroken, match="over already"):
        meet_and_greets.publish(made, by=coordinator)


# --- In the portal --------------------------------------------------------------------------------


@pytest.fixture
def met(cohort: Any, coordinator: Any) -> tuple[Participant, Participant, MeetAndGreet]:
    """Two who meet tomorrow at ten, in a cohort where people rank each other."""
    cohort.choice = "ranked"
    cohort.save()
    mentee = person(cohort, "mentee", time_zone="Asia/Kolkata")
    mentor = person(cohort, "mentor", time_zone="Europe/Berlin")
    made = planned(cohort, by=coordinator, slots=1)
    meet_and_greets.publish(made, by=coordinator)
    return mentee, mentor, made


def home(one: Participant) -> str:
    client = Client()
    client.force_login(one.user)
    return client.get(reverse("home")).content.decode()


def detail(one: Participant, told: Meeting) -> Any:
    client = Client()
    client.force_login(one.user)
    return client.get(reverse("meeting-detail", args=[told.code]))


def test_the_home_page_tells_when_and_whom_and_later_the_next_step(met: Any) -> None:
    mentee, mentor, _made = met
    page = home(mentee)
    assert "Your meetings" in page
    assert mentor.user.name in page
    assert "15:30" in page
    assert "Rank whom you met" not in page
    with clock.at(TOMORROW + timedelta(hours=1)):
        page = home(mentee)
        assert "Rank whom you met" in page
        assert mentor.user.name not in page


def test_a_draft_is_nobodys_to_read(cohort: Any, coordinator: Any) -> None:
    mentee, _mentor = person(cohort, "mentee"), person(cohort, "mentor")
    made = planned(cohort, by=coordinator)
    assert "Your meetings" not in home(mentee)
    assert detail(mentee, made.meetings.first()).status_code == 404


def test_a_meeting_shows_what_the_other_lets_the_cohort_see_and_no_points(met: Any) -> None:
    mentee, mentor, made = met
    profile = mentor.user.profile
    profile.headline, profile.story = "Builds bridges", "A secret story"
    profile.save()
    Meeting.objects.update(score=4321)
    page = detail(mentee, made.meetings.get()).content.decode()
    assert "Builds bridges" in page
    assert mentor.user.name in page
    assert "15:30, Kolkata time, 20 minutes" in " ".join(page.split()).replace("</time>", "")
    for hidden in ("A secret story", mentor.user.email, "4321"):
        assert hidden not in page


def test_a_name_that_is_for_matches_only_stays_hidden(met: Any) -> None:
    mentee, mentor, made = met
    profile = mentor.user.profile
    profile.audiences = {"name": "matched"}
    profile.save()
    for page in (home(mentee), detail(mentee, made.meetings.get()).content.decode()):
        assert "A mentor who shows no name yet" in page
        assert mentor.user.name not in page
    assert mentor.user.name not in _mail("meetings_planned", mentee)


def test_a_stranger_reads_no_meeting(met: Any, cohort: Any) -> None:
    _mentee, _mentor, made = met
    assert detail(person(cohort, "mentee"), made.meetings.get()).status_code == 404


def test_those_who_were_met_stand_first_where_one_chooses(met: Any, cohort: Any) -> None:
    mentee, mentor, _made = met
    others = [person(cohort, "mentor") for _ in range(3)]
    with clock.at(TOMORROW + timedelta(hours=1)):
        client = Client()
        client.force_login(mentee.user)
        page = client.get(reverse("choose", args=[mentee.code]))
        assert page.context["page_obj"][0].participant == mentor
        assert len(page.context["page_obj"]) == 1 + len(others)
        assert page.content.decode().count("You have met") == 1
        assert met_by(mentee, clock.now()) == {mentor.pk}
    assert met_by(mentee, NOW) == set()
    assert not Preference.objects.exists()


# --- Who leaves, who pauses -----------------------------------------------------------------------


def test_the_meetings_of_one_who_leaves_vanish_and_the_other_hears(met: Any) -> None:
    mentee, mentor, made = met
    told = made.meetings.get()
    Participant.objects.filter(pk=mentor.pk).update(left_at=clock.now())
    mentor.refresh_from_db()
    participant_withdrew.send(Participant, participant=mentor)
    told.refresh_from_db()
    assert told.called_off_at == NOW
    assert mails("meeting_called_off") == [mentee.user.name]
    assert mentor.user.name not in home(mentee)
    assert detail(mentee, told).status_code == 404
    body = _mail("meeting_called_off", mentee)
    assert "does not take place" in body
    assert mentor.user.name not in body


def test_an_erased_account_leaves_no_meeting_behind(met: Any) -> None:
    mentee, mentor, made = met
    erasure.erase(mentor.user, by=mentor.user)
    assert made.meetings.get().called_off_at == NOW
    assert mails("meeting_called_off") == [mentee.user.name]


def test_a_pause_calls_off_what_falls_into_it(met: Any, cohort: Any, coordinator: Any) -> None:
    mentee, mentor, made = met
    pauses.begin(mentee.user, by=mentee.user, until=date(2026, 2, 3))
    assert made.meetings.get().called_off_at is None
    pauses.begin(mentee.user, by=mentee.user, until=date(2026, 2, 4))
    assert made.meetings.get().called_off_at == NOW
    assert mails("meeting_called_off") == [mentor.user.name]


def test_a_meeting_that_was_is_not_called_off(met: Any) -> None:
    mentee, _mentor, made = met
    with clock.at(TOMORROW + timedelta(hours=1)):
        participant_withdrew.send(Participant, participant=mentee)
    assert made.meetings.get().called_off_at is None


# --- The desk -------------------------------------------------------------------------------------


@pytest.fixture
def desk(coordinator: Any) -> Client:
    client = Client()
    client.force_login(coordinator)
    return client


FORM = {
    "first": "2026-02-03",
    "last": "2026-02-04",
    "from_": "17:00",
    "until": "18:00",
    "minutes": "20",
    "rest": "10",
    "mentee_meetings": "2",
    "mentor_meetings": "3",
    "place": "Room 5",
}


def test_a_coordinator_prepares_plans_and_publishes(cohort: Any, desk: Client) -> None:
    person(cohort, "mentee"), person(cohort, "mentor")
    made_at = desk.post(reverse("desk-meet-new", args=[cohort.code]), FORM)
    made = MeetAndGreet.objects.get()
    page = reverse("desk-meet", args=[made.code])
    assert made_at.url == page
    assert made.slots.count() == 4
    assert "4 times to meet" in desk.get(page).content.decode()
    desk.post(reverse("desk-meet-plan", args=[made.code]))
    assert "1 of 1 mentees meet somebody" in desk.get(page).content.decode()
    told = desk.post(reverse("desk-meet-publish", args=[made.code]), follow=True)
    assert "1 meeting is published" in told.content.decode()
    assert desk.get(reverse("desk-meets", args=[cohort.code])).status_code == 200
    assert desk.post(reverse("desk-meet-publish", args=[made.code])).status_code == 409


@pytest.mark.parametrize(
    "wrong",
    [
        {"last": "2026-02-02"},
        {"until": "16:00"},
        {"until": "17:10"},
        {"first": "2026-02-01"},
        {"last": "2026-04-30"},
        {"minutes": "0"},
        {"rest": ""},
        {"mentee_meetings": "11"},
    ],
)
def test_a_form_that_is_wrong_is_shown_again(cohort: Any, desk: Client, wrong: Any) -> None:
    answer = desk.post(reverse("desk-meet-new", args=[cohort.code]), FORM | wrong)
    assert answer.status_code == 422
    assert not MeetAndGreet.objects.exists()


def test_single_times_come_and_go(cohort: Any, coordinator: Any, desk: Client) -> None:
    made = round_of(cohort, by=coordinator)
    page, url = (reverse(name, args=[made.code]) for name in ("desk-meet", "desk-meet-change"))
    desk.post(url, {"do": "add", "on": "2026-02-05", "at": "09:00"})
    assert [f"{one.starts_at:%d %H:%M}" for one in made.slots.all()] == [
        "03 10:00",
        "03 10:30",
        "05 08:00",
    ]
    shown = desk.get(page).content.decode()
    named = shown.split('name="starts_at"')[1].split('value="')[1].split('"')[0]
    desk.post(url, {"do": "remove", "starts_at": named})
    assert made.slots.count() == 2
    assert desk.post(url, {"do": "add", "on": "nonsense"}).status_code == 422
    assert desk.post(url, {"do": "add", "on": "2026-02-05", "at": "09:10"}).status_code == 409
    assert desk.post(url, {"do": "remove", "starts_at": "x"}).status_code == 302
    told = {"do": "limits", "mentee_meetings": 1, "mentor_meetings": 1, "minutes": 15}
    desk.post(url, told)
    made.refresh_from_db()
    assert (made.mentee_meetings, made.minutes) == (1, 15)
    assert desk.post(url, told | {"minutes": 500}).status_code == 422
    desk.post(reverse("desk-meet-delete", args=[made.code]))
    assert not MeetAndGreet.objects.exists()


def test_a_round_of_another_program_is_not_there(cohort: Any, coordinator: Any) -> None:
    made = round_of(cohort, by=coordinator)
    client = Client()
    client.force_login(MembershipFactory().user)
    assert client.get(reverse("desk-meet", args=[made.code])).status_code == 404
    for name in ("change", "plan", "publish", "delete", "export"):
        assert client.post(reverse(f"desk-meet-{name}", args=[made.code])).status_code == 404


def _many(made: MeetAndGreet, number: int) -> None:
    """So many meetings, past the planner."""
    cohort, slot = made.cohort, made.slots.first()
    for _ in range(number):
        mentee, mentor = person(cohort, "mentee"), person(cohort, "mentor")
        Meeting.objects.create(round=made, slot=slot, mentee=mentee, mentor=mentor)
    codes = list(cohort.participants.mentees().values_list("code", flat=True))
    MeetAndGreet.objects.filter(pk=made.pk).update(
        status="planned",
        figures={
            "meetings": number,
            "mentees": number,
            "mentors": number,
            "met": {"mentees": [[1, number]], "mentors": [[1, number]]},
            "unmet": codes,
            "idle": [],
            "goals": [[1, number, number], [0, 0, 0]],
        },
    )


def test_a_page_asks_as_often_for_300_meetings_as_for_3(
    cohort: Any, coordinator: Any, desk: Client, django_assert_max_num_queries: Any
) -> None:
    counts = []
    for number in (3, 300):
        made = round_of(cohort, by=coordinator)
        _many(made, number)
        for query in ("", "?show=nobody"):
            with django_assert_max_num_queries(20) as asked:
                desk.get(reverse("desk-meet", args=[made.code]) + query)
            counts.append(len(asked))
    assert counts[:2] == counts[2:]


def test_publishing_asks_as_often_for_25_meetings_as_for_3(
    cohort: Any, coordinator: Any, django_assert_max_num_queries: Any
) -> None:
    counts = []
    DecisionLog.objects.create(cohort=cohort)
    for number in (3, 25):
        made = round_of(cohort, by=coordinator)
        _many(made, number)
        with django_assert_max_num_queries(40) as asked:
            meet_and_greets.publish(made, by=coordinator)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_mail_is_not_sent_for_meetings_that_are_over(met: Any) -> None:
    mentee, _mentor, made = met
    planned_mail = notice_of("meetings_planned")(made)
    assert planned_mail.not_needed(mentee.user) == ""
    with clock.at(TOMORROW + timedelta(hours=1)):
        assert planned_mail.not_needed(mentee.user) != ""
        off = notice_of("meeting_called_off")(made.meetings.with_people().get())
        assert off.not_needed(mentee.user) != ""
    none = notice_of("meetings_none")(made)
    assert none.not_needed(mentee.user) == ""
    assert none.not_needed(UserFactory()) != ""
    assert not notify(planned_mail, mentee.user, program=made.cohort.program)
