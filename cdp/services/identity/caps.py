"""How much one batch of sightings may make of people, and what of it was over that."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

IDENTIFIERS: Final = 100
"""How many identifiers one person may bear, unless the source says less; what a source says beyond is not kept."""

LINKS: Final = 20
"""How many claims one source may make for one profile, unless it says otherwise; what it claims beyond is dropped."""


@dataclass
class Caps:
    """The bounds of one batch.

    Attributes:
        identifiers: that one person may bear.
        links: that one source may claim for one profile.
        profiles: that may still be made; None for any number.
        made: how many were.
        over: what was not kept, by what it was.
    """

    identifiers: int = IDENTIFIERS
    links: int = LINKS
    profiles: int | None = None
    made: int = 0
    over: Counter[str] = field(default_factory=Counter)

    def may_make(self) -> bool:
        """Return whether one more profile may be made, and count it."""
        if self.profiles is not None and self.made >= self.profiles:
            return False
        self.made += 1
        return True
