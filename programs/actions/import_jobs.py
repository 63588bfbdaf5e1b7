"""Lists that a coordinator brings in the dashboard: brought, looked at, confirmed, cancelled.

A worker does the looking and the writing (`programs.actions.import_work`).
"""

from collections.abc import Mapping
from typing import Any

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.nudge import nudge
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.files.models import StoredFile
from mentorship.shared.files.store import keep, on_disk
from programs import tasks
from programs.actions.import_writing import asked, require_not_archived
from programs.actions.imports import meaning_of, specs_for
from programs.imports.columns import guessed, header_of
from programs.imports.problems import Problems
from programs.imports.reading import Source, sheets_of
from programs.models import Cohort, ImportFile, ImportJob, Role, User
from programs.questions import QuestionSpec

Status = ImportJob.Status
Side = ImportFile.Side

# Long enough to look at the result and to ask somebody; then the files and the rows are gone.
DAYS_KEPT = 14


@transaction.atomic
def start(
    cohort: Cohort, *, by: User, files: "Mapping[Side, File[bytes]]", mapping: str = ""
) -> ImportJob:
    """Take these files, at most one for each side, and guess what their columns mean.

    With a `mapping` (TOML) nothing is guessed, and a worker checks them at once. Raises RuleBroken
    for no file, for one that cannot be read, for a mapping that is not valid, and for an archived
    cohort: then nothing is kept.
    """
    require_not_archived(cohort)
    if not files:
        raise RuleBroken(_("Choose at least one file."))
    if Side.BOTH in files and len(files) > 1:
        raise RuleBroken(_("Bring either one file with both roles, or a file for each role."))
    if mapping:
        meaning_of(mapping)
    job = ImportJob.objects.create(cohort=cohort, asked_by=by, mapping=mapping)
    for side, upload in files.items():
        stored = keep(
            upload,
            owner=by,
            kind=StoredFile.Kind.IMPORT,
            name=upload.name or str(side.label),
            days=DAYS_KEPT,
        )
        file = ImportFile.objects.create(job=job, side=side, stored=stored)
        file.columns = guesses(file, sheet="")
        file.save(update_fields=["pairs"])
    record(by=by, verb="import.brought", subject=job, program=cohort.program, files=len(files))
    if mapping:
        _queue(job)
    return job


@transaction.atomic
def choose(
    job: ImportJob, *, by: User, chosen: Mapping[str, tuple[str, dict[str, str]]]
) -> ImportJob:
    """Keep what the columns mean, as sheet and columns by side, and let a worker check the rows.

    Raises RuleBroken when the files are gone or are being worked on.
    """
    job = _locked(job)
    if not job.can_move_to(Status.QUEUED):
        raise RuleBroken(_("These files are being worked on, or the import has ended."))
    for file in _files(job):
        file.sheet, file.columns = chosen[file.side]
        file.save(update_fields=["sheet", "pairs"])
    job.mapping = ""
    _queue(job)
    return job


@transaction.atomic
def confirm(job: ImportJob, *, by: User) -> ImportJob:
    """Let a worker take in all rows, in the name of `by`, whose rights are asked again then.

    Raises RuleBroken for files with anything wrong or nothing new, and for those that are gone.
    """
    job = _locked(job)
    if job.status == Status.IMPORTED:
        raise RuleBroken(_("This list is imported already."))
    if not job.is_right or not job.can_move_to(Status.CONFIRMED):
        raise RuleBroken(_("There is nothing here that could be imported. Look at the result."))
    require_not_archived(job.cohort)
    _files(job)
    job.status, job.asked_by, job.attempts, job.is_outdated = Status.CONFIRMED, by, 0, False
    job.rows_read, job.finished_at, job.lease_until = 0, None, None
    job.save()
    nudge(tasks.work_on_import, job.pk)
    return job


@transaction.atomic
def cancel(job: ImportJob, *, by: User) -> ImportJob:
    """Stop: at once while nobody works on it, else within seconds. Twice is once.

    Raises RuleBroken when the import has ended, or its rows are being written.
    """
    if job.is_writing and job.status == Status.IMPORTING:
        # Not even a lock: where the database has one writer at a time, it has one now.
        raise RuleBroken(_("The rows are being written at this moment. Wait for the end."))
    job = _locked(job)
    if job.status == Status.CANCELLED or job.cancel_asked_at is not None:
        return job
    if not job.can_be_cancelled:
        raise RuleBroken(_("This import has ended, so there is nothing to cancel any more."))
    now = clock.now()
    job.cancel_asked_at = now
    if job.status not in (Status.CHECKING, Status.IMPORTING) or job.is_left_behind(now):
        job.status, job.finished_at, job.lease_until = Status.CANCELLED, now, None
    job.save()
    record(by=by, verb="import.cancelled", subject=job, program=job.cohort.program)
    return job


def guesses(file: ImportFile, *, sheet: str) -> dict[str, str]:
    """What the columns of this sheet seem to mean. Raises RuleBroken when they cannot be read."""
    problems = Problems()
    with on_disk(file.stored) as path:
        header = header_of(Source(path, file.stored.name, sheet, is_guessing=True), problems)
    for problem in problems:
        raise RuleBroken(f"{file.stored.name}: {problem.reason}")
    return guessed(header, questions_of(file), asked=asked_in(file))


def sheets(file: ImportFile) -> list[str]:
    """The names of the visible sheets, none for a text file."""
    with on_disk(file.stored) as path:
        return sheets_of(Source(path, file.stored.name))


def questions_of(file: ImportFile) -> dict[str, QuestionSpec]:
    """The questions that the rows of this file may answer."""
    cohort = file.job.cohort
    found: dict[str, QuestionSpec] = {}
    for role in _roles_of(file):
        found = specs_for(cohort, role) | found
    return found | asked_in(file)


def asked_in(file: ImportFile) -> dict[str, QuestionSpec]:
    """Those of its questions that stand on the form of the cohort already."""
    found: dict[str, QuestionSpec] = {}
    for role in _roles_of(file):
        found = asked(file.job.cohort, role) | found
    return found


def _roles_of(file: ImportFile) -> list[Role]:
    return [role for role in Role if file.side in (Side.BOTH, role.value)]


def _queue(job: ImportJob) -> None:
    job.status, job.attempts, job.rows_read, job.is_outdated = Status.QUEUED, 0, 0, False
    job.finished_at = job.lease_until = None
    job.save()
    nudge(tasks.work_on_import, job.pk)


def _locked(job: ImportJob) -> ImportJob:
    rows = ImportJob.objects.select_for_update(of=("self",))
    return rows.select_related("cohort__program", "asked_by").get(pk=job.pk)


def _files(job: ImportJob) -> list[Any]:
    files = list(job.files.select_related("stored"))
    if not files:
        raise RuleBroken(
            _("The files of this import were deleted after %(days)d days. Bring them again.")
            % {"days": DAYS_KEPT}
        )
    return files
