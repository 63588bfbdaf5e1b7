"""Pairs that somebody made by hand, as a list: read, and checked against everything that holds."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from matching import bridge, engine
from matching.models import MatchingRun, Place
from matching.policies import for_cohort, policy_of
from programs.imports.problems import Problems, shown
from programs.imports.reading import Row, Source, read_rows
from programs.models import Cohort, Participant, Role

MENTEE, MENTOR, REASON = "mentee email", "mentor email", "reason"
COLUMNS: Final = (MENTEE, MENTOR, REASON)
MOST_ROWS: Final = 20_000
LONGEST_REASON: Final = 1_000
# Longer than any address: what is longer is cut before it is looked up or shown.
_LONGEST_CELL = 320


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the list as it stands there."""

    row: int
    mentee: str
    mentor: str
    reason: str


@dataclass(frozen=True, slots=True)
class MadePair:
    """A pair of the list that may stand: the codes of both, and why."""

    mentee: str
    mentor: str
    reason: str


@dataclass(slots=True)
class _Somebody:
    """Who an address stands for in this cohort, by role."""

    codes: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)


def checked(cohort: Cohort, source: Source, problems: Problems) -> list[MadePair]:
    """The pairs in a list. Everything that is wrong is added to `problems`, with its row.

    The people take part here in these roles, can be matched and are not matched yet; no mentor
    gets more than fit; every must of the cohort's policy is kept. What must not be together for
    another reason is told in one sentence, whatever the reason is. Raises PolicyError when the
    cohort's policy is not valid.
    """
    lines = list(_lines(source, problems))
    if problems and not lines:
        return []
    policy = for_cohort(policy_of(cohort), cohort)
    # Not a run yet: only what the engine would be asked at this moment.
    asked = bridge.load(MatchingRun(cohort=cohort, policy=policy.to_dict()))
    check = _Check(cohort, asked, source, problems)
    pairs = [pair for line in lines if (pair := check.pair(line)) is not None]
    problems.kept.sort(key=lambda one: one.row or 0)
    return pairs


# --- Reading --------------------------------------------------------------------------------------


def _lines(source: Source, problems: Problems) -> Iterator[Line]:
    rows = read_rows(source, problems)
    header = next(rows, None)
    if header is None:
        if not problems:
            problems.add(source, _("This file is empty. Its first line must name the columns."))
        return
    places = _places(header, source, problems)
    if places is None:
        return
    for count, row in enumerate(rows, start=1):
        if count > MOST_ROWS:
            problems.add(
                source, _("At most %(most)d pairs are read.") % {"most": MOST_ROWS}, row=row.number
            )
            return
        line = _line(row, places, source, problems)
        if line is not None:
            yield line


def _places(header: Row, source: Source, problems: Problems) -> Mapping[str, int] | None:
    """Where the columns stand; None when one that is needed is missing."""
    names = [" ".join(cell.split()).casefold() for cell in header.cells]
    twice = [name for name in COLUMNS if names.count(name) > 1]
    for name in twice:
        problems.add(source, _("This column stands there twice."), row=header.number, column=name)
    missing = [name for name in (MENTEE, MENTOR) if name not in names]
    for name in missing:
        problems.add(
            source, _("The column “%(name)s” is missing.") % {"name": name}, row=header.number
        )
    left_out = [shown(name) for name in names if name and name not in COLUMNS]
    if left_out:
        problems.remark(
            source, _("These columns were left out: %(names)s.") % {"names": ", ".join(left_out)}
        )
    if twice or missing:
        return None
    return {name: names.index(name) for name in COLUMNS if name in names}


def _line(row: Row, places: Mapping[str, int], source: Source, problems: Problems) -> Line | None:
    told = {
        name: row.cells[at].strip() if at < len(row.cells) else "" for name, at in places.items()
    }
    faults = [(name, row.faults[at]) for name, at in places.items() if at in row.faults]
    faults += [
        (name, _("This cell is empty."))
        for name in (MENTEE, MENTOR)
        if not told[name] and not faults
    ]
    reason = " ".join(told.get(REASON, "").split())
    if len(reason) > LONGEST_REASON:
        faults.append(
            (REASON, _("At most %(most)d characters are kept.") % {"most": LONGEST_REASON})
        )
    elif any(not letter.isprintable() for letter in reason):
        faults.append((REASON, _("This holds characters that nobody can see.")))
    for column, sentence in faults:
        problems.add(source, sentence, row=row.number, column=column)
    if faults:
        return None
    return Line(row.number, told[MENTEE][:_LONGEST_CELL], told[MENTOR][:_LONGEST_CELL], reason)


