"""What the demo says, step by step: what a view is, five of them, an opt-out, the log, and what to try next.

Visual language (docs): quiet, legible, plain where nobody looks; every value and every reason comes from real reads.
"""

import shlex
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from audit.entries import Principal
from cdp.bootstrap import Platform
from cdp.cli.output import destination
from cdp.cli.picture import draw
from cdp.cli.render import SIGNS, WORDS, counted, progress
from cdp.cli.side_by_side import MARGIN, before_and_after, folded, side_by_side
from cdp.config import Settings
from cdp.services.demo import tour
from cdp.services.demo.look import VIEWS, Look, look_at, phrase
from cdp.services.demo.people import SHOWN
from cdp.services.demo.sign_ins import SignIns
from cdp.services.demo.why import changed
from cdp.services.verify_log import verify_log
from cdp.terms import CUSTOMER, Kind
from views.policy import View

_PLAIN: Final = 100
"""The width of what goes to a file or another program, and of the picture."""

_TITLE: Final = "One store, five views of it"
_INTRO: Final = (
    "Nobody reads the store itself. People and programs read views of it, each for one purpose. For every value, the "
    "policy and the customer's own refusals decide in which shape a view shows it:"
)
_ON_THE_LOG: Final = (
    "Every read above has its entry, written before the first value left: who, as which role, for which purpose, which "
    "fields in which shape, of how many customers. Never a value."
)
_NEXT: Final = (
    ("what daily work sees", "read care_desk --as agent --select full_name,email,birth_date,income --limit 5"),
    (
        "all of one customer, which takes a reason",
        "read privacy_office --as privacy_officer --reason 'she asked us' --where email=eq.lucy.brown@example.org",
    ),
    ("why a view shows what it shows", "policy explain clinic_share --as clinic_app"),
    ("one more refusal", "opt-out email:james.reed@example.com third_party_disclosure"),
    (
        "only the customer's own word takes one back",
        "opt-in email:lucy.brown@example.org third_party_disclosure --word 'by telephone: she agrees again'",
    ),
)


