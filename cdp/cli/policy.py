"""`cdp policy check|explain|replay|publish`: the policy, as a draft and in force."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from cdp.cli.drafts import catalogue_option, draft_settings, load_checked_policy, policy_option
from cdp.cli.render import counted, say
from cdp.cli.session import opened, operator
from cdp.cli.usage import Group

if TYPE_CHECKING:
    from views.check import Finding


@click.group(cls=Group)
def policy() -> None:
    """Check, explain and publish the policy.

    The policy says who may read what, why, and in which kind of view. `policy.yaml` is a draft; what decides is the
    version in the database.
    """


@policy.command()
@catalogue_option
@policy_option
@click.option("--strict", is_flag=True, help="Exit with 1 when there is a finding.")
def check(*, catalogue: Path | None, policy: Path | None, strict: bool) -> None:
    """Check the draft of the policy against the draft of the catalogue.

    A fault makes the policy unfit to publish: each is printed with its line, and the exit code is 2. A finding is
    something odd: a role without a view, a purpose that no view serves, a field that its view can never return.
    """
    from cdp.catalogue.model import load_catalogue

    settings = draft_settings(catalogue=catalogue, policy=policy)
    checked, findings = load_checked_policy(settings.policy, load_catalogue(settings.catalogue))
    show_findings(findings)
    say(f"{settings.policy.name} is sound: {counted(len(checked.views), 'view')}, {counted(len(findings), 'finding')}")
    if strict and findings:
        raise click.exceptions.Exit(1)


@policy.command()
@click.argument("view")
@click.option("--as", "role", required=True, metavar="ROLE", help="The role that would read.")
@click.option("--format", "format_", type=click.Choice(["table", "json"]), default="table", help="By default a table.")
def explain(*, view: str, role: str, format_: str) -> None:
    """Explain what a role gets of each column of a view, and why. Reads nothing."""
    from cdp.cli.explained import explain as show_explained
    from views.request import ViewRequest

    with opened() as platform:
        show_explained(platform, ViewRequest(view, role), as_json=format_ == "json")


@policy.command()
@click.argument("draft", type=click.Path(path_type=Path))
@click.option("--days", type=int, default=30, show_default=True, help="How far to look back, in days.")
@click.option(
    "--against",
    type=click.Choice(["now", "then"]),
    default="now",
    help="Hold it against what is in force now (the default), or against what was in force at each read.",
)
@click.option("--format", "format_", type=click.Choice(["table", "json"]), default="table", help="By default a table.")
def replay(*, draft: Path, days: int, against: Literal["now", "then"], format_: str) -> None:
    """Say what the reads of the last days would have shown under a draft of the policy.

    For each reader of each view: fields that would have been exposed or hidden, reads that would have been answered or
    refused, the newest entries, and how many rows of the store, as it is now, would come into the view or go. Nobody's
    data is read. A read's conditions are on the log without their values, so of their rows it is said how many at most;
    the order of a read is not on the log. It looks at 1,000,000 entries at most.
    """
    from cdp.cli.replayed import show_replay
    from cdp.services.replay.run import replay as replay_policy

    with opened(compare=False) as platform:
        checked, _ = load_checked_policy(draft, platform.in_force().catalogue)
        found = replay_policy(platform, checked, days=days, principal=operator(), against=against)
    show_replay(found, as_json=format_ == "json")


@policy.command()
@policy_option
def publish(*, policy: Path | None) -> None:
    """Bring the draft of the policy into force.

    It has to fit the catalogue in force. From that moment on nothing leaves that an older policy decided.
    """
    from cdp.services.publish import publish_policy

    path = draft_settings(policy=policy).policy
    with opened(compare=False) as platform:
        draft, findings = load_checked_policy(path, platform.in_force().catalogue)
        published = publish_policy(platform, draft, principal=operator())
    show_findings(findings)
    say(f"policy {published.version} is in force" + ("" if published.changed else " already: nothing changed"))


def show_findings(findings: "Sequence[Finding]") -> None:
    """Print what is odd about a policy."""
    for finding in findings:
        say(f"{finding.path}: {finding.message}")
