"""Whom the rows of a batch are about, and what is stored of them: a few statements for all rows together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from cdp.catalogue.model import Catalogue, Entity
from cdp.errors import Unavailable
from cdp.services.imports.incoming import Incoming, Reference, Token
from cdp.store.corrected import Pins, read_pins
from cdp.store.left_over import read_left
from cdp.store.lookup import Bearer, Customer, find_by_ids, find_by_tokens, find_parents, lock_customers, plan_afresh
from cdp.store.records import Stored, read_rows
from cdp.terms import CUSTOMER, Value
from cdp.vault.blind import BlindIndex
from cdp.vault.vault import Vault
from consent.choices import Choices
from consent.events import Source
from consent.history import read_histories
from consent.repeated import standing_from


@dataclass(frozen=True)
class HeldKeys:
    """The keys of the customers of one batch, fetched once."""

    held: Mapping[str, bytes]

    def keys(self, customer_ids: Sequence[str]) -> Mapping[str, bytes]:
        """Return the keys there are."""
        return {each: self.held[each] for each in customer_ids if each in self.held}


class Tokens:
    """Makes the blind tokens of one entity's identifiers."""

    def __init__(self, entity: Entity, blind: BlindIndex) -> None:
        self._noun = entity.name
        self._kinds = [(name, field.identifier) for name, field in entity.fields.items() if field.identifier]
        self._blind = blind

    def of(self, values: Mapping[str, object]) -> frozenset[Token]:
        """Return the identifiers that a row with these values bears."""
        return frozenset(
            [
                (kind, token.hex())
                for name, kind in self._kinds
                if isinstance(text := values.get(name), str)
                and (token := self._blind.token(self._noun, kind, text)) is not None
            ]
        )


@dataclass(frozen=True)
class Found:
    """What was found for one batch.

    Attributes:
        customers: those who exist and whose keys do.
        bearers: who bears an identifier, by its token.
        stored: the rows that the batch is about, by their ids.
        borne: the identifiers that those rows bear by their values.
        parents: what those rows belong to, where that is not a customer.
        references: what the batch's rows say that they belong to.
        suppressed: the customers' identifiers that are not to be taken in.
        refused: the opt-outs that imports have refused for the customers already.
        kept: what is left over of those rows from earlier files, by their ids.
        pins: what of those rows was corrected, by their ids.
    """

    customers: Mapping[str, Customer]
    keys: HeldKeys
    bearers: Mapping[Token, Bearer]
    stored: Mapping[str, Stored]
    borne: Mapping[str, frozenset[Token]]
    parents: Mapping[str, str]
    references: Mapping[Reference, Bearer]
    suppressed: frozenset[Token]
    refused: Mapping[str, frozenset[str]]
    kept: Mapping[str, dict[str, Value]] = field(default_factory=dict)
    pins: Mapping[str, Pins] = field(default_factory=dict)


def find(conn: Connection, catalogue: Catalogue, entity: Entity, vault: Vault, rows: Sequence[Incoming]) -> Found:
    """Find everything; the customers stay locked until the transaction ends.

    1. Who bears the identifiers, and what the references name; only then what is suppressed of it.
    2. The customers behind them, locked.
    3. Their keys. A customer without one is being erased: nothing is found of her.
    4. What is stored of the rows, as it stands now that nobody can change it.

    Raises:
        Unavailable: `store_conflict`, when an identifier passed to somebody else between the first and the last step.
    """
    plan_afresh(conn)
    bearers = _find_bearers(conn, entity, (token for row in rows for token in row.tokens))
    references = _resolve(conn, catalogue, {each for row in rows for each in row.references})
    suppressed = vault.suppression.refused(customers_named(entity, rows))
    about = {bearer.customer_id for bearer in (*bearers.values(), *references.values())}
    customers = lock_customers(conn, catalogue, about | {row.own_id for row in rows if row.own_id})
    keys = HeldKeys(vault.keys(sorted(customers)))
    customers = {each: customer for each, customer in customers.items() if each in keys.held}
    own = {Bearer(row.own_id, row.own_id) for row in rows if row.own_id}
    wanted = sorted(each for each in {*bearers.values(), *own} if each.customer_id in customers)
    stored = {row.row_id: row for row in read_rows(conn, catalogue, entity, wanted, keys=keys)}
    tokens = Tokens(entity, vault.blind)
    borne = {row_id: tokens.of(row.values) for row_id, row in stored.items()}
    _check_borne(conn, entity, bearers, borne)
    parents = {} if entity.belongs_to is None else find_parents(conn, catalogue, entity, wanted)
    tightened = sorted(stored) if entity.is_customer and any(row.refused for row in rows) else []
    refused = _refused_by_imports(conn, catalogue, tightened)
    keeping = [(row.customer_id, row.row_id) for row in stored.values()] if any(row.kept for row in rows) else []
    kept = read_left(conn, entity.name, keeping, keys.held)
    pins = read_pins(conn, entity.name, {row.customer_id: keys.held[row.customer_id] for row in stored.values()})
    return Found(customers, keys, bearers, stored, borne, parents, references, suppressed, refused, kept, pins)


def _refused_by_imports(
    conn: Connection, catalogue: Catalogue, customer_ids: Sequence[str]
) -> dict[str, frozenset[str]]:
    choices, found = Choices.of(catalogue), {}
    for customer_id, history in read_histories(conn, customer_ids).items():
        standing = standing_from(Source.IMPORT, history.values(), choices)
        found[customer_id] = frozenset(name for name in choices.names if choices.canonical(name) in standing)
    return found


def customers_named(entity: Entity, rows: Sequence[Incoming]) -> set[Token]:
    """Return the identifiers of customers that the rows name, as themselves or as what they belong to."""
    named = {(each.kind, each.key) for row in rows for each in row.references if each.kind and each.entity == CUSTOMER}
    return named | {token for row in rows for token in row.tokens} if entity.is_customer else named


def _find_bearers(conn: Connection, entity: Entity, tokens: Iterable[Token]) -> dict[Token, Bearer]:
    by_kind: dict[str, set[str]] = {}
    for kind, token in tokens:
        by_kind.setdefault(kind, set()).add(token)
    return {
        (kind, token): bearer
        for kind, wanted in by_kind.items()
        for token, bearer in find_by_tokens(conn, entity.name, kind, wanted).items()
    }


def _resolve(conn: Connection, catalogue: Catalogue, references: set[Reference]) -> dict[Reference, Bearer]:
    found: dict[Reference, Bearer] = {}
    for entity, kind in {(each.entity, each.kind) for each in references}:
        mine = [each for each in references if (each.entity, each.kind) == (entity, kind)]
        keys = {each.key for each in mine}
        if kind:
            bearers = find_by_tokens(conn, entity, kind, keys)
        elif catalogue.entities[entity].is_customer:  # whether she exists, her lock will tell
            bearers = {key: Bearer(key, key) for key in keys}
        else:
            bearers = find_by_ids(conn, catalogue, catalogue.entities[entity], keys)
        found |= {each: bearers[each.key] for each in mine if each.key in bearers}
    return found


def _check_borne(
    conn: Connection, entity: Entity, bearers: Mapping[Token, Bearer], borne: Mapping[str, frozenset[Token]]
) -> None:
    """Make sure that identifiers which the rows, now locked, do not show are still theirs."""
    doubtful = {token: each for token, each in bearers.items() if token not in borne.get(each.row_id, ())}
    if doubtful and _find_bearers(conn, entity, doubtful) != doubtful:
        raise Unavailable("store_conflict", "another change of the database came first", hint="try again")
