"""A vault on each engine, and ids."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cdp.vault.vault import Vault


@pytest.fixture
def kek_url(tmp_path: Path) -> str:
    return f"file:{tmp_path / 'kek' / 'kek.json'}"


@pytest.fixture
def vault(keys_url: str, kek_url: str) -> Iterator[Vault]:
    with Vault.create(keys_url, kek_url) as made:
        yield made


@pytest.fixture
def open_vault(keys_url: str, kek_url: str) -> Iterator[Callable[[], Vault]]:
    """Opens the same vault once more, as another process would."""
    opened: list[Vault] = []

    def open_() -> Vault:
        opened.append(Vault.open(keys_url, kek_url))
        return opened[-1]

    yield open_
    for each in opened:
        each.close()


def new_ids(number: int) -> list[str]:
    return [str(uuid.uuid4()) for _ in range(number)]
