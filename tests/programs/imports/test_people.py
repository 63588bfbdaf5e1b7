"""An import writes answers; who is known stays as they are, and nobody learns who that is."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.management import call_command
from django.test import Client, override_settings
from django.urls import include, path

from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications.models import OutboxMessage
from programs.actions import applications
from programs.actions.imports import Report, import_applications, receive
from programs.models import (
    Application,
    Cohort,
    Correction,
    Membership,
    Participant,
    Profile,
    Role,
    User,
)
from programs.questions import add_question
from tests.factories.programs import ApplicationFactory, ParticipantFactory

Write = Callable[..., Path]

HEADER = "email,name,time_zone,skills_offered,capacity\n"
ADA = "Ada@Example.org,Ada from the list,Asia/Tokyo,Go;Rust,3\n"

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("", lambda request: None, name="home"),
]


def bring(cohort: Cohort, path: Path, **options) -> Report:
    return import_applications(
        cohort, by=options.pop("by", None), mentors=path, mentees=None, mapping=None, **options
    )


@pytest.fixture
def ada(db: None) -> User:
    """Somebody with an account and a profile, in no program."""
    ada = User.objects.create_user(
        "ada@example.org", "her long password", name="Ada Lovelace", time_zone="Europe/London"
    )
    analysis = {"name": "analysis", "now": 4, "wanted": 4, "teaches": True}
    Profile.objects.create(user=ada, headline="Counts", skills=[analysis], capacity=2)
    EmailAddress.objects.create(user=ada, email=ada.email, primary=True, verified=True)
    return ada


def test_somebody_known_keeps_account_and_profile(ada: User, cohort: Cohort, write: Write) -> None:
    before = User.objects.filter(pk=ada.pk).values().get(), Profile.objects.values().get(user=ada)

    bring(cohort, write(HEADER + ADA), accept=True)

    after = User.objects.filter(pk=ada.pk).values().get(), Profile.objects.values().get(user=ada)
    assert after == before
    assert EmailAddress.objects.filter(user=ada).count() == 1
    assert Application.objects.get(applicant=ada).answers == {
        "time_zone": "Asia/Tokyo",
        "skills_offered": ["Go", "Rust"],
        "capacity": 3,
    }
    participant = Participant.objects.get(user=ada)
    assert (participant.time_zone, participant.capacity) == ("Asia/Tokyo", 3)


def output(cohort: Cohort, path: Path, *options: str) -> str:
    out = io.StringIO()
    call_command("import_applications", cohort.code, "--mentors", str(path), *options, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("options", [(), ("--accept",), ("--dry-run",), ("--dry-run", "--accept")])
def test_the_output_is_the_same_for_known_and_unknown_people(
    ada: User, new_cohort, write: Write, options: tuple[str, ...]
) -> None:
    known = output(new_cohort(), write(HEADER + ADA), *options)
    unknown = output(new_cohort(), write(HEADER + ADA.replace("Ada", "Eve")), *options)

    assert known == unknown
    assert json.loads(known.splitlines()[-1])["created"] == 1


def of_ada(ada: User, cohort: Cohort, **fields) -> Application:
    """An application of her own that says two things."""
    add_question(cohort.mentor_questions, "motivation")
    return ApplicationFactory(
        cohort=cohort,
        applicant=ada,
        role=Role.MENTOR,
        answers={"motivation": "To give back.", "capacity": 1},
        **fields,
    )


def test_answers_the_file_does_not_ask_are_kept_and_emptied_ones_taken_back(
    ada: User, cohort: Cohort, write: Write
) -> None:
    sent_in = of_ada(ada, cohort, brought_at=clock.now())

    report = bring(cohort, write("email,name,capacity\nada@example.org,Ada,\n"))

    sent_in.refresh_from_db()
    assert report == Report(updated=1)
    assert sent_in.answers == {"motivation": "To give back."}
    assert not Correction.objects.exists()


def test_a_draft_is_not_sent_in_by_a_list(ada: User, cohort: Cohort, write: Write) -> None:
    draft = of_ada(ada, cohort, status="draft")

    report = bring(cohort, write("email,name,capacity\nada@example.org,Ada,3\n"), accept=True)

    draft.refresh_from_db()
    assert report == Report(unchanged=1)
    assert (draft.status, draft.submitted_at, draft.answers["capacity"]) == ("draft", None, 1)


@pytest.mark.parametrize("is_named", [True, False])
def test_who_sent_theirs_in_is_told_what_a_list_changed(
    ada: User, cohort: Cohort, coordinator: User, write: Write, is_named: bool
) -> None:
    own = of_ada(ada, cohort, status="accepted")
    person = ParticipantFactory(cohort=cohort, user=ada, role=Role.MENTOR, capacity=1)
    content = "email,name,capacity\nada@example.org,Ada,4\n"

    report = bring(cohort, write(content), by=coordinator if is_named else None)
    again = bring(cohort, write(content))

    own.refresh_from_db()
    person.refresh_from_db()
    assert (report, again) == (Report(updated=1), Report(unchanged=1))
    assert (own.answers["capacity"], person.capacity, own.brought_at) == (4, 4, None)
    correction = Correction.objects.get()
    assert correction.changes == [["capacity", 1, 4]]
    assert (correction.user, correction.by, correction.application) == (ada, coordinator, own)
    assert OutboxMessage.objects.filter(kind="data_corrected", recipient=ada).count() == 1


def test_what_the_applicant_can_still_change_a_list_does_not(
    ada: User, cohort: Cohort, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = of_ada(ada, cohort)
    monkeypatch.setattr(Cohort, "accepts_applications", lambda self, at: True)

    same = bring(cohort, write("email,name,capacity\nada@example.org,Ada,1\n"))
    other = bring(cohort, write("email,name,capacity\nada@example.org,Ada,3\n"))

    own.refresh_from_db()
    assert (same, own.answers["capacity"]) == (Report(unchanged=1), 1)
    [problem] = other.rejected
    assert (problem.row, "can still change these answers" in problem.reason) == (2, True)


def test_what_a_list_brought_is_the_applicants_once_they_do_anything(
    ada: User, cohort: Cohort, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(cohort, write(HEADER + ADA))
    application = Application.objects.get()
    assert application.brought_at is not None
    monkeypatch.setattr(Cohort, "accepts_applications", lambda self, at: True)

    applications.save(application, by=ada, answers={"capacity": 2})

    application.refresh_from_db()
    assert application.brought_at is None


def test_a_decided_application_takes_new_answers_and_keeps_its_status(
    ada: User, cohort: Cohort, coordinator: User, write: Write
) -> None:
    bring(cohort, write(HEADER + ADA))
    application = Application.objects.get()
    applications.decline(application, by=coordinator)

    report = bring(cohort, write(HEADER + ADA.replace(",3", ",4")), accept=True)

    application.refresh_from_db()
    assert report == Report(updated=1)
    assert (application.status, application.answers["capacity"]) == ("declined", 4)


def test_who_withdrew_is_left_alone(ada: User, cohort: Cohort, write: Write) -> None:
    bring(cohort, write(HEADER + ADA))
    application = Application.objects.get()
    applications.withdraw(application, by=ada)

    report = bring(cohort, write(HEADER + ADA.replace(",3", ",4")), accept=True)

    application.refresh_from_db()
    assert report == Report(unchanged=1)
    assert (application.status, application.answers["capacity"]) == ("withdrawn", 3)


def test_who_was_imported_before_is_accepted_by_a_later_run(cohort: Cohort, write: Write) -> None:
    assert bring(cohort, write(HEADER + ADA)) == Report(created=1)
    assert bring(cohort, write(HEADER + ADA), accept=True) == Report(unchanged=1, accepted=1)


def test_one_person_may_apply_on_both_sides(cohort: Cohort, write: Write) -> None:
    report = import_applications(
        cohort,
        by=None,
        mentors=write(HEADER + ADA),
        mentees=write("email,name\nada@example.org,Ada\n", "mentees.csv"),
        mapping=None,
    )

    assert report == Report(created=2)
    assert User.objects.get(email="ada@example.org").applications.count() == 2


def test_a_dry_run_counts_and_leaves_no_trace(cohort: Cohort, write: Write) -> None:
    people = User.objects.count()

    report = bring(cohort, write(HEADER + ADA), accept=True, dry_run=True)

    assert report == Report(created=1, accepted=1)
    assert User.objects.count() == people
    assert not Application.objects.exists()
    assert not cohort.mentor_questions.questions.exists()


def test_a_form_that_another_cohort_shares_is_copied_before_it_grows(
    new_cohort, write: Write
) -> None:
    here, elsewhere = new_cohort(mentor_keys=("motivation",)), new_cohort()
    Cohort.objects.filter(pk=elsewhere.pk).update(mentor_questions=here.mentor_questions)
    shared = here.mentor_questions

    bring(here, write(HEADER + ADA))

    here.refresh_from_db()
    assert [question.key for question in shared.questions.all()] == ["motivation"]
    assert here.mentor_questions != shared
    assert Application.objects.get().questionnaire == here.mentor_questions
    assert [question.key for question in here.mentor_questions.questions.all()] == [
        "motivation",
        "time_zone",
        "skills_offered",
        "capacity",
    ]


def test_the_number_of_queries_does_not_grow_with_the_rows_of_a_batch(
    new_cohort, write: Write, django_assert_max_num_queries
) -> None:
    def queries(rows: int) -> int:
        cohort = new_cohort()
        lines = "".join(f"p{rows}.{n}@example.org,P {n},UTC,Go,1\n" for n in range(rows))
        with django_assert_max_num_queries(40) as captured:
            bring(cohort, write(HEADER + lines))
        return len(captured)

    queries(1)  # the first asks what later runs remember
    assert queries(2) == queries(30)


def test_receive_brings_one_application_and_tells_what_it_did(
    ada: User, cohort: Cohort, coordinator: User
) -> None:
    def bring_one(**answers):
        return receive(
            cohort,
            applicant=ada,
            role=Role.MENTEE,
            answers=answers,
            reference="row 7",
            by=coordinator,
        )

    application, is_new = bring_one(country="Japan")
    assert (is_new, application.status, application.reference) == (True, "submitted", "row 7")
    assert bring_one(country="Japan") == (application, None)
    assert bring_one(country=None) == (application, False)
    application.refresh_from_db()
    assert application.answers == {}


def test_nobody_to_accept_by_is_said(cohort: Cohort, write: Write) -> None:
    Membership.objects.all().delete()

    with pytest.raises(RuleBroken, match="Nobody coordinates this program"):
        bring(cohort, write(HEADER + ADA), accept=True)


@override_settings(ROOT_URLCONF=__name__)
def test_an_imported_person_logs_in_with_one_mailed_code(cohort: Cohort, write: Write) -> None:
    bring(cohort, write(HEADER + ADA))
    client = Client()

    client.post("/accounts/login/code/", {"email": "ada@example.org"})
    code = re.search(r"^([A-Z0-9-]{6,12})$", mail.outbox[-1].body, re.MULTILINE)[1]
    response = client.post("/accounts/login/code/confirm/", {"code": code})

    assert response.status_code == 302
    person = User.objects.get(email="ada@example.org")
    assert client.session["_auth_user_id"] == str(person.pk)
    assert EmailAddress.objects.get(user=person).verified
    assert len(mail.outbox) == 1


@override_settings(ROOT_URLCONF=__name__)
def test_an_imported_person_can_set_a_password(cohort: Cohort, write: Write) -> None:
    bring(cohort, write(HEADER + ADA))
    client = Client()

    client.post("/accounts/password/reset/", {"email": "ada@example.org"})
    link = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", mail.outbox[-1].body)[1]
    form = client.get(link, follow=True)
    client.post(
        form.redirect_chain[-1][0],
        {"password1": "quite a new password", "password2": "quite a new password"},
    )

    assert User.objects.get(email="ada@example.org").check_password("quite a new password")
