"""polars and DuckDB, unchanged, read a view from a running server in each form that they know."""

import io
import urllib.request

import duckdb
import polars as pl
import pyarrow as pa
import pytest

from tests.api.apps import bearer, register
from tests.api.threaded import served

TYPES = {
    "arrow": "application/vnd.apache.arrow.stream", "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv", "ndjson": "application/x-ndjson",
}  # fmt: skip
GOLD = "SELECT full_name, loyalty FROM {} WHERE loyalty = 'gold' ORDER BY full_name LIMIT 2"
FIRST = [("Ann Number1", "gold"), ("Ann Number11", "gold")]


@pytest.fixture
def ask(app, platform):
    """Ask for the view in a form; what comes back is the open answer."""
    token = bearer(app, register(platform, "desk", "care_desk"))
    with served(app) as base:
        yield lambda form: urllib.request.urlopen(
            urllib.request.Request(f"{base}/views/care_desk", headers={**token, "accept": TYPES[form]})
        )


READ = {
    "arrow": pl.read_ipc_stream,
    "parquet": pl.read_parquet,
    "csv": pl.read_csv,
    "ndjson": lambda source: pl.read_ndjson(source, infer_schema_length=None),
}


def test_polars_reads_every_form(ask):
    frames = {}
    for form, read in READ.items():
        with ask(form) as answer:
            frames[form] = read(io.BytesIO(answer.read())).sort("full_name")
    assert frames["arrow"].equals(frames["parquet"])
    assert frames["arrow"].columns == frames["csv"].columns == frames["ndjson"].columns
    for form, frame in frames.items():
        assert frame.height == 12, form
        assert frame["full_name"].equals(frames["arrow"]["full_name"]), form
        assert frame["religion"].null_count() == 12, "withheld, and still a column"
    assert frames["arrow"].filter(pl.col("loyalty") == "gold").height == 6


def test_duckdb_queries_the_stream_of_arrow(ask):
    with ask("arrow") as answer, duckdb.connect() as database:
        database.register("desk", pa.ipc.open_stream(answer))
        assert database.sql(GOLD.format("desk")).fetchall() == FIRST


@pytest.mark.parametrize("form", ["parquet", "csv", "ndjson"])
def test_duckdb_reads_every_file(ask, form, tmp_path):
    path = tmp_path / f"desk.{form}"
    with ask(form) as answer:
        path.write_bytes(answer.read())
    with duckdb.connect() as database:
        assert database.sql(GOLD.format(f"'{path}'")).fetchall() == FIRST
        [(rows, withheld)] = database.sql(f"SELECT count(*), count(religion) FROM '{path}'").fetchall()
    assert (rows, withheld) == (12, 0)
