"""The console in a real Chromium: from the one-time link to every page, both languages, desk and phone, light and dark.

As `tests.portal.test_browser`: axe-core finds no violation, and the Content Security Policy reports nothing.
"""

import re
import threading
from collections.abc import Iterator

import pyotp
import pytest
import uvicorn
from playwright.sync_api import Browser, Page

from audit.entries import Entry, Principal
from cdp.asgi import create_app
from cdp.bootstrap import Platform, create_platform
from cdp.events.undeclared import FILES, Name, note_names
from cdp.ingest.sources import add_source
from cdp.services.opt_out import refuse
from cdp.services.proposals.catalogues import CATALOGUES
from cdp.services.proposals.deciding import ask_second
from cdp.services.proposals.drafting import begin_draft
from cdp.services.proposals.policies import POLICIES
from cdp.services.publish import initialise
from cdp.services.recipients.agree import agree
from cdp.services.staff.invite import add_staff
from cdp.services.statements.draft import save_draft
from cdp.services.statements.publish import publish_statement
from cdp.services.statements.written import fields_of
from cdp.terms import DIRECT_MARKETING
from tests import samples
from tests.api.apps import register
from tests.console.conftest import PASSWORD
from tests.console.test_recipients import TERMS
from tests.console.walk_queues import walk_queues
from tests.portal.test_browser import LOOKS, Served, browser, look
from tests.statements import statement

__all__ = ["browser"]  # a fixture

PAGES = (
    "/console", "/console/reports", "/console/staff", "/console/staff?name=iris-{look}", "/console/account",
    "/console/apps", "/console/apps?app={app}", "/console/apps/new", "/console/apps/sources",
    "/console/apps/sources?source=web", "/console/recipients", "/console/recipients?name=acme&new=yes",
    "/console/confirm", "/console/canaries",
    "/console/who-sees", "/console/who-sees?show=app&tag=sensitive",
    "/console/who-sees?one=role:agent&other=app:shop&reader=app:shop&field=email",
    "/console/policy", "/console/policy/versions/1", "/console/policy/changes", "/console/policy/new",
    "/console/policy/proposals", "/console/policy/proposals/1", "/console/policy/proposals/1/replay",
    "/console/policy/proposals/2", "/console/policy/new?proposal=2",
    "/console/who-sees?reader=role:agent&field=email#here",
    "/console/statement", "/console/statement/draft", "/console/statement/edit", "/console/statement/changes?new=2",
    "/console/log", "/console/log?what=refusal&who=nobody", "/console/log/1", "/console/log/unusual",
    "/console/log/verify", "/console/log/person", "/console/log/person/{customer}", "/console/consent",
    "/console/consent?period=day",
    "/console/catalogue", "/console/catalogue?field=email", "/console/catalogue/edit?field=postcode",
    "/console/catalogue/proposals", "/console/catalogue/proposals/3", "/console/unclassified",
)  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = Served(tmp_path_factory.mktemp("console"))
    with create_platform(made.settings) as platform, platform.keeper.running():
        initialise(platform, samples.catalogue(), samples.policy(), principal=samples.TESTER)
        made.people = [each.customer_id for each in samples.add_people(platform, 14)]
        propose(platform)
        publish_statement(platform, statement("1"), principal=samples.TESTER)
        publish_statement(platform, statement("2", "We keep nothing."), principal=samples.TESTER)
        fields = fields_of(statement("3", "We keep a little.", access="recipients: [acme, zenith]"))
        fields |= {"summary.zh-Hans": "我们保存一点。", "control.named": "direct_marketing\nghosts"}
        save_draft(platform, fields, revision="", base=2, principal=samples.TESTER)
        made.app = register(platform, "shop", "newsletter").app.client_id
        add_source(platform, "web", principal=samples.TESTER)
        agree(platform, TERMS, principal=samples.TESTER)
        for each in made.people[:12]:
            refuse(platform, each, DIRECT_MARKETING, principal=samples.TESTER)
        samples.rows_of(platform, "privacy_office")
        for _ in range(25):  # so that something stands out
            platform.door.note(Entry("refusal", "read", Principal("app:shop"), None, {"code": "not_permitted"}))
        text = samples.CATALOGUE_TEXT.replace("keep: 2", "keep: 3").replace(
            "      paid:      {type: boolean, ", "      paid: {type: text, "
        )
        begin_draft(platform, CATALOGUES, text, base=1, why="For the map.", principal=samples.TESTER)
        with platform._database.writing() as conn:
            names = {
                Name("customer", "Second Mail"): 1200,
                Name("customer", "shoe size"): 3,
                Name("ghost", "x" * 90): 1,
            }
            note_names(conn, platform.vault, FILES, names, {Name("customer", "Second Mail"): {"email": 100}})
        app = create_app(platform)
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", ws="none", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [made.socket]})
        thread.start()
        made.platform = platform
        yield made
        server.should_exit = True
        thread.join()
        app.state.traffic.close()


