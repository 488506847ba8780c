import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from cdp.errors import Unavailable
from cdp.vault import rotate as rotation, statements
from cdp.vault.rotate import rotate
from cdp.vault.tables import CUSTOMER_KEY, PLATFORM_KEY, WRAPPING_KEY
from cdp.vault.vault import Vault
from cdp.vault.wrapping import customer as owner
from tests.vault.conftest import new_ids
from tests.vault.fuse import CUSTOMERS, EVER, SEALER, Blown, check, fill, fuse


def rows(vault, table):
    return vault.keystore.database.read(lambda connection: connection.execute(table.select()).all())


def kek_ids(kek_url):
    return [version["id"] for version in json.loads(Path(kek_url.removeprefix("file:")).read_text())["versions"]]


def assert_finished(vault, kek_url, *, version):
    """One wrapping key under one version of the key-encryption key, and every key under that wrapping key."""
    [wrapping] = rows(vault, WRAPPING_KEY)
    assert (wrapping.version, wrapping.retired_at) == (version, None)
    assert kek_ids(kek_url) == [wrapping.kek_id]
    assert {row.wrapping_version for row in (*rows(vault, CUSTOMER_KEY), *rows(vault, PLATFORM_KEY))} == {version}


def test_everything_is_wrapped_anew_and_nothing_sealed_anew(vault, open_vault, kek_url, monkeypatch):
    monkeypatch.setattr(rotation, "BATCH_ROWS", 2)
    segments, note = fill(vault), vault.seal_note("log/1", "why")
    before = {row.customer_id: row.wrapped for row in rows(vault, CUSTOMER_KEY)}
    [old_kek] = kek_ids(kek_url)
    fingerprint, token = vault.fingerprint, vault.blind.token("customer", "email", "ann@example.org")
    calls = []

    rotate(vault, lambda done, total: calls.append((done, total)))

    assert calls == [(2, 5), (4, 5), (5, 5)]
    assert_finished(vault, kek_url, version=2)
    assert kek_ids(kek_url) != [old_kek]
    assert not {row.wrapped for row in rows(vault, CUSTOMER_KEY)} & set(before.values())
    for each in (vault, open_vault()):
        check(each, segments)
        assert each.unseal_note("log/1", note) == "why"
        assert each.fingerprint == fingerprint
        assert each.blind.token("customer", "email", "ann@example.org") == token


def test_an_old_copy_of_the_key_store_is_dead_afterwards(tmp_path, kek_url):
    path, copy = tmp_path / "keys.db", tmp_path / "copy.db"
    with Vault.create(f"sqlite:///{path}", kek_url) as vault:
        segments = fill(vault)
        vault.destroy(CUSTOMERS[:1])
    copy.touch(0o600)
    copy.write_bytes(path.read_bytes())
    with Vault.open(f"sqlite:///{path}", kek_url) as vault:
        rotate(vault)
        assert SEALER.unseal(vault.keys(CUSTOMERS)[CUSTOMERS[1]], CUSTOMERS[1], segments[CUSTOMERS[1]])
    with pytest.raises(Unavailable) as caught:
        Vault.open(f"sqlite:///{copy}", kek_url)
    assert caught.value.code == "kek_unknown"


def test_no_id_is_left_behind(vault, kek_url, monkeypatch):
    monkeypatch.setattr(rotation, "BATCH_ROWS", 2)
    ids = ["", " ", "0", "A", "a", "\u00e9", "\U0001f600", "\uffff"]
    keys = vault.new_keys(ids)
    rotate(vault)
    assert_finished(vault, kek_url, version=2)
    assert vault.keys(ids) == keys


def test_rotating_an_empty_key_store_and_rotating_often(vault, kek_url):
    calls = []
    for version in (2, 3, 4):
        rotate(vault, lambda *numbers: calls.append(numbers))
        assert_finished(vault, kek_url, version=version)
    assert calls == []


def side_effects(vault):
    with fuse(EVER) as passed:
        rotate(vault)
    return passed


def rotate_until_blown(open_vault, number):
    with fuse(number), pytest.raises(Blown):
        rotate(open_vault())


def test_killed_at_each_step_it_is_finished_by_the_next(vault, open_vault, kek_url):
    segments, version = fill(vault), 2
    steps = side_effects(vault)
    assert set(steps) == {"commit", "unlink", "fsync", "replace"}
    assert len(steps) > 14
    for number in range(1, len(steps) + 1):
        rotate_until_blown(open_vault, number)
        check(open_vault(), segments)
        check(vault, segments)
        begun = kek_ids(kek_url)
        rotate(open_vault())
        version = rows(vault, WRAPPING_KEY)[0].version
        assert_finished(vault, kek_url, version=version)
        if len(begun) == 2:
            assert kek_ids(kek_url) == begun[-1:], "a second rotation was begun before the first was finished"
        check(open_vault(), segments)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # the engine makes no difference to the nesting
