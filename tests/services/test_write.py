"""Changing a row through a view."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select

import cdp.services.write
from audit.entries import Principal, parse_entry
from cdp.bootstrap import Platform
from cdp.errors import BadInput, CdpError, NotFound, Refused, Several
from cdp.services.apps.register import register_app
from cdp.services.idempotency import recall
from cdp.services.opt_out import refuse
from cdp.services.provenance.declare import Declaration
from cdp.services.provenance.sets import list_sets
from cdp.services.write import RowRequest, read_row, write_row
from cdp.store.platform import IDEMPOTENCY, LOG_ENTRY
from cdp.store.write import NewRow
from tests import samples
from tests.services.writing import APP, key, store

KEYS = count()


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with store(tmp_path / "home", database_url, keys_url) as opened:
        samples.add_people(opened, 3)
        yield opened


def ids(platform: Platform) -> dict[str, str]:
    return {name: customer_id for customer_id, name, *_ in samples.rows_of(platform, "care_desk")}


def write(platform, view, row_id, values, *, role="agent", expected=("*",), text="", reason=""):
    asked = RowRequest(view, role, row_id, reason)
    mine = key(platform, text or f"key{next(KEYS)}", repr((view, row_id, values, expected)).encode())
    return write_row(platform, asked, values, expected=expected, once=mine, principal=Principal("app:desk", role))


def entries(platform: Platform) -> list[dict]:
    return [parse_entry(row[0]) for row in platform.door.lookup(select(LOG_ENTRY.c.entry).order_by(LOG_ENTRY.c.number))]


def code_of(error: CdpError) -> str:
    return error.code


def test_what_is_written_is_read_in_every_shape(platform):
    ann = ids(platform)["Ann Number0"]
    outcome, row = write(platform, "care_desk", ann, {"full_name": "Bea Novak", "loyalty": "gold"})
    assert (outcome.status, row.record()["full_name"], row.record()["loyalty"]) == (204, "Bea Novak", "gold")
    [found] = samples.rows_of(platform, "privacy_office", ("customer_id", f"eq.{ann}"))
    assert "Bea Novak" in found
    assert "ann0@example.org" in found, "what was not named stays"
    assert samples.rows_of(platform, "care_desk", ("full_name", "fts.novak"))


def test_the_change_and_its_entry_name_the_view_the_fields_and_her_and_no_value(platform):
    ann = ids(platform)["Ann Number1"]
    write(platform, "care_desk", ann, {"full_name": "Bea Novak"})
    entry = entries(platform)[-1]
    assert (entry["what"], entry["act"], entry["view"], entry["write"]) == (
        "change",
        "write",
        "care_desk",
        ["full_name"],
    )
    assert (entry["principal"], entry["role"], entry["customers"], entry["purpose"]) == (
        APP.name,
        "agent",
        1,
        "service",
    )
    assert "Novak" not in repr(entry)
    assert ann not in repr(entry)


def test_a_version_is_of_what_the_view_shows_and_of_nothing_else(platform):
    ann = ids(platform)["Ann Number0"]
    asked = RowRequest("care_desk", "agent", ann)
    before = read_row(platform, asked, principal=APP).etag
    write(platform, "privacy_office", ann, {"religion": "another"}, role="privacy_officer", reason="a test")
    write(platform, "privacy_office", ann, {"birth_date": "1951-04-05"}, role="privacy_officer", reason="a test")
    assert read_row(platform, asked, principal=APP).etag == before
    write(platform, "privacy_office", ann, {"birth_date": "1971-04-05"}, role="privacy_officer", reason="a test")
    assert read_row(platform, asked, principal=APP).etag != before


def test_who_saw_another_version_changes_nothing(platform):
    ann = ids(platform)["Ann Number0"]
    seen = read_row(platform, RowRequest("care_desk", "agent", ann), principal=APP).etag
    outcome, _ = write(platform, "care_desk", ann, {"loyalty": "gold"}, expected=seen)
    with pytest.raises(Refused) as error:
        write(platform, "care_desk", ann, {"loyalty": "none"}, expected=seen)
    assert error.value.code == "row_changed"
    assert read_row(platform, RowRequest("care_desk", "agent", ann), principal=APP).etag == outcome.etag


def test_a_version_must_be_said(platform):
    with pytest.raises(BadInput) as error:
        write(platform, "care_desk", ids(platform)["Ann Number0"], {"loyalty": "gold"}, expected="")
    assert error.value.code == "version_missing"


def refused(platform, *arguments, **others) -> tuple[type, str, str, str]:
    with pytest.raises(CdpError) as error:
        write(platform, *arguments, **others)
    return type(error.value), error.value.code, str(error.value), error.value.path


def test_unknown_hidden_and_malformed_are_one_answer(platform):
    ann = ids(platform)["Ann Number0"]
    refuse(platform, ann, "direct_marketing", principal=samples.TESTER)
    given = {"email": "x@example.org"}
    answers = {
        refused(platform, "newsletter", row, given, role="newsletter_app")
        for row in (ann, "00000000-0000-4000-8000-000000000001", "no id", "\0", "x" * 5000, "")
    }
    assert len(answers) == 1
    assert {each[1] for each in answers} == {"unknown_row"}
    assert [each["code"] for each in entries(platform) if each["what"] == "refusal"] == ["unknown_row"] * 6


def test_fields_that_are_hidden_shown_only_or_not_there_are_one_answer(platform):
    ann = ids(platform)["Ann Number0"]
    answers = {
        refused(platform, "care_desk", ann, {name: "x"}) for name in ("religion", "email", "postcode", "nothing")
    }
    assert {each[:2] for each in answers} == {(BadInput, "unknown_column")}
    assert len(answers) == 1


@pytest.mark.parametrize(
    ("view", "role", "expected"),
    [
        ("acme_share", "acme_app", (Refused, "not_writable")), ("insight", "analyst", (Refused, "no_release")),
        ("care_desk", "analyst", (Refused, "not_permitted")), ("nowhere", "agent", (NotFound, "unknown_view")),
    ],
)  # fmt: skip
def test_only_a_view_that_says_so_is_written(platform, view, role, expected):
    ann = ids(platform)["Ann Number0"]
    assert refused(platform, view, ann, {"full_name": "x"}, role=role)[:2] == expected


def test_values_that_do_not_fit_are_named_by_field(platform):
    ann = ids(platform)["Ann Number0"]
    with pytest.raises(Several) as error:
        write(platform, "care_desk", ann, {"loyalty": "platinum-canary", "full_name": 7})
    assert error.value.code == "bad_values"
    assert sorted(each.path for each in error.value.faults) == ["full_name", "loyalty"]
    assert "canary" not in repr([str(each) for each in error.value.faults])


def test_a_text_longer_than_its_field_says_is_refused_and_one_that_is_there_stays(platform):
    ann, told = ids(platform)["Ann Number0"], "x" * 2_001
    with pytest.raises(Several) as error:
        write(platform, "care_desk", ann, {"full_name": told})
    assert [(each.code, each.path) for each in error.value.faults] == [("bad_value", "full_name")]
    (before,) = samples.add(platform, [NewRow({"full_name": told, "loyalty": "none"})])
    write(platform, "care_desk", before.customer_id, {"loyalty": "gold"})
    [found] = samples.rows_of(platform, "care_desk", ("customer_id", f"eq.{before.customer_id}"))
    assert {told, "gold"} <= set(found)


def test_what_an_app_declares_of_what_it_writes_goes_with_the_row(platform):
    ann = ids(platform)["Ann Number0"]
    said = Declaration("desk", ["service"], "web-8", "contract")
    made = register_app(platform, "desk", ["care_desk"], principal=samples.TESTER, declaration=said).app
    asked = RowRequest("care_desk", "agent", ann, "", "service", made.provenance)
    assert samples.rows_of(platform, "newsletter", ("customer_id", f"eq.{ann}"), role="newsletter_app")
    write_row(
        platform, asked, {"loyalty": "gold"}, expected=("*",), once=key(platform, "declared", b"x"), principal=APP
    )  # fmt: skip
    assert entries(platform)[-1]["provenance"] == made.provenance
    [found] = [each for each in list_sets(platform) if {part.source for part in each.parts} > {"desk"}]
    assert found.purposes == ["service"]
    assert samples.rows_of(platform, "care_desk", ("customer_id", f"eq.{ann}"))
    assert not samples.rows_of(platform, "newsletter", ("customer_id", f"eq.{ann}"), role="newsletter_app")
    with pytest.raises(BadInput) as error:
        register_app(
            platform, "b", ["care_desk"], principal=samples.TESTER, declaration=Declaration("b", ["direct_marketing"])
        )
    assert error.value.code == "own_purpose_missing"


def test_an_opt_out_is_no_field(platform):
    ann = ids(platform)["Ann Number0"]
    assert refused(platform, "care_desk", ann, {"refused__direct_marketing": False})[1] == "unknown_column"


def test_the_same_key_is_done_once(platform):
    ann = ids(platform)["Ann Number0"]
    first = write(platform, "care_desk", ann, {"loyalty": "gold"}, text="k")
    count_before = len(entries(platform))
    again, row = write(platform, "care_desk", ann, {"loyalty": "gold"}, text="k")
    assert (again, row) == (first[0], None)
    assert len(entries(platform)) == count_before
    assert refused(platform, "care_desk", ann, {"loyalty": "none"}, text="k")[:2] == (Refused, "idempotency_mismatch")


def test_keys_and_requests_are_kept_as_digests(platform):
    ann = ids(platform)["Ann Number0"]
    write(platform, "care_desk", ann, {"full_name": "Canary Person"}, text="canary-key")
    kept = repr(platform.door.lookup(select(IDEMPOTENCY)))
    assert "canary-key" not in kept
    assert "Canary" not in kept
    assert ann not in kept


def test_an_identifier_of_another_is_only_claimed_and_nobody_is_told(platform):
    people = ids(platform)
    outcome, _ = write(
        platform, "privacy_office", people["Ann Number0"], {"email": "ann1@example.org"}, role="privacy_officer",
        reason="a test",
    )  # fmt: skip
    assert outcome.status == 204
    found = {row[0] for row in samples.rows_of(platform, "privacy_office", ("email", "eq.ann1@example.org"))}
    assert people["Ann Number1"] in found


def test_a_row_of_another_entity(platform):
    [ann] = samples.add(platform, [NewRow(samples.person(9))])
    order = {"placed_at": "2026-01-02T03:04:05+00:00", "total": "9.50", "paid": False, "address": "Elm 1"}
    [row] = samples.add(platform, [NewRow(order, customer_id=ann.customer_id)], "order")
    outcome, shown = write(platform, "care_orders", row.row_id, {"paid": True})
    assert (outcome.status, shown.record()["paid"]) == (204, True)
    assert entries(platform)[-1]["customers"] == 1


def test_a_refusal_to_write_leaves_no_trace_but_its_entry(platform):
    ann = ids(platform)["Ann Number0"]
    before = read_row(platform, RowRequest("care_desk", "agent", ann), principal=APP)
    refused(platform, "care_desk", ann, {"loyalty": "gold"}, expected='"another"', text="k2")
    assert read_row(platform, RowRequest("care_desk", "agent", ann), principal=APP).cells == before.cells
    assert platform.door.lookup(select(IDEMPOTENCY)) == []


def test_a_twin_that_has_just_ended_is_found_however_late_one_looks(platform, monkeypatch):
    """Of two processes one waits for the other's transaction, and then the row is not as it was."""
    ann = ids(platform)["Ann Number0"]
    seen = read_row(platform, RowRequest("care_desk", "agent", ann), principal=APP).etag
    first, _ = write(platform, "care_desk", ann, {"loyalty": "gold"}, expected=(seen,), text="twin")
    looks: list[object] = []

    def late(*asked):
        looks.append(asked)
        return None if len(looks) == 1 else recall(*asked)

    monkeypatch.setattr(cdp.services.write, "recall", late)
    assert write(platform, "care_desk", ann, {"loyalty": "gold"}, expected=(seen,), text="twin") == (first, None)
