"""`cdp log ocsf`: the log as events for the tools in which an organisation already looks."""

from pathlib import Path

import click

from cdp.cli.output import destination
from cdp.cli.session import opened, operator
from cdp.cli.usage import Command


@click.command("ocsf", cls=Command)
@click.option("--after", type=click.IntRange(min=0), metavar="N", help="Only what is newer than entry N: the cursor.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most so many events.")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to a file, whole or not at all.")
def ocsf(*, after: int | None, limit: int | None, output: Path | None) -> None:
    """Write the log as OCSF 1.8 events, one JSON object a line.

    Disclosures are Datastore Activity (6005), changes API Activity (6003); what was refused has status_id 2. The next
    call goes on behind the `metadata.sequence` of the last line: `--after` takes it. No value and no customer is in it.
    """
    import orjson

    from cdp.services.log_events import log_events

    with opened(compare=False) as platform, destination(output) as sink:
        for event in log_events(platform, principal=operator(), after=after, limit=limit):
            sink.write(orjson.dumps(event, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE))
