"""What events hold lies nowhere in the clear: waiting, in the quarantine, in profiles (invariant 5)."""

import logging
from pathlib import Path

import pytest

from cdp.bootstrap import Platform
from cdp.errors import CdpError
from cdp.ingest.quarantine import look_into
from cdp.ingest.spool import Intake
from cdp.ingest.undeclared import list_names
from tests import samples
from tests.ingest.sending import batch, drain, of, send
from tests.support.canary import canary, dump, seen

WORDS = [canary() for _ in range(16)]


def events() -> list[object]:
    """Events with a canary wherever something may stand, well-formed and not."""
    w = iter(WORDS)
    return [
        {"type": "identify", "userId": next(w), "messageId": next(w),
         "traits": {"fullName": next(w), next(w): next(w)}},
        {"type": "track", "event": "Order Completed", "anonymousId": next(w), "properties": {"ship_to": next(w)}},
        {"type": "track", "event": next(w), "userId": "u", "properties": {next(w): next(w)}},
        {"type": "page", "userId": "u", "name": next(w), "context": {"page": {"url": next(w)}, next(w): 1}},
        {"type": next(w), "userId": next(w)},
        next(w),
    ]  # fmt: skip


def places(tmp_path: Path, database_url: str, keys_url: str, request: pytest.FixtureRequest) -> list[bytes]:
    found = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    if database_url.startswith("postgresql"):
        server = request.getfixturevalue("postgres_server")
        found += [dump(database_url, server), dump(keys_url, server)]
    return found


def test_nothing_of_an_event_is_in_the_clear(
    platform: Platform, intake: Intake, write_key: str, tmp_path: Path, database_url: str, keys_url: str,
    request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    send(intake, write_key, *events())
    with pytest.raises(CdpError) as refused:
        intake.accept("batch", batch(*events())[:-1], write_key=write_key)
    assert seen(WORDS, *places(tmp_path, database_url, keys_url, request), str(refused.value).encode()) == set()
    drain(platform)
    assert (of(platform).folded, of(platform).quarantined) == (4, {"bad_type": 1, "not_an_object": 1})
    assert seen(WORDS, *places(tmp_path, database_url, keys_url, request), caplog.text.encode()) == set()


def test_what_was_sealed_can_be_looked_into_by_whoever_may(platform: Platform, intake: Intake, write_key: str) -> None:
    send(intake, write_key, *events())
    drain(platform)
    held = look_into(platform, principal=samples.TESTER, reason="a test")
    assert {str(each.event) for each in held if isinstance(each.event, str)} == {WORDS[-1]}
    names = {(each.part, each.name) for each in list_names(platform, principal=samples.TESTER)}
    assert {("traits", WORDS[3]), ("events", WORDS[7]), ("properties", WORDS[8])} <= names
