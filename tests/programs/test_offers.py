"""A place kept until a deadline, and the list of those who wait for one."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications.delivery import compose
from mentorship.shared.notifications.models import OutboxMessage
from programs.actions import applications, erasure, offers, waiting_list
from programs.models import Application, Cohort, Participant
from programs.notifications import ApplicationOffered, OfferReminder
from programs.tasks import tend_offers
from tests.factories.programs import (
    ApplicationFactory,
    CohortFactory,
    MembershipFactory,
    ParticipantFactory,
    ReviewFactory,
    UserFactory,
)

Status = Application.Status


@pytest.fixture
def by(db):
    return UserFactory()


@pytest.fixture
def cohort(db):
    return CohortFactory(offers_go_on=True, offer_days=3, time_zone="Pacific/Auckland")


def waiting(cohort, by, count, **fields):
    return [
        applications.waitlist(ApplicationFactory(cohort=cohort, **fields), by=by)
        for _ in range(count)
    ]


def offered(cohort, by, **fields):
    wish = ApplicationFactory(cohort=cohort, **fields)
    return offers.make(wish, until=clock.now() + timedelta(days=2), by=by)


def statuses(*people):
    return [Application.objects.get(pk=person.pk).status for person in people]


def mails(kind):
    return OutboxMessage.objects.filter(kind=kind).count()


def test_a_day_of_an_offer_ends_at_midnight_of_the_cohort(cohort):
    end = offers.end_of(date(2026, 4, 4), cohort)
    # summer time ends in Auckland that night: UTC+13 on the day, UTC+12 after it
    assert end.isoformat() == "2026-04-04T10:59:59.999999+00:00"


def test_an_offer_is_taken_and_the_person_takes_part(cohort, by):
    wish = offered(cohort, by)
    participant = offers.take(wish, by=wish.applicant)
    wish.refresh_from_db()
    assert (wish.status, wish.decided_by, participant.user) == ("accepted", by, wish.applicant)
    assert (mails("application_offered"), mails("application_accepted")) == (1, 1)
    with pytest.raises(RuleBroken, match="already"):
        offers.take(wish, by=wish.applicant)


def test_an_offer_is_not_taken_a_second_after_its_end(cohort, by):
    wish = offered(cohort, by)
    with clock.at(wish.offer_until), pytest.raises(RuleBroken, match="has ended"):
        offers.take(wish, by=wish.applicant)
    with clock.at(wish.offer_until - timedelta(microseconds=1)):
        offers.take(wish, by=wish.applicant)


def test_whoever_turns_an_offer_down_leaves_it_to_the_next(cohort, by):
    wish, (first, second) = offered(cohort, by), waiting(cohort, by, 2)
    offers.turn_down(wish, by=wish.applicant)
    assert statuses(wish, first, second) == ["withdrawn", "offered", "waitlisted"]
    first.refresh_from_db()
    assert first.decided_by == by
    last_day = clock.now().astimezone().date()
    assert first.offer_until == offers.end_of(offers.usual_day(cohort), cohort)
    assert first.offer_until.date() >= last_day
    with pytest.raises(RuleBroken, match="no offer any more"):
        offers.turn_down(wish, by=wish.applicant)


def test_an_offer_that_is_withdrawn_goes_to_the_next_as_well(cohort, by, client):
    wish, (first,) = offered(cohort, by), waiting(cohort, by, 1)
    client.force_login(wish.applicant)
    client.post(reverse("application-withdraw", args=[wish.code]))
    assert statuses(wish, first) == ["withdrawn", "offered"]


def test_an_offer_of_somebody_whose_account_ends_goes_to_the_next(cohort, by):
    wish, (first,) = offered(cohort, by), waiting(cohort, by, 1)
    erasure.erase(wish.applicant, by=wish.applicant)
    assert statuses(wish, first) == ["withdrawn", "offered"]


def test_the_list_of_an_archived_cohort_stands_still(cohort, by):
    wish, other = offered(cohort, by), offered(cohort, by)
    first, second = waiting(cohort, by, 2)
    Cohort.objects.filter(pk=cohort.pk).update(archived_at=clock.now())
    offers.turn_down(wish, by=wish.applicant)
    with pytest.raises(RuleBroken, match="archived"):
        offers.take(other, by=other.applicant)
    with pytest.raises(RuleBroken, match="archived"):
        waiting_list.move(second, up=True, by=by)
    assert statuses(wish, other, first, second) == [
        "withdrawn",
        "offered",
        "waitlisted",
        "waitlisted",
    ]


def test_nobody_moves_themselves_up_the_list(cohort, by):
    waiting(cohort, by, 1)
    (own,) = waiting(cohort, by, 1)
    with pytest.raises(RuleBroken, match="your own"):
        waiting_list.move(own, up=True, by=own.applicant)


def test_an_offer_that_is_not_taken_lapses_once_and_goes_to_the_next(cohort, by):
    wish, (first, second) = offered(cohort, by), waiting(cohort, by, 2)
    other_role = waiting(cohort, by, 1, role="mentor")[0]
    with clock.at(wish.offer_until - timedelta(seconds=1)):
        tend_offers()
        assert statuses(wish) == ["offered"]
    with clock.at(wish.offer_until):
        assert tend_offers() == 1
        assert tend_offers() == 0
        assert not offers.lapse(wish)
    assert statuses(wish, first, second, other_role) == [
        *("lapsed", "offered", "waitlisted", "waitlisted"),
    ]
    assert (mails("offer_lapsed"), mails("application_offered")) == (1, 2)
    assert AuditEvent.objects.filter(verb="application.lapsed", actor_code="").count() == 1


def test_a_list_goes_on_only_where_the_cohort_says_so(by):
    cohort = CohortFactory()
    wish, (first,) = offered(cohort, by), waiting(cohort, by, 1)
    with clock.at(wish.offer_until):
        tend_offers()
    assert statuses(wish, first) == ["lapsed", "waitlisted"]


def test_a_person_is_reminded_once_a_day_before_the_end(cohort, by):
    wish = offered(cohort, by)
    with clock.at(wish.offer_until - timedelta(days=1, seconds=1)):
        assert tend_offers() == 0
    with clock.at(wish.offer_until - timedelta(days=1)):
        assert tend_offers() == 1
        assert tend_offers() == 0
        assert not offers.remind(wish)
    assert mails("offer_reminder") == 1


def test_somebody_whose_offer_lapsed_may_get_another(cohort, by):
    wish = offered(cohort, by)
    with clock.at(wish.offer_until):
        tend_offers()
        again = offers.make(wish, until=clock.now() + timedelta(days=1), by=by)
        assert offers.remind(again)
        offers.take(again, by=again.applicant)
    assert statuses(wish) == ["accepted"]


def test_an_offer_holds_a_place(by):
    cohort = CohortFactory(mentee_places=2)
    ParticipantFactory(cohort=cohort)
    wish = offered(cohort, by)
    for more in (
        lambda a: offers.make(a, until=clock.now() + timedelta(days=1), by=by),
        lambda a: applications.accept(a, by=by),
    ):
        with pytest.raises(RuleBroken, match="places"):
            more(ApplicationFactory(cohort=cohort))
    offers.take(wish, by=wish.applicant)
    assert Participant.objects.filter(cohort=cohort).count() == 2


def test_an_offer_cannot_end_in_the_past(cohort, by):
    with pytest.raises(RuleBroken, match="over"):
        offers.make(ApplicationFactory(cohort=cohort), until=clock.now(), by=by)


# --- The waiting list -------------------------------------------------------------------------


def order(cohort, role="mentee"):
    return list(Application.objects.on_waiting_list(cohort, role))


def test_people_wait_in_the_order_in_which_they_were_put_there(cohort, by):
    people = waiting(cohort, by, 3)
    assert order(cohort) == people
    applications.withdraw(people[0], by=people[0].applicant)
    people[0].refresh_from_db()
    assert (people[0].waiting_position, order(cohort)) == (None, people[1:])


def test_somebody_is_moved_up_and_down(cohort, by):
    a, b, c = waiting(cohort, by, 3)
    waiting_list.move(c, up=True, by=by)
    assert order(cohort) == [a, c, b]
    waiting_list.move(a, up=False, by=by)
    assert order(cohort) == [c, a, b]
    waiting_list.move(c, up=True, by=by)
    waiting_list.move(b, up=False, by=by)
    assert order(cohort) == [c, a, b]
    assert AuditEvent.objects.filter(verb="application.moved").count() == 2
    applications.decline(c, by=by)
    with pytest.raises(RuleBroken, match="not on the waiting list"):
        waiting_list.move(c, up=True, by=by)


def test_the_list_is_ordered_by_score_and_whoever_has_none_follows(cohort, by):
    a, b, c, d = waiting(cohort, by, 4)
    ReviewFactory(application=b, score=2.0)
    ReviewFactory(application=c, score=5.0)
    ReviewFactory(application=c, score=4.0)
    ReviewFactory(application=d, score=None, submitted_at=None)
    assert waiting_list.order_by_score(cohort, "mentee", by=by) == 4
    assert order(cohort) == [c, b, a, d]


def test_a_coordinator_sees_and_moves_the_list(here, as_coordinator):
    a, b = waiting(here.cohort, here.coordinator, 2)
    page = reverse("desk-waiting", args=[here.cohort.code, "mentee"])
    shown = as_coordinator.get(page)
    assert [row.pk for row in shown.context["page_obj"]] == [a.pk, b.pk]
    move = reverse("desk-waiting-move", args=[b.code])
    assert as_coordinator.post(move, {"direction": "up"})["Location"] == page
    assert order(here.cohort) == [b, a]
    assert as_coordinator.post(move, {"direction": "sideways"}).status_code == 400
    assert (
        as_coordinator.get(reverse("desk-waiting", args=[here.cohort.code, "mentor"]))
        .context["page_obj"]
        .paginator.count
        == 0
    )


def test_a_coordinator_offers_a_free_place_to_the_next(here, as_coordinator):
    Cohort.objects.filter(pk=here.cohort.pk).update(mentee_places=None)
    page = reverse("desk-waiting", args=[here.cohort.code, "mentee"])
    assert "Offer it to" not in as_coordinator.get(page).content.decode()  # nobody waits
    first, second = waiting(here.cohort, here.coordinator, 2)
    assert "Places are not limited" in as_coordinator.get(page).content.decode()
    taken = here.cohort.free_places("mentee")
    assert taken is None
    held = Participant.objects.present().filter(cohort=here.cohort, role="mentee").count()
    Cohort.objects.filter(pk=here.cohort.pk).update(mentee_places=held + 1)
    shown = as_coordinator.get(page).content.decode()
    assert "1 place is free" in shown
    assert f"Offer it to {first.applicant.name}" in shown
    overview = reverse("desk-cohort", args=[here.cohort.code])
    todo = as_coordinator.get(overview).context["todo"]
    assert {
        "text": "1 place for a mentee is free, and somebody waits for one.",
        "url": page,
    } in todo
    decide = reverse("desk-application-decide", args=[first.code])
    as_coordinator.post(decide, {"decision": "offered"})
    as_coordinator.post(decide, {"decision": "offered"})  # twice is once
    assert statuses(first, second) == ["offered", "waitlisted"]
    assert "Offer it to" not in as_coordinator.get(page).content.decode()
    assert page not in [one["url"] for one in as_coordinator.get(overview).context["todo"]]


@pytest.mark.parametrize("goes_on", [True, False])
def test_an_applicant_hears_whom_a_place_goes_to_only_when_it_does(client, by, goes_on):
    wish = offered(CohortFactory(offers_go_on=goes_on), by)
    client.force_login(wish.applicant)
    page = client.get(reverse("application-detail", args=[wish.code])).content.decode()
    assert ("to the next person" in page) is goes_on
    assert ("can offer the place to somebody else" in page) is not goes_on
    mail = compose(
        OutboxMessage.objects.get(kind="application_offered", subject_code=wish.code),
        ApplicationOffered(wish),
    )
    assert ("to the next person" in mail.body) is goes_on
    after = client.post(reverse("offer-turn-down", args=[wish.code]), follow=True).content.decode()
    assert ("It goes to the next person." in after) is goes_on


@pytest.mark.parametrize(
    "zone, mine",
    [
        ("UTC", ""),  # the zone of those who have told none
        ("Pacific/Auckland", ""),
        ("Europe/London", "; 11:59 on 4 April where you are"),
    ],
)
def test_a_mail_about_an_offer_tells_its_end_in_the_zone_of_the_cohort(cohort, by, zone, mine):
    wish = ApplicationFactory(cohort=cohort, applicant=UserFactory(time_zone=zone))
    with clock.at(datetime(2026, 4, 1, 12, tzinfo=UTC)):
        wish = offers.make(wish, until=offers.end_of(date(2026, 4, 4), cohort), by=by)
    message = OutboxMessage.objects.get(kind="application_offered")
    for notice in (ApplicationOffered(wish), OfferReminder(wish)):
        body = " ".join(compose(message, notice).body.split())
        assert f"until the end of Saturday 4 April 2026 (Auckland time{mine})" in body


@pytest.mark.parametrize(
    "status, asked",
    [("submitted", True), ("waitlisted", True), ("lapsed", True), ("offered", False)],
)
def test_a_last_day_is_asked_where_a_place_can_be_offered(cohort, client, status, asked):
    coordinator = MembershipFactory(program=cohort.program).user
    client.force_login(coordinator)
    wish = ApplicationFactory(cohort=cohort, status=status)
    page = client.get(reverse("desk-application", args=[wish.code])).content.decode()
    assert ("Last day to take an offer" in page) is asked
    assert ("Without a day an offer ends" in page) is asked


def test_the_desk_tells_the_end_of_an_offer_in_the_zone_where_it_holds(cohort, client):
    client.force_login(MembershipFactory(program=cohort.program).user)
    wish = ApplicationFactory(
        cohort=cohort, status="offered", offer_until=offers.end_of(date(2026, 4, 4), cohort)
    )
    told = "the end of Saturday 4 April 2026 (Auckland time)"
    for url in (
        reverse("desk-application", args=[wish.code]),
        reverse("desk-waiting", args=[cohort.code, "mentee"]),
    ):
        assert told in client.get(url).content.decode()
