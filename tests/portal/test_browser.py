"""The portal in a real Chromium: both languages, phone and desk, light and dark, with scripts and without.

axe-core finds no violation, the Content Security Policy reports nothing, and the screenshots are kept in the folder
`CDP_SHOTS`, if it is set, for people to look at.
"""

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from cdp.asgi import create_app
from cdp.bootstrap import create_platform
from cdp.config import Settings
from cdp.services.publish import initialise
from cdp.services.statements.publish import publish_statement
from tests import samples
from tests.browser import launched
from tests.portal.conftest import ADDRESS, POLICY
from tests.portal.visitor import letters, newest_link
from tests.portal.walk_requests import walk_requests
from tests.statements import statement

PAGES = (
    "/portal",
    "/portal/data",
    "/privacy",
    "/privacy/2/changes",
    "/portal/data/seen",
    "/portal/data/seen/acme_share",
    "/portal/data/seen/privacy_office",
    "/portal/choices",
    "/portal/choices/receipt",
    "/portal/accesses?own=yes",
    "/portal/accesses/recipients",
    "/portal/accesses/check",
    "/portal/sessions",
    "/portal/passkeys",
    "/portal/passkeys/add",
)
LOOKS = {
    "desk": {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB"},
    "phone": {"viewport": {"width": 390, "height": 844}, "locale": "zh-CN"},
    "phone-dark": {"viewport": {"width": 390, "height": 844}, "locale": "en-GB", "color_scheme": "dark"},
    "desk-no-script": {"viewport": {"width": 1280, "height": 900}, "locale": "zh-CN", "java_script_enabled": False},
}


class Served:
    """An application on a port of this machine."""

    def __init__(self, home: Path) -> None:
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.origin = f"http://localhost:{self.socket.getsockname()[1]}"
        self.settings = Settings(home=home, origin=self.origin, limit_address=0, request_log=False)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = Served(tmp_path_factory.mktemp("portal"))
    with create_platform(made.settings) as platform:
        initialise(platform, samples.catalogue(), samples.policy(POLICY), principal=samples.TESTER)
        samples.add_people(platform, 6)
        samples.rows_of(platform, "newsletter")
        publish_statement(platform, statement("1"), principal=samples.TESTER)
        publish_statement(platform, statement("2", "We keep nothing."), principal=samples.TESTER)
        app = create_app(platform)
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", ws="none", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [made.socket]})
        thread.start()
        made.platform = platform
        yield made
        server.should_exit = True
        thread.join()
        app.state.traffic.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as running:
        yield running


def look(page: Page, name: str) -> None:
    """Keep a picture, and have axe-core judge the page."""
    folder = os.environ.get("CDP_SHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
    if "no-script" not in name:
        violations = Axe().run(page).response["violations"]
        assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in violations] == []


def sign_in(page: Page, served: Served, name: str) -> None:
    page.goto(f"{served.origin}/portal")
    look(page, f"{name}-sign-in")
    before = len(letters(served.platform))
    page.fill("#address", ADDRESS)
    page.click("main button")
    look(page, f"{name}-sent")
    for _ in range(100):
        if len(letters(served.platform)) > before:
            break
        page.wait_for_timeout(50)
    page.goto(newest_link(served.platform))
    look(page, f"{name}-link")
    page.click("main button")
    assert page.url == f"{served.origin}/portal"


@pytest.mark.parametrize("name", LOOKS)
def test_a_walk_through_every_page(browser: Browser, served: Served, name: str) -> None:
    context = browser.new_context(**LOOKS[name], bypass_csp=False)
    page, heard = context.new_page(), []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    with served.platform._database.writing() as conn:
        conn.exec_driver_sql("DELETE FROM cdp_sign_in_link")
    sign_in(page, served, name)
    for address in PAGES:
        page.goto(served.origin + address)
        if page.locator("main summary:visible").count():
            page.locator("main summary:visible").first.click()
        look(page, f"{name}{address.partition('?')[0].replace('/', '-')}")
        wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        assert "no-script" in name or page.evaluate(wide), f"{address} is wider than the screen"
    walk_requests(page, served.origin, name, look, served.settings.home)
    page.goto(f"{served.origin}/portal/choices")
    state = page.locator("main .card .state").first
    before = state.inner_text()
    page.locator("main .card form button").first.click()
    assert page.locator("main .card .state").first.inner_text() != before
    look(page, f"{name}-done")
    page.locator(".note button").click()
    assert page.locator("main .card .state").first.inner_text() == before
    page.locator(".foot button").first.click()
    assert page.url.endswith("/portal/sign-in")
    assert [line for line in heard if "axe" not in line and "status of 400" not in line] == []
    context.close()
