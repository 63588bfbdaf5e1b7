"""When a cohort takes applications, where it stands, and what the database holds of it."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from programs import permissions
from programs.actions import cohorts, memberships, programs
from programs.models import Application, Cohort, Membership, Profile, Program, Role, Stage, User
from tests.cast import Troupe
from tests.factories.programs import (
    ApplicationFactory,
    CohortFactory,
    MembershipFactory,
    ParticipantFactory,
    ProfileFactory,
    QuestionnaireFactory,
    UserFactory,
)

SECOND = timedelta(seconds=1)
# Zones at both ends of the day, and days of 23 and 25 hours.
DAYS = {
    "Pacific/Kiritimati": (date(2026, 3, 1), date(2026, 3, 10)),
    "Pacific/Pago_Pago": (date(2026, 3, 1), date(2026, 3, 10)),
    "Europe/Berlin": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "Asia/Kathmandu": (date(2026, 2, 28), date(2026, 2, 28)),
}


def dated(zone, first, last, **fields):
    return CohortFactory(
        time_zone=zone,
        apply_from=first,
        apply_until=last,
        starts_on=last + timedelta(days=10),
        ends_on=last + timedelta(days=100),
        opened_at=fields.pop("opened_at", datetime(2026, 1, 1, tzinfo=UTC)),
        **fields,
    )


def midnight(day, zone):
    return datetime.combine(day, time(0), ZoneInfo(zone)).astimezone(UTC)


def edges(zone, first, last):
    """Instants around the first and the last second, with what is true at each."""
    begin, end = midnight(first, zone), midnight(last + timedelta(days=1), zone)
    return {
        begin - SECOND: False,
        begin - timedelta(microseconds=1): False,
        begin: True,
        begin + SECOND: True,
        end - SECOND: True,
        end - timedelta(microseconds=1): True,
        end: False,
        end + SECOND: False,
    }


def test_a_cohort_and_its_queryset_agree_to_the_microsecond(db):
    laid = {zone: dated(zone, *days) for zone, days in DAYS.items()}
    moments = {at for zone, days in DAYS.items() for at in edges(zone, *days)}
    for zone, cohort in laid.items():
        for at, expected in edges(zone, *DAYS[zone]).items():
            assert cohort.accepts_applications(at) is expected, (zone, at)
    for at in moments:
        one_by_one = {cohort.pk for cohort in laid.values() if cohort.accepts_applications(at)}
        asked = set(Cohort.objects.accepting_applications(at).values_list("pk", flat=True))
        assert asked == one_by_one, at


@pytest.mark.parametrize(
    "fields, accepts",
    [
        ({}, True),
        ({"opened_at": None}, False),
        ({"opened_at": datetime(2026, 3, 5, 13, tzinfo=UTC)}, False),
        ({"opened_at": datetime(2026, 3, 5, 12, tzinfo=UTC)}, True),
        ({"archived_at": datetime(2026, 3, 2, tzinfo=UTC)}, False),
    ],
)
def test_dates_alone_do_not_open_a_cohort(db, fields, accepts):
    cohort = dated("UTC", date(2026, 3, 1), date(2026, 3, 10), **fields)
    at = datetime(2026, 3, 5, 12, tzinfo=UTC)
    assert cohort.accepts_applications(at) is accepts
    assert Cohort.objects.accepting_applications(at).exists() is accepts


def test_no_cohort_accepts_where_there_is_none(db):
    assert list(Cohort.objects.accepting_applications(clock.now())) == []
    assert list(Cohort.objects.running(clock.now())) == []


def test_a_cohort_walks_through_its_stages_by_its_own_days(db):
    zone = "Pacific/Kiritimati"
    cohort = dated(zone, date(2026, 3, 1), date(2026, 3, 10))
    days = {
        date(2026, 2, 28): (Stage.DRAFT, 0),
        date(2026, 3, 1): (Stage.APPLYING, 0),
        date(2026, 3, 10): (Stage.APPLYING, 0),
        date(2026, 3, 11): (Stage.MATCHING, 0),
        date(2026, 3, 19): (Stage.MATCHING, 0),
        date(2026, 3, 20): (Stage.RUNNING, 1),
        date(2026, 3, 27): (Stage.RUNNING, 2),
        date(2026, 6, 18): (Stage.RUNNING, 13),
        date(2026, 6, 19): (Stage.ENDED, 14),
    }
    for day, (stage, week) in days.items():
        for at in (midnight(day, zone), midnight(day + timedelta(days=1), zone) - SECOND):
            assert (cohort.stage(at), cohort.week(at)) == (stage, week), at
            is_running = Cohort.objects.running(at).filter(pk=cohort.pk).exists()
            assert is_running is (stage == Stage.RUNNING), at
    assert cohort.midpoint_on == date(2026, 5, 4)
    assert cohort.weeks == 13
    with clock.at(midnight(date(2026, 3, 20), zone)):
        assert cohort.stage_now == Stage.RUNNING
    cohort.opened_at = None
    assert cohort.stage(midnight(date(2026, 3, 5), zone)) == Stage.DRAFT
    cohort.archived_at = clock.now()
    assert cohort.stage(midnight(date(2026, 3, 5), zone)) == Stage.ARCHIVED


# --- What the database holds -------------------------------------------------------------


def refuses(change):
    with pytest.raises(IntegrityError), transaction.atomic():
        change()


@pytest.mark.parametrize(
    "fields",
    [
        {"apply_until": date(2026, 2, 28)},
        {"starts_on": date(2026, 3, 10)},
        {"ends_on": date(2026, 3, 20)},
        {"checkin_weeks": 0},
        {"checkin_weeks": 13},
    ],
)
def test_a_cohorts_dates_and_rhythm_stay_in_order(db, fields):
    cohort = dated("UTC", date(2026, 3, 1), date(2026, 3, 10))
    refuses(lambda: Cohort.objects.filter(pk=cohort.pk).update(**fields))


def test_an_address_has_one_account_whatever_its_case(db):
    UserFactory(email="Ada@Example.org")
    (ada,) = User.objects.all()
    assert ada.email == "ada@example.org"
    other = UserFactory(email="eve@example.org")
    refuses(lambda: User.objects.filter(pk=other.pk).update(email="ADA@example.org"))
    assert User.objects.get_by_natural_key("aDa@eXample.org") == ada


@pytest.mark.parametrize(
    "fields",
    [
        {"decided_at": datetime(2026, 3, 1, tzinfo=UTC)},
        {"decided_by": True},
        {"submitted_at": None},
    ],
)
def test_an_application_is_decided_by_somebody_at_some_time_and_sent_in_at_some_time(db, fields):
    application = ApplicationFactory()
    if "decided_by" in fields:
        fields = {"decided_by": UserFactory()}
    refuses(lambda: Application.objects.filter(pk=application.pk).update(**fields))


def test_one_row_per_person_cohort_and_role(here: Troupe):
    application, mentee = here.application, here.mentee
    again = {"cohort": application.cohort, "applicant": application.applicant}
    refuses(lambda: ApplicationFactory(**again, role="mentee"))
    assert ApplicationFactory(**again, role="mentor").pk
    refuses(lambda: ParticipantFactory(cohort=mentee.cohort, user=mentee.user, role="mentee"))
    refuses(
        lambda: MembershipFactory(
            program=here.program, user=here.coordinator, role=Membership.Role.COORDINATOR
        )
    )
    refuses(lambda: ProfileFactory(user=mentee.user))


@pytest.mark.parametrize("capacity", [0, 21])
def test_capacity_stays_between_one_and_twenty(here: Troupe, capacity):
    refuses(lambda: type(here.mentor).objects.update(capacity=capacity))
    refuses(lambda: Profile.objects.update(capacity=capacity))


def test_nobody_leaves_before_joining(here: Troupe):
    before = here.mentor.joined_at - SECOND
    refuses(lambda: type(here.mentor).objects.update(left_at=before))


# --- Opening and editing ------------------------------------------------------------------


def test_a_coordinator_opens_a_cohort_once(here: Troupe):
    cohort = cohorts.open(here.draft_cohort, by=here.coordinator)
    opened = cohort.opened_at
    with clock.at(opened + timedelta(hours=1)):
        again = cohorts.open(cohort, by=here.coordinator)
    assert again.opened_at == opened
    assert list(Cohort.objects.public().filter(pk=cohort.pk)) == [cohort]


def test_what_is_over_or_archived_is_not_opened(db):
    by = UserFactory()
    with pytest.raises(RuleBroken, match="dates for applications are over"):
        cohorts.open(CohortFactory(stage="ended", opened_at=None), by=by)
    with pytest.raises(RuleBroken, match="archived"):
        cohorts.open(CohortFactory(opened_at=None, archived_at=clock.now()), by=by)


def test_whoever_makes_a_program_runs_it_and_makes_cohorts(db):
    by = UserFactory()
    program = programs.create_program(by=by, name="New", purpose="Help", reply_to="a@example.org")
    assert permissions.may_coordinate(by, program)
    memberships.appoint(program, user=by, role="coordinator", by=by)
    assert program.memberships.count() == 1
    forms = {"mentor_questions": QuestionnaireFactory(), "mentee_questions": QuestionnaireFactory()}
    dates = {
        "apply_from": date(2026, 3, 1),
        "apply_until": date(2026, 3, 10),
        "starts_on": date(2026, 3, 20),
        "ends_on": date(2026, 6, 1),
    }
    rest = dates | forms | {"policy": {"a": 1}}
    made = cohorts.create(program, by=by, name="One", time_zone="UTC", checkin_weeks=3, **rest)
    assert (made.checkin_weeks, made.opened_at) == (3, None)
    with pytest.raises(ValidationError):
        cohorts.create(program, by=by, name="Two", time_zone="Mars/Base", **rest)
    with pytest.raises(ValidationError):
        programs.create_program(by=by, name="", purpose="Help")
    assert Program.objects.count() == 1
    made.name = "Renamed"
    cohorts.update(made, by=by, changed=["name"])
    program.name = "Other"
    programs.update(program, by=by, changed=["name"])
    assert Cohort.objects.get().name == "Renamed"
    kept = cohorts.create(program, by=by, name="x" * 120, time_zone="UTC", **dates)
    asked = {role: kept.questions_for(role).questions.count() for role in Role}
    assert min(asked.values()) > 3
