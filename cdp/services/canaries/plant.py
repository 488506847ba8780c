"""Planting canaries: as customers who came by an import, half of whom refuse everything.

They are written as everybody is, by the same writer, with an entry of the same kind; that they were planted is on the
log, and which they are is not.
"""

import random
import re
import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, select

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import InForce, Platform
from cdp.catalogue.model import Entity
from cdp.errors import BadInput, Refused
from cdp.services.canaries.known import Canary, canaries, canary_ids, keep
from cdp.services.canaries.likely import likely
from cdp.services.provenance.declare import unstated
from cdp.store.origins import SET_COLUMN
from cdp.store.provenance import Origin, intern, seconds
from cdp.store.records import Stored, read_rows
from cdp.store.tables import build_schema
from cdp.store.watching import CANARY_LOOK
from cdp.store.write import NewRow, Writer
from cdp.terms import CUSTOMER
from consent.arrivals import Newcomer, create_customers
from consent.events import Event, Evidence, Source, State

MOST: Final = 1_000
SAMPLE: Final = 200
MANY: Final = 20_000
OFTEN: Final = 50
LEAST: Final = 20
"""Among fewer customers every new one stands out."""

_DOMAIN: Final = re.compile(r"(?=.{4,100}\Z)[a-z0-9-]+(\.[a-z0-9-]+)+")


def plant(platform: Platform, number: int, domain: str, *, principal: Principal) -> int:
    """Plant some canaries; return how many there are now.

    Args:
        domain: of their addresses; one that the organisation has, and under which others here have theirs, too.

    Raises:
        BadInput: `bad_canaries`.
        Refused: `too_few_customers`.
    """
    if not 1 <= number <= MOST or not _DOMAIN.fullmatch(domain):
        hint = f"plant 1 to {MOST:,}, with addresses under a domain of your own"
        raise BadInput("bad_canaries", "so many canaries cannot be planted, or not there", path="number", hint=hint)
    in_force, chance = platform.in_force(fresh=True), random.SystemRandom()
    entry = Entry("change", "import", principal, in_force.versions, {"entity": CUSTOMER})
    with platform.door.record(entry) as change:
        conn, entity = change.conn, in_force.catalogue.entities[CUSTOMER]
        people, origin = _sample(platform, conn, in_force, chance)
        values = [each.values for each in people]
        acts = _refusals(in_force, principal)
        newcomers = [
            Newcomer(likely(entity, values, domain, chance), acts if turn % 2 else (), origin) for turn in range(number)
        ]
        made = create_customers(
            conn, _writer(platform, in_force, entity), newcomers, catalogue=in_force.catalogue,
            regimes=in_force.policy.regime, at=timestamp(), actor=principal.name,
        )  # fmt: skip
        belongings = _Belongings(platform, in_force, [each.customer_id for each in people], domain, chance)
        belongings.give(conn, made, origin)
        change.subjects += [row.ordinal for row in made]
        change.facts |= {"import": secrets.token_hex(32), "provenance": origin.provenance, "created": number}
        change.facts |= {"updated": 0, "unchanged": 0, "rejected": 0}
        change.when_numbered = lambda entry: _keep(platform, conn, made, entry)
    platform.door.note(Entry("change", "canaries_planted", principal, in_force.versions, {"number": number}))
    return len(canaries(platform))


def _keep(platform: Platform, conn: Connection, made: list[Stored], entry: int) -> None:
    """Keep who they are, with the entry that brought them: only later ones may be alarms."""
    keep(
        conn, platform.vault,
        [
            Canary(row.customer_id, row.ordinal, entry, bool(turn % 2), _tokens(platform, row))
            for turn, row in enumerate(made)
        ],
    )  # fmt: skip
    if conn.execute(select(CANARY_LOOK.c.one)).first() is None:
        conn.execute(CANARY_LOOK.insert().values(one=1, next_entry=entry, looked_at=timestamp()))


