"""What rows were collected for decides who reads them, and changing it for very many of them is one write."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from audit.entries import parse_entry
from cdp.bootstrap import Platform
from cdp.errors import BadInput, NotFound, Refused
from cdp.services.herself.whence import collected_for, whence
from cdp.services.imports.load import import_file
from cdp.services.provenance.change import SetChange, Which, change_sets
from cdp.services.provenance.declare import Declaration, declared
from cdp.services.provenance.sets import list_sets, show_set
from cdp.services.publish import publish_policy
from tests import samples
from tests.samples import TESTER, rows_of

ROWS = 100_000
EVERY = ("analytics", "direct_marketing", "disclosure", "privacy_administration", "service")


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with samples.store(tmp_path / "home", database_url, keys_url) as opened:
        yield opened


def brought(platform: Platform, folder: Path, text: str, **said: Any) -> None:
    """Import a few lines, with what is declared of them."""
    path = folder / "people.csv"
    path.write_text(text)
    options = {"declared": Declaration(**said)} if said else {}
    import_file(platform, path, principal=TESTER, progress=lambda *_: None, **options)


def change(platform: Platform, which: Which, **wanted: Any) -> None:
    change_sets(platform, which, SetChange(**wanted), principal=TESTER, reason="a test")


def names(platform: Platform, view: str) -> set[str]:
    """Whom a view shows, by name or by the postcode that stands for it."""
    return {str(cell) for row in rows_of(platform, view) for cell in row if str(cell).startswith(("Ann", "Bo"))}


LINES = "full_name,email,postcode,loyalty\nAnn,ann@example.org,10115,gold\n"


def test_a_row_is_in_no_view_of_another_purpose(platform: Platform, tmp_path: Path) -> None:
    brought(platform, tmp_path, LINES, source="crm", purposes=["direct_marketing"], statement="v1")
    brought(platform, tmp_path, "full_name,email\nBo,bo@example.org\n", source="shop", purposes=["service"])
    assert names(platform, "care_desk") == {"Bo"}
    assert names(platform, "newsletter") == {"Ann"}
    assert names(platform, "privacy_office") == {"Ann", "Bo"}  # what the law demands asks for no purpose
    assert rows_of(platform, "care_desk", ("full_name", "eq.Ann")) == []


def test_who_declares_nothing_declares_the_purposes_of_now(platform: Platform, tmp_path: Path) -> None:
    brought(platform, tmp_path, LINES)
    [found] = list_sets(platform)
    assert (found.parts[0].source, tuple(found.purposes), found.recipients) == ("import", EVERY, None)
    research = "purposes:\n  research: {legal_basis: contract, subject_to: []}\n"
    text = samples.POLICY_TEXT.replace("purposes:\n", research)
    text += "  lab: {kind: standard, purpose: research, roles: [agent], clear: [full_name]}\n"
    publish_policy(platform, samples.policy(text), principal=TESTER)
    brought(platform, tmp_path, "full_name,email\nBo,bo@example.org\n")
    assert names(platform, "lab") == {"Bo"}
    change(platform, Which(all=True), allow=["research"])
    assert names(platform, "lab") == {"Ann", "Bo"}


def test_what_is_changed_by_another_serves_what_both_declare(platform: Platform, tmp_path: Path) -> None:
    brought(platform, tmp_path, LINES, source="crm", purposes=["service", "direct_marketing"], retention="P2Y")
    brought(platform, tmp_path, "email,loyalty\nann@example.org,silver\n", source="web", purposes=["service"])
    assert names(platform, "care_desk") == {"Ann"}
    assert names(platform, "newsletter") == set()
    change(platform, Which(source="web"), allow=["direct_marketing"])
    assert names(platform, "newsletter") == {"Ann"}
    change(platform, Which(source="crm"), withdraw=["service"])
    assert names(platform, "care_desk") == set()
    brought(platform, tmp_path, "email,loyalty\nann@example.org,silver\n", source="fair", purposes=["analytics"])
    assert names(platform, "newsletter") == {"Ann"}  # nothing of hers changed, so nothing came from there


def test_a_recipient_who_was_not_declared_gets_no_row(platform: Platform, tmp_path: Path) -> None:
    brought(platform, tmp_path, LINES, source="crm", purposes=["disclosure"], recipients=["globex"])
    brought(platform, tmp_path, "full_name,email\nBo,bo@example.org\n", source="shop", purposes=["disclosure"])
    assert names(platform, "acme_share") == {"Bo"}
    change(platform, Which(source="crm"), recipients=["acme"])
    change(platform, Which(source="shop"), recipients=["globex"])
    assert names(platform, "acme_share") == {"Ann"}


def test_what_was_withdrawn_stays_so_under_the_same_statement(platform: Platform, tmp_path: Path) -> None:
    brought(platform, tmp_path, LINES, source="crm", purposes=["service"], statement="v1")
    change(platform, Which(source="crm", statement="v1"), withdraw=["service"])
    more = "full_name,email\nBo,bo@example.org\n"
    brought(platform, tmp_path, more, source="crm", purposes=["service"], statement="v1", retention="P1Y")
    assert names(platform, "care_desk") == set()
    brought(platform, tmp_path, more.replace("Bo", "Bob"), source="crm", purposes=["service"], statement="v2")
    assert names(platform, "care_desk") == set()  # he came under v1, too
    brought(platform, tmp_path, "full_name,email\nBoris,c@example.org\n", source="crm", purposes=["service"],
            statement="v2")  # fmt: skip
    assert names(platform, "care_desk") == {"Boris"}


def test_a_change_for_very_many_rows_is_one_write(platform: Platform, database_url: str, tmp_path: Path) -> None:
    brought(platform, tmp_path, LINES, source="crm", purposes=["service"])
    many(platform)
    request = samples.rows_of(platform, "care_desk", limit=3)
    assert len(request) == 3
    asked: list[str] = []
    engine = platform._database._engine
    with listening(engine, asked):
        change(platform, Which(source="crm"), withdraw=["service"])
    touched = [each for each in asked if "customer" in each.split("cdp_consent")[0] and "cdp_" not in each]
    assert touched == []
    assert sum(each.startswith("DELETE FROM cdp_provenance_use") for each in asked) <= 2
    assert rows_of(platform, "care_desk") == []
    assert show_set(platform, 1, principal=TESTER)[1]["customer"] == ROWS + 1


def many(platform: Platform) -> None:
    """Very many customers of the first set, of whom nothing is known."""
    numbers = (
        "SELECT g AS n FROM generate_series(1, %d) AS g"
        if platform.door.dialect == "postgresql"
        else "WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < %d) SELECT n FROM g"
    ) % ROWS
    with platform._database.writing() as conn:
        conn.exec_driver_sql(
            "INSERT INTO customer (customer_id, ordinal, shaped_with, cdp__provenance)"
            f" SELECT 'c' || n, 100000000 + n, 1, 1 FROM ({numbers}) AS numbers"
        )


class listening:  # noqa: N801
    """What an engine is asked meanwhile."""

    def __init__(self, engine: Any, asked: list[str]) -> None:
        self._engine, self._asked = engine, asked

    def _note(self, _conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self._asked.append(statement)

    def __enter__(self) -> None:
        event.listen(self._engine, "before_cursor_execute", self._note)

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._note)


def test_she_reads_where_it_came_from(platform: Platform, tmp_path: Path) -> None:
    brought(platform, tmp_path, LINES, source="crm", purposes=["service"], statement="v1", legal_basis="contract",
            retention="P2Y", recipients=["acme"])  # fmt: skip
    [[customer_id, *_]] = rows_of(platform, "privacy_office")
    [row] = whence(platform, str(customer_id))
    [part] = row.parts
    assert (row.entity, part.source, part.statement, part.legal_basis) == ("customer", "crm", "v1", "contract")
    assert (row.purposes, row.recipients, row.periods) == (["service"], ["acme"], ("P2Y",))
    assert row.collected_at is not None
    views = platform.in_force().policy.views
    seen = {name: collected_for(platform, [row])(view) for name, view in views.items()}
    assert seen == {
        "care_desk": True, "care_orders": True, "privacy_office": True, "insight": False, "newsletter": False,
        "acme_share": False, "acme_orders": True,
    }  # fmt: skip


def test_what_is_no_declaration_is_refused_before_anything_is_written(platform: Platform, tmp_path: Path) -> None:
    for wrong, code in (
        ({"source": "Ann Lee"}, "bad_source_name"), ({"purposes": ["servic"]}, "unknown_purpose"),
        ({"statement": "since we said so"}, "bad_statement"), ({"legal_basis": "habit"}, "bad_choice"),
        ({"retention": "a while"}, "bad_retention"), ({"recipients": ["Ann Lee"]}, "bad_recipient"),
    ):  # fmt: skip
        with pytest.raises(BadInput) as caught:
            brought(platform, tmp_path, LINES, **{"source": "crm", **wrong})
        assert caught.value.code == code
        assert "Ann" not in str(caught.value)
    assert list_sets(platform) == []
    assert rows_of(platform, "privacy_office") == []


def test_what_no_change_is_is_refused(platform: Platform, tmp_path: Path) -> None:
    brought(platform, tmp_path, LINES, source="crm", purposes=["service", "analytics"])
    brought(platform, tmp_path, "email,loyalty\nann@example.org,silver\n", source="web", purposes=["service"])
    both = max(each.provenance for each in list_sets(platform))
    for which, wanted, code in (
        (Which(both), SetChange(withdraw=["service"]), "set_of_parts"),
        (Which(99), SetChange(withdraw=["service"]), "unknown_provenance"),
        (Which(source="fair"), SetChange(withdraw=["service"]), "unknown_provenance"),
        (Which(1), SetChange(), "empty_change"),
        (Which(), SetChange(withdraw=["service"]), "empty_change"),
        (Which(1), SetChange(allow=["nothing"]), "unknown_purpose"),
    ):
        with pytest.raises((BadInput, NotFound, Refused)) as caught:
            change_sets(platform, which, wanted, principal=TESTER, reason="a test")
        assert caught.value.code == code
    with pytest.raises(Refused, match="reason"):
        change_sets(platform, Which(1), SetChange(allow=["service"]), principal=TESTER, reason=" ")
    assert names(platform, "care_desk") == {"Ann"}


def test_every_set_and_every_change_has_its_entry(platform: Platform, tmp_path: Path) -> None:
    brought(platform, tmp_path, LINES, source="crm", purposes=["service"], statement="v1")
    change(platform, Which(1), withdraw=["service"], retention="P1Y")
    with platform._database.reading() as conn:
        stored = conn.exec_driver_sql("SELECT entry FROM cdp_log_entry ORDER BY number").scalars()
        entries = [parse_entry(bytes(each)) for each in stored]
    found = [each for each in entries if "provenance" in str(each)]
    assert [each["act"] for each in found] == ["import", "change_provenance"]
    assert (found[0]["provenance"], found[0]["declared"]["purposes"]) == (1, ["service"])
    assert (found[1]["withdrawn"], found[1]["retention"], found[1]["provenance"]) == (["service"], "P1Y", [1])


def test_a_declaration_is_held_against_the_policy_in_force(platform: Platform) -> None:
    said = declared(platform.in_force(), Declaration("crm", purposes=["service"]))
    assert said == declared(platform.in_force(), Declaration("crm", purposes=("service",)))
    assert said.digest != declared(platform.in_force(), Declaration("crm")).digest
