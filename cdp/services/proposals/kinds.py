"""What a kind of document has to be able to do to be proposed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from audit.door import Change
from audit.entries import Principal
from cdp.bootstrap import InForce, Platform
from cdp.errors import BadInput
from views.check import Finding

MAX_TEXT = 256 * 1024
MAX_WORDS = 1_000

Settle = Callable[[Change, int], None]
"""Says in the transaction of a publication that the proposal has become this version, and adds to the entry's facts."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What is said of a text that may come into force.

    Attributes:
        findings: what is odd about it.
        widens: whether somebody would see more than now; then a second person has to agree.
        same: whether it is what is in force already.
    """

    findings: tuple[Finding, ...]
    widens: bool
    same: bool


class Document(Protocol):
    """A kind of document: the policy, the catalogue."""

    kind: str

    def version(self, in_force: InForce) -> int:
        """Return the number of the version in force."""

    def judge(self, platform: Platform, in_force: InForce, text: str) -> Judged:
        """Judge a text against what is in force, which it would take the place of.

        Raises:
            BadInput, Several: it may not come into force; each fault with its line.
        """

    def publish(
        self, platform: Platform, in_force: InForce, text: str, *, principal: Principal, why: str, settle: Settle
    ) -> int:
        """Bring a text into force over exactly what it was judged against; return its version.

        `settle` is called within the transaction that brings it into force.

        Raises:
            BadInput, Several: as `judge`.
            Unavailable: `superseded`: something else has come into force meanwhile.
        """


def checked_text(text: str) -> str:
    """Return a text as it is kept: with the line ends of files, whatever the browser made of them.

    Raises:
        BadInput: `proposal_too_long`.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(text.encode()) > MAX_TEXT:
        hint = "publish it on the command line"
        raise BadInput("proposal_too_long", f"a draft has at most {MAX_TEXT:,} bytes", path="text", hint=hint)
    return text


def checked_words(words: str, path: str) -> str:
    """Return what an officer wrote beside it.

    Raises:
        BadInput: `proposal_too_long`.
    """
    if len(words) > MAX_WORDS:
        raise BadInput("proposal_too_long", f"this has at most {MAX_WORDS:,} letters", path=path)
    return words.strip()
