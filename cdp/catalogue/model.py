"""The catalogue: entities, their fields, the opt-outs.

Design section 4. `load_catalogue` reads the file an organisation writes; `Catalogue.model_validate_json` reads the
canonical form that the database keeps of each version.
"""

import csv
import hashlib
import io
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field as Key, model_validator
from pydantic_core import PydanticCustomError

from cdp.catalogue.document import Document, parse_document, read_text, validate
from cdp.catalogue.field import Field, Name, Strict, Titled, WhenOutdated
from cdp.catalogue.keeping import PERIOD
from cdp.catalogue.names import check_entity_name
from cdp.errors import BadInput
from cdp.terms import CUSTOMER, OPT_OUTS, Channel, Type

EntityName = Annotated[str, AfterValidator(check_entity_name)]


class Entity(Titled):
    """An entity: a table of things that belong to a customer, or the customer herself."""

    belongs_to: str | None = None
    event: Annotated[str, Key(pattern=r"^[^\x00-\x1f]{1,200}$")] | None = None
    """The name by which programs send events that become rows of it; `$page`, `$screen` and `$group` are calls."""
    retention: Annotated[str, Key(pattern=PERIOD)] | None = None
    when_outdated: WhenOutdated | None = None
    fields: dict[Name, Field] = Key(default_factory=dict)

    @model_validator(mode="after")
    def _name_fields(self) -> Self:
        for name, field in self.fields.items():
            field.stand_under(name)
        return self

    @property
    def id_column(self) -> str:
        """The name of the column that names a row of this entity."""
        return f"{self.name}_id"

    @property
    def is_customer(self) -> bool:
        """Whether this is the entity that all others belong to."""
        return self.name == CUSTOMER


class Narrower(Strict):
    """An opt-out that is part of another: of what, and by which channel or for which purpose alone."""

    of: str
    channel: Annotated[Channel, Key(strict=False)] | None = None
    purpose: Name | None = None


class OptOutLabels(Strict):
    """What people read in place of names of the catalogue that have no place of their own for it."""

    opt_outs: dict[Name, Titled] = Key(default_factory=dict)


