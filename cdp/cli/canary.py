"""`cdp canary plant|retire|check|alarms|settle`: people of whom there is nobody, who show where data leaks."""

from dataclasses import asdict

import click

from cdp.cli.render import Cell, counted, say, show_json, show_table, styled
from cdp.cli.session import opened, operator
from cdp.cli.usage import Group


@click.group(cls=Group)
def canary() -> None:
    """Plant people of whom there is nobody, and look for them where they must not be.

    Nobody can tell them from others, and nothing lists them. A server looks for them every minute.
    """


@canary.command()
@click.argument("number", type=int)
@click.option("--domain", required=True, metavar="NAME", help="Of their addresses; a domain of your own.")
def plant(*, number: int, domain: str) -> None:
    """Plant NUMBER canaries, half of whom refuse everything.

    Take a domain that comes back to you, and under which others here have addresses, too; and plant a few at a time.
    """
    from cdp.services.canaries.plant import plant as plant_some

    with opened() as platform:
        there = plant_some(platform, number, domain, principal=operator())
    say(f"{counted(number, 'canary', 'canaries')} planted; there are {there} now")


@canary.command()
@click.argument("number", type=int)
@click.option("--reason", required=True, metavar="TEXT", help="Why; it stands sealed beside the log.")
def retire(*, number: int, reason: str) -> None:
    """Erase the NUMBER canaries that were planted first.

    They are erased as any customer is, and whatever names one from then on raises no alarm.
    """
    from cdp.services.canaries.retire import retire as retire_some

    with opened() as platform:
        left = retire_some(platform, number, principal=operator(), reason=reason)
    say(f"{counted(number, 'canary', 'canaries')} retired; there are {left} now")


@canary.command()
@click.option("--all", "everything", is_flag=True, help="Go through the whole log anew.")
def check(*, everything: bool) -> None:
    """Look for canaries in what is new on the log; the exit code is 1 while an alarm is open."""
    from cdp.errors import Unavailable
    from cdp.services.canaries.alarms import count_open, standing
    from cdp.services.canaries.look import look

    with opened(compare=False) as platform:
        found = look(platform, everything=everything)
        number, _ = standing(platform)
        for each in found:
            say(f"{each.kind}: entry {each.entry} by {each.by}{' through ' + each.view if each.view else ''}")
        waiting = count_open(platform)
    if waiting:
        hint = "`cdp canary alarms` lists them"
        raise Unavailable("canary_alarm", f"{counted(waiting, 'alarm')} of canaries nobody has seen to", hint=hint)
    say(f"no canary is where it must not be; there are {number}")


@canary.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def alarms(*, as_json: bool) -> None:
    """List the alarms, the newest first."""
    from cdp.services.canaries.alarms import raised

    with opened(compare=False) as platform:
        found = raised(platform, most=500)
    if as_json:
        show_json([asdict(each) for each in found])
        return
    rows: list[list[Cell]] = [
        [
            str(each.entry), each.kind, styled(each.by), styled(each.view), styled(", ".join(each.suspects)),
            each.at[:19], (each.settled_at or "open")[:10],
        ]
        for each in found
    ]  # fmt: skip
    if rows:
        show_table(["entry", "what", "by", "view", "who had read her", "at", "seen to"], rows)
    else:
        say("there was no alarm yet")


@canary.command()
@click.argument("entry", type=int)
def settle(*, entry: int) -> None:
    """Record that you have seen to the alarm about an entry of the log."""
    from cdp.services.canaries.alarms import settle as settle_one

    with opened(compare=False) as platform:
        settle_one(platform, entry, principal=operator())
    say(f"the alarm about entry {entry} is seen to")
