"""Whom a list brought: what coordinators are told of it, and the person's own word."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.notifications.delivery import deliver_due
from mentorship.shared.notifications.models import OutboxMessage
from programs import permissions
from programs.actions import applications, confirmations
from programs.models import Application, Cohort, Participant
from tests.cast import Troupe
from tests.factories.programs import ApplicationFactory, ParticipantFactory, UserFactory


def brought(cohort: Cohort, **fields: object) -> Participant:
    """Somebody whom a list brought and a coordinator accepted."""
    application = ApplicationFactory(cohort=cohort, brought_at=clock.now(), **fields)
    return applications.accept(application, by=UserFactory())


def people_page(client: Client, cohort: Cohort, **asked: str) -> str:
    return client.get(reverse("desk-participants", args=[cohort.code]), asked).content.decode()


def test_only_those_who_did_nothing_themselves_are_unconfirmed(here: Troupe) -> None:
    named, came = brought(here.cohort), brought(here.cohort)
    other_role = brought(here.cohort, applicant=came.user, role="mentor")
    Application.objects.filter(applicant=came.user, role="mentee").update(brought_at=None)
    assert set(Participant.objects.unconfirmed()) == {named, other_role}
    told = Participant.objects.with_confirmation().values_list("pk", "is_unconfirmed")
    assert {pk for pk, waits in told if waits} == {named.pk, other_role.pk}


def test_the_list_of_people_says_who_has_not_confirmed_and_what_that_means(
    here: Troupe, as_coordinator: Client
) -> None:
    assert "not confirmed" not in people_page(as_coordinator, here.cohort).lower()
    one = brought(here.cohort, applicant=UserFactory(name="Grace"))
    page = people_page(as_coordinator, here.cohort)
    assert "1 person has not confirmed" in page
    assert "you see of them only what the list said" in page
    assert reverse("desk-participants-confirm", args=[here.cohort.code]) in page
    only = as_coordinator.get(
        reverse("desk-participants", args=[here.cohort.code]), {"ready": "unconfirmed"}
    )
    assert [row.pk for row in only.context["page_obj"]] == [one.pk]
    confirmations.confirm(one, by=one.user)
    page = people_page(as_coordinator, here.cohort, ready="unconfirmed")
    assert "Nobody here. Choose another list above." in page


def test_those_who_have_not_confirmed_are_asked_at_most_once_a_day(
    here: Troupe, as_coordinator: Client
) -> None:
    url = reverse("desk-participants-confirm", args=[here.cohort.code])
    assert "There is nobody to ask." in as_coordinator.get(url).content.decode()
    one = brought(here.cohort)
    OutboxMessage.objects.all().delete()
    assert "1 person whom a list brought gets a mail" in as_coordinator.get(url).content.decode()
    for _time in range(2):
        assert as_coordinator.post(url).status_code == 302
    [message] = OutboxMessage.objects.all()
    assert (message.kind, message.recipient) == ("part_to_confirm", one.user)
    assert "was asked today already" in as_coordinator.get(url).content.decode()
    assert AuditEvent.objects.get(verb="participants.asked").details == {"count": 1}
    deliver_due()
    [sent] = mail.outbox
    assert reverse("participation-detail", args=[one.code]) in sent.body
    with clock.at(clock.now() + timedelta(days=1)):
        assert confirmations.remind(here.cohort, by=here.coordinator) == 1


@pytest.mark.parametrize("how", ["confirmed", "left"])
def test_nobody_is_asked_what_is_settled_by_then(here: Troupe, how: str) -> None:
    one = brought(here.cohort)
    OutboxMessage.objects.all().delete()
    confirmations.remind(here.cohort, by=here.coordinator)
    if how == "confirmed":
        confirmations.confirm(one, by=one.user)
    else:
        Participant.objects.filter(pk=one.pk).update(left_at=clock.now())
    deliver_due()
    assert mail.outbox == []


def test_asking_many_costs_as_many_queries_as_asking_one(
    here: Troupe, django_assert_num_queries: object
) -> None:
    for count in (1, 3):
        for _time in range(count):
            brought(here.cohort)
        with django_assert_num_queries(7):  # type: ignore[operator]
            assert confirmations.remind(here.cohort, by=here.coordinator) == count


def test_a_person_confirms_and_the_coordinators_see_the_profile(
    here: Troupe, client: Client
) -> None:
    one = brought(here.cohort)
    assert not permissions.has_come(one.user, here.program)
    client.force_login(one.user)
    page = reverse("participation-detail", args=[one.code])
    assert "Yes, I take part" in client.get(page).content.decode()
    for _time in range(2):
        answer = client.post(reverse("participation-confirm", args=[one.code]))
        assert (answer.status_code, answer["Location"]) == (302, page)
    assert "Yes, I take part" not in client.get(page).content.decode()
    assert permissions.has_come(one.user, here.program)
    assert AuditEvent.objects.filter(verb="participant.confirmed").count() == 1


def test_nobody_confirms_for_somebody_else(here: Troupe, client: Client) -> None:
    one = brought(here.cohort)
    client.force_login(here.coordinator)
    url = reverse("participation-confirm", args=[one.code])
    assert client.post(url).status_code == 404
    confirmations.confirm(one, by=here.coordinator)
    # not even when the coordinator was brought into the same part
    brought(here.cohort, applicant=here.coordinator)
    confirmations.confirm(one, by=here.coordinator)
    assert Participant.objects.unconfirmed().filter(pk=one.pk).exists()


def test_who_applied_themself_is_asked_nothing(here: Troupe, client: Client) -> None:
    one = ParticipantFactory(cohort=here.cohort)
    client.force_login(one.user)
    page = client.get(reverse("participation-detail", args=[one.code])).content.decode()
    assert "Yes, I take part" not in page
