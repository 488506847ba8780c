"""The generated parts of `docs/policy.md`: keys, the table of the five kinds, its rules, faults and findings."""

from collections.abc import Mapping
from typing import Any, Final

from cdp.catalogue.document import parse_document, validate
from cdp.catalogue.field import Field
from cdp.catalogue.model import Catalogue
from cdp.errors import CdpError, Several
from cdp.terms import SENSITIVE_DATA, Generalisation, Kind, Mask, Sensitivity, Shape, Type
from consent.regimes.chosen import Regimes
from docs.generators.catalogue import LANGUAGES
from docs.generators.markdown import code, keys, table
from views.check import Finding, check_policy
from views.decide import RULES, Decision, decide
from views.policy import LegalBasis, Policy, Purpose, View

_POLICY: Final = {
    "roles": "The roles in which people and programs read.",
    "purposes": "Why data is read, by name.",
    "views": "What can be read, by name.",
    "regime": "What holds before a person has said anything, see [regimes](#regimes).",
    "labels": "What people read in place of the names of roles and recipients, see [titles](#titles).",
    "two_officers": (
        "Kinds of [requests](requests.md) that are granted by two, one officer and then another; `statement`: whoever "
        "wrote the [statement](statement.md) does not publish it."
    ),
}
_TITLED: Final = {
    "title": "What people read in place of the name, by language, see [titles](#titles).",
    "description": "A sentence that helps, by language.",
}
_REGIMES: Final = {
    "default": "The regime of everybody. Without this and without `by` it is `none`: nothing is refused by itself.",
    "by": "The field of the customer that chooses her regime: a text or choice that stands in the clear.",
    "regimes": "Which regime each value chooses; case does not matter. Any other value, and none, takes the strictest.",
}
_PURPOSE: Final = {
    **_TITLED,
    "legal_basis": "On what ground the data may be used: the legal bases of GDPR Art. 6(1).",
    "subject_to": "The opt-outs that stop this use for the person who refused one of them. `[]` says that none does.",
    "allows_sensitive": "Whether sensitive fields may be columns for this purpose, where a view lists them.",
}
_VIEW: Final = {
    **_TITLED,
    "kind": "What becomes of each field, see [the five kinds](#the-five-kinds).",
    "entity": "What the rows are.",
    "purpose": "Why the view is read. A request cannot name another.",
    "roles": "Who may read it; at least one.",
    "fields": "Its columns, in this order. Without it all fields of the entity; `opt_out` and `selective` must have "
    "it.",
    "clear": "Identifying and personal fields that a `standard` view shows in the clear.",
    "shapes": "Fields that everybody sees in a weaker shape than the kind allows; never a stronger one.",
    "needs": "`reason`: each read must say why. The reason is kept sealed, and the log commits to it.",
    "write": "Fields that an app may change through this view, over HTTP. Only those that the view shows in the clear, "
    "whoever the row is about, and only in `standard`, `full` and `opt_out`.",
    "break_glass": "Roles of staff that may ask to read a `full` view about one customer, for a short time and with a "
    "second person, see [break-glass](break-glass.md). Nobody, where it is absent.",
    "recipient": "To whom a `selective` view discloses. Tokens are made per recipient and purpose. `selective` needs "
    "it, no other kind has it.",
    "k": "The least number of people in a group of a release. `anonymized` needs it, no other kind has it.",
    "l": "How many different values a sensitive column must have in a group, if it has any; 2 if absent. For "
    "`anonymized` only.",
}

_TITLES: Final = {"title": LANGUAGES, "description": LANGUAGES}

_SENSITIVITIES: Final = (Sensitivity.IDENTIFYING, Sensitivity.PERSONAL, Sensitivity.SENSITIVE, Sensitivity.NONE)
_SHOWN: Final = {
    Shape.CLEAR: "● clear",
    Shape.MASKED: "◐ masked",
    Shape.GENERAL: "◍ generalised",
    None: "○ null",
}
_REFUSED: Final = "the_purpose"
_GENERAL: Final[dict[str, Any]] = {"general": Generalisation.PREFIX, "keep": 1}


