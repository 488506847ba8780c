"""Every page of the console over a large store: `make large` builds it, walks it in Chromium, and prints a table.

Run by hand, since it takes minutes: 100,000 customers and 1,000,000 entries of the log, or `CUSTOMERS=… ENTRIES=…`.
Each page that a link leads to is opened once in both languages, judged by axe-core, and counted for what the Content
Security Policy reports; then it is asked for five times, and the middle of the server's times is printed.
"""

import os
import re
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.parse import parse_qsl, urlsplit

import pyotp
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cdp.asgi import create_app
from cdp.bootstrap import Platform, create_platform
from cdp.console.routes import routes
from cdp.services.publish import initialise
from cdp.services.staff.invite import add_staff
from cdp.terms import LANGUAGES
from tests import samples
from tests.api.apps import register
from tests.browser import launched
from tests.console.conftest import PASSWORD
from tests.console.large_store import fill
from tests.portal.test_browser import Served

TIMES = 5
SLOW = 0.25
BLINK = 0.1
STARTS = (
    "/console", "/console/log/{number}", "/console/log/person/{customer}", "/console/log?whom={customer}",
    "/console/log?who=app:shop&what=refusal", "/console/log?view=newsletter&since=2026-01-01",
    "/console/log?who=nobody",
)  # fmt: skip


@dataclass
class Seen:
    """One page: the server's times in seconds, the most bytes, what axe found, what the policy reported."""

    address: str
    status: int = 0
    times: list[float] = field(default_factory=list)
    size: int = 0
    axe: set[str] = field(default_factory=set)
    csp: int = 0


class Timed:
    """The application, with the time from a request's arrival to the end of its answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.last = (0.0, 0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        size, began = 0, time.perf_counter()

        async def counted(message: Message) -> None:
            nonlocal size
            size += len(message.get("body", b""))
            await send(message)

        await self._app(scope, receive, counted)
        if scope["type"] == "http" and not scope["path"].startswith("/assets"):
            self.last = (time.perf_counter() - began, size)


@contextmanager
def served(folder: Path) -> Iterator[tuple[Served, Timed, list[str]]]:
    """The store, filled, and the application over it on a port of this machine."""
    made = Served(folder)
    with create_platform(made.settings) as platform:
        initialise(platform, samples.catalogue(), samples.policy(), principal=samples.TESTER)
        register(platform, "shop", "newsletter")
        people = fill(platform, int(os.environ.get("CUSTOMERS", "100000")), int(os.environ.get("ENTRIES", "1000000")))
        timed = Timed(create_app(platform))
        server = uvicorn.Server(uvicorn.Config(timed, log_level="critical", ws="none", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [made.socket]})
        thread.start()
        made.platform = platform
        yield made, timed, people
        server.should_exit = True
        thread.join()


def enter(page: Page, platform: Platform, origin: str) -> None:
    """Through the one-time link into the console."""
    invited = add_staff(platform, "iris", role="privacy_officer", address="iris@corp.example", principal=samples.TESTER)
    page.goto(f"{origin}/console/welcome?link={invited.secret}")
    secret = page.locator(".key").inner_text().replace(" ", "")
    page.fill("#password", PASSWORD)
    page.fill("#code", pyotp.TOTP(secret).now())
    page.click("main form button")


def kind_of(address: str) -> tuple[str, tuple[str, ...]] | None:
    """Which page an address is of, and what it asks for by name; None for none of the console's."""
    parts = urlsplit(address)
    for route in routes():
        scope = {"type": "http", "method": "GET", "path": parts.path, "root_path": "", "headers": []}
        if isinstance(route, Route) and route.matches(scope)[0] is Match.FULL:
            names = sorted({name for name, _ in parse_qsl(parts.query)} - {"lang"})
            return route.path, tuple(names)
    return None


def links(page: Page) -> list[str]:
    found = page.eval_on_selector_all("a[href]", "all => all.map(each => each.getAttribute('href'))")
    return [each.partition("#")[0] for each in found if each.startswith(("/console", "?"))]


def look(page: Page, timed: Timed, origin: str, seen: Seen, heard: list[str]) -> None:
    """Open a page in both languages and judge it; then ask for it again and again."""
    joint = "&" if "?" in seen.address else "?"
    for language in LANGUAGES:
        heard.clear()
        answer = page.goto(f"{origin}{seen.address}{joint}lang={language}")
        seen.status = answer.status if answer else 0
        seen.axe |= {each["id"] for each in Axe().run(page).response["violations"]}
        seen.csp += sum("Content Security Policy" in line for line in heard)
    for _ in range(TIMES):
        page.request.get(f"{origin}{seen.address}")
        seen.times.append(timed.last[0])
        seen.size = max(seen.size, timed.last[1])


def walk(page: Page, timed: Timed, origin: str, starts: list[str]) -> list[Seen]:
    """Every page that a link leads to, once for each sort of address."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    known, waiting, found = set[object](), deque(starts), list[Seen]()
    while waiting:
        address = waiting.popleft()
        kind = kind_of(address)
        if kind is None or address in known or (kind in known and address not in starts):
            continue
        known |= {kind, address}
        seen = Seen(address)
        look(page, timed, origin, seen, heard)
        found.append(seen)
        say(seen)
        path = urlsplit(address).path
        waiting.extend(each if each.startswith("/") else path + each for each in links(page))
    return found


def say(seen: Seen) -> None:
    middle = median(seen.times)
    mark = "SLOW" if middle > SLOW else "" if middle < BLINK else "."
    odd = " ".join(sorted(seen.axe)) + (f" CSP {seen.csp}" if seen.csp else "")
    shown = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "<id>", seen.address)
    sys.stdout.write(f"{middle * 1000:9.1f} ms {seen.size / 1024:7.1f} KB {seen.status} {mark:5}{shown} {odd}\n")
    sys.stdout.flush()


def main() -> None:
    """Build, walk, and say what was seen; a page that is at fault is the exit code."""
    with (
        TemporaryDirectory(prefix="cdp-large-") as folder,
        served(Path(folder)) as (made, timed, people),
        launched() as browser,
    ):
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        enter(page, made.platform, made.origin)
        starts = [each.format(number=7_777, customer=people[7]) for each in STARTS]
        found = walk(page, timed, made.origin, starts)
    wrong = [each for each in found if each.axe or each.csp or each.status != 200]
    slow = [each for each in found if median(each.times) > SLOW]
    sys.stdout.write(f"{len(found)} pages, {len(slow)} slower than {SLOW} s, {len(wrong)} at fault\n")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
