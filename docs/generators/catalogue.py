"""The generated parts of `docs/catalogue.md`: keys, types, shapes with examples, faults with examples, categories."""

from collections import defaultdict
from typing import Final

import orjson
from sqlalchemy import make_url

from cdp.catalogue.categories import SENSITIVITY_OF
from cdp.catalogue.document import parse_document, validate
from cdp.catalogue.field import Field
from cdp.catalogue.model import Catalogue, Entity, Narrower
from cdp.catalogue.types import GENERAL_TYPES, MASK_TYPES, PARAMETERS, TEXT_LENGTH, TEXT_SIZE, general_type
from cdp.errors import BadInput, Several
from cdp.shapes.shape import Generaliser, generaliser, masker
from cdp.shapes.values import coerce
from cdp.store.columns import STORED
from cdp.terms import AtRest, Generalisation, Mask, Sensitivity, Type, Value
from docs.generators.markdown import code, keys, table, words

_CATALOGUE: Final = {
    "opt_outs": "The refusals that customers can state. The four that always exist must be listed; more may follow.",
    "narrower": "Which opt-outs are part of others, by name, see [narrower opt-outs](#narrower).",
    "entities": "The things the store keeps, by name. One of them is `customer`.",
    "labels": "What people read in place of the names of opt-outs, see [titles](#titles).",
}

_TITLED: Final = {
    "title": "What people read in place of the name, by language, see [titles](#titles).",
    "description": "A sentence that helps, by language.",
}

_NARROWER: Final = {
    "of": "The opt-out that it is part of. Whoever refuses that one refuses this one, too.",
    "channel": "The channel by which alone it is meant.",
    "purpose": "The purpose for which alone it is meant.",
}

_ENTITY: Final = {
    **_TITLED,
    "belongs_to": "The entity that each row belongs to. `customer` has none; every other one leads to `customer`.",
    "event": "The name of the events that become rows of it, as programs send them, see [ingest](ingest.md#events).",
    "retention": "How long a row is kept, see [retention](retention.md); for `customer`, all of her.",
    "when_outdated": "What becomes of a row whose retention is over: `delete`, or `ask` the person. "
    "By default `delete`.",
    "fields": "The fields of a row, by name.",
}

_FIELD: Final = {
    **_TITLED,
    "type": "What the field holds, see [types](#types).",
    "category": "What the field says of a person, as a Fideslang key, see [categories](#categories).",
    "sensitivity": "How much the field says of a person, see [categories](#categories). Must be given where there is "
    "no `category`; where both are there, this one holds.",
    "mask": "How the masked shape is made, see [masks](#masks). `hidden` makes none.",
    "general": "How the generalised shape is made, see [generalisations](#generalisations).",
    "width": "Of a band: years for `year_band`, units for `band`.",
    "keep": "How many characters `prefix` keeps.",
    "digits": "To how many digits after the point `round` rounds; negative ones round before the point.",
    "table": "From values to their generalisation, as a mapping or as the name of a CSV file beside the catalogue: "
    "first column to second, with `,` or `;` between.",
    "identifier": "The kind of identifier that this is, such as `email` or `phone`: rows are found by it. "
    "`email` and `phone` have one spelling per address and number; any other kind ignores case, width and spacing.",
    "quasi_identifier": "Whether others may know this value and single a person out by it: releases form their groups "
    "by these fields.",
    "search": "`words` keeps a blind index of the words, so that `fts` finds rows by them.",
    "at_rest": "Whether the clear value is kept sealed under the customer's key. By default identifying and sensitive "
    "fields are `sealed`, others `clear`.",
    "required": "Whether a row without this value is refused.",
    "max_length": f"The most characters that a `text` may have when it is entered, up to {TEXT_SIZE:,}; by default "
    f"{TEXT_LENGTH:,}. Longer ones that are there already stay as they are.",
    "choices": "The words that a `choice` may be.",
    "retention": "How long it is kept: `P3Y` or `3 years`; then `cdp retention run` deletes or renews it, see "
    "[retention](retention.md).",
    "when_outdated": "What becomes of a value whose retention is over: `delete`, or `ask` the person whether it is "
    "still right. By default `delete`.",
    "hold": "A law by which the value stays, sealed for one purpose, though its owner is erased, see "
    "[holds](retention.md#holds).",
    "sent_as": "The property or trait from which programs' events fill it; without it, the one of its own name "
    "(`orderId` and `Order ID` are `order_id`). See [ingest](ingest.md#events).",
    "self_service": "Whether the customer may [correct](requests.md#corrections) it: at once, after a decision (the "
    "default), or not.",
}

