"""Lines that the database makes say what the rows say, for every type and every odd character."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pyarrow as pa
import pytest
from sqlalchemy import select

from audit.entries import Principal, parse_entry
from cdp.bootstrap import Platform, create_platform
from cdp.catalogue.document import parse_document, validate
from cdp.catalogue.model import Catalogue
from cdp.services.formats.arrow import arrow_bytes
from cdp.services.opt_out import refuse
from cdp.services.publish import initialise
from cdp.services.read import read_view
from cdp.store.platform import LOG_ENTRY
from cdp.store.write import NewRow
from tests import samples
from views import run
from views.columns import Columns
from views.lines import Lines
from views.policy import Policy
from views.request import ViewRequest, parse_order

CATALOGUE = """\
entities:
  customer:
    fields:
      text_:    {type: text, sensitivity: none}
      number:   {type: integer, sensitivity: none}
      amount:   {type: decimal, sensitivity: none}
      yes:      {type: boolean, sensitivity: none}
      day:      {type: date, sensitivity: none}
      at:       {type: datetime, sensitivity: none}
      bag:      {type: json, sensitivity: none}
      pick:     {type: choice, choices: [a, b], sensitivity: none}
      secret:   {type: text, category: user.name}
"""
POLICY = """\
roles: [reader]
purposes:
  service: {legal_basis: contract, subject_to: []}
  mail:    {legal_basis: consent, subject_to: [direct_marketing]}
views:
  plain:  {kind: standard, purpose: service, roles: [reader], fields: [text_, number, amount, yes, day, at, bag, pick]}
  sealed: {kind: full, purpose: service, roles: [reader], needs: [reason]}
  mail:   {kind: opt_out, purpose: mail, roles: [reader], fields: [number]}
"""
READER = Principal("os:tester", "reader")
ODD = (
    "",
    "\u0001\u001f\u007f",
    '"\\/\b\f\n\r\t',
    "é\u2028\u2029 ＝ 日本 🎉",
    "</script>",
    "null",
    " a ",
    "{}",
    "\ufeff",
    "\uffff",
    '},{"text_":',
    '"},{"text_":"',
    '\\"},{"text_":"\n',
)
BAGS = (None, {}, [], {"a": [1, 2.5, None, True, "\n\u2028"]}, "text", 0, False, [{"b": {"c": []}}])


def person(number: int) -> dict:
    return {
        "text_": ODD[number % len(ODD)], "number": (-(2**63), 2**63 - 1, 0, None)[number % 4],
        "amount": ("129.90", "-0.5", None)[number % 3], "yes": (True, False, None)[number % 3],
        "day": "2026-02-28" if number % 2 else None, "at": "2026-01-02T03:04:05.000006+00:00", "bag": BAGS[number % 8],
        "pick": "a" if number % 2 else None, "secret": f"name {number}",
    }  # fmt: skip


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str, monkeypatch) -> Iterator[Platform]:
    monkeypatch.setattr(run, "CHUNK_ROWS", 7)
    with create_platform(samples.settings(tmp_path / "home", database_url, keys_url)) as opened:
        files = (validate(Catalogue, parse_document(CATALOGUE, "c")), validate(Policy, parse_document(POLICY, "p")))
        initialise(opened, *files, principal=samples.TESTER)
        refused = frozenset({"direct_marketing"})
        samples.add(opened, [NewRow(person(n), refused=refused if n % 5 == 0 else frozenset()) for n in range(40)])
        yield opened


def read(platform: Platform, view: str, *, form: str, **others):
    answer = read_view(platform, ViewRequest(view, "reader", **others), principal=READER, form=form)
    return answer, list(answer.chunks)


def entries(platform: Platform, count: int) -> list[dict]:
    query = select(LOG_ENTRY.c.entry).order_by(LOG_ENTRY.c.number.desc()).limit(count)
    found = [parse_entry(row[0]) for row in platform.door.lookup(query)]
    unlike = ("at", "subjects", "first", "salt")
    return [{name: value for name, value in each.items() if name not in unlike} for each in found]


@pytest.mark.parametrize(
    "others", [{}, {"limit": 16}, {"limit": 14}, {"limit": 0}, {"limit": 1000}, {"select": ("text_", "number", "yes")}]
)
@pytest.mark.parametrize("view", ["plain", "mail"])
def test_lines_are_the_rows(platform, view, others):
    if view == "mail":
        others = {name: value for name, value in others.items() if name != "select"}
    answer, chunks = read(platform, view, form="lines", **others)
    logged = entries(platform, max(1, len(chunks)))
    rows_answer, rows = read(platform, view, form="rows", **others)
    assert all(isinstance(chunk, Lines) for chunk in chunks)
    names = [column.name for column in answer.plan.columns]
    said = [orjson.loads(line) for chunk in chunks for line in chunk.data.split(b"\n")[:-1]]
    assert said == [dict(zip(names, row, strict=True)) for chunk in rows for row in chunk]
    assert [len(chunk) for chunk in chunks] == [len(chunk) for chunk in rows]
    assert logged == entries(platform, max(1, len(rows))), "the log says the same of both"
    assert (answer.reading.last, answer.reading.done) == (rows_answer.reading.last, rows_answer.reading.done)


def test_integers_stay_whole(platform):
    _, chunks = read(platform, "plain", form="lines")
    assert b"9223372036854775807" in b"".join(chunk.data for chunk in chunks)


def test_what_is_sealed_or_ordered_is_read_by_rows(platform):
    for view, others in (
        ("sealed", {"reason": "a test"}),
        ("plain", {"order": parse_order("number")}),
        ("plain", {"offset": 2}),
    ):
        _, chunks = read(platform, view, form="lines", **others)
        assert not any(isinstance(chunk, Lines) for chunk in chunks)


def test_members_of_an_object_come_in_the_order_of_the_columns(platform):
    answer, chunks = read(platform, "plain", form="lines", select=("pick", "number", "customer_id"))
    assert list(orjson.loads(chunks[0].data.split(b"\n")[0])) == ["pick", "number", "customer_id"]
    assert answer.plan.columns[0].name == "pick"


@pytest.mark.parametrize("others", [{}, {"limit": 16}, {"limit": 14}, {"limit": 0}, {"select": ("bag", "at")}])
@pytest.mark.parametrize("view", ["plain", "mail"])
def test_columns_are_the_rows(platform, view, others):
    if view == "mail":
        others = {name: value for name, value in others.items() if name != "select"}
    answer, chunks = read(platform, view, form="columns", **others)
    logged = entries(platform, max(1, len(chunks)))
    rows_answer, rows = read(platform, view, form="rows", **others)
    assert all(isinstance(chunk, Columns) for chunk in chunks)
    columns = answer.plan.columns
    said, expected = (pa.ipc.open_stream(b"".join(arrow_bytes(columns, each))).read_all() for each in (chunks, rows))
    assert said.schema == expected.schema
    assert said.to_pylist() == expected.to_pylist()
    assert logged == entries(platform, max(1, len(rows))), "the log says the same of both"
    assert (answer.reading.last, answer.reading.done) == (rows_answer.reading.last, rows_answer.reading.done)


def test_columns_are_read_anew_with_each_chunk(platform):
    answer = read_view(platform, ViewRequest("mail", "reader"), principal=READER, form="columns")
    seen = next(answer.chunks)
    everyone = [row[0] for row in samples.rows_of(platform, "mail", role="reader")]
    refuse(platform, everyone[-1], "direct_marketing", principal=samples.TESTER)
    ids = [row["customer_id"] for chunk in (seen, *answer.chunks) for row in chunk]
    assert ids == everyone[:-1]
