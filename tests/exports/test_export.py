"""An export has all that is kept about her and nothing of anybody else, as text, in forms that programs can read."""

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.entries import parse_entry
from cdp.bootstrap import Platform
from cdp.services.exports.verify import verify_export
from cdp.services.receipts.issue import receipts_key
from cdp.store.write import NewRow
from tests import samples
from tests.exports.conftest import ORDER, add_orders, unpacked

ODD = {
    "formula": '=HYPERLINK("http://evil.example","x")',
    "rtl": "\u0623\u0646\u0651\u0627 \u202e\u0646\u0645\u0628\u0631",
    "joined": "\U0001f469\u200d\U0001f467 Zo\u0308e", "quoted": '"a",\'b\';\r\nc',
    "markup": "<script>alert(1)</script>{{7*7}}", "long": "x" * 5_000,
}  # fmt: skip


def rows_of(files: dict[str, bytes], stem: str) -> tuple[list[dict[str, object]], list[dict[str, str]]]:
    sheet = csv.DictReader(io.StringIO(files[f"data/{stem}.csv"].decode("utf-8-sig"), newline=""))
    return json.loads(files[f"data/{stem}.json"]), list(sheet)


def test_it_has_all_of_her_and_nothing_of_others(platform: Platform, exported: Callable[..., Path]) -> None:
    people = samples.add_people(platform, 4)
    for each in people:
        samples.add(platform, [NewRow(ORDER, customer_id=each.customer_id)], "order")
    path = exported(people[1].customer_id)
    files = unpacked(path)
    (hers,), (line,) = rows_of(files, "customer")
    assert {name: hers[name] for name in samples.person(1)} == samples.person(1)
    assert line["email"] == "ann1@example.org"
    orders, lines = rows_of(files, "order")
    assert [each["total"] for each in orders] == ["12.50"] == [each["total"] for each in lines]
    everything = b"".join(files.values())
    for number in (0, 2, 3):
        assert f"Number{number}".encode() not in everything
        assert people[number].customer_id.encode() not in everything
    verified = verify_export(path, log=platform.keeper.verifier, receipts=receipts_key(platform))
    assert [each.path for each in verified.manifest.files] + ["manifest.json", "manifest.note"] == list(files)


@pytest.mark.parametrize("kind", ODD)
def test_odd_values_stay_what_they_are(platform: Platform, exported: Callable[..., Path], kind: str) -> None:
    value = ODD[kind]
    (person,) = samples.add(platform, [NewRow({**samples.person(1), "full_name": value})])
    files = unpacked(exported(person.customer_id))
    (hers,), (line,) = rows_of(files, "customer")
    assert hers["full_name"] == value
    assert line["full_name"] == (f"'{value}" if kind == "formula" else value)
    page = files["index.html"].decode()
    assert "<script>alert" not in page
    assert "49" not in re.findall(r'dir="auto">([^<]*)<', page)


def test_rows_fit_the_schema_beside_them(platform: Platform, exported: Callable[..., Path]) -> None:
    (person,) = samples.add_people(platform, 1)
    add_orders(platform, person.customer_id, 3)
    files = unpacked(exported(person.customer_id))
    types = {"string": str, "integer": int, "null": type(None), "boolean": bool}
    for stem in ("customer", "order"):
        schema = json.loads(files[f"schema/{stem}.json"])
        rows, _ = rows_of(files, stem)
        for row in rows:
            said = schema["items"]
            assert list(row) == said["required"] == list(said["properties"])
            for name, value in row.items():
                wanted = said["properties"][name]
                assert (
                    value in wanted["enum"]
                    if "enum" in wanted
                    else isinstance(value, tuple(types[each] for each in wanted["type"]))
                )
    assert json.loads(files["schema/customer.json"])["items"]["properties"]["religion"]["x-sensitivity"] == "sensitive"


def test_many_rows_all_arrive_in_several_pieces(platform: Platform, exported: Callable[..., Path]) -> None:
    (person,) = samples.add_people(platform, 1)
    add_orders(platform, person.customer_id, 12_000)
    files = unpacked(exported(person.customer_id))
    orders, lines = rows_of(files, "order")
    wanted = {f"{number} First Street" for number in range(12_000)}
    assert {each["address"] for each in orders} == wanted == {each["address"] for each in lines}
    page = files["index.html"].decode()
    assert "These are the first 200 of 12,000" in page
    assert len(page) < 100_000


def test_the_page_in_it_runs_and_loads_nothing(platform: Platform, exported: Callable[..., Path]) -> None:
    (person,) = samples.add_people(platform, 1)
    english = unpacked(exported(person.customer_id))["index.html"].decode()
    chinese = unpacked(exported(person.customer_id, language="zh-Hans"))["index.html"].decode()
    for page in (english, chinese):
        assert re.findall(r"<(?:script|img|iframe|object|link|base|form)\b|url\(|@import", page) == []
        assert re.findall(r'(?:href|src)="(?!#|data/|provenance|unclassified|receipts/|log/|manifest)', page) == []
        assert "Ann Number0" in page
    assert "My choices" in english
    assert "我的选择" in chinese


def test_the_same_data_gives_the_same_bytes(platform: Platform, exported: Callable[..., Path]) -> None:
    (person,) = samples.add_people(platform, 1)
    add_orders(platform, person.customer_id, 50)
    first, second = (unpacked(exported(person.customer_id)) for _ in range(2))
    same = [name for name in first if name.startswith(("data/", "schema/"))]
    assert len(same) == 6
    assert all(first[name] == second[name] for name in same)


def test_every_read_for_it_is_on_the_log_in_her_own_name(platform: Platform, exported: Callable[..., Path]) -> None:
    (person,) = samples.add_people(platform, 1)
    exported(person.customer_id)
    with platform._database.reading() as conn:
        rows = conn.exec_driver_sql("SELECT entry FROM cdp_log_entry ORDER BY number").all()
    said = [parse_entry(bytes(row[0])) for row in rows]
    reads = [(each["view"], each["role"], each["principal"]) for each in said if each["act"] == "read"]
    assert reads == [("my_data", "customer", "customer"), ("my_orders", "customer", "customer")]
    steps = [(each["what"], each["step"], each["customers"]) for each in said if each["act"] == "export"]
    assert steps == [("change", "ask", 1), ("disclosure", "fetch", 1), ("change", "fetched", 1)]
    assert [each["act"] for each in said].count("log_export") == 1
