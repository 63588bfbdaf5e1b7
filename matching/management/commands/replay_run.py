import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from matching import bridge, engine
from matching.management.found import answered_run, input_of
from matching.models import MatchingRun
from matching.runs import cores


class Command(BaseCommand):
    help = (
        "Solve once more what a run was asked, by the same solver where it is installed, and say "
        "whether the same comes out. Ends with 1 when it does not. Nothing is stored."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", help="the run's code")

    def handle(self, *args: Any, **options: Any) -> None:
        run = answered_run(options["run"])
        asked = input_of(run)
        solver = run.solver.partition(" ")[0]
        wanted = solver if solver in engine.installed() else None
        try:
            result = bridge.solve(asked, solver=wanted, work=engine.Work(threads=cores()))
        except engine.EngineError as error:
            raise CommandError(f"The run {run.code} cannot be repeated: {error}") from error
        same = _same(run, result)
        report = {"run": run.code, "same": _holds(run, same)} | same
        report |= {"solver": run.solver, "solver_now": result.solver}
        for line in _lines(run, result, same):
            self.stdout.write(line)
        self.stdout.write(json.dumps(report))
        if not report["same"]:
            raise CommandError(f"The run {run.code} did not come out the same.")


def _same(run: MatchingRun, result: engine.Result) -> dict[str, bool]:
    """What is as it was."""
    before = bridge.answer_of(run)
    return {
        "digest": result.digest == before.digest,
        "total": (result.matched, result.score) == (before.matched, before.score),
        "pairs": result.pairs == before.pairs,
    }


def _holds(run: MatchingRun, same: dict[str, bool]) -> bool:
    """Whether the same came out. A draft that changes another moves nobody without need, so where
    others are as good it may have other pairs; `check_run` proves that none are better.
    """
    if run.kind == MatchingRun.Kind.CHANGED:
        return same["digest"] and same["total"]
    return all(same.values())


def _lines(run: MatchingRun, result: engine.Result, same: dict[str, bool]) -> list[str]:
    told = []
    if result.solver != run.solver:
        told.append(
            f"The run was solved by {run.solver}, this time it is {result.solver}: the total must "
            "be the same, the matches may be others that are equally good."
        )
    if run.gap:
        told.append(
            f"The run ended before it was proven, with a gap of {run.gap} points; without that "
            "haste a better matching may come out."
        )
    if not same["digest"]:
        told.append("The input is not the one that was solved.")
    if not same["total"]:
        told.append(
            f"Then {run.matched} were matched with {run.score} points, now {result.matched} with "
            f"{result.score}."
        )
    if not same["pairs"]:
        others = len({*result.pairs} - {*bridge.answer_of(run).pairs})
        told.append(f"{others} of {result.matched} matches are others than then.")
        if run.kind == MatchingRun.Kind.CHANGED:
            told.append(
                "The run changes a draft and moved nobody without need, so they may be others that "
                "are equally good. check_run proves its own."
            )
    if all(same.values()):
        told.append("The same came out: the same input, the same total, the same matches.")
    return told