# --- Checking -------------------------------------------------------------------------------------


class _Check:
    """Row by row against the people, the seats, the musts and what must not be."""

    def __init__(
        self, cohort: Cohort, asked: engine.Input, source: Source, problems: Problems
    ) -> None:
        self._source, self._problems = source, problems
        self._people = _people(cohort)
        self._mentees = {one.id: one for one in asked.mentees}
        self._mentors = {one.id: one for one in asked.mentors}
        self._policy = asked.policy
        self._barred = asked.excluded | asked.avoided
        self._matched = set(
            Place.objects.open()
            .filter(participant__cohort=cohort, participant__role=Role.MENTEE)
            .values_list("participant__code", flat=True)
        )
        self._first_row: dict[str, int] = {}
        self._given: Counter[str] = Counter()

    def pair(self, line: Line) -> MadePair | None:
        """The pair of this row; None, and what is wrong with it among the problems."""
        mentee = self._found(line, MENTEE, line.mentee, Role.MENTEE)
        mentor = self._found(line, MENTOR, line.mentor, Role.MENTOR)
        if mentee is not None:
            mentee = self._free_mentee(line, mentee)
        if mentor is not None:
            mentor = self._free_mentor(line, mentor)
        if mentee is None or mentor is None or not self._is_place_left(line, mentor):
            return None
        broken = engine.vetoes(self._mentees[mentee], self._mentors[mentor], self._policy)
        if broken:
            labels = ", ".join(criterion.label for criterion in broken)
            self._add(line, _("This pair breaks a must: %(labels)s.") % {"labels": labels})
            return None
        if (mentee, mentor) in self._barred:  # told where nothing else keeps the two apart
            self._add(line, _("Not possible (a private wish)."))
            return None
        return MadePair(mentee, mentor, line.reason)

    def _found(self, line: Line, column: str, email: str, role: Role) -> str | None:
        """The code of who has this address and role here."""
        somebody = self._people.get(email.casefold(), _Somebody())
        if role in somebody.codes:
            return somebody.codes[role]
        words = {"email": shown(email)}
        if role in somebody.gone:
            told = _("%(email)s has left this cohort.")
        elif somebody.codes and role == Role.MENTEE:
            told = _("%(email)s takes part here, but not as a mentee.")
        elif somebody.codes:
            told = _("%(email)s takes part here, but not as a mentor.")
        else:
            told = _("Nobody with the address %(email)s takes part in this cohort.")
        self._add(line, told % words, column)
        return None

    def _free_mentee(self, line: Line, code: str) -> str | None:
        first = self._first_row.setdefault(code, line.row)
        if first != line.row:
            self._add(
                line, _("This mentee stands in row %(row)d already.") % {"row": first}, MENTEE
            )
            return None
        if code in self._mentees:
            return code
        told = _("This mentee cannot be matched now: on a pause, not ready, or being introduced.")
        if code in self._matched:
            told = _("This mentee has a match already.")
        self._add(line, told, MENTEE)
        return None

    def _free_mentor(self, line: Line, code: str) -> str | None:
        if code in self._mentors:
            return code
        told = _("This mentor cannot be matched now: no free place, on a pause, or not ready.")
        self._add(line, told, MENTOR)
        return None

    def _is_place_left(self, line: Line, code: str) -> bool:
        """Whether the rows so far leave the mentor a place for this one."""
        free = self._mentors[code].seats
        self._given[code] += 1
        if self._given[code] <= free:
            return True
        told = ngettext(
            "This mentor has %(free)d free place, and the list gives more.",
            "This mentor has %(free)d free places, and the list gives more.",
            free,
        )
        self._add(line, told % {"free": free}, MENTOR)
        return False

    def _add(self, line: Line, reason: str, column: str | None = None) -> None:
        self._problems.add(self._source, reason, row=line.row, column=column)


def _people(cohort: Cohort) -> Mapping[str, _Somebody]:
    """Everybody who takes or took part, by address: one query."""
    rows: Iterable[tuple[str, str, str, object]] = Participant.objects.filter(
        cohort=cohort
    ).values_list("user__email", "code", "role", "left_at")
    people: dict[str, _Somebody] = {}
    for email, code, role, left_at in rows:
        somebody = people.setdefault(email.casefold(), _Somebody())
        if left_at is None:
            somebody.codes[role] = code
        else:
            somebody.gone.add(role)
    return people


def codes_of(pairs: Collection[MadePair]) -> list[tuple[str, str]]:
    """The pairs by the codes of mentee and mentor, as a run takes them."""
    return [(pair.mentee, pair.mentor) for pair in pairs]