class Tour:
    """The tour of one demo store."""

    def __init__(self, platform: Platform, settings: Settings, principal: Principal) -> None:
        terminal = sys.stdout.isatty()
        self._console = Console(highlight=False, markup=False, emoji=False, width=None if terminal else _PLAIN)
        self._width = self._console.width
        self._platform = platform
        self._settings = settings
        self._me = principal

    def show(self, customers: int, picture: Path | None) -> None:
        """Show it all; an SVG file of the five views goes to `picture`."""
        self._say(self._introduction(self._width))
        self._stock(customers)
        looks = [look_at(self._platform, f"email:{email}", self._me) for email in SHOWN]
        self._say(self._views(looks[0]))
        self._say(self._five_views(looks, self._width))
        self._refusal(looks[0])
        self._log()
        self._next()
        if picture is not None:
            self._draw([looks[0], looks[-1]], picture)

    def _introduction(self, width: int) -> Iterator[Text]:
        yield from _heading(_TITLE)
        yield from _paragraph(_INTRO, width)
        yield Text()
        yield Text(MARGIN + _legend())
        yield Text()

    def _stock(self, customers: int) -> None:
        """Fill the store and say what it holds."""
        with progress("customers", passing=True) as done:
            stock = tour.stock(self._platform, customers, principal=self._me, progress=done)
        again = tour.begin_anew(self._platform, principal=self._me)
        rows = [counted(number, entity) for entity, number in stock.rows.items()]
        where = self._settings.home / ""
        lines = [f"{', '.join(rows[:-1])} and {rows[-1]}, all invented, in {where}"]
        lines += [
            f"{each.view}: release {each.release}, {counted(each.size, 'row')} in groups of at least {each.k}"
            + (f"; {each.suppressed:,} in smaller ones left out" if each.suppressed else "")
            for each in stock.releases
        ]
        if again:
            lines.append("what the last demo refused in a customer's name is taken back")
        self._say(_listed(lines, self._width))
        self._say([Text()])

    def _views(self, look: Look) -> Iterator[Text]:
        """Say who reads which view, and why."""
        names, kinds = max(map(len, VIEWS)) + 2, max(map(len, Kind)) + 2
        for sight in look.sights:
            name, kind = sight.view.name.ljust(names), sight.view.kind.ljust(kinds)
            first, *rest = folded(_reader(sight.view), self._width - len(MARGIN) - names - kinds)
            yield Text.assemble(MARGIN, (name, "bold"), (kind, "dim"), first)
            yield from (Text(MARGIN + " " * (names + kinds) + line) for line in rest)
        yield Text()
        yield Text()

    def _five_views(self, looks: list[Look], width: int) -> Iterator[Text]:
        fields = self._platform.in_force().catalogue.entities[CUSTOMER].fields
        return side_by_side(looks, {name: field.sensitivity for name, field in fields.items()}, width)

    def _refusal(self, before: Look) -> None:
        """Have one customer refuse something, and show what that changed."""
        tour.opt_out(self._platform, principal=self._me)
        after = look_at(self._platform, before.customer, self._me)
        touched = {new.view.name for _, new in changed(before, after)}
        same = ", ".join(name for name in VIEWS if name not in touched)
        self._say(_heading(f"{before.name} now refuses {phrase([tour.REFUSES])}"))
        self._say(before_and_after(before, after))
        self._say([Text(), Text.assemble(MARGIN, (f"{same}: as before", "dim")), Text(), Text()])

    def _log(self) -> None:
        verified = verify_log(self._platform)
        self._say(_heading("The log"))
        self._say(_paragraph(_ON_THE_LOG, self._width))
        self._say([Text(), *_listed(verified.steps, self._width), Text(), Text()])

    def _next(self) -> None:
        """Print commands that work as they stand."""
        self._say(_heading("Try next"))
        home = self._settings.home
        if home != Path(".cdp"):
            self._say([Text(f"{MARGIN}export CDP_HOME={shlex.quote(str(home))}"), Text()])
        program = _program()
        policy = shlex.quote(str(self._settings.policy))
        edited = (f"other rules: edit {policy} and publish it", f"policy publish --policy {policy}")
        for what, arguments in (*_NEXT, edited, ("whether the log is whole", "log verify")):
            self._say([Text.assemble(MARGIN, (f"# {what}", "dim"))])
            self._say(Text(MARGIN + line) for line in _command(f"{program} {arguments}", self._width))
        self._say([Text()])

    def ways_in(self, ways: SignIns) -> None:
        """Print how to get in: as one of the invented people, as the officer, and as an app."""
        origin = self._settings.origin.rstrip("/")
        self._say(_heading("Look at it in a browser"))
        app, secret = ways.app.app, ways.app.secret
        token = f"$(curl -s {origin}/oauth/token -u {app.client_id}:{secret} -d grant_type=client_credentials"
        token += ' | sed \'s/.*"access_token":"\\([^"]*\\).*/\\1/\')'
        for what, line in (
            (f"the portal, as {ways.address} (the link works once)", f"{origin}/portal/link?link={ways.link}"),
            ("the portal, as anybody else: mail lies here", str(self._settings.home / "outbox")),
            ("the console, as her privacy officer (once as well)", f"{origin}/console/welcome?link={ways.officer}"),
            ("the interface, described", f"{origin}/docs"),
            (f"the interface, as an app of the view {', '.join(app.views)}",
             f'curl -s -H "Authorization: Bearer {token}" "{origin}/views/{app.views[0]}?limit=3"'),
        ):  # fmt: skip
            self._say([Text.assemble(MARGIN, (f"# {what}", "dim")), Text(MARGIN + line)])
        self._say([Text(), Text(f"{MARGIN}Serving at {origin}; Ctrl-C ends it"), Text()])

    def _draw(self, looks: list[Look], picture: Path) -> None:
        lines = [Text(MARGIN + _legend()), Text(), *self._five_views(looks, _PLAIN)]
        while not lines[-1].plain:
            lines.pop()
        names = " and ".join(look.name for look in looks)
        with destination(picture) as sink:
            sink.write(
                draw(
                    [line[len(MARGIN) :] for line in lines], title=f"{names} through five views, side by side"
                ).encode()
            )

    def _say(self, lines: Iterable[Text]) -> None:
        for line in lines:
            self._console.print(line, soft_wrap=True)


def _legend() -> str:
    return "   ".join(f"{sign} {WORDS[shape]}" for shape, sign in SIGNS.items())


def _heading(text: str) -> Iterator[Text]:
    yield Text(MARGIN + text, "bold")
    yield Text()


def _paragraph(text: str, width: int) -> Iterator[Text]:
    return (Text(MARGIN + line) for line in folded(text, width - len(MARGIN)))


def _listed(lines: Iterable[str], width: int) -> Iterator[Text]:
    for line in lines:
        first, *rest = folded(line, width - len(MARGIN) - 2)
        yield Text(f"{MARGIN}✓ {first}")
        yield from (Text(f"{MARGIN}  {part}") for part in rest)


def _reader(view: View) -> str:
    """Say who reads a view, for what, and what bounds it."""
    words = f"{' and '.join(view.roles)}, for {view.purpose}".replace("_", " ")
    bounds = {
        Kind.FULL: ", a reason each time" if view.needs else "",
        Kind.STANDARD: "",
        Kind.ANONYMIZED: f", nobody in particular, in groups of at least {view.k}",
        Kind.OPT_OUT: ", without those who refused",
        Kind.SELECTIVE: ", with less about those who refused",
    }
    return words + bounds[view.kind]


def _program() -> str:
    """Return how this program is called from here."""
    here = Path(sys.executable).parent / "cdp"
    if not here.exists() or shutil.which("cdp") == str(here):
        return "cdp"
    folder = Path.cwd()
    return shlex.quote(str(here.relative_to(folder) if here.is_relative_to(folder) else here))


def _command(text: str, width: int) -> Iterator[str]:
    """Break a command line before an option where it is too long, as a shell would read it."""
    parts, line = text.replace(" --", "\n--").split("\n"), ""
    for part in parts:
        if line and len(f"{MARGIN}{line} {part} \\") > width:
            yield f"{line} \\"
            line = f"    {part}"
        else:
            line = f"{line} {part}".strip() if not line.startswith(" ") else f"{line} {part}"
    yield line
