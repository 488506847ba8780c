"""Tombstones and suppression in the key store: what outlives a customer's key (invariant 6)."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cdp.vault.vault import Vault

AT = "2026-01-02T03:04:05.000000+00:00"
ANN, BEN = ("email", "aa"), ("email", "bb")


@pytest.fixture
def vault(keys_url: str, tmp_path: Path):
    with Vault.create(keys_url, f"file:{tmp_path / 'kek'}") as made:
        yield made


def test_a_key_goes_and_a_tombstone_stays(vault: Vault) -> None:
    vault.new_keys(["ann", "ben"])
    assert vault.tombstones.newest() == 0
    assert vault.tombstones.bury("ann", [vault.suppression.token(ANN)], at=AT) == 1
    assert vault.tombstones.bury("ann", [], at=AT) == 1  # it may be done again
    assert vault.keys(["ann", "ben"]).keys() == {"ben"}
    assert vault.tombstones.bury("ben", [], at=AT) == 2
    assert [tuple(each) for each in vault.tombstones.after(0, limit=9)] == [(1, "ann"), (2, "ben")]
    assert vault.tombstones.after(0, limit=1) == vault.tombstones.after(0, limit=9)[:1]
    assert vault.tombstones.after(2, limit=9) == []
    assert vault.tombstones.of(["ann", "zoe"]) == {"ann"}
    assert vault.suppression.refused([ANN, BEN]) == {ANN}


def test_numbers_have_no_gaps_whoever_comes_at_once(vault: Vault) -> None:
    people = [f"p{number}" for number in range(24)]
    with ThreadPoolExecutor(6) as pool:
        numbers = list(pool.map(lambda each: vault.tombstones.bury(each, [], at=AT), people))
    assert sorted(numbers) == list(range(1, 25))


def test_suppressing_and_lifting(vault: Vault) -> None:
    assert vault.suppression.refused([]) == frozenset()
    vault.suppression.suppress([ANN, BEN], at=AT)
    vault.suppression.suppress([ANN], at=AT)
    assert vault.suppression.refused([ANN, BEN, ("phone", "aa")]) == {ANN, BEN}
    assert vault.suppression.count() == {"suppressed": 2}
    assert vault.suppression.lift([BEN]) == 1
    vault.tombstones.bury("ann", [vault.suppression.token(ANN)], at=AT)
    assert vault.suppression.count() == {"erased": 1}
    assert vault.suppression.lift([ANN]) == 0  # who was erased comes back only on her own word
    assert vault.suppression.refused([ANN]) == {ANN}
    assert vault.suppression.lift([ANN], erased=True) == 1
    assert vault.suppression.refused([ANN]) == frozenset()


def test_a_suppressed_token_is_not_the_blind_token_and_needs_the_key(vault: Vault, keys_url: str, tmp_path) -> None:
    token = vault.suppression.token(ANN)
    assert token != "aa"
    assert vault.suppression.token(("phone", "aa")) != token
    with Vault.open(keys_url, f"file:{tmp_path / 'kek'}") as again:
        assert again.suppression.token(ANN) == token
    with Vault.create(f"sqlite:///{tmp_path}/other.db", f"file:{tmp_path / 'kek2'}") as other:
        assert other.suppression.token(ANN) != token
