"""The files of a report, signed over a checkpoint of the log.

report.json                  the figures
report.html, report.pdf      the same for people, by whoever renders them
log/entry.json               the entry of the log that commits to report.json
log/entry.tlog-proof         that it stands in the tree of a checkpoint, with that checkpoint
manifest.json, manifest.note every file by its hash, signed
"""

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import orjson
from sqlalchemy import select

from audit.checkpoint import parse_checkpoint
from audit.entries import Entry, Principal
from audit.note import SignerKey, parse_note
from audit.proof import parse_inclusion
from cdp.bootstrap import Platform
from cdp.services.log_public import prove_inclusion
from cdp.services.manifests import MANIFEST, NOTE, digest
from cdp.services.reports.figures import ALWAYS, Period
from cdp.services.reports.make import Progress, Report, make_report
from cdp.services.reports.manifest import (
    ENTRY,
    PROOF,
    REPORT,
    SIGNING,
    Manifest,
    listed,
)
from cdp.store.platform import LOG_ENTRY

ACT: Final = "report_made"

Files = dict[str, bytes]
Render = Callable[[Platform, Report, str], Mapping[str, bytes]]
"""Makes the files for people, in a language."""


def issue_report(
    platform: Platform, *, principal: Principal, language: str, render: Render, sections: Sequence[str] = (),
    period: Period = ALWAYS, progress: Progress = lambda _done: None,
) -> Files:  # fmt: skip
    """Make a report and return its files.

    Raises:
        BadInput: `unknown_section`.
        Unavailable: the database, the keys or the log cannot serve; as `render`.
    """
    report = make_report(platform, principal=principal, sections=sections, period=period, progress=progress)
    figures = report.encode()
    files = {REPORT: figures, **render(platform, report, language)}
    facts = {"sections": [each.name for each in report.sections], "sha256": digest(figures)}
    number = platform.door.note(Entry("disclosure", ACT, principal, platform.in_force().versions, facts))
    platform.keeper.sign()
    platform.keeper.cosign()
    proof = prove_inclusion(platform, number)
    checkpoint = parse_checkpoint(parse_note(parse_inclusion(proof).checkpoint)[0])
    ((entry,),) = platform.door.lookup(select(LOG_ENTRY.c.entry).where(LOG_ENTRY.c.number == number))
    files |= {ENTRY: bytes(entry), PROOF: proof}
    manifest = Manifest(
        report.origin, report.made_at, report.made_by, language, number, checkpoint.size, listed(files)
    ).encode()
    signer = SignerKey(platform.settings.log_origin, platform.vault.platform_key("log"))
    return {**files, MANIFEST: manifest, NOTE: SIGNING.sign(manifest, signer)}


def name_of(made_at: str) -> str:
    """Return what the folder or archive of a report is called."""
    return f"report-{datetime.fromisoformat(made_at):%Y%m%dT%H%M%S.%f}Z"


def zipped(files: Files, made_at: str) -> bytes:
    """Return the files as one archive."""
    held, at = io.BytesIO(), datetime.fromisoformat(made_at)
    with ZipFile(held, "w", ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(ZipInfo(path, (at.year, at.month, at.day, at.hour, at.minute, at.second)), data)
    return held.getvalue()


def made_at(files: Files) -> str:
    """Return when the files of a report were made."""
    return str(orjson.loads(files[REPORT])["made_at"])
