"""A file that is moved away, deleted or replaced while it is open: nothing is read from it or acknowledged in it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from cdp.bootstrap import Platform
from cdp.errors import Unavailable
from tests import samples


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    urls = (f"sqlite:///{tmp_path}/{name}.db" for name in ("data", "keys"))
    with suppress(Unavailable), samples.store(tmp_path, *urls) as made:  # at the end it signs the log, if it can
        samples.add_people(made, 3)
        yield made


def moved(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))


def replaced(path: Path) -> None:
    shutil.copy(path, path.with_name("copy"))
    path.with_name("copy").rename(path)


def code(work: Callable[[], object]) -> str:
    with pytest.raises(Unavailable) as caught:
        work()
    return caught.value.code


@pytest.mark.parametrize("away", [moved, Path.unlink, replaced])
def test_a_database_that_is_not_in_its_place_any_more(platform, tmp_path, away):
    platform.check()
    away(tmp_path / "data.db")
    assert code(lambda: samples.add_people(platform, 1)) == "store_moved"
    assert code(lambda: samples.rows_of(platform, "care_desk")) == "store_moved"
    assert code(platform.check) == "store_moved"


@pytest.mark.parametrize("away", [moved, Path.unlink, replaced])
def test_a_key_store_that_is_not_in_its_place_any_more(platform, tmp_path, away):
    away(tmp_path / "keys.db")
    assert code(lambda: samples.add_people(platform, 1)) == "keystore_moved"
    assert code(platform.check) == "keystore_moved"


def test_one_that_is_put_back_serves_again(platform, tmp_path):
    moved(tmp_path / "data.db")
    assert code(platform.check) == "store_moved"
    (tmp_path / "elsewhere").rename(tmp_path / "data.db")
    platform.check()
    assert len(samples.rows_of(platform, "care_desk")) == 3
