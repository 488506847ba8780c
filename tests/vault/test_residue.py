"""Canaries: no key and no value in the clear anywhere in the key store, and nothing of an erased key."""

import base64
import json
from pathlib import Path

import pytest
from sqlalchemy import MetaData, select, text

from cdp.vault.rotate import rotate
from cdp.vault.tables import CUSTOMER_KEY, WRAPPING_KEY
from tests.vault.conftest import new_ids

on_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)


def everything(vault, folder):
    """All bytes of the key store: of its files, or of its tables."""
    if not vault.keystore.database.is_postgresql:
        files = sorted(folder.glob("keys.db*"))
        assert files
        return b"\0".join(file.read_bytes() for file in files)

    def read(connection):
        metadata = MetaData()
        metadata.reflect(connection)
        rows = [row for table in metadata.sorted_tables for row in connection.execute(select(table))]
        cells = [cell for row in rows for cell in row]
        return b"\0".join(cell if isinstance(cell, bytes) else str(cell).encode() for cell in cells)

    return vault.keystore.database.read(read)


def spellings(secret):
    return {secret, secret.hex().encode(), secret.hex().upper().encode(), base64.b64encode(secret), secret[:16]}


def test_no_key_and_no_value_in_the_clear(vault, tmp_path, kek_url):
    kek_path = Path(kek_url.removeprefix("file:"))

    def unwrapped():
        context = b"cdp/wrapping-key/1|"
        rows = vault.keystore.database.read(lambda connection: connection.execute(WRAPPING_KEY.select()).all())
        return [vault.keystore.kek.unwrap(row.wrapped, context + row.version.to_bytes(4)) for row in rows]

    def keks():
        return [base64.b64decode(version["key"]) for version in json.loads(kek_path.read_text())["versions"]]

    keys = vault.new_keys(new_ids(300))
    value = b"ann@example.org"
    vault.blind.token("customer", "email", value.decode())
    vault.seal_note("log/1", value.decode())
    secrets = [*keys.values(), *map(vault.platform_key, ("blind_index", "notes", "fingerprint")), *keks(), *unwrapped()]
    assert len(secrets) == 305
    rotate(vault)
    secrets += [*keks(), *unwrapped(), value]
    content = everything(vault, tmp_path)
    assert next(iter(keys)).encode() in content, "this looks in the wrong place"
    for secret in secrets:
        for spelling in spellings(secret):
            assert spelling not in content


@on_sqlite
def test_nothing_of_an_erased_key_stays_in_the_files(vault, tmp_path):
    ids = new_ids(200)
    vault.new_keys(ids)
    query = CUSTOMER_KEY.select().where(CUSTOMER_KEY.c.customer_id.in_(ids[:50]))
    rows = vault.keystore.database.read(lambda connection: connection.execute(query).all())
    assert all(row.wrapped in everything(vault, tmp_path) for row in rows)
    vault.destroy(ids[:50])
    content = everything(vault, tmp_path)
    for row in rows:
        assert row.wrapped not in content
        assert row.wrapped[12:44] not in content
        assert row.customer_id.encode() not in content


@on_postgresql
def test_nothing_of_a_key_gets_into_the_statistics(vault):
    ids = new_ids(300)
    vault.new_keys(ids)

    def columns(connection):
        connection.execute(text("ANALYZE"))
        return set(connection.execute(text("SELECT attname FROM pg_stats WHERE tablename = 'customer_key'")).scalars())

    assert vault.keystore.database.write(columns) == {"wrapping_version"}
