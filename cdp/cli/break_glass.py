"""`cdp break-glass`: what was asked for and granted, and ending it. Asking, granting and reviewing take an account."""

from typing import TYPE_CHECKING

import click

from cdp.cli.render import Cell, counted, note, say, show_json, show_table, styled
from cdp.cli.session import opened, operator
from cdp.cli.usage import Group

if TYPE_CHECKING:
    from datetime import datetime

    from cdp.services.breakglass.records import Grant

_GRANT = click.argument("grant_id", metavar="GRANT")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("break-glass", cls=Group)
def break_glass() -> None:
    """See who may see a customer in full for a while, and end it.

    It is asked for, granted and reviewed in the console, by accounts: the log has to know two people from one.
    """


@break_glass.command("list")
@click.option("--show", "shown", type=click.Choice(["asked", "running", "review"]), help="Only those that wait so.")
@_JSON
def list_(*, shown: str | None, as_json: bool) -> None:
    """List grants, the newest first; they name no customer."""
    from datetime import UTC, datetime

    from cdp.services.breakglass.look import list_grants

    with opened(compare=False) as platform:
        found = list_grants(platform, shown=shown or "")
    now = datetime.now(UTC)
    if as_json:
        show_json([_told(each, now) for each in found])
        return
    rows: list[list[Cell]] = [
        [
            each.grant_id, str(each.course.state(now)), styled(each.course.asked_by),
            f"{each.course.asked_at:%Y-%m-%d %H:%M}", f"{each.course.minutes} min",
            styled(each.course.decided_by or ""),
        ]
        for each in found
    ]  # fmt: skip
    show_table(["grant", "state", "asked by", "asked", "for", "decided by"], rows)
    note(counted(len(found), "grant"))


@break_glass.command()
@_GRANT
@_JSON
def show(*, grant_id: str, as_json: bool) -> None:
    """Show a grant with whom it is over and what was said. The look is on the log."""
    from datetime import UTC, datetime

    from cdp.services.breakglass.look import read_grant

    with opened(compare=False) as platform:
        seen = read_grant(platform, grant_id, principal=operator())
    told, now = _told(seen.grant, datetime.now(UTC)), datetime.now(UTC)
    people = [
        {"customer_id": each.customer_id, "used_at": each.used_at, "told_at": each.told_at, **each.said}
        for each in seen.people
    ]
    if as_json:
        show_json({**told, "customers": people})
        return
    course = seen.grant.course
    say(
        f"{course.asked_by} asked on {course.asked_at:%Y-%m-%d %H:%M} for {course.minutes} minutes: {course.state(now)}"
    )
    for name in ("decided_by", "expires_at", "used_at", "ended_by", "delayed_until", "verdict", "reviewed_by"):
        if told[name]:
            say(f"{name.replace('_', ' ')}: {told[name]}")
    names = ["customer", "used", "told", "reason"]
    rows: list[list[Cell]] = [
        [each.customer_id, (each.used_at or "")[:19], (each.told_at or "")[:19], styled(each.words("reason"))]
        for each in seen.people
    ]
    show_table(names, rows)


@break_glass.command()
@_GRANT
def end(*, grant_id: str) -> None:
    """End a grant now; nobody reads by it any more."""
    from cdp.services.breakglass.decide import end as end_grant
    from cdp.services.requests.officer import Officer

    with opened(compare=False) as platform:
        end_grant(platform, grant_id, officer=Officer(operator()))
    say("ended: nobody reads by it any more")


def _told(grant: "Grant", now: "datetime") -> dict[str, object]:
    course = grant.course
    times = {
        name: at.isoformat() if at else None
        for name, at in (
            ("expires_at", course.expires_at), ("used_at", course.used_at), ("ended_at", course.ended_at),
            ("delayed_until", course.delayed_until), ("reviewed_at", course.reviewed_at),
        )
    }  # fmt: skip
    return {
        "grant_id": grant.grant_id, "state": str(course.state(now)), "role": grant.role, "views": list(grant.views),
        "over": grant.customers, "asked_by": course.asked_by, "asked_at": course.asked_at.isoformat(),
        "minutes": course.minutes, "decided_by": course.decided_by, **times, "ended_by": course.ended_by,
        "delayed_by": course.delayed_by, "verdict": course.verdict, "reviewed_by": course.reviewed_by,
    }  # fmt: skip
