"""Writing the profiles of a batch: rows, aliases, what was said, claims."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from audit.door import Change
from cdp.bootstrap import InForce
from cdp.catalogue.kinds import field_of_kind
from cdp.services.identity.caps import Caps
from cdp.services.identity.drafts import Draft, Drafting, Identifier
from cdp.services.identity.links import Claim, add_claims
from cdp.services.identity.said import write_said
from cdp.store.bulk import insert_rows
from cdp.store.collected import Collecting
from cdp.store.given import Given
from cdp.store.lookup import find_claims
from cdp.store.platform import IDENTIFIER
from cdp.store.records import Stored
from cdp.store.write import Writer
from cdp.terms import CUSTOMER
from cdp.vault.vault import Vault
from consent.arrivals import Newcomer, create_customers, follow_moves

ACTOR = "ingest"


def write_drafts(change: Change, in_force: InForce, vault: Vault, drafting: Drafting, *, at: str, caps: Caps) -> None:
    """Write every profile that has changed, and give new ones their ids."""
    conn = change.conn
    drafts = [each for each in drafting.all if each.part_of is None]
    writing = _Writing(conn, in_force, vault, at)
    writing.replace([each for each in drafts if each.stored and each.changed], drafting.keys)
    keys = {**drafting.keys, **writing.create([each for each in drafts if each.stored is None])}
    _alias(conn, [(each.customer_id, list(each.borne)) for each in drafts if each.borne])
    write_said(conn, keys, {each.customer_id: each.said for each in drafts if each.heard})
    claims = [
        Claim(each.customer_id, source, kind, token, text)
        for each in drafts
        for (source, kind, token), text in each.claims.items()
    ]
    dropped = add_claims(conn, keys, claims, at=at, most=caps.links)
    if dropped:
        caps.over["links"] += dropped
        change.facts["claims_dropped"] = change.facts.get("claims_dropped", 0) + dropped


class _Writing:
    """Rows of customers, with what their regimes refuse."""

    def __init__(self, conn: Connection, in_force: InForce, vault: Vault, at: str) -> None:
        self._conn, self._in_force, self._vault, self._at = conn, in_force, vault, at
        self._entity = in_force.catalogue.entities[CUSTOMER]
        self._writer = Writer(
            in_force.catalogue, self._entity, version=in_force.catalogue_version, vault=vault,
            dialect=conn.dialect.name,
        )  # fmt: skip
        self._collecting = Collecting(conn, in_force.catalogue, self._entity, at)

    def create(self, drafts: Sequence[Draft]) -> Mapping[str, bytes]:
        """Write new profiles; return their keys."""
        of_all = self._collecting.of_all
        newcomers = [Newcomer(each.values, origin=of_all(each.origins)) for each in drafts]
        created = create_customers(
            self._conn, self._writer, newcomers, catalogue=self._in_force.catalogue,
            regimes=self._in_force.policy.regime, at=self._at, actor=ACTOR,
        )  # fmt: skip
        for draft, row in zip(drafts, created, strict=True):
            draft.customer_id, draft.ordinal = row.customer_id, row.ordinal
        return self._vault.keys([row.customer_id for row in created])

    def replace(self, drafts: Sequence[Draft], keys: Mapping[str, bytes]) -> None:
        """Write stored profiles anew."""
        before = [each.stored for each in drafts if each.stored]
        after = [
            Stored(row.customer_id, row.row_id, row.ordinal, draft.values)
            for row, draft in zip(before, drafts, strict=True)
        ]
        if not after:
            return
        claims = find_claims(self._conn, self._entity, [(row.customer_id, row.row_id) for row in after])
        # An address that is replaced by a later one is still hers.
        left = [
            (row.customer_id, _left(self._in_force, self._vault, row, new))
            for row, new in zip(before, after, strict=True)
        ]
        _alias(self._conn, left, kept=True)
        self._writer.replace(self._conn, after, claims=claims, keys=keys)
        self._collecting.add({(each.customer_id, each.customer_id): each.origins for each in drafts if each.origins})
        follow_moves(
            self._conn, before, after, catalogue=self._in_force.catalogue, regimes=self._in_force.policy.regime,
            at=self._at, actor=ACTOR,
        )  # fmt: skip


def _left(in_force: InForce, vault: Vault, before: Stored, after: Stored) -> list[Identifier]:
    """Return the identifiers that stand in no field any more."""
    found = []
    for kind, name in field_of_kind(in_force.catalogue).items():
        old = before.values.get(name)
        if isinstance(old, str) and old != after.values.get(name):
            token = vault.blind.token(CUSTOMER, kind, old)
            found += [(kind, token.hex())] if token else []
    return found


def _alias(conn: Connection, borne: Sequence[tuple[str, Sequence[Identifier]]], *, kept: bool = False) -> None:
    """Have customers bear identifiers, beside those of their fields.

    Args:
        kept: whether they stand in fields now and shall stay when they do no more.
    """
    wanted = {(customer, *each) for customer, identifiers in borne for each in identifiers}
    if not wanted:
        return
    c, given = IDENTIFIER.c, Given(conn.dialect.name, 1)
    mine = select(c.customer_id, c.kind, c.token, c.alias).where(c.entity == CUSTOMER, given.holds(c.customer_id))
    there = {}
    for customer, kind, token, alias in conn.execute(mine, given.texts({w[0] for w in wanted})):
        there[customer, kind, token] = bool(alias)
    if kept:
        for customer, kind, token in sorted(each for each in wanted if there.get(each) is False):
            hers = (c.customer_id == customer, c.entity == CUSTOMER, c.kind == kind, c.token == token)
            conn.execute(IDENTIFIER.update().where(*hers).values(alias=_true(conn)))
        return
    rows = [(each[0], CUSTOMER, each[0], each[1], each[2], True, True) for each in wanted if each not in there]
    insert_rows(conn, IDENTIFIER, sorted(rows, key=lambda row: (row[3], row[4])))


def _true(conn: Connection) -> object:
    return 1 if conn.dialect.name == "sqlite" else True
