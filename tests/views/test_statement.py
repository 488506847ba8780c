"""The statement: what it must have, the promises that a policy breaks, and the difference of two versions."""

import pytest

from cdp.catalogue.document import parse_document, validate
from cdp.catalogue.model import load_catalogue
from cdp.errors import Several
from cdp.services.demo.files import CATALOGUE, POLICY, STATEMENT
from tests import samples
from tests.statements import NAMED, statement, text
from views.policy import load_policy
from views.statement.compare import differences, sentences
from views.statement.document import CLAUSES, Statement, load_statement
from views.statement.lint import lint

SERVICE = """\
purposes:
    direct_marketing: {in_full: [customer.*]}
    disclosure: {in_full: [customer.*]}
    analytics: {in_full: [customer.*]}
    privacy_administration: {in_full: [customer.*]}
"""


def broken(said: Statement) -> list[tuple[str, str]]:
    with pytest.raises(Several) as caught:
        lint(samples.catalogue(), samples.policy(), said)
    assert caught.value.code == "statement_broken"
    return [(fault.code, fault.message) for fault in caught.value.faults]


def test_what_the_policy_keeps_is_kept() -> None:
    assert lint(samples.catalogue(), samples.policy(), statement()) == []


def test_the_demo_keeps_what_it_promises_and_promises_no_more() -> None:
    assert lint(load_catalogue(CATALOGUE), load_policy(POLICY), load_statement(STATEMENT)) == []


@pytest.mark.parametrize(
    ("clause", "names", "expected"),
    [
        ("collecting", "data: [customer.*]", ("field_unnamed", "`order.placed_at` is collected")),
        ("using", SERVICE, ("purpose_unnamed", "data is used for `service`")),
        ("access", "recipients: []", ("recipient_unnamed", "data is passed on to `acme`")),
        ("control", "opt_outs: [no_profiles]", ("unknown_opt_out", "the statement promises the opt-out `no_profiles`")),
        (
            "using",
            NAMED["using"].replace("{in_full: [customer.email, customer.full_name]}", "{in_full: [customer.email]}"),
            ("view_wider", "the view `newsletter` shows `customer.full_name`, and the statement does not say so"),
        ),
        (
            "using",
            NAMED["using"].replace("{in_full: [customer.email, customer.full_name]}", "{reduced: [customer.*]}"),
            ("view_wider", "the view `newsletter` shows `customer.email` in full, and the statement says only reduced"),
        ),
        (
            "using",
            NAMED["using"].replace("service:\n", "service:\n      legal_basis: consent\n"),
            ("basis_differs", "`service` rests on contract, and the statement says consent"),
        ),
    ],
)
def test_a_broken_promise_is_named(clause: str, names: str, expected: tuple[str, str]) -> None:
    found = broken(statement(**{clause: names}))
    assert any(code == expected[0] and message.startswith(expected[1]) for code, message in found), found


def test_a_fault_says_its_line() -> None:
    document = parse_document(text(access="recipients: []"), "statement.yaml")
    said = statement(access="recipients: []")
    with pytest.raises(Several) as caught:
        lint(samples.catalogue(), samples.policy(), said, document)
    [fault] = caught.value.faults
    assert fault.path == f"statement.yaml:{document.lines['access', 'recipients']} access.recipients"


def test_what_is_said_and_not_done_is_only_odd() -> None:
    said = statement(
        using=NAMED["using"] + "\n    birthday: {in_full: [customer.shoe_size]}",
        access="recipients: [acme, zenith]",
        control="opt_outs: [direct_marketing, third_party_disclosure, automated_decisions]",
    )
    codes = [each.code for each in lint(samples.catalogue(), samples.policy(), said)]
    assert codes == ["purpose_idle", "recipient_idle", "opt_out_untold", "part_unknown"]


@pytest.mark.parametrize("clause", CLAUSES)
def test_each_clause_is_there_in_every_language(clause: str) -> None:
    for old, new in ((f"{clause}:\n", f"{clause}s:\n"), (f', zh-Hans: "简言之：{clause}。"', "")):
        with pytest.raises(Several):
            statement_of(text().replace(old, new))


def statement_of(written: str) -> Statement:
    return validate(Statement, parse_document(written, "statement.yaml"))


def test_the_canonical_form_is_read_back() -> None:
    said = statement()
    assert Statement.model_validate_json(said.body).digest == said.digest


def test_the_difference_is_told_sentence_by_sentence_and_name_by_name() -> None:
    old = statement("1", "We keep little. You decide.")
    new = statement("2", "We keep nothing. You decide.", access="recipients: [acme, zenith]")
    summary, access = differences(old, new, "en")
    assert [(each.mark, each.text) for each in summary.pieces] == [
        ("gone", "We keep little."), ("new", "We keep nothing."), ("same", "You decide."),
    ]  # fmt: skip
    assert (access.part, list(access.new), list(access.gone), list(access.pieces)) == (
        "access", ["recipient zenith"], [], [],
    )  # fmt: skip
    assert differences(old, old, "zh-Hans") == []
    assert [each.part for each in differences(old, new, "zh-Hans")] == ["access"]


def test_sentences_of_both_languages() -> None:
    assert sentences("我们保存很少。您来决定！") == ["我们保存很少。", "您来决定！"]
    assert sentences("By 3.5 p.m. we\nclose.\n\nThen we go") == ["By 3.5 p.m. we", "close.", "Then we go"]
