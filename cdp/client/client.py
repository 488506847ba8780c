"""`Client`: the views, rows and changes of a server, as Python has them.

with Client("https://cdp.example.org", client_id, client_secret) as cdp:
for row in cdp.read("newsletter", where={"email": "like.*@example.org"}):
send(row["email"])
"""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from types import TracebackType
from typing import IO, Any, Final, Self
from urllib.parse import quote, urlencode

from cdp.client.calls import Broken, Calls

Values = dict[str, Any]
Where = Mapping[str, str] | Sequence[tuple[str, str]]
"""Conditions as PostgREST writes them: `{"age": "gte.18"}`; as pairs where a column has several."""

_ARROW: Final = "application/vnd.apache.arrow.stream"
_NDJSON: Final = "application/x-ndjson"
_JSON: Final = "application/json"


@dataclass(frozen=True)
class View:
    """A view that the app may read."""

    name: str
    kind: str
    entity: str
    purpose: str
    needs: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """A row as the view shows it, and its version."""

    view: str
    row_id: str
    values: Values
    version: str

    def __getitem__(self, column: str) -> Any:
        return self.values[column]


class Client:
    """An app's way to a server; one for each thread.

    Args:
        url: where the server is.
        client_id: as `cdp app add` printed it.
        client_secret: likewise.
        timeout: how many seconds without a byte are too many.
    """

    def __init__(self, url: str, client_id: str, client_secret: str, *, timeout: float = 60) -> None:
        self._calls = Calls(url, client_id, client_secret, timeout=timeout)

    def views(self) -> list[View]:
        """Return the views that the app may read now."""
        found = json.loads(self._calls.call("GET", "/views").read())
        return [
            View(
                each["name"], each["kind"], each["entity"], each["purpose"], tuple(each["needs"]),
                tuple(column["name"] for column in each["columns"]),
            )
            for each in found
        ]  # fmt: skip

    def read(
        self, view: str, *, select: Sequence[str] = (), where: Where = (), order: str = "", limit: int | None = None,
        reason: str = "",
    ) -> Iterator[Values]:  # fmt: skip
        """Yield the rows of a view, as they come.

        Raises:
            Problem: the server says no.
            Broken: the answer ended before it was complete; rows yielded until then are right.
        """
        query = [*_query(select, where, order, limit), ("end", "line")]
        answer = self._get(view, query, _NDJSON, reason)
        last: Values = {}
        try:
            for line in answer:
                row = json.loads(line)
                if "_end" in row and len(row) == 1:
                    last = row["_end"]
                else:
                    yield row
        except (HTTPException, OSError, ValueError):
            last = {}
        finally:
            if not answer.isclosed():  # the caller had enough: what is left must not be taken for the next answer
                self._calls.close()
        if not last.get("complete"):
            raise Broken(f"the answer of `{view}` broke off ({last.get('code', 'the connection ended')})")

    def arrow(
        self, view: str, *, select: Sequence[str] = (), where: Where = (), order: str = "", limit: int | None = None,
        reason: str = "",
    ) -> IO[bytes]:  # fmt: skip
        """Return a view as a stream for `pyarrow.ipc.open_stream`, which raises if it ends before it is complete."""
        return self._get(view, _query(select, where, order, limit), _ARROW, reason)

    def count(self, view: str, *, where: Where = (), reason: str = "") -> int:
        """Return how many rows match."""
        headers = {"Prefer": "count=exact", **_because(reason)}
        answer = self._calls.call("GET", _target("views", view, query=[*_query((), where, "", 0)]), headers)
        answer.read()
        return int(answer.getheader("Content-Range", "*/0").rpartition("/")[2])

    def explain(self, view: str) -> Values:
        """Return what becomes of each column, and why."""
        found: Values = json.loads(self._calls.call("GET", _target("views", view, "explain")).read())
        return found

    def row(self, view: str, row_id: str, *, reason: str = "") -> Row:
        """Return one row with its version."""
        answer = self._calls.call("GET", _target("views", view, "rows", row_id), _because(reason))
        return Row(view, row_id, json.loads(answer.read()), answer.getheader("ETag", ""))

    def change(self, row: Row, values: Mapping[str, Any], *, reason: str = "") -> Row:
        """Change a row, if it is still as it was read; return it as it is then.

        Raises:
            Problem: `row_changed`, when it is not; `bad_values`, `unknown_column`, …
        """
        headers = {"If-Match": row.version, "Prefer": "return=representation", "Content-Type": _JSON}
        headers |= _key() | _because(reason)
        target = _target("views", row.view, "rows", row.row_id)
        answer = self._calls.call("PATCH", target, headers, json.dumps(values).encode())
        return Row(row.view, row.row_id, json.loads(answer.read()), answer.getheader("ETag", ""))

    def refuse(self, customer: str, *opt_outs: str, said: str = "") -> None:
        """Pass on that a customer, named by id or as `email:…`, refuses."""
        body = {"opt_outs": list(opt_outs), **({"said": said} if said else {})}
        headers = {"Content-Type": _JSON, **_key()}
        target = _target("customers", customer, "opt-outs")
        self._calls.call("POST", target, headers, json.dumps(body).encode()).read()

    def close(self) -> None:
        """Let go of the connection."""
        self._calls.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _get(self, view: str, query: list[tuple[str, str]], form: str, reason: str) -> HTTPResponse:
        return self._calls.call("GET", _target("views", view, query=query), {"Accept": form, **_because(reason)})


def _query(select: Sequence[str], where: Where, order: str, limit: int | None) -> list[tuple[str, str]]:
    found = [("select", ",".join(select))] if select else []
    found += list(where.items() if isinstance(where, Mapping) else where)
    found += [("order", order)] if order else []
    return found + ([("limit", str(limit))] if limit is not None else [])


def _target(*parts: str, query: Sequence[tuple[str, str]] = ()) -> str:
    path = "".join(f"/{quote(part, safe='')}" for part in parts)
    return f"{path}?{urlencode(query)}" if query else path


def _because(reason: str) -> dict[str, str]:
    return {"CDP-Reason": quote(reason)} if reason else {}


def _key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4())}
