"""The proof in the page, in a real Chromium: a true bundle holds, a tampered one does not, and the page says what not.

Each forgery is also held to `audit.verify`: what the browser refuses, the verifier refuses, and the other way round.
"""

import io
import json
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Route

from audit.bundle import NotVerified
from audit.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from audit.entries import Principal
from audit.note import NoteError, SignerKey, parse_note
from audit.verify.check import verify_bundle
from cdp.services.read import read_view
from tests.portal.test_browser import Served, browser, look, served, sign_in
from views.request import ViewRequest

__all__ = ["browser", "served"]
OFFICER = Principal("os:officer", "privacy_officer")
UNKNOWN = "SubtleCrypto.prototype.importKey = () => Promise.reject(new DOMException('', 'NotSupportedError'))"
CHECK = "/portal/accesses/check"
BUNDLE = "**/portal/accesses/bundle"


def swapped(old: bytes, new: bytes, *, last: bool = False) -> Callable[[bytes], bytes]:
    def forged(data: bytes) -> bytes:
        assert old in data
        return new.join(data.rsplit(old, 1)) if last else data.replace(old, new, 1)

    return forged


def without_an_entry(data: bytes) -> bytes:
    return re.sub(rb"entry [^\n]*\npath [^\n]*\n(alone [^\n]*\n)?(reason [^\n]*\n)?", b"", data, count=1)


def twice(data: bytes) -> bytes:
    found = re.search(rb"entry [^\n]*\npath [^\n]*\n", data)
    assert found is not None
    return data[: found.end()] + found[0] + data[found.end() :]


def under_another_key(data: bytes) -> bytes:
    other = SignerKey(key_of(data).partition("+")[0], b"x" * 32).verifier.format()
    return re.sub(rb'\nkey "[^"]*"', b'\nkey "' + other.encode() + b'"', data, count=1)


def with_another_root(data: bytes) -> bytes:
    """A statement of more than there is, as whoever has not the key would have to make it."""
    found = re.search(rb'\ncheckpoint ("[^\n]*")', data)
    assert found is not None
    note = json.loads(found[1])
    size = note.split("\n")[1]
    forged = json.dumps(note.replace(f"\n{size}\n", f"\n{int(size) + 1}\n", 1), ensure_ascii=False)
    return data.replace(found[1], forged.encode(), 1)


def key_of(data: bytes) -> str:
    found = re.search(rb'\nkey "([^"]*)"', data)
    assert found is not None
    return found[1].decode()


FORGERIES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "an act": (swapped(b'"act":"read"', b'"act":"look"'), "entries"),
    "a path": (lambda data: re.sub(rb'path \{"hashes":\["..', b'path {"hashes":["AA', data, count=1), "entries"),
    "a number": (lambda data: re.sub(rb'"number":\d+\}', b'"number":0}', data, count=1), "entries"),
    "twice": (twice, "entries"),
    "one left out": (without_an_entry, "seal"),
    "for one, another": (lambda data: re.sub(rb'"member":\d+', b'"member":77', data, count=1), "alone"),
    "a reason": (swapped(b"looks after her", b"looks after him"), "reason"),
    "a size": (with_another_root, "signed"),
    "a key": (under_another_key, "signed"),
    "a time": (swapped(b'"made_at":"2', b'"made_at":"3'), "seal"),
    "a seal": (swapped(b"sha256 ", b"sha256 0", last=True), "seal"),
    "more": (lambda data: data + b"more", "seal"),
    "less": (lambda data: data[:-200], "file"),
    "spelled otherwise": (swapped(b'scope {"about"', b'scope { "about"'), "file"),
    "nothing": (lambda _data: b"", "file"),
}


@pytest.fixture(scope="module")
def looked_at(served: Served) -> None:
    """She was looked at alone, with a reason."""
    for number in range(6):
        request = ViewRequest("privacy_office", "privacy_officer", limit=1, offset=number, reason="looks after her")
        list(read_view(served.platform, request, principal=OFFICER).chunks)


