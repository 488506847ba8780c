"""The policy as a pure function: `compile_view(catalogue, policy, request) -> Plan`.

No I/O. The statement is built inside out (design section 4): rows allowed, then shapes chosen, and only then the
caller's conditions, on the output. Deny first: an unknown view, a role without right, a missing reason, a column that
is not shown, all end here, before a connection is opened.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, Subquery, and_, bindparam, cast, column, null, select, table
from sqlalchemy.sql.expression import ColumnElement, FromClause

from cdp.catalogue.model import Catalogue, Entity
from cdp.catalogue.places import place
from cdp.errors import BadInput, NotFound, Refused
from cdp.store.columns import INTEGER, STORED, TEXT
from cdp.store.platform import TOKEN
from cdp.store.tables import Schema, build_schema
from cdp.terms import CUSTOMER, Kind, Shape, Type
from views.conditions import comparisons
from views.decide import Decision, decided
from views.dialects import Many, MemberOf
from views.plan import FALLBACK_PREFIX, HIDDEN, KEY, OWNER, PARENT, ROW, SEGMENT_PREFIX, SUBJECT, Column, Plan, Template
from views.policy import Policy, View
from views.request import ViewRequest, check_reason, check_window
from views.rows import allowed_rows, unless_refused
from views.where import Blind, compile_order, compile_where, unknown_column

_NAMES_ONLY = "postgresql"
"""A SELECT needs names and types, which are the same on both engines."""


def compile_view(catalogue: Catalogue, policy: Policy, request: ViewRequest) -> Plan:
    """Decide what a request may see and compile the statement that gives exactly that.

    Raises:
        NotFound: `unknown_view`.
        Refused: `not_permitted`, `other_purpose`, `reason_needed`, `no_release`.
        BadInput: `unknown_column`, `bad_condition`, `bad_order`, `bad_select`, `bad_window`, `bad_reason`.
    """
    _require_permitted(policy, request)
    check_reason(request.reason)
    check_window(request.limit, request.offset)
    template = _template(catalogue, policy, request.outline(), narrow=True)
    operands = [comparison.operands for comparison in comparisons(request.where)]
    for each in template.late_operands:
        each.bind(operands[each.comparison])
    if any(blind.is_open() for blind in _blind(template, operands)):
        template = _template(catalogue, policy, request.outline(), narrow=False)
    values = {parameter.name: parameter.bind(operands[parameter.comparison]) for parameter in template.parameters}
    if request.parents is not None:
        values["parents"] = Many(request.parents)
    return Plan(template, request, values)


def compile_outline(catalogue: Catalogue, policy: Policy, request: ViewRequest) -> Template:
    """Compile what is known of a request whose values are not: the log keeps its outline alone.

    Raises:
        NotFound, Refused, BadInput: as `compile_view`, but for what is wrong with a value.
    """
    _require_permitted(policy, request)
    return _template(catalogue, policy, request.outline(), narrow=True)


def compile_build(catalogue: Catalogue, policy: Policy, view: View) -> Plan:
    """Compile what a release of an anonymized view is built from: generalised rows, with their subjects for the log."""
    columns = view_columns(catalogue, policy, view)
    named = frozenset(each.name for each in columns)
    source = allowed_and_treated(catalogue, policy, view, columns, named)
    segments = tuple(dict.fromkeys(each.segment for each in columns if each.segment))
    request = ViewRequest(view.name, "")
    rows, places = _rows(source, _once(catalogue, view), columns, segments, [])
    template = Template(
        view=view, request=request, columns=columns, needed=columns, segments=segments,
        rows=rows, places=places, source=source,
        policy_digest=policy.digest, catalogue_digest=catalogue.digest,
    )  # fmt: skip
    return Plan(template, request, {})


def _require_permitted(policy: Policy, request: ViewRequest) -> None:
    view = policy.views.get(request.view)
    if view is None:
        raise NotFound("unknown_view", "there is no such view", path="view")
    if request.role not in view.roles and not (request.break_glass and request.role in view.break_glass):
        raise Refused("not_permitted", "the view is not for this role", path="view")
    if request.purpose and request.purpose != view.purpose:
        raise Refused("other_purpose", "the view serves another purpose than the credential", path="view")
    if "reason" in view.needs and not request.reason.strip():
        raise Refused("reason_needed", "the view needs a reason", path="reason")


def view_columns(catalogue: Catalogue, policy: Policy, view: View) -> tuple[Column, ...]:
    """Return every column of a view: first what names the row, then its fields as decided."""
    entity = catalogue.entities[view.entity]
    ids = {Kind.ANONYMIZED: [], Kind.SELECTIVE: ["token"]}.get(view.kind, ["customer_id"])
    if not entity.is_customer and view.kind is not Kind.ANONYMIZED:
        ids = [*ids, entity.id_column]
    purpose = policy.purposes[view.purpose]
    fields = (_column(entity, decision) for decision in decided(entity, view, purpose))
    return (*(Column(name, Type.TEXT) for name in ids), *fields)


def _blind(template: Template, operands: list[tuple[str, ...]]) -> Iterator[Blind]:
    """Yield the identifiers that a request would look up."""
    for each in template.parameters:
        value = each.bind(operands[each.comparison])
        if isinstance(value, Blind):
            yield value


@lru_cache(maxsize=512)
def _template(catalogue: Catalogue, policy: Policy, request: ViewRequest, *, narrow: bool) -> Template:
    view = policy.views[request.view]
    entity = catalogue.entities[view.entity]
    columns = view_columns(catalogue, policy, view)
    if view.kind is Kind.ANONYMIZED:
        source: FromClause = _released(columns, request)
        columns = tuple(Column(each.name, each.type, each.decision) for each in columns)
    else:
        source = allowed_and_treated(catalogue, policy, view, columns, _named(request, columns))
    where = compile_where(request.where, columns, source, entity, narrow=narrow)
    if request.parents is not None:
        where.sql.append(MemberOf(source.c[PARENT], bindparam("parents"), Type.TEXT))
    order, late_order = compile_order(request.order, columns, source)
    chosen = _selected(request.select, columns)
    late_names = {each.column for each in comparisons(tuple(request.where[index] for index in where.late))}
    late_names |= {each.column for each in request.order} if late_order or where.late else set()
    needed = (*chosen, *(each for each in columns if each.name in late_names and each not in chosen))
    segments = tuple(dict.fromkeys(each.segment for each in needed if each.segment))
    rows, places = _rows(source, _once(catalogue, view), needed, segments, where.sql)
    return Template(
        view=view, request=request, columns=chosen, needed=needed, segments=segments,
        rows=rows, places=places, source=source, order=order, late=tuple(where.late),
        late_order=late_order, parameters=tuple(where.parameters), late_operands=tuple(where.late_operands),
        policy_digest=policy.digest, catalogue_digest=catalogue.digest,
    )  # fmt: skip


def _named(request: ViewRequest, columns: tuple[Column, ...]) -> frozenset[str]:
    """Return the columns that a request has to do with at all; no other segment is joined."""
    selected = request.select if request.select is not None else [each.name for each in columns]
    conditions = (comparison.column for comparison in comparisons(request.where))
    linked = () if request.parents is None else (PARENT,)
    return frozenset((*selected, *conditions, *(order.column for order in request.order), *linked))


def _selected(names: tuple[str, ...] | None, columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """Return the chosen columns in the caller's order; a column that is null for everyone may be chosen."""
    if names is None:
        return columns
    by_name = {each.name: each for each in columns}
    if any(name not in by_name for name in names):
        raise unknown_column(columns, "select")
    if len(set(names)) != len(names):
        raise BadInput("bad_select", "a column is selected twice", path="select")
    return tuple(by_name[name] for name in names)


