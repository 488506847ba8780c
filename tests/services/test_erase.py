"""Erasing a customer: nothing of her is left, nobody else loses anything, and she does not come back (invariant 6)."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from audit.note import NoteError, verify_note
from cdp.bootstrap import Platform, open_platform
from cdp.errors import CdpError, NotFound, Refused
from cdp.ingest.sources import add_source
from cdp.ingest.spool import Intake
from cdp.services.certificates import certificate_key, certify, verify_certificate
from cdp.services.erase import erase, find_erasure, list_erasures, resume
from cdp.services.opt_out import refuse
from cdp.services.verify_log import verify_log
from cdp.store.write import NewRow
from tests import samples
from tests.ingest.sending import identify, put_wrong_aside, send
from tests.samples import TESTER
from tests.support import gone


def populate(platform: Platform, count: int = 4) -> list[str]:
    """People with an order each, who refused something."""
    people = samples.add_people(platform, count)
    order = {"placed_at": "2024-01-02T10:00:00+00:00", "total": "1.00", "paid": True, "address": "1 High Street"}
    samples.add(platform, [NewRow(order, customer_id=each.customer_id) for each in people], "order")
    for each in people:
        refuse(platform, each.customer_id, "direct_marketing", principal=TESTER, word="by phone")
    return [each.customer_id for each in people]


def test_nothing_of_her_is_left_and_nobody_else_loses_anything(platform: Platform) -> None:
    ids = populate(platform)
    others = [row for row in samples.rows_of(platform, "privacy_office") if row[0] != ids[1]]
    before = {each: gone.traces(platform, each) for each in ids}
    assert {"customer", "customer_sealed", "order", "order_sealed", "cdp_identifier", "cdp_word", "cdp_token",
            "cdp_consent_event"} <= set(before[ids[1]])  # fmt: skip
    (done,) = erase(platform, [ids[1]], principal=TESTER, reason="request 7")
    assert done.finished
    assert done.counts == before[ids[1]]
    assert gone.traces(platform, ids[1]) == {}
    assert platform.vault.keys(ids).keys() == {ids[0], ids[2], ids[3]}
    assert samples.rows_of(platform, "privacy_office") == others
    assert {each: gone.traces(platform, each) for each in ids} == {**before, ids[1]: {}}
    said = gone.register(platform, ids[1])
    assert said is not None
    assert said["ordinal"] is None  # nothing leads from the log to her
    verify_log(platform)


def test_what_the_log_says_of_it(platform: Platform, tmp_path: Path) -> None:
    ids = populate(platform, 2)
    (done,) = erase(platform, ["email:ann1@example.org"], principal=TESTER, reason="request 7")
    certificate = certify(platform, done)
    assert f"customer: {ids[1]}" in certificate
    assert f"entry {done.entry}" in certificate
    assert verify_certificate(platform, certificate.encode()).startswith("cdp erasure certificate 1\n")
    forged = certificate.replace("rows of order: 1", "rows of order: 2").encode()
    with pytest.raises(NoteError):
        verify_note(forged, [certificate_key(platform)])
    with pytest.raises(CdpError) as caught:
        verify_certificate(platform, forged)
    assert caught.value.code == "certificate_invalid"
    assert find_erasure(platform, done.erasure_id, principal=TESTER) == done
    assert list_erasures(platform, principal=TESTER) == [done]


def test_several_at_once_and_each_only_once(platform: Platform) -> None:
    ids = populate(platform)
    done = erase(platform, [ids[0], ids[2], "email:ann0@example.org"], principal=TESTER, reason="closing down")
    assert {each.customer_id for each in done} == {ids[0], ids[2]}
    assert len(samples.rows_of(platform, "privacy_office")) == 2
    for name in (ids[0], "email:ann0@example.org"):
        with pytest.raises(NotFound) as caught:
            erase(platform, [name], principal=TESTER, reason="again")
        assert caught.value.code == "unknown_customer"
    assert resume(platform, principal=TESTER) == []


def test_all_or_nobody(platform: Platform) -> None:
    ids = populate(platform, 2)
    with pytest.raises(NotFound):
        erase(platform, [ids[0], "email:nobody@example.org"], principal=TESTER, reason="x")
    with pytest.raises(Refused) as caught:
        erase(platform, [ids[0]], principal=TESTER, reason="  ")
    assert caught.value.code == "reason_needed"
    assert len(samples.rows_of(platform, "privacy_office")) == 2


def test_a_kill_at_every_side_effect(tmp_path: Path, database_url: str, keys_url: str) -> None:
    """What was begun ends well whenever the store is next opened; what was not is as it was (invariant 7)."""
    with samples.store(tmp_path / "home", database_url, keys_url) as platform:
        populate(platform, 60)
        _, write_key = add_source(platform, "crm", principal=TESTER, trusted=True)
        events = [identify(number, f"u{number}", email=f"ann{number}@example.org") for number in range(60)]
        for part in (events[:30], events[30:]):
            send(
                Intake(platform),
                write_key,
                *part,
                *[{"type": "bad", "email": each["traits"]["email"]} for each in part],
            )
        put_wrong_aside(platform)
    program = [sys.executable, "-m", "tests.services.killed_erasure", str(tmp_path / "home"), database_url, keys_url]
    run = subprocess.run(program, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    found = [json.loads(line) for line in run.stdout.splitlines()]
    whole = {"begun": False, "finished": False, "key": True, "sealed": True, "others": True}
    over = {"begun": True, "finished": True, "key": False, "left": {}, "sealed": False, "others": True}
    for each in found:
        assert each == over or (each.items() >= whole.items() and each["left"]["customer"] == 1), each
    assert [each["begun"] for each in found] == sorted(each["begun"] for each in found)
    assert len([each for each in found if each["begun"]]) >= 10
    with open_platform(samples.settings(tmp_path / "home", database_url, keys_url)) as platform:
        assert len(samples.rows_of(platform, "privacy_office")) == 60 - len([each for each in found if each["begun"]])
