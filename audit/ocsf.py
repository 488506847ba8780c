"""Entries as events of the Open Cybersecurity Schema Framework, for the tools in which organisations already look.

OCSF 1.8.0 (https://schema.ocsf.io): a disclosure, and what was refused of one, is a Datastore Activity (6005); a
change, and what was refused of one, is an API Activity (6003). A refusal has `status_id` 2, Failure. What OCSF has no
word for (purpose, recipient, fields and their shapes) stands under `unmapped` as the entry has it. An event has no
value and names no customer, as its entry.

Pure: an entry comes in, an event goes out.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from audit.entries import HERSELF

VERSION: Final = "1.8.0"
DATASTORE_ACTIVITY: Final = 6005
API_ACTIVITY: Final = 6003

_APPLICATION: Final = 6
_READ, _OTHER = 1, 99
_CREATE, _UPDATE, _DELETE = 1, 3, 4

_DISCLOSING: Final = ("read", "who_saw", "log_export", "build_release")
"""What a refused act would have been, where its entry is a refusal: these would have disclosed something."""

_ACTS: Final = {
    "import": _CREATE, "init": _CREATE, "app_added": _CREATE, "release": _CREATE, "suppress": _CREATE,
    "publish_policy": _UPDATE, "apply_catalogue": _UPDATE, "opt_out": _UPDATE, "opt_in": _UPDATE, "write": _UPDATE,
    "propose": _UPDATE, "erase": _DELETE, "app_revoked": _DELETE, "unsuppress": _DELETE,
    "regulation_called_off": _DELETE, "regulator_revoked": _DELETE,
}  # fmt: skip
"""What an administrative act is among OCSF's four; any other is 99, Other, under its own name."""

_NAMED: Final = frozenset({"format", "at", "what", "act", "principal", "role", "code"})
"""What an event says in words of OCSF's own; everything else is `unmapped`."""


def event_of(number: int, entry: Mapping[str, Any], *, origin: str, version: str) -> dict[str, Any]:
    """Return the event that an entry is.

    Args:
        number: of the entry, by which it can be proven.
        entry: what it says.
        origin: of the log.
        version: of this program.
    """
    refused = entry["what"] == "refusal"
    disclosing = entry["act"] in _DISCLOSING if refused else entry["what"] == "disclosure"
    class_, activity, special = _disclosure(entry, origin) if disclosing else _change(entry, origin)
    at = datetime.fromisoformat(entry["at"])
    return {
        "activity_id": activity,
        "activity_name": entry["act"],
        "actor": _actor(entry),
        "category_uid": _APPLICATION,
        "class_uid": class_,
        "message": _message(entry),
        "metadata": {
            "log_name": origin,
            "original_time": entry["at"],
            "product": {"name": "customer data platform", "vendor_name": "customer data platform", "version": version},
            "sequence": number,
            "uid": f"{origin}#{number}",
            "version": VERSION,
        },
        "severity_id": 2 if refused else 1,
        "src_endpoint": {"name": "not recorded"},
        "status_id": 2 if refused else 1,
        "time": int(at.timestamp() * 1000),
        "type_uid": class_ * 100 + activity,
        "unmapped": {name: value for name, value in entry.items() if name not in _NAMED},
        **({"status_code": entry["code"]} if "code" in entry else {}),
        **special,
    }


def _disclosure(entry: Mapping[str, Any], origin: str) -> tuple[int, int, dict[str, Any]]:
    place: dict[str, Any] = {"database": {"name": origin, "type_id": 1}}
    if entry.get("view"):
        place["table"] = {"name": entry["view"]}
    return DATASTORE_ACTIVITY, _READ, place


def _change(entry: Mapping[str, Any], origin: str) -> tuple[int, int, dict[str, Any]]:
    activity = _ACTS.get(entry["act"], _OTHER)
    return API_ACTIVITY, activity, {"api": {"operation": entry["act"], "service": {"name": origin}}}


def _actor(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return who acted: an app as one, a person as a user in the role as a group."""
    name = entry["principal"] or "unknown"
    if name.startswith("app:"):
        return {"app_name": name.removeprefix("app:"), "app_uid": name}
    user: dict[str, Any] = {"name": name, "type_id": 99 if name == HERSELF.name else 1}
    if entry["role"]:
        user["groups"] = [{"name": entry["role"]}]
    return {"user": user}


def _message(entry: Mapping[str, Any]) -> str:
    what = f"{entry['act']} {entry['view']}" if entry.get("view") else entry["act"]
    if entry["what"] == "refusal":
        return f"{what} was refused"
    purpose = f" for {entry['purpose']}" if entry.get("purpose") else ""
    return f"{what}{purpose}, about {entry['customers']} customer(s)"
