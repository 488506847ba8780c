"""Suppressing people: their identifiers are not taken in, by imports, events or any other entry.

Issue "Ingest and identity", item 5. What is kept is a keyed token of each identifier, beside the keys, so that restores
of the data honour it (`cdp.vault.suppression`). Those who were erased are suppressed by their erasure.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import InForce, Platform
from cdp.catalogue.kinds import known_kinds
from cdp.erasure.register import borne
from cdp.errors import BadInput, Refused
from cdp.services.customers import find_customer
from cdp.terms import CUSTOMER
from cdp.vault.suppression import Identifier


def suppress(platform: Platform, people: Sequence[str], *, principal: Principal, reason: str = "") -> int:
    """Suppress people, each named by an identifier, known here or not, or by id; return how many identifiers that is.

    It holds for whatever begins to be taken in afterwards. What is stored of them stays: `erase` is another thing.

    Raises:
        BadInput: `bad_identifier`.
        NotFound: `unknown_customer`, for an id.
    """
    in_force = platform.in_force(fresh=True)
    entry = Entry("change", "suppress", principal, None, {"people": len(people)}, reason=reason)
    with platform.door.record(entry) as change:
        named = _identifiers(platform, in_force, change.conn, people)
        change.facts["identifiers"] = len(named)
        # Before the entry commits: a suppression without an entry only tightens, an entry without one would promise.
        platform.vault.suppression.suppress(named, at=timestamp())
    return len(named)


def lift(platform: Platform, people: Sequence[str], *, principal: Principal, word: str = "") -> int:
    """Take people in again; return how many identifiers were suppressed.

    Args:
        word: her own word; without it nobody comes back who was erased.

    Raises:
        BadInput: `bad_identifier`.
        NotFound: `unknown_customer`, for an id.
    """
    in_force = platform.in_force(fresh=True)
    facts = {"people": len(people), "erased": bool(word.strip())}
    with platform.door.record(Entry("change", "unsuppress", principal, None, facts, reason=word)) as change:
        named = _identifiers(platform, in_force, change.conn, people)
        change.facts["identifiers"] = len(named)
    return platform.vault.suppression.lift(named, erased=bool(word.strip()))


def count_suppressed(platform: Platform) -> dict[str, int]:
    """Return how many identifiers are suppressed, by cause."""
    return platform.vault.suppression.count()


def refuse_suppressed(platform: Platform, identifiers: Iterable[tuple[str, str]]) -> None:
    """Do nothing if whoever bears these identifiers, given as kind and text, may be taken in.

    Raises:
        Refused: `suppressed`.
    """
    blind = platform.vault.blind
    tokens = [(kind, token.hex()) for kind, text in identifiers if (token := blind.token(CUSTOMER, kind, text))]
    if platform.vault.suppression.refused(tokens):
        raise Refused("suppressed", "this person is not to be taken in", path="customer")


def _identifiers(
    platform: Platform, in_force: InForce, conn: Connection, people: Sequence[str]
) -> list[Identifier]:  # fmt: skip
    kinds, found = known_kinds(in_force.catalogue), list[Identifier]()
    for number, name in enumerate(people, 1):
        kind, colon, text = name.partition(":")
        if not colon:
            found += borne(conn, find_customer(conn, in_force, platform.vault, name).customer_id)
            continue
        token = platform.vault.blind.token(CUSTOMER, kind, text) if kind in kinds else None
        if token is None:
            hint = f"write `kind:identifier`; the kinds are {', '.join(sorted(kinds))}"
            raise BadInput("bad_identifier", "this is no identifier", path=f"person {number}", hint=hint)
        found.append((kind, token.hex()))
    return found