class Catalogue(Strict):
    """The data model of one organisation."""

    opt_outs: tuple[Name, ...] = Key(default=OPT_OUTS, strict=False)
    narrower: dict[Name, Narrower] = Key(default_factory=dict)
    entities: dict[EntityName, Entity]
    labels: OptOutLabels = OptOutLabels()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        missing = [name for name in OPT_OUTS if name not in self.opt_outs]
        if missing or len(set(self.opt_outs)) != len(self.opt_outs):
            raise PydanticCustomError(
                "cdp_bad_opt_outs", "`opt_outs` lists each name once, the four that always exist among them"
            )
        self._check_narrower()
        if not set(self.labels.opt_outs) <= set(self.opt_outs):
            raise PydanticCustomError("cdp_bad_label", "`labels` names an opt-out that there is not")
        if CUSTOMER not in self.entities:
            raise PydanticCustomError("cdp_no_customer", "`entities` needs a `customer`")
        for name, entity in self.entities.items():
            entity.stand_under(name)
        for entity in self.entities.values():
            self._check_entity(entity)
            self._check_keeping(entity)
        self._check_events()
        return self

    def _check_events(self) -> None:
        """Refuse what would let two places take one event, or one property."""
        sent = [entity.event for entity in self.entities.values() if entity.event is not None]
        if len(set(sent)) != len(sent):
            raise PydanticCustomError("cdp_bad_event", "each `event` is sent to one entity")
        for entity in self.entities.values():
            if entity.event is not None and entity.belongs_to != CUSTOMER:
                message = "`{e}` takes an `event`, so it belongs to `customer`"
                raise PydanticCustomError("cdp_bad_event", message, {"e": entity.name})
            named = [field.sent_as for field in entity.fields.values() if field.sent_as is not None]
            if len(set(named)) != len(named):
                message = "two fields of `{e}` have the same `sent_as`"
                raise PydanticCustomError("cdp_bad_event", message, {"e": entity.name})

    def _check_narrower(self) -> None:
        """Refuse what is narrower than nothing, than itself, or bound twice: every opt-out has one place."""
        for name, each in self.narrower.items():
            if name in OPT_OUTS or name not in self.opt_outs or each.of not in self.opt_outs:
                message = "`narrower` says of opt-outs of the list, but for the four, of which other one they are part"
                raise PydanticCustomError("cdp_bad_narrower", message)
            seen, wider, bound = [name], each.of, {"channel": each.channel, "purpose": each.purpose}
            while (outer := self.narrower.get(wider)) is not None and wider not in seen:
                seen.append(wider)
                twice = any(mine and getattr(outer, key) for key, mine in bound.items())
                if twice:
                    message = "`{n}` binds what a wider opt-out has bound already"
                    raise PydanticCustomError("cdp_bad_narrower", message, {"n": name})
                wider = outer.of
            if wider in seen:
                raise PydanticCustomError("cdp_bad_narrower", "`narrower` of `{n}` runs in a circle", {"n": name})

    def _check_entity(self, entity: Entity) -> None:
        seen: list[str] = []
        current: Entity | None = entity
        while current is not None and not current.is_customer:
            if current.name in seen:
                raise PydanticCustomError("cdp_cyclic", "`belongs_to` of `{e}` runs in a circle", {"e": entity.name})
            seen.append(current.name)
            if current.belongs_to is None:
                raise PydanticCustomError("cdp_orphan", "`{e}` needs `belongs_to`", {"e": current.name})
            if current.belongs_to not in self.entities:
                raise PydanticCustomError("cdp_orphan", "`belongs_to` of `{e}` is no entity", {"e": current.name})
            current = self.entities[current.belongs_to]
        if entity.is_customer and entity.belongs_to is not None:
            raise PydanticCustomError("cdp_cyclic", "`customer` belongs to nothing")
        taken = {f"{name}_id" for name in self.entities}
        for name in entity.fields:
            if name in taken:
                raise PydanticCustomError("cdp_reserved_name", "`{f}` is the id of an entity", {"f": name})
            if entity.is_customer and name in self.opt_outs:
                raise PydanticCustomError("cdp_reserved_name", "`{f}` is the name of an opt-out", {"f": name})

    def _check_keeping(self, entity: Entity) -> None:
        """Refuse a hold that counts from no day, and a renewal without anything that becomes outdated."""
        for name, field in entity.fields.items():
            since = field.hold and field.hold.since
            if since and (since not in entity.fields or entity.fields[since].type not in (Type.DATE, Type.DATETIME)):
                message = "`since` of `{f}` names a field of the same entity that is a date or a datetime"
                raise PydanticCustomError("cdp_bad_hold", message, {"f": name})
        kept: list[Entity | Field] = [entity, *entity.fields.values()]
        for each in kept:
            if each.when_outdated is not None and each.retention is None:
                message = "`when_outdated` of `{n}` goes with a `retention`"
                raise PydanticCustomError("cdp_bad_outdated", message, {"n": each.name})

    def lineage(self, entity: Entity) -> tuple[Entity, ...]:
        """Return the entity and what it belongs to, up to and with the customer."""
        chain = [entity]
        while (parent := chain[-1].belongs_to) is not None:
            chain.append(self.entities[parent])
        return tuple(chain)

    @cached_property
    def body(self) -> str:
        """The canonical text of this catalogue: what the database keeps and what the digest is of."""
        return self.model_dump_json(exclude_defaults=True)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical text, in hex."""
        return hashlib.sha256(self.body.encode()).hexdigest()

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.digest == other.digest


def load_catalogue(path: Path) -> Catalogue:
    """Read and validate `catalogue.yaml`; tables named as files are read in, so that the result stands alone.

    Raises:
        NotFound: the file is missing.
        BadInput: it is malformed; `Several` lists every fault with file, line and the nearest right name.
    """
    document = parse_document(read_text(path), path.name)
    data = _with_tables(document, path.parent)
    return validate(Catalogue, Document(document.name, data, document.lines))


def _with_tables(document: Document, folder: Path) -> Any:
    """Replace `table: file.csv` by its mapping: first column to second, `;` or `,` between."""
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get("entities"), dict):
        return data
    for entity_name, entity in data["entities"].items():
        fields = entity.get("fields") if isinstance(entity, dict) else None
        for name, field in fields.items() if isinstance(fields, dict) else ():
            if isinstance(field, dict) and isinstance(field.get("table"), str):
                loc = ("entities", entity_name, "fields", name, "table")
                field["table"] = _read_table(folder / field["table"], document.where(loc))
    return data


def _read_table(path: Path, where: str) -> dict[str, str]:
    text = read_text(path)
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
    if not rows or any(len(row) < 2 for row in rows):
        raise BadInput("bad_table", "each line of a table goes from a value to its generalisation", path=where)
    return {row[0]: row[1] for row in rows}
