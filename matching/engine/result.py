"""What the engine answers: a matching, and everything needed to check it and to go on from it."""

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from io import BytesIO
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from matching.engine.columns import Flags, Ints
from matching.engine.lists import Lists
from matching.engine.types import Pair, ProblemError

ARRAYS: Final = ("rows", "columns", "scores", "reference", "limit", "reachable")

ZIPPED: Final = b"PK"
"""How a file begins that is compressed array by array, as they were."""


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
        """Everything in one compressed file; numbers take no more bytes than they need."""
        file = BytesIO()
        numbers = {"prices": self.prices, "values": self.values}
        numbers |= {name: getattr(self.lists, name) for name in ARRAYS}
        arrays: dict[str, Any] = {name: small(array) for name, array in numbers.items()}
        # Compressed as a whole and lightly: a third of the work, and hardly larger.
        np.savez(
            file,
            inside=self.inside,
            price=np.array(self.price),
            mentee_ids=np.array(self.mentee_ids, dtype=np.str_),
            mentor_ids=np.array(self.mentor_ids, dtype=np.str_),
            **arrays,
        )
        return zlib.compress(file.getbuffer(), 1)

    @classmethod
    def unpack(cls, packed: bytes) -> Self:
        """What `pack` wrote, or wrote before. ProblemError for anything else."""
        try:
            whole = packed if packed.startswith(ZIPPED) else zlib.decompress(packed)
            with np.load(BytesIO(whole), allow_pickle=False) as file:
                lists = Lists(*(large(file[name]) for name in ARRAYS))
                return cls(
                    tuple(file["mentee_ids"].tolist()),
                    tuple(file["mentor_ids"].tolist()),
                    lists,
                    file["inside"],
                    large(file["prices"]),
                    large(file["values"]),
                    int(file["price"]),
                )
        except Exception as error:  # what numpy and zipfile raise for a damaged file has no end
            raise ProblemError(
                "What was stored of the run to go on from cannot be read."
            ) from error


def small(array: NDArray[np.generic]) -> NDArray[np.generic]:
    """The same whole numbers in as few bytes as hold them all; flags as they are."""
    if array.dtype != np.int64 or not len(array):
        return array
    ends = np.array([array.min(), array.max()])
    kinds = (np.int8, np.int16, np.int32)
    for kind in kinds:
        if (ends.astype(kind) == ends).all():
            return array.astype(kind)
    return array


def large(array: NDArray[np.generic]) -> NDArray[Any]:
    """The same in 64 bits, as the engine reckons; flags as they are."""
    return array if array.dtype == np.bool_ else array.astype(np.int64)


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
