"""One signal, decoded: what it refuses, or why it says nothing."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MAX_TEXT: Final = 4_096
"""The longest string that is decoded; the longest TCF strings in use have about 2,000 characters."""


class Form(StrEnum):
    """How a signal is written."""

    GPC = "gpc"
    GPP = "gpp"
    TCF = "tcf"
    USP = "usp"
    BANNER = "banner"


class SignalFault(Exception):
    """A signal cannot be decoded. The message is a snake_case word and never holds any of the text."""


@dataclass(frozen=True, slots=True)
class Signal:
    """What one signal says.

    Attributes:
        refused: the choices that it refuses, sorted; empty where it refuses nothing.
        said: the names of what in it refuses, as its specification has them: `usnat.SaleOptOut`; or categories of a
            banner that nobody has mapped, which are written down and refuse nothing.
        raw: the text as it came. It can tell one browser from another, so that it is kept only sealed.
        fault: why nothing of it could be heard, or which part could not; empty where all was.
    """

    form: Form
    refused: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    raw: str = ""
    fault: str = ""