def test_the_recovery_too_may_be_killed_at_each_step(vault, open_vault, kek_url):
    segments = fill(vault)
    steps = len(side_effects(vault))
    for first in range(1, steps + 1):
        rotate_until_blown(open_vault, first)
        for second in range(1, steps + 1):
            try:
                with fuse(second):
                    rotate(open_vault())
            except Blown:
                check(open_vault(), segments)
            else:
                break
        rotate(open_vault())
        assert_finished(vault, kek_url, version=rows(vault, WRAPPING_KEY)[0].version)
        check(open_vault(), segments)


def test_killed_for_real_at_each_step(keys_url, kek_url):
    command = [sys.executable, "-m", "tests.vault.fuse", keys_url, kek_url]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert done.stderr == ""
    assert int(done.stdout) > 14


def test_a_key_made_under_the_old_wrapping_key_while_it_is_retired_is_not_lost(vault, open_vault, kek_url):
    """The writer has looked up the wrapping key, then the whole rotation runs, then the writer adds its row."""
    segments, [late] = fill(vault), new_ids(1)
    rotator = threading.Thread(target=lambda: rotate(open_vault()))
    key = bytes(range(32))

    def write(connection):
        wrapping = vault.keystore.wrapping.newest(connection)
        rotator.start()
        time.sleep(0.5)
        statements.add(connection, wrapping.version, {late: wrapping.wrap(owner(late), key)})
        return wrapping.version

    assert vault.keystore.database.write(write) == 1
    rotator.join()
    assert_finished(vault, kek_url, version=2)
    assert open_vault().keys([late]) == {late: key}
    check(vault, segments)


def test_a_rotation_that_fell_behind_does_not_undo_a_later_one(vault, open_vault, kek_url):
    segments, slow = fill(vault), open_vault()
    version = slow.keystore.database.write(lambda connection: rotation._begin(connection, slow.keystore))
    rotate(vault)
    rotate(vault)
    rotation._rewrap_platform(slow.keystore, version)
    rotation._rewrap_customers(slow.keystore, version, lambda *_: None)
    assert slow.keystore.database.write(lambda connection: rotation._retire(connection, version))
    slow.keystore.database.write(lambda connection: rotation._destroy_old(connection, slow.keystore))
    assert_finished(vault, kek_url, version=3)
    check(open_vault(), segments)


def test_rotations_and_writers_at_once(keys_url, kek_url, monkeypatch):
    monkeypatch.setattr(rotation, "BATCH_ROWS", 7)

    def write(_):
        made = {}
        with Vault.open(keys_url, kek_url) as mine:
            for _ in range(40):
                keys = mine.new_keys(new_ids(5))
                gone = next(iter(keys))
                mine.destroy([gone])
                del keys[gone]
                assert mine.keys([gone, *keys]) == keys
                made |= keys
        return made

    def turn(_):
        with Vault.open(keys_url, kek_url) as mine:
            for _ in range(6):
                rotate(mine)

    with Vault.create(keys_url, kek_url) as vault:
        with ThreadPoolExecutor(5) as pool:
            rotations, writers = pool.map(turn, range(2)), pool.map(write, range(3))
        assert list(rotations) == [None, None]
        made = {customer: key for each in writers for customer, key in each.items()}
        rotate(vault)
        assert vault.keys(made) == made
        assert len(rows(vault, CUSTOMER_KEY)) == len(made) == 3 * 40 * 4
        assert_finished(vault, kek_url, version=rows(vault, WRAPPING_KEY)[0].version)


def test_an_erased_customer_is_not_brought_back(vault, open_vault, monkeypatch):
    fill(vault)
    monkeypatch.setattr(rotation, "BATCH_ROWS", 2)
    rotate(vault, lambda done, _: open_vault().destroy(CUSTOMERS[:3]) if done == 2 else None)
    assert set(open_vault().keys(CUSTOMERS)) == set(CUSTOMERS[3:])


def test_a_damaged_key_stops_the_rotation_before_anything_is_retired(vault, open_vault, kek_url):
    fill(vault)
    damage = text("UPDATE customer_key SET wrapped = :wrapped WHERE customer_id = :id")
    [good] = [row.wrapped for row in rows(vault, CUSTOMER_KEY) if row.customer_id == CUSTOMERS[3]]

    def put(wrapped):
        vault.keystore.database.write(lambda c: c.execute(damage, {"wrapped": wrapped, "id": CUSTOMERS[3]}))

    put(bytes(60))
    with pytest.raises(Unavailable) as caught:
        rotate(vault)
    assert caught.value.code == "key_damaged"
    assert len(kek_ids(kek_url)) == 2
    put(good)
    rotate(open_vault())
    assert_finished(vault, kek_url, version=2)
    assert set(vault.keys(CUSTOMERS)) == set(CUSTOMERS)
