"""Paths of tiles and bundles of entries: the examples of C2SP, round trips, and what a growing tree adds."""

import pytest
from hypothesis import given, strategies as st

from audit.layout import (
    ENTRIES,
    TileFile,
    files_between,
    format_bundle,
    format_path,
    is_published,
    parse_bundle,
    parse_path,
)
from audit.merkle import ProofError


@pytest.mark.parametrize(
    ("file", "path"),
    [
        (TileFile(0, 1_234_067), "tile/0/x001/x234/067"),
        (TileFile(0, 0), "tile/0/000"),
        (TileFile(ENTRIES, 273, 112), "tile/entries/273.p/112"),
        (TileFile(2, 999, 1), "tile/2/999.p/1"),
        (TileFile(63, 1000), "tile/63/x001/000"),
    ],
)
def test_paths_are_those_of_the_specification(file: TileFile, path: str) -> None:
    assert format_path(file) == path
    assert parse_path(path) == file


@given(st.integers(-1, 63), st.integers(0, 2**55 - 1), st.integers(1, 256))
def test_paths_round_trip(level: int, index: int, width: int) -> None:
    file = TileFile(level, index, width)
    assert parse_path(format_path(file)) == file


@pytest.mark.parametrize(
    "path",
    [
        "", "tile/0/0", "tile/0/0000", "tile/00/000", "tile/64/000", "tile/-1/000", "tile/0/x000/001", "tile/0/001/002",
        "tile/0/x001/x002", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/", "tile/0/000/",
        "tile/entries/000.p/300", "/tile/0/000", "tile/0/000\n", "tile/0/٠٠٠",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/../000", "tile/entry/000",
    ],
)  # fmt: skip
def test_other_spellings_are_refused(path: str) -> None:
    with pytest.raises(ProofError) as caught:
        parse_path(path)
    assert caught.value.code == "path_malformed"


@given(st.text("tile/entries012345x.p", max_size=40))
def test_any_path_is_read_or_refused(path: str) -> None:
    try:
        file = parse_path(path)
    except ProofError:
        return
    assert format_path(file) == path


@given(st.lists(st.binary(max_size=300), max_size=256))
def test_bundles_round_trip(entries: list[bytes]) -> None:
    assert parse_bundle(format_bundle(entries)) == tuple(entries)


@given(st.binary(max_size=600))
def test_any_bundle_is_read_or_refused(data: bytes) -> None:
    try:
        entries = parse_bundle(data)
    except ProofError as error:
        assert error.code == "bundle_malformed"  # noqa: PT017
    else:
        assert format_bundle(entries) == data


def test_an_entry_too_large_for_a_bundle_is_refused() -> None:
    format_bundle([bytes(65_535)])
    with pytest.raises(ProofError):
        format_bundle([bytes(65_536)])
    with pytest.raises(ProofError):
        parse_bundle(format_bundle([b""]) * 257)


@given(st.integers(0, 70_000), st.integers(0, 70_000))
def test_what_a_growing_tree_adds_is_all_that_it_has(old: int, more: int) -> None:
    new = old + more
    added = files_between(old, new, entries=True)
    before, after = (set(files_between(0, size, entries=True)) for size in (old, new))
    full = {each for each in before if each.width == 256}
    assert full <= after  # what is full stays as it is
    assert set(added) == after - before
    assert not full & set(added)
    assert all(is_published(each, new) for each in added)
    assert not any(is_published(each, old) for each in added)
    assert added == sorted(added, key=lambda each: each.width < 256)


def test_files_of_70000_entries_are_those_that_c2sp_counts() -> None:
    files = files_between(0, 70_000, entries=False)
    assert [each for each in files if each.width < 256] == [
        TileFile(0, 273, 112), TileFile(1, 1, 17), TileFile(2, 0, 1)
    ]  # fmt: skip
    assert len([each for each in files if each.level == 0]) == 274
    assert files_between(0, 256, entries=False) == [TileFile(0, 0), TileFile(1, 0, 1)]
