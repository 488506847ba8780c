"""`cdp app add|list|renew|revoke`: the programs that read views over HTTP."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from cdp.cli.declaring import declaration_of, declaring
from cdp.cli.render import Cell, say, show_json, show_table, styled
from cdp.cli.session import opened, operator
from cdp.cli.usage import Group


@click.group(cls=Group)
def app() -> None:
    """Register programs that read views over HTTP.

    An app reads views of one purpose, in one role. The purpose is fixed with it: no request can name another.
    """


@app.command()
@click.argument("name")
@click.option("--view", "views", multiple=True, required=True, metavar="VIEW", help="A view it reads; may be repeated.")
@click.option("--as", "role", default="", metavar="ROLE", help="The role it acts in, when the views share several.")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="The day it is over, UTC.")
@click.option("--json", "as_json", is_flag=True, help="Print `client_id` and `client_secret` for a program.")
@declaring
def add(
    *, name: str, views: tuple[str, ...], role: str, expires: datetime | None, as_json: bool, **options: Any
) -> None:  # fmt: skip
    """Register an app and show its secret, this once.

    With id and secret the app asks for a bearer token at `/oauth/token` (OAuth 2, client credentials).

    `--purpose`, `--basis`, `--statement`, `--retain` and `--recipient` declare what it collects what it writes for; a
    row that it has changed is for the purposes that both it and whoever wrote before declare.
    """
    from cdp.services.apps.register import register_app

    until = expires.replace(tzinfo=UTC) if expires else None
    with opened() as platform:
        said = declaration_of(name, options)
        made = register_app(
            platform, name, views, principal=operator(), role=role, expires=until, declaration=said
        )  # fmt: skip
    if as_json:
        known = {"views": made.app.views, "role": made.app.role, "purpose": made.app.purpose}
        show_json({"client_id": made.app.client_id, "client_secret": made.secret, **known})
        return
    say(f"{name} reads {', '.join(made.app.views)} as {made.app.role}, for the purpose {made.app.purpose}")
    say(f"client id      {made.app.client_id}")
    say(f"client secret  {made.secret}")
    say("the secret is kept nowhere and cannot be shown again")


@app.command("list")
@click.option("--format", "format_", type=click.Choice(["table", "json"]), default="table", help="Or json.")
def list_(*, format_: str) -> None:
    """List the apps, newest first, with those that are over."""
    from cdp.services.apps.known import list_apps

    with opened() as platform:
        found = list_apps(platform)
    if format_ == "json":
        show_json([asdict(each) for each in found])
        return
    heads = ["name", "client id", "role", "purpose", "views", "added", "last used", "expires", "revoked"]
    rows: list[list[Cell]] = [
        [
            styled(each.name), each.client_id, each.role, each.purpose, styled(", ".join(each.views)),
            each.created_at[:10], *((at or "–")[:10] for at in (each.used_at, each.expires_at, each.revoked_at)),
        ]
        for each in found
    ]  # fmt: skip
    if rows:
        show_table(heads, rows)
    else:
        say("there is no app yet; `cdp app add NAME --view VIEW` adds one")


@app.command()
@click.argument("app")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="The day it is over, UTC.")
@click.option("--json", "as_json", is_flag=True, help="Print `client_id` and `client_secret` for a program.")
def renew(*, app: str, expires: datetime | None, as_json: bool) -> None:
    """Give an app a new secret, by its name or client id, and show it, this once.

    The old secret and its tokens are over at once. Without `--expires` the app has no last day.
    """
    from cdp.services.apps.renew import renew_app

    until = expires.replace(tzinfo=UTC) if expires else None
    with opened() as platform:
        made = renew_app(platform, app, principal=operator(), expires=until)
    if as_json:
        show_json({"client_id": made.app.client_id, "client_secret": made.secret})
        return
    say(f"client id      {made.app.client_id}")
    say(f"client secret  {made.secret}")
    say("the secret is kept nowhere and cannot be shown again")


@app.command()
@click.argument("app")
def revoke(*, app: str) -> None:
    """Revoke an app by its name or client id; it is over at its next request."""
    from cdp.services.apps.revoke import revoke_app

    with opened() as platform:
        client_id = revoke_app(platform, app, principal=operator())
    say(f"{client_id} is revoked")
