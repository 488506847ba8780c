"""`cdp report run|list|fetch|verify`: figures for the officer and for an independent party, signed by the log."""

import os
import shutil
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cdp.cli.render import Cell, counted, say, show_json, show_table
from cdp.cli.session import opened, operator
from cdp.cli.usage import Group
from cdp.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

_DAY: Final = click.DateTime(["%Y-%m-%d"])
_FILE: Final = click.Path(path_type=Path)


@click.group(cls=Group)
def report() -> None:
    """Make reports, and check them.

    A report has figures only: the data model, how the store is filled, views and who reaches data through them,
    accesses, opt-outs, requests, disclosures, and the record of processing. Counts of customers are rounded down to
    tens, and none is shown that is smaller.
    """


@report.command()
@click.option("--section", "sections", multiple=True, metavar="NAME", help="Only this section; may be repeated.")
@click.option("--lang", "language", type=click.Choice(["en", "zh-Hans"]), default="en", show_default=True,
              help="The language of page and PDF.")  # fmt: skip
@click.option("--pdf/--no-pdf", default=True, show_default=True, help="Whether to write a PDF besides the page.")
@click.option("--from", "since", type=_DAY, metavar="YYYY-MM-DD", help="Of what happened, from this day on, UTC.")
@click.option("--until", type=_DAY, metavar="YYYY-MM-DD", help="And until this one, which is included.")
@click.option("--if-due", is_flag=True, help="Only if none with every section was made within CDP_REPORT_DAYS.")
@click.option("--out", type=_FILE, metavar="DIR", help="The report also becomes a folder in this one.")
def run(
    *, sections: tuple[str, ...], language: str, pdf: bool, since: datetime | None, until: datetime | None,
    if_due: bool, out: Path | None,
) -> None:  # fmt: skip
    """Make a report: a page and a PDF for people, JSON for programs, and a manifest that the log signs.

    What stands now has no days: accesses, choices, requests and disclosures do. It is kept for CDP_REPORT_KEEP_DAYS.

    Sections: model, profile, views, reach, accesses, opt_outs, requests, disclosures, record. By default all.
    A timer may run it with `--if-due` as often as it likes. It is on the log.
    """
    from cdp.pages.reports.render import rendering
    from cdp.services.manifests import MANIFEST
    from cdp.services.reports.figures import period_of
    from cdp.services.reports.kept import is_due, keep_report
    from cdp.services.reports.pack import issue_report, made_at, name_of

    render = rendering(pdf=pdf)
    period = period_of(since.date() if since else None, until.date() if until else None)
    with opened(compare=False) as platform:
        if if_due and not is_due(platform, datetime.now(UTC)):
            say("no report is due")
            return
        files = issue_report(
            platform, principal=operator(), language=language, render=render, sections=sections, period=period
        )
        kept = keep_report(
            platform, files, principal=operator(), language=language, sections=sections, period=period
        )  # fmt: skip
    say(f"kept as {kept.report}; `cdp report fetch {kept.report} --out FILE` hands it out")
    if out is None:
        return
    folder = out / name_of(made_at(files))
    _write(folder, files)
    say(f"{counted(len(files), 'file')} in {folder}; whoever has it runs `cdp report verify {folder / MANIFEST}`")


@report.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(*, as_json: bool) -> None:
    """List the reports that are kept or being made, the last first."""
    from cdp.services.reports.kept import list_reports

    with opened(compare=False) as platform:
        found = list_reports(platform, most=500)
    if as_json:
        show_json([asdict(each) for each in found])
        return
    rows: list[list[Cell]] = [
        [
            each.report, each.state, each.asked_at[:19], each.asked_by, each.language,
            f"{each.since or '…'} – {each.until or '…'}", ", ".join(each.sections),
        ]
        for each in found
    ]  # fmt: skip
    if rows:
        show_table(["report", "state", "asked", "by", "language", "days", "sections"], rows)
    else:
        say("no report is kept; `cdp report run` makes one")


@report.command()
@click.argument("report_id", metavar="REPORT")
@click.option("--out", type=_FILE, required=True, metavar="FILE", help="Where to write the archive.")
def fetch(*, report_id: str, out: Path) -> None:
    """Hand out a report that is kept, as an archive; that is on the log."""
    from cdp.services.reports.kept import fetch_report

    with opened(compare=False) as platform:
        _, archive = fetch_report(platform, report_id, principal=operator())
    try:
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(archive)
    except OSError:
        hint = "name a file that is not there yet"
        raise BadInput("output_refused", "the report cannot be written there", path=str(out), hint=hint) from None
    say(f"{out}; whoever has it runs `cdp report verify {out}`")


@report.command()
@click.argument("file", type=_FILE)
@click.option("--key", metavar="VKEY", help="Who signs for the log there. By default this platform.")
def verify(*, file: Path, key: str | None) -> None:
    """Verify a report, and say what was checked. FILE is its manifest, its folder, or an archive from the console.

    With `--key` no store is needed; `cdp log checkpoint --vkey` prints the key, and `/log/vkey` serves it. Without, it
    is also checked that the log of this platform has grown out of the checkpoint of the report.
    """
    from cdp.services.receipts.verify import parse_verifier
    from cdp.services.reports.verify import verify_report

    if key:
        verified = verify_report(file, log=parse_verifier(key, "--key"))
        steps = verified.steps
    else:
        with opened(compare=False) as platform:
            verified = verify_report(file, log=platform.keeper.verifier)
            platform.keeper.hold_to(verified.checkpoint)
        steps = (*verified.steps, "the log of this platform grew out of that checkpoint")
    for number, step in enumerate(steps, 1):
        say(f"{number}. {step}")
    say(f"made {verified.manifest.made_at} by {verified.manifest.made_by}; the report holds")


def _write(folder: Path, files: "Mapping[str, bytes]") -> None:
    """Write a folder that is there whole or not at all, for nobody else to read."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=".report-", dir=folder.parent))
    except OSError:
        hint = "check that you may write there"
        raise BadInput("output_refused", "no folder can be made there", path=str(folder.parent), hint=hint) from None
    try:
        for name, data in files.items():
            path = unfinished / name
            path.parent.mkdir(mode=0o700, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        unfinished.rename(folder)
    except OSError:
        raise BadInput("output_refused", "the report cannot be written there", path=str(folder)) from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
