"""What a next step is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# What each section found, by the name of the section's function.
Found = Mapping[str, list[Any]]


@dataclass(frozen=True, slots=True)
class NextStep:
    title: str
    text: str
    url: str
    button: str
