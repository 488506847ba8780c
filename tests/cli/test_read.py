"""`cdp read`: what people see, what programs get, what is on the log."""

from pathlib import Path

import pytest
from sqlalchemy import select

from audit.entries import parse_entry
from cdp.bootstrap import open_platform
from cdp.config import load_settings
from cdp.store.platform import LOG_ENTRY
from cdp.store.write import NewRow
from tests import samples

AGENT = ("read", "care_desk", "--as", "agent")


def entries():
    with open_platform(load_settings()) as platform:
        return [
            parse_entry(bytes(row[0])) for row in platform.door.lookup(select(LOG_ENTRY.c.entry).order_by("number"))
        ]


def test_json_gives_what_the_view_shows(cdp, people):
    done = cdp(*AGENT, "--format", "json", "--where", "full_name=eq.Ann Number3")
    assert (done.code, done.err) == (0, "")
    assert done.json == [
        {
            "customer_id": people[3],
            "full_name": "Ann Number3",
            "email": "a***@e***.org",
            "birth_date": "1960-1969",
            "postcode": "90*",
            "income": "30000-39999",
            "religion": None,
            "loyalty": "gold",
        }
    ]


def test_the_log_names_the_user_the_role_and_no_value(cdp, people, monkeypatch):
    monkeypatch.setenv("USER", "somebody_else")
    assert cdp(*AGENT, "--format", "csv", "--where", "full_name=eq.Ann Number3", "--reason", "because").code == 0
    entry = entries()[-1]
    assert (entry["what"], entry["act"], entry["role"], entry["rows"]) == ("disclosure", "read", "agent", 1)
    assert entry["principal"].startswith("os:")
    assert "somebody_else" not in entry["principal"]
    assert "Number3" not in str(entry)


def test_select_order_limit_and_offset(cdp, people):
    arguments = ("--select", "loyalty,full_name", "--order", "full_name.desc", "--limit", 2, "--offset", 1)
    done = cdp(*AGENT, "--format", "json", *arguments)
    assert done.json == [
        {"loyalty": "silver", "full_name": "Ann Number8"},
        {"loyalty": "gold", "full_name": "Ann Number7"},
    ]


def test_several_conditions_must_all_hold_and_groups_are_understood(cdp, people):
    wheres = ("--where", "loyalty=eq.gold", "--where", "or=(full_name.like.*3,full_name.like.*4)")
    done = cdp(*AGENT, "--format", "json", "--select", "full_name", *wheres)
    assert done.json == [{"full_name": "Ann Number3"}]


def test_a_value_may_hold_an_equals_sign(cdp, people):
    done = cdp(*AGENT, "--format", "json", "--where", "full_name=eq.a=b")
    assert (done.code, done.json) == (0, [])


def test_a_table_shows_signs_rows_and_why(cdp, people):
    done = cdp(*AGENT, "--limit", 2, "--order", "full_name")
    head, *_ = done.out.splitlines()
    for title in ("● full_name", "◐ email", "◍ postcode", "○ religion"):
        assert title in head
    assert "Ann Number0" in done.out
    assert "2 rows · view care_desk (standard), purpose service" in done.out
    assert "● clear   ◐ masked   ◍ generalised   ○ withheld" in done.out
    assert done.err == ""


def test_a_withheld_cell_is_a_circle_in_people_s_eyes_and_null_in_a_program_s(cdp, people):
    assert cdp("opt-out", people[2], "third_party_disclosure").code == 0
    share = ("read", "acme_share", "--as", "acme_app")
    table = cdp(*share).out
    assert "●○ full_name" in table
    assert "●◍ postcode" in table
    refused = [line for line in table.splitlines() if "Ann" not in line and "*" in line]
    assert len(refused) == 1
    assert "○" in refused[0]
    rows = [row for row in cdp(*share, "--format", "json").json if row["full_name"] is None]
    assert [(row["postcode"], row["income"]) for row in rows] == [("92*", None)]


def test_a_missing_value_is_no_withheld_one(cdp, store):
    with open_platform(load_settings()) as platform:
        samples.add(platform, [NewRow({"full_name": "Bo"})])
    assert "–" in cdp(*AGENT, "--select", "full_name,loyalty").out


def test_a_table_stops_at_a_hundred_rows_and_says_so(cdp, store):
    with open_platform(load_settings()) as platform:
        samples.add_people(platform, 103)
    done = cdp(*AGENT, "--select", "full_name")
    assert done.out.count("Ann Number") == 100
    assert "`--limit N` shows more" in done.err
    assert entries()[-1]["rows"] == 101
    assert cdp(*AGENT, "--select", "full_name", "--limit", 102).out.count("Ann Number") == 102
    assert cdp(*AGENT, "--select", "full_name", "--format", "csv").out.count("Ann Number") == 103


def test_an_empty_answer_is_an_answer(cdp, store):
    assert cdp(*AGENT, "--format", "json").json == []
    assert cdp(*AGENT, "--format", "ndjson").out == ""
    assert cdp(*AGENT, "--format", "csv", "--select", "email").out == "email\r\n"
    assert "0 rows" in cdp(*AGENT).out


@pytest.mark.parametrize("command", [("read", "--explain"), ("policy", "explain")])
def test_explain_tells_shapes_rules_and_reasons_and_reads_nothing(cdp, people, command):
    verb, *options = command
    arguments = (verb, *options, "acme_share", "--as", "acme_app")
    before = len(entries())
    table = cdp(*arguments).out
    assert "disclosed, generalised where the customer refused" in table
    assert "what she refused shows in her cells" in table
    plan = cdp(*arguments, "--format", "json").json
    assert (plan["view"], plan["kind"], plan["recipient"]) == ("acme_share", "selective", "acme")
    postcode = next(column for column in plan["columns"] if column["column"] == "postcode")
    assert (postcode["shape"], postcode["unless"], postcode["otherwise"]) == (
        "clear",
        "third_party_disclosure",
        "general",
    )
    assert len(entries()) == before


def test_explain_says_who_is_not_there(cdp, store):
    done = cdp("policy", "explain", "newsletter", "--as", "newsletter_app")
    assert "Customers who refused direct_marketing are not there." in done.out


def test_a_full_view_wants_a_reason_to_read_and_none_to_explain(cdp, people):
    office = ("read", "privacy_office", "--as", "privacy_officer")
    refused = cdp(*office)
    assert (refused.code, refused.out) == (3, "")
    assert refused.err.startswith("cdp: reason: the view needs a reason")
    assert cdp(*office, "--explain").code == 0
    read = cdp(*office, "--reason", "she asked", "--format", "json", "--where", "email=eq.ann3@example.org")
    assert [row["religion"] for row in read.json] == ["creed 3"]


def test_a_draft_that_is_not_in_force_is_named_on_stderr_only(cdp, people):
    quiet = cdp(*AGENT, "--format", "csv")
    policy = Path("policy.yaml")
    policy.write_text(policy.read_text().replace("clear: [full_name]", "clear: []"))
    noted = cdp(*AGENT, "--format", "csv")
    assert noted.raw == quiet.raw
    assert noted.err == "note: not in force: policy.yaml (see `cdp policy check`)\n"
    policy.write_text("{")
    assert "policy.yaml" in cdp(*AGENT, "--format", "csv").err
