"""How a log looks as files: the paths of its tiles and entry bundles, and the bytes of a bundle.

C2SP tlog-tiles (https://c2sp.org/tlog-tiles):

    tile/<L>/<N>[.p/<W>]          hashes of level L
    tile/entries/<N>[.p/<W>]      the entries under tile N of level 0, each with its length before it in 16 bits

N is written in groups of three digits, all but the last with an `x`: 1234067 is `x001/x234/067`. W, 1 to 255, is the
width of a tile that is not full. Each file has one path: leading zeros and the like are refused.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from audit.merkle import MAX_SIZE, ProofError
from audit.tiles import TILE_WIDTH, tile_width

ENTRIES: Final = -1
"""The level of entry bundles."""

MAX_LEVEL: Final = 63
MAX_ENTRY: Final = 65_535

_PATH: Final = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<index>(?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True, slots=True, order=True)
class TileFile:
    """The file of a tile: `level` is `ENTRIES` for a bundle of entries; a width of 256 is a full one."""

    level: int
    index: int
    width: int = TILE_WIDTH


def format_path(file: TileFile) -> str:
    """Write the path of a tile.

    Raises:
        ProofError: `path_malformed`, when no tile has such numbers.
    """
    groups = f"{file.index:03d}" if file.index < 1000 else f"{file.index:,}".replace(",", "/")
    first, *rest = groups.split("/")
    *above, last = [f"{int(first):03d}", *rest]
    level = "entries" if file.level == ENTRIES else str(file.level)
    partial = "" if file.width == TILE_WIDTH else f".p/{file.width}"
    path = f"tile/{level}/{''.join(f'x{each}/' for each in above)}{last}{partial}"
    if parse_path(path) != file:
        raise ProofError("path_malformed", "there is no tile of such numbers")
    return path


def parse_path(path: str) -> TileFile:
    """Read the path of a tile.

    Raises:
        ProofError: `path_malformed`.
    """
    malformed = ProofError("path_malformed", "this is no path of a tile")
    found = _PATH.fullmatch(path)
    if not found:
        raise malformed
    level = ENTRIES if found["level"] == "entries" else int(found["level"])
    index = int(found["index"].replace("/", "").replace("x", ""))
    width = int(found["width"] or TILE_WIDTH)
    plain = found["index"].startswith("x000")  # a longer way to write a small number
    if plain or level > MAX_LEVEL or index > MAX_SIZE // TILE_WIDTH or (found["width"] and width >= TILE_WIDTH):
        raise malformed
    return TileFile(level, index, width)


def is_published(file: TileFile, size: int) -> bool:
    """Return whether a tree of this size has the tile, full or in that width."""
    return 0 < file.width <= tile_width(max(file.level, 0), file.index, size)


def files_between(old: int, new: int, *, entries: bool) -> list[TileFile]:
    """Return the files that a tree of `new` leaves has and one of `old` did not, in the order to write them.

    Full tiles and bundles first, then partial ones: whoever sees the newer checkpoint finds all that it needs.
    """
    found = []
    levels = [*((ENTRIES,) if entries else ()), *range((max(new, 1).bit_length() + 7) // 8)]
    for level in levels:
        shift = 8 * max(level, 0)
        for index in range((old >> shift) // TILE_WIDTH, ((new >> shift) + TILE_WIDTH - 1) // TILE_WIDTH):
            width = tile_width(max(level, 0), index, new)
            if width > tile_width(max(level, 0), index, old):
                found.append(TileFile(level, index, width))
    return sorted(found, key=lambda each: (each.width < TILE_WIDTH, each))


def format_bundle(entries: Iterable[bytes]) -> bytes:
    """Write a bundle of entries.

    Raises:
        ProofError: `bundle_malformed`, for an entry that is too large for one.
    """
    parts = []
    for entry in entries:
        if len(entry) > MAX_ENTRY:
            raise ProofError("bundle_malformed", "an entry is larger than a bundle can hold")
        parts += [len(entry).to_bytes(2, "big"), entry]
    return b"".join(parts)


def parse_bundle(data: bytes) -> tuple[bytes, ...]:
    """Read a bundle of entries.

    Raises:
        ProofError: `bundle_malformed`.
    """
    found: list[bytes] = []
    at = 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if at + 2 > len(data) or end > len(data) or len(found) == TILE_WIDTH:
            raise ProofError("bundle_malformed", "this is no bundle of entries")
        found.append(data[at + 2 : end])
        at = end
    return tuple(found)
