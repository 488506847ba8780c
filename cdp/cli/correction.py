"""`cdp correction`: new values that people propose."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cdp.cli.render import Cell, counted, note, say, show_json, show_table, styled
from cdp.cli.session import acting, opened, operator
from cdp.cli.usage import Group
from cdp.errors import BadInput, Refused

if TYPE_CHECKING:
    from cdp.services.corrections.compare import Compared
    from cdp.services.corrections.read import Shown
    from cdp.services.corrections.records import Place
    from cdp.services.requests.attachments import Upload
    from cdp.services.requests.records import Request

_REQUEST = click.argument("request_id", metavar="REQUEST")
_FIELD = click.argument("field", metavar="[ENTITY.]FIELD")
_ROW = click.option("--row", default="", metavar="ID", help="Of which row, for a field of another entity.")
_REASON = click.option("--reason", default="", metavar="TEXT", help="Why; she is told, and it is kept sealed.")


@click.group(cls=Group)
def correction() -> None:
    """See and decide corrections, field by field. Nobody decides about one that he filed."""


@correction.command("list")
def list_() -> None:
    """List the fields that wait for a decision. The look is on the log."""
    from cdp.services.corrections.read import list_corrections

    with opened(compare=False) as platform:
        found = list_corrections(platform, principal=operator())
    rows: list[list[Cell]] = [
        [each.request_id, f"{each.place.entity}.{each.place.field}", each.place.row_id, str(each.revision)]
        for each in found
    ]
    show_table(["request", "field", "row", "revision"], rows)
    note(counted(len(found), "field"))


@correction.command()
@_REQUEST
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(*, request_id: str, as_json: bool) -> None:
    """Show a correction: what stands there, what is proposed, and the digest that an approval names."""
    from cdp.services.corrections.read import read_correction

    with opened(compare=False) as platform:
        found = read_correction(platform, request_id, principal=operator())
    if as_json:
        show_json([_told(each) for each in found.fields])
        return
    say(f"correction of customer {found.request.customer_id}: {found.request.state}")
    if found.request.text:
        say(f"she wrote: {found.request.text}")
    rows: list[list[Cell]] = [
        [
            f"{each.correction.place.entity}.{each.correction.place.field}", each.correction.state,
            _value(each.stored), _value(each.correction.new), each.seen if each.correction.state == "proposed" else "",
        ]
        for each in found.fields
    ]  # fmt: skip
    show_table(["field", "state", "stored now", "proposed", "seen"], rows)
    for each in found.fields:
        if each.changed:
            note(f"{each.correction.place.field}: what is stored has changed since she proposed it")
        if each.gone:
            note(f"{each.correction.place.field}: there is no such field or row any more")


@correction.command()
@click.argument("customer")
@click.argument("assignments", nargs=-1, required=True, metavar="FIELD=VALUE...")
@_ROW
@_REASON
@click.option("--file", "path", type=click.Path(path_type=Path), metavar="FILE", help="What shows it.")
@click.option("--language", type=click.Choice(["en", "zh-Hans"]), default="en", help="Of the letters to her.")
def propose(
    *, customer: str, assignments: tuple[str, ...], row: str, reason: str, path: Path | None, language: str
) -> None:
    """File a correction for somebody who called or wrote. Whoever files it does not decide about it."""
    from cdp.services.corrections.propose import Proposal, Proposed, propose as service

    fields = []
    for each in assignments:
        name, equals, text = each.partition("=")
        if not equals:
            raise BadInput("usage", "a new value is written as `field=value`", path="FIELD=VALUE")
        place = _place(name, row)
        fields.append(Proposed(place.field, text, place.entity, place.row_id))
    with opened(compare=False) as platform:
        proposal = Proposal(fields, reason, _upload(path), language)
        say(f"request {service(platform, customer, proposal, principal=operator())}")


@correction.command()
@_REQUEST
@_FIELD
@_ROW
@click.option("--seen", required=True, metavar="DIGEST", help="What you have seen, as `cdp correction show` has it.")
@_REASON
def approve(*, request_id: str, field: str, row: str, seen: str, reason: str) -> None:
    """Approve one field: the store is changed, and past recipients are queued for a notice."""
    from cdp.services.corrections.decide import approve_field
    from cdp.services.requests.officer import Officer

    with opened(compare=False) as platform:
        place, officer = _place(field, row), Officer(operator())
        approve_field(platform, request_id, place, seen=seen, officer=officer, reason=reason)
    say(f"{field} is changed; `cdp recipient notices` lists who is to be told")


@correction.command()
@_REQUEST
@_FIELD
@_ROW
@_REASON
def reject(*, request_id: str, field: str, row: str, reason: str) -> None:
    """Reject one field. She is told why."""
    from cdp.services.corrections.decide import reject_field
    from cdp.services.requests.officer import Officer

    with opened(compare=False) as platform:
        reject_field(platform, request_id, _place(field, row), officer=Officer(operator()), reason=reason)
    say(f"{field} stays as it is")


@correction.command("approve-safe")
@click.option("--as", "role", required=True, metavar="ROLE", help="The role in which you read both values.")
@click.option("--seen", "digest", default="", metavar="DIGEST", help="What you have seen: the digest under the list.")
def approve_safe(*, role: str, digest: str) -> None:
    """List up to 20 harmless corrections, and approve them together when you name the digest of the list.

    Harmless is what the catalogue tags `none`, or `personal` with `self_service: direct`; never an identifier, and
    nothing that you filed yourself or that has changed since.
    """
    from datetime import UTC, datetime
    from hashlib import sha256

    from cdp.services.corrections.together import Chosen, approve_together, list_safe
    from cdp.services.requests.officer import Officer

    with opened(compare=False) as platform:
        officer = Officer(acting(platform, role))
        found, further = list_safe(platform, officer=officer, now=datetime.now(UTC))
        known = sha256("".join(each.shown.seen for _, each in found).encode()).hexdigest()[:32]
        if not digest or not found:
            show_table(["request", "field", "stored now", "proposed"], [_safe(*each) for each in found])
            note(f"approve these: `--seen {known}`" if found else "none waits")
            note("there are more besides" if further else "these are all")
            return
        if digest != known:
            raise Refused("stale_approval", "the list is not the one that was seen", path="seen", hint="list it again")
        chosen = [Chosen(wish.request_id, each.place, each.shown.seen) for wish, each in found]
        outcomes = approve_together(platform, chosen, officer=officer)
    left = [each for each in outcomes if each.error is not None]
    say(f"approved: {len(outcomes) - len(left)}")
    for each in left:
        note(f"{each.chosen.place.field} of request {each.chosen.request_id} is left: {each.error}")


def _safe(wish: "Request", each: "Compared") -> list[Cell]:
    name = f"{each.place.entity}.{each.place.field}"
    return [wish.request_id, name, _value(each.shown.stored), _value(each.shown.correction.new)]


def _place(name: str, row: str) -> "Place":
    from cdp.services.corrections.records import Place

    entity, dot, field = name.rpartition(".")
    return Place(field, entity if dot else "customer", row)


def _upload(path: Path | None) -> "Upload | None":
    from cdp.services.requests.attachments import Upload

    if path is None:
        return None
    try:
        return Upload(path.name, path.read_bytes())
    except OSError:
        raise BadInput("file_unreadable", "the file cannot be read", path=str(path)) from None


def _told(each: "Shown") -> dict[str, object]:
    from dataclasses import asdict

    found = {**asdict(each.correction), "stored": each.stored, "seen": each.seen}
    return {**found, "changed": each.changed, "gone": each.gone}


def _value(value: object) -> Cell:
    return styled("(none)", "dim") if value is None else styled(str(value))
