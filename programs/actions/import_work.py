"""What a worker does with files that were brought: check every row, or take in every row."""

import json
import logging
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.files.store import on_disk
from mentorship.shared.notifications.outbox import notify
from programs.actions.import_writing import (
    batches,
    changes_of,
    complete_form,
    received,
    require_not_archived,
    standing_in,
    wishes,
)
from programs.actions.imports import meaning_of, plan_of
from programs.imports.columns import side_of
from programs.imports.mapping import ImportMapping
from programs.imports.problems import Problems, in_words
from programs.imports.reading import Source, count_rows
from programs.imports.rows import Outcome, Plan, read_outcomes
from programs.models import Cohort, ImportFile, ImportJob, ImportRow, Role
from programs.models.imports import ImportJobQuerySet
from programs.notifications import ImportFinished
from programs.permissions import may_coordinate

logger = logging.getLogger(__name__)

# Who gives no sign for this long is taken for dead, and the sweep takes the import up again.
_LEASE = timedelta(minutes=2)
# Nobody gives a sign while rows are written, since all of them become visible at once.
_ROWS_WRITTEN_A_SECOND = 50
_SECONDS_BETWEEN_SIGNS = 1.0
_MOST_SENTENCES = 50
_MOST_DETAILS = 20

Status = ImportJob.Status
Fate = ImportRow.Fate


class _Stopped(Exception):
    """Nobody waits for this work any more."""


class _Outdated(Exception):
    """What would be written is not what was confirmed."""


def carry_out(job_id: int) -> None:
    """Check or take in what waits. Safe to call twice: the second call finds it claimed.

    Whatever goes wrong leaves the database as it was and a sentence on the import. A worker that
    dies leaves it to the sweep, a few times, and then it is failed too.
    """
    job = _claim(job_id)
    if job is None:
        return
    if job.attempts > ImportJob.MOST_ATTEMPTS:
        _settle(job, Status.FAILED, failure=_given_up())
        return
    try:
        _require_rights(job)
        with _laid_out(job) as sources:
            if job.status == Status.CHECKING:
                _check(job, sources)
            else:
                _take_in(job, sources)
    except _Stopped:
        _settle(job, Status.CANCELLED)
    except RuleBroken as error:
        _settle(job, Status.FAILED, failure=str(error)[:500])
    except Exception:
        logger.exception("Import %s stopped", job.code)
        _settle(job, Status.FAILED, failure=_("Something went wrong. Nothing was imported."))
        raise


# --- Checking -----------------------------------------------------------------------------


@dataclass(slots=True)
class _Findings:
    """What was found so far, in figures and as one digest."""

    fates: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Fate.values, 0))
    places: set[tuple[str, int]] = field(default_factory=set)
    rows_read: int = 0
    _hash: Any = field(default_factory=sha256)

    @property
    def digest(self) -> str:
        return str(self._hash.hexdigest())

    def add(self, plan: Plan, outcome: Outcome) -> tuple[Fate, list[Any]]:
        """Count a row; its fate, and what is to be told of it."""
        fate, changes = Fate.WRONG, None
        if outcome.entry is not None:
            changes = changes_of(outcome.entry)
            fate = Fate.NEW if changes is None else Fate.CHANGED if changes else Fate.UNCHANGED
        self.fates[fate] += 1
        self.rows_read += 1
        if fate == Fate.WRONG:
            self.places.add((str(plan.source), outcome.row))
        told = [plan.role.value, outcome.row, fate.value, changes]
        self._hash.update(json.dumps(told, sort_keys=True).encode())
        return fate, _details(plan, outcome, changes)


def _details(plan: Plan, outcome: Outcome, changes: dict[str, Any] | None) -> list[Any]:
    """Of a wrong row its faults, of a changed one the questions, of a draft that it is one."""
    if outcome.faults:
        return [list(fault) for fault in outcome.faults[:_MOST_DETAILS]]
    if outcome.entry is not None and outcome.entry.is_draft:
        return [_("Not sent in yet, so left to the applicant")]
    labels = {spec.key: str(spec.label) for spec in plan.questions} | {"": _("The row's own id")}
    return [labels.get(key, key) for key in list(changes or {})[:_MOST_DETAILS]]


