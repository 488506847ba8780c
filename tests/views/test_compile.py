"""`compile_view` is a pure function: no I/O, the same plan every time, and every refusal before anything is opened."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from cdp.errors import BadInput, CdpError, NotFound, Refused
from cdp.store.statement import Statement
from tests import samples
from tests.support import organisation
from tests.support.worlds import READER, request_of
from views.compile import compile_view
from views.conditions import parse_conditions
from views.plan import Plan
from views.request import ViewRequest

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN = ("open", "socket", "sqlite3.", "subprocess", "os.", "shutil", "urllib", "ctypes")
_heard: list[str] | None = None


def _listen(event: str, args: tuple[Any, ...]) -> None:
    if _heard is not None and event.startswith(FORBIDDEN):
        _heard.append(f"{event} {args[:1]}")


sys.addaudithook(_listen)


@contextmanager
def listening() -> Iterator[list[str]]:
    """What was opened meanwhile, by the interpreter's own account."""
    global _heard  # noqa: PLW0603 (a hook cannot be taken out again, only told to be quiet)
    _heard = []
    try:
        yield _heard
    finally:
        _heard = None


def plan(view: str, *where: tuple[str, str], **more: Any) -> Plan:
    return compile_view(organisation.catalogue(), organisation.policy(), request_of(view, *where, **more))


def code(view: str, *where: tuple[str, str], **more: Any) -> str:
    with pytest.raises(CdpError) as caught:
        plan(view, *where, **more)
    return caught.value.code


def test_compiling_opens_nothing() -> None:
    asked = [(("full_name", "eq.Ann"), ("income", "gt.5")), (("or", "(email.like.a*,account.is.null)"),)]
    for view, where in product(("partner", "letter"), asked):
        plan(view, *where, order="income")  # what is imported at first use is not our question
    catalogue, policy = organisation.catalogue(), organisation.policy()
    from views import compile as compiler

    compiler._template.cache_clear()
    with listening() as heard:
        for view, where in product(("partner", "letter"), asked):
            made = compile_view(catalogue, policy, request_of(view, *where, order="income"))
            made.explain()
            for engine, which in product(("sqlite", "postgresql"), ("chunk", "page", "keys", "by_keys", "late_count")):
                Statement(getattr(made.template, which), engine)
    assert heard == []


def test_the_listener_hears() -> None:
    with listening() as heard:
        Path(__file__).read_bytes()
    assert heard


def test_the_same_question_gives_the_same_plan() -> None:
    first = plan("letter", ("email", "eq.a@example.org"), limit=3)
    second = plan("letter", ("email", "eq.b@example.org"), limit=9, offset=2, reason="another")
    assert first.template is second.template  # operands, windows and reasons are not part of what is compiled
    assert first.values != second.values
    assert first.request.limit == 3
    others = [
        plan("letter", ("email", "in.(a)")),
        plan("letter"),
        plan("letter", order="email"),
        plan("letter", columns="email"),
    ]
    assert len({id(each.template) for each in (first, *others)}) == 5
    assert len({each.template.digest for each in (first, *others)}) == 5


def test_another_policy_never_gets_the_plan_of_this_one() -> None:
    narrow = organisation.policy(letter={**organisation.VIEWS["letter"], "fields": ["email"]})
    bound = organisation.policy(letter={**organisation.VIEWS["letter"], "purpose": "service"})
    plans = [
        compile_view(organisation.catalogue(), each, request_of("letter"))
        for each in (organisation.policy(), narrow, bound)
    ]
    assert len({each.template.digest for each in plans}) == 3
    assert [len(each.columns) for each in plans] == [5, 2, 5]
    assert ["refused__direct_marketing" in Statement(each.template.chunk, "sqlite").sql for each in plans] == [
        True,
        True,
        False,
    ]


PRINTER = """
from cdp.store.statement import Statement
from tests import samples
from tests.views.test_golden import WHERE, text_of
from views.anonymize.release import release_digest
print(samples.catalogue().digest, samples.policy().digest)
for view in WHERE:
    print(text_of(view, "sqlite"), text_of(view, "postgresql"))
print(release_digest(samples.catalogue(), samples.policy(), samples.policy().views["insight"]))
"""


def test_every_process_compiles_the_same() -> None:
    """Sets and hashes have another order in every process; nothing that is compiled, cached or signed may follow it."""
    outputs = {
        subprocess.run(
            [sys.executable, "-c", PRINTER],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "7")
    }
    assert len(outputs) == 1
    assert len(outputs.pop()) > 10_000


