"""The forms of an answer: JSON, NDJSON, CSV, Arrow, Parquet, over every type of column and awkward values."""

import csv
import io
import sys
from datetime import UTC, date, datetime

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cdp.errors import Unavailable
from cdp.services.formats import encode
from cdp.terms import Type
from views.plan import Column

COLUMNS = tuple(Column(type_.value, type_) for type_ in Type)
"""text, integer, decimal, boolean, date, datetime, json, choice"""

ROW = ("Ann", -7, "129.90", True, "1987-03-02", "2024-05-01T10:00:00+00:00", {"a": [1, None]}, "gold")
NOTHING = (None,) * len(COLUMNS)
CHUNKS = ([ROW, NOTHING], [ROW])


def encoded(name, columns=COLUMNS, chunks=CHUNKS):
    return b"".join(encode.encoder(name)(columns, iter(chunks)))


def sheet(values, type_=Type.TEXT):
    raw = encoded("csv", (Column("a", type_), Column("b", Type.TEXT)), [[(value, "x") for value in values]])
    return [row[0] for row in csv.reader(io.StringIO(raw.decode(), newline=""), strict=True)][1:]


def test_every_key_is_there_and_a_null_is_null():
    expected = [dict(zip([column.name for column in COLUMNS], row, strict=True)) for row in (ROW, NOTHING, ROW)]
    assert orjson.loads(encoded("json")) == expected
    assert [orjson.loads(line) for line in encoded("ndjson").splitlines()] == expected


def test_json_of_nothing_is_an_empty_array():
    assert encoded("json", chunks=[]) == b"[]\n"
    assert encoded("ndjson", chunks=[]) == b""


def test_many_rows_and_a_chunk_without_any_are_one_array_and_a_line_each():
    column = Column("a", Type.INTEGER)
    chunks = [[], [(number,) for number in range(250)], [], [(250,)]]
    expected = [{"a": number} for number in range(251)]
    raw = encoded("json", [column], chunks)
    assert orjson.loads(raw) == expected
    assert raw.count(b"\n") == 251
    assert [orjson.loads(line) for line in encoded("ndjson", [column], chunks).splitlines()] == expected


def test_csv_has_names_crlf_and_empty_for_null():
    raw = encoded("csv")
    assert raw.startswith(b"text,integer,decimal,boolean,date,datetime,json,choice\r\n")
    assert raw.endswith(b"gold\r\n")
    assert b"\r\n,,,,,,,\r\n" in raw
    assert b"Ann,-7,129.90,true,1987-03-02,2024-05-01T10:00:00+00:00," in raw


@pytest.mark.parametrize("value", ['a"b', "a,b", "a\r\nb", " a", "a ", "名前、と", "👩‍👩‍👧", "a\\b", "'"])
def test_a_reader_of_csv_gets_back_what_was_written(value):
    assert sheet([value]) == [value]


@pytest.mark.parametrize(
    "value", ["=1+1", "+44 20", "-1", "@a", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠a", '="a,b"']
)
def test_what_a_spreadsheet_would_run_is_text(value):
    assert sheet([value]) == [f"'{value}"]


def test_numbers_of_a_column_of_numbers_stay_numbers():
    assert sheet([-5, 0, 2**63 - 1], Type.INTEGER) == ["-5", "0", str(2**63 - 1)]
    assert sheet(["-0.50", "12"], Type.DECIMAL) == ["-0.50", "12"]
    assert sheet(["-1+cmd"], Type.DECIMAL) == ["'-1+cmd"]


def test_a_json_text_is_no_formula_either():
    assert sheet([-5], Type.JSON) == ["'-5"]


def test_a_row_of_one_null_is_still_a_row():
    assert encoded("csv", COLUMNS[:1], [[(None,)]]) == b'text\r\n""\r\n'


@pytest.mark.parametrize("name", ["arrow", "parquet"])
def test_arrow_and_parquet_have_types(name):
    raw = encoded(name)
    table = pa.ipc.open_stream(raw).read_all() if name == "arrow" else pq.read_table(io.BytesIO(raw))
    assert [str(kind) for kind in table.schema.types] == [
        "string", "int64", "string", "bool", "date32[day]", "timestamp[us, tz=UTC]", "string", "string",
    ]  # fmt: skip
    rows = [tuple(row.values()) for row in table.to_pylist()]
    typed = (
        "Ann",
        -7,
        "129.90",
        True,
        date(1987, 3, 2),
        datetime(2024, 5, 1, 10, tzinfo=UTC),
        '{"a":[1,null]}',
        "gold",
    )
    assert rows == [typed, NOTHING, typed]


@pytest.mark.parametrize("name", ["arrow", "parquet"])
def test_an_empty_answer_keeps_its_columns(name):
    raw = encoded(name, chunks=[])
    table = pa.ipc.open_stream(raw).read_all() if name == "arrow" else pq.read_table(io.BytesIO(raw))
    assert (table.num_rows, table.schema.names) == (0, [column.name for column in COLUMNS])


@pytest.mark.parametrize("name", encode.FORMATS[1:])
def test_a_chunk_is_written_before_the_next_is_read(name):
    read = []

    def chunks():
        for number in range(3):
            read.append(number)
            yield [(f"row {number}",)]

    pieces = encode.encoder(name)(COLUMNS[:1], chunks())
    next(pieces), next(pieces)  # the first may be what stands before all rows
    assert 0 < len(read) < 3


@pytest.mark.parametrize("name", encode.BINARY)
def test_without_pyarrow_it_says_what_to_install(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "cdp.services.formats.arrow", None)
    with pytest.raises(Unavailable) as caught:
        encode.encoder(name)
    assert caught.value.code == "export_missing"
    assert "export" in caught.value.hint
