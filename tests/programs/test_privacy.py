"""Everything about a person is declared, shown, and gone when they go."""

import json
import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from matching.models import Match
from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications.models import OutboxMessage
from mentorship.shared.privacy import forgetting, registry
from mentorship.shared.privacy.export import as_data
from mentorship.shared.privacy.registry import everything_held, undeclared
from programs.actions import applications, erasure
from programs.models import Application, Participant, Profile, Review, User
from programs.tasks import end_unused_accounts
from tests.cast import Troupe
from tests.factories.programs import (
    ApplicationFactory,
    CohortFactory,
    MembershipFactory,
    ParticipantFactory,
    ReviewFactory,
    UserFactory,
)
from tests.privacy_world import every_row, fill, is_of, plant

pytestmark = pytest.mark.django_db


def proven(person: User) -> Client:
    """Somebody who typed their password a moment ago."""
    person.set_password("correct horse battery")
    person.save()
    client = Client()
    client.force_login(person)
    client.post(reverse("account_reauthenticate"), {"password": "correct horse battery"})
    return client


def test_no_field_of_any_table_goes_undeclared():
    found = {model._meta.label: undeclared(model) for model in apps.get_models()}
    assert {label: names for label, names in found.items() if names} == {}


def test_a_new_field_would_be_noticed(monkeypatch):
    """The test above must be able to fail."""
    held = [one for one in everything_held() if one.model is not Profile]
    monkeypatch.setattr(registry, "_HELD", held)
    assert {"story", "headline", "hours"} <= undeclared(Profile)


def test_every_declared_field_exists():
    for held in everything_held():
        names = {column.name for column in held.model._meta.get_fields()}
        assert {*held.fields, *held.machinery, *held.others} <= names, held.model


def test_a_person_gets_every_word_of_theirs_and_no_other(here: Troupe, elsewhere: Troupe):
    person = fill(here)
    words = plant(person)
    person.refresh_from_db()
    told = json.dumps(as_data(person), default=str)
    assert {field for field, word in words.items() if word not in told} == set()
    assert elsewhere.canary not in told
    assert here.other_mentee.user.email not in told
    assert f"{here.canary} story of mentor" not in told


def test_the_page_and_the_file_show_the_same(here: Troupe):
    person = fill(here)
    client = Client()
    client.force_login(person)
    page = client.get(reverse("my-data")).content.decode()
    file = json.loads(client.get(reverse("my-data-file")).content)
    assert [part["title"] for part in file["parts"] if part["title"] not in page] == []
    assert "Planted Browser" in page


def test_nothing_of_an_erased_person_is_left_anywhere(here: Troupe, elsewhere: Troupe):
    person = fill(here)
    words = plant(person)
    person.refresh_from_db()
    told = [person.name, person.email, "192.0.2.7", "planted", "Planted", *words.values()]
    said = re.compile("|".join(rf"(?<![\w.]){re.escape(word)}(?!\w)" for word in told))
    erasure.erase(person, by=person)
    left = {
        (label, column)
        for label, _, row in every_row()
        for column, value in row.items()
        if said.search(str(value))
    }
    # what belongs to two stays with the other; what was written about others is theirs
    assert left <= {
        ("feedback.CheckIn", "notes"),
        ("programs.Review", "note"),
        ("programs.Review", "scores"),
        ("programs.TextVersion", "title"),
    }


def test_a_judgement_is_told_when_it_was_given_and_a_draft_never(here: Troupe):
    here.application.note = ""
    here.application.save()
    review = ReviewFactory(application=here.application, reviewer=here.reviewer)
    Review.objects.filter(pk=review.pk).update(note="word-of-the-reviewer")
    told = lambda: json.dumps(as_data(here.applicant), default=str)  # noqa: E731
    assert "word-of-the-reviewer" not in told()
    applications.decline(here.application, by=here.coordinator)
    assert "word-of-the-reviewer" in told()
    Review.objects.filter(pk=review.pk).update(submitted_at=None)
    assert "word-of-the-reviewer" not in told()


