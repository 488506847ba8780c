"""`cdp witness …`: a second party that cosigns the checkpoints of logs, with a key and a memory of its own."""

import os
from pathlib import Path
from typing import Final

import click

from cdp.cli.render import say
from cdp.cli.usage import Group

APPLICATION: Final = "cdp.api.witness:from_environment"
FOLDER: Final = "CDP_WITNESS_FOLDER"
"""How the application is told the folder: edges do not import each other."""

_folder = click.argument("folder", type=click.Path(path_type=Path, file_okay=False))


@click.group(cls=Group)
def witness() -> None:
    """Be a witness for logs: cosign only what grew out of what was cosigned before.

    It needs no store and no settings, and is best run by somebody else, on another machine.
    """


@witness.command()
@_folder
@click.option("--name", required=True, metavar="NAME", help="Name of the key, as `witness.example.net/w1`.")
@click.option("--log", "logs", metavar="VKEY", multiple=True, help="Key of a log to cosign for.")
def init(folder: Path, *, name: str, logs: tuple[str, ...]) -> None:
    """Make a witness in FOLDER and print its key, which verifiers and the log are given."""
    from cdp.services.witness import make_witness, trust_log

    key = make_witness(folder, name)
    for each in logs:
        trust_log(folder, each)
    click.echo(key.format())


@witness.command()
@_folder
@click.argument("vkey")
def trust(folder: Path, *, vkey: str) -> None:
    """Cosign for one more log, known by the key that `cdp log checkpoint --vkey` prints."""
    from cdp.services.witness import trust_log

    say(f"it cosigns for {trust_log(folder, vkey)} now")


@witness.command()
@_folder
def show(folder: Path) -> None:
    """Print the key of the witness, and what it has seen of each log."""
    from cdp.services.witness import open_witness, seen_by

    click.echo(open_witness(folder).key.format())
    for origin, size, odd in seen_by(folder):
        click.echo(f"{origin}: {size:,} entries cosigned; {odd} signed note(s) that do not fit")


@witness.command()
@_folder
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", default=8100, show_default=True, help="Port to listen at; 0 for a free one.")
def serve(folder: Path, *, host: str, port: int) -> None:
    """Answer logs at `POST /add-checkpoint` (C2SP tlog-witness) until it is stopped."""
    import uvicorn

    from cdp.services.witness import open_witness

    open_witness(folder)  # what is wrong is said before anything listens
    os.environ[FOLDER] = str(folder.absolute())
    uvicorn.run(APPLICATION, factory=True, host=host, port=port, log_level="info", access_log=False)
