"""`cdp staff add|list|link|disable`: the people who work in the console."""

from dataclasses import asdict

import click

from cdp.cli.render import Cell, say, show_json, show_table, styled
from cdp.cli.session import opened, operator
from cdp.cli.usage import Group

ROLES = ("privacy_officer", "second_officer", "auditor", "support")


@click.group(cls=Group)
def staff() -> None:
    """Give people accounts for the console.

    An account has one role in the console, and reads views in the role of the policy that has the same name.
    """


@staff.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the account may do.")
@click.option("--email", required=True, metavar="ADDRESS", help="The person's own address; kept sealed.")
def add(*, name: str, role: str, email: str) -> None:
    """Add an account and print its one-time link, which lasts 24 hours.

    At the link the person chooses a password and an authenticator for one-time codes, or a passkey.
    """
    from cdp.services.staff.invite import add_staff

    with opened() as platform:
        made = add_staff(platform, name, role=role, address=email, principal=operator())
        known = role in platform.in_force().policy.roles
        origin = platform.settings.origin
    say(f"{name} may sign in as {role} when this link has been opened, within 24 hours; it works once:")
    say(_address(origin, made.secret))
    if not known:
        say(f"the policy has no role {role}: the account reads no customer until a view is for it")


@staff.command("list")
@click.option("--format", "format_", type=click.Choice(["table", "json"]), default="table", help="Or json.")
def list_(*, format_: str) -> None:
    """List the accounts, those that are disabled last."""
    from cdp.services.staff.accounts import list_accounts

    with opened() as platform:
        found = list_accounts(platform)
    if format_ == "json":
        show_json([asdict(each) for each in found])
        return
    heads = ["name", "role", "added", "by", "link opened", "last sign-in", "disabled"]
    rows: list[list[Cell]] = [
        [
            styled(each.name), each.role, each.created_at[:10], each.created_by, "yes" if each.welcomed else "not yet",
            (each.signed_in_at or "–")[:10], (each.disabled_at or "–")[:10],
        ]
        for each in found
    ]  # fmt: skip
    if rows:
        show_table(heads, rows)
    else:
        say("there is no account yet; `cdp staff add NAME --role privacy_officer --email ADDRESS` adds one")


@staff.command()
@click.argument("name")
def link(*, name: str) -> None:
    """Print a new one-time link, for somebody who lost what she signs in with.

    When it has been opened, password, codes, passkeys and sessions of before are over.
    """
    from cdp.services.staff.invite import new_link

    with opened() as platform:
        made = new_link(platform, name, principal=operator())
        say(_address(platform.settings.origin, made.secret))


@staff.command()
@click.argument("name")
def disable(*, name: str) -> None:
    """Disable an account for ever; it is over at its next request. The last privacy officer stays."""
    from cdp.services.staff.invite import disable_staff

    with opened() as platform:
        disable_staff(platform, name, principal=operator())
    say(f"{name} is disabled")


def _address(origin: str, secret: str) -> str:
    return f"{origin.rstrip('/')}/console/welcome?link={secret}"
