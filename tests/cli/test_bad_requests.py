"""Requests that are wrong: one sentence, the right exit code, and not one word of what was asked, anywhere."""

from pathlib import Path

import pytest

CANARY = "starling-7f3a@example.org"
AGENT = ("read", "care_desk", "--as", "agent", "--format", "json")
SHOWN = "     it shows customer_id, full_name, email, birth_date, postcode, income, loyalty\n"

LINES = {
    "unknown view": (("read", CANARY, "--as", "agent"), 4, "view: there is no such view"),
    "unknown view explained": (("policy", "explain", CANARY, "--as", "agent"), 4, "view: there is no such view"),
    "unknown view released": (("release", "build", CANARY), 4, "view: there is no such view"),
    "role without right": (("read", "care_desk", "--as", "analyst"), 3, "view: the view is not for this role"),
    "unknown role": (("read", "care_desk", "--as", CANARY), 3, "view: the view is not for this role"),
    "unknown role explained": (("policy", "explain", "care_desk", "--as", CANARY), 3, "view: the view is not for"),
    "no reason": (("read", "privacy_office", "--as", "privacy_officer"), 3, "reason: the view needs a reason"),
    "column to select": ((*AGENT, "--select", f"email,{CANARY}"), 2, "select: the view shows no such column"),
    "column to sort": ((*AGENT, "--order", CANARY), 2, "order: "),
    "column of a condition": (
        (*AGENT, "--where", "starling=eq.starling"),
        2,
        "where[0]: the view shows no such column",
    ),
    "no condition": ((*AGENT, "--where", CANARY), 2, "where[0]: a condition is written `column=op.value`"),
    "unknown operator": ((*AGENT, "--where", "email=starling.starling"), 2, "where[0]: a condition is written"),
    "no operator": ((*AGENT, "--where", "email=starling"), 2, "where[0]: a condition is written"),
    "second condition": ((*AGENT, "--where", "email=eq.a", "--where", "email=starling"), 2, "where[1]: a condition"),
    "open list": ((*AGENT, "--where", "email=in.(starling"), 2, "where[0]: `in` takes a list"),
    "open group": ((*AGENT, "--where", "or=(email.eq.starling"), 2, "where[0]: a group is written"),
    "empty group": ((*AGENT, "--where", "or=()"), 2, "where[0]: a group is empty"),
    "wrong kind of value": (
        ("read", "care_orders", "--as", "agent", "--where", "total=gt.starling"),
        2,
        "where[0]: the value does not fit the column",
    ),
    "operator for another type": (
        ("read", "care_orders", "--as", "agent", "--where", "paid=like.starling"),
        2,
        "where[0]: a column of type boolean takes no `like`",
    ),
    "order in a wrong direction": ((*AGENT, "--order", "email.starling"), 2, "order: an order is written"),
    "window beyond": ((*AGENT, "--limit", str(2**60)), 2, "limit: limit and offset are whole numbers from 0"),
    "customer": (("opt-out", f"email:{CANARY}", "direct_marketing"), 4, "customer: there is no such customer"),
    "opt-out": (("opt-out", "email:ann3@example.org", CANARY), 2, "choice: this names no choice"),
    "word": (("opt-in", f"email:{CANARY}", "direct_marketing", "--word", CANARY), 4, "customer: there is no such"),
    "entity": (("import", "a.csv", "--entity", CANARY), 2, "entity: the catalogue has no such entity"),
    "field": (("import", "a.csv", "--map", f"full_name={CANARY}"), 2, "mapping 1: "),
    "column": (("import", "a.csv", "--map", f"{CANARY}=email"), 2, "mapping 1: "),
}


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("line", "code", "said"), LINES.values(), ids=LINES)
def test_a_wrong_request(cdp, tmp_path, line, code, said):
    Path("a.csv").write_text("full_name\nAnn\n")
    done = cdp(*line)
    assert (done.code, done.out) == (code, ""), done.err
    assert done.err.startswith(f"cdp: {said}"), done.err
    assert len(done.err.splitlines()) <= 2
    assert "starling" not in done.err
    assert all(b"starling" not in path.read_bytes() for path in tmp_path.glob("*.db*"))


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    "options",
    [
        ("--where", "{}=eq.x"),
        ("--where", "{}=is.null"),
        ("--where", "{}=not.in.(a,b)"),
        ("--where", "or=({}.eq.x,email.eq.y)"),
        ("--order", "{}"),
        ("--order", "{}.desc,email"),
    ],
)
def test_a_hidden_column_is_to_the_byte_one_that_does_not_exist(cdp, options):
    told = [cdp(*AGENT, options[0], options[1].format(name)) for name in ("religion", "absent", "customer", "sealed")]
    assert {(done.code, done.raw, done.err) for done in told} == {
        (2, b"", f"cdp: {'where[0]' if options[0] == '--where' else 'order'}: the view shows no such column\n{SHOWN}")
    }


@pytest.mark.usefixtures("people")
def test_a_reason_and_a_condition_are_on_the_log_without_their_words(cdp, tmp_path):
    office = ("read", "privacy_office", "--as", "privacy_officer", "--reason", CANARY, "--where", f"email=eq.{CANARY}")
    assert cdp(*office).code == 0
    assert cdp("opt-out", "email:ann3@example.org", "direct_marketing", "--word", CANARY).code == 0
    assert all(CANARY.encode() not in path.read_bytes() for path in tmp_path.glob("*.db*"))
