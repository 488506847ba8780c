"""Whoever comes in has what her regime refuses before she is read; a move or a new policy only tightens."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdp.bootstrap import Platform
from cdp.errors import Several
from cdp.services.consent_history import read_consent
from cdp.services.imports.load import import_file
from cdp.services.opt_out import allow
from cdp.services.publish import publish_policy
from cdp.terms import OPT_OUTS
from consent.events import Source
from tests import samples
from tests.samples import TESTER
from views.check import check_policy
from views.policy import Policy

COUNTRY = "      country:    {type: text, category: user.contact.address.country, sensitivity: personal}\n"
CATALOGUE = samples.CATALOGUE_TEXT.replace("  order:\n", COUNTRY + "  order:\n", 1)
BY = "regime: {by: country, regimes: {DE: gdpr, US: ccpa}}\n"
GDPR = {"direct_marketing", "automated_decisions", "sensitive_data"}


def policy(regime: str) -> Policy:
    return samples.policy(samples.POLICY_TEXT + regime)


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    from cdp.bootstrap import create_platform
    from cdp.services.publish import initialise

    with create_platform(samples.settings(tmp_path / "home", database_url, keys_url)) as opened:
        initialise(opened, samples.catalogue(CATALOGUE), policy(BY), principal=TESTER)
        yield opened


def bring(platform: Platform, path: Path, *rows: str) -> None:
    path.write_text("\n".join(["email,country,third_party_disclosure", *rows]) + "\n", encoding="utf-8")
    import_file(platform, path, again=True, principal=TESTER, progress=lambda *_: None)


def refused(platform: Platform, name: str) -> set[str]:
    standing = read_consent(platform, f"email:{name}@example.org", principal=TESTER)
    found = {each for each, flag in standing.flags.items() if flag}
    assert found == {each.opt_out for each in standing.verdicts if each.refused}
    return found


def test_an_import_brings_people_with_what_their_regimes_refuse(platform: Platform, tmp_path: Path) -> None:
    bring(
        platform,
        tmp_path / "a.csv",
        "de@example.org,DE,",
        "us@example.org,US,yes",
        "x@example.org,,",
        "y@example.org,??,",
    )
    assert [refused(platform, name) for name in ("de", "us", "x", "y")] == [
        GDPR,
        {"third_party_disclosure"},
        GDPR,
        GDPR,
    ]
    history = read_consent(platform, "email:de@example.org", principal=TESTER).history
    assert {(each.source, each.jurisdiction, each.reference) for each in history} == {(Source.REGIME, "DE", "gdpr/1")}


def test_her_own_word_of_any_time_beats_a_default(platform: Platform, tmp_path: Path) -> None:
    bring(platform, tmp_path / "a.csv", "us@example.org,US,")
    allow(platform, "email:us@example.org", "direct_marketing", principal=TESTER, word="yes")
    bring(platform, tmp_path / "b.csv", "us@example.org,DE,")
    assert refused(platform, "us") == GDPR - {"direct_marketing"}


def test_a_move_tightens_and_never_loosens(platform: Platform, tmp_path: Path) -> None:
    bring(platform, tmp_path / "a.csv", "us@example.org,US,", "de@example.org,DE,")
    bring(platform, tmp_path / "b.csv", "us@example.org,DE,", "de@example.org,US,")
    assert refused(platform, "us") == refused(platform, "de") == GDPR
    before = read_consent(platform, "email:us@example.org", principal=TESTER).history
    bring(platform, tmp_path / "c.csv", "us@example.org,US,")
    bring(platform, tmp_path / "d.csv", "us@example.org,DE,")
    assert read_consent(platform, "email:us@example.org", principal=TESTER).history == before


def test_a_new_policy_tightens_everybody_before_it_holds(platform: Platform, tmp_path: Path) -> None:
    bring(platform, tmp_path / "a.csv", "us@example.org,US,", "de@example.org,DE,", "cn@example.org,CN,")
    allow(platform, "email:cn@example.org", "sensitive_data", principal=TESTER, word="yes")
    publish_policy(platform, policy(BY.replace("US: ccpa", "US: pipl")), principal=TESTER)
    assert refused(platform, "us") == GDPR - {"automated_decisions"} | {"third_party_disclosure"}
    assert refused(platform, "de") == GDPR
    assert refused(platform, "cn") == set(OPT_OUTS) - {"sensitive_data"}
    publish_policy(platform, policy("regime: {default: none}\n"), principal=TESTER)
    assert refused(platform, "de") == GDPR
    bring(platform, tmp_path / "b.csv", "new@example.org,DE,")
    assert refused(platform, "new") == set()


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("", "unknown_field"),
        ("      country: {type: text, category: user.contact.address.country}\n", "regime_field"),
        ("      country: {type: text, sensitivity: none, at_rest: sealed}\n", "regime_field"),
        ("      country: {type: integer, sensitivity: none}\n", "regime_field"),
    ],
)
def test_a_regime_is_chosen_by_a_field_that_stands_in_the_clear(field: str, code: str) -> None:
    catalogue = samples.catalogue(CATALOGUE.replace(COUNTRY, field))
    with pytest.raises(Several) as caught:
        check_policy(catalogue, policy(BY))
    assert [fault.code for fault in caught.value.faults] == [code]


@pytest.mark.parametrize("basis", ["consent", "legitimate_interest"])
def test_a_purpose_that_she_can_end_names_the_opt_out_that_ends_it(basis: str) -> None:
    text = samples.POLICY_TEXT.replace(
        "{legal_basis: contract, subject_to: []}", f"{{legal_basis: {basis}, subject_to: []}}"
    )
    with pytest.raises(Several) as caught:
        check_policy(samples.catalogue(), samples.policy(text))
    assert [fault.code for fault in caught.value.faults] == ["opt_out_needed"]
    assert "purposes.service" in caught.value.faults[0].path


def test_no_code_creates_customers_but_here() -> None:
    """`Writer.create` writes rows without asking a regime; only `consent.arrivals`, and code that says whose rows it
    writes by `customer_id=`, may call it."""
    root, found = Path(__file__).resolve().parents[2], []
    for folder in ("cdp", "consent", "views", "audit"):
        for path in sorted((root / folder).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "NewRow":
                    named = {each.arg for each in node.keywords}
                    is_named = "customer_id" in named or len(node.args) > 1
                    if not is_named and path.name != "arrivals.py":
                        found.append(f"{path.relative_to(root)}:{node.lineno}")
    assert found == []
