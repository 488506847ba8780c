"""Taking all of it along, renewing what is old and going for good, in a real Chromium, as `test_browser` has it."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
import uvicorn
from playwright.sync_api import Browser, Page

from cdp.asgi import create_app
from cdp.bootstrap import create_platform
from cdp.services.exports.verify import verify_export
from cdp.services.publish import initialise
from cdp.services.retention.run import run
from cdp.store.write import NewRow
from tests import samples
from tests.portal.conftest import POLICY
from tests.portal.test_browser import LOOKS, Served, browser, look  # noqa: F401 -- a fixture
from tests.portal.visitor import letters, newest_link

LAW = "reason: {en: Tax law has invoices kept, zh-Hans: 税法要求保存发票}, basis: legal_obligation, purpose: service"
FAITH = "category: user.demographic.religious_belief"
CATALOGUE = samples.CATALOGUE_TEXT.replace(
    "type: decimal, sensitivity: none",
    f"type: decimal, sensitivity: none, hold: {{{LAW}, period: 10 years, since: placed_at}}",
).replace(FAITH, f"{FAITH}, retention: 90 days, when_outdated: ask")
ORDER = {"placed_at": "2026-03-02T10:00:00Z", "total": "12.50", "paid": True, "address": "1 First Street"}
WIDE = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = Served(tmp_path_factory.mktemp("leaving"))
    with create_platform(made.settings) as platform:
        initialise(platform, samples.catalogue(CATALOGUE), samples.policy(POLICY), principal=samples.TESTER)
        people = samples.add_people(platform, len(LOOKS))
        for each in people:
            samples.add(platform, [NewRow(ORDER, customer_id=each.customer_id)] * 3, "order")
        with platform._database.writing() as conn:
            conn.exec_driver_sql("UPDATE customer SET cdp__collected = 1700000000")
        run(platform, principal=samples.TESTER, today=datetime.now(UTC).date())
        app = create_app(platform)
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", ws="none", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [made.socket]})
        thread.start()
        made.platform, made.app = platform, app
        yield made
        server.should_exit = True
        thread.join()
        app.state.traffic.close()


def sign_in(page: Page, served: Served, address: str) -> None:
    before = len(letters(served.platform))
    page.goto(f"{served.origin}/portal/sign-in")
    page.fill("#address", address)
    page.click("main button")
    for _ in range(200):
        if len(letters(served.platform)) > before:
            break
        page.wait_for_timeout(50)
    page.goto(newest_link(served.platform))
    page.click("main button")


def seen(page: Page, name: str) -> None:
    look(page, name)
    assert "no-script" in name or page.evaluate(WIDE), f"{name} is wider than the screen"


def take_along(page: Page, served: Served, name: str, folder: Path) -> None:
    """Ask for the file, wait for it, fetch it, check it, and open the page in it."""
    page.goto(f"{served.origin}/portal/export")
    seen(page, f"{name}-export")
    page.locator("main form button").click()
    seen(page, f"{name}-export-made")
    served.app.state.chores.do()
    if "no-script" in name:
        page.locator("main .button").click()
    page.locator("form[action='/portal/export/file']").wait_for()
    seen(page, f"{name}-export-ready")
    with page.expect_download() as fetched:
        page.locator("main form button").click()
    path = folder / f"{name}.zip"
    fetched.value.save_as(path)
    verify_export(path, log=served.platform.keeper.verifier)
    page.goto(f"{served.origin}/portal/export")
    seen(page, f"{name}-export-gone")
    with ZipFile(path) as archive:
        archive.extractall(folder / name)
    page.goto((folder / name / "index.html").as_uri())
    seen(page, f"{name}-takeaway")


def renew(page: Page, served: Served, name: str) -> None:
    page.goto(f"{served.origin}/portal")
    seen(page, f"{name}-home-asked")
    page.goto(f"{served.origin}/portal/renew")
    seen(page, f"{name}-renew")
    page.locator("button[value='confirm']").first.click()
    seen(page, f"{name}-renewed")


def leave(page: Page, served: Served, name: str) -> None:
    page.goto(f"{served.origin}/portal/erase")
    seen(page, f"{name}-erase")
    page.fill("#word", "no")
    page.locator("main form button").click()
    seen(page, f"{name}-erase-not")
    page.fill("#word", "删除" if "zh" in LOOKS[name]["locale"] else "erase")
    page.locator("main form button").click()
    seen(page, f"{name}-erasing")
    served.app.state.chores.do()
    page.locator("main .button").click()
    seen(page, f"{name}-erased")
    with page.expect_download() as fetched:
        page.locator("main .button").click()
    assert fetched.value.suggested_filename == "erasure.zip"


@pytest.mark.parametrize("name", LOOKS)
def test_along_anew_and_away(browser: Browser, served: Served, tmp_path: Path, name: str) -> None:  # noqa: F811
    context = browser.new_context(**LOOKS[name], bypass_csp=False, accept_downloads=True)
    page, heard = context.new_page(), []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    sign_in(page, served, f"ann{list(LOOKS).index(name)}@example.org")
    take_along(page, served, name, tmp_path)
    renew(page, served, name)
    leave(page, served, name)
    assert [line for line in heard if "axe" not in line] == []
    context.close()