def test_refusals() -> None:
    catalogue, policy = organisation.catalogue(), organisation.policy()
    for view in organisation.VIEWS:
        for role in ("", "agent", "Reader", "reader ", "READER", "*"):
            with pytest.raises(Refused) as refused:
                compile_view(catalogue, policy, ViewRequest(view, role, reason="x"))
            assert refused.value.code == "not_permitted"
    for name in ("", "Letter", "letter ", "nosuch", "letter'--"):
        with pytest.raises(NotFound) as unknown:
            compile_view(catalogue, policy, ViewRequest(name, READER))
        assert unknown.value.code == "unknown_view"
    for reason in ("", " ", "\t\n"):
        assert code("office", reason=reason) == "reason_needed"
    for reason in ("x" * 1_001, "\0", "\ud800"):
        assert code("office", reason=reason) == "bad_reason"
    assert code("insight") == "no_release"


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (("income", "eq.many"), "bad_condition"),
        (("income", "eq.1.5"), "bad_condition"),
        (("income", "like.1*"), "bad_condition"),
        (("income", "in.(1,x)"), "bad_condition"),
        (("income", f"eq.{2**63}"), "bad_condition"),
        (("income", "is.true"), "bad_condition"),
        (("income", "fts.x"), "bad_condition"),
        (("email", "fts.x"), "bad_condition"),
        (("religion", "eq.x"), "unknown_column"),
        (("refused__direct_marketing", "is.false"), "unknown_column"), (("_key", "gt.0"), "unknown_column"),
        (("email__masked", "eq.x"), "unknown_column"),
        (("ordinal", "gt.0"), "unknown_column"),
        (("full_name.x", "eq.x"), "unknown_column"),
        (("or", "(income.gt.1,religion.eq.x)"), "unknown_column"),
        (("and", "(income.gt.1,or(religion.eq.x))"), "unknown_column"),
    ],
)  # fmt: skip
def test_conditions_that_do_not_fit(where: tuple[str, str], expected: str) -> None:
    assert code("letter", where) == expected
    with pytest.raises(CdpError) as caught:
        plan("letter", ("income", "gt.0"), where)
    assert caught.value.path == "where[1]"


@pytest.mark.parametrize("operand", ["eq.many", "in.(1,many)", "not.gt.1e400", "lte. 1"])
def test_an_operand_for_a_sealed_column_is_refused_as_early(operand: str) -> None:
    """What has to wait for unsealing is not looked at later than what the store can judge."""
    fields = {
        "balance": {"type": "integer", "sensitivity": "personal", "at_rest": "sealed"},
        "visits": {"type": "integer", "sensitivity": "none"},
    }
    from tests.support.worlds import catalogue_of, policy_of

    catalogue, policy = catalogue_of(fields), policy_of({"p": {}}, {"seen": {"kind": "full", "purpose": "p"}})
    errors = []
    for column in ("visits", "balance"):
        with pytest.raises(BadInput) as caught:
            compile_view(catalogue, policy, request_of("seen", (column, operand)))
        errors.append((caught.value.code, caught.value.path, caught.value.message, caught.value.hint))
    assert errors[0] == errors[1]


def test_select_order_and_window() -> None:
    assert code("letter", columns="religion") == code("letter", columns="nosuch") == "unknown_column"
    assert code("letter", columns="email,email") == "bad_select"
    assert code("letter", order="religion") == code("letter", order="nosuch") == "unknown_column"
    for limit, offset in ((-1, 0), (None, -1), (2**60, 0), (None, 2**60)):
        assert code("letter", limit=limit, offset=offset) == "bad_window"
    assert [each.name for each in plan("letter", columns="income,email").columns] == ["income", "email"]
    assert [each.name for each in plan("desk", columns="religion").columns] == [
        "religion"
    ]  # null for everyone, and there


def test_a_request_chooses_no_purpose() -> None:
    """A credential may be bound to one, which can only refuse a view of another."""
    assert not {"recipient", "entity", "kind"} & set(ViewRequest.__dataclass_fields__)
    with pytest.raises(Refused, match="purpose"):
        compile_view(organisation.catalogue(), organisation.policy(), replace(request_of("letter"), purpose="service"))
    with pytest.raises(BadInput):
        plan("letter", ("purpose", "eq.service"))


def test_the_plan_explains_itself() -> None:
    found = {each["column"]: each for each in plan("partner").explain()}
    assert found["income"]["unless"] == "third_party_disclosure"
    assert (found["income"]["shape"], found["income"]["otherwise"]) == ("clear", "hidden")
    assert found["postcode"]["otherwise"] == "general"
    assert found["religion"]["unless"] == "third_party_disclosure, sensitive_data"
    assert found["loyalty"]["unless"] is None
    assert all(each["reason"] and each["rule"] for each in found.values())
    assert {each["column"]: each["shape"] for each in plan("desk").explain()}["religion"] == "hidden"


def test_the_log_knows_the_shape_of_conditions_only() -> None:
    made = plan("letter", ("email", "eq.ann@example.org"), ("or", "(income.not.in.(1,2),account.is.not_null)"))
    assert made.conditions == ("email.eq", "or(not.income.in,account.is.not_null)")


def test_the_sample_policy_compiles_for_its_roles() -> None:
    catalogue, policy = samples.catalogue(), samples.policy()
    for view, role in product(policy.views, policy.roles):
        request = ViewRequest(view, role, reason="x", release=1, where=parse_conditions([]))
        if role in policy.views[view].roles:
            assert compile_view(catalogue, policy, request).columns
        else:
            with pytest.raises(Refused):
                compile_view(catalogue, policy, request)
