"""A store for tests of the import: every type of field, entities below entities, and its whole state to compare."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from cdp.bootstrap import Platform, create_platform
from cdp.catalogue.places import flag_column
from cdp.config import Settings
from cdp.services.imports.load import ImportResult, import_file
from cdp.services.publish import initialise
from cdp.store.platform import CONSENT_EVENT, IDENTIFIER, WORD
from cdp.store.records import read_rows
from cdp.store.tables import build_schema
from tests import samples
from tests.postgres import Server

CATALOGUE = """\
opt_outs: [direct_marketing, third_party_disclosure, automated_decisions, sensitive_data, phone_calls]
entities:
  customer:
    fields:
      name:     {type: text, category: user.name, mask: initials, search: words}
      email:    {type: text, category: user.contact.email, mask: email, identifier: email}
      phone:    {type: text, category: user.contact.phone_number, mask: phone, identifier: phone}
      nickname: {type: text, sensitivity: personal, general: prefix, keep: 1}
      born:     {type: date, sensitivity: personal, general: year}
      age:      {type: integer, sensitivity: none, general: band, width: 10}
      balance:  {type: decimal, sensitivity: none}
      active:   {type: boolean, sensitivity: none}
      seen:     {type: datetime, sensitivity: personal}
      prefs:    {type: json, sensitivity: personal}
      tier:     {type: choice, choices: [gold, silver], sensitivity: none}
      religion: {type: text, category: user.demographic.religious_belief}
      record:   {type: json, category: user.health_and_medical}
  order:
    belongs_to: customer
    fields:
      number:  {type: text, sensitivity: none, identifier: order_number, required: true}
      total:   {type: decimal, sensitivity: none}
      address: {type: text, category: user.contact.address, mask: generic}
  line:
    belongs_to: order
    fields:
      code: {type: text, sensitivity: none, identifier: line_code}
      count: {type: integer, sensitivity: none, required: true}
  visit:
    belongs_to: customer
    fields:
      place: {type: text, sensitivity: personal}
"""

POLICY = """\
roles: [officer]
purposes:
  administration: {legal_basis: legal_obligation, subject_to: []}
  disclosure: {legal_basis: contract, subject_to: [third_party_disclosure]}
views:
  office: {kind: full, purpose: administration, roles: [officer]}
  share: {kind: selective, purpose: disclosure, recipient: acme, roles: [officer], fields: [name, age]}
"""


@contextmanager
def store(home: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    """An open store with nobody in it."""
    with create_platform(settings(home, database_url, keys_url)) as platform:
        initialise(platform, samples.catalogue(CATALOGUE), samples.policy(POLICY), principal=samples.TESTER)
        yield platform


@contextmanager
def fresh_store(request: pytest.FixtureRequest, engine_name: str, home: Path) -> Iterator[Platform]:
    """One more of them."""
    with ExitStack() as stack:
        urls = [f"sqlite:///{home}/{name}.db" for name in ("data", "keys")]
        if engine_name == "postgresql":
            server: Server = request.getfixturevalue("postgres_server")
            urls = [stack.enter_context(server.fresh_database()) for _ in urls]
        yield stack.enter_context(store(home, *urls))


def settings(home: Path, database_url: str, keys_url: str) -> Settings:
    return Settings(home=home, database_url=database_url, keys_url=keys_url)


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def quiet(_done: int, _total: int, _rows: int) -> None:
    """No report."""


def bring(platform: Platform, path: Path, **options: Any) -> ImportResult:
    """Import a file."""
    return import_file(platform, path, principal=samples.TESTER, **{"progress": quiet, **options})


def counts(result: ImportResult) -> tuple[int, int, int, int]:
    """Created, updated, unchanged, rejected; which together are all rows."""
    assert result.rows == result.created + result.updated + result.unchanged + result.rejected
    return result.created, result.updated, result.unchanged, result.rejected


def reasons(result: ImportResult) -> list[tuple[int, str, str]]:
    """The lines of the reject file."""
    if result.rejects_path is None:
        return []
    header, *lines = result.rejects_path.read_text("ascii").splitlines()
    assert header == "line,reason,field"
    return [(int(line), reason, field) for line, reason, field in (each.split(",") for each in lines)]


def people(platform: Platform) -> list[dict[str, Any]]:
    """Every customer with her fields, what she refuses, and what belongs to her; without ids, in a fixed order."""
    with platform._database.reading() as conn:
        found = _entity(platform, conn, "customer")
        refused = _refused(platform, conn)
        below = {name: _entity(platform, conn, name) for name in ("order", "line", "visit")}
        for row_id, row in found.items():
            row["refused"] = refused[row_id[0]]
            for name, rows in below.items():
                row[name] = sorted((each for (mine, _), each in rows.items() if mine == row_id[0]), key=_text)
    return sorted(found.values(), key=_text)


def person(platform: Platform, **wanted: Any) -> dict[str, Any]:
    """The one customer with these fields."""
    (found,) = [row for row in people(platform) if all(row.get(name) == value for name, value in wanted.items())]
    return found


def ids(platform: Platform, entity: str = "customer") -> list[str]:
    """The ids of all rows, in the order of their ordinals."""
    schema = build_schema(platform.in_force().catalogue, platform.door.dialect)
    table = schema.rows[entity]
    with platform._database.reading() as conn:
        return list(conn.execute(select(table.c[f"{entity}_id"]).order_by(table.c.ordinal)).scalars())


def sizes(platform: Platform) -> dict[str, int]:
    """How many rows the tables beside the entities have."""
    with platform._database.reading() as conn:
        return {table.name: len(conn.execute(select(table)).all()) for table in (IDENTIFIER, WORD, CONSENT_EVENT)}


def entries(platform: Platform) -> list[dict[str, Any]]:
    """What the log says of imports."""
    with platform._database.reading() as conn:
        raw = conn.exec_driver_sql("SELECT entry FROM cdp_log_entry ORDER BY number").scalars()
        found = [json.loads(bytes(each)) for each in raw]
    return [each for each in found if each["act"] == "import"]


def spelt(value: Mapping[str, Any], *, csv: bool) -> str:
    """One row of a file."""
    if not csv:
        return json.dumps(value, ensure_ascii=False)
    return ",".join(_quoted(cell if isinstance(cell, str) else json.dumps(cell)) for cell in value.values())


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if re.search('[",\n\r]', cell) else cell


def _entity(platform: Platform, conn: Connection, name: str) -> dict[tuple[str, str], dict[str, Any]]:
    catalogue = platform.in_force().catalogue
    table = build_schema(catalogue, conn.dialect.name).rows[name]
    pairs = [tuple(row) for row in conn.execute(select(table.c.customer_id, table.c[f"{name}_id"]))]
    rows = read_rows(conn, catalogue, catalogue.entities[name], pairs, keys=platform.vault)
    return {
        (row.customer_id, row.row_id): {field: value for field, value in row.values.items() if value is not None}
        for row in rows
    }


def _refused(platform: Platform, conn: Connection) -> dict[str, list[str]]:
    catalogue = platform.in_force().catalogue
    customer = build_schema(catalogue, conn.dialect.name).customer
    flags = {name: customer.c[flag_column(name)] for name in catalogue.opt_outs}
    found = conn.execute(select(customer.c.customer_id, *flags.values()))
    return {row[0]: [name for name, flag in zip(flags, row[1:], strict=True) if flag] for row in found}


def _text(row: Mapping[str, Any]) -> str:
    return json.dumps(row, sort_keys=True)
