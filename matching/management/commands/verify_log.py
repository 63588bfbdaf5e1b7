import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from matching.decision_log import Finding, look_through
from programs.models import Cohort


class Command(BaseCommand):
    help = (
        "Check the log of decisions of a cohort, or of all: every link and every reason is "
        "computed anew. Ends with 1 when something was changed. Note the digest it prints "
        "somewhere else; with --head it tells whether a digest noted earlier is still in the log."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("cohort", nargs="?", help="the cohort's code; without it, all cohorts")
        parser.add_argument("--head", default="", help="a digest noted earlier (one cohort)")

    def handle(self, *args: Any, **options: Any) -> None:
        found = {
            cohort.code: look_through(cohort, head=options["head"])
            for cohort in _cohorts(options["cohort"], options["head"])
        }
        for code, finding in found.items():
            self.stdout.write(f"{code}: {_told(finding)}")
        self.stdout.write(json.dumps({code: _report(one) for code, one in found.items()}))
        if not all(finding.holds for finding in found.values()):
            raise CommandError("A log of decisions was changed.")


def _cohorts(code: str | None, head: str) -> list[Cohort]:
    if code is None:
        if head:
            raise CommandError("Name the cohort whose log the digest belongs to.")
        return list(Cohort.objects.filter(decisions__isnull=False).distinct().order_by("pk"))
    cohort = Cohort.objects.filter(code=code).first()
    if cohort is None:
        raise CommandError(f"There is no cohort with the code {code}.")
    return [cohort]


def _told(finding: Finding) -> str:
    if finding.holds:
        return (
            f"{finding.decisions} decisions, all as they were written; "
            f"{finding.erased} reasons erased. Digest: {finding.head or 'none yet'}"
        )
    return " ".join(finding.sentences)


def _report(finding: Finding) -> dict[str, Any]:
    return {
        "holds": finding.holds,
        "decisions": finding.decisions,
        "erased": finding.erased,
        "head": finding.head,
        "wrong": [list(one) for one in finding.wrong],
    }
