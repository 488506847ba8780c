"""`cdp report run|verify`: figures for the privacy officer and for an independent party, signed by the log."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cdp.cli.render import counted, say
from cdp.cli.session import opened, operator
from cdp.cli.usage import Group
from cdp.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

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
@click.option("--out", type=_FILE, required=True, metavar="DIR", help="The report becomes a folder in this one.")
def run(*, sections: tuple[str, ...], language: str, pdf: bool, out: Path) -> None:
    """Make a report: a page and a PDF for people, JSON for programs, and a manifest that the log signs.

    Sections: model, profile, views, reach, accesses, opt_outs, requests, disclosures, record. By default all. Each
    report has a folder of its own, so that a timer may make one every night. It is on the log.
    """
    from cdp.pages.reports.render import rendering
    from cdp.services.manifests import MANIFEST
    from cdp.services.reports.pack import issue_report, made_at, name_of

    render = rendering(pdf=pdf)
    with opened(compare=False) as platform:
        files = issue_report(platform, principal=operator(), language=language, render=render, sections=sections)
    folder = out / name_of(made_at(files))
    _write(folder, files)
    say(f"{counted(len(files), 'file')} in {folder}; whoever has it runs `cdp report verify {folder / MANIFEST}`")


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
