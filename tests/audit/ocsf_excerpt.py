"""What OCSF 1.8.0 demands of the two classes and their objects, as far as events here use them; written by hand.

For each: required attributes, those of which one at least must be there, and the type or object of each that may be.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Shape:
    required: frozenset[str]
    may: dict[str, Any]
    one_of: frozenset[str] = frozenset()
    enums: dict[str, frozenset[int]] = field(default_factory=dict)


def _named(**more: Any) -> Shape:
    return Shape(frozenset(), {"name": str, "uid": str, **more}, frozenset({"name", "uid"}))


GROUP, TABLE, SERVICE = _named(), _named(), _named()
PRODUCT = _named(vendor_name=str, version=str)
DATABASE = Shape(frozenset({"type_id"}), {"name": str, "uid": str, "type_id": int}, frozenset({"name", "uid"}))
USER = Shape(
    frozenset(), {"name": str, "uid": str, "type_id": int, "groups": [GROUP]}, frozenset({"name", "uid", "account"}),
    {"type_id": frozenset({0, 1, 2, 3, 4, 99})},
)  # fmt: skip
ACTOR = Shape(
    frozenset(), {"user": USER, "app_name": str, "app_uid": str}, frozenset({"user", "app_name", "app_uid", "session"})
)
ENDPOINT = Shape(frozenset(), {"name": str, "ip": str}, frozenset({"ip", "uid", "name", "hostname", "svc_name"}))
API = Shape(frozenset({"operation"}), {"operation": str, "service": SERVICE})
METADATA = Shape(
    frozenset({"product", "version"}),
    {"product": PRODUCT, "version": str, "uid": str, "sequence": int, "log_name": str, "original_time": str},
)

_BASE_REQUIRED = frozenset(
    {
        "activity_id", "actor", "category_uid", "class_uid", "metadata", "severity_id", "src_endpoint", "time",
        "type_uid",
    }
)  # fmt: skip
_BASE = {
    "activity_id": int, "activity_name": str, "actor": ACTOR, "category_uid": int, "class_uid": int, "message": str,
    "metadata": METADATA, "severity_id": int, "src_endpoint": ENDPOINT, "status_id": int, "status_code": str,
    "time": int, "type_uid": int, "unmapped": dict,
}  # fmt: skip
_ENUMS = {
    "category_uid": frozenset({6}),
    "severity_id": frozenset({0, 1, 2, 3, 4, 5, 6, 99}),
    "status_id": frozenset({0, 1, 2, 99}),
}
CLASSES = {
    6005: Shape(
        _BASE_REQUIRED, {**_BASE, "database": DATABASE, "table": TABLE}, frozenset({"database", "databucket", "table"}),
        {**_ENUMS, "activity_id": frozenset({*range(11), 99})},
    ),
    6003: Shape(
        _BASE_REQUIRED | {"api"}, {**_BASE, "api": API}, frozenset(),
        {**_ENUMS, "activity_id": frozenset({0, 1, 2, 3, 4, 99})},
    ),
}  # fmt: skip


def faults(event: dict[str, Any], shape: Any, path: str = "") -> list[str]:
    """What is wrong with an object."""
    if isinstance(shape, list):
        return [fault for each in event for fault in faults(each, shape[0], f"{path}[]")]
    if not isinstance(shape, Shape):
        return [] if type(event) is shape else [f"{path} is no {shape.__name__}"]
    found = [f"{path}.{name} is missing" for name in shape.required - event.keys()]
    found += [f"{path}.{name} is unknown" for name in event.keys() - shape.may.keys()]
    if shape.one_of and shape.one_of.isdisjoint(event):
        found.append(f"{path} has none of {sorted(shape.one_of)}")
    for name, known in shape.enums.items():
        if name in event and event[name] not in known:
            found.append(f"{path}.{name} has no such value")
    for name in event.keys() & shape.may.keys():
        found += faults(event[name], shape.may[name], f"{path}.{name}")
    return found
