"""The browser's own signal, finer choices and merges, as the page has them."""

import pytest

from cdp.bootstrap import Platform
from cdp.services.identity.merge import merge_customers
from cdp.services.opt_out import refuse
from consent.choices import PROFILE
from tests import samples
from tests.api.calling import Answer
from tests.portal.visitor import Visitor, text, token

CHOICES = "/portal/choices"
TOLD = "Your browser asks by Global Privacy Control that your data is not passed on."


def look(visitor: Visitor, gpc: str = "1", page: str = CHOICES) -> Answer:
    return visitor._call("GET", page, {"sec-gpc": gpc})


def history(platform: Platform) -> list[tuple[str, str, str]]:
    with platform._database.reading() as conn:
        rows = conn.exec_driver_sql(
            "SELECT choice, state, source FROM cdp_consent_event ORDER BY effective_at, received_at"
        )
        return [tuple(row) for row in rows]


def test_the_signal_is_recorded_once_and_shown_as_honoured(ann: Visitor, platform: Platform) -> None:
    look(ann, page="/portal")
    shown = text(look(ann))
    assert f"{TOLD} We honour that: it is refused." in shown
    assert "a signal of your browser (Global Privacy Control)" in shown
    assert history(platform) == [("third_party_disclosure", "refused", "signal")]
    later = text(ann.get(CHOICES))
    assert TOLD not in later
    assert "Passing your data on to others refused" in later, "that it is absent clears nothing"


def test_her_own_later_decision_counts_though_the_browser_goes_on(ann: Visitor, platform: Platform) -> None:
    form = {"form_token": token(look(ann)), "opt_out": "third_party_disclosure", "state": "allowed"}
    ann.post(CHOICES, form, sec_gpc="1")
    assert f"{TOLD} You have allowed it here since; your own decision counts." in text(look(ann))
    assert [each[1:] for each in history(platform)] == [("refused", "signal"), ("allowed", "portal")]


@pytest.mark.parametrize("value", ["0", "", "true", "1, 1", "01"])
def test_only_one_is_the_signal(ann: Visitor, platform: Platform, value: str) -> None:
    assert TOLD not in text(look(ann, value))
    assert history(platform) == []


def test_nobody_signed_in_is_bound_to_nobody(visitor: Visitor, platform: Platform) -> None:
    assert look(visitor).status == 303
    assert history(platform) == []


def test_finer_choices_are_in_words_and_can_be_taken_back(ann: Visitor, platform: Platform) -> None:
    refuse(platform, "email:ann0@example.org", "direct_marketing/sms@service", principal=samples.TESTER)
    shown = text(ann.get(CHOICES))
    assert shown.count("Advertising sent to you, by text message, for the purpose Service") >= 2
    [(choice, _, _)] = history(platform)
    assert ann.press(CHOICES, CHOICES, opt_out=choice, state="allowed").status == 303
    assert "Parts that you refuse" not in text(ann.get(CHOICES))
    ann.language = "zh-CN"
    assert "通过短信" in text(ann.get(CHOICES))


def test_a_merge_is_in_words(ann: Visitor, platform: Platform) -> None:
    ids = ("email:ann0@example.org", "email:ann1@example.org")
    merge_customers(platform, *ids, principal=samples.TESTER, reason="one person")
    shown = text(ann.get(CHOICES))
    assert "Another record of yours : put together with this one" in shown
    assert PROFILE.strip("_").capitalize() not in shown
