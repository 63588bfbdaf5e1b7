"""A coordinator brings a list in the dashboard: looked at first, then all of it or nothing."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.files.models import MOST_BYTES, StoredFile
from mentorship.shared.files.tasks import forget_files
from mentorship.shared.notifications.models import OutboxMessage
from mentorship.shared.notifications.tasks import deliver_due
from mentorship.shared.questions.kinds import Kind
from programs import tasks
from programs.actions import import_jobs, import_work
from programs.models import Application, ImportFile, ImportJob, ImportRow, Membership, User
from programs.questions import ready_made
from tests.cast import Troupe
from tests.factories.programs import ApplicationFactory

Status = ImportJob.Status

LIST = (
    "Mail,Full name,About motivation?,skills_wanted\n"
    "ada@example.org,Ada,To learn,Go; Rust\n"
    "bob@example.org,Bob,To grow,Python\n"
)


def csv(text: str, name: str = "mentees.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


@pytest.fixture
def bring(here: Troupe) -> Callable[..., ImportJob]:
    """Bring a list of mentees, take the guesses, and let a worker check it."""

    def bring(content: SimpleUploadedFile | str = LIST, **changed: str) -> ImportJob:
        upload = csv(content) if isinstance(content, str) else content
        job = import_jobs.start(
            here.next_cohort, by=here.coordinator, files={ImportFile.Side.MENTEES: upload}
        )
        file = job.files.get()
        import_jobs.choose(
            job, by=here.coordinator, chosen={file.side: ("", file.columns | changed)}
        )
        tasks.work_on_import(job.pk)
        job.refresh_from_db()
        return job

    return bring


def fates(job: ImportJob) -> list[tuple[int, str, list[Any]]]:
    rows = ImportRow.objects.filter(file__job=job)
    return list(rows.values_list("number", "fate", "details"))


def test_a_coordinator_brings_a_list_from_the_first_page_to_the_last(
    here: Troupe, as_coordinator: Client
) -> None:
    page = reverse("desk-import", args=[here.next_cohort.code])
    sent = as_coordinator.post(page, {"mentees": csv(LIST)})
    job = ImportJob.objects.get()
    assert sent["Location"] == reverse("desk-import-columns", args=[job.code])

    columns = as_coordinator.get(sent["Location"])
    [form] = columns.context["forms"]
    guessed = {field.label: field.initial for field in form.fields.values()}
    assert guessed == {
        "Mail": "email",
        "Full name": "name",
        "About motivation?": "q:motivation",
        "skills_wanted": "q:skills_wanted",
    }
    data = {form.add_prefix(name): field.initial for name, field in form.fields.items()}
    chosen = as_coordinator.post(sent["Location"], data)
    result = reverse("desk-import-job", args=[job.code])
    assert chosen["Location"] == result
    assert "Waits for the check" in as_coordinator.get(result).text

    tasks.work_on_imports()
    told = as_coordinator.get(result).text
    assert "This can be imported" in told
    assert not Application.objects.filter(applicant__email="ada@example.org").exists()

    as_coordinator.post(reverse("desk-import-confirm", args=[job.code]))
    tasks.work_on_imports()
    assert "All of it is imported" in as_coordinator.get(result).text
    ada = Application.objects.get(applicant__email="ada@example.org")
    assert ada.answers == {"motivation": "To learn", "skills_wanted": ["Go", "Rust"]}
    event = AuditEvent.objects.filter(verb="applications.imported").get()
    assert (event.details, event.actor_code) == (
        {"created": 2, "updated": 0},
        here.coordinator.code,
    )
    assert OutboxMessage.objects.filter(kind="import_finished", recipient=here.coordinator).exists()


def test_the_own_question_of_the_form_is_guessed_before_a_ready_made_one(
    here: Troupe, as_coordinator: Client
) -> None:
    form = here.next_cohort.mentee_questions
    label = str(ready_made("languages").label)
    form.questions.filter(key="languages").delete()
    form.questions.create(key="tongues", label=label, kind=Kind.ITEMS, position=90)
    text = f"Email,Name,{label},Languages\nada@example.org,Ada,English,Go\n"
    sent = as_coordinator.post(
        reverse("desk-import", args=[here.next_cohort.code]), {"mentees": csv(text)}
    )
    assert ImportFile.objects.get().columns[label] == "q:tongues"
    [page] = as_coordinator.get(sent["Location"]).context["forms"]
    choices = dict(page.fields["c2"].choices[2][1])
    assert choices["q:tongues"] == label
    assert choices["q:languages"] == f"{label} (not on your form yet)"


def test_a_list_separated_by_commas_is_pointed_at_once(here: Troupe, bring: Any) -> None:
    job = bring(
        "Mail,Full name,skills_wanted\n"
        'ada@example.org,Ada,"English, German"\n'
        'bob@example.org,Bob,"French, German"\n'
        'cleo@example.org,Cleo,"Go, the game; Rust"\n'
    )
    assert job.is_right
    assert job.remarks == [
        "mentees.csv: Some cells of “skills_wanted” hold commas and are taken as one item each. "
        "The items of a list are separated by “;”."
    ]


def test_every_row_has_its_fate_and_every_cell_its_fault(here: Troupe, bring: Any) -> None:
    here.application.answers = {"motivation": "As it was"}
    here.application.save()
    address = here.applicant.email

    job = bring(
        "email,name,motivation,time_zone\n"
        f"{address},x,As it was,\n"
        "new@example.org,New,Hello,UTC\n"
        "nobody,,Hello,Mars\n"
    )

    assert fates(job) == [
        (2, "unchanged", []),
        (3, "new", []),
        (
            4,
            "wrong",
            [
                ["email", "“nobody” is not an e-mail address."],
                ["name", "The name is missing."],
                [
                    "time_zone",
                    "“Mars” is not a time zone. Use a name such as Europe/Berlin.",
                ],
            ],
        ),
    ]
    assert (job.status, job.new, job.unchanged, job.wrong) == (Status.CHECKED, 1, 1, 1)
    with pytest.raises(RuleBroken, match="nothing here that could be imported"):
        import_jobs.confirm(job, by=here.coordinator)


def test_a_changed_row_names_what_changes(here: Troupe, bring: Any) -> None:
    here.application.answers = {"motivation": "As it was", "skills_wanted": ["Go"]}
    here.application.brought_at = clock.now()
    here.application.save()

    job = bring(f"email,name,motivation,skills_wanted\n{here.applicant.email},x,As it was,Zig\n")

    assert fates(job) == [(2, "changed", ["About skills_wanted?"])]


def test_a_draft_is_named_as_what_it_is(here: Troupe, bring: Any) -> None:
    draft = ApplicationFactory(cohort=here.next_cohort, status="draft", answers={})

    job = bring(f"email,name,motivation\n{draft.applicant.email},x,Otherwise\n")

    assert fates(job) == [(2, "unchanged", ["Not sent in yet, so left to the applicant"])]


def test_what_the_applicant_can_change_is_told_with_its_row(here: Troupe, bring: Any) -> None:
    job = bring(f"email,name,motivation\n{here.applicant.email},x,Forged\n")

    [(row, fate, [[_column, sentence]])] = fates(job)
    assert (row, fate) == (2, "wrong")
    assert sentence == "The applicant can still change these answers themself; please ask them."


def test_what_changed_since_the_check_is_told_and_nothing_is_imported(
    here: Troupe, bring: Any
) -> None:
    here.application.answers = {"motivation": "As it was"}
    here.application.brought_at = clock.now()
    here.application.save()
    job = bring(
        f"email,name,motivation\n{here.applicant.email},x,Otherwise\nnew@example.org,New,Hello\n"
    )
    import_jobs.confirm(job, by=here.coordinator)
    here.application.answers = {"motivation": "The applicant was faster"}
    here.application.save()

    tasks.work_on_import(job.pk)

    job.refresh_from_db()
    here.application.refresh_from_db()
    assert (job.status, job.is_outdated) == (Status.CHECKED, True)
    assert here.application.answers == {"motivation": "The applicant was faster"}
    assert not User.objects.filter(email="new@example.org").exists()
    assert OutboxMessage.objects.filter(kind="import_finished").count() == 1

    import_jobs.confirm(job, by=here.coordinator)
    tasks.work_on_import(job.pk)
    here.application.refresh_from_db()
    assert here.application.answers == {"motivation": "Otherwise"}


def test_rights_that_are_gone_when_the_worker_comes_import_nothing(
    here: Troupe, bring: Any
) -> None:
    job = bring()
    import_jobs.confirm(job, by=here.coordinator)
    Membership.objects.filter(user=here.coordinator).delete()

    tasks.work_on_import(job.pk)

    job.refresh_from_db()
    assert job.status == Status.FAILED
    assert "does not coordinate the program any more" in job.failure
    assert not User.objects.filter(email="ada@example.org").exists()


def test_a_second_worker_finds_the_import_claimed(here: Troupe, bring: Any) -> None:
    job = bring()
    import_jobs.confirm(job, by=here.coordinator)
    tasks.work_on_import(job.pk)
    tasks.work_on_import(job.pk)

    assert AuditEvent.objects.filter(verb="applications.imported").count() == 1
    with pytest.raises(RuleBroken, match="imported already"):
        import_jobs.confirm(job, by=here.coordinator)


def test_a_cancelled_import_writes_nothing(here: Troupe, bring: Any) -> None:
    job = bring()
    import_jobs.confirm(job, by=here.coordinator)
    import_jobs.cancel(job, by=here.coordinator)
    tasks.work_on_import(job.pk)

    job.refresh_from_db()
    assert job.status == Status.CANCELLED
    assert not User.objects.filter(email="ada@example.org").exists()
    import_jobs.cancel(job, by=here.coordinator)  # twice is once


def test_a_worker_notices_that_the_check_was_cancelled(
    here: Troupe, bring: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = bring()
    import_jobs.choose(
        job, by=here.coordinator, chosen={f.side: ("", f.columns) for f in job.files.all()}
    )
    real = import_work.read_outcomes

    def cancelled_meanwhile(*args: Any, **how: Any) -> Any:
        import_jobs.cancel(ImportJob.objects.get(pk=job.pk), by=here.coordinator)
        yield from real(*args, **how)

    monkeypatch.setattr(import_work, "read_outcomes", cancelled_meanwhile)
    monkeypatch.setattr(import_work, "_SECONDS_BETWEEN_SIGNS", -1)
    tasks.work_on_import(job.pk)

    job.refresh_from_db()
    assert job.status == Status.CANCELLED


def test_rows_being_written_cannot_be_cancelled(here: Troupe, bring: Any) -> None:
    job = bring()
    lease = clock.now() + timedelta(minutes=1)
    ImportJob.objects.update(status=Status.IMPORTING, is_writing=True, lease_until=lease)
    job.refresh_from_db()

    with pytest.raises(RuleBroken, match="being written"):
        import_jobs.cancel(job, by=here.coordinator)


def test_an_import_whose_worker_died_is_taken_up_and_given_up_after_the_third(
    here: Troupe, bring: Any
) -> None:
    job = bring()
    gone = clock.now() - timedelta(seconds=1)
    ImportJob.objects.update(status=Status.CHECKING, attempts=1, lease_until=gone)
    tasks.work_on_imports()
    job.refresh_from_db()
    assert (job.status, job.attempts) == (Status.CHECKED, 2)

    ImportJob.objects.update(status=Status.CHECKING, attempts=3, lease_until=gone)
    tasks.work_on_imports()
    job.refresh_from_db()
    assert job.status == Status.FAILED
    assert "broke off 3 times" in job.failure


def test_an_error_of_ours_leaves_nothing_behind(
    here: Troupe, bring: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = bring()
    import_jobs.confirm(job, by=here.coordinator)

    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(import_work, "record", lambda **_: broken())
    with pytest.raises(ZeroDivisionError):
        tasks.work_on_import(job.pk)

    job.refresh_from_db()
    assert (job.status, job.failure) == (
        Status.FAILED,
        "Something went wrong. Nothing was imported.",
    )
    assert not User.objects.filter(email="ada@example.org").exists()


def test_files_and_rows_are_gone_after_their_term_and_the_figures_stay(
    here: Troupe, as_coordinator: Client, bring: Any
) -> None:
    job = bring()
    StoredFile.objects.update(expires_at=clock.now() + timedelta(seconds=1))
    with clock.at(clock.now() + timedelta(seconds=2)):
        assert forget_files() == 1

    assert not ImportRow.objects.exists()
    job.refresh_from_db()
    assert job.new == 2
    with pytest.raises(RuleBroken, match="deleted after 14 days"):
        import_jobs.confirm(job, by=here.coordinator)
    page = as_coordinator.get(reverse("desk-import-job", args=[job.code])).text
    assert "Bring them again" in page


def test_a_file_that_is_too_large_is_refused_with_a_sentence(
    here: Troupe, as_coordinator: Client
) -> None:
    page = reverse("desk-import", args=[here.next_cohort.code])
    large = SimpleUploadedFile("large.csv", b"x" * (MOST_BYTES + 100_000))

    answer = as_coordinator.post(page, {"mentors": large})

    assert answer.status_code == 422
    assert "larger than 25 MB" in answer.text
    assert not StoredFile.objects.exists()


def test_a_post_without_a_file_says_what_to_do(here: Troupe, as_coordinator: Client) -> None:
    answer = as_coordinator.post(reverse("desk-import", args=[here.next_cohort.code]))

    assert answer.status_code == 422
    assert "Choose at least one file" in answer.text


def test_columns_that_name_nobody_are_refused(here: Troupe, as_coordinator: Client) -> None:
    page = reverse("desk-import", args=[here.next_cohort.code])
    sent = as_coordinator.post(page, {"mentees": csv("a,b\n1,2\n")})

    answer = as_coordinator.post(sent["Location"], {"mentee-c0": "", "mentee-c1": ""})

    assert answer.status_code == 422
    assert "Say which column holds the e-mail address" in answer.text


def test_a_column_may_feed_one_thing_once(here: Troupe, as_coordinator: Client) -> None:
    page = reverse("desk-import", args=[here.next_cohort.code])
    sent = as_coordinator.post(page, {"mentees": csv("a,b,c\n1,2,3\n")})

    answer = as_coordinator.post(
        sent["Location"], {"mentee-c0": "email", "mentee-c1": "name", "mentee-c2": "name"}
    )

    assert answer.status_code == 422
    assert "feeds this already" in answer.text


def test_another_sheet_is_read_anew(here: Troupe, as_coordinator: Client) -> None:
    book = Workbook()
    book.active.title = "Notes"
    book.active.append(["nothing"])
    book.create_sheet("People").append(["email", "name"])
    book["People"].append(["ada@example.org", "Ada"])
    out = BytesIO()
    book.save(out)
    page = reverse("desk-import", args=[here.next_cohort.code])
    sent = as_coordinator.post(page, {"mentees": SimpleUploadedFile("people.xlsx", out.getvalue())})

    asked = as_coordinator.post(sent["Location"], {"mentee-sheet": "People", "mentee-c0": ""})
    assert asked.status_code == 200
    [form] = asked.context["forms"]
    assert form.columns == ["email", "name"]


def test_a_mapping_file_goes_straight_to_the_check(here: Troupe, as_coordinator: Client) -> None:
    mapping = b'[mentees.person]\nemail = "{who}"\nname = "{called}"\n'
    page = reverse("desk-import", args=[here.next_cohort.code])
    as_coordinator.post(
        page,
        {
            "mentees": csv("who,called\nada@example.org,Ada\n"),
            "mapping": SimpleUploadedFile("m.toml", mapping),
        },
    )
    tasks.work_on_imports()

    assert (ImportJob.objects.get().status, ImportJob.objects.get().new) == (Status.CHECKED, 1)


def test_a_wrong_mapping_keeps_nothing(here: Troupe) -> None:
    with pytest.raises(RuleBroken, match="The mapping: This is not valid TOML"):
        import_jobs.start(
            here.next_cohort,
            by=here.coordinator,
            files={ImportFile.Side.MENTEES: csv(LIST)},
            mapping="[",
        )
    assert not StoredFile.objects.exists()


def test_another_programs_import_is_not_found(
    here: Troupe, elsewhere: Troupe, bring: Any, client: Client
) -> None:
    job = bring()
    client.force_login(elsewhere.coordinator)

    for route in ("desk-import-job", "desk-import-columns"):
        assert client.get(reverse(route, args=[job.code])).status_code == 404
    for route in ("desk-import-confirm", "desk-import-cancel"):
        assert client.post(reverse(route, args=[job.code])).status_code == 404


def test_the_coordinator_hears_by_mail(here: Troupe, bring: Any) -> None:
    job = bring()
    import_jobs.confirm(job, by=here.coordinator)
    tasks.work_on_import(job.pk)

    deliver_due()
    [letter] = [m for m in mail.outbox if m.to == [here.coordinator.email]]
    assert "is done" in letter.subject
    assert "New applications: 2" in letter.body
