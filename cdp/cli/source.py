"""`cdp source add|declare|list|set|renew|revoke`: from where events come."""

from dataclasses import asdict
from typing import Any

import click

from cdp.cli.declaring import declaration_of, declaring
from cdp.cli.render import Cell, say, show_json, show_table
from cdp.cli.session import opened, operator
from cdp.cli.usage import Group
from cdp.errors import BadInput

_cap = click.option(
    "--cap", "caps", multiple=True, metavar="NAME=NUMBER",
    help="How much it may make: `events`, `profiles` in a day; `identifiers`, `links` of a person; `none` for no cap.",
)  # fmt: skip


@click.group(cls=Group)
def source() -> None:
    """Register sources of events: web pages, apps, servers.

    Each has a write key, which the SDKs of Segment and RudderStack are given. A write key reads nothing.
    """


@source.command()
@click.argument("name")
@click.option(
    "--trusted", is_flag=True,
    help="It speaks for the organisation: its user ids are verified. Never for a key that is in a page or an app.",
)  # fmt: skip
@click.option(
    "--consent", "consent", multiple=True, metavar="CATEGORY=OPT_OUT",
    help="What refusing a category of the source's consent banner refuses here; may be repeated.",
)  # fmt: skip
@_cap
@declaring
@click.option("--json", "as_json", is_flag=True, help="Print `write_key` for a program.")
def add(
    *, name: str, trusted: bool, consent: tuple[str, ...], caps: tuple[str, ...], as_json: bool, **options: Any
) -> None:
    """Add a source and show its write key, this once.

    `--purpose` and the options beside it declare what it collects for: what it sends is in no view of another purpose.
    """
    from cdp.ingest.sources import add_source

    pairs = dict(_pair(each) for each in consent)
    bounds = {cap: most for cap, most in _caps(caps).items() if most is not None}
    with opened() as platform:
        made, write_key = add_source(
            platform, name, principal=operator(), trusted=trusted, consent=pairs, caps=bounds,
            declaration=declaration_of(name, options),
        )  # fmt: skip
        origin = platform.settings.origin
    if as_json:
        show_json({"source": made.name, "write_key": write_key, "data_plane_url": origin})
        return
    say(f"source     {made.name}")
    say(f"write key  {write_key}")
    say(f"send to    {origin}")
    say("the write key is kept nowhere and cannot be shown again")


@source.command()
@click.argument("name")
@declaring
def declare(*, name: str, **options: Any) -> None:
    """Declare what a source collects for from now on; what it sent before keeps what was declared then."""
    from cdp.ingest.sources import declare_source
    from cdp.services.provenance.declare import Declaration

    with opened() as platform:
        said = declaration_of(name, options) or Declaration(name)
        done = declare_source(platform, said, principal=operator())
    say(f"what {name} sends from now on has the set {done.provenance}; see `cdp provenance show {done.provenance}`")


@source.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(*, as_json: bool) -> None:
    """List the sources, with those that are revoked."""
    from cdp.ingest.sources import list_sources

    with opened() as platform:
        found = list_sources(platform)
    if as_json:
        show_json([asdict(each) for each in found])
        return
    rows: list[list[Cell]] = [
        [
            each.name, "yes" if each.trusted else "no", each.created_at[:10], (each.revoked_at or "")[:10],
            ", ".join(f"{category} → {choice}" for category, choice in each.consent.items()),
            ", ".join(f"{cap} {most:,}" for cap, most in each.caps.items()),
        ]
        for each in found
    ]  # fmt: skip
    show_table(["name", "trusted", "added", "revoked", "consent", "caps"], rows)


@source.command("set")
@click.argument("name")
@_cap
def set_(*, name: str, caps: tuple[str, ...]) -> None:
    """Change how much a source may make, from the next batch that is folded.

    Beyond `events` and `profiles` of a day, events are dropped; beyond `identifiers` of a person and `links` of the
    source and a person, those are. `cdp ingest status` counts them by their reasons; clients are answered as ever.
    """
    from cdp.ingest.sources import cap_source

    with opened() as platform:
        made = cap_source(platform, name, _caps(caps), principal=operator())
    say(", ".join(f"{cap} {most:,}" for cap, most in made.caps.items()) or "no caps")


@source.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print `write_key` for a program.")
def renew(*, name: str, as_json: bool) -> None:
    """Give a source a new write key and show it, this once; the old one counts no more, from the next request on."""
    from cdp.ingest.sources import renew_source

    with opened() as platform:
        write_key = renew_source(platform, name, principal=operator())
    if as_json:
        show_json({"source": name, "write_key": write_key})
        return
    say(f"write key  {write_key}")
    say("the write key is kept nowhere and cannot be shown again")


@source.command()
@click.argument("name")
def revoke(*, name: str) -> None:
    """Let a write key count no more, from the next request on.

    What was acknowledged before is folded; a batch that is on its way is refused whole.
    """
    from cdp.ingest.sources import revoke_source

    with opened() as platform:
        revoke_source(platform, name, principal=operator())
    say(f"the write key of {name} counts no more")


def _caps(given: tuple[str, ...]) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    for each in given:
        cap, _, most = each.partition("=")
        if not (most.isdecimal() and most.isascii() and len(most) < 14) and most != "none":
            hint = "write `events=100000`, or `events=none`"
            raise BadInput("bad_cap", "a cap is a name and a number", path="--cap", hint=hint)
        found[cap] = None if most == "none" else int(most)
    return found


def _pair(given: str) -> tuple[str, str]:
    category, equals, choice = given.partition("=")
    if not equals:
        raise BadInput("bad_category", "a category and what it stands for", path="--consent", hint="write `ads=…`")
    return category, choice
