"""From one colour of a program to a palette that can be read, by light and in the dark. Pure.

Contrast is that of WCAG 2.2: (lighter + 0.05) / (darker + 0.05) of the relative luminances.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

_HEX = re.compile(r"#[0-9a-fA-F]{6}")
ENOUGH: Final = 4.5

WHITE, BLACK = "#ffffff", "#000000"
# The grounds of static/css/tokens.css on which a colour of a program stands.
LIGHT_GROUNDS: Final = ("#f6f4ef", "#ffffff", "#ece9e1")
DARK_GROUNDS: Final = ("#14191a", "#1c2324", "#283031")
_INK, _DARK_INK = "#22292b", "#ebe8e1"


@dataclass(frozen=True, slots=True)
class Shades:
    """What one colour becomes on light or on dark ground.

    `plain` is readable on every ground and on `wash`, `on` on `plain` and on `strong`; the ink of
    the pages is readable on `wash`. `strong` is further from the ground than `plain`. White and
    `band_soft` are readable on `band`.
    """

    plain: str
    strong: str
    wash: str
    on: str
    band: str
    band_soft: str


def is_colour(text: str) -> bool:
    """Whether this is a colour written as #rrggbb."""
    return _HEX.fullmatch(text) is not None


def contrast(one: str, other: str) -> float:
    """How well one colour can be told from the other, from 1 to 21."""
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def least_contrast(colour: str, grounds: Iterable[str] = LIGHT_GROUNDS) -> float:
    """The contrast on the ground where it is worst."""
    return min(contrast(colour, ground) for ground in grounds)


def readable(colour: str) -> str:
    """The nearest darker colour that can be read on light ground; itself when it can already."""
    return _moved(colour, BLACK, LIGHT_GROUNDS)


def shades(colour: str) -> Mapping[str, Shades]:
    """The palette of a colour for "light" and "dark" pages.

    A colour too pale for light pages is darkened as far as it must be; a dark one is lightened
    for dark pages. Raises ValueError for text that is no colour.
    """
    if not is_colour(colour):
        raise ValueError(f"{colour!r} is no colour")
    wash, dark_wash = _wash(colour, WHITE, _INK), _wash(colour, DARK_GROUNDS[1], _DARK_INK)
    plain = _moved(colour, BLACK, (*LIGHT_GROUNDS, wash))
    bright = _moved(colour, WHITE, (*DARK_GROUNDS, dark_wash))
    band = _moved(mix(colour, BLACK, 0.3), BLACK, (WHITE,), enough=9)
    dark_band = mix(band, BLACK, 0.35)
    return {
        "light": Shades(
            plain,
            mix(plain, BLACK, 0.35),
            wash,
            WHITE,
            band,
            _moved(band, WHITE, (band,), enough=6),
        ),
        "dark": Shades(
            bright,
            mix(bright, WHITE, 0.35),
            dark_wash,
            _moved(mix(colour, BLACK, 0.8), BLACK, (bright,), enough=7),
            dark_band,
            _moved(dark_band, WHITE, (dark_band,), enough=6),
        ),
    }


def mix(colour: str, other: str, share: float) -> str:
    """The colour with so large a share of the other, channel by channel."""
    mixed = (a + (b - a) * share for a, b in zip(_channels(colour), _channels(other), strict=True))
    return "#" + "".join(f"{round(channel):02x}" for channel in mixed)


def _wash(colour: str, ground: str, ink: str) -> str:
    """A hint of the colour on the ground, on which the ink can be read."""
    for percent in (16, 12, 8, 4):
        hint = mix(ground, colour, percent / 100)
        if contrast(hint, ink) >= 7:
            return hint
    return ground


def _moved(colour: str, towards: str, grounds: tuple[str, ...], *, enough: float = ENOUGH) -> str:
    """The colour, moved towards black or white just as far as it needs to be read everywhere."""
    for percent in range(100):
        moved = mix(colour, towards, percent / 100)
        if least_contrast(moved, grounds) >= enough:
            return moved
    return towards


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
