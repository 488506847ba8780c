"""`import_file`: rows of a file become customers, or rows that belong to customers.

Design sections 2 (line 5) and 8. Idempotent by identifier, resumable at any point; what cannot be taken is listed in a
reject file by line, reason and field.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypedDict, Unpack

from audit.entries import Principal
from cdp.bootstrap import InForce, Platform
from cdp.catalogue.document import nearest
from cdp.catalogue.model import Entity
from cdp.errors import BadInput
from cdp.services.imports.batches import Batches, Job, Report
from cdp.services.imports.progress import Progress, import_digest, progress_query
from cdp.services.imports.rejects import RejectFile
from cdp.services.imports.source import LINES, open_source
from cdp.services.provenance.declare import Declaration, declared
from cdp.terms import CUSTOMER

_KEY: Final = "imports"

SILENT: Final = "import"
"""The source of rows of a file of which nobody says where they come from."""


class Options(TypedDict, total=False):
    """How a file is to be read.

    Attributes:
        entity: what its rows are; customers unless said.
        mapping: from the title of a column to a field, or to `-` to leave it out.
        format: `csv`, `ndjson`, `parquet` or `arrow`, unless the name of the file says it.
        rejects: where the reject file goes; next to the file unless said.
        again: whether a file that was imported already is imported once more.
        declared: what is declared of its rows: where they come from, and what for.
    """

    entity: str
    mapping: Mapping[str, str] | None
    format: str | None
    rejects: Path | None
    again: bool
    declared: Declaration


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of the rows of a file, over all its runs.

    Attributes:
        rejects_path: the reject file, if anything was rejected.
        resumed_at: how many rows earlier runs had done.
        already: whether it had been imported before and nothing was done now.
    """

    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    rejects_path: Path | None
    resumed_at: int = 0
    already: bool = False


def import_file(
    platform: Platform, path: Path, *, principal: Principal, progress: Report, **options: Unpack[Options]
) -> ImportResult:
    """Import a file; an interrupted import that is run again goes on where it was.

    Raises:
        NotFound: `file_missing`.
        BadInput: the file, its columns, the mapping, the entity or the name of the reject file are wrong; nothing was
            written then.
        Unavailable: database, keys, log or reject file cannot serve; what was committed stands.
    """
    with open_source(path, options.get("format")) as source:
        entity = entity_of(platform.in_force(fresh=True), options.get("entity", CUSTOMER))
        mapping = dict(options.get("mapping") or {})
        key = platform.vault.platform_key(_KEY)
        digest = import_digest(source.sha256, entity.name, mapping, key=key)
        rejects = RejectFile(options.get("rejects") or path.with_name(f"{path.name}.rejects.csv"))
        row = next((Progress(*each) for each in platform.door.lookup(progress_query(digest))), None)
        if row is not None and row.finished and not options.get("again"):
            return _result(row, rejects, already=True)
        said = declared(platform.in_force(), options.get("declared", Declaration(SILENT)))
        job = Job(source, entity, mapping, digest, principal, said)
        batches = Batches(platform, job, rejects, row=row)
        resumed_at = batches.progress.rows_done
        if source.format in LINES:  # of a table, how large it is shows when it is opened
            progress(batches.progress.bytes_done, source.size, resumed_at)
        return _result(batches.run(progress), rejects, resumed_at=resumed_at)


def entity_of(in_force: InForce, name: str) -> Entity:
    """Return what the rows of a file are.

    Raises:
        BadInput: `unknown_entity`.
    """
    entities = in_force.catalogue.entities
    if name not in entities:
        hint = nearest(name[:60], entities) or f"they are {', '.join(entities)}"
        raise BadInput("unknown_entity", "the catalogue has no such entity", path="entity", hint=hint)
    return entities[name]


def _result(done: Progress, rejects: RejectFile, *, resumed_at: int = 0, already: bool = False) -> ImportResult:
    return ImportResult(
        rows=done.rows_done,
        created=done.created,
        updated=done.updated,
        unchanged=done.unchanged,
        rejected=done.rejected,
        rejects_path=rejects.path if done.rejected else None,
        resumed_at=resumed_at,
        already=already,
    )
