import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mentorship.shared.base.rules import RuleBroken
from programs.actions import imports
from programs.actions.imports import Report
from programs.imports.problems import Problem, in_words
from programs.models import Cohort, Program, User


class Command(BaseCommand):
    """Prints sentences and, as its last line, one JSON object; exit code 1 when it wrote nothing
    because something was wrong."""

    help = "Take in the applications of CSV files: all rows, or none when any has a problem."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("cohort", metavar="COHORT", help="the cohort's code")
        parser.add_argument("--mentors", type=Path, metavar="FILE", help="CSV, a mentor a row")
        parser.add_argument("--mentees", type=Path, metavar="FILE", help="CSV, a mentee a row")
        parser.add_argument(
            "--mapping",
            type=Path,
            metavar="FILE.toml",
            help="which column feeds which question (docs/imports.md)",
        )
        parser.add_argument(
            "--accept", action="store_true", help="accept everybody who is not decided yet"
        )
        parser.add_argument(
            "--as",
            dest="email",
            metavar="EMAIL",
            help="the coordinator who imports; accepts too (otherwise the program's first does)",
        )
        parser.add_argument("--dry-run", action="store_true", help="tell, and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        dry_run: bool = options["dry_run"]
        try:
            cohort = self.cohort(options["cohort"])
            report = imports.import_applications(
                cohort,
                by=self.coordinator(options["email"], cohort.program),
                mentors=options["mentors"],
                mentees=options["mentees"],
                mapping=options["mapping"],
                accept=options["accept"],
                dry_run=dry_run,
            )
        except RuleBroken as error:
            whole = Problem(file="", row=None, column=None, reason=str(error))
            report = Report(rejected=[whole], rejected_total=1)
        self.tell(report, dry_run=dry_run)
        self.stdout.write(json.dumps({**asdict(report), "dry_run": dry_run}, ensure_ascii=False))
        if report.rejected:
            raise CommandError(_("Nothing was written."))

    def cohort(self, code: str) -> Cohort:
        cohort = Cohort.objects.select_related("program").filter(code=code).first()
        if cohort is None:
            raise RuleBroken(_("There is no cohort with the code “%(code)s”.") % {"code": code})
        return cohort

    def coordinator(self, email: str | None, program: Program) -> User | None:
        """The person named, who must coordinate this program; None when nobody was named."""
        if email is None:
            return None
        person = User.objects.filter(email__iexact=email).first()
        if (
            person is None
            or not Program.objects.coordinated_by(person).filter(pk=program.pk).exists()
        ):
            raise RuleBroken(_("“%(email)s” does not coordinate this program.") % {"email": email})
        return person

    def tell(self, report: Report, *, dry_run: bool) -> None:
        if report.rejected:
            self.stdout.write(
                ngettext("%(n)d problem:", "%(n)d problems:", report.rejected_total)
                % {"n": report.rejected_total}
            )
            for problem in report.rejected:
                self.stdout.write(f"  {in_words(problem)}")
            if (unshown := report.rejected_total - len(report.rejected)) > 0:
                self.stdout.write(_("  … and %(n)d more.") % {"n": unshown})
            return
        self.stdout.write(
            _("Applications: %(created)d new, %(updated)d changed, %(unchanged)d as they were.")
            % {
                "created": report.created,
                "updated": report.updated,
                "unchanged": report.unchanged,
            }
        )
        if report.accepted:
            self.stdout.write(_("Accepted: %(n)d.") % {"n": report.accepted})
        if dry_run:
            self.stdout.write(_("A dry run: nothing was written."))
