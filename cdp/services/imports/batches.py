"""Batch after batch, each committed with its entry and its progress, and tried again where another change came first.

Going on after a crash and trying again after a conflict are one thing: beginning where the last commit ended.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from audit.entries import Entry, Principal
from cdp.bootstrap import InForce, Platform
from cdp.catalogue.model import Entity
from cdp.collecting import collecting_rarely
from cdp.errors import Unavailable
from cdp.services.imports.columns import Known
from cdp.services.imports.drafts import Counts
from cdp.services.imports.formats import Place, number_at, rows_of
from cdp.services.imports.incoming import Incoming, Reader
from cdp.services.imports.kept import note_kept
from cdp.services.imports.lines import Reject, Row
from cdp.services.imports.loader import Loader
from cdp.services.imports.progress import Progress, lock_progress, save_progress
from cdp.services.imports.rejects import RejectFile
from cdp.services.imports.source import Source, reading, running
from cdp.store.provenance import Declared

BATCH_ROWS: Final = 2_000
BATCH_BYTES: Final = 4 << 20
"""A batch ends with whichever it reaches first; what its values take in memory is a small multiple of that."""

ATTEMPTS: Final = 5
"""How often one batch is tried that others come before."""

_PASSING: Final = ("store_conflict", "store_locked", "superseded")

Report = Callable[[int, int, int], None]
"""Told after each batch: bytes (or rows of a table) done, and in all, and rows done."""


@dataclass(frozen=True)
class Job:
    """What is imported, as what, for whom, and what is declared of it."""

    source: Source
    entity: Entity
    mapping: dict[str, str]
    digest: str
    principal: Principal
    declared: Declared


@dataclass
class Batch:
    """Rows that are well-formed by themselves, the faults of the others, and whether the file ends with them."""

    rows: list[Incoming]
    faulty: list[list[Reject]]
    done: bool


class Batches:
    """One import under way.

    Attributes:
        progress: what is committed of it.
    """

    def __init__(self, platform: Platform, job: Job, rejects: RejectFile, *, row: Progress | None) -> None:
        self.progress = Progress() if row is None or row.finished else row
        self._row = row
        self._platform = platform
        self._job = job
        self._rejects = rejects
        self._line = 0

    def run(self, report: Report) -> Progress:
        """Import all that is not imported yet.

        Raises:
            CdpError: what stands in the way; what was committed stands, and the import can be run again.
        """
        with reading(self._job.source.path):
            self._line = number_at(self._job.source, self.progress.bytes_done)
        failures = 0
        with collecting_rarely():
            while not self.progress.finished:
                before = self.progress
                try:
                    self._go_on(report)
                except Unavailable as error:
                    failures = failures + 1 if self.progress == before else 1
                    if error.code not in _PASSING or failures == ATTEMPTS:
                        raise
        return self.progress

    def _go_on(self, report: Report) -> None:
        """Import from what is committed to the end."""
        job, in_force = self._job, self._platform.in_force(fresh=True)
        entity = in_force.catalogue.entities[job.entity.name]
        with reading(job.source.path):
            place, columns, rows = rows_of(job.source, Known(in_force.catalogue, entity, job.mapping))
            if self.progress.bytes_done:
                place.move(self.progress.bytes_done, self._line)
        self._rejects.resume(self._line)
        reader = Reader(in_force.catalogue, entity, columns, self._platform.vault.blind)
        loader = Loader(self._platform, in_force, entity, digest=job.digest, actor=job.principal, said=job.declared)
        while not self.progress.finished:
            with reading(job.source.path):
                batch = read_batch(rows, place, reader)
            self._commit(batch, loader, in_force, place.offset)
            self._line = place.number
            report(self.progress.bytes_done, place.size, self.progress.rows_done)

    def _commit(self, batch: Batch, loader: Loader, in_force: InForce, offset: int) -> None:
        job = self._job
        facts = {"entity": job.entity.name, "import": job.digest}
        with self._platform.door.record(Entry("change", "import", job.principal, in_force.versions, facts)) as change:
            if lock_progress(change.conn, job.digest) != self._row:
                raise running(job.source.path)
            drafts = loader.load(change, batch.rows)
            for faults in batch.faulty:
                drafts.reject(*faults)
            note_kept(change.conn, self._platform.vault, job.entity, batch.rows)
            change.facts |= vars(drafts.counts)
            after = _advanced(self.progress, drafts.counts, offset, finished=batch.done)
            save_progress(change.conn, job.digest, job.entity.name, after, is_new=self._row is None)
            job.source.check_unchanged()
            self._rejects.add(sorted(drafts.rejects, key=lambda each: each.line))
        self._row = self.progress = after


def read_batch(rows: Iterator[Row | Reject], place: Place, reader: Reader) -> Batch:
    """Read the next rows of a file, as many as one batch takes."""
    batch, end = Batch([], [], done=True), place.taken + BATCH_BYTES
    for count, row in enumerate(rows, 1):
        read = [row] if isinstance(row, Reject) else reader.read(row)
        if isinstance(read, Incoming):
            batch.rows.append(read)
        else:
            batch.faulty.append(read)
        if count >= BATCH_ROWS or place.taken >= end:
            batch.done = place.offset >= place.size
            break
    return batch


def _advanced(before: Progress, counts: Counts, offset: int, *, finished: bool) -> Progress:
    return Progress(
        bytes_done=offset,
        rows_done=before.rows_done + sum(vars(counts).values()),
        created=before.created + counts.created,
        updated=before.updated + counts.updated,
        unchanged=before.unchanged + counts.unchanged,
        rejected=before.rejected + counts.rejected,
        finished=finished,
    )