def _tokens(platform: Platform, row: Stored) -> tuple[tuple[str, str], ...]:
    """Return the tokens of her identifiers, by which she is known again when something from outside names her."""
    found, blind = list[tuple[str, str]](), platform.vault.blind
    for name, field in platform.in_force().catalogue.entities[CUSTOMER].fields.items():
        if field.identifier and row.values.get(name):
            token = blind.token(CUSTOMER, field.identifier, str(row.values[name]))
            found += [(str(field.identifier), token.hex())] if token else []
    return tuple(found)


def _sample(
    platform: Platform, conn: Connection, in_force: InForce, chance: random.Random
) -> tuple[list[Stored], Origin]:
    """Return some customers with all their values, none of them a canary, and where one of them comes from."""
    table = build_schema(in_force.catalogue, conn.dialect.name).customer
    planted = set(canary_ids(conn, platform.vault))
    wanted = select(table.c.customer_id, table.c[SET_COLUMN])
    rows = conn.execute(wanted.limit(MANY)).all()
    if len(rows) == MANY:  # ordinals are dense then: some at random are mostly there
        top = int(conn.execute(select(func.max(table.c.ordinal))).scalar_one())
        some = sorted({chance.randrange(top + 1) for _ in range(SAMPLE * 8)})
        rows = conn.execute(wanted.where(table.c.ordinal.in_(some))).all()
    real = [row for row in rows if row[0] not in planted]
    found = {str(row[0]): row[1] for row in chance.sample(real, min(SAMPLE, len(real)))}
    if len(found) < LEAST:
        hint = "plant them when there are more"
        raise Refused("too_few_customers", f"among fewer than {LEAST} customers a canary stands out", hint=hint)
    ids, entity = [(each, each) for each in sorted(found)], in_force.catalogue.entities[CUSTOMER]
    people = read_rows(conn, in_force.catalogue, entity, ids, keys=platform.vault)
    number = chance.choice(list(found.values())) or intern(conn, unstated(in_force.policy, "import"), at=timestamp())
    return people, Origin(int(number), seconds(timestamp()))


def _refusals(in_force: InForce, principal: Principal) -> tuple[Event, ...]:
    at, evidence = timestamp(), Evidence(principal.name)
    return tuple(
        Event("", choice, State.REFUSED, Source.IMPORT, at, at, evidence) for choice in in_force.catalogue.opt_outs
    )


@dataclass(frozen=True)
class _Belongings:
    """What belongs to customers: each canary gets as many rows as somebody else has, with values of several others."""

    platform: Platform
    in_force: InForce
    donors: list[str]
    domain: str
    chance: random.Random

    def give(self, conn: Connection, made: list[Stored], origin: Origin) -> None:
        """Write them."""
        catalogue = self.in_force.catalogue
        for entity in catalogue.entities.values():
            if not entity.is_customer and catalogue.lineage(entity)[1].is_customer:
                new = self._rows(conn, entity, made, origin)
                if new:
                    _writer(self.platform, self.in_force, entity).create(conn, new)

    def _rows(self, conn: Connection, entity: Entity, made: list[Stored], origin: Origin) -> list[NewRow]:
        catalogue = self.in_force.catalogue
        table = build_schema(catalogue, conn.dialect.name).rows[entity.name]
        wanted = select(table.c.customer_id, table.c[f"{entity.name}_id"]).where(table.c.customer_id.in_(self.donors))
        ids = [(str(customer), str(row)) for customer, row in conn.execute(wanted.limit(SAMPLE * OFTEN))]
        known = [each.values for each in read_rows(conn, catalogue, entity, ids, keys=self.platform.vault)]
        often = [sum(owner == donor for owner, _ in ids) for donor in self.donors]
        return [
            NewRow(
                likely(entity, known, self.domain, self.chance), row.customer_id, row.customer_id, origin=origin
            )
            for row in made
            for _ in range(min(self.chance.choice(often), OFTEN) if known else 0)
        ]  # fmt: skip


def _writer(platform: Platform, in_force: InForce, entity: Entity) -> Writer:
    return Writer(
        in_force.catalogue, entity, version=in_force.catalogue_version, vault=platform.vault,
        dialect=platform.door.dialect,
    )  # fmt: skip
