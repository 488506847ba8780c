"""What goes into an archive besides her rows: where each came from and until when it is kept, and what no field takes.

    provenance.json     one object for each row: sources, statement, ground, purposes, recipients, until when and why
    unclassified.json   what files and events said that nobody has classified yet, by the names that came with it

Both are arrays with one object a line, made some at a time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Final

import orjson

from cdp.bootstrap import Platform
from cdp.services.herself.unclassified import unclassified
from cdp.services.herself.whence import Whence, whence_pages
from cdp.services.retention.terms import Ending, RowTerm, Term

PROVENANCE: Final = "provenance.json"
UNCLASSIFIED: Final = "unclassified.json"

Write = Callable[[bytes], object]


def write_provenance(platform: Platform, customer_id: str, write: Write, *, today: date) -> int:
    """Write where every row came from and until when it is kept; return how many there are."""
    pages = whence_pages(platform, customer_id, today=today)
    return _write_array(write, ([_row(*each) for each in page] for page in pages))


def write_unclassified(platform: Platform, customer_id: str, write: Write) -> int:
    """Write what no field takes; return of how many rows and events something is there."""
    return _write_array(write, ([asdict(each) for each in page] for page in unclassified(platform, customer_id)))


def _write_array(write: Write, pages: Iterator[Sequence[Mapping[str, Any]]]) -> int:
    before, count = b"[", 0
    for page in pages:
        write(before + b",\n".join(orjson.dumps(each) for each in page))
        before, count = b",\n", count + len(page)
    write(b"[]\n" if before == b"[" else b"]\n")
    return count


def _row(row: Whence, term: RowTerm) -> dict[str, Any]:
    apart = {name: _term(each) for name, each in term.values.items() if each.ending != term.ending or each.kept}
    return {
        "entity": row.entity,
        "row": row.row_id,
        "collected_at": None if row.collected_at is None else row.collected_at.isoformat(),
        "sources": [
            {"source": part.source, "statement": part.statement, "legal_basis": part.legal_basis,
             "retention": part.retention}
            for part in row.parts
        ],
        "purposes": list(row.purposes),
        "recipients": None if row.recipients is None else list(row.recipients),
        **_ending(term.ending),
        "values": apart,
    }  # fmt: skip


def _term(term: Term) -> dict[str, Any]:
    said = _ending(term.ending)
    if term.kept is not None:
        hold = term.kept.hold
        until = None if term.kept.until is None else term.kept.until.isoformat()
        said["law"] = {
            "reason": hold.reason, "basis": hold.basis, "purpose": hold.purpose, "period": hold.period, "until": until,
        }  # fmt: skip
    return said


def _ending(ending: Ending | None) -> dict[str, Any]:
    if ending is None:
        return {"kept_until": None}
    then = "asked" if ending.asks else "deleted"
    return {"kept_until": ending.until.isoformat(), "by": str(ending.by), "period": ending.period, "then": then}