def propose(platform: Platform) -> None:
    """One proposal that waits and would change something for reads that were made, and one with faults."""
    samples.rows_of(platform, "care_desk")
    wider = samples.POLICY_TEXT.replace("clear: [full_name]}", "clear: [full_name, email]}").replace("k: 5", "k: 6")
    omar = Principal("staff:omar", "privacy_officer")
    made = begin_draft(platform, POLICIES, wider, base=1, why="Care answers by e-mail.", principal=omar)
    ask_second(platform, POLICIES, made.number, seen=made.digest, principal=omar)
    begin_draft(platform, POLICIES, wider.replace("[agent]", "[agnet]"), base=1, why="", principal=omar)


def welcome(page: Page, served: Served, name: str) -> str:
    """Through the link; the key of the authenticator."""
    account = f"iris-{name}"
    invited = add_staff(
        served.platform, account, role="privacy_officer", address=f"{account}@corp.example", principal=samples.TESTER
    )
    page.goto(f"{served.origin}/console/welcome?link={invited.secret}")
    look(page, f"console-{name}-welcome")
    secret = page.locator(".key").inner_text().replace(" ", "")
    page.fill("#password", PASSWORD)
    page.fill("#code", pyotp.TOTP(secret).now())
    page.click("main form button")
    look(page, f"console-{name}-recovery")
    code = page.locator(".codes .key").first.inner_text()
    page.click("main a.button")
    assert page.url == f"{served.origin}/console"
    return code


@pytest.mark.parametrize("name", LOOKS)
def test_a_walk_through_every_page(browser: Browser, served: Served, name: str) -> None:
    context = browser.new_context(**LOOKS[name], bypass_csp=False)
    page, heard = context.new_page(), []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    code = welcome(page, served, name)
    known = {"look": name, "app": served.app, "customer": served.people[0]}
    for address in (each.format(**known) for each in PAGES):
        page.goto(served.origin + address)
        look(page, f"console-{name}" + re.sub(r"\W+", "-", address))
        wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        assert "no-script" in name or page.evaluate(wide), f"{address} is wider than the screen"
    walk_queues(page, served.origin, served.platform, name, look)
    page.locator(".who button").first.click()
    assert page.url == f"{served.origin}/console/sign-in"
    look(page, f"console-{name}-sign-in")
    page.fill("#name", f"iris-{name}")
    page.fill("#password", PASSWORD)
    page.fill("#code", code)
    page.locator("main form button").first.click()
    assert page.url == f"{served.origin}/console"
    assert [line for line in heard if "axe" not in line and "status of 409" not in line] == []
    context.close()


def test_keys_go_where_they_say_and_can_be_turned_off(browser: Browser, served: Served) -> None:
    page = browser.new_page()
    welcome(page, served, "keys")
    page.keyboard.press("/")
    page.wait_for_url("**/console/log")
    page.keyboard.press("/")
    page.keyboard.type("a/?gt")
    assert (page.input_value("#who"), page.locator("#keys").is_visible()) == ("a/?gt", False)
    page.locator("h1").click()
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.wait_for_url("**/console")
    page.keyboard.press("?")
    look(page, "console-keys")
    page.locator("#keys input").uncheck()
    page.keyboard.press("Escape")
    page.locator("#keys").wait_for(state="hidden")
    page.keyboard.press("?")
    assert not page.locator("#keys").is_visible()
    page.locator("#keys-open").click()
    assert page.locator("#keys").is_visible()
    page.context.close()
