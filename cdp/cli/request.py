"""`cdp request`: what people ask for, and what becomes of it."""

from typing import IO, TYPE_CHECKING, Any

import click

from cdp.cli.assigning import assign, draft, send_back
from cdp.cli.render import Cell, counted, note, say, show_json, show_table, styled
from cdp.cli.session import opened, operator
from cdp.cli.usage import Group

if TYPE_CHECKING:
    from cdp.services.requests.officer import Officer
    from cdp.services.requests.queue import Wanted
    from cdp.services.requests.read import Detail
    from cdp.services.requests.records import Request
    from cdp.services.requests.work import Seen

_REQUEST = click.argument("request_id", metavar="REQUEST")
_REASON = click.option("--reason", default="", metavar="TEXT", help="Why; she is told, and it is kept sealed.")
_LETTER = click.option(
    "--letter",
    type=click.File(encoding="utf-8", errors="strict"),
    help="A file to send in place of the letter that `draft` shows.",
)
_KINDS = (
    "access", "portability", "erasure", "restriction", "objection", "human_review", "question"
)  # fmt: skip


@click.group(cls=Group)
def request() -> None:
    """See and decide what people ask for.

    A request has a clock by the law of where she lives, and every step of it is on the log. Nobody decides about a
    request that he filed.
    """


