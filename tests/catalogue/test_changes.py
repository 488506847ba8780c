"""The difference of two catalogues: every kind of change is told, in these words, and none is missed."""

import copy

import pytest

from cdp.catalogue.changes import compare, reshaped
from cdp.catalogue.field import Field
from cdp.errors import Refused
from tests import changing
from tests.changing import BASE, CASES, HOLD, Case, add_entity, drop, edited, opt_outs, set_field

WORDS = {
    "retention": ["`customer.born` has `retention` `2 years` instead of nothing"],
    "max_length": [
        (
            "`customer.name` takes texts of at most 40 characters instead of 2,000;"
            " longer ones that are there stay as they are"
        )
    ],
    "max_length as it was": ["`customer.name` says how long a text may be, as long as before"],
    "category": ["`customer.born` has `category` `user.demographic.date_of_birth` instead of nothing"],
    "required": ["`customer.city` becomes required; rows without it stay as they are"],
    "quasi_identifier": ["`customer.city` counts as a quasi-identifier"],
    "order of fields": ["the fields of `customer` stand in another order; so do the columns of views that list none"],
    "order of entities": ["the entities stand in another order"],
    "more choices": ["`customer.level` may also be `new`"],
    "fewer choices": ["`customer.level` may no longer be `none`; rows that are lose their value"],
    "choice to text": ["`customer.level` becomes text instead of choice"],
    "at rest as it was": ["`customer.name` says otherwise how it is kept at rest, and is kept sealed as before"],
    "new field": ["`customer.nick` is new: text, not personal, kept in the clear"],
    "new sealed field": ["`order.ship_to` is new: text, identifying, kept sealed"],
    "new entity": ["the entity `call` is new, with 1 field; it belongs to `customer`"],
    "new opt-out": [
        "the opt-out `profiling` is new: refused by whoever refused one of that name before, by nobody else"
    ],
    "mask": ["`customer.email` is masked by `generic` instead of `email`"],
    "mask hidden": ["`customer.email` has no masked form any more (was `email`)"],
    "mask of what was hidden": ["`customer.income` is masked by `last4`"],
    "width": ["`customer.income` is generalised by `band` of width 20000 instead of `band` of width 10000"],
    "general gone": ["`customer.city` has no generalised form any more (was `prefix` that keeps 2)"],
    "general by table": ["`customer.level` is generalised by a table of 2"],
    "general of another type": [
        "`customer.income` is generalised by `round` to -3 digits instead of `band` of width 10000"
    ],
    "identifier": [
        (
            "`customer.name` identifies as `nick`;"
            " where two rows have the same one, the first has it and the others claim it"
        )
    ],
    "identifier gone": ["`customer.email` no longer identifies; nobody is found by it"],
    "search": ["`customer.city` can be searched for its words"],
    "search gone": ["`customer.name` can no longer be searched"],
    "field gone": ["`customer.income` goes, with all its values"],
    "entity gone": ["the entity `order` goes, with all its rows"],
    "personal to identifying": [
        "`customer.city` becomes identifying instead of personal: its values move into sealed segments",
        "`customer.city` is masked by `last4`",
        "`customer.city` has no generalised form any more (was `prefix` that keeps 2)",
    ],
    "identifying to personal": [
        (
            "`customer.name` becomes personal instead of identifying:"
            " its values leave their sealed segments and stand in the clear"
        )
    ],
    "identifying to sensitive": [
        "`customer.email` becomes sensitive instead of identifying: its values move to other sealed segments"
    ],
    "sealed at rest": ["`customer.income` is kept sealed from now on: its values move into sealed segments"],
    "integer to text": [
        "`customer.income` becomes text instead of integer",
        "`customer.income` has no generalised form any more (was `band` of width 10000)",
    ],
    "text to choice": ["`order.note` becomes choice instead of text; values that do not convert are lost"],
}


@pytest.mark.parametrize("name", WORDS)
def test_it_is_said_in_words(name: str) -> None:
    assert [change.words for change in compare(edited(), edited(*CASES[name].edits))] == WORDS[name]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_destroys_and_what_is_written_anew(case: Case) -> None:
    changes = compare(edited(), edited(*case.edits))
    assert changes
    assert any(change.destroys for change in changes) == case.destroys
    assert sorted(reshaped(changes)) == sorted(case.rewrites)