@pytest.fixture(scope="module")
def page(browser: Browser, served: Served, looked_at: None) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB")
    made = context.new_page()
    made.heard = []
    made.on("console", lambda message: made.heard.append(message.text))
    sign_in(made, served, "verify")
    yield made
    context.close()


def checked(page: Page, served: Served) -> None:
    page.goto(served.origin + CHECK)
    page.click("[data-start]")
    page.wait_for_selector("[data-say=holds]:visible, [data-say^=broken-]:visible, [data-say=fallback]:visible")


def test_a_true_bundle_holds_and_the_page_says_what_that_means(page: Page, served: Served) -> None:
    checked(page, served)
    said = page.inner_text("[data-say=holds]")
    assert "It holds." in said
    assert int(page.inner_text("[data-say=holds] [data-value=entries]")) > 3
    assert int(page.inner_text("[data-say=reasons] [data-value=reasons]")) >= 1
    assert "This is the first time in this browser." in said
    assert served.platform.keeper.verifier.format() in page.inner_text("[data-say=not]")
    look(page, "desk-portal-accesses-check-holds")
    checked(page, served)
    assert "It also agrees with what it told this browser the last time." in page.inner_text("[data-say=holds]")
    assert [line for line in page.heard if "axe" not in line] == []


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_refused_where_it_is_one(page: Page, served: Served, name: str) -> None:
    forge, step = FORGERIES[name]
    sent: list[bytes] = []

    def altered(route: Route) -> None:
        answer = route.fetch()
        sent.append(forge(answer.body()))
        route.fulfill(status=200, body=sent[-1], content_type="application/octet-stream")

    page.route(BUNDLE, altered)
    try:
        checked(page, served)
    finally:
        page.unroute(BUNDLE)
    assert page.is_visible(f"[data-say=broken-{step}]"), page.inner_text("main")
    assert page.is_visible("[data-say=broken]")
    assert not page.is_visible("[data-say=holds]")
    with pytest.raises((NotVerified, NoteError)):
        verify_bundle(io.BytesIO(sent[-1]))


@pytest.mark.parametrize("ahead", [0, 1_000], ids=["forked", "cut"])
def test_what_the_browser_remembers_holds_the_log_to_it(page: Page, served: Served, ahead: int) -> None:
    """A checkpoint that the log's own key signed, and that the log does not agree with any more."""
    platform = served.platform
    checked(page, served)
    note = json.loads(page.evaluate("localStorage.getItem('cdp-log')"))["note"]
    now = parse_checkpoint(parse_note(note.encode())[0])
    signer = SignerKey(now.origin, platform.vault.platform_key("log"))
    other = sign_checkpoint(Checkpoint(now.origin, now.size + ahead, b"\1" * 32), signer).decode()
    said = json.dumps({"vkey": signer.verifier.format(), "note": other})
    page.evaluate("said => localStorage.setItem('cdp-log', said)", said)
    checked(page, served)
    assert page.is_visible("[data-say=broken-history]"), page.inner_text("main")
    page.evaluate("localStorage.clear()")


def test_another_key_than_the_last_time_is_seen(page: Page, served: Served) -> None:
    checked(page, served)
    other = SignerKey("elsewhere", b"y" * 32)
    note = sign_checkpoint(Checkpoint("elsewhere", 1, b"\1" * 32), other).decode()
    said = json.dumps({"vkey": other.verifier.format(), "note": note})
    page.evaluate("said => localStorage.setItem('cdp-log', said)", said)
    checked(page, served)
    assert page.is_visible("[data-say=broken-key]"), page.inner_text("main")
    page.evaluate("localStorage.clear()")


def test_a_browser_without_the_signatures_says_how_else(page: Page, served: Served) -> None:
    page.add_init_script(
        "SubtleCrypto.prototype.importKey = () => Promise.reject(new DOMException('', 'NotSupportedError'))"
    )
    checked(page, served)
    assert page.is_visible("[data-say=fallback]")
    assert "python -m audit.verify" in page.inner_text("main")
