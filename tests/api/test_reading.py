"""Reading a view over HTTP: PostgREST's grammar, every form, windows and counts."""

import io

import orjson
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from tests import samples
from tests.api.apps import bearer, register
from tests.api.calling import call
from tests.support.worlds import World
from views import run


@pytest.fixture
def desk(app, platform):
    """Headers of an app that reads the two views of the desk."""
    return bearer(app, register(platform, "desk", "care_desk", "care_orders"))


@pytest.fixture
def get(app, desk):
    def get_(target, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return call(app, "GET", target, {**desk, **named})

    return get_


def test_rows_are_an_array_of_objects_with_every_key(get, platform):
    answer = get("/views/care_desk?order=full_name.asc&limit=2")
    assert answer.status == 200
    assert answer.header("content-type") == "application/json"
    assert list(answer.json[0]) == [
        "customer_id", "full_name", "email", "birth_date", "postcode", "income", "religion", "loyalty",
    ]  # fmt: skip
    assert answer.json[0]["full_name"] == "Ann Number0"
    assert answer.json[0]["religion"] is None
    assert answer.json[0]["email"] == "a***@e***.org"
    assert answer.header("content-range") == "0-1/*"


def test_the_shape_of_each_column_is_said_once(get):
    answer = get("/views/care_desk?select=customer_id,full_name,email,income,religion&limit=1")
    expected = "customer_id=clear, full_name=clear, email=masked, income=general, religion=hidden"
    assert answer.header("cdp-columns") == expected


def test_a_refusal_that_turns_a_cell_is_said_too(app, platform):
    made = bearer(app, register(platform, "acme", "acme_share"))
    answer = call(app, "GET", "/views/acme_share?limit=0", made)
    assert "income=clear;refused=hidden" in answer.header("cdp-columns")


CONDITIONS = [
    ("full_name=eq.Ann Number3", [3]),
    ('full_name=in.("Ann Number3",Ann Number4)', [3, 4]),
    ("loyalty=eq.gold&full_name=like.*1", [1, 11]),
    ("or=(full_name.eq.Ann Number1,full_name.ilike.ANN*10)", [1, 10]),
    ("and=(loyalty.eq.gold,or(full_name.like.*1,full_name.like.*3))", [1, 3, 11]),
    ("loyalty=not.eq.gold&full_name=not.in.(Ann Number0,Ann Number2)", [4, 6, 8, 10]),
    ("not.or=(loyalty.eq.gold,full_name.like.*0)", [2, 4, 6, 8]),
    ("full_name=fts.number7", [7]),
    ("religion=is.null", None),
    ("full_name=gte.Ann Number8", [8, 9]),
    ("full_name=is.not_null&full_name=lt.Ann Number1", [0]),
]


def test_conditions(get):
    for query, names in CONDITIONS:
        check_condition(get, query, names)


def check_condition(get, query, names):
    answer = get(f"/views/care_desk?{query}&order=full_name")
    if names is None:
        assert (answer.status, answer.json["code"]) == (400, "unknown_column")
        return
    assert answer.status == 200
    assert {row["full_name"] for row in answer.json} == {f"Ann Number{number}" for number in names}


def test_order_and_window(get):
    names = [row["full_name"] for row in get("/views/care_desk?order=loyalty.desc.nullslast,full_name.desc").json]
    assert names == [f"Ann Number{n}" for n in (8, 6, 4, 2, 10, 0, 9, 7, 5, 3, 11, 1)]
    page = get("/views/care_desk?order=loyalty.desc.nullslast,full_name.desc&limit=3&offset=4")
    assert [row["full_name"] for row in page.json] == names[4:7]
    assert page.header("content-range") == "4-6/*"
    ranged = get("/views/care_desk?order=loyalty.desc.nullslast,full_name.desc", range="4-6", range_unit="items")
    assert ranged.json == page.json


@pytest.mark.parametrize(
    ("query", "headers", "status", "range_"),
    [
        ("", {}, 200, "0-11/12"),
        ("limit=5", {}, 206, "0-4/12"),
        ("limit=5&offset=10", {}, 206, "10-11/12"),
        ("limit=0", {}, 206, "*/12"),
        ("offset=12", {}, 206, "*/12"),
        ("loyalty=eq.gold", {}, 200, "0-5/6"),
        ("full_name=like.nobody", {}, 200, "*/0"),
        ("", {"range": "3-4"}, 206, "3-4/12"),
        ("", {"range": "3-"}, 206, "3-11/12"),
    ],
)
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_count_is_exact_whatever_its_word(get, query, headers, status, range_):
    for word in ("exact", "planned", "estimated"):
        answer = get(f"/views/care_desk?{query}", prefer=f"count={word}", **headers)
        assert (answer.status, answer.header("content-range")) == (status, range_)
        assert answer.header("preference-applied") == f"count={word}"


def test_a_window_behind_the_last_row_is_416_when_the_number_is_known(get):
    assert get("/views/care_desk?offset=13").json == []
    answer = get("/views/care_desk?offset=13", prefer="count=exact")
    assert (answer.status, answer.json["code"]) == (416, "beyond_rows")


def test_a_range_of_what_are_no_rows_is_not_for_us(get):
    for unit in ("bytes=0-1", "seconds=1-2", "rows=0-1,3-4"):
        assert len(get("/views/care_desk", range=unit).json) == 12, unit
    assert len(get("/views/care_desk", range="items=0-1").json) == 2
    for malformed in ("5-2", "items=a", "0-1,3-4", "-5"):
        assert get("/views/care_desk", range=malformed).json["code"] == "bad_range", malformed


def test_head_tells_the_number_and_reads_nothing(app, platform, desk):
    before = len(World(platform).entries())
    answer = call(app, "HEAD", "/views/care_desk?loyalty=eq.gold", {**desk, "prefer": "count=exact"})
    assert (answer.status, answer.body, answer.header("content-range")) == (200, b"", "0-5/6")
    assert [each["act"] for each in World(platform).entries()[before:]] == ["count"]
    assert call(app, "HEAD", "/views/care_desk?nosuch=eq.1", desk).status == 400


def test_one_object(get):
    one = {"accept": "application/vnd.pgrst.object+json"}
    assert get("/views/care_desk?full_name=eq.Ann Number3", **one).json["full_name"] == "Ann Number3"
    none, many = get("/views/care_desk?full_name=eq.Nobody", **one), get("/views/care_desk", **one)
    assert none.status == 406
    assert none == many


def test_every_form_holds_the_same_rows(get):
    target = "/views/care_desk?order=full_name"
    rows = get(target).json
    ndjson = get(target, accept="application/x-ndjson")
    assert ndjson.body.splitlines() == [orjson.dumps(row) for row in rows]
    arrow = pa.ipc.open_stream(get(target, accept="application/vnd.apache.arrow.stream").body).read_all()
    assert arrow.to_pylist() == rows
    assert pq.read_table(io.BytesIO(get(f"{target}&format=parquet").body)).to_pylist() == rows
    sheet = get(f"{target}&format=csv")
    assert sheet.header("content-type").startswith("text/csv")
    table = pacsv.read_csv(io.BytesIO(sheet.body))
    assert table.column("full_name").to_pylist() == [row["full_name"] for row in rows]


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/html, application/json;q=0.9", "application/json"),
        ("text/csv;q=0.1, application/x-ndjson", "application/x-ndjson"),
        ("*/*", "application/json"),
        ("application/vnd.apache.parquet", "application/vnd.apache.parquet"),
        ("text/html", None),
        ("application/json;q=0", None),
        ("application/json;q=0, */*", "application/x-ndjson"),
        ("application/json;q=inf, application/x-ndjson;q=0.5", "application/x-ndjson"),
        ("text/csv;q=0, text/*", None),
        (" , ", "application/json"),
        ("application/vnd.pgrst.array+json;nulls=stripped", None),
    ],
)
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_what_is_accepted(get, accept, kind):
    answer = get("/views/care_desk?limit=1", accept=accept)
    assert answer.status == (200 if kind else 406)
    assert answer.header("content-type") == (kind or "application/problem+json")


