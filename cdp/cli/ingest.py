"""`cdp ingest status|work|quarantine`, `cdp unclassified`: what became of events, and what has to be decided."""

import signal
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from cdp.cli.render import Cell, counted, note, say, show_json, show_table, styled
from cdp.cli.session import opened, operator
from cdp.cli.usage import Command, Group

if TYPE_CHECKING:
    from cdp.ingest.undeclared import Seen


@click.group(cls=Group)
def ingest() -> None:
    """Look after the events that sources send."""


@ingest.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(*, as_json: bool) -> None:
    """Show, by source, what came, what became of it, and what waits."""
    from cdp.ingest.status import status as read_status

    with opened(compare=False) as platform:
        found = read_status(platform)
    if as_json:
        show_json([asdict(each) for each in found])
        return
    heads = ["source", "received", "folded", "duplicate", "dropped", "quarantined", "waiting", "lag (s)"]
    rows: list[list[Cell]] = [
        [
            each.source + (" (revoked)" if each.revoked else ""), f"{each.received:,}", f"{each.folded:,}",
            f"{each.duplicate:,}", _reasons({**each.dropped, **each.capped}), _reasons(each.quarantined),
            f"{each.waiting:,}", f"{each.lag_seconds:g}",
        ]
        for each in found
    ]  # fmt: skip
    show_table(heads, rows, right=(1, 2, 3, 6, 7))


@ingest.command()
@click.option("--once", is_flag=True, help="End when nothing waits any more.")
def work(*, once: bool) -> None:
    """Fold what waits into profiles, and do what regulators asked for, until stopped.

    Any number of these may run, and be killed.
    """
    from cdp.collecting import collect_rarely
    from cdp.ingest.worker import Worker
    from cdp.services.regulations.work import carry_out

    with opened(compare=False) as platform:
        worker = Worker(platform)
        collect_rarely()
        if once:
            say(f"{counted(worker.drain(), 'event')} left the queue, {worker.catch_up():,} were read anew")
            say(f"{counted(carry_out(platform), 'regulation')} done")
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop())
        note("folding; stop it with Ctrl-C")
        worker.run()


@click.command(cls=Command)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def unclassified(*, as_json: bool) -> None:
    """List events, properties, traits and columns of files that the catalogue does not know. Nobody sees their values.

    With each goes the tag that its name, and the form of some of its values, suggest. You decide: give it a field in
    the catalogue and run `cdp model apply`; what was kept of it then becomes that field.
    """
    from cdp.events.undeclared import FILES
    from cdp.ingest.sources import list_sources
    from cdp.ingest.undeclared import list_names

    with opened(compare=False) as platform:
        names = {FILES: "files", **{each.source: each.name for each in list_sources(platform)}}
        found = list_names(platform, principal=operator())
    if as_json:
        show_json([_shown(each, names) for each in found])
        return
    rows: list[list[Cell]] = [
        [
            names.get(each.source, ""), styled(each.part), styled(each.name), f"{each.seen:,}", each.last_at[:10],
            each.category, each.sensitivity, "yes" if each.known else "",
        ]
        for each in found
    ]  # fmt: skip
    heads = ["source", "part", "name", "seen", "last", "suggested category", "sensitivity", "known now"]
    show_table(heads, rows, right=(3,))


ingest.add_command(unclassified, "undeclared")


@ingest.command()
@click.option("--reason", default="", metavar="TEXT", help="Why you look. It is kept with the entry.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, metavar="N", help="How many.")
@click.option("--empty", is_flag=True, help="Delete all that is in it instead.")
def quarantine(*, reason: str, limit: int, empty: bool) -> None:
    """Look into the events that were wrong, or delete them."""
    from cdp.errors import Refused
    from cdp.ingest import quarantine as held

    if not empty and not reason.strip():
        raise Refused("reason_needed", "these may be anybody's", path="reason", hint="say why with `--reason`")
    with opened(compare=False) as platform:
        if empty:
            say(f"{counted(held.empty(platform, principal=operator()), 'event')} deleted")
            return
        show_json([asdict(each) for each in held.look_into(platform, principal=operator(), reason=reason, limit=limit)])


def _shown(seen: "Seen", sources: dict[int, str]) -> dict[str, Any]:
    said = {name: value for name, value in asdict(seen).items() if name not in ("looked", "token")}
    return {**said, "source": sources.get(seen.source, "")}


def _reasons(counts: dict[str, int]) -> str:
    return ", ".join(f"{number:,} {reason}" for reason, number in counts.items())
