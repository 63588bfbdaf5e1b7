"""What the engine answers: a matching, and everything needed to check it and to go on from it."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from io import BytesIO
from typing import Final, Self

import numpy as np

from matching.engine.columns import Flags, Ints
from matching.engine.lists import Lists
from matching.engine.types import Pair, ProblemError

ARRAYS: Final = ("rows", "columns", "scores", "reference", "limit", "reachable")


@dataclass(frozen=True, slots=True)
class State:
    """Listed pairs and prices of a solved problem, so that an edit need not begin anew.

    Rows and columns of the arrays are those of `mentee_ids` and `mentor_ids`.
    """

    mentee_ids: tuple[str, ...]
    mentor_ids: tuple[str, ...]
    lists: Lists
    inside: Flags
    prices: Ints
    values: Ints
    price: int

    def pack(self) -> bytes:
        """Everything in one compressed file."""
        file = BytesIO()
        arrays = {name: getattr(self.lists, name) for name in ARRAYS}
        np.savez_compressed(
            file,
            inside=self.inside,
            prices=self.prices,
            values=self.values,
            price=np.array(self.price),
            mentee_ids=np.array(self.mentee_ids, dtype=np.str_),
            mentor_ids=np.array(self.mentor_ids, dtype=np.str_),
            **arrays,
        )
        return file.getvalue()

    @classmethod
    def unpack(cls, packed: bytes) -> Self:
        """What `pack` wrote. ProblemError for anything else."""
        try:
            with np.load(BytesIO(packed), allow_pickle=False) as file:
                lists = Lists(*(file[name] for name in ARRAYS))
                return cls(
                    tuple(file["mentee_ids"].tolist()),
                    tuple(file["mentor_ids"].tolist()),
                    lists,
                    file["inside"],
                    file["prices"],
                    file["values"],
                    int(file["price"]),
                )
        except Exception as error:  # what numpy and zipfile raise for a damaged file has no end
            raise ProblemError(
                "What was stored of the run to go on from cannot be read."
            ) from error


@dataclass(frozen=True, slots=True)
class Floor:
    """The fair floor: no pair scores below `lowest`, and no higher floor places as many mentees.

    Locked pairs are settled and do not count: they may score less. Without other pairs `lowest`
    is 0. `cost` is by how many points the total is below the best without a floor.

    The proof, all of it in ids: outside the mentors of `most` too few mentees have any allowed
    pair for more to be placed. With scores above `lowest` only `above` could be, because outside
    `cover` no more mentees have such a pair than there are seats missing. `prices` and
    `unmatched_price` prove, as those of a result do, that without a floor nothing beats the
    matching that has the mentors of `otherwise` ("" for none) in place of the fair ones.

    When time ran out `is_proven` is False: no pair scores below `lowest`, but a higher floor may
    be possible, and the cost is not known.
    """

    lowest: int
    cost: int
    cover: tuple[str, ...]
    above: int = 0
    most: tuple[str, ...] = ()
    otherwise: Mapping[str, str] = field(default_factory=dict)
    prices: Mapping[str, int] = field(default_factory=dict)
    unmatched_price: int = 0
    is_proven: bool = True


@dataclass(frozen=True, slots=True)
class Result:
    """A matching with everything needed to check it again without trusting who made it.

    A pair's gain is `unmatched_price + score`, in points. For any seat prices v >= 0 no matching
    is worth more than D(v) = sum_i max(0, max_j gain_ij - v_j) + sum_j seats_j * v_j.
    `gap` = D(prices) - the gains of `pairs`; 0 proves that no matching at all is better.

    `matched_bound`: no matching that could come out has more pairs.
    `score_bound`: no matching with `matched` pairs (objective "total": no matching) scores more.
    `prices`: by mentor id, what one more seat of that mentor would add to the gains.
    With the objective "stable" `gap` is the number of pairs of a mentee and a mentor who would both
    rather leave for each other, locked mentees and their seats apart. There are no prices then,
    `unmatched_price` is 0, `matched_bound` is how many could be placed by counting people and
    seats, and `score_bound` is 0: nothing is said of other totals.
    With the objective "fair-floor" prices, bounds and gap are those of the matchings in which no
    pair scores below `floor.lowest`. `state` is not part of the answer.
    """

    objective: str
    pairs: tuple[Pair, ...]
    unmatched: tuple[str, ...]
    mentors: int
    mentees: int
    seats: int
    matched: int
    matched_bound: int
    score: int
    score_bound: int
    gap: int
    prices: Mapping[str, int]
    unmatched_price: int
    solver: str
    digest: str
    floor: Floor | None = None
    seal: str = ""
    state: State | None = field(default=None, compare=False, repr=False)


def sealed(result: Result) -> Result:
    """The same with the seal that belongs to what it says."""
    return replace(result, seal=seal_of(result))


def seal_of(result: Result) -> str:
    """SHA-256 (hex) of everything a result says, the seal and the state left out.

    A price may be changed by a little and still prove the matching; the seal tells that it was.
    """
    told = [
        (field.name, getattr(result, field.name))
        for field in fields(result)
        if field.name not in ("seal", "state", "pairs", "prices", "floor")
    ]
    told += [("pair", (p.mentee, p.mentor, p.score)) for p in result.pairs]
    told += [("price", item) for item in sorted(result.prices.items())]
    if result.floor is not None:
        table = asdict(result.floor)
        told += [
            ("floor", (name, sorted(v.items()) if isinstance(v, dict) else v))
            for name, v in sorted(table.items())
        ]
    return hashlib.sha256("\n".join(map(repr, told)).encode()).hexdigest()