def test_cursors_go_through_a_view_and_are_sealed(get, app, platform, desk):
    seen, target, cursor = [], "/views/care_desk?limit=5", None
    while True:
        answer = get(target + (f"&cursor={cursor}" if cursor else ""))
        seen += [row["customer_id"] for row in answer.json]
        cursor = answer.header("cdp-next-cursor")
        if cursor is None:
            break
    assert sorted(seen) == sorted(row["customer_id"] for row in get("/views/care_desk").json)
    cursor = get(target).header("cdp-next-cursor")
    other = bearer(app, register(platform, "other", "care_desk"))
    for headers, asked in (
        (other, f"{target}&cursor={cursor}"),
        (desk, f"/views/care_desk?limit=5&loyalty=eq.gold&cursor={cursor}"),
        (desk, f"{target}&cursor={cursor[:-2]}AA"),
        (desk, f"{target}&cursor="),
        (desk, f"{target}&cursor=é"),
    ):
        answer = call(app, "GET", asked, headers)
        assert (answer.status, answer.json["code"]) == (400, "bad_cursor")


def test_cursors_follow_an_order(get):
    first = get("/views/care_desk?order=full_name.desc&limit=7")
    second = get(f"/views/care_desk?order=full_name.desc&limit=7&cursor={first.header('cdp-next-cursor')}")
    names = [row["full_name"] for row in first.json + second.json]
    assert names == sorted(names, reverse=True)
    assert len(set(names)) == 12


