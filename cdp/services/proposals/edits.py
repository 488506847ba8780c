"""One field or one entity put into the text of a catalogue. What was typed is written out anew; comments go.

Pure. What does not make a catalogue is judged with the draft that it becomes, not here.
"""

from typing import Any

from cdp.catalogue.document import parse_document
from cdp.errors import BadInput
from cdp.services.proposals.dump import dump_yaml


def with_field(text: str, entity: str, name: str, said: Any) -> str:
    """Return a catalogue in which a field says this.

    Raises:
        BadInput: `bad_yaml`; `unknown_entity`.
    """
    data = _parsed(text)
    entities = data.get("entities")
    held = entities.get(entity) if isinstance(entities, dict) else None
    if not isinstance(held, dict):
        raise BadInput("unknown_entity", "the draft has no such entity", path="entity")
    fields = held.get("fields")
    held["fields"] = {**(fields if isinstance(fields, dict) else {}), name: said}
    return dump_yaml(data)


def with_entity(text: str, name: str, said: Any) -> str:
    """Return a catalogue that has an entity besides.

    Raises:
        BadInput: `bad_yaml`; `name_taken`.
    """
    data = _parsed(text)
    entities = data.get("entities")
    held = entities if isinstance(entities, dict) else {}
    if name in held:
        raise BadInput("name_taken", "there is an entity of this name already", path="name")
    data["entities"] = {**held, name: said}
    return dump_yaml(data)


def field_of(text: str, entity: str, name: str) -> str:
    """Return what a catalogue says of a field, as YAML; empty where it says nothing."""
    entities = _parsed(text).get("entities")
    held = entities.get(entity) if isinstance(entities, dict) else None
    fields = held.get("fields") if isinstance(held, dict) else None
    said = fields.get(name) if isinstance(fields, dict) else None
    return "" if said is None else dump_yaml(said)


def parse_part(text: str) -> Any:
    """Return what somebody typed of one field.

    Raises:
        BadInput: `bad_yaml`, with the line.
    """
    return parse_document(text, "field").data


def _parsed(text: str) -> dict[str, Any]:
    data = parse_document(text, "catalogue.yaml").data
    if not isinstance(data, dict):
        raise BadInput("bad_yaml", "this is no catalogue", path="catalogue.yaml")
    return data
