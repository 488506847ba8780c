"""What a report says of its files, and of the checkpoint of the log over which it was made.

How it is signed is in `cdp.services.manifests`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final

from cdp.errors import BadInput
from cdp.services.manifests import Listed, Signing, digest, encode_manifest

REPORT: Final = "report.json"
ENTRY: Final = "log/entry.json"
PROOF: Final = "log/entry.tlog-proof"
FORMAT: Final = "cdp report manifest 1"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a report says of its files.

    Attributes:
        entry: the number of the entry of the log that commits to the figures.
        checkpoint: how many entries the tree has that the proof of it is in.
    """

    origin: str
    made_at: str
    made_by: str
    language: str
    entry: int
    checkpoint: int
    files: tuple[Listed, ...]

    def encode(self) -> bytes:
        """Return the bytes of `manifest.json`."""
        return encode_manifest({**asdict(self), "format": FORMAT})


def listed(files: Mapping[str, bytes]) -> tuple[Listed, ...]:
    """Return what a manifest says of files."""
    return tuple(Listed(path, len(data), digest(data)) for path, data in sorted(files.items()))


def invalid(message: str, path: str) -> BadInput:
    """Return that a report is not what it says; `path` is a file of it."""
    return BadInput("report_invalid", f"this is no report that holds: {message}", path=path)


SIGNING: Final = Signing(FORMAT, invalid)