@pytest.mark.parametrize("form", ["json", "ndjson", "csv", "arrow", "parquet"])
def test_a_long_answer_comes_in_chunks_and_whole(get, monkeypatch, form):
    whole = get(f"/views/care_desk?format={form}").body
    monkeypatch.setattr(run, "CHUNK_ROWS", 5)
    answer = get(f"/views/care_desk?format={form}")
    assert answer.whole
    assert answer.header("content-length") is None
    if form in ("json", "ndjson", "csv"):
        assert answer.body == whole


@pytest.mark.parametrize("form", ["ndjson", "csv"])
def test_a_last_line_says_that_it_is_whole(get, form):
    answer = get(f"/views/care_desk?format={form}&end=line")
    last = answer.body.splitlines()[-1]
    assert last == {"ndjson": b'{"_end":{"complete":true,"rows":12}}', "csv": b"#end,complete,12"}[form]
    assert get("/views/care_desk?format=json&end=line").status == 400


def test_a_view_that_needs_a_reason_takes_it_in_a_header(app, platform):
    office = bearer(app, register(platform, "office", "privacy_office"))
    assert call(app, "GET", "/views/privacy_office", office).json["code"] == "reason_needed"
    assert call(app, "HEAD", "/views/privacy_office", office).status == 403
    answer = call(app, "GET", "/views/privacy_office", {**office, "cdp-reason": "Anfrage%20von%20%E2%82%AC"})
    assert answer.status == 200
    assert len(answer.json) == 12
    bad = call(app, "GET", "/views/privacy_office", {**office, "cdp-reason": "%ff"})
    assert (bad.status, bad.json["code"]) == (400, "bad_reason")


def test_explaining_reads_nothing_and_counts_no_refusals(app, platform, get):
    before = len(World(platform).entries())
    answer = get("/views/care_desk/explain?select=email,religion")
    assert answer.json["columns"][0]["shape"] == "masked"
    assert answer.json["columns"][1]["shape"] == "hidden"
    assert answer.json["withheld"] == [
        {"reason": "no refusal withholds a row of this view", "rows": 0},
        {"reason": "not collected for service", "rows": None},
    ]
    assert get("/views/care_desk?explain=1&select=email,religion").body == answer.body
    assert len(World(platform).entries()) == before
    letters = bearer(app, register(platform, "letters", "newsletter"))
    told = call(app, "GET", "/views/newsletter/explain", letters).json
    assert told["withheld"] == [
        {"reason": "refused direct_marketing", "rows": None},
        {"reason": "not collected for direct_marketing", "rows": None},
    ]


def test_an_app_lists_its_own_views(get):
    answer = get("/views")
    assert [each["name"] for each in answer.json] == ["care_desk", "care_orders"]
    assert answer.json[0]["columns"][0] == {"name": "customer_id", "type": "text"}


def test_what_leaves_is_on_the_log_before(get, platform):
    get("/views/care_desk?loyalty=eq.gold&select=email")
    last = World(platform).entries()[-1]
    assert (last["what"], last["principal"], last["role"], last["rows"]) == ("disclosure", "app:desk", "agent", 6)
    assert (last["view"], last["where"]) == ("care_desk", ["loyalty.eq"])
    assert samples.person(1)["email"] not in str(last)