def test_nothing_changes_between_a_catalogue_and_itself() -> None:
    assert compare(edited(), edited()) == ()


EVERY_KEY = {
    "title": [set_field("customer.city", title={"en": "Town"})],
    "description": [set_field("customer.city", description={"en": "Where you live."})],
    "type": [set_field("customer.member", type="date")],
    "category": [set_field("customer.city", category="user.contact")],
    "sensitivity": [set_field("customer.city", sensitivity="sensitive")],
    "mask": [set_field("customer.name", mask="generic")],
    "general": [set_field("customer.born", general="year", width=None)],
    "width": [set_field("customer.born", width=5)],
    "keep": [set_field("customer.city", keep=1)],
    "digits": [set_field("customer.score", general="round", digits=0)],
    "table": [set_field("customer.level", general="table", table={"gold": "x"})],
    "identifier": [set_field("customer.email", identifier="mail")],
    "quasi_identifier": [set_field("customer.city", quasi_identifier=True)],
    "search": [set_field("customer.name", search=None)],
    "at_rest": [set_field("customer.score", at_rest="clear")],
    "required": [set_field("customer.city", required=True)],
    "choices": [set_field("customer.level", choices=["silver", "gold", "none"])],
    "retention": [set_field("customer.city", retention="P1Y")],
    "when_outdated": [set_field("customer.city", retention="P1Y", when_outdated="ask")],
    "hold": [set_field("customer.city", hold=HOLD)],
    "self_service": [set_field("customer.city", self_service="locked")],
    "sent_as": [set_field("customer.city", sent_as="Home Town")],
    "max_length": [set_field("customer.city", max_length=60)],
}


def test_no_key_of_a_field_is_missed() -> None:
    """A key that is added to the catalogue and forgotten here would change the digest in silence."""
    assert set(EVERY_KEY) == set(Field.model_fields)
    for key, edits in EVERY_KEY.items():
        assert {change.field for change in compare(edited(), edited(*edits))} == {edits_field(edits)}, key


def edits_field(edits: list) -> str:
    data = copy.deepcopy(BASE)
    before = copy.deepcopy(data["entities"]["customer"]["fields"])
    for edit in edits:
        edit(data)
    [changed] = [name for name, field in data["entities"]["customer"]["fields"].items() if field != before[name]]
    return changed


def test_another_digest_is_always_a_change() -> None:
    tables = [{"gold": "x", "silver": "y"}, {"silver": "y", "gold": "x"}]
    old, new = (edited(set_field("customer.level", general="table", table=table)) for table in tables)
    assert old.digest != new.digest
    assert [change.kind for change in compare(old, new)] == ["order"]


def test_dropping_is_adding_the_other_way_round() -> None:
    new = edited(
        opt_outs("profiling"), add_entity("call", "customer"), set_field("order.a", type="text", sensitivity="none")
    )
    there = {(change.kind, change.entity, change.field) for change in compare(edited(), new)}
    back = {(change.kind.replace("dropped", "added"), change.entity, change.field) for change in compare(new, edited())}
    assert there == back
    assert all(change.destroys for change in compare(new, edited()))


def test_an_entity_keeps_its_parent() -> None:
    line = add_entity("line", "order", sku={"type": "text", "sensitivity": "none"})
    moved = add_entity("line", "customer", sku={"type": "text", "sensitivity": "none"})
    with pytest.raises(Refused) as caught:
        compare(edited(line), edited(moved))
    assert (caught.value.code, caught.value.path) == ("parent_changed", "entities.line.belongs_to")


def test_a_field_that_leaves_a_segment_or_the_index_has_its_rows_written_anew() -> None:
    for path in ("customer.name", "customer.creed", "customer.score"):
        assert reshaped(compare(edited(), edited(drop(path)))) == ("customer",)
    for path in ("customer.city", "customer.member"):
        assert reshaped(compare(edited(), edited(drop(path)))) == ()


def test_the_cases_are_all_different() -> None:
    digests = [edited(*case.edits).digest for case in changing.CASES.values()]
    assert len(set(digests)) == len(digests)
