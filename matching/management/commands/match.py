import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from matching import engine, runs
from matching.actions import matching_runs
from matching.engine import Policy, PolicyError
from matching.models import MatchingRun
from matching.proofs import failure_of, proof_of
from mentorship.shared.base.rules import RuleBroken
from programs.models import Cohort

# How often the command looks whether a worker that was quicker has done the work.
_LOOK_EVERY = 0.5


class Command(BaseCommand):
    help = "Find the best matching for a cohort and prove it. Nothing is published."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("cohort", help="the cohort's code")
        parser.add_argument(
            "--policy", type=Path, help="a policy file (TOML); without it the cohort's own is used"
        )
        parser.add_argument("--seed", type=int, default=0, help="decides between equal matchings")
        parser.add_argument("--solver", default="", help="ortools or scipy; both prove the same")
        parser.add_argument(
            "--threads", type=int, default=0, help="on how many cores; without it as the site says"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        cohort = Cohort.objects.filter(code=options["cohort"]).first()
        if cohort is None:
            raise CommandError(f"There is no cohort with the code {options['cohort']}.")
        if options["seed"] < 0:
            raise CommandError("The seed is a whole number from 0.")
        if options["threads"] < 0:
            raise CommandError("The number of threads is a whole number from 1.")
        if options["solver"] and options["solver"] not in engine.installed():
            raise CommandError(
                f"The solver {options['solver']} is not installed; "
                f"there is {' and '.join(engine.installed())}."
            )
        try:
            policy = _read(options["policy"]).to_dict() if options["policy"] else None
            run = matching_runs.start(
                cohort, by=None, policy=policy, seed=options["seed"], solver=options["solver"]
            )
        except (RuleBroken, PolicyError) as error:
            raise CommandError(str(error)) from error
        try:
            run = _answered(run, options["threads"] or None)
        except KeyboardInterrupt as error:
            raise CommandError("The run was cancelled.") from error
        self.stdout.write(proof_of(run))
        self.stdout.write(json.dumps(_report(run)))


def _answered(run: MatchingRun, threads: int | None) -> MatchingRun:
    """The run with its answer, by whoever was quicker: this process or a worker."""
    runs.carry_out(run.pk, threads=threads)
    run.refresh_from_db()
    while run.is_unfinished:
        time.sleep(_LOOK_EVERY)
        runs.carry_out(run.pk, threads=threads)
        run.refresh_from_db()
    if run.status == MatchingRun.Status.CANCELLED:
        raise CommandError("The run was cancelled.")
    if run.status == MatchingRun.Status.FAILED:
        raise CommandError(failure_of(run))
    return run


def _read(path: Path) -> Policy:
    """The policy in a file. Raises CommandError or PolicyError with a sentence."""
    try:
        return Policy.from_toml(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise CommandError(f"The policy file {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"The policy file {path} is not UTF-8 text.") from error


def _report(run: MatchingRun) -> dict[str, Any]:
    """What people automate with: the figures of a run as plain JSON."""
    names = (
        "mentors",
        "mentees",
        "seats",
        "matched",
        "score",
        "matched_bound",
        "score_bound",
        "gap",
    )
    figures = {name: getattr(run, name) for name in names}
    return figures | {"seconds": round(run.seconds, 3), "run": run.code}
