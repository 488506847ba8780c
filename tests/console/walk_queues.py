"""The part of the walk through the console that decides: a request with its letter, a correction, an identity link."""

from collections.abc import Callable

from playwright.sync_api import Page

from audit.entries import HERSELF, Principal
from cdp.bootstrap import Platform
from cdp.services.corrections.propose import Proposal, Proposed, propose
from cdp.services.requests.file import Filing, file_request
from cdp.services.requests.officer import Officer
from cdp.services.requests.states import Kind
from cdp.services.requests.steps import pause
from cdp.store.write import NewRow
from tests import samples
from tests.console.test_links import claim
from tests.console.test_requests import POLYGLOTS

DESK = Principal("os:desk")
ODD = " ".join(POLYGLOTS)
LONG = "Wolfeschlegelsteinhausenbergerdorff" * 4


def prepare(platform: Platform, name: str) -> tuple[str, str, str]:
    """Somebody of this walk who asks for something, says what is wrong, and may be somebody else."""
    ann, _ = samples.add(
        platform, [NewRow({**samples.person(7), "email": f"{who}.{name}@example.org"}) for who in ("ann", "ben")]
    )
    asked = file_request(platform, ann.customer_id, Filing(Kind.ACCESS, f"{ODD} {LONG}"), principal=HERSELF)
    fields = [Proposed("full_name", f"{ODD} {LONG}"), Proposed("loyalty", "none")]
    wrong = propose(platform, ann.customer_id, Proposal(fields, ODD), principal=DESK)
    return asked, wrong, claim(platform, ann, f"ben.{name}@example.org", ODD)


def walk_queues(page: Page, origin: str, platform: Platform, name: str, look: Callable[[Page, str], None]) -> None:
    """Decide one of each, and look at each page on the way; somebody else is quicker once."""
    asked, wrong, link = prepare(platform, name)
    wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"

    def seen(what: str) -> None:
        look(page, f"console-{name}-{what}")
        assert "no-script" in name or page.evaluate(wide), f"{what} is wider than the screen"

    page.goto(f"{origin}/console/requests")
    seen("requests")
    page.goto(f"{origin}/console/requests?late=yes")
    seen("requests-none")
    page.goto(f"{origin}/console/requests/{asked}")
    seen("request")
    page.check('input[value="refuse"]')
    page.fill("#reason", f"{ODD} 没有这些数据")
    page.click('form[action$="/letter"] button')
    seen("letter")
    pause(platform, asked, officer=Officer(DESK), reason="who are you")
    page.click("main form button")
    assert ODD in page.input_value("#letter"), "somebody else was quicker, and nothing that was typed is lost"
    seen("letter-stale")
    page.click("main form button")
    page.locator("main summary").first.click()
    seen("request-refused")
    page.goto(f"{origin}/console/corrections")
    seen("corrections")
    page.goto(f"{origin}/console/corrections/safe")
    seen("safe")
    page.locator("main input[type=checkbox]").first.check()
    page.click("main form button")
    seen("safe-asked")
    page.click("main form button")
    seen("safe-done")
    page.goto(f"{origin}/console/corrections/{wrong}")
    assert ODD.split()[0] in page.locator("main").inner_text()
    page.locator('main button[value="reject"]').first.click()
    seen("correction-needs-why")
    page.fill("main textarea", "we would like to see a paper")
    page.locator('main button[value="reject"]').first.click()
    seen("correction")
    page.goto(f"{origin}/console/links")
    seen("links")
    page.goto(f"{origin}/console/links/{link}")
    seen("link")
    page.fill("#reason", "she rang up")
    page.locator('main button[value="confirm"]').click()
    seen("links-done")
    page.goto(f"{origin}/console/links/joined")
    page.locator("main summary").first.click()
    seen("joined")
