"""Her choices: parts of an opt-out set and taken back, each named with what it changes, and receipts of all of it."""

import json

import pytest

from cdp.bootstrap import Platform
from cdp.services.apps.register import register_app
from cdp.services.receipts.issue import receipts_key
from cdp.services.receipts.verify import verify_receipt
from tests import samples
from tests.portal.visitor import Visitor, text, token

CHOICES = "/portal/choices"
RECEIPT = "/portal/choices/receipt"


def history(platform: Platform) -> list[tuple[str, str]]:
    with platform._database.reading() as conn:
        rows = conn.exec_driver_sql("SELECT choice, state FROM cdp_consent_event ORDER BY received_at, event_id")
        return [tuple(row) for row in rows]


def test_a_part_is_refused_by_its_channel_said_so_and_undone(ann: Visitor, platform: Platform) -> None:
    answer = ann.press(CHOICES, CHOICES, opt_out="direct_marketing", channel="sms", purpose="", state="refused")
    assert history(platform) == [("direct_marketing/sms", "refused")]
    done = text(ann.get(answer.header("location") or ""))
    assert "From now on this is refused: Advertising sent to you, by text message" in done
    assert "We cannot tell this part from the rest yet, so all of it is stopped." in done
    answer = ann.press(CHOICES, CHOICES, opt_out="direct_marketing/sms", state="allowed")
    assert "This is allowed again: Advertising sent to you, by text message" in text(
        ann.get(answer.header("location") or "")
    )
    assert [state for _, state in history(platform)] == ["refused", "allowed"]
    assert "Parts that you refuse" not in text(ann.get(CHOICES))


@pytest.mark.parametrize(
    "form",
    [
        {"opt_out": "direct_marketing", "channel": "pigeon"},
        {"opt_out": "direct_marketing", "purpose": "nothing_of_the_kind"},
        {"opt_out": "direct_marketing/sms", "channel": "email"},
        {"opt_out": "", "channel": "email"},
        {"opt_out": "_profile"},
    ],
    ids=str,
)
def test_a_part_that_there_is_not_is_refused(ann: Visitor, platform: Platform, form: dict[str, str]) -> None:
    assert ann.press(CHOICES, CHOICES, state="refused", **form).status == 400
    assert history(platform) == []


@pytest.mark.parametrize("done", ["x", "direct_marketing%3Cscript%3E", "_profile", "direct_marketing/sms"])
def test_an_address_cannot_say_what_she_has_not_done(ann: Visitor, done: str) -> None:
    assert "Done." not in text(ann.get(f"{CHOICES}?done={done}"))


def test_apps_are_named_with_the_views_that_a_choice_changes(ann: Visitor, platform: Platform) -> None:
    register_app(platform, "mailer", ["newsletter"], principal=samples.TESTER)
    assert "Newsletter : Direct marketing (Newsletter app; program: mailer)" in text(ann.get(CHOICES))


def test_a_receipt_is_shown_and_saved_and_holds(ann: Visitor, platform: Platform) -> None:
    ann.press(CHOICES, CHOICES, opt_out="third_party_disclosure", state="refused")
    page = ann.get(RECEIPT)
    shown = text(page)
    assert "Passing your data on to others refused Why Disclosure passed on to Acme" in shown
    answer = ann.post(RECEIPT, {"form_token": token(page)})
    assert answer.header("content-type") == "application/ld+json"
    assert (answer.header("content-disposition") or "").startswith('attachment; filename="receipt-')
    verified = verify_receipt(answer.body, key=receipts_key(platform), log=platform.keeper.verifier)
    assert verified.steps
    said = json.loads(answer.body)
    assert [each["choice"] for each in said["event"]] == ["third_party_disclosure"]
    ann.language = "zh-CN"
    assert "您的选择回执" in text(ann.get(RECEIPT))


def test_a_receipt_is_not_handed_out_by_a_form_from_elsewhere(ann: Visitor) -> None:
    assert ann.post(RECEIPT, {"form_token": "0" * 64}).status == 403
