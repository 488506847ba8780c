"""What comes while something else goes on: a key is revoked, a catalogue is applied, several fold at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from cdp.bootstrap import Platform
from cdp.errors import Unauthenticated
from cdp.events.wire import Body
from cdp.ingest import fold, spool
from cdp.ingest.sources import KEY_PREFIX, revoke_source
from cdp.ingest.spool import Intake
from cdp.ingest.worker import Worker
from cdp.services.model import apply_model
from tests import samples
from tests.ingest.sending import CATALOGUE, batch, drain, of, send, track


def test_a_batch_on_its_way_is_refused_whole_when_its_key_is_revoked(
    platform: Platform, intake: Intake, write_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = intake.source(write_key)
    monkeypatch.setattr(intake._sources, "of", lambda _key: known)  # it was looked up before
    send(intake, write_key, track(number=1))
    revoke_source(platform, "web", principal=samples.TESTER)
    with pytest.raises(Unauthenticated):
        send(intake, write_key, track(number=2), track(number=3))
    drain(platform)
    assert (of(platform).received, of(platform).folded) == (1, 1)


def test_events_are_taken_while_a_catalogue_is_applied(platform: Platform, intake: Intake, write_key: str) -> None:
    sent, stop = [], threading.Event()

    def sending() -> None:
        while not stop.is_set() or len(sent) < 10:
            send(intake, write_key, track(number=len(sent), user=f"u{len(sent) % 3}"))
            sent.append(1)

    worker = Worker(platform, intake.arrived)
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(sending), pool.submit(worker.run)]
        wider = CATALOGUE.replace("mask: generic}", "mask: last4}")
        apply_model(platform, samples.catalogue(wider), principal=samples.TESTER)
        stop.set()
        futures[0].result()
        worker.stop()
        futures[1].result()
    platform.in_force(fresh=True)
    drain(platform)
    found = of(platform)
    assert (found.received, found.folded, found.quarantined, found.waiting) == (len(sent), len(sent), {}, 0)
    assert len(samples.rows_of(platform, "purchases")) == len(sent)


def test_several_workers_fold_every_event_once(platform: Platform, intake: Intake, write_key: str) -> None:
    for number in range(40):
        events = [track(number=number * 5 + each, user=f"u{each}") for each in range(5)]
        send(intake, write_key, *events, track(number=0))
    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(Worker(platform).drain) for _ in range(3)]:
            done.result()
    found = of(platform)
    assert (found.folded, found.duplicate, found.waiting, found.quarantined) == (200, 40, 0, {})
    assert len(samples.rows_of(platform, "care_desk")) == 5


def test_a_transaction_folds_bodies_up_to_a_size(
    platform: Platform, intake: Intake, write_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fold, "MAX_BYTES", 2_000)
    for number in range(3):
        send(intake, write_key, track(number=number, pad="x" * 900))
    worker = Worker(platform)
    assert [worker.step() for _ in range(4)] == [1, 1, 1, None]


def test_many_who_send_at_once_share_commits_and_lose_nothing(
    platform: Platform, intake: Intake, write_key: str
) -> None:
    with ThreadPoolExecutor(16) as pool:
        for done in [pool.submit(send, intake, write_key, track(number=number)) for number in range(200)]:
            done.result()
    assert of(platform).received == of(platform).waiting == 200
    drain(platform)
    assert of(platform).folded == 200


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_only_so_many_large_bodies_are_parsed_at_once(
    intake: Intake, write_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, most, real = 0, 0, spool.parse_body
    lock, meet = threading.Lock(), threading.Barrier(spool.LARGE_AT_ONCE)

    def parsing(*given: Any, **named: Any) -> Body:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        meet.wait()
        read = real(*given, **named)
        with lock:
            inside -= 1
        return read

    monkeypatch.setattr(spool, "parse_body", parsing)
    body = batch(track(number=1), pad="x" * spool.LARGE)
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(intake.accept, "batch", body, write_key=write_key) for _ in range(8)]:
            done.result()
    assert most == spool.LARGE_AT_ONCE


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_nothing_is_parsed_for_whoever_has_no_write_key(
    intake: Intake, write_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[Body] = []
    real = spool.parse_body
    monkeypatch.setattr(spool, "parse_body", lambda *given, **named: parsed.append(real(*given, **named)) or parsed[-1])
    for more in ({}, {"writeKey": "x"}, {"writeKey": KEY_PREFIX + "0" * 32}):
        with pytest.raises(Unauthenticated):
            intake.accept("batch", batch(track(), **more), write_key="")
    assert parsed == []
    intake.accept("batch", batch(track(), writeKey=write_key), write_key="")
    assert len(parsed) == 1
