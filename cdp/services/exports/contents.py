"""What goes into an archive, file by file.

    data/<entity>.json, .csv     her rows, in full
    schema/<entity>.json         JSON Schema of those rows
    provenance.json              where each row came from, and until when it is kept
    unclassified.json            what no field takes
    receipts/consent.jsonld      what she refused and allowed, with its proof
    log/entries.bundle           every entry of the log that is about her, each with its proof
    index.html                   all of it for people
    manifest.json, manifest.note what is in it, by hashes, signed

A view is read once: the JSON is written while the CSV is put by, sealed, and follows.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest
from typing import Any, Final

from audit.entries import HERSELF
from audit.note import SignerKey
from cdp.bootstrap import Platform
from cdp.catalogue.model import Entity
from cdp.services.exports.archive import Archive
from cdp.services.exports.besides import PROVENANCE, UNCLASSIFIED, write_provenance, write_unclassified
from cdp.services.exports.jobs import Job
from cdp.services.exports.manifest import SIGNING, Manifest
from cdp.services.exports.parts import Aside, Store
from cdp.services.exports.schema import row_schema
from cdp.services.formats.records import json_bytes
from cdp.services.formats.sheet import csv_bytes
from cdp.services.herself import READER
from cdp.services.herself.choices import Standings, standings
from cdp.services.herself.own_data import own_request, own_views
from cdp.services.log_export import export_log
from cdp.services.manifests import MANIFEST, NOTE, Listed
from cdp.services.read import Answer, read_view
from cdp.services.receipts.issue import issue_receipt, receipts_key
from cdp.terms import Value
from views.plan import Column
from views.policy import View

INDEX: Final = "index.html"
RECEIPT: Final = "receipts/consent.jsonld"
BUNDLE: Final = "log/entries.bundle"
SHOWN: Final = 200
"""So many rows of each entity stand in the index; the files beside it have all."""

_BESIDES: Final = 7
_BOM: Final = "\ufeff".encode()
"""Before the CSV: without it spreadsheets take it for another encoding."""


@dataclass
class Sheet:
    """One view in the archive: its columns, how many rows it has, and the first of them."""

    entity: Entity
    columns: Sequence[Column]
    stem: str
    count: int = 0
    shown: list[dict[str, Value]] = field(default_factory=list)


@dataclass(frozen=True)
class Contents:
    """What the index is made from."""

    job: Job
    origin: str
    sheets: Sequence[Sheet]
    standings: Standings
    entries: int
    unclassified: int
    files: Sequence[Listed]
    receipts_key: str
    log_key: str


Render = Callable[[Platform, Contents], bytes]
"""Makes the index, in the language of the job."""


def count_files(views: Sequence[View]) -> int:
    """Return how many files an archive of these views will have."""
    return 3 * len(views) + _BESIDES


class Packer:
    """Packs what is kept about one customer."""

    def __init__(self, platform: Platform, job: Job, customer_id: str, store: Store, archive: Archive) -> None:
        self._platform, self._job, self._customer_id = platform, job, customer_id
        self._store, self._archive = store, archive
        self._rows = 0

    def pack(self, render: Render) -> None:
        """Write every file.

        Raises:
            NotFound: `unknown_customer`, when she is erased meanwhile.
            Refused: `no_own_view`.
            Unavailable: the database, the keys or the log cannot serve; `export_taken`.
        """
        platform = self._platform
        sheets = [self._sheet(view) for view in own_views(platform.in_force(fresh=True))]
        found = standings(platform, self._customer_id)
        with self._archive.file(PROVENANCE) as write:
            write_provenance(platform, self._customer_id, write, today=made_at(self._job).date())
        self._step()
        with self._archive.file(UNCLASSIFIED) as write:
            besides = write_unclassified(platform, self._customer_id, write)
        self._step()
        self._archive.add(RECEIPT, issue_receipt(platform, self._customer_id, principal=HERSELF))
        self._step()
        with self._archive.file(BUNDLE) as write:
            entries = export_log(platform, write, principal=HERSELF, customer=self._customer_id)
        self._step()
        key, origin = platform.keeper.verifier.format(), platform.settings.origin.rstrip("/")
        known = receipts_key(platform).format()
        contents = Contents(
            self._job, origin, sheets, found, entries, besides, tuple(self._archive.files), known, key
        )  # fmt: skip
        self._archive.add(INDEX, render(platform, contents))
        self._sign(origin, key)

    def _sheet(self, view: View) -> Sheet:
        answer = read_view(self._platform, own_request(view, self._customer_id), principal=READER)
        entity = self._platform.in_force().catalogue.entities[view.entity]
        taken = {each.path for each in self._archive.files}
        stem = entity.name if f"data/{entity.name}.json" not in taken else f"{entity.name}-{view.name}"
        sheet, aside = Sheet(entity, answer.plan.columns, stem), Aside(self._store)
        aside.write(_BOM)
        with self._archive.file(f"data/{stem}.json") as write:
            for json, csv in _both(answer, self._counted(answer, sheet)):
                write(json)
                aside.write(csv)
        self._step()
        with self._archive.file(f"data/{stem}.csv") as write:
            for piece in aside.back():
                write(piece)
        self._step()
        self._archive.add(f"schema/{stem}.json", row_schema(entity, answer.plan.columns))
        self._step()
        return sheet

    def _counted(self, answer: Answer, sheet: Sheet) -> Iterator[Sequence[Sequence[Any]]]:
        names = [column.name for column in answer.plan.columns]
        for chunk in answer.chunks:
            missing = SHOWN - len(sheet.shown)
            sheet.shown += [dict(zip(names, row, strict=True)) for row in chunk[:missing]]
            sheet.count += len(chunk)
            self._rows += len(chunk)
            yield chunk
            self._step()

    def _sign(self, origin: str, key: str) -> None:
        versions, job = self._platform.in_force().versions, self._job
        files = tuple(self._archive.files)
        manifest = Manifest(
            job.export_id, origin, job.asked_at, job.language, versions.catalogue, versions.policy, key, files
        )
        data = manifest.encode()
        signer = SignerKey(self._platform.settings.log_origin, self._platform.vault.platform_key("log"))
        self._archive.add(MANIFEST, data)
        self._archive.add(NOTE, SIGNING.sign(data, signer))

    def _step(self) -> None:
        self._store.progress(files=len(self._archive.files), rows=self._rows)


def made_at(job: Job) -> datetime:
    """Return the time that the files of an archive have."""
    return datetime.fromisoformat(job.asked_at)


def _both(answer: Answer, chunks: Iterator[Sequence[Sequence[Any]]]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the rows in both forms, in step: no more than two chunks are held.

    `itertools.tee` would hold 57: it lets go of what both have passed in blocks of so many.
    """
    columns, waiting = answer.plan.columns, deque[Sequence[Sequence[Any]]]()

    def first() -> Iterator[Sequence[Sequence[Any]]]:
        for chunk in chunks:
            waiting.append(chunk)
            yield chunk

    def second() -> Iterator[Sequence[Sequence[Any]]]:
        while waiting:
            yield waiting.popleft()

    yield from zip_longest(json_bytes(columns, first()), csv_bytes(columns, second()), fillvalue=b"")