@request.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those that are answered.")
@click.option("--customer", metavar="CUSTOMER", help="Of one customer, by id or identifier.")
@click.option("--kind", type=click.Choice([*_KINDS, "correction"]), help="Of one kind.")
@click.option("--with", "taken_by", metavar="NAME", help="That somebody of staff goes on with.")
@click.option("--nobody", is_flag=True, help="That nobody goes on with.")
@click.option("--late", is_flag=True, help="That should have been answered.")
@click.option("--after", default="", metavar="KEY", help="The next page: where the one before ended.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(*, everything: bool, customer: str | None, as_json: bool, **filters: Any) -> None:
    """List requests, 50 at a time, those first that are late or due first. The look is on the log."""
    from datetime import UTC, datetime

    from cdp.services.requests.queue import list_waiting
    from cdp.services.requests.read import list_requests

    now, after = datetime.now(UTC), ""
    with opened(compare=False) as platform:
        if everything or customer is not None:
            found = list_requests(platform, principal=operator(), everything=everything, customer=customer)
        else:
            page = list_waiting(platform, _wanted(**filters), principal=operator(), now=now)
            found, after = page.requests, page.after
    if as_json:
        show_json([{**_told(each), "late": each.course.late(now)} for each in found])
        return
    rows: list[list[Cell]] = [
        [
            each.request_id, str(each.kind), str(each.state), f"{each.course.due_at:%Y-%m-%d}",
            "late" if each.course.late(now) else "stands" if each.course.stands else "", each.taken_by or "",
        ]
        for each in found
    ]  # fmt: skip
    show_table(["request", "kind", "state", "due", "", "taken by"], rows)
    note(f"{counted(len(found), 'request')}; more: `--after {after}`" if after else counted(len(found), "request"))


@request.command()
@_REQUEST
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(*, request_id: str, as_json: bool) -> None:
    """Show a request with its history. The look is on the log."""
    from datetime import UTC, datetime

    from cdp.services.requests.read import read_request
    from cdp.services.requests.states import steps_of

    with opened(compare=False) as platform:
        detail = read_request(platform, request_id, principal=operator())
    if as_json:
        show_json(_detail(detail))
        return
    found = detail.request
    course = found.course
    say(f"{found.kind} of customer {found.customer_id}: {found.state}, received {course.received_at:%Y-%m-%d}")
    say(f"due {course.due_at:%Y-%m-%d} by {found.regime}: {course.clock.source}")
    if found.text:
        say(f"she wrote: {found.text}")
    for file in detail.attachments:
        say(f"file {file.attachment_id}: {file.name} ({file.type}, {file.size:,} bytes)")
    rows: list[list[Cell]] = [
        [each.at[:19], each.step, styled(each.actor), str(each.entry), styled(each.reason)] for each in detail.steps
    ]
    show_table(["when", "step", "by", "entry", "why"], rows)
    left = steps_of(course, now=datetime.now(UTC))
    note(f"what can be done: {', '.join(left)}" if left else "nothing is left to do")


@request.command("file")
@click.argument("customer")
@click.argument("kind", type=click.Choice(_KINDS))
@click.option("--text", default="", metavar="TEXT", help="What she wrote or said.")
@click.option("--purpose", "purposes", multiple=True, metavar="NAME", help="What an objection is against.")
@click.option("--language", type=click.Choice(["en", "zh-Hans"]), default="en", help="Of the letters to her.")
def file_(*, customer: str, kind: str, text: str, purposes: tuple[str, ...], language: str) -> None:
    """File a request for somebody who called or wrote. Whoever files it does not decide about it."""
    from cdp.services.requests.file import Filing, file_request
    from cdp.services.requests.states import Kind

    with opened(compare=False) as platform:
        filing = Filing(Kind(kind), text, language, purposes)
        say(f"request {file_request(platform, customer, filing, principal=operator())}")


@request.command()
@_REQUEST
def take(*, request_id: str) -> None:
    """Go on with a request, in place of whoever did before."""
    from cdp.services.requests.steps import take as step

    with opened(compare=False) as platform:
        _say(step(platform, request_id, officer=_officer()))


@request.command()
@_REQUEST
@_REASON
@_LETTER
def extend(*, request_id: str, reason: str, letter: IO[str] | None) -> None:
    """Take the longer period that the law has, once, before the first one is over. She is told why."""
    from cdp.services.requests.steps import extend as step

    with opened(compare=False) as platform:
        _say(step(platform, request_id, officer=_officer(), reason=reason, seen=_seen(letter)))


@request.command()
@_REQUEST
@_REASON
@_LETTER
def pause(*, request_id: str, reason: str, letter: IO[str] | None) -> None:
    """Wait until it is known who asks. Where the law has it so, the clock stands meanwhile."""
    from cdp.services.requests.steps import pause as step

    with opened(compare=False) as platform:
        _say(step(platform, request_id, officer=_officer(), reason=reason, seen=_seen(letter)))


@request.command()
@_REQUEST
@_REASON
@_LETTER
def resume(*, request_id: str, reason: str, letter: IO[str] | None) -> None:
    """Go on: you have made sure who asks."""
    from cdp.services.requests.steps import resume as step

    with opened(compare=False) as platform:
        _say(step(platform, request_id, officer=_officer(), reason=reason, seen=_seen(letter)))


@request.command()
@_REQUEST
@click.option("--answer", default="", metavar="TEXT", help="What she is told.")
@_LETTER
def approve(*, request_id: str, answer: str, letter: IO[str] | None) -> None:
    """Grant a request and do what it asks for: an erasure erases her.

    Where the policy has the kind under `two_officers`, another one has to grant it as well.
    """
    from cdp.services.requests.approve import approve as step

    with opened(compare=False) as platform:
        _say(step(platform, request_id, officer=_officer(), answer=answer, seen=_seen(letter)))


@request.command()
@_REQUEST
@_REASON
@_LETTER
def reject(*, request_id: str, reason: str, letter: IO[str] | None) -> None:
    """Refuse a request. She is told why, and where she can complain."""
    from cdp.services.requests.steps import reject as step

    with opened(compare=False) as platform:
        _say(step(platform, request_id, officer=_officer(), reason=reason, seen=_seen(letter)))


@request.command()
@_REQUEST
@click.option("--word", default="", metavar="TEXT", help="What she said, when and how. Kept sealed.")
def end(*, request_id: str, word: str) -> None:
    """Withdraw a request, or lift a restriction, on her word."""
    from cdp.services.requests.steps import end_on_word

    with opened(compare=False) as platform:
        _say(end_on_word(platform, request_id, officer=_officer(), word=word))


@request.command()
@_REQUEST
def letter(*, request_id: str) -> None:
    """Show the letters about a request, and whether the mail took them. The look is on the log."""
    from cdp.services.requests.read import read_request

    with opened(compare=False) as platform:
        letters = read_request(platform, request_id, principal=operator()).letters
    for each in letters:
        sent = f"sent {each.sent_at[:19]}" if each.sent_at else f"{each.state}, {counted(each.attempts, 'attempt')}"
        say(f"{each.created_at[:19]}  {each.template}  ({sent})")
        say(each.subject)
        for line in each.text.splitlines():
            say(f"  {line}")


@request.command()
def remind() -> None:
    """Remind the officer of what is due within a week or late, and send the letters that wait. Run it every day."""
    from cdp.services.letters.last import send_last_letters
    from cdp.services.letters.outbox import send_letters
    from cdp.services.requests.approve import resume_granted
    from cdp.services.requests.remind import remind as service

    with opened(compare=False) as platform:
        resumed = resume_granted(platform, principal=operator())
        sent = send_letters(platform) + send_last_letters(platform)
        found = service(platform, principal=operator())
    late = sum(each.late for each in found)
    say(f"reminded of {counted(len(found), 'request')}, {late} of them late")
    say(f"letters sent: {sent}")
    if resumed:
        say(f"erasures gone on with: {resumed}")


for _command in (assign, draft, send_back):
    request.add_command(_command)


def _wanted(*, kind: str | None, taken_by: str | None, nobody: bool, late: bool, after: str) -> "Wanted":
    from cdp.services.requests.queue import Wanted
    from cdp.services.requests.states import Kind

    whose = "" if nobody else f"staff:{taken_by}" if taken_by else None
    return Wanted(Kind(kind) if kind else None, taken_by=whose, late=late, after=after)


def _seen(letter: IO[str] | None) -> "Seen":
    from cdp.services.requests.work import Seen

    return Seen(letter=letter.read() if letter else "")


def _officer() -> "Officer":
    from cdp.services.requests.officer import Officer

    return Officer(operator())


def _say(done: "Request") -> None:
    say(f"request {done.request_id} is {done.state}; due {done.course.due_at:%Y-%m-%d}")


def _told(found: "Request") -> dict[str, object]:
    return {
        "request_id": found.request_id, "customer_id": found.customer_id, "kind": found.kind, "state": found.state,
        "received_at": found.course.received_at, "due_at": found.course.due_at, "extended": found.course.extended,
        "stands": found.course.stands, "regime": found.regime, "filed_by": found.filed_by, "taken_by": found.taken_by,
    }  # fmt: skip


def _detail(detail: "Detail") -> dict[str, object]:
    from dataclasses import asdict

    return {
        **_told(detail.request), "said": detail.request.said, "steps": [asdict(each) for each in detail.steps],
        "attachments": [asdict(each) for each in detail.attachments],
        "letters": [asdict(each) for each in detail.letters],
    }  # fmt: skip