LANGUAGES: Final = ("mapping: `en`, `zh-Hans` → text", "none")
_TITLES: Final = {"title": LANGUAGES, "description": LANGUAGES}

_OVERRIDES: Final = {
    **_TITLES,
    "sensitivity": ("one of " + words(list(Sensitivity)), "what `category` implies"),
    "table": ("mapping: text → text, or the name of a file", "none"),
    "at_rest": ("one of " + words(list(AtRest)), "by sensitivity"),
    "hold": ("mapping: see [holds](retention.md#holds)", "none"),
}

_ENTERED: Final = {
    Type.TEXT: ["Ann"],
    Type.INTEGER: ["+42", "0042"],
    Type.DECIMAL: ["129.90", "1.5e3", "-0"],
    Type.BOOLEAN: ["Yes", "0"],
    Type.DATE: ["1987-03-02"],
    Type.DATETIME: ["2024-05-01T12:00:00+02:00", "2024-05-01 10:00", "2024-05-01"],
    Type.JSON: ['{"a": [1, null]}'],
    Type.CHOICE: ["gold"],
}

_MASKED: Final = {
    Mask.EMAIL: ["ann@example.org", "李雷@例子.公司", "not an address"],
    Mask.PHONE: ["+44 20 7946 0958", "112"],
    Mask.INITIALS: ["Ann Lovelace", "王小明", "=cmd"],
    Mask.LAST4: ["GB82 WEST 1234 5698 7654 32", "1234"],
    Mask.GENERIC: ["Lovelace", "Ann", "2024-05-01"],
}
_MASK_WORDS: Final = {
    Mask.EMAIL: "first character before and after the `@`, and the last label of the domain",
    Mask.PHONE: "the last two digits, if there are seven or more",
    Mask.INITIALS: "the first character of each of the first four words",
    Mask.LAST4: "the last four letters or digits, if there are eight or more",
    Mask.GENERIC: "the first character, if there are four or more",
    Mask.HIDDEN: "nothing: there is no masked shape",
}

_GENERAL: Final[dict[Generalisation, tuple[Type, dict[str, object], list[object]]]] = {
    Generalisation.YEAR: (Type.DATE, {}, ["1987-03-02"]),
    Generalisation.YEAR_BAND: (Type.DATE, {"width": 10}, ["1987-03-02", "2000-01-01"]),
    Generalisation.BAND: (Type.INTEGER, {"width": 10_000}, [52_300, -1]),
    Generalisation.PREFIX: (Type.TEXT, {"keep": 2}, ["94107", "北京市朝阳区"]),
    Generalisation.ROUND: (Type.DECIMAL, {"digits": 1}, ["51.4769", "-0.14"]),
    Generalisation.TABLE: (Type.TEXT, {"table": {"nurse": "care", "carer": "care"}}, ["nurse", "pilot"]),
}

_TEMPLATE: Final = "entities:\n  customer:\n    fields:\n      {}\n"
_FAULTS: Final = {
    "nick: {type: text}": _TEMPLATE,
    "nick: {type: text, category: user.nmae}": _TEMPLATE,
    "nick: {type: text, senstivity: none}": _TEMPLATE,
    "nick: {type: string, sensitivity: none}": _TEMPLATE,
    "nick: {sensitivity: none}": _TEMPLATE,
    "nick: {type: text, sensitivity: none, required: 1}": _TEMPLATE,
    "nick: {type: date, category: user.name, mask: phone}": _TEMPLATE,
    "age: {type: integer, sensitivity: personal, general: band}": _TEMPLATE,
    "age: {type: integer, sensitivity: personal, general: band, width: 0}": _TEMPLATE,
    "age: {type: integer, sensitivity: personal, general: band, width: 10, keep: 2}": _TEMPLATE,
    "age: {type: integer, sensitivity: personal, general: year}": _TEMPLATE,
    "tier: {type: choice, sensitivity: none}": _TEMPLATE,
    "age: {type: integer, sensitivity: personal, max_length: 3}": _TEMPLATE,
    "age: {type: integer, sensitivity: personal, identifier: age}": _TEMPLATE,
    "faith: {type: text, category: user.demographic.religious_belief, at_rest: clear}": _TEMPLATE,
    "Nick: {type: text, sensitivity: none}": _TEMPLATE,
    "select: {type: text, sensitivity: none}": _TEMPLATE,
    "ordinal: {type: text, sensitivity: none}": _TEMPLATE,
    "opt_outs: [direct_marketing]": "{}\nentities: {{customer: {{}}}}\n",
    "narrower: {sensitive_data: {of: direct_marketing}}": "{}\nentities: {{customer: {{}}}}\n",
    "entities: {order: {belongs_to: customer}}": "{}\n",
    "order: {}": "entities:\n  customer: {{}}\n  {}\n",
    "order: {belongs_to: shop}": "entities:\n  customer: {{}}\n  {}\n",
    "order: {belongs_to: order}": "entities:\n  customer: {{}}\n  {}\n",
    "nick: &a {type: text}": _TEMPLATE,
    "nick: !!str text": _TEMPLATE,
    "nick: {type: text, type: text}": _TEMPLATE,
    "nick: {type: text": _TEMPLATE,
}
"""What is wrong, and the file in which it stands."""


