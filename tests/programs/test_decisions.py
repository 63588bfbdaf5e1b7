"""Decisions, one by one or many at once: previewed, made, and taken back within a minute."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse

from matching.models import Match, Suggestion
from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications import delivery
from mentorship.shared.notifications.models import OutboxMessage
from programs.actions import applications, decisions, offers
from programs.models import Application, Batch, Cohort, Participant
from programs.models.decisions import UNDO
from tests.factories.matching import MatchingRunFactory, match_of
from tests.factories.programs import (
    ApplicationFactory,
    CohortFactory,
    ParticipantFactory,
    UserFactory,
)

Status = Application.Status
DECISIONS = ["accepted", "offered", "waitlisted", "declined"]


@pytest.fixture
def cohort(db):
    return CohortFactory()


@pytest.fixture
def by(db):
    return UserFactory(name="Nora")


def wishes(cohort, count, **fields):
    return [ApplicationFactory(cohort=cohort, **fields) for _ in range(count)]


def decide(chosen, decision, by, **more):
    if decision == "offered":
        more.setdefault("until", clock.now() + timedelta(days=5))
    return decisions.decide(chosen, decision, by=by, **more)


def everything():
    """How applications and participants stand, as far as a decision touches them."""
    fields = ("pk", "status", "decided_at", "decided_by", "note", "decision_words")
    places = ("waiting_position", "offer_until")
    return (
        list(Application.objects.order_by("pk").values_list(*fields, *places)),
        list(Participant.objects.order_by("pk").values_list("pk", "capacity", "left_at")),
    )


def test_many_are_decided_together_and_their_mails_wait_a_minute(cohort, by):
    chosen = wishes(cohort, 3)
    at = clock.now()
    with clock.at(at):
        outcome = decide(chosen, "accepted", by, words="We are glad.")
    assert (outcome.done, outcome.left) == (3, [])
    assert {a.status for a in Application.objects.all()} == {"accepted"}
    assert Participant.objects.filter(cohort=cohort).count() == 3
    waiting = OutboxMessage.objects.values_list("kind", "state", "not_before")
    assert set(waiting) == {("application_accepted", "pending", at + UNDO)}
    with clock.at(at + UNDO - timedelta(seconds=1)):
        assert delivery.deliver_due().sent == 0
    with clock.at(at + UNDO):
        assert delivery.deliver_due().sent == 3
    assert all("We are glad." in message.body for message in mail.outbox)
    assert AuditEvent.objects.filter(verb="batch.decided").count() == 1


@pytest.mark.parametrize("decision", DECISIONS)
def test_whatever_was_decided_is_undone_and_no_mail_leaves(cohort, by, decision):
    fresh = wishes(cohort, 2)
    waiting = [applications.waitlist(a, by=by) for a in wishes(cohort, 3)]
    OutboxMessage.objects.all().delete()
    back = wishes(cohort, 1)[0]
    ParticipantFactory(
        cohort=cohort,
        user=back.applicant,
        capacity=4,
        joined_at=clock.now() - timedelta(days=9),
        left_at=clock.now() - timedelta(days=2),
    )
    chosen = [*fresh, back] if decision == "waitlisted" else [*fresh, back, *waiting[:2]]
    before = everything()
    outcome = decide(chosen, decision, by, note="n", words="w")
    assert (outcome.done, len(outcome.left)) == (len(chosen), 0)
    assert everything() != before
    undone = decisions.undo(outcome.batch, by=by)
    assert (undone.done, undone.left) == (len(chosen), [])
    assert everything() == before
    with clock.at(clock.now() + timedelta(minutes=5)):
        delivery.deliver_due()
    assert mail.outbox == []
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {"skipped"}
    with pytest.raises(RuleBroken, match="taken back already"):
        decisions.undo(outcome.batch, by=by)


def test_a_decision_can_be_made_again_after_it_was_undone(cohort, by):
    (wish,) = wishes(cohort, 1)
    decisions.undo(decide([wish], "accepted", by).batch, by=by)
    decide([wish], "accepted", by)
    with clock.at(clock.now() + UNDO):
        assert delivery.deliver_due().sent == 1


def own_pages(client, wish):
    """Everything that tells an applicant how it stands."""
    cohort = wish.cohort
    urls = [
        reverse("home"),
        reverse("application-detail", args=[wish.code]),
        reverse("program-detail", args=[cohort.program.code]),
    ]
    return [client.get(url).content.decode() for url in urls]


def bare(pages):
    """Without what differs from one answer to the next."""
    return [re.sub(r'(csrfmiddlewaretoken" value|nonce)="[^"]*"', "", page) for page in pages]


@pytest.mark.parametrize("decision", DECISIONS)
def test_an_applicant_sees_a_decision_when_its_mail_leaves(cohort, by, client, decision):
    (wish,) = wishes(cohort, 1)
    client.force_login(wish.applicant)
    before = bare(own_pages(client, wish))
    at = clock.now()
    with clock.at(at):
        decide([wish], decision, by)
    wish.refresh_from_db()
    with clock.at(at + UNDO - timedelta(seconds=1)):
        assert bare(own_pages(client, wish)) == before
    with clock.at(at + UNDO):
        for page in own_pages(client, wish):
            assert wish.get_status_display() in page


@pytest.mark.parametrize(
    "left, shown", [(None, True), (timedelta(days=2), False), ("never there", False)]
)
def test_a_part_that_comes_with_a_decision_is_shown_with_it(cohort, by, client, left, shown):
    (wish,) = wishes(cohort, 1)
    at = clock.now()
    if left != "never there":
        ParticipantFactory(
            cohort=cohort,
            user=wish.applicant,
            joined_at=at - timedelta(days=9),
            left_at=left and at - left,
        )
    client.force_login(wish.applicant)
    with clock.at(at):
        decide([wish], "accepted", by)
        assert ("Your part" in client.get(reverse("home")).content.decode()) is shown
    with clock.at(at + UNDO):
        assert "Your part" in client.get(reverse("home")).content.decode()


def test_of_two_decisions_in_a_minute_neither_is_seen_early(cohort, by, client):
    (wish,) = wishes(cohort, 1)
    client.force_login(wish.applicant)
    at = clock.now()
    with clock.at(at):
        decide([wish], "waitlisted", by)
    with clock.at(at + timedelta(seconds=40)):
        decide([wish], "accepted", by)
    for seconds, status in ((50, "submitted"), (70, "waitlisted"), (100, "accepted")):
        with clock.at(at + timedelta(seconds=seconds)):
            page = client.get(reverse("application-detail", args=[wish.code]))
            assert page.context["application"].status == status


def test_after_a_minute_it_is_too_late(cohort, by):
    (wish,) = wishes(cohort, 1)
    batch = decide([wish], "declined", by).batch
    with clock.at(batch.at + UNDO), pytest.raises(RuleBroken, match="minute is over"):
        decisions.undo(batch, by=by)


def test_what_moved_on_since_is_left_and_the_others_are_put_back(cohort, by):
    stays, leaves = wishes(cohort, 2)
    batch = decide([stays, leaves], "accepted", by).batch
    applications.withdraw(leaves, by=leaves.applicant)
    outcome = decisions.undo(batch, by=by)
    assert (outcome.done, [one.pk for one, _ in outcome.left]) == (1, [leaves.pk])
    stays.refresh_from_db()
    leaves.refresh_from_db()
    assert (stays.status, leaves.status) == ("submitted", "withdrawn")


def test_nothing_is_put_back_when_all_moved_on(cohort, by):
    (wish,) = wishes(cohort, 1)
    batch = decide([wish], "offered", by).batch
    offers.take(wish, by=wish.applicant)
    with pytest.raises(RuleBroken, match="moved on"):
        decisions.undo(batch, by=by)
    assert Participant.objects.filter(user=wish.applicant).exists()


def test_a_participant_others_refer_to_by_now_stays(cohort, by):
    (wish,) = wishes(cohort, 1)
    batch = decide([wish], "accepted", by).batch
    person = Participant.objects.get(user=wish.applicant)
    mentor = ParticipantFactory(cohort=cohort, role="mentor")
    Suggestion.objects.create(
        run=MatchingRunFactory(cohort=cohort), mentor=mentor, mentee=person, score=1
    )
    with pytest.raises(RuleBroken, match="moved on"):
        decisions.undo(batch, by=by)
    wish.refresh_from_db()
    assert wish.status == "accepted"


def match_them(mentor, person):
    match_of(mentor, person)


def suggest_them(mentor, person):
    run = MatchingRunFactory(cohort=person.cohort)
    Suggestion.objects.create(run=run, mentor=mentor, mentee=person, score=1)


@pytest.mark.parametrize("need", [match_them, suggest_them])
def test_somebody_who_came_back_and_is_needed_by_now_stays(cohort, by, need):
    (wish,) = wishes(cohort, 1)
    person = ParticipantFactory(
        cohort=cohort,
        user=wish.applicant,
        joined_at=clock.now() - timedelta(days=9),
        left_at=clock.now() - timedelta(days=2),
    )
    mentor = ParticipantFactory(cohort=cohort, role="mentor")
    with clock.at(clock.now() - timedelta(days=5)):
        suggest_them(mentor, person)  # before they left: it counts no more
    batch = decide([wish], "accepted", by).batch
    person.refresh_from_db()
    need(mentor, person)
    with pytest.raises(RuleBroken, match="moved on"):
        decisions.undo(batch, by=by)
    person.refresh_from_db()
    wish.refresh_from_db()
    assert (person.left_at, wish.status) == (None, "accepted")
    assert not Match.objects.running().filter(places__participant__left_at__isnull=False).exists()


@pytest.mark.parametrize("decision", DECISIONS)
def test_nobody_decides_about_their_own_application(cohort, by, decision):
    own, other = ApplicationFactory(cohort=cohort, applicant=by), *wishes(cohort, 1)
    with pytest.raises(RuleBroken, match="Somebody else has to decide"):
        decide([own], decision, by)
    outcome = decide([own, other], decision, by)
    assert (outcome.done, [one.pk for one, _ in outcome.left]) == (1, [own.pk])
    assert "your own" in outcome.left[0][1]
    own.refresh_from_db()
    assert own.status == "submitted"
    assert decide([own], decision, UserFactory()).done == 1


@pytest.mark.parametrize("decision", DECISIONS)
def test_nothing_is_decided_in_an_archived_cohort(cohort, by, decision):
    (wish,) = wishes(cohort, 1)
    Cohort.objects.filter(pk=cohort.pk).update(archived_at=clock.now())
    with pytest.raises(RuleBroken, match="archived"):
        decide([wish], decision, by)
    wish.refresh_from_db()
    assert wish.status == "submitted"


def test_a_mail_on_its_way_cannot_be_taken_back(cohort, by):
    (wish,) = wishes(cohort, 1)
    batch = decide([wish], "declined", by).batch
    OutboxMessage.objects.update(state="claimed", owner="x", lease_until=clock.now())
    with pytest.raises(RuleBroken, match="on their way"):
        decisions.undo(batch, by=by)
    wish.refresh_from_db()
    assert wish.status == "declined"


def test_whoever_waits_behind_keeps_their_place_when_somebody_comes_back(cohort, by):
    first, second, third = (applications.waitlist(a, by=by) for a in wishes(cohort, 3))
    batch = decide([third], "accepted", by).batch
    late = applications.waitlist(wishes(cohort, 1)[0], by=by)
    decisions.undo(batch, by=by)
    order = Application.objects.on_waiting_list(cohort, "mentee")
    assert list(order) == [first, second, third, late]
    assert [a.waiting_position for a in order] == [1, 2, 3, 4]


def test_those_who_cannot_move_are_left_and_told(cohort, by):
    fresh, declined = ApplicationFactory(cohort=cohort), None
    declined = ApplicationFactory(cohort=cohort, status="declined")
    outcome = decide([fresh, declined], "accepted", by)
    assert outcome.done == 1
    assert [(one.pk, "not possible" in why) for one, why in outcome.left] == [(declined.pk, True)]


def test_a_decision_about_nobody_or_too_many_is_refused(cohort, by):
    with pytest.raises(RuleBroken, match="at least one"):
        decisions.decide([], "accepted", by=by)
    with pytest.raises(RuleBroken, match="at most 500"):
        decisions.decide([Application()] * 501, "accepted", by=by)
    declined = ApplicationFactory(cohort=cohort, status="declined")
    with pytest.raises(RuleBroken, match="not possible"):
        decide([declined], "accepted", by)
    assert not Batch.objects.exists()


def test_places_are_a_limit_and_the_first_who_applied_get_them(cohort, by):
    Cohort.objects.filter(pk=cohort.pk).update(mentee_places=3)
    ParticipantFactory(cohort=cohort)
    ParticipantFactory(cohort=cohort, role="mentor")
    chosen = wishes(cohort, 3)
    outcome = decide(list(reversed(chosen)), "accepted", by)
    assert outcome.done == 2
    assert [one.pk for one, _why in outcome.left] == [chosen[2].pk]
    assert decide(wishes(cohort, 1, role="mentor"), "accepted", by).done == 1


# --- The pages --------------------------------------------------------------------------------


@pytest.fixture
def queue(here):
    people = [
        ApplicationFactory(cohort=here.cohort, applicant=UserFactory(name=f"Wish {n}"))
        for n in range(3)
    ]
    return people, reverse("desk-decide", args=[here.cohort.code])


def test_a_coordinator_sees_the_mails_before_anything_happens(here, as_coordinator, queue):
    people, url = queue
    told = {"decision": "waitlisted", "words": "Soon more.", "ticked": [p.code for p in people[:2]]}
    page = as_coordinator.post(url, told)
    text = page.content.decode()
    assert page.status_code == 200
    for words in ("Wish 0", "Wish 1", "Soon more.", "Hello Wish 0", "2 applications"):
        assert words in text
    assert "Wish 2" not in text
    assert not Batch.objects.exists()
    sent = as_coordinator.post(
        url,
        told | {"ticked": [], "codes": page.context["form"]["codes"].value(), "step": "confirm"},
        follow=True,
    )
    assert "2 applications are decided" in sent.content.decode()
    statuses = [Application.objects.get(pk=p.pk).status for p in people]
    assert statuses == ["waitlisted", "waitlisted", "submitted"]
    (batch,) = Batch.objects.all()
    assert reverse("desk-batch-undo", args=[batch.code]) in sent.content.decode()
    undone = as_coordinator.post(reverse("desk-batch-undo", args=[batch.code]), follow=True)
    assert "2 decisions are taken back" in undone.content.decode()
    assert set(Application.objects.filter(pk__in=[p.pk for p in people]).values_list("status")) == {
        ("submitted",)
    }


def test_all_that_match_the_filter_are_meant_and_nobody_else(here, as_coordinator, queue):
    _people, url = queue
    mentor = ApplicationFactory(cohort=here.cohort, role="mentor")
    page = as_coordinator.post(url, {"decision": "declined", "every": "1", "query": "role=mentor"})
    assert page.context["form"]["codes"].value() == mentor.code


def test_the_preview_warns_when_places_do_not_suffice(here, as_coordinator, queue):
    people, url = queue
    Cohort.objects.filter(pk=here.cohort.pk).update(mentee_places=4)  # two of the cast take part
    page = as_coordinator.post(
        url, {"decision": "accepted", "ticked": [person.code for person in people]}
    )
    assert "2 places are free, so 1 of these find none" in page.content.decode()


def test_an_application_of_another_program_is_not_chosen(here, elsewhere, as_coordinator, queue):
    _people, url = queue
    page = as_coordinator.post(
        url, {"decision": "accepted", "ticked": [elsewhere.application.code]}
    )
    assert page.status_code == 422
    assert "Nobody is chosen" in page.content.decode()


def test_a_single_decision_is_undone_on_the_page_of_the_application(here, as_coordinator):
    url = reverse("desk-application-decide", args=[here.application.code])
    page = as_coordinator.post(url, {"decision": "offered", "words": "Come"}, follow=True)
    here.application.refresh_from_db()
    assert (here.application.status, here.application.decision_words) == ("offered", "Come")
    assert "Undo" in page.content.decode()
    as_coordinator.post(reverse("desk-batch-undo", args=[Batch.objects.get().code]))
    here.application.refresh_from_db()
    assert (here.application.status, here.application.offer_until) == ("submitted", None)


@pytest.mark.parametrize("until", ["2001-01-01", "9999-12-31", "x"])
def test_an_offer_that_ends_at_a_wrong_day_is_an_error_on_the_form(here, as_coordinator, until):
    url = reverse("desk-application-decide", args=[here.application.code])
    page = as_coordinator.post(url, {"decision": "offered", "until": until})
    assert (page.status_code, set(page.context["form"].errors)) == (422, {"until"})
