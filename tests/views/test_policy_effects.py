"""What another policy does: nothing that tells anybody more, of anyone, passes as something that does not."""

from itertools import product

import pytest

from cdp.catalogue.document import parse_document, validate
from cdp.services.proposals.dump import to_yaml
from cdp.terms import OPT_OUTS, Shape
from tests import samples
from views.decide import decided
from views.policy import Policy
from views.policy_effects import Way, policy_effects, widens
from views.rows import KEEPS_REFUSED

CATALOGUE = samples.catalogue()
RANK = {None: 1, Shape.MASKED: 2, Shape.GENERAL: 2, Shape.CLEAR: 3}
BASE = samples.POLICY_TEXT.replace("fields: [full_name, postcode, income]", "fields: [full_name, income, religion]") + (
    "  scores: {kind: opt_out, purpose: direct_marketing, roles: [agent], fields: [income, postcode], "
    "shapes: {income: general}, write: [postcode]}\n"
)

EDITS = {
    "a field in the clear": ("clear: [full_name]}", "clear: [full_name, email]}"),
    "a field masked again": (", clear: [full_name]}", "}"),
    "one more column": ("fields: [email, full_name]}", "fields: [email, full_name, income]}"),
    "one column less": ("fields: [email, full_name]}", "fields: [email]}"),
    "one more role": ("roles: [newsletter_app], fields", "roles: [newsletter_app, acme_app], fields"),
    "another role": ("roles: [newsletter_app], fields", "roles: [acme_app], fields"),
    "nobody asked any more": ("consent, subject_to: [direct_marketing]}", "contract, subject_to: []}"),
    "another opt-out asked": ("subject_to: [direct_marketing]}", "subject_to: [automated_decisions]}"),
    "one more opt-out asked": (
        "subject_to: [direct_marketing]}", "subject_to: [direct_marketing, automated_decisions]}",
    ),
    "refusals of third parties forgotten": ("subject_to: [third_party_disclosure]}", "subject_to: []}"),
    "owed by law": ("{legal_basis: contract, subject_to: []}", "{legal_basis: legal_obligation, subject_to: []}"),
    "no reason any more": (", needs: [reason]}", "}"),
    "a reason from now on": ("entity: order, purpose: service, roles: [agent]}",
        "entity: order, purpose: service, roles: [agent], needs: [reason]}"),
    "smaller groups": ("k: 5", "k: 4"),
    "larger groups": ("k: 5", "k: 6"),
    "less diverse": ("k: 5", "k: 5, l: 1"),
    "more diverse": ("k: 5", "k: 5, l: 3"),
    "a stronger shape": ("shapes: {income: general}, ", ""),
    "a weaker shape": ("shapes: {income: general}, ", "shapes: {income: hidden, postcode: general}, "),
    "more may be written": ("write: [postcode]", "write: [postcode, income]"),
    "less may be written": (", write: [postcode]", ""),
    "another kind": ("kind: opt_out, purpose: direct_marketing, roles: [newsletter_app]",
        "kind: standard, purpose: direct_marketing, roles: [newsletter_app]"),
    "another recipient": ("recipient: acme, roles: [acme_app], fields: [total",
        "recipient: other, roles: [acme_app], fields: [total"),
    "sensitive data": ("subject_to: [third_party_disclosure]}\n  service",
        "subject_to: [third_party_disclosure], allows_sensitive: true}\n  service"),
    "a glass to break": (", needs: [reason]}", ", needs: [reason], break_glass: [agent]}"),
    "a view gone": ("  care_orders:    {kind: standard, entity: order, purpose: service, roles: [agent]}\n", ""),
    "a view besides": ("views:\n", "views:\n  more: {kind: standard, purpose: service, roles: [agent]}\n"),
    "a view by another name": ("  newsletter: ", "  letters: "),
    "a regime": ("views:\n", "regime: {default: gdpr}\nviews:\n"),
    "a title": ("roles: [agent], clear", "title: {en: Desk}, roles: [agent], clear"),
}  # fmt: skip

NARROWER = {
    "a field masked again", "one column less", "one more opt-out asked", "a reason from now on", "larger groups",
    "more diverse", "a weaker shape", "less may be written", "a view gone", "a regime", "a title",
}  # fmt: skip


def policy(*names: str, back: bool = False) -> tuple[Policy, Policy]:
    text = BASE
    for name in names:
        old, new = EDITS[name]
        assert old in text, name
        text = text.replace(old, new, 1)
    pair = samples.policy(BASE), samples.policy(text)
    return (pair[1], pair[0]) if back else pair


def told(policy_: Policy, refused: frozenset[str]) -> dict[tuple[str, str, str], int]:
    """How much each role has of each field through each view, of somebody who refuses these; 0 without a row."""
    found = {}
    for view in policy_.views.values():
        purpose = policy_.purposes[view.purpose]
        row = view.kind in KEEPS_REFUSED or refused.isdisjoint(purpose.subject_to)
        for each in decided(CATALOGUE.entities[view.entity], view, purpose):
            shape = each.otherwise if refused & set(each.unless) else each.shape
            for role in view.roles:
                found[view.name, role, each.name] = RANK[shape] if row else 0
    return found


