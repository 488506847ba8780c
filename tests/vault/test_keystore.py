import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from cdp.errors import Unavailable
from cdp.vault import statements
from cdp.vault.kek import create_kek, open_kek
from cdp.vault.keystore import KeyStore
from cdp.vault.rotate import rotate
from cdp.vault.tables import CUSTOMER_KEY, PLATFORM_KEY
from cdp.vault.vault import Vault
from tests.vault.conftest import new_ids


def execute(vault, statement, **parameters):
    return vault.keystore.database.write(lambda connection: connection.execute(text(statement), parameters))


def rows(vault, table):
    return vault.keystore.database.read(lambda connection: connection.execute(table.select()).all())


def test_keys_come_back(vault, open_vault):
    ids = new_ids(500)
    keys = vault.new_keys(ids)
    assert set(keys) == set(ids)
    assert len(set(keys.values())) == 500
    assert {len(key) for key in keys.values()} == {32}
    assert vault.keys(ids) == keys == open_vault().keys(reversed(ids))


def test_a_customer_who_has_a_key_keeps_it(vault):
    ids = new_ids(6)
    first = vault.new_keys(ids[:4])
    both = vault.new_keys([*ids, *ids])
    assert {customer: both[customer] for customer in ids[:4]} == first
    assert vault.keys(ids) == both
    assert len(both) == 6


def test_none_at_all(vault):
    assert vault.new_keys([]) == {} == vault.keys([])
    vault.destroy([])


@pytest.mark.parametrize("customer", ["a|b", "", "Ω" * 50, "o'; DROP TABLE customer_key", '","', "\\", "{a,b}", "NULL"])
def test_any_id_is_only_an_id(vault, customer):
    keys = vault.new_keys([customer, "other"])
    assert vault.keys([customer]) == {customer: keys[customer]}
    vault.destroy([customer])
    assert vault.keys([customer, "other"]) == {"other": keys["other"]}


def test_destroyed_keys_are_gone_for_everyone_at_once(vault, open_vault):
    ids, other = new_ids(20), open_vault()
    keys = vault.new_keys(ids)
    assert other.keys(ids) == keys
    vault.destroy(ids[:5])
    vault.destroy(ids[:5])
    for each in (vault, other, open_vault()):
        assert each.keys(ids) == {customer: keys[customer] for customer in ids[5:]}


def test_the_stored_layout_is_as_documented(vault):
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    [customer] = new_ids(1)
    key = vault.new_keys([customer])[customer]
    [(_, version, wrapped)] = rows(vault, CUSTOMER_KEY)
    wrapping = vault.keystore.database.read(
        lambda connection: vault.keystore.kek.unwrap(
            connection.execute(text("SELECT wrapped FROM wrapping_key")).scalar_one(), b"cdp/wrapping-key/1|\0\0\0\x01"
        )
    )
    bound = b"cdp/key/1|\0\0\0\x01customer|" + customer.encode()
    assert (version, len(wrapped)) == (1, 60)
    assert AESGCM(wrapping).decrypt(wrapped[:12], wrapped[12:], bound) == key
    name, _, version, wrapped = rows(vault, PLATFORM_KEY)[0]
    bound = b"cdp/key/1|\0\0\0\x01platform|\0\0\0\x01" + name.encode()
    assert AESGCM(wrapping).decrypt(wrapped[:12], wrapped[12:], bound) == vault.platform_key(name)


def damaged(action, path):
    with pytest.raises(Unavailable) as caught:
        action()
    assert (caught.value.code, caught.value.path) == ("key_damaged", path)


def test_a_key_moved_to_another_customer_does_not_open(vault):
    one, other = new_ids(2)
    vault.new_keys([one, other])
    execute(
        vault,
        "UPDATE customer_key SET wrapped = (SELECT wrapped FROM customer_key WHERE customer_id = :one)"
        " WHERE customer_id = :other",
        one=one,
        other=other,
    )
    assert set(vault.keys([one])) == {one}
    damaged(lambda: vault.keys([other]), "customer_key")
    damaged(lambda: vault.keys([one, other]), "customer_key")
    damaged(lambda: vault.new_keys([other]), "customer_key")


def test_every_flipped_byte_and_every_cut_of_a_wrapped_key_is_seen(vault):
    [customer] = new_ids(1)
    vault.new_keys([customer])
    [(_, _, wrapped)] = rows(vault, CUSTOMER_KEY)
    changed = [bytes((*wrapped[:at], wrapped[at] ^ 1, *wrapped[at + 1 :])) for at in range(len(wrapped))]
    for each in (*changed, *(wrapped[:length] for length in range(0, 60, 7)), wrapped + b"\0"):
        execute(vault, "UPDATE customer_key SET wrapped = :wrapped", wrapped=each)
        damaged(lambda: vault.keys([customer]), "customer_key")
    execute(vault, "UPDATE customer_key SET wrapped = :wrapped", wrapped=wrapped)
    assert set(vault.keys([customer])) == {customer}


