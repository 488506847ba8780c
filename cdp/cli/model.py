"""`cdp model check|plan|apply`: the catalogue, as a draft and in force."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cdp.cli.drafts import catalogue_option, draft_settings, load_checked_catalogue, load_checked_policy, policy_option
from cdp.cli.policy import show_findings
from cdp.cli.render import counted, note, progress, say
from cdp.cli.session import opened, operator
from cdp.cli.usage import Group

if TYPE_CHECKING:
    from cdp.services.model import ModelPlan


@click.group(cls=Group)
def model() -> None:
    """Check the catalogue, show what a new one changes, and apply it.

    The catalogue says what is kept about customers, and how sensitive each field is. `catalogue.yaml` is a draft; what
    holds is the version in the database.
    """


@model.command()
@catalogue_option
@policy_option
def check(*, catalogue: Path | None, policy: Path | None) -> None:
    """Check the draft of the catalogue, and the draft of the policy against it."""
    settings = draft_settings(catalogue=catalogue, policy=policy)
    draft, findings = load_checked_catalogue(settings.catalogue)
    show_findings(findings)
    fields = sum(len(entity.fields) for entity in draft.entities.values())
    entities = counted(len(draft.entities), "entity", "entities")
    if settings.policy.exists():
        show_findings(load_checked_policy(settings.policy, draft)[1])
    fits = f", and {settings.policy.name} fits it" if settings.policy.exists() else ""
    say(f"{settings.catalogue.name} is sound: {entities}, {counted(fields, 'field')}{fits}")


@model.command()
@catalogue_option
def plan(*, catalogue: Path | None) -> None:
    """Show what applying the draft of the catalogue would change, in words and in SQL. Changes nothing."""
    from cdp.catalogue.model import load_catalogue
    from cdp.services.model import plan_model

    draft = load_catalogue(draft_settings(catalogue=catalogue).catalogue)
    with opened(compare=False) as platform:
        _show(plan_model(platform, draft))


@model.command()
@catalogue_option
@click.option("--allow-destructive", is_flag=True, help="Also make changes that lose stored values.")
def apply(*, catalogue: Path | None, allow_destructive: bool) -> None:
    """Bring the draft of the catalogue into force.

    Tables are changed, and stored rows are written anew where a mask or a generalisation changed. Nothing is read or
    written meanwhile. Then what was kept sealed of events and files, and that the catalogue knows now, becomes fields.
    Interrupted, it goes on where it stopped when it is run again.
    """
    from cdp.catalogue.model import load_catalogue
    from cdp.ingest.catch_up import catch_up
    from cdp.services.model import apply_model

    draft = load_catalogue(draft_settings(catalogue=catalogue).catalogue)
    with opened(compare=False) as platform, progress("rows written anew") as moved:
        applied = apply_model(
            platform, draft, principal=operator(), allow_destructive=allow_destructive, progress=moved
        )
        anew = catch_up(platform)
    for field, count in applied.lost.items():
        note(f"{field}: {counted(count, 'value')} did not fit the new type and went")
    if applied.claimed:
        note(f"{counted(applied.claimed, 'identifier')} only claimed, because another row has the same")
    resumed = ", going on where it had stopped" if applied.resumed else ""
    say(f"catalogue {applied.version} is in force; {counted(applied.reshaped, 'row')} written anew{resumed}")
    if anew:
        say(f"{counted(anew, 'event or row', 'events or rows')} with something left over read anew")


def _show(planned: "ModelPlan") -> None:
    """Print what would change; `!` marks what loses stored values, `?` what somebody changed beside the program."""
    if planned.unfinished is not None:
        say(f"version {planned.unfinished} is only half applied: `cdp model apply` with that catalogue goes on")
    if planned.empty:
        say("nothing changes")
    for change in planned.changes:
        say(f"{'! ' if change.destroys else '  '}{change.words}")
        for statement in change.sql:
            say(f"      {statement}")
    for each in planned.drift:
        say(f"? {each}")
    if planned.rows_to_reshape:
        say(f"{counted(planned.rows_to_reshape, 'row')} will be written anew")
    if planned.rewritten:
        say(f"written into new files, so that old values leave the disk: {', '.join(planned.rewritten)}")
    if planned.destroys:
        say("! marks what may lose stored values: `cdp model apply --allow-destructive`")
    if planned.faults:
        say("the policy in force would not fit any more: publish one that fits both catalogues first")
