"""Figures with the bounds that were promised for them, and what of it is told."""

from dataclasses import dataclass, field
from typing import Any

from benchmarks.harness import table


@dataclass(frozen=True, slots=True)
class Bar:
    """A promised bound: a figure must not be above it, or (`is_least`) not below."""

    bound: float
    is_least: bool = False

    def __str__(self) -> str:
        return f"{'>=' if self.is_least else '<='} {self.bound:g}"

    def is_reached(self, figure: float) -> bool:
        return figure >= self.bound if self.is_least else figure <= self.bound

    def verdict(self, figure: float) -> str:
        """ "reached", or how far off: 1.3 times what was allowed, 0.8 times what was wanted."""
        if self.is_reached(figure):
            return "reached"
        return f"missed: {figure / self.bound:.2f} times the bar"


def most(bound: float) -> Bar:
    return Bar(bound)


def least(bound: float) -> Bar:
    return Bar(bound, is_least=True)


@dataclass(slots=True)
class Report:
    """What a benchmark found: `figures` beside their bars, `runs` they come from, what is `wrong`.

    Only what is wrong (values that differ, a proof that fails) makes the exit code; a bar that is
    missed stands in the table.
    """

    figures: list[dict[str, Any]] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def add(self, what: str, where: str, figure: float, of: str, bar: Bar | None = None) -> None:
        """One figure: `figure` times `of` (or so many of them), and how it stands to its bar."""
        self.figures.append(
            {
                "what": what,
                "where": where,
                "figure": figure,
                "of": of,
                "bar": str(bar) if bar else "",
                "verdict": bar.verdict(figure) if bar else "",
            }
        )

    def show(self, title: str, runs: list[dict[str, Any]]) -> None:
        """Keep the runs of a section and print them, as soon as they are there."""
        self.runs.extend({"section": title, **run} for run in runs)
        print(f"\n{title}\n{table(runs)}", flush=True)

    def expect_equal(self, what: str, values: dict[str, object]) -> None:
        """Note it as wrong when contenders do not have the same value."""
        if len({repr(value) for value in values.values()}) > 1:
            self.wrong.append(f"the same value at {what}: {values}")

    def expect(self, is_so: bool, what: str) -> None:
        if not is_so:
            self.wrong.append(what)

    def end(self) -> None:
        """Print all figures beside their bars."""
        print(f"\nFigures\n{table(self.figures)}", flush=True)