def tells_more(old: Policy, new: Policy) -> bool:
    for flags in product((False, True), repeat=len(OPT_OUTS)):
        refused = frozenset(name for name, flag in zip(OPT_OUTS, flags, strict=True) if flag)
        before, after = told(old, refused), told(new, refused)
        if any(
            rank > max(before.get(place, 0), 1) or (rank and not before.get(place, 1)) for place, rank in after.items()
        ):
            return True
    return False


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("name", EDITS)
def test_whatever_tells_more_of_anyone_widens(name: str, back: bool) -> None:
    old, new = policy(name, back=back)
    assert widens(CATALOGUE, old, new) or not tells_more(old, new)


def test_nothing_that_narrows_hides_what_widens() -> None:
    """Two edits at once: those that touch the same place do not go together."""
    tried = 0
    for name, other in zip(EDITS, [*EDITS][7:] + [*EDITS][:7], strict=True):
        if EDITS[name][0] in EDITS[other][0] or EDITS[other][0] in EDITS[name][0]:
            continue
        try:
            old, both = policy(name, other)
        except AssertionError:
            continue
        tried += 1
        assert widens(CATALOGUE, old, both) == (not {name, other} <= NARROWER), (name, other)
        assert widens(CATALOGUE, old, both) or not tells_more(old, both), (name, other)
    assert tried > 15


@pytest.mark.parametrize("name", EDITS)
def test_which_edits_take_a_second_person(name: str) -> None:
    found = list(policy_effects(CATALOGUE, *policy(name)))
    assert any(each.way is Way.WIDENS for each in found) == (name not in NARROWER)
    assert bool(found) == (name != "a title")


@pytest.mark.parametrize(
    ("name", "whats"),
    [
        ("nobody asked any more", {("rows_more", "newsletter"), ("rows_more", "scores"), ("basis", "newsletter"),
            ("basis", "scores")}),
        ("owed by law", {("rows_owed", "care_desk"), ("rows_owed", "care_orders")}),
        ("another kind", {("view_other", "newsletter"), ("column", "newsletter")}),
        ("a view by another name", {("view_new", "letters"), ("view_gone", "newsletter")}),
        ("another role", {("roles_more", "newsletter"), ("roles_less", "newsletter")}),
    ],
)  # fmt: skip
def test_what_is_said_of_an_edit(name: str, whats: set[tuple[str, str]]) -> None:
    assert {(each.what, each.view) for each in policy_effects(CATALOGUE, *policy(name))} == whats


@pytest.mark.parametrize(
    ("old", "new", "way"),
    [
        ("{default: gdpr}", "{default: none}", Way.WIDENS),
        ("{default: none}", "{default: gdpr}", Way.NARROWS),
        ("{default: none}", "{by: postcode, regimes: {DE: gdpr, US: ccpa}}", Way.NARROWS),
        ("{by: postcode, regimes: {DE: gdpr, US: ccpa}}", "{by: postcode, regimes: {DE: gdpr, US: gdpr}}", Way.NARROWS),
        ("{by: postcode, regimes: {DE: gdpr, US: ccpa}}", "{by: postcode, regimes: {DE: ccpa, US: ccpa}}", Way.WIDENS),
        ("{by: postcode, regimes: {DE: gdpr}}", "{by: loyalty, regimes: {DE: gdpr}}", Way.WIDENS),
    ],
)  # fmt: skip
def test_which_way_a_regime_goes(old: str, new: str, way: Way) -> None:
    pair = [samples.policy(BASE.replace("views:\n", f"regime: {text}\nviews:\n", 1)) for text in (old, new)]
    assert [each.way for each in policy_effects(CATALOGUE, *pair)] == [way]


def test_a_policy_written_out_reads_back_as_the_same() -> None:
    odd = BASE.replace("roles: [agent], clear", 'title: {en: "no", zh-Hans: "1e3: #~"}, roles: [agent], clear')
    for made in (samples.policy(BASE), samples.policy(odd), *(policy(name)[1] for name in EDITS)):
        text = to_yaml(made)
        assert validate(Policy, parse_document(text, "policy.yaml")) == made
        assert to_yaml(validate(Policy, parse_document(text, "policy.yaml"))) == text
    assert to_yaml(samples.catalogue())


def test_who_does_away_with_the_second_officer_needs_one() -> None:
    two = samples.policy(BASE + "two_officers: [erasure, portability]\n")
    one = samples.policy(BASE + "two_officers: [erasure, access]\n")
    found = {(each.way, each.what, each.names) for each in policy_effects(CATALOGUE, two, one)}
    assert found == {
        (Way.WIDENS, "officers_fewer", ("portability",)), (Way.NARROWS, "officers_more", ("access",)),
    }  # fmt: skip
    assert not widens(CATALOGUE, samples.policy(BASE), two)
