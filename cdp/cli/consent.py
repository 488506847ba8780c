"""`cdp opt-out`, `cdp opt-in` and `cdp consent`: what a customer refuses and takes back, and what is known of it."""

from typing import TYPE_CHECKING

import click

from cdp.cli.receipt import receipt
from cdp.cli.render import Cell, counted, note, progress, say, show_json, show_table, styled
from cdp.cli.session import opened, operator
from cdp.cli.usage import Command, Group

if TYPE_CHECKING:
    from cdp.services.consent_history import Standing
    from cdp.services.rebuild_consent import Rebuilt
    from consent.events import Event, State

_WORD = "What she said, when and how. Kept sealed with the history."
_CHANNELS = ("email", "sms", "phone", "post", "push")
_FORM = click.option(
    "--format", "format_", type=click.Choice(["table", "json"]), default="table", help="By default a table."
)
_CHANNEL = click.option("--channel", type=click.Choice(_CHANNELS), help="Only by this channel.")
_PURPOSE = click.option(
    "--purpose", metavar="NAME", help="Only for this purpose of the policy; OPT_OUT may be left out."
)
_AT = click.option(
    "--at", default="", metavar="TIME", help="When she said it, ISO 8601 with its offset. By default now."
)


@click.command("opt-out", cls=Command)
@click.argument("customer")
@click.argument("opt_out", required=False)
@_CHANNEL
@_PURPOSE
@_AT
@click.option("--word", default="", metavar="TEXT", help=_WORD)
def opt_out(
    *, customer: str, opt_out: str | None, channel: str | None, purpose: str | None, at: str, word: str
) -> None:  # fmt: skip
    """Record that a customer refuses something.

    CUSTOMER is an id, or an identifier such as `email:ann@example.org`. OPT_OUT is direct_marketing,
    third_party_disclosure, automated_decisions, sensitive_data, or one that the catalogue adds. It holds for every
    read that begins afterwards. What is refused of an opt-out that the catalogue does not tell from the rest withholds
    all of it.
    """
    from consent.events import State

    _state(customer, State.REFUSED, (opt_out, channel, purpose), at, word)


@click.command("opt-in", cls=Command)
@click.argument("customer")
@click.argument("opt_out", required=False)
@_CHANNEL
@_PURPOSE
@_AT
@click.option("--word", default="", metavar="TEXT", help=f"{_WORD} Without it a refusal stands.")
def opt_in(
    *, customer: str, opt_out: str | None, channel: str | None, purpose: str | None, at: str, word: str
) -> None:  # fmt: skip
    """Record that a customer takes a refusal back. Only her own word can do that.

    It takes back what it names, nothing wider and nothing narrower.
    """
    from consent.events import State

    _state(customer, State.ALLOWED, (opt_out, channel, purpose), at, word)


def _state(
    customer: str, state: "State", named: tuple[str | None, str | None, str | None], at: str, word: str
) -> None:  # fmt: skip
    from cdp.services.name_choice import name_choice
    from cdp.services.state_choices import Said, Wish, state_choices
    from consent.choices import Choices
    from consent.events import State

    opt_out, channel, purpose = named
    if opt_out is None and purpose is None:
        raise click.MissingParameter(param=next(each for each in click.get_current_context().command.params
                                                if each.name == "opt_out"))  # fmt: skip
    with opened() as platform:
        choice = name_choice(platform, opt_out, channel, purpose)
        said = Said(word=word, effective_at=at)
        stated = state_choices(platform, customer, [Wish(choice, state)], principal=operator(), said=said)
        meant = Choices.of(platform.in_force().catalogue).withheld(choice)
    if state is State.REFUSED:
        say(f"customer {stated.customer_id} has refused {choice}; `cdp opt-in` takes it back, on her word")
        _note_flags("withheld by it", (meant & stated.refused) - {choice})
        return
    say(f"customer {stated.customer_id} has taken back her refusal of {choice}")
    _note_flags("still refused, by other acts", meant & stated.refused)


def _note_flags(words: str, names: frozenset[str]) -> None:
    if names:
        note(f"{words}: {', '.join(sorted(names))}")


@click.group(cls=Group)
def consent() -> None:
    """See, check and count what customers refuse.

    What they said is a history to which things are only added; the flags that views test are computed from it.
    """


@consent.command()
@click.argument("customer")
@_FORM
def show(*, customer: str, format_: str) -> None:
    """Show what a customer refuses now, and by which act. The look is on the log."""
    from cdp.services.consent_history import read_consent

    with opened() as platform:
        standing = read_consent(platform, customer, principal=operator(), act="consent_show")
    if format_ == "json":
        show_json(_standing(standing))
        return
    say(f"customer {standing.customer_id}, regime {standing.hers.reference}")
    heads = ["opt-out", "stands", "since", "by", "act"]
    rows: list[list[Cell]] = [
        [
            each.opt_out, "refused" if standing.flags[each.opt_out] else "allowed",
            each.act.effective_at[:19] if each.act else "", str(each.act.source) if each.act else "nobody",
            f"{each.act.state} {each.act.choice}" if each.act else "nobody has said anything",
        ]
        for each in standing.verdicts
    ]  # fmt: skip
    show_table(heads, rows)
    if any(standing.flags[each.opt_out] != each.refused for each in standing.verdicts):
        note("a flag is not what the history says; `cdp consent rebuild --check` counts such flags")