def _rows(
    source: FromClause,
    once: Mapping[str, str],
    needed: tuple[Column, ...],
    segments: tuple[str, ...],
    where: list[ColumnElement[bool]],
) -> tuple[Select[Any], dict[str, int]]:
    """Select the hidden columns, the needed cells and the needed segments of rows that match; say where each stands."""
    cells = [each.name for each in needed if not each.segment]
    blobs = [SEGMENT_PREFIX + segment for segment in segments]
    fallbacks = [FALLBACK_PREFIX + each.name for each in needed if each.fallback]
    hidden = (*HIDDEN, PARENT) if PARENT in source.c else HIDDEN
    names = {name: once.get(name, name) for name in (*hidden, *cells, *blobs, *fallbacks)}
    chosen = list(dict.fromkeys(names.values()))
    return select(*(source.c[name] for name in chosen)).where(*where), {
        name: chosen.index(first) for name, first in names.items()
    }


def _once(catalogue: Catalogue, view: View) -> dict[str, str]:
    """Return, for each column that names a row, the first of those that are the same: none is fetched twice."""
    if view.kind is Kind.ANONYMIZED:
        return {}
    _, ids = _joined(view, catalogue.entities[view.entity], build_schema(catalogue, _NAMES_ONLY))
    first: dict[int, str] = {}
    return {name: first.setdefault(id(column_), name) for name, column_ in ids.items()}


def allowed_and_treated(
    catalogue: Catalogue, policy: Policy, view: View, columns: tuple[Column, ...], named: frozenset[str]
) -> Subquery:
    """Return the inside of every statement: the rows that the purpose allows, each cell in its shape.

    Args:
        named: the columns for which sealed segments are needed; cells of the store's own columns are always there.

    INVARIANT: this is the only place that reads a stored shape. Flags are tested only as `IS FALSE`, on the
    qualified column, in the same statement as the rows; so is what they were collected for (`views.rows`).
    """
    entity, schema = catalogue.entities[view.entity], build_schema(catalogue, _NAMES_ONLY)
    purpose = policy.purposes[view.purpose]
    source, ids = _joined(view, entity, schema)
    cells: list[ColumnElement[Any]] = [id_.label(name) for name, id_ in ids.items() if name != PARENT or name in named]
    for each in columns:
        if each.decision is not None:
            cells += _cells(entity, each, schema)
    gates: dict[str, dict[str, None]] = {}
    for each in columns:
        if each.segment and each.decision and each.name in named:
            # Fields of one segment are decided alike; were they not, each one's refusals would withhold all of it.
            gates.setdefault(each.segment, {}).update(dict.fromkeys(each.decision.unless))
    for segment, unless in gates.items():
        sealed = schema.sealed[entity.name].alias(f"_{segment}")  # no entity's name begins so
        source = source.outerjoin(sealed, _same_row(sealed, schema.rows[entity.name], entity, segment))
        cells.append(unless_refused(schema, tuple(unless), sealed.c.sealed, null()).label(SEGMENT_PREFIX + segment))
    return select(*cells).select_from(source).where(*allowed_rows(view, purpose, entity, schema)).subquery("output")


