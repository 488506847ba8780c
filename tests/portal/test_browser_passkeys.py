"""Passkeys in a real Chromium with its virtual authenticator: added, used to sign in, used to prove anew who she is."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.portal.test_browser import LOOKS, Served, browser, look, served, sign_in
from tests.portal.test_step_up import make_stale

__all__ = ["browser", "served"]  # fixtures

AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture
def page(browser: Browser, served: Served) -> Iterator[Page]:
    context = browser.new_context(**LOOKS["phone-dark"])
    made, heard = context.new_page(), []
    made.on("console", lambda message: heard.append(message.text))
    made.on("pageerror", lambda error: heard.append(str(error)))
    yield made
    assert [line for line in heard if "axe" not in line and "403" not in line] == []
    context.close()


def authenticator(page: Page) -> tuple[CDPSession, str]:
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    return devices, devices.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})["authenticatorId"]


def test_added_and_used(page: Page, served: Served) -> None:
    devices, name = authenticator(page)
    sign_in(page, served, "passkey")
    page.goto(f"{served.origin}/portal/passkeys")
    look(page, "passkey-none")
    page.click("main a.button")
    look(page, "passkey-add")
    page.fill("#name", "Ann's phone")
    page.click("main form button")
    page.wait_for_url("**/portal/passkeys?done=added")
    look(page, "passkey-added")
    expect(page.locator("main h2")).to_have_text("Ann's phone")

    page.locator(".foot button").first.click()
    expect(page.locator("[data-passkey=possible]")).to_be_visible()
    look(page, "passkey-sign-in")
    page.click("[data-passkey=enter] button")
    page.wait_for_url(f"{served.origin}/portal")

    make_stale(served.platform)
    page.goto(f"{served.origin}/portal/passkeys/add")
    expect(page).to_have_url(re.compile("/portal/prove"))
    look(page, "passkey-prove")
    page.click("[data-passkey=enter] button")
    page.wait_for_url("**/portal/passkeys/add")

    page.fill("#name", "the same again")
    page.click("main form button")
    expect(page.locator("[data-passkey=failed]")).to_be_visible()
    look(page, "passkey-failed")

    devices.send("WebAuthn.setUserVerified", {"authenticatorId": name, "isUserVerified": False})
    page.locator(".foot button").first.click()
    page.click("[data-passkey=enter] button")
    expect(page.locator("[data-passkey=failed]")).to_be_visible()


def test_one_that_was_removed_here_does_not_open(page: Page, served: Served) -> None:
    authenticator(page)
    with served.platform._database.writing() as conn:
        conn.exec_driver_sql("DELETE FROM cdp_sign_in_link")
    sign_in(page, served, "passkey-removed")
    page.goto(f"{served.origin}/portal/passkeys/add")
    page.click("main form button")
    page.wait_for_url("**/portal/passkeys?done=added")
    page.locator("main section").first.locator("summary").click()
    page.locator("main section").first.locator("button.danger").click()
    page.wait_for_url("**/portal/passkeys?done=removed")
    page.locator(".foot button").first.click()
    page.click("[data-passkey=enter] button")
    expect(page.locator("h1")).to_have_text("This passkey does not open your data")
    look(page, "passkey-refused")
