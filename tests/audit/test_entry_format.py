"""What makes the bytes of an entry valid: one encoding, the same by the writer's library and by the standard one."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given, strategies as st

from audit.entries import HERSELF, Entry, format_entry, frame_of, timestamp
from audit.entry_format import EntryError, decode, encode, parse_body
from audit.merkle import Frontier
from audit.walk import Walk, WrongEntry

TEXT = st.text(st.characters(codec="utf-8"))
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner))
AT = "2026-01-01T00:00:00.000000+00:00"


def entry(at: str = AT, **facts: object) -> bytes:
    made = Entry("disclosure", "read", HERSELF, None, facts, subjects=[1])
    return format_entry(made, frame_of(made, at), {"customers": 1, "subjects": "0" * 64})


@given(JSON)
def test_both_libraries_write_the_same_bytes(value: object) -> None:
    data = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    assert encode(value) == data
    assert decode(data) == value


@pytest.mark.parametrize(
    "other",
    [
        b'{"a":1, "b":2}', b'{"b":2,"a":1}', b'{"a":1,"a":1}', b'{"a":1}\n', b'{"a":1.0}', b'{"a":1e3}', b'{"a":NaN}',
        b'{"a":Infinity}', b'"\\u0041"', b'"\\/"', b'"\\ud800"', b"\xff", b"", b"[" * 5_000, b"-0", b'\xef\xbb\xbf"a"',
    ],
)  # fmt: skip
def test_every_other_spelling_is_refused(other: bytes) -> None:
    with pytest.raises(EntryError):
        decode(other)


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2}, {"format": True}, {"what": "read"}, {"at": "2026-01-01"}, {"at": None}, {"act": 1},
        {"principal": None}, {"role": []}, {"customers": -1}, {"customers": True}, {"customers": 0}, {"subjects": "ab"},
        {"subjects": None}, {"reason": ""}, {"reason": "A" * 64}, {"catalogue": "x"},
    ],
)  # fmt: skip
def test_an_entry_says_what_every_entry_says(change: dict[str, object]) -> None:
    body = parse_body(entry())
    with pytest.raises(EntryError):
        parse_body(encode(body | change))
    for name in ("format", "what", "at", "act", "principal", "role", "customers", "subjects"):
        with pytest.raises(EntryError):
            parse_body(encode({key: value for key, value in body.items() if key != name}))


def test_a_walk_in_batches_comes_to_the_same_tree() -> None:
    entries = [entry(rows=number) for number in range(700)]
    whole, parts = Walk(), Walk()
    whole.step(entries)
    for start in range(0, 700, 256):
        parts.step(entries[start : start + 256])
    assert parts.edge == whole.edge != Frontier()
    with pytest.raises(WrongEntry) as caught:
        whole.step([entry(), b"odd"])
    assert caught.value.number == 701


def test_a_clock_that_was_put_back_is_said_and_small_steps_are_not() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    seconds = [0, 10, 5, 20, -3_600, -3_500, 30, -86_400]
    walk = Walk()
    walk.step([entry(timestamp(start + timedelta(seconds=each))) for each in seconds])
    assert len(walk.clock.findings) == 2
    assert "entry 4" in walk.clock.findings[0]
    assert "1:00:20" in walk.clock.findings[0]
    with pytest.raises(WrongEntry, match="calendar"):
        Walk().step([entry(AT), entry("2025-02-31T00:00:00.000000+00:00")])
