"""One act of consent: what was refused or allowed, by whom, when, and on what evidence.

Design section 2, line 5; the words of evidence follow ISO/IEC TS 27560. Events are only ever added; flags are computed
from them by `consent.precedence`.
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Final, Self

import orjson

from cdp.errors import BadInput
from cdp.terms import Value
from consent.choices import parse_choice

_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}\+00:00")
_LOCALE: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,5}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_REFERENCE: Final = re.compile(r"[\w.:/@+-]{1,200}", re.ASCII)


class State(StrEnum):
    """What an act says of a choice."""

    REFUSED = "refused"
    ALLOWED = "allowed"


class Source(StrEnum):
    """Where an act came from."""

    PORTAL = "portal"
    STAFF = "staff"
    INGEST = "ingest"
    IMPORT = "import"
    SIGNAL = "signal"
    MERGE = "merge"
    RESTORE = "restore"
    REGIME = "regime"


OF_THE_PERSON: Final = frozenset({Source.PORTAL, Source.STAFF})
"""Sources that carry the person's own word. No other source ever loosens."""


@dataclass(frozen=True)
class Evidence:
    """What an act rests on. It holds no clear text of the person: `word` is sealed, in base64.

    Attributes:
        actor: who recorded it, by the name of the principal.
        statement: the version of the text that she was shown or read.
        locale: the language of that text, as in BCP 47.
        text_digest: SHA-256 of that text, in hex.
        request_id: the request in which it arrived.
        word: what she said, sealed by the vault; staff takes nothing back without it.
        more: what else a source has to say, such as the digest of an import; JSON, no names of the above.

    Raises:
        BadInput: `bad_evidence`.
    """

    actor: str = ""
    statement: str = ""
    locale: str = ""
    text_digest: str = ""
    request_id: str = ""
    word: str = ""
    more: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, form in (
            ("statement", _REFERENCE), ("locale", _LOCALE), ("text_digest", _DIGEST), ("request_id", _REFERENCE)
        ):  # fmt: skip
            text = getattr(self, name)
            if text and not form.fullmatch(text):
                raise BadInput("bad_evidence", f"`{name}` is not of its form", path=name)
        if not self.more.keys().isdisjoint(_NAMES):
            raise BadInput("bad_evidence", "`more` repeats a name that evidence has", path="more")

    def format(self) -> str:
        """Return the one text of this evidence: JSON with sorted keys, without what is empty."""
        said = {name: text for name in _NAMES if (text := getattr(self, name))}
        return orjson.dumps({**self.more, **said}, option=orjson.OPT_SORT_KEYS).decode()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the evidence that `format` wrote."""
        said = orjson.loads(text)
        return cls(
            **{name: said[name] for name in _NAMES if name in said},
            more={name: value for name, value in said.items() if name not in _NAMES},
        )


_NAMES: Final = tuple(each.name for each in fields(Evidence) if each.name != "more")


@dataclass(frozen=True)
class Event:
    """One act. Times are UTC, ISO 8601, to the microsecond.

    Attributes:
        choice: what it is about, as `consent.choices` writes it: an opt-out, perhaps a channel or a purpose of it.
        effective_at: from when it counts.
        received_at: when it arrived here; the same text as `effective_at` says that it happens now.
        jurisdiction: where the person was then, as far as the policy's regimes ask for it.
        reference: what it belongs to: the merge, import, signal or version of a regime that caused it.

    Raises:
        BadInput: `bad_time`, `bad_choice_name`, `bad_evidence`.
    """

    customer_id: str
    choice: str
    state: State
    source: Source
    effective_at: str
    received_at: str
    evidence: Evidence = Evidence()
    jurisdiction: str | None = None
    reference: str | None = None
    event_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def __post_init__(self) -> None:
        # Which act is later is decided by comparing these texts, so they are all of one form.
        if not (_TIME.fullmatch(self.effective_at) and _TIME.fullmatch(self.received_at)):
            raise BadInput("bad_time", "expected a time in UTC to the microsecond", path="effective_at")
        if self.reference is not None and not _REFERENCE.fullmatch(self.reference):
            raise BadInput("bad_evidence", "`reference` is not of its form", path="reference")
        parse_choice(self.choice)

    @property
    def is_her_word(self) -> bool:
        """Whether it carries the person's own word; staff's "she allows it" does so only with that word recorded."""
        if self.source is Source.STAFF:
            return self.state is State.REFUSED or bool(self.evidence.word)
        return self.source in OF_THE_PERSON
