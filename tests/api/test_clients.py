"""Published clients, unchanged, against a real server: postgrest, pyarrow, Authlib."""

import io
import urllib.request

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.json as pajson
import pyarrow.parquet as pq
import pytest
from authlib.integrations.httpx_client import OAuth2Client
from postgrest import APIError, CountMethod, SyncPostgrestClient

from tests.api.apps import register
from tests.api.threaded import served


@pytest.fixture
def base(app):
    with served(app) as url:
        yield url


@pytest.fixture
def token(base, platform):
    made = register(platform, "desk", "care_desk", "care_orders")
    with OAuth2Client(made.app.client_id, made.secret, token_endpoint=f"{base}/oauth/token") as client:
        return client.fetch_token(grant_type="client_credentials")["access_token"]


@pytest.fixture
def client(base, token):
    with SyncPostgrestClient(f"{base}/views", headers={"Authorization": f"Bearer {token}"}) as made:
        yield made


def names(answer):
    return [row["full_name"] for row in answer.data]


def test_postgrest_selects_filters_and_orders(client):
    table = client.from_("care_desk")
    found = table.select("full_name", "loyalty").eq("loyalty", "gold").order("full_name", desc=True).limit(2).execute()
    assert found.data == [
        {"full_name": "Ann Number9", "loyalty": "gold"},
        {"full_name": "Ann Number7", "loyalty": "gold"},
    ]
    assert names(table.select("*").in_("full_name", ["Ann Number1", "Ann, the other"]).execute()) == ["Ann Number1"]
    some = table.select("full_name").or_("full_name.like.*1,full_name.eq.Ann Number4").order("full_name").execute()
    assert names(some) == ["Ann Number1", "Ann Number11", "Ann Number4"]
    assert names(table.select("*").not_.like("full_name", "*1*").neq("loyalty", "silver").execute()).count("x") == 0
    assert len(table.select("*").is_("income", None).execute().data) == 0
    assert len(table.select("*").gte("full_name", "Ann Number2").ilike("full_name", "ANN*").execute().data) == 8


def test_postgrest_counts_and_pages(client):
    table = client.from_("care_desk")
    page = table.select("full_name", count=CountMethod.exact).order("full_name").range(3, 5).execute()
    assert page.count == 12
    assert names(page) == ["Ann Number11", "Ann Number2", "Ann Number3"]
    counted = table.select("*", count=CountMethod.planned, head=True).eq("loyalty", "gold").execute()
    assert (counted.count, counted.data) == (6, [])


def test_postgrest_takes_one_object_and_csv(client):
    table = client.from_("care_desk")
    assert table.select("*").eq("full_name", "Ann Number3").single().execute().data["full_name"] == "Ann Number3"
    assert table.select("*").eq("full_name", "Nobody").maybe_single().execute() is None
    with pytest.raises(APIError) as caught:
        table.select("*").single().execute()
    assert caught.value.code == "not_single"
    assert table.select("full_name").eq("full_name", "Ann Number3").csv().execute().data.startswith("full_name\r\n")


def test_postgrest_gets_our_codes(client, base, token):
    with pytest.raises(APIError) as caught:
        client.from_("care_desk").select("*").eq("religion", "creed 1").execute()
    assert caught.value.code == "unknown_column"
    assert "creed" not in str(caught.value)
    headers = {"Authorization": f"Bearer {token}"}
    with SyncPostgrestClient(f"{base}/views", schema="direct_marketing", headers=headers) as other:
        with pytest.raises(APIError) as caught:
            other.from_("care_desk").select("*").execute()
        assert caught.value.code == "other_purpose"
    with SyncPostgrestClient(f"{base}/views", schema="service", headers=headers) as same:
        assert len(same.from_("care_desk").select("*").execute().data) == 12


def test_pyarrow_reads_every_form(base, token):
    def body(accept):
        headers = {"Authorization": f"Bearer {token}", "Accept": accept}
        return urllib.request.urlopen(urllib.request.Request(f"{base}/views/care_desk", headers=headers))

    with body("application/vnd.apache.arrow.stream") as stream:
        table = pa.ipc.open_stream(stream).read_all()
    assert table.num_rows == 12
    with body("application/vnd.apache.parquet") as stream:
        assert pq.read_table(io.BytesIO(stream.read())).equals(table)
    with body("application/x-ndjson") as stream:
        assert pajson.read_json(io.BytesIO(stream.read())).column("full_name") == table.column("full_name")
    with body("text/csv") as stream:
        assert pacsv.read_csv(io.BytesIO(stream.read())).column("full_name") == table.column("full_name")
