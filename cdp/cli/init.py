"""`cdp init`: a store from two files, or from starter files when there are none yet."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cdp.cli.drafts import catalogue_option, draft_settings, load_checked_policy, policy_option
from cdp.cli.output import destination
from cdp.cli.policy import show_findings
from cdp.cli.render import counted, say
from cdp.cli.session import operator
from cdp.cli.usage import Command

if TYPE_CHECKING:
    from cdp.config import Settings

_STARTER: Final = Path(__file__).with_name("starter")


@click.command(cls=Command)
@catalogue_option
@policy_option
def init(*, catalogue: Path | None, policy: Path | None) -> None:
    """Make the store, its keys and its log, and bring the two files into force.

    Without any file, starter files are written first: customers, orders and complaints, a view of each kind, and a
    privacy statement that goes with them. By default the store lies in ./.cdp (SQLite); CDP_DATABASE_URL and
    CDP_KEYS_URL name PostgreSQL databases instead.

    Run again, it changes nothing, but brings the tables of an older version of the program up to date. Keep the key
    store and the key-encryption key apart from the backups of the data: without them nothing can be opened, and with
    them everything can.
    """
    from cdp.bootstrap import create_platform
    from cdp.catalogue.model import load_catalogue
    from cdp.services.publish import initialise

    settings = draft_settings(catalogue=catalogue, policy=policy)
    _write_starter(settings)
    model = load_catalogue(settings.catalogue)
    rules, findings = load_checked_policy(settings.policy, model)
    with create_platform(settings) as platform:
        published = initialise(platform, model, rules, principal=operator())
    show_findings(findings)
    entities, views = counted(len(model.entities), "entity", "entities"), counted(len(rules.views), "view")
    state = "is ready" if published.changed else "was ready already: nothing changed"
    say(f"the store {state} ({_place(settings)}; {entities}, {views})")


def _write_starter(settings: "Settings") -> None:
    """Write the starter files where there is neither of the two; one without the other is a slip to be told."""
    drafts = {"catalogue.yaml": settings.catalogue, "policy.yaml": settings.policy}
    if any(path.exists() for path in drafts.values()):
        return
    if not settings.statement.exists():
        drafts["statement.yaml"] = settings.statement
    for name, path in drafts.items():
        with destination(path) as sink:
            sink.write((_STARTER / name).read_bytes())
    *first, last = map(str, drafts.values())
    say(f"wrote {', '.join(first)} and {last}: change them as you like, `cdp model check` checks them")
    if "statement.yaml" in drafts:
        say("the statement is what you promise your customers: `cdp statement publish` brings it into force")


def _place(settings: "Settings") -> str:
    return "the database of CDP_DATABASE_URL" if settings.database_url else f"the folder {settings.home}"
