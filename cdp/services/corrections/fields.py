"""Which fields a person may correct, and whether at once; and what a new value must be, by type and by rules.

`self_service` of a field: `direct` changes at once, `review` after somebody else has looked at it, `locked` not at all.
Silence is `review`. INVARIANT: what names a person is never changed directly, whatever the catalogue says: an address
that is hers on her own word alone would let her into whatever is sent there.
"""

from datetime import UTC, datetime
from typing import Final, Literal
from unicodedata import category

from email_validator import EmailNotValidError, validate_email

from cdp.bootstrap import InForce
from cdp.catalogue.field import Field
from cdp.errors import BadInput, CdpError, NotFound, Refused, Several
from cdp.services.requests.file import check_text
from cdp.store.shaper import shaper
from cdp.terms import Sensitivity, Type, Value
from cdp.vault.identifier import EMAIL, PHONE, normalise

Mode = Literal["direct", "review", "locked"]
MAX_VALUE: Final = 4_000
_LEAST_DIGITS: Final = 5


def mode_of(field: Field) -> Mode:
    """Return how a field may be corrected."""
    if field.self_service == "direct" and field.identifier:
        return "review"
    return field.self_service or "review"


def is_safe(field: Field) -> bool:
    """Return whether corrections of a field are harmless: the catalogue says so, in one of two ways.

    It tags the field `none`, since it says nothing about a person; or `personal`, and has it `self_service: direct`, so
    that she may change it at once herself. What names her, what is sensitive and what is locked never is.
    """
    if field.identifier or mode_of(field) == "locked":
        return False
    direct = field.self_service == "direct" and field.sensitivity is Sensitivity.PERSONAL
    return direct or field.sensitivity is Sensitivity.NONE


def find_field(in_force: InForce, entity: str, name: str) -> Field:
    """Return a field of the catalogue that is in force.

    Raises:
        NotFound: `no_such_field`.
    """
    found = in_force.catalogue.entities.get(entity)
    if found is None or name not in found.fields:
        raise NotFound("no_such_field", "there is no such field", path="field")
    return found.fields[name]


def require_open(field: Field) -> Mode:
    """Return how a field may be corrected, if it may.

    Raises:
        Refused: `field_locked`.
    """
    mode = mode_of(field)
    if mode == "locked":
        hint = "ask the privacy officer a question instead"
        raise Refused("field_locked", "this field is not corrected by request", path=field.name, hint=hint)
    return mode


def check_value(in_force: InForce, entity: str, field: Field, text: str) -> Value:
    """Return the canonical value of what somebody entered; an empty text is no value.

    Raises:
        Several: `bad_values`, with what is wrong by field.
    """
    try:
        check_text(text, needed=False, path=field.name)
        value = _coerced(in_force, entity, field, text)
        _check_rules(field, value)
    except CdpError as error:
        faults = error.faults if isinstance(error, Several) else (error,)
        raise Several("bad_values", "1 value(s) do not fit", list(faults)) from None
    return value


def _coerced(in_force: InForce, entity: str, field: Field, text: str) -> Value:
    if all(category(sign)[0] in "CZ" for sign in text):  # nothing of it would be seen
        if field.required:
            raise BadInput("missing_value", "a required value is missing", path=field.name)
        return None
    given = text if field.type is Type.TEXT else text.strip()
    values, faults = shaper(in_force.catalogue, entity).coerce({field.name: given})
    if faults:
        raise faults[0]
    return values[field.name]


def _check_rules(field: Field, value: Value) -> None:
    """Do nothing if a value can be so: an address has its form, nobody is born tomorrow.

    Raises:
        BadInput: `bad_email`, `bad_phone`, `future_birth`.
    """
    if field.identifier == EMAIL and isinstance(value, str) and not _is_address(value):
        raise BadInput("bad_email", "this is no e-mail address", path=field.name)
    if field.identifier == PHONE and isinstance(value, str):
        normal = normalise(PHONE, value) or ""
        if sum(each.isdigit() for each in normal) < _LEAST_DIGITS:
            raise BadInput("bad_phone", "this is no telephone number", path=field.name)
    born = (field.category or "").endswith("date_of_birth") or field.name in ("birth_date", "date_of_birth")
    if born and isinstance(value, str) and value[:10] > datetime.now(UTC).date().isoformat():
        raise BadInput("future_birth", "this day has not come yet", path=field.name)


def _is_address(text: str) -> bool:
    try:
        validate_email(text.strip(), check_deliverability=False, globally_deliverable=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True