def _decision(kind: Kind, sensitivity: Sensitivity, *, clear: bool = False, general: bool = True) -> Decision:
    """Decide a field, listed by a view whose purpose allows all that one can allow."""
    field = Field(type=Type.TEXT, sensitivity=sensitivity, mask=Mask.GENERIC, **(_GENERAL if general else {}))
    field.stand_under("field")
    # A full view serves only purposes that are subject to nothing.
    subject_to = () if kind is Kind.FULL else (_REFUSED,)
    purpose = Purpose(legal_basis=LegalBasis.CONSENT, subject_to=subject_to, allows_sensitive=True)
    own_keys: dict[Kind, dict[str, Any]] = {Kind.SELECTIVE: {"recipient": "someone"}, Kind.ANONYMIZED: {"k": 2}}
    keys_of_kind = own_keys.get(kind, {"clear": ["field"]} if clear else {})
    view = View.model_validate({"kind": kind, "purpose": "why", "roles": ["role"], "fields": ["field"], **keys_of_kind})
    return decide(field, view, purpose)


def _cell(kind: Kind, sensitivity: Sensitivity) -> str:
    if (kind, sensitivity) not in RULES:
        return "may not be a column"
    made = _decision(kind, sensitivity)
    text = _SHOWN[made.shape]
    if kind is Kind.STANDARD and _decision(kind, sensitivity, clear=True).shape != made.shape:
        text += "; clear where the view's `clear` names it"
    if made.shape is Shape.GENERAL and (bare := _decision(kind, sensitivity, general=False).shape) is not None:
        text += f" where it has `general`, else {_SHOWN[bare]}"
    for opt_out, words in ((_REFUSED, "an opt-out of the purpose"), (SENSITIVE_DATA, "`sensitive_data`")):
        if opt_out in made.unless:
            text += f"; {_SHOWN[made.otherwise]} for who refused {words}"
    return text


def _kinds() -> str:
    head = ["a field that is", *(f"`{kind}`" for kind in Kind)]
    return table(head, [[f"**{each}**", *(_cell(kind, each) for kind in Kind)] for each in _SENSITIVITIES])


def _rules() -> str:
    rows = []
    for kind in Kind:
        for sensitivity in _SENSITIVITIES:
            rule = RULES.get((kind, sensitivity))
            if rule is None:
                continue
            acts = [*(["the purpose's opt-outs"] if rule.by_purpose else [])]
            acts += ["`sensitive_data`"] if rule.by_tag else []
            turned = f"{_SHOWN[rule.refused]}, by {' and '.join(acts)}" if acts else ""
            rows.append([f"`{kind}.{sensitivity}`", _SHOWN[rule.shape], turned, rule.why])
    return table(["rule", "shape", "a refusal turns it into", "reason that is given"], rows)


