"""Who sees what says what the compiled plans do: every cell of every view, for roles, apps and refusals."""

from dataclasses import replace
from itertools import product

import pytest

from cdp.catalogue.field import Field
from cdp.console.policy_words import reasons
from cdp.errors import BadInput
from cdp.services.apps.known import App
from cdp.services.who_sees import Cell, Line, Reader, readers_of, who_sees
from cdp.terms import Kind, Shape
from tests import samples
from tests.support.organisation import catalogue as large_catalogue, policy as large_policy
from views.compile import compile_view
from views.decide import RULES, decide
from views.policy import View
from views.request import ViewRequest
from views.seen import seen

NOW = "2026-05-04T00:00:00.000000+00:00"
APP = App("app_1", "shop", "newsletter_app", "direct_marketing", ("newsletter",), NOW, "os:tester", None, None)
WORLDS = [(samples.catalogue, samples.policy), (large_catalogue, large_policy)]


def matrix(catalogue, policy, apps=()) -> tuple[list[Reader], list[Line]]:
    readers = list(readers_of(policy, apps, now=NOW).values())
    return readers, [line for entity in catalogue.entities for line in who_sees(catalogue, policy, readers, entity)]


def cells(catalogue, policy, apps=()) -> dict[tuple[str, str, str], Cell]:
    _, lines = matrix(catalogue, policy, apps)
    return {(cell.reader.key, line.entity, line.field.name): cell for line in lines for cell in line.cells}


@pytest.mark.parametrize(("catalogue", "policy"), WORLDS)
def test_every_cell_is_what_the_compiled_plans_of_the_readers_views_explain(catalogue, policy) -> None:
    catalogue, policy, told = catalogue(), policy(), {}
    for view in policy.views.values():
        for role in view.roles:
            release = 1 if view.kind is Kind.ANONYMIZED else None
            request = ViewRequest(view.name, role, reason="a test", release=release)
            plan = compile_view(catalogue, policy, request)
            for column in plan.explain():
                if column["column"] in catalogue.entities[view.entity].fields:
                    key = (f"role:{role}", view.entity, column["column"], view.name)
                    told[key] = tuple(column[each] for each in ("shape", "rule", "reason", "unless", "otherwise"))
    shown = {}
    for key, cell in cells(catalogue, policy).items():
        for each in cell.through:
            decision = each.decision
            otherwise = (decision.otherwise or "hidden") if decision.unless else None
            unless = ", ".join(decision.unless) or None
            shown[*key, each.view.name] = (
                decision.shape or "hidden", decision.rule, decision.reason, unless, otherwise,
            )  # fmt: skip
    assert shown == told
    assert len(told) > 15


@pytest.mark.parametrize(("catalogue", "policy"), WORLDS)
def test_a_cell_shows_the_most_telling_shapes_and_whether_refusing_everything_takes_some_away(
    catalogue, policy
) -> None:
    catalogue, policy = catalogue(), policy()

    def best(refused: frozenset[str], reader: Reader, entity: str, field: str) -> set[Shape]:
        found = {
            each.shape
            for each in seen(catalogue, policy, refused)
            if each.view in reader.views and (each.entity, each.field) == (entity, field) and each.shape
        }
        return {Shape.CLEAR} if Shape.CLEAR in found else found

    everything = frozenset(catalogue.opt_outs)
    for (_, entity, field), cell in cells(catalogue, policy).items():
        before = best(frozenset(), cell.reader, entity, field)
        assert set(cell.shapes) == before
        assert cell.yields == bool(before - best(everything, cell.reader, entity, field)), (cell.reader.key, field)


def test_an_app_has_what_its_own_views_give_and_only_while_it_holds() -> None:
    catalogue, policy = samples.catalogue(), samples.policy()
    found = cells(catalogue, policy, [APP])
    for entity, field in product(["customer"], catalogue.entities["customer"].fields):
        mine, its_role = (found[key, entity, field] for key in ("app:shop", "role:newsletter_app"))
        assert mine.says == its_role.says
    assert found["app:shop", "customer", "email"].says == ((Shape.CLEAR,), True, None, False)
    for over in (
        replace(APP, revoked_at=NOW), replace(APP, expires_at=NOW),
    ):  # fmt: skip
        assert "app:shop" not in readers_of(policy, [over], now=NOW)
    elsewhere = replace(APP, purpose="service")
    assert readers_of(policy, [elsewhere], now=NOW)["app:shop"].views == ()


def test_a_field_that_is_read_in_releases_alone_says_so() -> None:
    found = cells(samples.catalogue(), samples.policy())
    assert found["role:analyst", "customer", "birth_date"].groups == 5
    assert found["role:agent", "customer", "birth_date"].groups is None
    assert found["role:analyst", "customer", "email"].says == ((), False, None, False)


def test_of_two_releases_the_smaller_groups_count_and_with_rows_of_persons_none_do() -> None:
    policy = samples.policy()
    wider = policy.views["insight"].model_copy(update={"k": 20})
    desk = policy.views["care_desk"].model_copy(update={"roles": ("analyst",)})

    def groups(**views: View) -> int | None:
        changed = policy.model_copy(update={"views": policy.views | views})
        return cells(samples.catalogue(), changed)["role:analyst", "customer", "loyalty"].groups

    assert (groups(wider=wider), groups(desk=desk)) == (5, None)


def test_two_roles_differ_where_they_see_something_else() -> None:
    catalogue, policy = samples.catalogue(), samples.policy()
    known = readers_of(policy, [], now=NOW)
    two = [known["role:agent"], known["role:privacy_officer"]]
    differing = {line.field.name for line in who_sees(catalogue, policy, two, "customer") if line.differs}
    assert differing == {"email", "birth_date", "postcode", "income", "religion"}
    assert not any(line.differs for line in who_sees(catalogue, policy, [two[0], two[0]], "customer"))


def test_of_an_entity_that_there_is_not_nothing_is_said() -> None:
    with pytest.raises(BadInput, match="no such entity"):
        who_sees(samples.catalogue(), samples.policy(), [], "ghost")


def test_every_reason_that_a_decision_gives_has_its_sentence() -> None:
    catalogue, policy = samples.catalogue(), samples.policy()
    fields = [
        *catalogue.entities["customer"].fields.values(),
        Field.model_validate({"type": "text", "category": "user.name"}),  # without mask and generalisation
        Field.model_validate({"type": "text", "sensitivity": "personal"}),
        Field.model_validate({"type": "text", "sensitivity": "none", "general": "prefix", "keep": 1}),
    ]
    for number, field in enumerate(fields[-3:]):
        field.stand_under(f"field_{number}")
    given = {rule.why for rule in RULES.values()}
    for kind, field, asked, listed, allowed in product(Kind, fields, (None, *Shape, "hidden"), (0, 1), (False, True)):
        ways = {"kind": kind, "shapes": {field.name: asked} if asked else {}, "clear": (field.name,) * listed}
        view = policy.views["care_desk"].model_copy(update={**ways, "fields": (field.name,) if allowed else None})
        purpose = policy.purposes["service"].model_copy(update={"allows_sensitive": allowed})
        given.add(decide(field, view, purpose).reason)
    assert given ^ reasons("en").keys() == set()
