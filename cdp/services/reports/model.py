"""The data model and its tags: entities, fields, opt-outs, as the catalogue in force has them."""

from collections import Counter

from sqlalchemy import func, select

from cdp.services.reports.figures import Section, Source, Table, somebody
from cdp.terms import Sensitivity

_FIELDS = ("entity", "field", "type", "tag", "category", "mask", "general", "sealed", "identifier", "retention")


def model(source: Source) -> Section:
    """Return the section."""
    catalogue = source.in_force.catalogue
    fields = [(entity, each) for entity in catalogue.entities.values() for each in entity.fields.values()]
    tags = Counter(each.sensitivity for _, each in fields)
    return Section(
        "model",
        (
            Table("tags", ("tag", "fields"), [(str(tag), tags[tag]) for tag in Sensitivity], chart="fields"),
            Table(
                "entities",
                ("entity", "belongs_to", "fields", "rows"),
                [
                    (name, each.belongs_to, len(each.fields), _rows(source, name))
                    for name, each in catalogue.entities.items()
                ],
            ),
            Table(
                "fields",
                _FIELDS,
                [
                    (
                        entity.name, each.name, str(each.type), str(each.sensitivity), each.category, str(each.mask),
                        str(each.general) if each.general else None, each.sealed, each.identifier, each.retention,
                    )
                    for entity, each in fields
                ],
            ),
            Table(
                "opt_outs_known",
                ("opt_out", "part_of"),
                [
                    (name, catalogue.narrower[name].of if name in catalogue.narrower else None)
                    for name in catalogue.opt_outs
                ],
            ),
        ),
    )  # fmt: skip


def _rows(source: Source, entity: str) -> int:
    table = source.schema.rows[entity]
    return int(source.conn.execute(select(func.count()).select_from(table).where(somebody(source, table))).scalar_one())