def _check(job: ImportJob, sources: dict[ImportFile, Source], *, is_outdated: bool = False) -> None:
    """Read every row and keep what would become of it."""
    signs = _Signs(job, sum(map(count_rows, sources.values())))
    problems, findings = Problems(), _Findings()
    ImportRow.objects.filter(file__job=job).delete()
    for file, plan in _plans(job, sources, problems):
        outcomes = read_outcomes(plan, problems, standing=standing_in(job.cohort, plan.role))
        for batch in batches(outcomes):
            rows = []
            for outcome in batch:
                fate, details = findings.add(plan, outcome)
                rows.append(
                    ImportRow(
                        file=file,
                        number=outcome.row,
                        fate=fate,
                        who=outcome.who,
                        details=details,
                    )
                )
            ImportRow.objects.bulk_create(rows)
            signs.give(findings.rows_read)
    _keep(job, problems, findings, is_outdated=is_outdated)


@transaction.atomic
def _keep(job: ImportJob, problems: Problems, findings: _Findings, *, is_outdated: bool) -> None:
    faults = [
        in_words(problem)
        for problem in problems
        if (problem.file, problem.row) not in findings.places
    ]
    _settle(
        job,
        Status.CHECKED,
        new=findings.fates[Fate.NEW],
        changed=findings.fates[Fate.CHANGED],
        unchanged=findings.fates[Fate.UNCHANGED],
        wrong=findings.fates[Fate.WRONG],
        rows_read=findings.rows_read,
        rows_total=findings.rows_read,
        faults=faults[:_MOST_SENTENCES],
        remarks=[f"{file}: {sentence}" for file, sentence in problems.remarks][:_MOST_SENTENCES],
        digest=findings.digest,
        is_outdated=is_outdated,
    )
    if is_outdated:
        _tell(job)


# --- Taking in ----------------------------------------------------------------------------


def _take_in(job: ImportJob, sources: dict[ImportFile, Source]) -> None:
    """Write all rows, or none when anything is otherwise than it was confirmed."""
    signs = _Signs(job, job.rows_total)
    signs.give(0, is_writing=True)
    try:
        _write(job, sources)
    except (_Outdated, IntegrityError):
        _check(job, sources, is_outdated=True)


@transaction.atomic
def _write(job: ImportJob, sources: dict[ImportFile, Source]) -> None:
    cohort = Cohort.objects.select_for_update().get(pk=job.cohort_id)
    require_not_archived(cohort)
    problems, findings, now = Problems(), _Findings(), clock.now()
    for _file, plan in _plans(job, sources, problems):
        complete_form(cohort, plan)
        finder = standing_in(cohort, plan.role, is_locked=True)
        for batch in batches(read_outcomes(plan, problems, standing=finder)):
            for outcome in batch:
                findings.add(plan, outcome)
            entries = [outcome.entry for outcome in batch if outcome.entry is not None]
            received(cohort, plan.role, wishes(entries, now), now, by=job.asked_by)
    if problems or findings.digest != job.digest:
        raise _Outdated
    record(
        by=job.asked_by,
        verb="applications.imported",
        subject=cohort,
        program=job.cohort.program,
        created=findings.fates[Fate.NEW],
        updated=findings.fates[Fate.CHANGED],
    )
    if not _settle(job, Status.IMPORTED, rows_read=findings.rows_read):
        raise _Stopped
    _tell(job)


# --- The files ----------------------------------------------------------------------------


@contextmanager
def _laid_out(job: ImportJob) -> Iterator[dict[ImportFile, Source]]:
    """The files on a disk for as long as they are read."""
    with ExitStack() as stack:
        files = list(job.files.select_related("stored"))
        if not files:
            raise RuleBroken(_("The files of this import are not there any more."))
        yield {
            file: Source(
                stack.enter_context(on_disk(file.stored)),
                file.stored.name,
                file.sheet,
                is_guessing=True,
            )
            for file in files
        }