@consent.command()
@click.argument("customer")
@click.option("--words", is_flag=True, help="Open what she said, which is kept sealed.")
@_FORM
def history(*, customer: str, words: bool, format_: str) -> None:
    """Show every act of a customer's consent, oldest first. The look is on the log."""
    from cdp.services.consent_history import read_consent, with_words

    with opened() as platform:
        standing = read_consent(platform, customer, principal=operator(), words=words)
        acts = [with_words(platform.vault, each) if words else each for each in standing.history]
    if format_ == "json":
        show_json([_act(each) for each in acts])
        return
    say(f"customer {standing.customer_id}, {counted(len(acts), 'act')}")
    heads = ["when", "choice", "state", "source", "region", "by", "word" if words else "statement"]
    rows: list[list[Cell]] = [
        [
            each.effective_at[:19], each.choice, str(each.state), str(each.source), each.jurisdiction or "",
            styled(each.evidence.actor), styled(each.evidence.word if words else each.evidence.statement),
        ]
        for each in acts
    ]  # fmt: skip
    show_table(heads, rows)


@consent.command()
@click.option("--check", is_flag=True, help="Count differences; change nothing.")
def rebuild(*, check: bool) -> None:
    """Compute every flag anew from the histories.

    The last line says how many customers' flags were not what their histories say, or are not with `--check`.
    """
    from cdp.services.rebuild_consent import check_consent, rebuild_consent

    with opened() as platform, progress("customers") as done:
        rebuilt = (check_consent if check else rebuild_consent)(platform, principal=operator(), report=done)
    _tell(rebuilt)


@consent.command()
@click.option("--period", type=click.Choice(["day", "month", "year"]), default="month", help="By default month.")
@_FORM
def counts(*, period: str, format_: str) -> None:
    """Count who refused or allowed what, per period, opt-out, source and regime.

    No number is of fewer than ten customers. Small ones are put together as "others", or left out; those of the period
    that still runs are rounded down to tens.
    """
    from dataclasses import asdict
    from typing import cast

    from cdp.services.consent_counts import LEAST, Period, count_consent

    with opened() as platform:
        found = count_consent(platform, principal=operator(), period=cast("Period", period))
    if format_ == "json":
        show_json([asdict(each) for each in found])
        return
    if found:
        heads = [period, "choice", "state", "source", "regime", "customers"]
        rows: list[list[Cell]] = [
            [each.period, each.choice, each.state, each.source, each.regime, f"{each.customers:,}"] for each in found
        ]
        show_table(heads, rows, right=(5,))
    say(f"groups of fewer than {LEAST} customers are not shown")


@consent.command()
@click.option("--trials", type=click.IntRange(1), default=1_000, help="How many refusals; by default 1,000.")
def latency(*, trials: int) -> None:
    """Measure how soon a refusal is honoured, while bulk reads go on in threads and in another process.

    Synthetic customers in a store of their own on the same engine, beside yours. The last line says how many rows about
    somebody left in a read that began after her refusal was acknowledged.
    """
    from cdp.services.latency.measure import measure_latency

    with opened() as platform, progress("refusals") as done:
        measured = measure_latency(platform, trials=trials, principal=operator(), report=done)
    say(
        f"{counted(measured.trials, 'refusal')}, {counted(measured.reads, 'chunk')} read meanwhile on {measured.engine}"
    )
    say("from the acknowledgement to the end of the first read that honours it, in milliseconds:")
    for name, value in measured.distribution.items():
        say(f"  {name:<6} {value * 1000:10.2f}")
    say(f"rows after acknowledgement: {measured.rows_after}")


consent.add_command(receipt)


def _tell(rebuilt: "Rebuilt") -> None:
    flags: dict[str, int] = {}
    for difference in rebuilt.differences:
        for name in difference.wrong:
            flags[name] = flags.get(name, 0) + 1
    for name, number in sorted(flags.items()):
        say(f"{name}: {counted(number, 'customer')}")
    say(f"customers: {rebuilt.customers}")
    say(f"differences: {len(rebuilt.differences)}")


def _act(event: "Event") -> dict[str, object]:
    from dataclasses import asdict

    return asdict(event)


def _standing(standing: "Standing") -> dict[str, object]:
    return {
        "customer_id": standing.customer_id,
        "regime": standing.hers.reference,
        "jurisdiction": standing.hers.jurisdiction,
        "refused": {each.opt_out: standing.flags[each.opt_out] for each in standing.verdicts},
        "because": {each.opt_out: _act(each.act) if each.act else None for each in standing.verdicts},
    }