def test_platform_keys_are_made_once(vault, open_vault):
    one = vault.platform_key("ordinals")
    assert vault.platform_key("ordinals") == one == open_vault().platform_key("ordinals")
    assert (
        len({one, vault.platform_key("cursors"), vault.platform_key("blind_index"), vault.platform_key("notes")}) == 4
    )


def test_a_platform_key_under_another_name_or_version_does_not_open(vault, open_vault):
    vault.platform_key("ordinals")
    execute(vault, "UPDATE platform_key SET name = 'cursors' WHERE name = 'ordinals'")
    damaged(lambda: vault.platform_key("cursors"), "platform_key")
    execute(vault, "UPDATE platform_key SET name = 'ordinals', version = 2 WHERE name = 'cursors'")
    damaged(lambda: open_vault().platform_key("ordinals"), "platform_key")


def test_creating_again_changes_nothing(vault, keys_url, kek_url):
    keys = vault.new_keys(new_ids(3))
    with Vault.create(keys_url, kek_url) as again:
        assert again.keys(keys) == keys
        assert again.fingerprint == vault.fingerprint
        assert again.blind.token("customer", "email", "a@b.org") == vault.blind.token("customer", "email", "a@b.org")


@pytest.mark.parametrize("name", ["blind_index", "notes", "fingerprint"])
def test_a_platform_key_that_the_data_stands_on_is_never_made_twice(vault, keys_url, kek_url, name):
    execute(vault, "DELETE FROM platform_key WHERE name = :name", name=name)
    for action in (Vault.open, Vault.create):
        with pytest.raises(Unavailable) as caught:
            action(keys_url, kek_url)
        assert caught.value.code == "key_missing"


START = """
import sys
from cdp.vault.kek import open_kek
from cdp.vault.keystore import KeyStore
store = KeyStore.create(sys.argv[1], open_kek(sys.argv[2]))
print(store.platform_key("ordinals").hex(), sorted(store.new_keys(map(str, range(300))).items()))
"""


def test_several_processes_that_start_at_once_agree(keys_url, kek_url):
    create_kek(kek_url)
    command = [sys.executable, "-c", START, keys_url, kek_url]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    outputs = [process.communicate() for process in processes]
    assert {error for _, error in outputs} == {""}
    assert len({output for output, _ in outputs}) == 1


def test_several_threads_may_use_one_vault(vault):
    ids = new_ids(200)

    def work(number):
        mine = ids[number * 10 : number * 10 + 40]
        made = vault.new_keys(mine)
        assert vault.keys(mine) == made
        return made

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(work, range(16)))
    keys = vault.keys(ids)
    assert all(keys[customer] == key for each in made for customer, key in each.items())


def test_several_may_destroy_at_once(vault, open_vault):
    vaults = [open_vault() for _ in range(4)]

    def work(mine):
        for _ in range(25):
            keys = mine.new_keys(new_ids(3))
            mine.destroy(keys)
            assert mine.keys(keys) == {}

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, vaults)) == [None] * 4


def test_a_dropped_connection_is_made_again(vault):
    ids = new_ids(3)
    keys = vault.new_keys(ids)
    for action in (lambda: vault.keys(ids), lambda: vault.new_keys(ids)):
        if vault.keystore.database.is_postgresql:
            with Vault.open(vault_url(vault), f"file:{vault.keystore.kek._path}") as other:
                others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                execute(other, f"{others} AND datname = current_database() AND backend_type = 'client backend'")
        assert action() == keys


def vault_url(vault):
    return vault.keystore.database._engine.url.render_as_string(hide_password=False)


def exchange(vault):
    """Replaces the key store under a running process by another one, of the same key-encryption key."""
    other = KeyStore(vault.keystore.database, open_kek(f"file:{vault.keystore.kek._path}"))
    for table in ("platform_key", "customer_key", "wrapping_key"):
        execute(vault, f"DELETE FROM {table}")
    other.database.write(lambda connection: other.wrapping.add(connection, 1))
    return other


def test_an_exchanged_key_store_gets_no_key_under_the_wrapping_key_of_the_one_before(vault):
    other = exchange(vault)
    keys = vault.new_keys(new_ids(2))
    assert other.keys(keys) == keys


def test_an_exchanged_key_store_is_read_with_its_own_wrapping_key(vault):
    keys = exchange(vault).new_keys(new_ids(2))
    assert vault.keys(keys) == keys


def test_a_rotation_between_reading_a_key_and_its_wrapping_key_is_not_noticed(vault, open_vault, monkeypatch):
    keys, cold, rotators = vault.new_keys(new_ids(3)), open_vault(), [open_vault()]
    cold.keystore.wrapping.forget()
    fetch = statements.fetch

    def slowly(connection, ids):
        rows = fetch(connection, ids)
        if rotators:
            rotate(rotators.pop())
        return rows

    monkeypatch.setattr(statements, "fetch", slowly)
    assert cold.keys(keys) == keys
    assert rotators == []
