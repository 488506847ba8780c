"""Invariant 8: untagged, unknown, missing, NULL or odd means hidden."""

from itertools import product
from typing import Any

import pytest

from cdp.catalogue.field import Field
from cdp.errors import BadInput, Unavailable
from cdp.store.records import Stored
from cdp.store.write import NewRow
from cdp.terms import Kind, Sensitivity, Shape
from tests.support import organisation
from tests.support.worlds import World, catalogue_of, request_of
from views.decide import RULES, decide, decided
from views.policy import Purpose, View

FLAGGED = {"direct_marketing": ("callers", "letter", "creed_letter"),
           "third_party_disclosure": ("partner", "partner_orders"),
           "sensitive_data": ("creed_letter", "partner")}  # fmt: skip
UNFLAGGED = ("desk", "office")
ALWAYS = Purpose.model_validate({"legal_basis": "contract", "subject_to": [], "allows_sensitive": True})


@pytest.fixture
def people(world: World) -> list[Stored]:
    stored = world.add(organisation.people(3))
    world.add_rows("order", [NewRow({"total": "1.50", "address": "Long Street 1"}, customer_id=stored[0].customer_id)])
    return stored


@pytest.mark.parametrize("flag", FLAGGED)
@pytest.mark.parametrize("harm", ["rename", "drop"])
def test_without_its_flag_column_a_view_gives_an_error_and_no_row(
    world: World, people: list[Stored], flag: str, harm: str
) -> None:
    """SQLite takes a quoted name that is no column for a text; an unqualified flag disclosed everybody so."""
    column = f"refused__{flag}"
    world.sql(
        f"ALTER TABLE customer RENAME COLUMN {column} TO gone"
        if harm == "rename"
        else f"ALTER TABLE customer DROP COLUMN {column}"
    )
    for view in FLAGGED[flag]:
        first = organisation.VIEWS[view].get("fields", ["loyalty"])[0]
        for request in (request_of(view), request_of(view, order=first), request_of(view, limit=1, offset=1)):
            with pytest.raises(Unavailable) as caught:
                world.rows(request)
            assert caught.value.code == "store_failed"
    for view in UNFLAGGED:
        assert len(world.rows(request_of(view))) == len(people)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
@pytest.mark.parametrize("type_", ["text", "integer", "double precision"])
def test_a_flag_of_another_type_is_an_error_and_no_row(world: World, people: list[Stored], type_: str) -> None:
    using = f"refused__direct_marketing::int::{type_}"
    world.sql(
        "ALTER TABLE customer ALTER refused__direct_marketing DROP DEFAULT",
        f"ALTER TABLE customer ALTER refused__direct_marketing TYPE {type_} USING {using}",
    )
    for view in FLAGGED["direct_marketing"]:
        with pytest.raises(Unavailable):
            world.rows(request_of(view))


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_sqlite_itself_keeps_odd_flags_out(world: World, people: list[Stored]) -> None:
    for literal in ("NULL", "'true'", "x'00'"):
        with pytest.raises(Unavailable):
            world.sql(f"UPDATE customer SET refused__direct_marketing = {literal}")
    world.sql("UPDATE customer SET refused__direct_marketing = 2")
    assert world.rows(request_of("letter")) == []


def test_rows_that_have_lost_their_customer_are_not_shown(world: World, people: list[Stored]) -> None:
    assert len(world.rows(request_of("partner_orders"))) == 1
    world.sql(f"DELETE FROM customer WHERE customer_id = '{people[0].customer_id}'")
    assert world.rows(request_of("partner_orders")) == []


def test_rows_without_a_token_are_not_shown(world: World, people: list[Stored]) -> None:
    world.sql(f"DELETE FROM cdp_token WHERE customer_id = '{people[0].customer_id}'")
    assert len(world.rows(request_of("partner"))) == 2


