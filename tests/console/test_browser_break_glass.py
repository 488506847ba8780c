"""Break-glass and see-as in a real Chromium: every page, for whoever asks and whoever decides, in both languages.

As `tests.console.test_browser`, with a policy that declares it.
"""

import threading
from collections.abc import Iterator

import pyotp
import pytest
import uvicorn
from playwright.sync_api import Browser, Page

from cdp.asgi import create_app
from cdp.bootstrap import Platform, create_platform
from cdp.services.breakglass.decide import end, grant
from cdp.services.breakglass.delay import Delay
from cdp.services.breakglass.review import review
from cdp.services.publish import initialise
from cdp.services.requests.officer import Officer
from cdp.services.staff.invite import add_staff
from cdp.store.records import Stored
from tests import samples
from tests.breakglass.conftest import POLICY, Desk, as_officer, later
from tests.console.conftest import PASSWORD
from tests.portal.test_browser import LOOKS, Served, browser, look

__all__ = ["browser"]  # a fixture

HOME = "/console/break-glass"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = Served(tmp_path_factory.mktemp("break-glass"))
    with create_platform(made.settings) as platform, platform.keeper.running():
        initialise(platform, samples.catalogue(), samples.policy(POLICY), principal=samples.TESTER)
        people = samples.add_people(platform, 3)
        app = create_app(platform)
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", ws="none", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [made.socket]})
        thread.start()
        made.platform, made.pages = platform, pages(platform, people)
        yield made
        server.should_exit = True
        thread.join()
        app.state.traffic.close()


def pages(platform: Platform, people: list[Stored]) -> dict[str, str]:
    """One that waits for a second person, one that waits for its review, and one that was reviewed and is not told."""
    desk = Desk(platform, people)
    found = {
        "asked": desk.ask(), "used": desk.granted(), "reviewed": desk.granted(delay=Delay(later(days=2), "§ 12 BKAG"))
    }  # fmt: skip
    for name in ("used", "reviewed"):
        desk.read(found[name])
        end(platform, found[name], officer=as_officer(desk.sue))
    officer, revision = as_officer(desk.iris), desk.of(found["reviewed"]).revision
    review(platform, found["reviewed"], "not_justified", "a call would do", officer=officer, revision=revision)
    lists = {"list": HOME, "none": f"{HOME}?show=running"}
    return {name: f"{HOME}/{grant_id}" for name, grant_id in found.items()} | lists


def enter(page: Page, served: Served, name: str, role: str) -> None:
    address = f"{name}@corp.example"
    invited = add_staff(served.platform, name, role=role, address=address, principal=samples.TESTER)
    page.goto(f"{served.origin}/console/welcome?link={invited.secret}")
    page.fill("#password", PASSWORD)
    page.fill("#code", pyotp.TOTP(page.locator(".key").inner_text().replace(" ", "")).now())
    page.click("main form button")
    page.click("main a.button")


@pytest.mark.parametrize("name", ["desk", "phone"])
def test_a_walk_through_every_page_of_it(browser: Browser, served: Served, name: str) -> None:
    context = browser.new_context(**LOOKS[name], bypass_csp=False)
    page, heard = context.new_page(), []
    page.on("console", lambda message: heard.append(message.text))
    wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    enter(page, served, f"ida-{name}", "privacy_officer")
    for called, address in served.pages.items():
        page.goto(served.origin + address)
        for folded in page.locator("main aside summary:visible").all():
            folded.click()
        look(page, f"glass-{name}-{called}")
        assert page.evaluate(wide), f"{address} is wider than the screen"
    page.goto(f"{served.origin}/console/see-as")
    look(page, f"glass-{name}-see-as")
    page.fill("#customer", "email:ann0@example.org")
    page.fill("#reason", "she asks what the newsletter gets")
    page.click(".filters button")
    look(page, f"glass-{name}-seen-as")
    assert page.evaluate(wide)
    page.locator(".who button").first.click()
    enter(page, served, f"sol-{name}", "support")
    page.goto(served.origin + HOME)
    look(page, f"glass-{name}-ask")
    page.fill("#customers", "email:ann0@example.org")
    page.fill("#reason", "she was taken to hospital and cannot speak")
    page.click("form:has(#customers) button")
    look(page, f"glass-{name}-just-asked")
    grant(served.platform, page.url.partition("?")[0].rpartition("/")[2], officer=Officer(samples.TESTER), revision=1)
    page.reload()
    look(page, f"glass-{name}-granted")
    page.click("main .card button.danger")
    assert "ann0@example.org" in page.inner_text("main")
    look(page, f"glass-{name}-read")
    assert page.evaluate(wide)
    page.click("main > form button")
    assert [line for line in heard if "axe" not in line] == []
    context.close()
