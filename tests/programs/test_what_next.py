"""Every state a person can be in says what happens next, and when."""

import re
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from django.urls import reverse

from mentorship.shared.base import clock
from programs.models import Application, Interview, Stage
from programs.what_next import what_next
from tests.factories.programs import (
    ApplicationFactory,
    CohortFactory,
    ParticipantFactory,
    ProgramFactory,
    UserFactory,
)

Status = Application.Status
STAGES = ("draft", "applying", "matching", "running", "ended")
A_DAY = re.compile(r"\d{1,2} [A-Z][a-z]+ \d{4}")
# Where nothing is dated: it is over for this person, or no day was ever set.
UNDATED = {
    (Status.DECLINED, stage) for stage in STAGES
} | {(Status.WITHDRAWN, stage) for stage in STAGES if stage != "applying"} | {
    (Status.WAITLISTED, "running"),
    (Status.ACCEPTED, "running"),
}  # fmt: skip


def application_in(status, stage, **fields):
    cohort = CohortFactory(
        stage=stage, program=ProgramFactory(reply_to="ask@example.org"), **fields
    )
    if stage == "draft":
        cohort.opened_at = clock.now()
        cohort.save()
    offer = {}
    if status in (Status.OFFERED, Status.LAPSED):
        ends = timedelta(days=3 if status == Status.OFFERED else -1)
        offer = {"offer_until": clock.now() + ends}
    decided = {}
    if status in Application.DECIDED:
        decided = {"decided_at": clock.now(), "decided_by": UserFactory()}
    return ApplicationFactory(cohort=cohort, status=status, **offer, **decided)


@pytest.mark.parametrize("status, stage", list(product(Status, STAGES)))
def test_every_status_in_every_stage_says_what_comes_and_when(db, status, stage):
    application = application_in(status, stage)
    told = what_next(application, clock.now(), "Asia/Tokyo")
    assert told.endswith((".", "here"))
    assert "None" not in told
    assert "  " not in told
    if (status, stage) not in UNDATED:
        assert A_DAY.search(told), told


@pytest.mark.parametrize("status", Status)
def test_every_status_in_an_archived_cohort_says_that_it_is_over(db, status):
    application = application_in(status, "ended")
    application.cohort.archived_at = clock.now()
    application.cohort.save()
    assert application.cohort.stage(clock.now()) == Stage.ARCHIVED
    assert what_next(application, clock.now())


@pytest.mark.parametrize("status", Status)
def test_every_status_in_a_cohort_that_is_always_on_says_what_comes(db, status):
    application = application_in(
        status, "running", is_always_on=True, apply_until=None, ends_on=None, match_weeks=8
    )
    told = what_next(application, clock.now(), "UTC")
    assert told
    assert "None" not in told


@pytest.mark.parametrize("status, stage", list(product(Status, STAGES)))
def test_every_state_has_its_page(db, client, status, stage):
    application = application_in(status, stage)
    client.force_login(application.applicant)
    page = client.get(reverse("application-detail", args=[application.code]))
    assert page.status_code == 200
    assert "What happens next" in page.content.decode()


def cohort_of_june():
    return CohortFactory(
        apply_from=date(2026, 6, 1),
        apply_until=date(2026, 6, 12),
        starts_on=date(2026, 7, 1),
        ends_on=date(2026, 9, 30),
        review_until=date(2026, 6, 20),
        match_on=date(2026, 6, 25),
        opened_at=datetime(2026, 5, 1, tzinfo=UTC),
    )


def told(status, moment, zone="", **fields):
    with clock.at(moment):
        application = ApplicationFactory(cohort=cohort_of_june(), status=status, **fields)
        return what_next(application, moment, zone)


JUNE = datetime(2026, 6, 5, 12, tzinfo=UTC)


def test_a_draft_is_told_the_deadline_on_both_clocks(db):
    assert told("draft", JUNE, "America/New_York") == (
        "It is not sent in yet. You can send it in until the end of Friday 12 June 2026 "
        "(Berlin time; 17:59 on 12 June where you are)."
    )
    assert "where you are" not in told("draft", JUNE, "Europe/Paris")
    assert "06:59 on 13 June where you are" in told("draft", JUNE, "Asia/Tokyo")