def _joined(view: View, entity: Entity, schema: Schema) -> tuple[FromClause, dict[str, ColumnElement[Any]]]:
    """Return the rows with their customer, and the columns that name them, hidden ones first."""
    rows, customer = schema.rows[entity.name], schema.customer
    source: FromClause = rows
    row_id = rows.c[entity.id_column]
    if not entity.is_customer:
        source = source.join(customer, customer.c.customer_id == rows.c.customer_id)
    ids: dict[str, ColumnElement[Any]] = {
        KEY: rows.c.ordinal,
        SUBJECT: customer.c.ordinal,
        ROW: row_id,
        OWNER: rows.c.customer_id,
    }
    if entity.belongs_to:
        ids[PARENT] = rows.c[f"{entity.belongs_to}_id"]
    if view.kind is Kind.SELECTIVE:
        pseudonyms = [(CUSTOMER, rows.c.customer_id, "token")]
        if not entity.is_customer:
            pseudonyms.append((entity.name, row_id, entity.id_column))
        for name, id_, label in pseudonyms:
            token = TOKEN.alias(f"_{name}_token")
            named = and_(token.c.entity == name, token.c.row_id == id_, token.c.scope == view.scope)
            source = source.join(token, and_(token.c.customer_id == rows.c.customer_id, named))
            # Rows leave in the order of their pseudonyms: two recipients cannot join their copies by position.
            ids |= {KEY: token.c.token, label: token.c.token}
    else:
        ids["customer_id"] = rows.c.customer_id
        if not entity.is_customer:
            ids[entity.id_column] = row_id
    return source, ids


def _cells(entity: Entity, each: Column, schema: Schema) -> list[ColumnElement[Any]]:
    """Return what the statement gives for one column: its cell, or what refused rows get where the cell is sealed."""
    decision = each.decision
    if decision is None or (each.segment and not each.fallback):
        return []
    plain = _stored(entity, decision, decision.shape, schema)
    otherwise = _stored(entity, decision, decision.otherwise, schema)
    if each.segment:
        return [unless_refused(schema, decision.unless, null(), otherwise).label(FALLBACK_PREFIX + each.name)]
    cell = unless_refused(schema, decision.unless, plain, otherwise) if decision.unless else plain
    return [cell.label(each.name)]


def _stored(entity: Entity, decision: Decision, shape: Shape | None, schema: Schema) -> ColumnElement[Any]:
    found = place(entity.fields[decision.name], shape) if shape else None
    if found is None or found.segment is not None:
        return cast(null(), STORED[decision.type])
    return schema.rows[entity.name].c[found.key]


def _same_row(sealed: FromClause, rows: FromClause, entity: Entity, segment: str) -> ColumnElement[bool]:
    ids = ["customer_id"] if entity.is_customer else ["customer_id", entity.id_column]
    return and_(
        *(sealed.c[name] == rows.c[name] for name in ids), sealed.c.segment == bindparam(None, segment, type_=TEXT)
    )


def _column(entity: Entity, decision: Decision) -> Column:
    """Return a decided field as a column of the answer."""
    field = entity.fields[decision.name]
    found = place(field, decision.shape) if decision.shape else None
    if found is None or found.segment is None:
        return Column(decision.name, decision.type, decision)
    other = place(field, decision.otherwise) if decision.otherwise else None
    fallback = bool(decision.unless) and other is not None and other.segment is None
    return Column(decision.name, decision.type, decision, found.segment, found.key, fallback)


def _released(columns: tuple[Column, ...], request: ViewRequest) -> FromClause:
    """Return the newest release of an anonymized view; no row of it names anyone."""
    if request.release is None:
        hint = f"build one with `cdp release build {request.view}`"
        raise Refused("no_release", "the view has no release that fits the policy in force", path="view", hint=hint)
    cells = [column(each.name, STORED[each.type]) for each in columns]
    released = table(f"cdp_release_{request.release}", column(ROW, INTEGER), *cells)
    nobody = [cast(null(), INTEGER).label(SUBJECT), cast(null(), TEXT).label(ROW), cast(null(), TEXT).label(OWNER)]
    return select(released.c[ROW].label(KEY), *nobody, *(released.c[each.name] for each in columns)).subquery("output")
