"""`cdp request assign`, `draft` and `send-back`: who goes on with a request, and what she would be told."""

import click

from cdp.cli.render import say
from cdp.cli.session import opened, operator

_STEPS = ("approve", "reject", "extend", "pause", "resume")
_REQUEST = click.argument("request_id", metavar="REQUEST")


@click.command()
@_REQUEST
@click.argument("name", required=False, default="")
def assign(*, request_id: str, name: str) -> None:
    """Give a request to somebody of staff; without a NAME, lay it back for anybody."""
    from cdp.services.requests.assign import assign as step
    from cdp.services.requests.officer import Officer
    from cdp.services.staff.officers import named_officer

    with opened(compare=False) as platform:
        given = named_officer(platform, name) if name else None
        done = step(platform, request_id, given, officer=Officer(operator()))
    say(f"request {request_id} is with {done.taken_by or 'nobody'}")


@click.command()
@_REQUEST
@click.argument("step", type=click.Choice(_STEPS))
@click.option("--reason", default="", metavar="TEXT", help="What she is told: why, or the answer.")
def draft(*, request_id: str, step: str, reason: str) -> None:
    """Print the letter that a step would send, to be edited and given to it with `--letter`. The look is on the log."""
    from cdp.services.requests.draft import draft_letter
    from cdp.services.requests.officer import Officer
    from cdp.services.requests.states import Step

    with opened(compare=False) as platform:
        taken = Step.REFUSE if step == "reject" else Step(step)
        say(draft_letter(platform, request_id, taken, officer=Officer(operator()), reason=reason).text.rstrip())


@click.command("send-back")
@_REQUEST
@click.option("--reason", default="", metavar="TEXT", help="Why, for the officer who granted it first. Kept sealed.")
def send_back(*, request_id: str, reason: str) -> None:
    """Not grant, as the second of two officers, what the first one granted."""
    from cdp.services.requests.officer import Officer
    from cdp.services.requests.second import send_back as step

    with opened(compare=False) as platform:
        step(platform, request_id, officer=Officer(operator()), reason=reason)
    say("it waits for the first officer again")
