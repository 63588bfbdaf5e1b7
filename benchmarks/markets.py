"""Made-up and resampled programs of any size, the same from the same seed.

**Clustered markets** (`clustered`): mentees and mentors of 24 crafts who wish for, and offer, what
is usual in their craft, so that many want the same mentors. What a pair is worth:

| criterion | features | points at most | how |
| --- | --- | --- | --- |
| skills | 200 | 400 | each of 2-6 skills wished for that the mentor offers (4-12 of them) |
| goal | 12 | 120 | the mentee's goal is one of 1-3 that the mentor knows |
| interests | 60 | 200 | each of 2-5 interests that the mentor shares (2-7 of them) |
| styles | 4 | 100 | each of 1-2 styles of learning that the mentor teaches in |
| level | 10 | 60 | the mentor is three levels above; 15 less for each level off |
| place | 58 | 40 | the same place |
| hours | 168 hours | 96 | 12 for each common half-hour, up to eight; less than four: never |
| wishes | listed pairs | 100 | three in ten mentees rank three mentors of their craft |

Never together: without a common language, of the same team (1 in 500), and one listed pair for
every second mentee. The first six are the 344 features that one sgemm multiplies. Everybody keeps
six blocks of three hours a week free, between 8 and 22 of their own clock, in one of six zones
from Los Angeles to Tokyo; the clocks of three of them change over the cohort, on different
days, so that hours are compared in each of its three periods. With `half_hours` the zone of
Karachi is India's, half an hour off all others.

`TIGHT` has 1.002 seats a mentee (who gets a mentor at all is decided by everybody at once),
`LOOSE` 1.5; every mentor has one, some have five times as many as others.

**Developers** (`developers`): people drawn with replacement from samples/developers-2025, real
answers with their real gaps, and its policy; an `Input` like one from the database.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from matching.engine import Fact, Input, Mentee, Mentor, Policy
from matching.engine.columns import Barred, Column, CommonTimes, Linear, Listed, Silence
from matching.engine.policy import MOST_MENTEES
from matching.engine.scoring import Problem

SEED: Final = 2025
SAMPLE: Final = Path(__file__).resolve().parent.parent / "samples" / "developers-2025"

TIGHT: Final = 1.002
LOOSE: Final = 1.5
CRAFTS: Final = 24
SKILLS, GOALS, INTERESTS, STYLES, LEVELS, PLACES = 200, 12, 60, 4, 10, 58
FEATURES: Final = SKILLS + GOALS + INTERESTS + STYLES + LEVELS + PLACES
TEAMS: Final = 500
WISHES: Final = (100, 70, 40)
MOST: Final = 400 + 120 + 200 + 100 + 60 + 40 + 96 + WISHES[0]

# Minutes east of UTC in winter, in the odd weeks of March, in summer; and how many live there.
ZONES: Final = (
    ((-480, -420, -420), 0.15),  # Los Angeles
    ((-300, -240, -240), 0.2),  # New York
    ((0, 0, 60), 0.15),  # London
    ((60, 60, 120), 0.3),  # Berlin
    ((300, 300, 300), 0.15),  # Karachi
    ((540, 540, 540), 0.05),  # Tokyo
)
KARACHI, KOLKATA = (300, 300, 300), (330, 330, 330)
BLOCK: Final = 4096

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Chance = np.random.Generator


@dataclass(frozen=True)
class Side:
    """The mentees or the mentors of a clustered market; arrays have a row a person."""

    ids: tuple[str, ...]
    crafts: Ints
    features: dict[str, Floats]
    hours: tuple[str, ...]
    offsets: tuple[tuple[int, ...], ...]
    languages: NDArray[Any]
    teams: NDArray[Any]


@dataclass(frozen=True)
class Market:
    """A clustered market: what there is to know of its people, and the engine's problem of it."""

    mentees: Side
    mentors: Side
    seats: Ints
    wishes: dict[tuple[int, int], int]
    conflicts: tuple[Ints, Ints]

    @property
    def pairs(self) -> int:
        return len(self.mentees.ids) * len(self.mentors.ids)

    @property
    def features(self) -> tuple[Floats, Floats]:
        """All features, people x 344 and 344 x people: one sgemm makes the products of all pairs.

        Both lie in memory as BLAS likes them best; it is the floor that everything is held to.
        """
        left = np.concatenate([*self.mentees.features.values()], axis=1)
        right = np.concatenate([rows.T for rows in self.mentors.features.values()], axis=0)
        return left, np.ascontiguousarray(right)

    def columns(self) -> dict[str, Column]:
        """The eight criteria and the two vetoes, in the engine's own form."""
        one, other = self.mentees, self.mentors
        size, wide = len(one.ids), len(other.ids)
        everybody = np.ones(size, dtype=np.bool_)
        wishing = np.zeros(size, dtype=np.bool_)
        wishing[[row for row, _ in self.wishes]] = True
        named = {name: Linear(left, other.features[name]) for name, left in one.features.items()}
        return {
            **named,
            "hours": CommonTimes(
                one.hours,
                one.offsets,
                other.hours,
                other.offsets,
                full=8,
                least=4,
                points=96,
                silence=Silence(0, must=True, must_answer=False, asked=everybody),
            ),
            "wishes": Listed(
                self.wishes,
                wishing,
                np.ones(wide, dtype=np.bool_),
                Silence(0, must=False, must_answer=False, asked=everybody),
            ),
            "language": Barred(one.languages, other.languages, is_shared=True),
            "team": Barred(one.teams, other.teams, is_shared=False),
        }

    def problem(self, objective: str = MOST_MENTEES) -> Problem:
        """The engine's problem, made anew: nothing that an earlier run kept is in it."""
        return Problem(
            self.mentees.ids,
            self.mentors.ids,
            self.seats,
            self.columns(),
            most=MOST,
            objective=objective,
            barred=self.conflicts,
            mentee_ranks=self.ranks,
            ranks_columns=["wishes"],
        )

    @property
    def ranks(self) -> tuple[Ints, Ints, Ints]:
        """Rows, columns and places (0 the first) of all wishes."""
        told = [(row, column, WISHES.index(of)) for (row, column), of in self.wishes.items()]
        rows, columns, places = np.array(told, dtype=np.int64).reshape(-1, 3).T
        return rows, columns, places


