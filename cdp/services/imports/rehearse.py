"""`rehearse_import`: what an import would create, change and refuse, and why; nothing is written but the entries.

The rows go the way of an import, up to the drafts; what earlier rows of the file would have left is remembered, so that
the counts are those of the import if nobody else changes anything. What is remembered grows with the file.
"""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Unpack

from audit.entries import Entry, Principal
from cdp.bootstrap import Platform
from cdp.events.looks import suggested
from cdp.services.imports.batches import Batch, Report, read_batch
from cdp.services.imports.columns import Known
from cdp.services.imports.drafts import Counts, Drafts
from cdp.services.imports.formats import rows_of
from cdp.services.imports.found import find
from cdp.services.imports.incoming import Reader
from cdp.services.imports.kept import Kept, count_kept
from cdp.services.imports.lines import Reject
from cdp.services.imports.load import SILENT, Options, entity_of
from cdp.services.imports.source import open_source, reading
from cdp.services.provenance.declare import Declaration, declared
from cdp.terms import CUSTOMER


@dataclass(frozen=True)
class Rehearsal:
    """What an import would do.

    Attributes:
        kept: the columns that would be kept sealed, with how many cells and the category that they suggest.
        changes: in how many rows a field, or an opt-out, would change.
        reasons: how many faults there are, by reason and field.
        first: the first line with each of them.
    """

    counts: Counts = field(default_factory=Counts)
    changes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    first: dict[tuple[str, str], int] = field(default_factory=dict)
    kept: dict[str, tuple[int, str]] = field(default_factory=dict)


def rehearse_import(
    platform: Platform, path: Path, *, principal: Principal, progress: Report, **options: Unpack[Options]
) -> Rehearsal:  # fmt: skip
    """Say what an import of a file would do.

    Raises:
        NotFound, BadInput: as `import_file`.
        Unavailable: database or keys cannot serve; `superseded` when the catalogue changed meanwhile.
    """
    with open_source(path, options.get("format")) as source:
        in_force = platform.in_force(fresh=True)
        entity = entity_of(in_force, options.get("entity", CUSTOMER))
        declared(in_force, options.get("declared", Declaration(SILENT)))
        known = Known(in_force.catalogue, entity, dict(options.get("mapping") or {}))
        with reading(path):
            place, columns, rows = rows_of(source, known)
        blind = platform.vault.blind
        reader = Reader(in_force.catalogue, entity, columns, blind)
        entry = Entry("disclosure", "rehearse_import", principal, in_force.versions, {"entity": entity.name})
        drafts: Drafts | None = None
        kept = count_kept(())
        faults: list[Reject] = []
        batch = Batch([], [], done=False)
        while not batch.done:
            with reading(path):
                batch = read_batch(rows, place, reader)
            with platform.door.record(entry) as change:
                found = find(change.conn, in_force.catalogue, entity, platform.vault, batch.rows)
                change.subjects += [each.ordinal for each in found.customers.values()]
            if drafts is None:
                drafts = Drafts(in_force.catalogue, entity, found, blind)
            else:
                drafts.extend(found)
            for row in batch.rows:
                drafts.take(row)
            kept = kept.plus(count_kept(batch.rows))
            for each in batch.faulty:
                drafts.reject(*each)
            faults, drafts.rejects = [*faults, *drafts.rejects], []
            progress(place.offset, place.size, sum(vars(drafts.counts).values()))
    return Rehearsal() if drafts is None else _told(drafts, faults, kept)


def _told(drafts: Drafts, faults: list[Reject], kept: Kept) -> Rehearsal:
    first: dict[tuple[str, str], int] = {}
    for each in sorted(faults, key=lambda fault: fault.line):
        first.setdefault((each.reason, each.field), each.line)
    reasons = Counter((each.reason, each.field) for each in faults)
    columns = {title: (cells, suggested(title, kept.looks[title])[0]) for title, cells in sorted(kept.cells.items())}
    return Rehearsal(drafts.counts, drafts.changes, reasons, first, columns)
