"""`cdp statement`: the draft is held to the policy in force, published, shown and compared."""

from pathlib import Path

from tests.cli.conftest import Cdp
from tests.statements import text


def test_a_draft_is_published_shown_and_compared(cdp: Cdp, folder: Path) -> None:
    assert cdp("init").code == 0
    (folder / "statement.yaml").write_text(text("1"))
    assert cdp("statement", "show").code == 4
    linted = cdp("statement", "lint")
    assert (linted.code, linted.out.splitlines()[-1]) == (
        0, "statement.yaml is kept by the policy in force: version 1, 0 findings",
    )  # fmt: skip
    assert cdp("statement", "publish").out == "statement 1 is in force\n"
    assert cdp("statement", "publish").out == "statement 1 is in force already: nothing changed\n"
    (folder / "statement.yaml").write_text(text("2", "We keep nothing."))
    compared = cdp("statement", "diff")
    assert compared.out == "summary:\n  - We keep little.\n  + We keep nothing.\n"
    assert cdp("statement", "publish").code == 0
    assert cdp("statement", "diff", "2", "2").out == "nothing is different\n"
    assert "We keep little." in cdp("statement", "show", "1").out
    assert "我们保存得很少。" in cdp("statement", "show", "--lang", "zh-Hans").out
    assert [line.split()[0] for line in cdp("statement", "show", "--all").out.splitlines()] == ["2", "1"]
    assert cdp("statement", "show", "3").code == 4


def test_a_broken_promise_is_told_with_its_line(cdp: Cdp, folder: Path) -> None:
    assert cdp("init").code == 0
    (folder / "statement.yaml").write_text(text(access="recipients: []"))
    for verb in ("lint", "publish"):
        done = cdp("statement", verb)
        assert (done.code, done.out) == (2, "")
        assert "recipient_unnamed" in done.err or "data is passed on to `acme`" in done.err
        assert "statement.yaml:" in done.err


def test_a_policy_that_breaks_it_stays_a_draft(cdp: Cdp, folder: Path) -> None:
    assert cdp("init").code == 0
    (folder / "statement.yaml").write_text(text())
    assert cdp("statement", "publish").code == 0
    policy = folder / "policy.yaml"
    policy.write_text(policy.read_text().replace("fields: [email, full_name]", "fields: [email, full_name, income]"))
    done = cdp("policy", "publish")
    assert done.code == 2
    assert "the view `newsletter` shows `customer.income`" in done.err
