"""`cdp demo`: the product in half a minute, on a store of its own.

Design section 8, `make demo`. What the tour says is in `cdp.cli.tour`, the picture in `cdp.cli.side_by_side`.
"""

from pathlib import Path

import click

from cdp.cli.usage import Command
from cdp.errors import Unavailable

PORT = 8000
PARTNER = "health-fair"
"""A third party from whom events would come."""
_FEWEST = 60
"""Fewer hardly make a group that may be released."""


@click.command("demo", cls=Command)
@click.option("--once", is_flag=True, envvar="DEMO_ONCE", help="End after the tour, serve nothing; also DEMO_ONCE=1.")
@click.option("--customers", type=click.IntRange(_FEWEST, 20_000), default=300, show_default=True, metavar="N",
              help="How many to invent for a new store.")  # fmt: skip
@click.option("--svg", type=click.Path(path_type=Path), metavar="FILE", help="Also write the five views as a picture.")
def demo(*, once: bool, customers: int, svg: Path | None) -> None:
    """Show what this is, on customers who do not exist.

    Fills a store of its own in CDP_HOME, shows three customers through five views side by side, has one of them
    refuse something, and verifies the log. Then it serves portal, console and interface at http://127.0.0.1:8000 and
    says how to get in. It uses its own store again, and leaves every other one alone.
    """
    try:
        from cdp.cli.tour import Tour
    except ModuleNotFoundError as error:
        if error.name != "faker":
            raise
        hint = "install the project with its extra: `pip install '.[demo]'`"
        raise Unavailable("demo_extra_missing", "the demo needs Faker", path="demo", hint=hint) from None
    from cdp.bootstrap import create_platform
    from cdp.cli.serve import listen
    from cdp.cli.session import operator
    from cdp.config import load_settings
    from cdp.ingest.sources import add_source, list_sources
    from cdp.services.demo.files import prepare_home
    from cdp.services.demo.sign_ins import ask, break_glass, sign_ins

    settings = prepare_home(load_settings())
    with create_platform(settings) as platform:
        tour = Tour(platform, settings, operator())
        tour.show(customers, svg)
        if once:
            return
        ask(platform)
        if not any(each.name == PARTNER for each in list_sources(platform)):
            add_source(platform, PARTNER, principal=operator())
        break_glass(platform, principal=operator())
        tour.ways_in(sign_ins(platform, principal=operator()))
    listen(settings, host="127.0.0.1", port=PORT, workers=1)
