from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

MOST_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something in a file cannot be taken, as a sentence.

    `row` is the number of the line on which the row begins, None when it is about the whole file;
    `column` is None when it is about the whole row.
    """

    file: str
    row: int | None
    column: str | None
    reason: str


@dataclass(slots=True)
class Problems:
    """The first problems found, how many there are, and remarks that keep nothing out."""

    kept: list[Problem] = field(default_factory=list)
    count: int = 0
    # What was guessed or left out, each sentence once, by file.
    remarks: dict[tuple[str, str], None] = field(default_factory=dict)

    def add(
        self, file: object, reason: str, *, row: int | None = None, column: str | None = None
    ) -> None:
        self.count += 1
        if len(self.kept) < MOST_KEPT:
            self.kept.append(Problem(str(file), row, column, reason))

    def remark(self, file: object, sentence: str) -> None:
        """Note what is no problem, and what the person should know."""
        self.remarks[str(file), sentence] = None

    def __bool__(self) -> bool:
        return self.count > 0

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.kept)


def shown(text: str, most: int = 60) -> str:
    """A piece of foreign text fit to stand in a sentence: short, on one line, and all visible."""
    start = " ".join(text[: 4 * most].replace("\x00", "␀").split())
    line = "".join(letter if letter.isprintable() else "�" for letter in start)
    return line if len(line) <= most else line[: most - 1] + "…"


def in_words(problem: Problem) -> str:
    """The problem on one line, its place first."""
    place = [problem.file] if problem.file else []
    if problem.row is not None:
        place.append(_("row %(row)d") % {"row": problem.row})
    if problem.column is not None:
        place.append(_("column “%(column)s”") % {"column": problem.column})
    return ": ".join(filter(None, (", ".join(place), problem.reason)))
