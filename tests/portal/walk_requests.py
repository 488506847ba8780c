"""The part of the walk through the portal that asks for something: what is typed, what is wrong, what becomes of it."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

FORMS = ("objection", "question", "restriction", "human_review", "erasure")


def walk_requests(page: Page, origin: str, name: str, look: Callable[[Page, str], None], folder: Path) -> None:
    """Correct a field wrongly and rightly, ask a question, and look at each page on the way."""
    wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"

    def seen(what: str) -> None:
        look(page, f"{name}-{what}")
        assert "no-script" in name or page.evaluate(wide), f"{what} is wider than the screen"

    for kind in FORMS:
        page.goto(f"{origin}/portal/requests/new/{kind}")
        seen(f"ask-{kind}")
    page.goto(f"{origin}/portal/correct/loyalty")
    seen("correct-choice")
    page.goto(f"{origin}/portal/correct/income")
    page.fill("#value", "much")
    page.fill("#reason", "أكسب أكثر من ذلك 我现在挣得更多")
    page.click("main form button")
    assert page.input_value("#value") == "much"
    seen("correct-wrong")
    shown = folder / "pay slip.txt"
    shown.write_text("12,345", encoding="utf-8")
    page.fill("#value", "12345")
    page.set_input_files("#file", shown)
    page.click("main form button")
    assert "/portal/requests/" in page.url
    page.locator("main summary").first.click()
    seen("request")
    page.goto(f"{origin}/portal/requests")
    seen("requests")
    page.goto(f"{origin}/portal/data")
    assert page.locator('main a[href^="/portal/requests/"]').count() == 1
    page.locator('main a[href^="/portal/requests/"]').first.click()
    page.locator('main form[action$="/withdraw"] button').click()
    seen("request-withdrawn")
    page.goto(f"{origin}/portal/requests")
    seen("requests-answered")
