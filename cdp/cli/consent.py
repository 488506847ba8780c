"""`cdp opt-out` and `cdp opt-in`: what a customer refuses, and what she takes back."""

import click

from cdp.cli.render import say
from cdp.cli.session import opened, operator
from cdp.cli.usage import Command

_WORD = "What she said, when and how. Kept sealed with the history."


@click.command("opt-out", cls=Command)
@click.argument("customer")
@click.argument("opt_out")
@click.option("--word", default="", metavar="TEXT", help=_WORD)
def opt_out(*, customer: str, opt_out: str, word: str) -> None:
    """Record that a customer refuses something.

    CUSTOMER is an id, or an identifier such as `email:ann@example.org`. OPT_OUT is direct_marketing,
    third_party_disclosure, automated_decisions, sensitive_data, or one that the catalogue adds. It holds for every
    read that begins afterwards.
    """
    from cdp.services.opt_out import refuse

    with opened() as platform:
        customer_id = refuse(platform, customer, opt_out, principal=operator(), word=word)
    say(f"customer {customer_id} has refused {opt_out}; `cdp opt-in` takes it back, on her word")


@click.command("opt-in", cls=Command)
@click.argument("customer")
@click.argument("opt_out")
@click.option("--word", default="", metavar="TEXT", help=f"{_WORD} Without it a refusal stands.")
def opt_in(*, customer: str, opt_out: str, word: str) -> None:
    """Record that a customer takes a refusal back. Only her own word can do that."""
    from cdp.services.opt_out import allow

    with opened() as platform:
        customer_id = allow(platform, customer, opt_out, principal=operator(), word=word)
    say(f"customer {customer_id} has taken back her refusal of {opt_out}")