_CATALOGUE: Final = """
entities:
  customer:
    fields:
      name:     {type: text, category: user.name, mask: initials}
      email:    {type: text, category: user.contact.email}
      age:      {type: integer, sensitivity: personal}
      religion: {type: text, category: user.demographic.religious_belief}
      tier:     {type: text, sensitivity: none}
"""
_BASE: Final = {
    "roles": "[desk]",
    "why": "{legal_basis: contract, subject_to: []}",
    "desk": "{kind: standard, purpose: why, roles: [desk]}",
}
_FULL: Final = "{kind: full, purpose: why, roles: [desk]}"
_WRONG: Final[list[Mapping[str, str]]] = [
    {"why": "{legal_basis: habit, subject_to: []}"},
    {"why": "{legal_basis: contract, subject_to: [direct_marketng]}"},
    {"why": "{legal_basis: consent, subject_to: [direct_marketing]}", "desk": _FULL},
    {"why": "{legal_basis: legitimate_interest, subject_to: []}"},
    {"regime": "{by: country, regimes: {DE: gdpr}}"},
    {"regime": "{by: name, regimes: {DE: gdpr}}"},
    {"regime": "{default: gdpr, by: tier, regimes: {gold: gdpr}}"},
    {"labels": "{roles: {dsk: {title: {en: Desk}}}}"},
    {"two_officers": "[erasure, correction]"},
    {"desk": "{kind: standard, purpose: whi, roles: [desk]}"},
    {"desk": "{kind: standard, purpose: why, roles: [dsk]}"},
    {"desk": "{kind: standard, purpose: why, roles: [desk], entity: custmer}"},
    {"desk": "{kind: standard, purpose: why, roles: [desk], fields: [nme]}"},
    {"desk": "{kind: standard, purpose: why, roles: [desk], fields: [name], clear: [age]}"},
    {"desk": "{kind: standard, purpose: why, roles: [desk], clear: [religion]}"},
    {"desk": "{kind: standard, purpose: why, roles: [desk], shapes: {name: clear}}"},
    {"desk": "{kind: standard, purpose: why, roles: [desk], write: [name]}"},
    {"desk": "{kind: selective, purpose: why, roles: [desk], fields: [name], recipient: acme, write: [name]}"},
    {"desk": "{kind: standard, purpose: why, roles: [desk], break_glass: [desk]}"},
    {"desk": "{kind: full, purpose: why, roles: [desk], break_glass: [desk]}"},
    {"desk": "{kind: full, purpose: why, roles: [desk], shapes: {email: masked}}"},
    {"desk": "{kind: opt_out, purpose: why, roles: [desk]}"},
    {"desk": "{kind: opt_out, purpose: why, roles: [desk], fields: [religion]}"},
    {"desk": "{kind: selective, purpose: why, roles: [desk], fields: [name]}"},
    {"desk": "{kind: anonymized, purpose: why, roles: [desk], fields: [age]}"},
    {"desk": "{kind: anonymized, purpose: why, roles: [desk], fields: [name], k: 5}"},
    {"desk": "{kind: standard, purpose: why, roles: [desk, desk]}"},
    {"desk": "{kind: standard, purpose: why, roles: []}"},
    {"desk": "{kind: standard, purpose: why, roles: [desk], column: [name]}"},
]
_ODD: Final[list[Mapping[str, str]]] = [
    {"roles": "[desk, intern]"},
    {"spare": "{legal_basis: contract, subject_to: []}"},
    {"why": "{legal_basis: public_task, subject_to: []}"},
    {"desk": "{kind: standard, purpose: why, roles: [desk], fields: [email, tier]}"},
    {"desk": "{kind: anonymized, purpose: why, roles: [desk], fields: [tier], k: 5}"},
    {"why": "{legal_basis: contract, subject_to: [], title: {en: Reason}}"},
]


def _judge(changed: Mapping[str, str]) -> tuple[list[CdpError], list[Finding]]:
    said = {**_BASE, **changed}
    purposes = "".join(f"  {name}: {said[name]}\n" for name in ("why", "spare") if name in said)
    text = f"roles: {said['roles']}\npurposes:\n{purposes}views:\n  desk: {said['desk']}\n"
    text += "".join(f"{key}: {said[key]}\n" for key in ("regime", "labels", "two_officers") if key in said)
    catalogue = validate(Catalogue, parse_document(_CATALOGUE, "catalogue.yaml"))
    document = parse_document(text, "policy.yaml")
    try:
        return [], check_policy(catalogue, validate(Policy, document), document)
    except Several as several:
        return list(several.faults), []


def _written(changed: Mapping[str, str]) -> str:
    return "<br>".join(code(f"{name}: {text}") for name, text in changed.items())


def _faults() -> str:
    rows = []
    for changed in _WRONG:
        faults, _ = _judge(changed)
        fault = faults[0]
        rows.append([_written(changed), f"`{fault.code}`", fault.message + (f" ({fault.hint})" if fault.hint else "")])
    return f"```yaml\n{_CATALOGUE.strip()}\n```\n\n" + table(["what is written", "code", "what is said"], rows)


def _findings() -> str:
    rows = []
    for changed in _ODD:
        _, findings = _judge(changed)
        rows.append([_written(changed), f"`{findings[0].code}`", findings[0].message])
    return table(["what is written", "finding", "what is said"], rows)


PARTS: Final = {
    "policy-keys": lambda: keys(
        Policy, _POLICY, {"labels": ("mapping: `roles`, `recipients` → [titles](#titles) by name", "none")}
    ),
    "regimes-keys": lambda: keys(Regimes, _REGIMES),
    "purpose-keys": lambda: keys(Purpose, _PURPOSE, _TITLES),
    "view-keys": lambda: keys(View, _VIEW, _TITLES),
    "kinds": _kinds,
    "rules": _rules,
    "faults": _faults,
    "findings": _findings,
}
