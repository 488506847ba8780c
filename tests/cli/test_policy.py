"""`cdp policy check|explain|publish`, and `cdp model check`."""

from pathlib import Path

import pytest


def change(folder, name, before, after):
    path = folder / name
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def test_a_sound_pair_of_files_needs_no_store(cdp, folder):
    done = cdp("policy", "check")
    assert (done.code, done.out, done.err) == (0, "policy.yaml is sound: 7 views, 0 findings\n", "")
    done = cdp("model", "check")
    assert (done.code, done.err) == (0, "")
    assert done.out == "catalogue.yaml is sound: 2 entities, 11 fields, and policy.yaml fits it\n"


@pytest.mark.parametrize("command", [("policy", "check"), ("model", "check")])
def test_every_fault_has_its_line(cdp, folder, command):
    change(folder, "policy.yaml", "roles: [analyst]", "roles: [analist]")
    change(folder, "policy.yaml", "fields: [email, full_name]", "fields: [emial, full_name]")
    done = cdp(*command)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "cdp: policy.yaml:13 views.insight.roles: `analist` is no role of this catalogue or policy\n"
        "     did you mean `analyst`?\n"
        "cdp: policy.yaml:14 views.newsletter.fields: `emial` is no field of this catalogue or policy\n"
        "     did you mean `email`?\n"
    )


def test_a_finding_is_printed_and_only_strict_minds(cdp, folder):
    change(folder, "policy.yaml", "analyst, newsletter_app", "analyst, idler, newsletter_app")
    finding = "policy.yaml:1 roles: no view is for the role `idler`\n"
    done = cdp("policy", "check")
    assert (done.code, done.out, done.err) == (0, f"{finding}policy.yaml is sound: 7 views, 1 finding\n", "")
    assert cdp("policy", "check", "--strict").code == 1
    assert cdp("model", "check").out.startswith(finding)


def test_the_model_is_checked_without_a_policy(cdp, folder):
    (folder / "policy.yaml").unlink()
    assert cdp("model", "check").out == "catalogue.yaml is sound: 2 entities, 11 fields\n"


def test_a_published_policy_decides_from_then_on(cdp, people):
    agent = ("read", "care_desk", "--as", "agent", "--format", "json", "--select", "full_name", "--limit", 1)
    assert cdp(*agent).json[0]["full_name"].startswith("Ann")
    change(Path(), "policy.yaml", "clear: [full_name]", "clear: []")
    done = cdp("policy", "publish")
    assert (done.code, done.out, done.err) == (0, "policy 2 is in force\n", "")
    assert cdp(*agent).json == [{"full_name": "A. N."}]
    assert cdp("policy", "publish").out == "policy 2 is in force already: nothing changed\n"


def test_a_policy_with_a_fault_is_not_published(cdp, store):
    change(store, "policy.yaml", "entity: order, purpose: service", "entity: oder, purpose: service")
    done = cdp("policy", "publish")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("cdp: policy.yaml:10 views.care_orders.entity: `oder` is no entity")
    (store / "policy.yaml").unlink()
    assert cdp("policy", "explain", "care_orders", "--as", "agent").code == 0


def test_a_view_without_a_release_says_how_to_build_one_and_is_built(cdp, people):
    insight = ("read", "insight", "--as", "analyst", "--format", "json")
    done = cdp(*insight)
    assert (done.code, done.out) == (3, "")
    assert done.err == (
        "cdp: view: the view has no release that fits the policy in force\n"
        "     build one with `cdp release build insight`\n"
    )
    assert cdp("release", "list").out == "there is no release yet; `cdp release build VIEW` builds one\n"


def test_a_draft_is_replayed_before_it_is_published(cdp, people):
    cdp("read", "care_desk", "--as", "agent", "--format", "json", "--select", "full_name,email")
    draft = Path("policy.yaml").read_text()
    Path("same.yaml").write_text(draft)
    assert cdp("policy", "replay", "same.yaml").out.endswith("nothing would have been different\n")
    change(Path(), "policy.yaml", "clear: [full_name]", "clear: [full_name, email]")
    done = cdp("policy", "replay", "policy.yaml", "--days", 7)
    assert (done.code, done.err) == (0, "")
    assert "▲ email: ◐ masked → ● clear" in done.out
    assert done.out.endswith("one reader would have had more\n")
    (line,) = cdp("policy", "replay", "policy.yaml", "--format", "json", "--against", "then").json["lines"]
    assert [(each["field"], each["exposes"], each["reads"]) for each in line["fields"]] == [("email", True, 1)]
    assert cdp("policy", "replay", "policy.yaml", "--days", 0).code == 2
    assert cdp("policy", "replay", "none.yaml").code == 4
