"""`cdp recipient list|agree|end|notices`: to whom data is passed on, what was agreed, and what they are to be told."""

from dataclasses import asdict
from datetime import datetime

import click

from cdp.cli.render import Cell, counted, note, say, show_json, show_table, styled
from cdp.cli.session import opened, operator
from cdp.cli.usage import Group

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group(cls=Group)
def recipient() -> None:
    """See to whom data is passed on, and keep what was agreed with them.

    Who is a recipient, and of what, the policy says by its selective views; an agreement gives nobody anything.
    """


@recipient.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(*, as_json: bool) -> None:
    """List the recipients of the policy and of agreements, with what the policy gives beyond what was agreed."""
    from cdp.services.recipients.compare import known_recipients

    with opened() as platform:
        found = list(known_recipients(platform).values())
    if as_json:
        show_json(
            [
                {
                    "recipient": each.name, "views": [view.name for view in each.views], "gives": each.gives,
                    "beyond": [*each.beyond, *each.purposes_beyond], "past": each.is_past,
                    "agreements": [{**asdict(one), "standing": one.standing(each.day)} for one in each.agreements],
                }
                for each in found
            ]
        )  # fmt: skip
        return
    rows: list[list[Cell]] = []
    for each in found:
        beyond = ", ".join([*each.beyond, *each.purposes_beyond]) if each.is_amiss else ""
        views = ", ".join(view.name for view in each.views)
        for one in each.agreements or (None,):
            told = ["", "", "", ""] if one is None else [
                str(one.agreement), f"{one.since} – {one.until or '…'}", str(one.standing(each.day)), one.contact
            ]  # fmt: skip
            rows.append([styled(each.name), styled(views), styled(beyond, "bad"), *map(styled, told)])
    if rows:
        show_table(["recipient", "views", "not agreed", "agreement", "period", "stands", "contact"], rows)
    else:
        say("no view of the policy names a recipient, and nothing was agreed")


@recipient.command()
@click.argument("name")
@click.option("--contact", required=True, metavar="TEXT", help="Whom to reach there.")
@click.option("--field", "fields", multiple=True, required=True, metavar="FIELD", help="What is passed on.")
@click.option("--purpose", "purposes", multiple=True, required=True, metavar="PURPOSE", help="What for.")
@click.option("--from", "since", type=_DAY, required=True, metavar="YYYY-MM-DD", help="The first day.")
@click.option("--until", type=_DAY, metavar="YYYY-MM-DD", help="The last day; without it, until it is ended.")
@click.option("--reference", default="", metavar="TEXT", help="Where the contract is found.")
def agree(
    *, name: str, contact: str, fields: tuple[str, ...], purposes: tuple[str, ...], since: datetime,
    until: datetime | None, reference: str,
) -> None:  # fmt: skip
    """Keep an agreement with a recipient. FIELD is `entity.field`, or a field of the customer."""
    from cdp.services.recipients.agree import Terms, agree as agree_on

    last = until.date() if until else None
    terms = Terms(name, contact, fields, purposes, since.date(), last, reference)
    with opened() as platform:
        made = agree_on(platform, terms, principal=operator())
    say(f"agreement {made.agreement} with {name}, {made.since} – {made.until or '…'}")


@recipient.command()
@click.argument("agreement", type=int)
def end(*, agreement: int) -> None:
    """End an agreement now. Unless another one holds, reads for the recipient are refused from then on."""
    from cdp.services.recipients.agree import end_agreement

    with opened() as platform:
        ended = end_agreement(platform, agreement, principal=operator())
    say(f"agreement {ended.agreement} with {ended.recipient} has ended")


@recipient.command()
@click.option("--recipient", "name", metavar="NAME", help="Of one recipient.")
@click.option("--all", "everything", is_flag=True, help="Also those of which the recipient was told.")
@click.option("--told", "told", multiple=True, metavar="NOTICE", help="Note that the recipient was told of it.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def notices(*, name: str | None, everything: bool, told: tuple[str, ...], as_json: bool) -> None:
    """List the notices to past recipients, or note that they were told. Both are on the log."""
    from cdp.services.notices import list_notices, mark_told
    from cdp.services.recipients.known import contacts

    with opened(compare=False) as platform:
        if told:
            say(f"noted: {counted(mark_told(platform, told, principal=operator()), 'notice')}")
            return
        found = list_notices(platform, principal=operator(), recipient=name, everything=everything)
        reached = contacts(platform)
    if as_json:
        show_json([{**asdict(each), "contact": reached.get(each.recipient)} for each in found])
        return
    rows: list[list[Cell]] = [
        [
            each.notice_id,
            each.recipient,
            each.customer_id,
            ", ".join(each.fields),
            str(each.entry),
            each.told_at or "",
            reached.get(each.recipient, ""),
        ]
        for each in found
    ]
    show_table(["notice", "recipient", "customer", "fields", "last entry", "told", "contact"], rows)
    note(counted(len(found), "notice"))
