import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from matching import bridge
from matching.engine import EngineError, Work
from matching.management.found import answered_run, input_of
from matching.models import MatchingRun
from matching.proofs import proof_of
from matching.runs import cores


class Command(BaseCommand):
    help = (
        "Check a run without any solver: its matches, points, reasons and proof are computed anew "
        "from what was asked. Ends with 1 when something does not hold."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", help="the run's code")

    def handle(self, *args: Any, **options: Any) -> None:
        run = answered_run(options["run"])
        asked = input_of(run)
        try:
            bridge.check(run, asked, work=Work(threads=cores()))
        except EngineError as error:
            self.stdout.write(json.dumps(_report(run, str(error))))
            raise CommandError(f"The run {run.code} does not hold: {error}") from error
        self.stdout.write(f"Everything holds. {proof_of(run)}")
        self.stdout.write(json.dumps(_report(run, "")))


def _report(run: MatchingRun, wrong: str) -> dict[str, Any]:
    names = ("matched", "matched_bound", "score", "score_bound", "gap", "digest")
    figures = {name: getattr(run, name) for name in names}
    return {"run": run.code, "holds": not wrong, "wrong": wrong} | figures
