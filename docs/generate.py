"""Writes the generated parts of the reference pages from the code itself: `make docs`, or `python -m docs.generate`.

A page says where a part goes with `<!-- begin NAME -->` and `<!-- end NAME -->`; all else in it is written by hand.
`tests/docs/test_generated.py` fails when a page is not what this would write.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from docs.generators import catalogue, commands, consent, invariants, policy, reading, settings, tables

FOLDER: Final = Path(__file__).resolve().parent

PARTS: Final[dict[str, dict[str, Callable[[], str]]]] = {
    "catalogue.md": catalogue.PARTS,
    "cli.md": commands.PARTS,
    "consent.md": consent.PARTS,
    "policy.md": policy.PARTS,
    "reading.md": reading.PARTS,
    "settings.md": settings.PARTS,
    "architecture.md": {**tables.PARTS, **invariants.PARTS},
}
"""Which parts each page has, and what writes each."""

_PART: Final = re.compile(r"(<!-- begin ([a-z-]+) -->\n).*?(<!-- end \2 -->)", re.DOTALL)


def render(page: str, text: str) -> str:
    """Return the text of a page with its generated parts made anew.

    Raises:
        ValueError: the page lacks a part, or has one that nothing writes.
    """
    parts = PARTS[page]
    found = [name for _, name, _ in _PART.findall(text)]
    if sorted(found) != sorted(parts):
        raise ValueError(f"{page} has the parts {sorted(found)} and should have {sorted(parts)}")
    return _PART.sub(lambda match: f"{match[1]}\n{parts[match[2]]()}\n{match[3]}", text)


def main() -> None:
    """Write every page whose generated parts have changed, and name it."""
    for page in PARTS:
        path = FOLDER / page
        before = path.read_text(encoding="utf-8")
        after = render(page, before)
        if after != before:
            path.write_text(after, encoding="utf-8")
            sys.stdout.write(f"docs/{page}\n")


if __name__ == "__main__":
    main()
