"""Charts as SVG, drawn on the server: where each bar of a small chart stands. The template draws them, beside a table.

Axes begin at zero. Nothing is said by a chart alone, and nothing by colour alone: bars of two kinds stand side by side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 360
HEIGHT: Final = 120
FOOT: Final = 16
HEAD: Final = 14
_WIDEST: Final = 48


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar, in the units of its chart."""

    x: float
    y: float
    width: float
    height: float
    kind: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars over periods.

    Attributes:
        top: the largest number, for the label of the axis.
        first, last: the periods at both ends.
    """

    bars: tuple[Bar, ...]
    top: int
    first: str
    last: str
    width: int = WIDTH
    height: int = HEIGHT


def draw(periods: Sequence[str], series: Sequence[Mapping[str, int]]) -> Chart:
    """Return a chart with, for each period, a bar of each series."""
    top = max((numbers.get(each, 0) for numbers in series for each in periods), default=0)
    slot = min(WIDTH / max(len(periods), 1), _WIDEST * len(series))
    wide = slot * 0.8 / max(len(series), 1)
    room = HEIGHT - FOOT - HEAD
    bars = []
    for place, period in enumerate(periods):
        for kind, numbers in enumerate(series):
            height = room * numbers.get(period, 0) / top if top else 0
            if height:
                tall = max(height, 1)
                bars.append(
                    Bar(round(place * slot + kind * wide, 1), round(HEIGHT - FOOT - tall, 1), round(wide, 1),
                        round(tall, 1), kind)
                )  # fmt: skip
    return Chart(tuple(bars), top, periods[0] if periods else "", periods[-1] if periods else "")