def clustered(
    mentees: int,
    mentors: int,
    seats_a_mentee: float = TIGHT,
    seed: int = SEED,
    *,
    half_hours: bool = False,
) -> Market:
    """A market of that size; at least one seat a mentor. Mentors stand in order of their clocks."""
    chance = np.random.default_rng(seed)
    tastes = {
        name: chance.dirichlet(np.full(values, spread), CRAFTS)
        for name, values, spread in (
            ("skills", SKILLS, 0.05),
            ("goal", GOALS, 0.3),
            ("interests", INTERESTS, 0.1),
            ("styles", STYLES, 1e6),
        )
    }
    one = side(chance, "mentee", mentees, tastes, ((2, 6), (1, 1), (2, 5), (1, 2)))
    other = side(chance, "mentor", mentors, tastes, ((4, 12), (1, 3), (2, 7), (1, 2)))
    if half_hours:
        one, other = moved(one), moved(other)
    # The engine lays mentors out by their clocks; whoever gives it arrays does so themself.
    other = taken(other, np.array(sorted(range(mentors), key=lambda at: other.offsets[at])))
    weighed(one.features, other.features)
    return Market(
        one,
        other,
        seats_of(chance, mentors, max(mentors, int(mentees * seats_a_mentee))),
        wishes_of(chance, one.crafts, other.crafts),
        conflicts_of(chance, mentees, mentors),
    )


# --- the people ------------------------------------------------------------------------------


