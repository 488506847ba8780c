"""The editor in a real Chromium: numbers beside the lines, marks at the faults, names completed, nothing typed lost."""

import pytest
from playwright.sync_api import Browser

from tests.console.test_browser import browser, served, welcome
from tests.portal.test_browser import LOOKS, Served, look

__all__ = ["browser", "served"]  # fixtures


@pytest.mark.parametrize("name", ["desk"])
def test_lines_marks_and_names(browser: Browser, served: Served, name: str) -> None:
    context = browser.new_context(**LOOKS[name])
    page, heard = context.new_page(), []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    welcome(page, served, "editor")
    page.goto(f"{served.origin}/console/policy/new")
    field = page.locator("#policy-text")
    lines = field.input_value().count("\n") + 1
    assert page.locator(".numbers span").count() == lines
    assert page.locator(".numbers span").last.inner_text() == str(lines)

    typed = field.input_value().replace("clear: [full_name]", "clear: [full_name, ghost]", 1)
    field.fill(typed)
    page.click("button[value=check]")
    assert field.input_value() == typed
    fault = typed.split("\n").index("    clear: [full_name, ghost]") + 1
    assert page.locator(".numbers .bad").inner_text() == f"▸{fault}"
    page.locator(".faults a").first.click()
    chosen = "(field) => field.value.slice(field.selectionStart, field.selectionEnd)"
    assert field.evaluate(chosen) == "    clear: [full_name, ghost]"

    page.keyboard.type("    clear: [full_name, em")
    assert page.locator(".choices li").all_inner_texts() == ["email"]
    look(page, f"console-{name}-policy-completing")
    page.keyboard.press("Enter")
    page.keyboard.type("]")
    assert "    clear: [full_name, email]\n" in field.input_value()
    page.keyboard.press("Control+Space")
    assert page.locator(".choices li").count() > 5
    page.keyboard.press("Escape")
    assert page.locator(".choices li:visible").count() == 0
    page.keyboard.press("Tab")  # nobody is kept in the field
    assert page.evaluate("document.activeElement.id") == "why"
    page.click("button[value=check]")
    look(page, f"console-{name}-policy-checked")
    assert "▲ more The view care_desk shows email in full; now masked." in page.inner_text("main")
    assert [line for line in heard if "axe" not in line] == []
    context.close()
