"""The SQL of each view of the sample policy on each engine, as files that are read like code when they change.

To write them anew after a change that was meant: `python -m tests.views.test_golden`.
"""

import re
from pathlib import Path

import pytest

from cdp.store.statement import Statement
from tests import samples
from views.compile import compile_view
from views.conditions import parse_conditions
from views.request import ViewRequest, parse_order

GOLDEN = Path(__file__).with_name("golden")
ENGINES = ("sqlite", "postgresql")
RELEASE = 1

# Conditions and an order that each view takes, to see them stand outside what was allowed and treated.
WHERE = {
    "care_desk": [("full_name", "eq.Ann"), ("email", "like.a*"), ("income", "in.(0-9999,b)")],
    "care_orders": [("or", "(total.gt.1.5,paid.is.true)"), ("placed_at", "not.eq.2024")],
    "privacy_office": [("email", "eq.ann@example.org"), ("religion", "neq.x"), ("full_name", "fts.ann")],
    "insight": [("loyalty", "eq.gold")],
    "newsletter": [("email", "in.(a@example.org,b@example.org)")],
    "acme_share": [("full_name", "fts.ann"), ("income", "gte.10000")],
    "acme_orders": [("total", "lt.9.99"), ("token", "is.not_null")],
}
ORDER = {
    "care_orders": "total.desc",
    "acme_share": "postcode",
    "acme_orders": "total.nullsfirst",
    "insight": "birth_date",
}


def readable(sql: str) -> str:
    """The statement with its clauses on lines of their own."""
    broken = re.sub(r"\s+(?=(?:FROM|WHERE|(?<!OUTER )JOIN|LEFT OUTER JOIN|ORDER BY|LIMIT|CASE)\b)", "\n", sql)
    return re.sub(r", (?=(?:output|customer|\"order\"|_\w+|CAST)\.?)", ",\n    ", broken).strip()


def text_of(view: str, engine: str) -> str:
    policy = samples.policy()
    [role] = policy.views[view].roles
    request = ViewRequest(
        view, role, where=parse_conditions(WHERE[view]), order=parse_order(ORDER.get(view, "")), reason="golden",
        release=RELEASE if view == "insight" else None,
    )  # fmt: skip
    template = compile_view(samples.catalogue(), policy, request).template
    parts = [f"-- {view}: {policy.views[view].kind} for {policy.views[view].purpose}, as {role}, on {engine}"]
    needed, segments = ", ".join(each.name for each in template.needed), ", ".join(template.segments)
    parts.append(f"-- needed: {needed}; segments: {segments or 'none'}")
    whole = readable(Statement(template.chunk, engine).sql)
    parts += ["", "-- the next rows in the order of keys", f"{whole};"]
    inside = whole.partition(" AS output\n")[0]
    for which, what in (("page", "a window in the caller's order"), ("by_keys", "the rows of some keys")):
        same, around, rest = readable(Statement(getattr(template, which), engine).sql).partition(" AS output\n")
        assert (same, bool(around)) == (inside, True)  # what is allowed and treated is the same however it is read
        parts += ["", f"-- {what}: the same but for its end", f"… AS output\n{rest};"]
    return "\n".join(parts) + "\n"


def test_every_view_of_the_sample_has_conditions() -> None:
    assert set(WHERE) == set(samples.policy().views)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("view", WHERE)
def test_the_sql_is_as_it_was_read(view: str, engine: str) -> None:
    assert text_of(view, engine) == (GOLDEN / f"{view}.{engine}.sql").read_text()


def test_there_are_no_other_files() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {f"{view}.{engine}.sql" for view in WHERE for engine in ENGINES}


@pytest.mark.parametrize("view", WHERE)
def test_flags_are_only_ever_tested_as_not_refused(view: str) -> None:
    for engine, false in (("sqlite", "0"), ("postgresql", "false")):
        sql = text_of(view, engine)
        assert (
            sql.count("refused__")
            == sql.count("customer.refused__")
            == len(re.findall(rf"customer\.refused__\w+ IS {false}\b", sql))
        )


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for old in GOLDEN.iterdir():
        old.unlink()
    for each in WHERE:
        for name in ENGINES:
            (GOLDEN / f"{each}.{name}.sql").write_text(text_of(each, name))
