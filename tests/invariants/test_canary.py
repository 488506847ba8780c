"""Invariants 5 and 9: identity and sensitive values are never on disk in the clear, no error holds one."""

import logging
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from audit.entries import Entry
from cdp.errors import CdpError, Refused
from cdp.services.opt_out import allow, refuse
from cdp.services.publish import publish_policy
from cdp.services.releases import build_release
from cdp.services.verify_log import verify_log
from cdp.store.records import Stored
from cdp.store.write import NewRow
from cdp.vault.seal import Sealer
from tests.postgres import Server
from tests.support import organisation
from tests.support.canary import canary, data_directory, dump, files_under, seen, spellings, unique
from tests.support.worlds import TESTER, Person, World, opened, request_of

SEALED = ("full_name", "email", "account", "religion")


class Kept:
    """What a busy day left behind: the canaries, what was said, and a value that may be seen."""

    def __init__(self) -> None:
        self.canaries: dict[str, str] = {}
        self.said: list[str] = []
        self.control = unique()
        self.began = time.time() - 1

    @property
    def stored(self) -> list[str]:
        """Those that were written into the store; the others were only said."""
        kinds = ("first ", "last ", "local ", "domain ", "account ", "religion ", "address", "word", "reason")
        return [text for what, text in self.canaries.items() if what.startswith(kinds)]

    def new(self, what: str) -> str:
        return self.canaries.setdefault(what, canary())


def live(world: World, kept: Kept) -> None:
    """Write, read, refuse, fail and verify, with canaries everywhere."""
    people = []
    for number in range(4):
        values = {
            **organisation.values(number),
            "full_name": f"{kept.new(f'first {number}')} {kept.new(f'last {number}')}",
        }
        values |= {"email": f"{kept.new(f'local {number}')}@{kept.new(f'domain {number}')}.example.org"}
        values |= {name: kept.new(f"{name} {number}") for name in ("account", "religion")}
        people.append(Person(values | {"postcode": kept.control}, frozenset({"sensitive_data"} if number == 3 else ())))
    stored = world.add(people)
    world.add_rows(
        "order", [NewRow({"total": "1.50", "address": kept.new("address")}, customer_id=stored[0].customer_id)]
    )
    rewrite(world, stored[1], {**stored[1].values, "religion": kept.new("religion after")})
    email = str(people[0].values["email"])
    refuse(world.platform, f"email:{email}", "direct_marketing", principal=TESTER, word=kept.new("word of refusal"))
    allow(world.platform, f"email:{email}", "direct_marketing", principal=TESTER, word=kept.new("word"))
    for view in ("desk", "callers", "office", "letter", "creed_letter", "partner", "partner_orders"):
        world.rows(request_of(view, reason=kept.new("reason")))
    build_release(world.platform, "insight", principal=TESTER)
    assert len(world.rows(request_of("letter", ("email", f"eq.{email}")))) == 1
    assert (
        len(world.rows(request_of("office", ("religion", f"like.*{people[0].values['religion']}"), order="full_name")))
        == 1
    )
    for attempt in failing(world, kept, email):
        try:
            attempt()
        except CdpError as error:
            kept.said += [str(error), repr(error), *traceback.format_exception(error)]
        else:
            raise AssertionError(attempt)
    publish_policy(
        world.platform,
        organisation.policy(letter={**organisation.VIEWS["letter"], "fields": ["email"]}),
        principal=TESTER,
    )
    verify_log(world.platform)


def rewrite(world: World, row: Stored, values: dict[str, Any]) -> None:
    with world.platform.door.record(Entry("change", "import", TESTER, world.platform.in_force().versions)) as change:
        world.writer().replace(change.conn, [Stored(row.customer_id, row.row_id, row.ordinal, values)])


def failing(world: World, kept: Kept, email: str) -> Iterator[Callable[[], object]]:
    """Everything that goes wrong with a value in hand."""
    reads: list[tuple[str, list[tuple[str, str]], dict[str, Any]]] = [
        ("letter", [("religion", f"eq.{kept.new('asked of hidden')}")], {}),
        ("letter", [(kept.new("asked of absent").lower(), "eq.1")], {}),
        ("letter", [("income", f"eq.{kept.new('not a number')}")], {}),
        ("letter", [("full_name", f"gt.{kept.new('late')}"), ("income", f"lt.{kept.new('not a number late')}")], {}),
        ("letter", [], {"order": kept.new("order").lower()}),
        ("letter", [], {"columns": kept.new("column").lower()}),
        (kept.new("view").lower(), [], {}),
        ("office", [], {"reason": kept.new("long reason") * 100}),
        ("office", [], {"reason": kept.new("broken reason") + "\ud800"}),
        ("office", [], {"reason": kept.new("cut reason") + "\0"}),
    ]
    for view, where, more in reads:
        yield lambda view=view, where=where, more=more: world.rows(request_of(view, *where, **more))  # type: ignore[misc]
    for text in (
        f"eq.{kept.new('surrogate')}\ud800",
        f"eq.{kept.new('nul')}\0",
        f"in.({kept.new('open list')}",
        f"nop.{kept.new('operator')}",
    ):
        yield lambda text=text: request_of("letter", ("email", text))  # type: ignore[misc]
    for name in (
        f"email:{kept.new('stranger')}",
        kept.new("id"),
        f"{kept.new('kind')}:x",
        f"email:{kept.new('odd')}\ud800",
        "x" * 300 + ":" + kept.new("long kind"),
    ):
        yield lambda name=name: refuse(world.platform, name, "direct_marketing", principal=TESTER)  # type: ignore[misc]
    yield lambda: refuse(world.platform, f"email:{email}", kept.new("opt-out"), principal=TESTER)
    # The same address twice: the database refuses a second bearer, and its words name what it refused.
    yield lambda: world.add([Person({"email": email, "religion": kept.new("religion of a second bearer")})])
    yield lambda: Sealer("customer_sealed", "identity").unseal(b"k" * 32, "row", kept.new("damaged segment").encode())


