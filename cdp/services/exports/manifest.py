"""What an export says of itself; how it is signed is in `cdp.services.manifests`."""

from dataclasses import asdict, dataclass
from typing import Final

from cdp.errors import BadInput
from cdp.services.manifests import Listed, Signing, encode_manifest

FORMAT: Final = "cdp export 1"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says of itself."""

    export: str
    origin: str
    made_at: str
    language: str
    catalogue: str
    policy: str
    key: str
    files: tuple[Listed, ...]

    def encode(self) -> bytes:
        """Return the bytes of `manifest.json`."""
        return encode_manifest({**asdict(self), "format": FORMAT})


def invalid(message: str, path: str) -> BadInput:
    """Return that an archive is not what it says; `path` is a file of it."""
    return BadInput("export_invalid", f"this is no export that holds: {message}", path=path)


SIGNING: Final = Signing("cdp export manifest 1", invalid)