def test_an_erasure_changes_no_row_of_anybody_else(here: Troupe, elsewhere: Troupe):
    person = fill(here)
    mine = {
        (held.model._meta.label, key) for held in everything_held() for key in is_of(held, person)
    }
    before = {(label, key): row for label, key, row in every_row() if (label, key) not in mine}
    erasure.erase(person, by=person)
    after = {(label, key): row for label, key, row in every_row()}
    changed = {label for (label, key), row in before.items() if after.get((label, key)) != row}
    # the match ended, so its other place did; its input tells of everybody
    assert changed <= {"matching.Place", "sessions.Session"}
    made = {label for label, key in after.keys() - before.keys() - mine}
    assert made <= {"audit.AuditEvent", "notifications.OutboxMessage"}


def test_an_erased_person_is_out_and_a_former_participant(here: Troupe):
    person = here.mentee.user
    client = proven(person)
    client.post(reverse("account-erase"), {"sure": "on"})
    person.refresh_from_db()
    assert (person.name, person.is_active) == ("Former participant", False)
    assert client.get(reverse("my-data")).status_code == 302  # to the log-in
    assert not Participant.objects.present().filter(user=person).exists()
    assert not Match.objects.running().filter(places__participant__user=person).exists()
    assert AuditEvent.objects.filter(verb="person.erased", subject_code=person.code).count() == 1


def test_an_erasure_needs_the_tick(here: Troupe):
    client = proven(here.mentee.user)
    assert client.post(reverse("account-erase")).status_code == 422
    assert User.objects.get(pk=here.mentee.user.pk).is_active


def test_an_erasure_asks_once_more_who_it_is(here: Troupe):
    """A session left open on a shared machine must not end the account."""
    client = Client()
    client.force_login(here.mentee.user)
    answer = client.post(reverse("account-erase"), {"sure": "on"})
    assert answer.url.startswith(reverse("account_reauthenticate"))
    assert User.objects.get(pk=here.mentee.user.pk).is_active


def test_a_queued_mail_does_not_leave_after_an_erasure(here: Troupe):
    person = fill(here)
    assert OutboxMessage.objects.filter(recipient=person, state="pending").exists()
    erasure.erase(person, by=person)
    assert not OutboxMessage.objects.filter(recipient=person).exists()


def test_a_mail_to_the_bare_address_keeps_no_address_and_does_not_leave(here: Troupe):
    person = fill(here)
    bare = list(OutboxMessage.objects.filter(address=person.email).values_list("pk", flat=True))
    erasure.erase(person, by=person)
    left = OutboxMessage.objects.filter(pk__in=bare).order_by("pk")
    assert list(left.values_list("state", "address", "name")) == [
        ("sent", "", ""),
        ("skipped", "", ""),
    ]


def test_the_only_coordinator_names_a_successor_first(here: Troupe):
    with pytest.raises(RuleBroken, match=here.program.name):
        erasure.erase(here.coordinator, by=here.coordinator)
    MembershipFactory(program=here.program, user=UserFactory(), role="coordinator")
    erasure.erase(here.coordinator, by=here.coordinator)
    assert not User.objects.get(pk=here.coordinator.pk).is_active


def test_the_only_owner_of_the_site_stays(db):
    owner = UserFactory(is_superuser=True)
    with pytest.raises(RuleBroken, match="only owner"):
        erasure.erase(owner, by=owner)


def test_the_operator_erases_by_address(here: Troupe, capsys):
    call_command("erase_person", here.mentee.user.email)
    assert "erased" in capsys.readouterr().out
    assert User.objects.get(pk=here.mentee.user.pk).is_erased


def test_answers_are_forgotten_after_their_term_and_not_before(db, settings):
    cohort = CohortFactory(stage="ended")
    application = ApplicationFactory(
        cohort=cohort, status="declined", answers={"motivation": "x"}, note="n"
    )
    person = ParticipantFactory(cohort=cohort, facts={"country": "x"})
    days = settings.RETENTION_ANSWER_DAYS
    end = clock.now() + (cohort.ends_on - clock.now().date()) * 1
    with clock.at(end + timedelta(days=days - 2)):
        forgetting.forget_past_terms()
    application.refresh_from_db()
    assert application.answers == {"motivation": "x"}
    with clock.at(end + timedelta(days=days + 2)):
        forgetting.forget_past_terms()
        assert forgetting.forget_past_terms() == 0  # nothing is forgotten twice
    application.refresh_from_db()
    person.refresh_from_db()
    assert (application.answers, application.note, person.facts) == ({}, "", {})
    assert application.status == Application.Status.DECLINED