def _plans(
    job: ImportJob, sources: dict[ImportFile, Source], problems: Problems
) -> list[tuple[ImportFile, Plan]]:
    """How each file is read, one with both roles twice."""
    plans = []
    for file, source in sources.items():
        side = side_of(file.columns)
        meaning = (
            meaning_of(job.mapping)
            if job.mapping
            else ImportMapping(sides=dict.fromkeys(Role, side))
        )
        for role in Role:
            if file.side not in (ImportFile.Side.BOTH, role.value):
                continue
            plan = plan_of(job.cohort, source, role, meaning, problems)
            if plan is not None:
                plans.append((file, plan))
        if file.side == ImportFile.Side.BOTH and any(plan.role_at is None for _f, plan in plans):
            problems.add(source, _("No column says whether a row is a mentor or a mentee."))
            return []
    return plans


# --- The row of the import ----------------------------------------------------------------


def _claim(job_id: int) -> ImportJob | None:
    """The import, if it waited for somebody; ours for as long as nobody begins another attempt."""
    now = clock.now()
    waiting = ImportJob.objects.to_carry_out(now).filter(pk=job_id)
    ours = {"lease_until": now + _LEASE, "attempts": F("attempts") + 1, "is_writing": False}
    for before, status in (
        (Status.QUEUED, Status.CHECKING),
        (Status.CONFIRMED, Status.IMPORTING),
        (Status.CHECKING, Status.CHECKING),
        (Status.IMPORTING, Status.IMPORTING),
    ):
        if waiting.filter(status=before).update(status=status, rows_read=0, **ours):
            return ImportJob.objects.select_related("cohort__program", "asked_by").get(pk=job_id)
    return None


def _ours(job: ImportJob) -> ImportJobQuerySet:
    """The row, unless somebody settled the import or took it up after our lease."""
    at_work = (Status.CHECKING, Status.IMPORTING)
    return ImportJob.objects.filter(pk=job.pk, status__in=at_work, attempts=job.attempts)


def _settle(job: ImportJob, status: Status, **fields: Any) -> bool:
    """Write the end of our work, unless somebody else has taken it up; whether we did."""
    settled = _ours(job).update(
        status=status, finished_at=clock.now(), lease_until=None, is_writing=False, **fields
    )
    if settled and status == Status.FAILED:
        _tell(job)
    return bool(settled)


def _tell(job: ImportJob) -> None:
    """Write to whoever asked; once for each time something came out."""
    notify(
        ImportFinished(job),
        job.asked_by,
        program=job.cohort.program,
        occasion=clock.now().isoformat(timespec="seconds"),
    )


def _require_rights(job: ImportJob) -> None:
    """Rights that were taken away since the button was pressed are gone here too."""
    if not job.asked_by.is_active or not may_coordinate(job.asked_by, job.cohort.program):
        raise RuleBroken(
            _("Whoever asked for this import does not coordinate the program any more.")
        )
    require_not_archived(job.cohort)


def _given_up() -> str:
    return _(
        "The work on these files broke off %(times)d times without a word; the machine may lack "
        "memory. Nothing was imported. Please tell whoever runs this site."
    ) % {"times": ImportJob.MOST_ATTEMPTS}


class _Signs:
    """Signs of life on the import's row. A cancelled import answers with _Stopped."""

    def __init__(self, job: ImportJob, rows_total: int) -> None:
        self._job = job
        self._total = rows_total
        self._given = 0.0

    def give(self, rows_read: int, *, is_writing: bool = False) -> None:
        """Note how far the work is and renew the lease."""
        if not is_writing and time.monotonic() - self._given < _SECONDS_BETWEEN_SIGNS:
            return
        lease = _LEASE + timedelta(seconds=self._total / _ROWS_WRITTEN_A_SECOND)
        wanted = _ours(self._job).filter(cancel_asked_at__isnull=True)
        if not wanted.update(
            rows_read=rows_read,
            rows_total=max(self._total, rows_read),
            lease_until=clock.now() + lease,
            is_writing=is_writing,
        ):
            raise _Stopped
        self._given = time.monotonic()
