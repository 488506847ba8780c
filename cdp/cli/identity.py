"""`cdp identity`: claims to be decided, merges, and taking back what a source said."""

from typing import TYPE_CHECKING

import click

from cdp.cli.render import counted, note, say, show_table
from cdp.cli.session import opened, operator
from cdp.cli.usage import Group

if TYPE_CHECKING:
    from cdp.services.identity.merging import Merged

_REASON = "Why. Kept sealed."


@click.group(cls=Group)
def identity() -> None:
    """Decide who is who."""


@identity.command()
@click.option("--limit", type=click.IntRange(min=1), default=100, help="How many; 100 unless said.")
def links(*, limit: int) -> None:
    """List claims that wait to be decided.

    A claim says that a profile is the person who bears an identifier, as a source said without having verified it. The
    identifier itself stays sealed.
    """
    from cdp.services.identity.decide import count_pending, list_links

    with opened(compare=False) as platform:
        found = list_links(platform, principal=operator(), limit=limit)
        total = count_pending(platform).get("pending", 0)
    rows = [
        [each.link.link_id, each.link.customer_id, each.link.kind, each.link.source, each.bearer or "nobody"]
        for each in found
    ]
    show_table(["link", "profile", "claims", "said by", "borne by"], rows)
    if total > len(found):
        note(f"{total:,} wait in all; `--limit` shows more")


@identity.command()
@click.argument("link")
@click.option("--reason", default="", metavar="TEXT", help=_REASON)
def confirm(*, link: str, reason: str) -> None:
    """Confirm a claim: the profile becomes a part of who bears the identifier, or bears it if nobody does."""
    from cdp.services.identity.decide import confirm_link

    with opened(compare=False) as platform:
        done = confirm_link(platform, link, principal=operator(), reason=reason)
    if done is None:
        say("the claim is confirmed")
    else:
        say(_merged(done))


@identity.command()
@click.argument("link")
@click.option("--reason", default="", metavar="TEXT", help=_REASON)
def reject(*, link: str, reason: str) -> None:
    """Reject a claim; it is not asked again."""
    from cdp.services.identity.decide import reject_link

    with opened(compare=False) as platform:
        reject_link(platform, link, principal=operator(), reason=reason)
    say("the claim is rejected")


@identity.command()
@click.argument("survivor")
@click.argument("absorbed")
@click.option("--reason", default="", metavar="TEXT", help=_REASON)
def merge(*, survivor: str, absorbed: str, reason: str) -> None:
    """Make one customer a part of another.

    Both are named by id or identifier. SURVIVOR has all refusals of both, what belongs to both, and is found by the
    identifiers of both; of her fields those that are empty are filled. It can be undone exactly.
    """
    from cdp.services.identity.merge import merge_customers

    with opened(compare=False) as platform:
        done = merge_customers(platform, survivor, absorbed, principal=operator(), reason=reason)
    say(_merged(done))


@identity.command()
@click.argument("merge_id", metavar="MERGE")
@click.option("--reason", default="", metavar="TEXT", help=_REASON)
def unmerge(*, merge_id: str, reason: str) -> None:
    """Undo a merge: both are as they were, but for what was changed since."""
    from cdp.services.identity.merge import unmerge_customers

    with opened(compare=False) as platform:
        done = unmerge_customers(platform, merge_id, principal=operator(), reason=reason)
    say(f"customer {done.absorbed} is herself again")


@identity.command()
@click.argument("customer", required=False)
@click.option("--after", default="", metavar="KEY", help="The next page: where the one before ended.")
def merges(*, customer: str | None, after: str) -> None:
    """List the merges of a customer that stand; without one, those of everybody, the newest first."""
    from cdp.services.identity.merge import list_merges, merges_of

    if customer is None:
        with opened(compare=False) as platform:
            everybodys, further = list_merges(platform, principal=operator(), after=after)
        heads = ["merge", "absorbed", "survivor", "cause", "by"]
        show_table(
            heads, [[each.merge_id, each.absorbed, each.survivor, each.cause, each.actor] for each in everybodys]
        )
        if further:
            note(f"more: `--after {further}`")
        return
    with opened(compare=False) as platform:
        found = merges_of(platform, customer, principal=operator())
    show_table(["merge", "absorbed", "cause"], [[each.merge_id, each.absorbed, each.cause] for each in found])


@identity.command()
@click.argument("source")
@click.option("--reason", default="", metavar="TEXT", help=_REASON)
def revert(*, source: str, reason: str) -> None:
    """Take back all that a source of events has said of people.

    Fields go back to what counts without it, its claims go, merges that it caused are undone.
    """
    from cdp.services.identity.revert import revert_source

    with opened(compare=False) as platform:
        done = revert_source(platform, source, principal=operator(), reason=reason)
    claims, undone = counted(done.claims, "claim"), counted(done.merges, "merge")
    say(f"{counted(done.profiles, 'profile')} without what `{source}` said, {claims} dropped, {undone} undone")


def _merged(done: "Merged") -> str:
    return f"{done.absorbed} is now a part of {done.survivor}; `cdp identity unmerge {done.merge_id}` undoes it"