@pytest.fixture
def day(
    tmp_path: Path, database_url: str, keys_url: str, caplog: pytest.LogCaptureFixture
) -> Iterator[tuple[World, Kept]]:
    caplog.set_level(logging.DEBUG)
    kept = Kept()
    with opened(tmp_path / "home", database_url, keys_url, organisation.catalogue(), organisation.policy()) as world:
        live(world, kept)
        kept.said.append(caplog.text)
        yield world, kept


def test_no_entry_and_no_error_holds_a_value(day: tuple[World, Kept]) -> None:
    world, kept = day
    entries = world.entries()
    assert {"disclosure", "refusal", "change"} == {entry["what"] for entry in entries}
    assert (
        seen(kept.canaries.values(), repr(entries).encode(), *(text.encode(errors="replace") for text in kept.said))
        == set()
    )
    assert len(kept.said) > 60


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_no_file_of_sqlite_holds_identity_or_sensitive_values(day: tuple[World, Kept], tmp_path: Path) -> None:
    world, kept = day
    assert {path.name for path in tmp_path.rglob("*.db-wal")} == {"cdp.db-wal", "keys.db-wal"}
    while_open = files_under(tmp_path)
    assert seen(kept.canaries.values(), while_open) == set()
    assert seen([kept.control], while_open) == {
        kept.control
    }  # what is merely personal stands there, so the search works
    world.platform.close()
    assert seen(kept.canaries.values(), files_under(tmp_path)) == set()


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_nothing_in_postgresql_holds_identity_or_sensitive_values(
    day: tuple[World, Kept], database_url: str, keys_url: str, postgres_server: Server, tmp_path: Path
) -> None:
    _, kept = day
    tables = dump(database_url, postgres_server) + dump(keys_url, postgres_server)
    assert seen(kept.canaries.values(), tables, files_under(tmp_path)) == set()
    assert seen([kept.control], tables) == {kept.control}
    folder = data_directory(postgres_server)
    with suppress(PermissionError):  # the server's user may be another than ours
        everything = files_under(folder, since=kept.began)
        assert seen(kept.stored, everything) == set()
        assert seen([kept.control], everything) == {kept.control}
        assert seen(kept.canaries.values(), (folder.parent / "log").read_bytes()) == set()


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_what_is_personal_is_in_no_statistics(
    day: tuple[World, Kept], database_url: str, postgres_server: Server
) -> None:
    world, kept = day
    dump(database_url, postgres_server)  # it runs ANALYZE
    tables = (
        "customer",
        "customer_sealed",
        "order",
        "order_sealed",
        "cdp_identifier",
        "cdp_word",
        "cdp_token",
        "cdp_consent_event",
    )
    sampled = world.query(
        "SELECT tablename, attname FROM pg_stats WHERE attname NOT IN ('ordinal', 'shaped_with')"
        f" AND tablename IN ({', '.join(repr(each) for each in tables)})"
        " AND (most_common_vals IS NOT NULL OR histogram_bounds IS NOT NULL)"
    )
    allowed = {("cdp_identifier", each) for each in ("entity", "kind", "verified", "alias")} | {
        ("cdp_word", each) for each in ("entity", "field")
    }
    allowed |= {("cdp_token", each) for each in ("entity", "scope")}
    allowed |= {("cdp_consent_event", each) for each in ("choice", "state", "source", "effective_at", "received_at")}
    allowed |= {(each, "cdp__provenance") for each in ("customer", "order")}  # the number of a set that many share
    assert set(sampled) <= allowed
    assert kept.canaries


def test_refused_reads_are_entries(day: tuple[World, Kept]) -> None:
    world, _ = day
    codes = [entry["code"] for entry in world.entries() if entry["what"] == "refusal"]
    assert codes.count("unknown_column") == 4
    with pytest.raises(Refused):
        world.rows(request_of("office", reason=" "))
    assert world.entries()[-1]["code"] == "reason_needed"


def test_the_search_finds_every_spelling() -> None:
    one, other = canary(), unique()
    for text in (one, other):
        for spelling in spellings(text):
            assert seen([text], b"before" + spelling + b"after") == {text}, spelling
    assert seen([one, canary()], one.encode("utf-16-le")) == {one}
