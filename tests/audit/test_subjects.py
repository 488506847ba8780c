"""Sets of customers beside the log: kept whole, in blocks or cells, and each member found where it is looked for."""

import random

import pytest
from hypothesis import given, strategies as st
from pyroaring import BitMap

from audit.subjects import CELLS, CROWD, SubjectBlock, commit_subjects, places_of, split_subjects

ORDINALS = st.integers(0, 2**31)
CROWDS = st.builds(
    lambda start, count, step: range(start, start + count * step, step),
    st.integers(0, 2**21), st.integers(1, 7_000), st.integers(1, 40),
)  # fmt: skip


def found(blocks: list[SubjectBlock], ordinal: int) -> list[int]:
    """In which blocks the search for one person finds her."""
    places = dict(places_of(ordinal))
    return [
        each.block
        for each in blocks
        if each.block in places
        and each.low <= places[each.block] <= each.high
        and places[each.block] in BitMap.deserialize(each.members)
    ]


@given(st.lists(ORDINALS, max_size=30), st.lists(CROWDS, max_size=3))
def test_every_member_is_in_one_block_and_nobody_else_in_any(few: list[int], crowds: list[range]) -> None:
    everyone = sorted({*few, *(each for crowd in crowds for each in crowd)})
    blocks = split_subjects(everyone)
    assert sorted(ordinal for each in blocks for ordinal in each.ordinals()) == everyone
    assert [each.block for each in blocks] == sorted({each.block for each in blocks})
    assert all(each.fits() for each in blocks)
    dice = random.Random(1)
    for ordinal in dice.sample(everyone, min(20, len(everyone))):
        assert len(found(blocks, ordinal)) == 1
    for ordinal in {each + 1 for each in everyone[:50]} - set(everyone):
        assert found(blocks, ordinal) == []


@pytest.mark.parametrize(
    ("ordinals", "cells", "blocks"),
    [
        ([5], 0, 1), (range(CROWD), 1, 0), (range(CROWD - 1), 0, 1), (range(5_000), 5, 0),
        (range(65_000, 70_000), 6, 0), (range(0, 2**20, 210), 0, 16),
    ],
)  # fmt: skip
def test_crowds_are_kept_as_cells_and_the_scattered_as_blocks(ordinals: range, cells: int, blocks: int) -> None:
    made = split_subjects(ordinals)
    assert (sum(each.block >= CELLS for each in made), sum(each.block < CELLS for each in made)) == (cells, blocks)


def test_the_commitment_depends_on_every_part_of_a_block() -> None:
    made = split_subjects([1, 2, 70_000])
    whole = commit_subjects(made)
    one, two = made
    for other in (
        [two, one], [one], [SubjectBlock(9, one.salt, one.members), two],
        [SubjectBlock(one.block, b"", one.members), two], [SubjectBlock(one.block, one.salt, two.members), two],
    ):  # fmt: skip
        assert commit_subjects(other) != whole
    assert commit_subjects(split_subjects([1, 2, 70_000])) != whole  # the salts are fresh
