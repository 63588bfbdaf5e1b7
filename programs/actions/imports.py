"""Lists of applicants that coordinators bring. The format is told in docs/imports.md."""

import tempfile
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from programs.actions import applications
from programs.actions.import_writing import (
    Wish,
    asked,
    batches,
    complete_form,
    first_coordinator,
    received,
    require_not_archived,
    standing_in,
    wishes,
)
from programs.imports.mapping import ImportMapping, read_mapping
from programs.imports.problems import Problem, Problems
from programs.imports.reading import Source
from programs.imports.rows import Plan, plan_for, read_entries
from programs.models import Application, Cohort, Role, User
from programs.questions import QuestionSpec, ready_made_for

Status = Application.Status


@dataclass(slots=True)
class Report:
    """What an import did, counted in applications; after any problem it did nothing.

    `rejected` holds the first problems, `rejected_total` counts all.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    accepted: int = 0
    rejected: list[Problem] = field(default_factory=list)
    rejected_total: int = 0

    @classmethod
    def of(cls, problems: Problems) -> "Report":
        return cls(rejected=problems.kept, rejected_total=problems.count)

    def count(self, is_new: bool | None) -> None:
        if is_new is None:
            self.unchanged += 1
        elif is_new:
            self.created += 1
        else:
            self.updated += 1


def import_applications(
    cohort: Cohort,
    *,
    by: User | None,
    mentors: Path | None,
    mentees: Path | None,
    mapping: Path | None,
    accept: bool = False,
    dry_run: bool = False,
) -> Report:
    """Take the applications in these CSV files, all of them or, if anything is wrong, none.

    At any stage of the cohort. Writes applications, and the accounts of people who had none;
    somebody known keeps account and profile as they are, and the report counts both alike. A
    question that the form lacks is added to it, optional. With `accept`, whoever is not
    decided yet becomes a participant, in the name of `by` or of the program's first coordinator.
    A `dry_run` does everything and takes it back.

    Raises RuleBroken for an archived cohort, for no files, and for nobody to accept by.
    """
    files = {Role.MENTOR: mentors, Role.MENTEE: mentees}
    if mentors is None and mentees is None:
        raise RuleBroken(_("Name a file of mentors, a file of mentees, or both."))
    require_not_archived(cohort)
    decider = (by or first_coordinator(cohort)) if accept else None
    problems = Problems()
    meaning = read_mapping(mapping, problems)
    if problems:
        return Report.of(problems)
    plans = _plans(cohort, files, meaning, problems)
    for plan in plans:
        finder = standing_in(cohort, plan.role)
        deque(read_entries(plan, problems, standing=finder), maxlen=0)
    if problems:
        return Report.of(problems)
    try:
        with transaction.atomic():
            cohort = Cohort.objects.select_for_update().get(pk=cohort.pk)
            require_not_archived(cohort)
            # The form may have changed since the files were checked: look at it once more.
            plans = _plans(cohort, files, meaning, problems)
            report = _write(cohort, plans, problems, by=by, decider=decider)
            if dry_run:
                transaction.set_rollback(True)
    except IntegrityError as error:
        raise RuleBroken(
            _("Somebody applied at the same moment. Nothing was written; import again.")
        ) from error
    return report


@transaction.atomic
def receive(
    cohort: Cohort,
    *,
    applicant: User,
    role: str,
    answers: dict[str, Any],
    reference: str = "",
    by: User | None,
) -> tuple[Application, bool | None]:
    """The application that a coordinator or a list brings for somebody, at any stage.

    A new one counts as sent in now. Answers given replace those of the same question, None takes
    one back, questions not named keep theirs; who sent theirs in themself is told by mail. A
    decided application keeps its status, a draft and a withdrawn one are left as they are.
    Returns it with True for new, False for changed, None for left as it was.

    Raises RuleBroken for an archived cohort, and when nobody can be named who changed an answer.
    """
    cohort = Cohort.objects.select_for_update().get(pk=cohort.pk)
    require_not_archived(cohort)
    wish = Wish(applicant, answers, reference)
    report = Report()
    [(application, is_new)] = received(cohort, Role(role), [wish], clock.now(), by=by)
    report.count(is_new)
    _record(cohort, report, by)
    return application, is_new


def _write(
    cohort: Cohort,
    plans: list[Plan],
    problems: Problems,
    *,
    by: User | None,
    decider: User | None,
) -> Report:
    """The second reading: every row is right, and is written with its batch."""
    report, now = Report(), clock.now()
    for plan in plans:
        complete_form(cohort, plan)
        finder = standing_in(cohort, plan.role, is_locked=True)
        waiting: list[str] = []
        for entries in batches(read_entries(plan, problems, standing=finder)):
            brought = received(cohort, plan.role, wishes(entries, now), now, by=by)
            for application, is_new in brought:
                report.count(is_new)
                if application.status == Status.SUBMITTED:
                    waiting.append(application.code)
        if decider is not None:
            report.accepted += _accept(waiting, decider)
    if problems:
        raise RuleBroken(
            _("The files or the form changed while they were read. Nothing was written.")
        )
    _record(cohort, report, by)
    return report


def _record(cohort: Cohort, report: Report, by: User | None) -> None:
    if report.created or report.updated:
        record(
            by=by,
            verb="applications.imported",
            subject=cohort,
            program=cohort.program,
            created=report.created,
            updated=report.updated,
        )


def _accept(codes: Iterable[str], by: User) -> int:
    accepted = 0
    for batch in batches(codes):
        # nobody decides about their own application: it waits for another coordinator
        for application in Application.objects.filter(code__in=batch).exclude(applicant=by):
            applications.accept(application, by=by)
            accepted += 1
    return accepted


def _plans(
    cohort: Cohort,
    files: dict[Role, Path | None],
    meaning: ImportMapping,
    problems: Problems,
) -> list[Plan]:
    """How each file is read; what is wrong with a header is added to `problems`."""
    plans = []
    for role, path in files.items():
        if path is None:
            continue
        plan = plan_of(cohort, path, role, meaning, problems)
        if plan is not None:
            plans.append(plan)
    return plans


def meaning_of(mapping: str) -> ImportMapping:
    """What a mapping in TOML says. Raises RuleBroken with its first problem."""
    problems = Problems()
    with tempfile.NamedTemporaryFile(prefix="mentorship-", suffix=".toml") as copy:
        copy.write(mapping.encode())
        copy.flush()
        meaning = read_mapping(Path(copy.name), problems)
    for problem in problems:
        raise RuleBroken(_("The mapping: %(reason)s") % {"reason": problem.reason})
    return meaning


def plan_of(
    cohort: Cohort, file: Path | Source, role: Role, meaning: ImportMapping, problems: Problems
) -> Plan | None:
    """How the file is read for this role; what is wrong with its header is added to `problems`."""
    standing = asked(cohort, role)
    specs = specs_for(cohort, role) | dict(meaning.questions) | standing
    others = specs_for(cohort, role.other).keys() - specs.keys()
    return plan_for(file, role, meaning.sides[role], specs, problems, asked=standing, others=others)


def specs_for(cohort: Cohort, role: Role) -> dict[str, QuestionSpec]:
    """Every question this role may answer, those of the form first."""
    on_form = asked(cohort, role)
    return on_form | {s.key: s for s in ready_made_for(role) if s.key not in on_form}
