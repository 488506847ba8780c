"""What a draft would have changed for each reader of each view.

A kind of read is decided twice, by what it is held against and by the draft, with the same function that decides reads
(`views.reread`). What comes out differently is said of the reader, with how many reads and which entries.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from cdp.catalogue.model import Catalogue
from cdp.services.replay.walk import Logged, Tally
from cdp.terms import Kind, Shape
from views.compile import view_columns
from views.policy import Policy
from views.reread import Outcome, Read, differences, reread

ANEW: Final = 0
"""Stands for a release: what an anonymized view shows is decided without one."""


@dataclass(slots=True)
class FieldLine:
    """A field of which a reader would have had something else, of somebody who refused nothing."""

    name: str
    before: Shape | None
    after: Shape | None
    exposes: bool
    tally: Tally = field(default_factory=Tally)


@dataclass(frozen=True, slots=True)
class Side:
    """A view under a policy, for counting its rows; None where the reader is refused."""

    policy: str
    catalogue: Catalogue
    decided_by: Policy
    view: str


@dataclass(slots=True)
class Line:
    """What the draft changes for one reader of one view.

    Attributes:
        answered: reads that were refused, and would be answered; with all columns of the view, at most.
        refused: reads that would be refused, and the codes by which.
        pairs: what its rows are counted between.
        narrowed: whether some of these reads had conditions: of the rows that come or go they match some, at most all.
    """

    view: str
    principal: str
    role: str
    tally: Tally = field(default_factory=Tally)
    answered: Tally = field(default_factory=Tally)
    refused: Tally = field(default_factory=Tally)
    codes: set[str] = field(default_factory=set)
    fields: dict[tuple[str, Shape | None, Shape | None], FieldLine] = field(default_factory=dict)
    pairs: set[tuple[Side | None, Side | None]] = field(default_factory=set)
    narrowed: bool = False
    more: int = 0
    fewer: int = 0

    @property
    def exposed(self) -> list[FieldLine]:
        """The fields that would be exposed."""
        return [each for each in self.fields.values() if each.exposes]

    @property
    def hidden(self) -> list[FieldLine]:
        """The fields of which less would be shown."""
        return [each for each in self.fields.values() if not each.exposes]

    @property
    def changes(self) -> bool:
        """Whether anything at all would be different."""
        return bool(self.fields or self.answered.reads or self.refused.reads or self.more or self.fewer)

    @property
    def widens(self) -> bool:
        """Whether the reader would have more."""
        return bool(self.exposed or self.answered.reads or self.more)


@dataclass(frozen=True, slots=True)
class Held:
    """A catalogue and a policy that reads are decided by."""

    catalogue: Catalogue
    policy: Policy


def lines_of(
    kinds: Iterable[tuple[Logged, Tally]], *, then: Mapping[tuple[str, str], Held], against: Held | None, draft: Held,
    readable: Mapping[str, frozenset[str]],
) -> list[Line]:  # fmt: skip
    """Return a line for each reader of each view, by view and name.

    Args:
        then: what each read was decided by, by the digests that its entry names.
        against: what the draft is held against; None for what each read was decided by.
        readable: the views that each app may read at most; whoever is not in it is bound by the role alone.
    """
    lines: dict[tuple[str, str, str], Line] = {}
    for kind, tally in kinds:
        by = then.get((kind.catalogue, kind.policy))
        if by is None:
            continue
        read = _whole(kind.read, by)
        place = read.view, kind.principal, read.role
        line = lines.setdefault(place, Line(*place))
        line.tally.add(tally)
        line.narrowed |= bool(read.where)
        base = against or by
        outcomes = [_outcome(held, read, kind.principal, readable) for held in (base, draft)]
        _take_in(line, tally, outcomes[0], outcomes[1])
        line.pairs.add((_side(base, outcomes[0]), _side(draft, outcomes[1])))
    return [lines[place] for place in sorted(lines)]


def _whole(read: Read, by: Held) -> Read:
    """Return a read that had every column of its view as one of whatever columns there are."""
    view = by.policy.views.get(read.view)
    if view is None or read.fields is None:
        return read
    names = tuple(each.name for each in view_columns(by.catalogue, by.policy, view))
    return replace(read, fields=None) if names == read.fields else read


def _outcome(held: Held, read: Read, principal: str, readable: Mapping[str, frozenset[str]]) -> Outcome:
    if read.view not in readable.get(principal, (read.view,)):
        return Outcome("unknown_view", {})
    return reread(held.catalogue, held.policy, read, release=ANEW)


def _take_in(line: Line, tally: Tally, before: Outcome, after: Outcome) -> None:
    if before.refused and not after.refused:
        line.answered.add(tally)
    if after.refused:
        if not before.refused:
            line.refused.add(tally)
            line.codes.add(after.refused)
        return
    for each in differences(before, after):
        key = each.field, each.before, each.after
        found = line.fields.setdefault(key, FieldLine(each.field, each.before, each.after, each.exposes))
        found.exposes |= each.exposes
        found.tally.add(tally)


def _side(held: Held, outcome: Outcome) -> Side | None:
    if outcome.view is None or outcome.view.kind is Kind.ANONYMIZED:
        return None
    return Side(held.policy.digest, held.catalogue, held.policy, outcome.view.name)
