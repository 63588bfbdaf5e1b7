import json
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from matching.fairness import SMALLEST_GROUP, Audit, Dimension, Group, Impact, Rate, Score
from matching.fairness_rows import audit_of
from matching.models import MatchingRun
from mentorship.shared.base.rules import RuleBroken

_HEAD = ("", "people", "matched", "of the highest", "mean points", "first choice")


class Command(BaseCommand):
    help = "Show how a matching run went for the groups people count themselves to."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", help="the run's code")

    def handle(self, *args: Any, **options: Any) -> None:
        run = MatchingRun.objects.filter(code=options["run"]).first()
        if run is None:
            raise CommandError(f"There is no matching run with the code {options['run']}.")
        try:
            audit = audit_of(run)
        except RuleBroken as error:
            raise CommandError(str(error)) from error
        for line in _lines(audit):
            self.stdout.write(line)
        self.stdout.write(json.dumps({"run": run.code} | asdict(audit)))


def _lines(audit: Audit) -> Iterator[str]:
    """The audit for people: a table for each dimension, then how to read it."""
    if not audit.mentees + audit.mentors:
        yield "No group can be shown: too few people told anything about themselves."
        return
    for side, dimensions in (("Mentees", audit.mentees), ("Mentors", audit.mentors)):
        for dimension in dimensions:
            yield f"{side} by {dimension.name}"
            yield from _table(dimension)
            yield ""
    yield (
        f"Groups below {SMALLEST_GROUP} people are not shown, nor as many others as are needed "
        "to keep them from being worked out; what too few people told is not shown at all."
    )
    yield (
        "In brackets: where the true figure lies with 95 % confidence. "
        "! below four fifths of the highest rate; * chance alone hardly explains the difference."
    )


def _table(dimension: Dimension) -> Iterator[str]:
    rows = [_HEAD, *(_row(group) for group in dimension.groups)]
    if dimension.others:
        rows.append(("(not shown)", str(dimension.others), "", "", "", ""))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  " + "  ".join(cells).rstrip()


def _row(group: Group) -> tuple[str, ...]:
    return (
        "(not told)" if group.name is None else group.name,
        str(group.people),
        _rate(group.matched),
        _impact(group.impact),
        _score(group.score),
        _rate(group.first_choice),
    )


def _rate(rate: Rate | None) -> str:
    if rate is None:
        return "-"
    low, high = rate.interval.low, rate.interval.high
    return f"{rate.hits} of {rate.of} = {rate.share:.0%} [{low:.0%}, {high:.0%}]"


def _impact(impact: Impact | None) -> str:
    if impact is None:
        return "-"
    marks = " !" * impact.is_low + " *" * impact.differs
    return f"{impact.ratio:.2f} [{impact.interval.low:.2f}, {impact.interval.high:.2f}]{marks}"


def _score(score: Score | None) -> str:
    if score is None:
        return "-"
    return f"{score.points} [{score.interval.low:.0f}, {score.interval.high:.0f}]"