def _types() -> str:
    rows = []
    for type_, entered in _ENTERED.items():
        made = [f"{code(raw)} → {code(_shown(coerce(type_, raw, choices=['gold'])))}" for raw in entered]
        on = [STORED[type_].compile(dialect=make_url(url).get_dialect()()) for url in ("postgresql://", "sqlite://")]
        rows.append([f"`{type_}`", "<br>".join(made), *(f"`{each}`" for each in on)])
    return table(["type", "what is entered → the value", "on PostgreSQL", "on SQLite"], rows)


def _shown(value: Value) -> str:
    """Return a value as JSON writes it; text without its quotes."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _masks() -> str:
    rows = []
    for mask, takes in MASK_TYPES.items():
        masked = masker(mask)
        examples = [f"{code(text)} → {code(masked(text))}" for text in _MASKED[mask]] if masked else []
        types = "any" if takes == frozenset(Type) else _in_order(takes)
        rows.append([f"`{mask}`", types, _MASK_WORDS[mask], "<br>".join(examples)])
    return table(["mask", "takes", "keeps", "examples"], rows)


def _in_order(takes: frozenset[Type]) -> str:
    return words([type_ for type_ in Type if type_ in takes])


def _generalisations() -> str:
    rows = []
    for kind, takes in GENERAL_TYPES.items():
        type_, parameters, values = _GENERAL[kind]
        general = generaliser(Generaliser(kind=kind, type=type_, **parameters))  # type: ignore[arg-type]
        name, least, greatest = PARAMETERS.get(kind, ("table" if kind is Generalisation.TABLE else "", 0, 0))
        needs = f"`{name}`" + (f", {least:,} to {greatest:,}" if kind in PARAMETERS else "") if name else ""
        given = ", ".join(f"{key}: {_flow(value)}" for key, value in parameters.items())
        shown = [f"{code(value)} → {code(general(value))}" for value in values]  # type: ignore[arg-type]
        rows.append(
            [
                f"`{kind}`",
                _in_order(takes),
                needs,
                "the field's own" if general_type(kind, Type.INTEGER) is Type.INTEGER else "`text`",
                "<br>".join([*([f"with `{given}`:"] if given else []), *shown]),
            ]
        )
    return table(["general", "takes", "needs", "gives", "examples"], rows)


def _flow(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {each}" for key, each in value.items()) + "}"
    return str(value)


def _faults() -> str:
    rows = []
    for fragment, template in _FAULTS.items():
        fault = _fault(template.format(fragment))
        hint = f" ({fault.hint})" if fault.hint else ""
        rows.append([code(fragment), f"`{fault.code}`", fault.message + hint])
    return table(["what is written", "code", "what is said"], rows)


def _fault(text: str) -> BadInput:
    try:
        validate(Catalogue, parse_document(text, "catalogue.yaml"))
    except Several as several:
        first = several.faults[0]
        if isinstance(first, BadInput):
            return first
    except BadInput as error:
        return error
    raise ValueError(f"nothing is wrong with {text}")


def _categories() -> str:
    found = defaultdict(list)
    for category, sensitivity in SENSITIVITY_OF.items():
        found[sensitivity].append(category)
    rows = [[f"`{sensitivity}`", words(sorted(found[sensitivity]))] for sensitivity in Sensitivity]
    return f"{len(SENSITIVITY_OF)} categories:\n\n" + table(["sensitivity", "categories"], rows)


PARTS: Final = {
    "catalogue-keys": lambda: keys(
        Catalogue, _CATALOGUE, {"labels": ("mapping: `opt_outs` → [titles](#titles) by name", "none")}
    ),
    "narrower-keys": lambda: keys(Narrower, _NARROWER),
    "entity-keys": lambda: keys(Entity, _ENTITY, _TITLES),
    "field-keys": lambda: keys(Field, _FIELD, _OVERRIDES),
    "types": _types,
    "masks": _masks,
    "generalisations": _generalisations,
    "faults": _faults,
    "categories": _categories,
}