def test_a_draft_nobody_sends_in_is_emptied(db, settings):
    draft = ApplicationFactory(status="draft", answers={"motivation": "x"})
    with clock.at(clock.now() + timedelta(days=settings.RETENTION_DRAFT_DAYS + 1)):
        forgetting.forget_past_terms()
    draft.refresh_from_db()
    assert draft.answers == {}


def test_mails_and_history_go_after_their_terms(here: Troupe, settings):
    fill(here)
    OutboxMessage.objects.filter(state="pending").update(state="skipped")
    with clock.at(clock.now() + timedelta(days=settings.RETENTION_MAIL_DAYS + 1)):
        forgetting.forget_past_terms()
    assert not OutboxMessage.objects.exists()
    assert AuditEvent.objects.exists()
    with clock.at(clock.now() + timedelta(days=settings.RETENTION_HISTORY_DAYS + 1)):
        forgetting.forget_past_terms()
    assert not AuditEvent.objects.exists()


def test_a_table_that_fails_holds_up_no_other(here: Troupe, settings, monkeypatch, caplog):
    draft = ApplicationFactory(status="draft", answers={"motivation": "x"})
    forget = forgetting._forget_past_term

    def fails(held):
        if held.model is OutboxMessage:
            raise ValueError("broken")
        return forget(held)

    monkeypatch.setattr(forgetting, "_forget_past_term", fails)
    with clock.at(clock.now() + timedelta(days=settings.RETENTION_DRAFT_DAYS + 1)):
        forgetting.forget_past_terms()
    assert "OutboxMessage" in caplog.text
    draft.refresh_from_db()
    assert draft.answers == {}


def test_shared_notes_go_with_the_last_of_those_who_met(here: Troupe):
    erasure.erase(here.mentee.user, by=None)
    here.checkin.refresh_from_db()
    assert here.checkin.notes == f"{here.canary} notes"
    erasure.erase(here.mentor.user, by=None)
    here.checkin.refresh_from_db()
    assert here.checkin.notes == ""


class TestUnusedAccounts:
    def unused(self, settings) -> User:
        return UserFactory(
            last_login=clock.now() - timedelta(days=settings.RETENTION_ACCOUNT_DAYS + 1)
        )

    def test_somebody_is_told_a_month_before_and_erased_after(self, db, settings):
        person = self.unused(settings)
        end_unused_accounts()
        person.refresh_from_db()
        assert person.is_active
        [mail] = OutboxMessage.objects.filter(recipient=person, kind="account_ends")
        OutboxMessage.objects.filter(pk=mail.pk).update(state="sent", sent_at=clock.now())
        with clock.at(clock.now() + timedelta(days=29)):
            end_unused_accounts()
        assert User.objects.get(pk=person.pk).is_active
        with clock.at(clock.now() + timedelta(days=31)):
            end_unused_accounts()
        assert User.objects.get(pk=person.pk).is_erased

    def test_who_logs_in_keeps_the_account(self, db, settings):
        person = self.unused(settings)
        end_unused_accounts()
        OutboxMessage.objects.update(state="sent", sent_at=clock.now())
        with clock.at(clock.now() + timedelta(days=5)):
            person.last_login = clock.now()
            person.save()
        with clock.at(clock.now() + timedelta(days=60)):
            end_unused_accounts()
        assert User.objects.get(pk=person.pk).is_active

    def test_who_takes_part_or_has_a_duty_is_left_alone(self, db, settings):
        mentee, coordinator = self.unused(settings), self.unused(settings)
        ParticipantFactory(cohort=CohortFactory(stage="running"), user=mentee)
        MembershipFactory(user=coordinator)
        end_unused_accounts()
        assert not OutboxMessage.objects.exists()
