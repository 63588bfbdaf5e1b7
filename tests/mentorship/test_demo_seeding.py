"""Made programs: they stand where they say, and touch no database that is not theirs."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.signals import user_signed_up
from django.conf import settings as django_settings
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.test import RequestFactory

from feedback.models import CheckIn
from feedback.tasks import remind_due_checkins, send_due_surveys
from matching.models import Introduction, LoggedDecision, Match, MatchingRun
from mentorship.demo import cast, report, samples, seeding
from mentorship.demo.play import Play, chance, pick
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications.models import OutboxMessage
from mentorship.shared.notifications.tasks import deliver_due
from programs.models import Application, Assignment, Cohort, Review, Stage, User
from tests.factories.programs import UserFactory

PAIR = ("mentor", "mentee")
SUNDAY = datetime(2026, 11, 22, 12, tzinfo=UTC)


# --- the stage ----------------------------------------------------------------------------------


def test_scenes_are_played_in_the_order_of_their_moments_under_the_laid_clock():
    play, seen = Play(), []

    def scene(name):
        return lambda: seen.append((name, clock.now()))

    def first():
        seen.append(("first", clock.now()))
        play.at(SUNDAY + timedelta(hours=1), scene("added"))

    play.at(SUNDAY + timedelta(hours=2), scene("last"))
    play.at(SUNDAY, first)
    play.at(SUNDAY, scene("second"))
    play.at(SUNDAY + timedelta(hours=3), scene("too late"))
    play.run(SUNDAY + timedelta(hours=2))
    assert seen == [
        ("first", SUNDAY),
        ("second", SUNDAY),
        ("added", SUNDAY + timedelta(hours=1)),
        ("last", SUNDAY + timedelta(hours=2)),
    ]


def test_chance_is_the_same_everywhere_and_spread_evenly():
    assert chance("a", 1) == chance("a", 1) != chance("a", 2)
    assert pick("abc", "x") == pick("abc", "x")
    counts = Counter(pick((1, 2, 3, 4), number) for number in range(4000))
    assert all(850 < count < 1150 for count in counts.values())


# --- whose database it is -----------------------------------------------------------------------


@pytest.mark.django_db
def test_seeding_refuses_a_database_with_somebody_in_it(capsys):
    UserFactory(email="real@company.example")
    with pytest.raises(CommandError, match=r"people whom the demo did not make \(1\)"):
        call_command("seed", "empty")
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_an_invented_address_alone_makes_nobody_made_up():
    UserFactory(email="ada@example.org")
    with pytest.raises(RuleBroken, match="did not make"):
        seeding.seed("empty")


@pytest.mark.django_db
def test_seeding_refuses_production(settings, monkeypatch):
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "mentorship.settings.base")
    with pytest.raises(CommandError, match="demo's settings only"):
        call_command("seed", "empty")
    assert not User.objects.exists()


@pytest.mark.django_db
def test_the_demo_refuses_other_settings_than_its_own():
    with pytest.raises(CommandError, match="own settings only"):
        call_command("demo", "--no-serve")


@pytest.mark.django_db
def test_a_second_seeding_adds_a_program_of_the_same_people():
    first = seeding.seed("empty")
    people = set(User.objects.values_list("pk", flat=True))
    second = seeding.seed("empty")
    assert second.cohort.pk != first.cohort.pk
    assert second.program.pk != first.program.pk
    assert set(User.objects.values_list("pk", flat=True)) == people
    assert second.cast == first.cast


@pytest.mark.django_db
def test_who_came_after_a_seeding_is_a_stranger_unless_the_demo_let_them_in(settings):
    seeding.seed("empty")
    settings.DEMO = True
    visitor = UserFactory(email="me@home.example")
    user_signed_up.send(User, request=RequestFactory().get("/"), user=visitor)
    assert not cast.strangers().exists()
    seeding.require_no_strangers()
    settings.DEMO = False
    other = UserFactory(email="real@company.example")
    user_signed_up.send(User, request=RequestFactory().get("/"), user=other)
    assert list(cast.strangers()) == [other]


@pytest.mark.django_db
def test_what_fails_halfway_leaves_nothing(monkeypatch):
    monkeypatch.setattr(samples, "policy_of", lambda _sample: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        seeding.seed("empty")
    assert not User.objects.exists()


# --- the scenarios ------------------------------------------------------------------------------


@pytest.mark.django_db
def test_seed_tells_machines_what_it_made(capsys):
    call_command("seed", "empty")
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    cohort = Cohort.objects.get()
    assert told == {
        "scenario": "empty",
        "cohort": cohort.code,
        "program": cohort.program.code,
        "logins": [
            {
                "email": "nora.lindqvist@example.org",
                "password": "mentorship-demo",
                "role": "coordinator",
            },
            {
                "email": "samuel.osei@example.org",
                "password": "mentorship-demo",
                "role": "observer",
            },
            {
                "email": "marit.solberg@example.org",
                "password": "mentorship-demo",
                "role": "owner",
            },
        ],
    }
    assert cohort.stage_now == Stage.DRAFT
    for login in told["logins"]:
        person = authenticate(email=login["email"], password=login["password"])
        assert person.emailaddress_set.filter(verified=True, primary=True).count() == 1


@pytest.mark.django_db
def test_applications_open_has_a_full_desk_and_somebody_writing():
    seeded = seeding.seed("applications-open")
    cohort = seeded.cohort
    assert Cohort.objects.get().stage_now == Stage.APPLYING
    counts = Counter(Application.objects.filter(cohort=cohort).values_list("role", "status"))
    assert counts == {
        ("mentor", "submitted"): 251,
        ("mentee", "submitted"): 156,
        ("mentee", "draft"): 1,
    }
    assert seeded.cast["applicant"].applications.get().status == "draft"
    assert not User.objects.exclude(email__endswith="@example.org").exists()


@pytest.mark.slow
@pytest.mark.django_db
def test_matched_is_introduced_and_a_pause_of_days_ends_without_a_flood(mailoutbox):
    seeded = seeding.seed("matched")
    run = MatchingRun.objects.get()
    assert (run.matched, run.gap, run.status) == (156, 0, "published")
    assert Match.objects.running().count() == 156
    assert {"mentor", "mentee"} <= seeded.cast.keys()
    assert not OutboxMessage.objects.exclude(state="sent").exists()

    # nobody was there while the first check-ins came and went; a week later nobody is asked
    assert _mails_after(seeded.cohort, mailoutbox, days=12) == []
    # a few days later each is asked once how it was, and nobody is reminded of what is over
    mails = _mails_after(seeded.cohort, mailoutbox, days=6)
    begun = CheckIn.objects.filter(asked_at__isnull=False).count()
    assert begun >= 150
    assert len(mails) == 2 * begun
    assert max(Counter(mails).values()) <= 3  # a mentor of three
    assert not OutboxMessage.objects.filter(kind="checkin_reminder").exists()


def _mails_after(cohort, mailoutbox, *, days):
    """To whom mail goes in the first minutes of a start so many days into the program."""
    mailoutbox.clear()
    start = datetime.combine(cohort.starts_on, datetime.min.time(), UTC) + timedelta(days=days)
    for minute in range(3):
        with clock.at(start + timedelta(minutes=minute)):
            remind_due_checkins()
            send_due_surveys()
            deliver_due()
    return [mail.to[0] for mail in mailoutbox]


@pytest.mark.slow
@pytest.mark.django_db
def test_mid_program_stands_in_its_sixth_week(settings, tmp_path):
    settings.DEMO, settings.MAIL_DIR = True, tmp_path
    seeding.seed("mid-program")
    told = report.of_demo()
    main = Cohort.objects.get(code=told["cohort"])
    assert (main.week(clock.now()), main.weeks) == (6, 16)
    assert (told["mentors"], told["mentees"], told["matched"], told["gap"]) == (251, 156, 156, 0)
    assert told["checkins_planned"] == 156 * 8
    assert told["survey_links_sent"] == 251 + 156
    assert 0.4 < told["survey_answers"] / told["survey_links_sent"] < 0.7
    past = CheckIn.objects.filter(match__cohort=main, starts_at__lt=clock.now())
    answered = past.filter(answered_at__isnull=False).count()
    assert 0.75 < answered / past.count() < 0.95
    assert told["reminders_sent"] >= 2 * past.count()
    assert None not in told["figures"].values()
    other = max(told["others"], key=lambda one: one["mentees"])
    assert (other["matched"], other["mentees"], other["score"], other["gap"]) == (35, 50, 727, 0)
    nxt = Cohort.objects.filter(program=main.program).order_by("starts_on").last()
    assert nxt.stage_now == Stage.APPLYING
    # mentors without a mentee apply again, and are read by two
    assert nxt.applications.filter(status="submitted", role="mentor").count() == 9
    assert Assignment.objects.filter(application__cohort=nxt).count() == 18
    assert 5 < Review.objects.filter(application__cohort=nxt).handed_in().count() < 18
    assert {login["role"] for login in told["logins"]} == set(cast.PARTS)
    assert not OutboxMessage.objects.exclude(state__in=("sent", "skipped")).exists()
    assert any("gap 0" in line for line in report.in_words(told))
    _the_desk_has_something_to_decide(Cohort.objects.get(name__startswith="Code reviews"))
    _introductions_went_all_ways(Cohort.objects.get(code=other["cohort"]))
    # the cast works together still
    pair = {User.objects.get(email=one["email"]) for one in told["logins"] if one["role"] in PAIR}
    together = Match.objects.running().filter(cohort=main, places__participant__user__in=pair)
    assert together.distinct().count() >= 1
    # nothing was written in the future
    for model, moment in ((OutboxMessage, "queued_at"), (CheckIn, "answered_at")):
        assert not model.objects.filter(**{f"{moment}__gt": clock.now()}).exists()


def _the_desk_has_something_to_decide(cohort):
    """Two drafts, one of them changed twice and asked about, and one introduction by hand."""
    drafts = cohort.runs.filter(kind="asked").values_list("name", "status")
    assert set(drafts) == {("Same work first", "done"), ("Skills first", "done")}
    changes = cohort.runs.filter(kind="changed").order_by("pk")
    assert [run.change["kind"] for run in changes] == ["lock", "forbid"]
    shown = changes.last()
    assert (shown.gap, shown.comments.count()) == (0, 1)
    kinds = set(shown.inquiries.filter(status="answered").values_list("kind", flat=True))
    assert kinds >= {"how-sure", "recruit"}
    assert 0 < shown.matched < shown.mentees
    decided = [one.kind for one in LoggedDecision.objects.filter(cohort=cohort).order_by("number")]
    assert decided == ["pair.made", "pair.locked", "pair.forbidden"]
    opened = Introduction.objects.get(cohort=cohort)
    assert (opened.status, opened.origin, opened.mentor_answer) == ("open", "hand", "yes")
    assert not opened.mentee_answer


def _introductions_went_all_ways(cohort):
    """Most agreed, one was declined and goes on with the next best, two matches have ended."""
    introductions = Introduction.objects.filter(cohort=cohort)
    first = introductions.filter(origin="run", run__only=[], follows=None)
    declined = introductions.get(status="declined")
    assert introductions.get(follows=declined).status == "agreed"
    assert first.filter(status="agreed").count() == 34
    matches = Match.objects.filter(cohort=cohort)
    assert Counter(matches.values_list("status", flat=True)) == {"running": 33, "ended": 2}
    assert introductions.open().exclude(mentor_answer="yes").count() == 0
    assert introductions.open().filter(mentee__places__match__status="ended").count() == 1


def test_the_samples_lie_where_seeding_looks():
    assert samples.SAMPLES == django_settings.BASE_DIR / "samples"
