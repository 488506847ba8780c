"""What another catalogue does to views: no view changes in silence, and none is said to narrow that tells more."""

from itertools import product

import pytest

from cdp.catalogue.model import Catalogue
from cdp.terms import OPT_OUTS, Kind, Sensitivity, Shape
from tests import samples
from tests.changing import CASES, edited, set_field
from views.check import check_policy
from views.decide import Decision, decided
from views.effects import effects
from views.policy import Policy, View

POLICY_TEXT = """\
roles: [r]
purposes:
  plain: {legal_basis: contract, subject_to: []}
  share: {legal_basis: contract, subject_to: [third_party_disclosure], allows_sensitive: true}
  study: {legal_basis: contract, subject_to: [], allows_sensitive: true}
views:
  desk:   {kind: standard, purpose: plain, roles: [r], clear: [name], shapes: {born: hidden}}
  office: {kind: full, purpose: plain, roles: [r]}
  study:  {kind: anonymized, purpose: study, roles: [r], fields: [city, born, income, creed, level], k: 2}
  news:   {kind: opt_out, purpose: share, roles: [r], fields: [email, creed, income]}
  acme:
    {kind: selective, recipient: acme, purpose: share, roles: [r], fields: [email, city, born, income, creed, level]}
"""
POLICY = samples.policy(POLICY_TEXT)
RANK = {None: 0, Shape.MASKED: 1, Shape.GENERAL: 1, Shape.CLEAR: 2}

TAGS = {
    f"{name} to {tag}": (set_field(f"customer.{name}", sensitivity=str(tag)),)
    for name, tag in product(("email", "city", "born", "income", "creed", "level"), Sensitivity)
}
EDITS = {**{name: case.edits for name, case in CASES.items()}, **TAGS}


def columns(catalogue: Catalogue, view: View) -> dict[str, Decision]:
    found = decided(catalogue.entities[view.entity], view, POLICY.purposes[view.purpose])
    return {decision.name: decision for decision in found}


def shown(decision: Decision | None, refused: frozenset[str]) -> Shape | None:
    if decision is None:
        return None
    return decision.otherwise if refused & set(decision.unless) else decision.shape


@pytest.mark.parametrize("edits", EDITS.values(), ids=EDITS)
def test_every_change_of_a_column_is_told_and_in_the_right_direction(edits: tuple) -> None:
    old, new = edited(), edited(*edits)
    told = {(effect.view, effect.field): effect.kind for effect in effects(old, new, POLICY)}
    for name, view in POLICY.views.items():
        before, after = columns(old, view), columns(new, view)
        for field in {*before, *after}:
            kind = told.get((name, field))
            more = less = False
            for flags in product((False, True), repeat=len(OPT_OUTS)):
                refused = frozenset(opt_out for opt_out, flag in zip(OPT_OUTS, flags, strict=True) if flag)
                ranks = [RANK[shown(each.get(field), refused)] for each in (before, after)]
                more |= ranks[1] > ranks[0]
                less |= ranks[1] < ranks[0]
            same = field in before and field in after and _same(before[field], after[field])
            if more and not less:
                assert kind == "view_widens", (name, field)
            elif less and not more:
                assert kind == "view_narrows", (name, field)
            elif not same:
                assert kind is not None, (name, field)
            if more:
                assert kind != "view_narrows", (name, field)


def _same(before: Decision, after: Decision) -> bool:
    return (before.shape, before.otherwise, before.unless) == (after.shape, after.otherwise, after.unless) and (
        before.type is after.type or after.shape is None
    )


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (set_field("customer.income", width=5000), "shows `income` generalised more finely"),
        (set_field("customer.income", width=20000), "shows `income` generalised more coarsely"),
        (set_field("customer.income", width=15000), "shows `income` generalised in another way"),
        (set_field("customer.city", keep=3), "shows `city` generalised more finely"),
        (set_field("customer.born", general="year", width=None), None),  # the view hides it
        (set_field("customer.email", mask="generic"), "shows `email` masked in another way"),
        (set_field("customer.email", mask=None), "shows `email` as null instead of masked"),
        (set_field("customer.level", type="text", choices=None), "gives `level` as text instead of choice"),
    ],
)
def test_how_a_shape_is_computed_is_told(edit: object, words: str | None) -> None:
    found = [effect.words for effect in effects(edited(), edited(edit), POLICY) if effect.view == "desk"]
    assert found == ([f"the view `desk` {words}"] if words else [])


def test_a_release_that_no_longer_fits_is_told() -> None:
    edit = set_field("customer.city", quasi_identifier=True)
    found = [effect.words for effect in effects(edited(), edited(edit), POLICY)]
    assert found == ["the view `study` has to be released anew before it can be read"]


def test_a_policy_that_does_not_fit_is_no_obstacle() -> None:
    for name in ("email", "city", "creed"):
        new = edited(lambda data, name=name: data["entities"]["customer"]["fields"].pop(name))
        list(effects(edited(), new, POLICY))
    list(effects(edited(), edited(set_field("customer.city", sensitivity="identifying")), POLICY))


def test_the_policy_fits_and_has_every_kind() -> None:
    check_policy(edited(), POLICY)
    assert {view.kind for view in POLICY.views.values()} == set(Kind)
    assert isinstance(POLICY, Policy)