def side(
    chance: Chance,
    name: str,
    size: int,
    tastes: dict[str, NDArray[np.float64]],
    many: Sequence[tuple[int, int]],
) -> Side:
    """People of one side, each with so many values (least, most) of every taste; plain 0 and 1."""
    crafts = chance.integers(0, CRAFTS, size)
    features = {
        taste: picked(chance, profile[crafts], chance.integers(least, most + 1, size))
        for (taste, profile), (least, most) in zip(tastes.items(), many, strict=True)
    }
    features["level"] = np.eye(LEVELS, dtype=np.float32)[chance.integers(0, LEVELS, size)]
    features["place"] = np.eye(PLACES, dtype=np.float32)[chance.integers(0, PLACES, size)]
    zone = chance.choice(len(ZONES), size, p=[share for _, share in ZONES])
    english, other = chance.random((2, size)) < [[0.95], [0.3]]
    return Side(
        tuple(f"{name}-{at:06}" for at in range(size)),
        crafts,
        features,
        weeks(chance, size),
        tuple(ZONES[at][0] for at in zone.tolist()),
        np.maximum(english + 2 * other, 1 + ~english).astype(np.int8),
        chance.integers(0, TEAMS, size).astype(np.int16),
    )


def picked(chance: Chance, profile: NDArray[np.float64], many: Ints) -> Floats:
    """`many[i]` different values of person i, the likelier the higher their profile says."""
    size, values = profile.shape
    most = int(many.max(initial=1))
    found = np.zeros((size, values), dtype=np.float32)
    for start in range(0, size, BLOCK):
        part = slice(start, start + BLOCK)
        luck = np.log(profile[part] + 1e-4) + chance.gumbel(size=profile[part].shape)
        best = np.argsort(-luck, axis=1)[:, :most]
        row, nth = np.nonzero(np.arange(most) < many[part, None])
        found[start + row, best[row, nth]] = 1
    return found


def weeks(chance: Chance, size: int) -> tuple[str, ...]:
    """336 half-hours of a local week, six blocks of three hours free in it."""
    free = np.zeros((size, 7 * 24), dtype=np.uint8)
    everybody = np.arange(size)
    for _ in range(6):
        start = chance.integers(0, 7, size) * 24 + chance.integers(8, 20, size)
        for hour in range(3):
            free[everybody, start + hour] = 1
    text = np.repeat(free, 2, axis=1) + ord("0")
    return tuple(week.tobytes().decode() for week in text)


def moved(people: Side) -> Side:
    """The same people, those on Karachi's clock on India's."""
    offsets = tuple(KOLKATA if o == KARACHI else o for o in people.offsets)
    return replace(people, offsets=offsets)


def taken(people: Side, order: Ints) -> Side:
    """The same people in another order; ids go with the place."""
    return Side(
        people.ids,
        people.crafts[order],
        {name: rows[order] for name, rows in people.features.items()},
        tuple(people.hours[at] for at in order.tolist()),
        tuple(people.offsets[at] for at in order.tolist()),
        people.languages[order],
        people.teams[order],
    )


def weighed(mentees: dict[str, Floats], mentors: dict[str, Floats]) -> None:
    """Put the points into the features, in place, so that products are whole points."""
    for name, points in (("skills", 400), ("goal", 120), ("interests", 200), ("styles", 100)):
        mentees[name] *= np.floor(points / mentees[name].sum(axis=1, keepdims=True))
    above = np.arange(LEVELS)[None, :] - np.arange(LEVELS)[:, None]
    table = np.maximum(0, 60 - 15 * np.abs(above - 3)).astype(np.float32)
    mentors["level"] = np.ascontiguousarray(table[:, mentors["level"].argmax(axis=1)].T)
    mentors["place"] *= 40


