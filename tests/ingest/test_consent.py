"""Refusals that events carry: they only ever tighten, and what says nothing changes nothing."""

from typing import Any

import pytest

from cdp.bootstrap import Platform
from cdp.ingest.spool import Intake
from cdp.services.opt_out import allow
from tests import samples
from tests.ingest.sending import drain, identify, send, track

SILENT: list[dict[str, Any]] = [
    {}, {"consent": None}, {"consent": {}}, {"consent": {"categoryPreferences": {"ads": True, "other": False}}},
    {"consent": {"categoryPreferences": []}}, {"consent": {"categoryPreferences": {"other": True}}},
    {"consentManagement": {"allowedConsentIds": ["ads"], "deniedConsentIds": ["other", 7, None]}},
    {"consentManagement": {"deniedConsentIds": "ads"}}, {"gpp": "nonsense", "usp": 7, "tcf": ""},
]  # fmt: skip
REFUSING: list[dict[str, Any]] = [
    {"consent": {"categoryPreferences": {"ads": False}}}, {"consent": {"categoryPreferences": {"ads": None}}},
    {"consent": {"categoryPreferences": {}}},
    {"consentManagement": {"provider": "oneTrust", "deniedConsentIds": ["ads"]}}, {"gpp": "DBABLA~CAAVAAAAAACA.YA"},
    {"consent": {"usp": "1YYN"}},
]  # fmt: skip


def shared(platform: Platform) -> list[Any]:
    return [row[1] for row in samples.rows_of(platform, "acme_share")]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("context", SILENT)
def test_what_says_nothing_changes_nothing(
    platform: Platform, intake: Intake, write_key: str, context: dict[str, Any]
) -> None:
    send(intake, write_key, identify(1, fullName="Ann"), identify(2) | {"context": context})
    drain(platform)
    assert shared(platform) == ["Ann"]
    send(intake, write_key, identify(3) | {"context": REFUSING[0]})
    send(intake, write_key, identify(4) | {"context": context})
    drain(platform)
    assert shared(platform) == [None]


@pytest.mark.parametrize("context", REFUSING)
def test_a_refusal_is_heard(platform: Platform, intake: Intake, write_key: str, context: dict[str, Any]) -> None:
    send(intake, write_key, identify(1, fullName="Ann"), track(number=2, context=context))
    drain(platform)
    assert shared(platform) == [None]


def test_only_her_own_word_takes_it_back_and_an_old_event_does_not_undo_that(
    platform: Platform, intake: Intake, write_key: str
) -> None:
    send(intake, write_key, identify(1, fullName="Ann") | {"context": REFUSING[0]})
    drain(platform)
    [row] = samples.rows_of(platform, "care_desk")
    allow(platform, row[0], "third_party_disclosure", principal=samples.TESTER, word="by phone")
    assert shared(platform) == ["Ann"]
    send(intake, write_key, identify(2) | {"context": REFUSING[0]})  # it is from before she said so
    drain(platform)
    assert shared(platform) == ["Ann"]
