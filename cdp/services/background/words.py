"""What a job says at its end: steps that held, what is odd, what is wrong; in the words of who did the work."""

from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

from cdp.errors import CdpError


@dataclass(frozen=True)
class Words:
    """The end of a job.

    Attributes:
        steps: what was done, or held.
        findings: what is odd.
        error: what was wrong, with its code, its place and what to do about it.
        facts: numbers, by name.
    """

    steps: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    error: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    def encode(self) -> str:
        """Return them as they are kept."""
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def decode(cls, text: str) -> "Words":
        """Return kept words; none at all, while there are none."""
        if not text:
            return cls()
        said = orjson.loads(text)
        return cls(tuple(said["steps"]), tuple(said["findings"]), said["error"], said["facts"])

    @classmethod
    def of_error(cls, error: CdpError) -> "Words":
        """Return what an error says; it never carries a value."""
        return cls(error={name: getattr(error, name) for name in ("code", "message", "path", "hint")})