def test_what_cannot_be_opened_any_more_is_null(world: World, people: list[Stored]) -> None:
    world.platform.vault.destroy([people[0].customer_id])
    world.sql(f"DELETE FROM customer_sealed WHERE customer_id = '{people[1].customer_id}'")
    rows = {row[0]: row[1:4] for row in world.rows(request_of("letter"))}
    assert rows[people[0].customer_id] == rows[people[1].customer_id] == (None, None, None)
    assert rows[people[2].customer_id] == ("Ann Number2", "ann2@example.org", "AC-000002")


@pytest.mark.parametrize(
    "field",
    [
        {"type": "text"},
        {"type": "text", "sensitivity": None},
        {"type": "text", "sensitivity": ""},
        {"type": "text", "sensitivity": "public"},
        {"type": "text", "category": "user.nosuch"},
        {"type": "text", "category": None},
        {"sensitivity": "none"},
        {"type": "text", "senstivity": "none"},
    ],
)
def test_a_field_without_a_tag_is_no_field(field: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        catalogue_of({"name": field})


def odd(**changes: Any) -> Field:
    """A field as it could only come about by a mistake in the program."""
    whole = Field.model_validate(
        {"type": "text", "sensitivity": "none", "mask": "generic", "general": "prefix", "keep": 1}
    )
    made = whole.model_copy(update=changes)
    made.stand_under("odd")
    return made


def view_of(kind: Any, **more: Any) -> View:
    whole = View.model_validate({"kind": "standard", "purpose": "p", "roles": ["r"], "fields": ["odd"], **more})
    return whole.model_copy(update={"kind": kind})


@pytest.mark.parametrize("kind", [*Kind, "everything", None, "", 7])
@pytest.mark.parametrize("tag", [None, "", "public", "None", "NONE", 0, False])
def test_an_unknown_tag_is_shown_by_no_kind(kind: Any, tag: Any) -> None:
    decision = decide(odd(sensitivity=tag), view_of(kind), ALWAYS)
    assert (decision.shape, decision.otherwise) == (None, None)


@pytest.mark.parametrize("kind", ["everything", None, "", "FULL", 7])
@pytest.mark.parametrize("tag", Sensitivity)
def test_an_unknown_kind_shows_nothing(kind: Any, tag: Sensitivity) -> None:
    decision = decide(odd(sensitivity=tag), view_of(kind), ALWAYS)
    assert (decision.shape, decision.otherwise) == (None, None)


@pytest.mark.parametrize("shape", ["clear", "masked", "general"])
def test_no_wish_of_a_view_brings_a_hidden_field_back(shape: str) -> None:
    """`shapes` and `clear` choose among what the kind allows; nothing is not among it."""
    for kind, tag in product(Kind, Sensitivity):
        wished = view_of(kind, shapes={"odd": shape}, clear=["odd"])
        plain = decide(
            odd(sensitivity=tag), view_of(kind), Purpose.model_validate({"legal_basis": "contract", "subject_to": []})
        )
        asked = decide(
            odd(sensitivity=tag), wished, Purpose.model_validate({"legal_basis": "contract", "subject_to": []})
        )
        if plain.shape is None:
            assert asked.shape is None, (kind, tag)


def test_no_rule_discloses_more_to_those_who_refuse() -> None:
    strength = {None: 0, Shape.MASKED: 1, Shape.GENERAL: 1, Shape.CLEAR: 2}
    assert all(strength[rule.refused] <= strength[rule.shape] for rule in RULES.values())
    assert (Kind.ANONYMIZED, Sensitivity.IDENTIFYING) not in RULES


def test_a_view_of_a_field_that_is_gone_has_no_such_column() -> None:
    catalogue = catalogue_of({"odd": {"type": "text", "sensitivity": "none"}})
    view = view_of(Kind.FULL, fields=["odd", "gone"])
    assert [each.name for each in decided(catalogue.entities["customer"], view, ALWAYS)] == ["odd"]


def test_a_view_for_nobody_is_no_view() -> None:
    """A policy that names nobody lets nobody in: an empty list is not everybody."""
    for roles in list[Any](([], None, "reader")):
        with pytest.raises((ValueError, BadInput)):
            organisation.policy(desk={**organisation.VIEWS["desk"], "roles": roles})