def seats_of(chance: Chance, mentors: int, seats: int) -> Ints:
    """So many seats in all, one or more a mentor, uneven."""
    weight = np.minimum(chance.geometric(0.5, mentors), 5)
    found = np.maximum(1, np.round(weight / weight.sum() * seats)).astype(np.int64)
    while found.sum() > seats:
        more = np.flatnonzero(found > 1)
        found[chance.choice(more, min(len(more), found.sum() - seats), replace=False)] -= 1
    while found.sum() < seats:
        found[chance.choice(mentors, min(mentors, seats - found.sum()), replace=False)] += 1
    return found


def wishes_of(chance: Chance, mentees: Ints, mentors: Ints) -> dict[tuple[int, int], int]:
    """Points of ranked pairs: some mentees name mentors of their craft, the well-known first."""
    known = [np.flatnonzero(mentors == craft) for craft in range(CRAFTS)]
    wishing = np.flatnonzero(chance.random(len(mentees)) < 0.3)
    luck = chance.random((len(wishing), len(WISHES))) ** 2
    found: dict[tuple[int, int], int] = {}
    for row, places in zip(wishing.tolist(), luck.tolist(), strict=True):
        near = known[int(mentees[row])]
        for place, points in zip(places, WISHES, strict=True):
            if len(near):
                found.setdefault((row, int(near[int(place * len(near))])), points)
    return found


def conflicts_of(chance: Chance, mentees: int, mentors: int) -> tuple[Ints, Ints]:
    """Rows and columns of pairs that must not be, each once."""
    keys = np.unique(chance.integers(0, max(mentees * mentors, 1), mentees // 2))
    return keys // mentors, keys % mentors


# --- developers ------------------------------------------------------------------------------

LISTS: Final = ("skills_offered", "skills_have", "skills_wanted", "styles", "channels")
YES_OR_NO: Final = ("people_manager", "caregiver")
MIDWINTER: Final = datetime(2026, 1, 15, 12, tzinfo=UTC)


def developers(mentees: int, mentors: int, seed: int = SEED) -> Input:
    """So many people drawn from the sample, each with an id of their own, under its policy."""
    chance = Random(seed)
    policy = Policy.from_toml((SAMPLE / "policy.toml").read_text(encoding="utf-8"))
    return Input(
        tuple(
            Mentor(f"mentor-{at:06}", int(row["capacity"]), facts_of(row))
            for at, row in enumerate(drawn("mentors", mentors, chance))
        ),
        tuple(
            Mentee(f"mentee-{at:06}", facts_of(row))
            for at, row in enumerate(drawn("mentees", mentees, chance))
        ),
        policy,
        seed=seed,
    )


def write(folder: Path, mentees: int, mentors: int, seed: int = SEED) -> None:
    """The same people as the two lists that a coordinator brings, with their new ids."""
    chance = Random(seed)
    for name, size in (("mentors", mentors), ("mentees", mentees)):
        rows = drawn(name, size, chance)
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, [*rows[0]])
            writer.writeheader()
            for at, row in enumerate(rows):
                writer.writerow(row | {"applicant_id": f"{name[:-1]}-{at:06}"})


def drawn(name: str, size: int, chance: Random) -> list[dict[str, str]]:
    with (SAMPLE / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return chance.choices([*csv.DictReader(file)], k=size)


def facts_of(row: dict[str, str]) -> dict[str, Fact]:
    """A line of the sample as facts, as the sample's README reads it."""
    facts: dict[str, Any] = {name: value for name, value in row.items() if value}
    for name in LISTS:
        if name in facts:
            facts[name] = frozenset(row[name].split(";"))
    for name in YES_OR_NO:
        facts[name] = {"yes": True, "no": False}.get(row[name])
    facts["years_experience"] = int(float(row["years_experience"]))
    offset = MIDWINTER.astimezone(ZoneInfo(row["time_zone"])).utcoffset()
    facts["utc_offset"] = None if offset is None else int(offset.total_seconds()) // 60
    return facts