def test_a_draft_after_the_deadline_is_told_that_nobody_read_it(db):
    late = told("draft", datetime(2026, 6, 12, 22, tzinfo=UTC))
    assert late.startswith("The deadline was the end of Friday 12 June 2026 (Berlin time).")
    assert "nobody has read it" in late


def test_whoever_sent_in_is_told_by_when_they_hear_and_that_it_is_late(db):
    assert "by mail by 20 June 2026" in told("submitted", JUNE)
    late = told("submitted", datetime(2026, 6, 22, tzinfo=UTC))
    assert "due by 20 June 2026 and is late" in late


def test_an_interview_is_told_on_both_clocks(db):
    with clock.at(JUNE):
        application = ApplicationFactory(cohort=cohort_of_june())
        interview = Interview(
            application=application,
            planned_at=datetime(2026, 6, 15, 8, tzinfo=UTC),
            place="https://meet.example.org/1",
        )
        said = what_next(application, JUNE, "America/New_York", interview=interview)
    assert "Monday 15 June 2026, 10:00 (Berlin time; 04:00 on 15 June where you are)" in said
    assert "https://meet.example.org/1" in said


def test_whoever_is_on_the_waiting_list_is_told_that_its_order_is_kept(db):
    assert "its order is kept" in told("waitlisted", JUNE)


def test_an_offer_is_told_with_its_last_second_in_the_persons_zone(db):
    until = datetime(2026, 6, 19, 21, 59, 59, 999999, tzinfo=UTC)
    said = told("offered", JUNE, "America/New_York", offer_until=until, **decided())
    assert "until the end of Friday 19 June 2026 (Berlin time; 17:59 on 19 June" in said
    over = told("offered", until, offer_until=until, **decided())
    assert over.startswith("You could take your place until the end of Friday")


def decided():
    return {"decided_at": JUNE, "decided_by": UserFactory()}


def test_whoever_takes_part_is_told_the_day_of_matching(db):
    said = told("accepted", JUNE, **decided())
    assert "Matches are made on 25 June 2026" in said
    assert "before the start on 1 July 2026" in told(
        "accepted", datetime(2026, 6, 28, tzinfo=UTC), **decided()
    )


def test_an_offer_is_taken_and_turned_down_on_the_page(db, client):
    for answer, after in (("offer-take", "accepted"), ("offer-turn-down", "withdrawn")):
        application = application_in(Status.OFFERED, "matching")
        client.force_login(application.applicant)
        page = reverse("application-detail", args=[application.code])
        assert "Take the place" in client.get(page).content.decode()
        url = reverse(answer, args=[application.code])
        assert client.get(url).status_code == 405
        assert client.post(url)["Location"] == page
        application.refresh_from_db()
        assert application.status == after
        again = client.post(url, headers={"Referer": f"http://testserver{page}"}, follow=True)
        assert again.status_code == 200
        client.force_login(UserFactory())
        assert client.post(url).status_code == 404


def test_an_offer_that_is_over_shows_no_button_and_is_not_taken(db, client):
    application = application_in(Status.OFFERED, "matching")
    client.force_login(application.applicant)
    with clock.at(application.offer_until):
        page = client.get(reverse("application-detail", args=[application.code]))
        assert "Take the place" not in page.content.decode()
        client.post(reverse("offer-take", args=[application.code]))
    application.refresh_from_db()
    assert application.status == "offered"


def test_whoever_takes_part_is_told_what_is_missing(db, client, monkeypatch):
    application = application_in(Status.ACCEPTED, "matching")
    person = ParticipantFactory(
        cohort=application.cohort, user=application.applicant, role=application.role
    )
    lacking = [
        type("Missing", (), {"sentence": "Read the code.", "label": "The code", "url": "/x/"})()
    ]
    asked = []
    monkeypatch.setattr(
        "programs.views.applications.gate.missing", lambda one: asked.append(one) or lacking
    )
    client.force_login(application.applicant)
    page = client.get(reverse("application-detail", args=[application.code])).content.decode()
    assert asked == [person]
    assert "Before we can match you, this is missing: Read the code." in page
    assert 'href="/x/"' in page
