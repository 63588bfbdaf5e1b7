"""A stage on which the past is played: moments in order, each under the laid clock."""

import hashlib
import heapq
import itertools
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from mentorship.shared.base import clock

Scene = Callable[[], object]
T = TypeVar("T")


class Play:
    """Scenes by their moment. A scene may add later scenes; one in its past comes next."""

    def __init__(self) -> None:
        self._scenes: list[tuple[datetime, int, Scene]] = []
        self._numbers = itertools.count()

    def at(self, moment: datetime, scene: Scene) -> None:
        """Let `scene` happen at `moment`; scenes of one moment keep their order."""
        heapq.heappush(self._scenes, (moment, next(self._numbers), scene))

    def run(self, until: datetime) -> None:
        """Play everything up to and with `until`; what lies later does not happen."""
        while self._scenes and self._scenes[0][0] <= until:
            moment, _number, scene = heapq.heappop(self._scenes)
            with clock.at(moment):
                scene()


def chance(*key: object) -> float:
    """A number from 0 to below 1, the same for the same key on every machine."""
    digest = hashlib.sha256("/".join(map(str, key)).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def pick(options: Sequence[T], *key: object) -> T:
    """One of the options, the same for the same key."""
    return options[int(chance(*key) * len(options))]
