"""`cdp model plan|apply`: what a new catalogue changes, in words and SQL, and changing it."""

from pathlib import Path

import pytest

AGENT = ("read", "care_desk", "--as", "agent", "--format", "json", "--where", "full_name=eq.Ann Number3")


@pytest.fixture
def draft(people):
    def change(before, after):
        path = Path("catalogue.yaml")
        text = path.read_text()
        assert before in text
        path.write_text(text.replace(before, after))

    return change


def test_nothing_changes(cdp, store):
    assert cdp("model", "plan").out == "nothing changes\n"
    done = cdp("model", "apply")
    assert (done.code, done.out, done.err) == (0, "catalogue 1 is in force; 0 rows written anew\n", "")


def test_a_new_field_is_planned_in_words_and_sql_and_applied(cdp, draft):
    draft("loyalty:", "nickname: {type: text, sensitivity: none}\n      loyalty:")
    plan = cdp("model", "plan")
    assert (plan.code, plan.err) == (0, "")
    assert "nickname" in plan.out.splitlines()[0]
    assert "\n      ALTER TABLE customer ADD COLUMN nickname TEXT" in plan.out
    assert "!" not in plan.out
    assert "nickname" not in cdp(*AGENT).json[0]
    assert cdp("model", "apply").out == "catalogue 2 is in force; 0 rows written anew\n"
    assert cdp(*AGENT).json[0]["nickname"] is None
    assert cdp("model", "plan").out == "nothing changes\n"


def test_a_new_mask_writes_rows_anew_and_says_how_far_it_is(cdp, draft):
    draft("mask: email", "mask: generic")
    assert "12 rows will be written anew" in cdp("model", "plan").out
    before = cdp(*AGENT).json[0]["email"]
    done = cdp("model", "apply")
    assert (done.code, done.out) == (0, "catalogue 2 is in force; 12 rows written anew\n")
    assert done.err.splitlines()[-1] == "12 rows written anew (100 %)"
    assert cdp(*AGENT).json[0]["email"] != before


def test_what_destroys_is_marked_and_needs_to_be_allowed(cdp, draft):
    draft("      religion:   {type: text, category: user.demographic.religious_belief}\n", "")
    plan = cdp("model", "plan").out
    assert plan.startswith("! `customer.religion` goes")
    assert plan.endswith("`cdp model apply --allow-destructive`\n")
    done = cdp("model", "apply")
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("cdp: 1 of the changes may lose stored values\n")
    assert "religion" in cdp(*AGENT).json[0]
    assert cdp("model", "apply", "--allow-destructive").code == 0
    assert "religion" not in cdp(*AGENT).json[0]


def test_a_catalogue_that_the_policy_does_not_fit_is_not_applied(cdp, draft):
    draft("      loyalty:    {type: choice, choices: [gold, silver, none], sensitivity: none}\n", "")
    assert "publish one that fits both catalogues first" in cdp("model", "plan").out
    done = cdp("model", "apply", "--allow-destructive")
    assert (done.code, done.out) == (2, "")
    assert "cdp: views.insight.fields: `loyalty` is no field" in done.err
    assert cdp("read", "care_desk", "--as", "agent").code == 0


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_a_malformed_draft_changes_nothing(cdp, draft, command):
    draft("mask: email", "maks: email")
    done = cdp("model", command)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "cdp: catalogue.yaml:5 entities.customer.fields.email.maks: unknown key `maks`\n     did you mean `mask`?\n"
    )


def test_a_draft_elsewhere_is_named(cdp, draft):
    draft("mask: email", "mask: generic")
    Path("catalogue.yaml").rename("next.yaml")
    assert "12 rows" in cdp("model", "plan", "--catalogue", "next.yaml").out
    done = cdp("model", "plan")
    assert (done.code, done.out, done.err) == (4, "", "cdp: catalogue.yaml: there is no such file\n")
