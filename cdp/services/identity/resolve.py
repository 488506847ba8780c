"""Whose profile each sighting of a batch is: tokens, bearers, and the drafts that the sightings make of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from audit.door import Change
from audit.entries import timestamp
from cdp.bootstrap import InForce
from cdp.catalogue.kinds import field_of_kind, identifying_fields, known_kinds, scoped
from cdp.errors import Unavailable
from cdp.services.canaries.heard import hear
from cdp.services.identity.caps import Caps
from cdp.services.identity.drafts import Draft, Drafting, Identifier
from cdp.services.identity.sighting import Folded, Sighting
from cdp.services.identity.writing import write_drafts
from cdp.store.lookup import find_by_tokens, lock_customers
from cdp.terms import ANONYMOUS_ID, CUSTOMER, DEVICE_ID, EXTERNAL_ID, USER_ID
from cdp.vault.vault import Vault

_ORDER: Final = (ANONYMOUS_ID, DEVICE_ID, USER_ID, EXTERNAL_ID)
"""By which of its own names a source that verifies nothing is believed to mean the same profile: what nobody else can
guess comes first, so that whoever knows somebody's user id and nothing else gets a profile of his own."""


@dataclass(frozen=True, slots=True)
class Split:
    """Two stored customers whom one sighting, by verified identifiers, says to be one."""

    survivor: str
    absorbed: str
    ordinal: int
    source: str


@dataclass(frozen=True, slots=True)
class _Known:
    """What a sighting names, as tokens.

    Attributes:
        verified: of kinds that its source verifies.
        own: in the source's own name space, the first one meant first.
        claims: the others, with their texts.
    """

    verified: tuple[Identifier, ...]
    own: tuple[Identifier, ...]
    claims: tuple[tuple[Identifier, str], ...]

    def all(self) -> set[Identifier]:
        """Return everything by which somebody could be suppressed."""
        return {*self.verified, *self.own, *(identifier for identifier, _ in self.claims)}


class Resolver:
    """One pass over sightings, up to the first that says that two stored customers are one.

    Args:
        apart: pairs of customers that are not to be merged.
        caps: how much may be made.

    Attributes:
        split: who has to be merged before it can go on.
    """

    def __init__(
        self, change: Change, in_force: InForce, vault: Vault, sightings: Sequence[Sighting], *,
        apart: set[frozenset[str]], caps: Caps,
    ) -> None:  # fmt: skip
        self.split: Split | None = None
        self._change, self._in_force, self._vault = change, in_force, vault
        self._sightings, self._apart, self._caps = sightings, apart, caps
        self._kinds = known_kinds(in_force.catalogue)
        self._field_of = field_of_kind(in_force.catalogue)
        # Of every field that identifies: of two of one kind, too, neither holds what was only claimed.
        self._kind_of = identifying_fields(in_force.catalogue)

    def run(self) -> list[Folded]:
        """Fold as many as it can, write what they say, and return what became of them."""
        known = [self._known(each) for each in self._sightings]
        bearers = self._bearers({token for each in known for token in (*each.verified, *each.own)})
        hear(self._change, self._vault, {token for each in known for token in each.all()})
        refused = self._vault.suppression.refused({token for each in known for token in each.all()})
        locked = lock_customers(self._change.conn, self._in_force.catalogue, set(bearers.values()))
        if self._bearers(set(bearers)) != bearers or set(bearers.values()) - locked.keys():
            raise Unavailable("store_conflict", "another change of the database came first", hint="try again")
        self._drafting = Drafting(
            self._change.conn, self._in_force, self._vault, bearers, locked, told=self._told(known, bearers),
            caps=self._caps,
        )  # fmt: skip
        folded: list[tuple[Draft | None, str, tuple[str, ...]]] = []
        for sighting, names in zip(self._sightings, known, strict=True):
            if not refused.isdisjoint(names.all()):
                folded.append((None, "suppressed", ()))
                continue
            draft = self._whose(sighting, names)
            if self.split is not None:
                break
            if draft is None:
                folded.append((None, "profiles_capped" if names.verified or names.own else "nobody", ()))
            else:
                folded.append((draft, "", self._hear(draft, sighting, names)))
        write_drafts(self._change, self._in_force, self._vault, self._drafting, at=timestamp(), caps=self._caps)
        return [Folded(draft.whole.customer_id, draft.whole.ordinal, "", faults) if draft else Folded(None, dropped=why)
                for draft, why, faults in folded]  # fmt: skip

    def _known(self, sighting: Sighting) -> _Known:
        verified: list[Identifier] = []
        own: dict[str, Identifier] = {}
        claims: dict[Identifier, str] = {}
        named = [(each.kind, each.value, each.verified) for each in sighting.identifiers]
        named += [(self._kind_of[name], value, False) for name, value in sighting.traits.items()
                  if name in self._kind_of and isinstance(value, str)]  # fmt: skip
        for kind, value, is_verified in named:
            token = self._vault.blind.token(CUSTOMER, kind, value) if kind in self._kinds else None
            if token is None:
                continue
            if is_verified:
                verified.append((kind, token.hex()))
                continue
            claims.setdefault((kind, token.hex()), value)
            if kind in _ORDER and kind not in own:
                name = scoped(kind, sighting.source)
                mine = self._vault.blind.token(CUSTOMER, name, value)
                own[kind] = (name, mine.hex() if mine else "")
        for each in verified:
            claims.pop(each, None)
        # Who is nameless to everybody else is no claim: a browser's own id names no person.
        told = tuple((each, text) for each, text in claims.items() if each[0] not in (ANONYMOUS_ID, DEVICE_ID))
        return _Known(tuple(dict.fromkeys(verified)), tuple(own[kind] for kind in _ORDER if kind in own), told)

    def _told(self, known: Sequence[_Known], bearers: Mapping[Identifier, str]) -> set[str]:
        """Return of whom the sightings say something: traits, or an identifier that is a field of hers."""
        return {
            bearers[each]
            for sighting, names in zip(self._sightings, known, strict=True)
            if sighting.traits or any(kind in self._field_of for kind, _ in names.verified)
            for each in (*names.verified, *names.own)
            if each in bearers
        }

    def _bearers(self, tokens: set[Identifier]) -> dict[Identifier, str]:
        found: dict[Identifier, str] = {}
        for kind in sorted({kind for kind, _ in tokens}):
            mine = find_by_tokens(self._change.conn, CUSTOMER, kind, {token for each, token in tokens if each == kind})
            found |= {(kind, token): bearer.customer_id for token, bearer in mine.items()}
        return found

    def _whose(self, sighting: Sighting, names: _Known) -> Draft | None:
        """Return the profile that a sighting is about; sets `split` where it cannot be said yet."""
        drafting = self._drafting
        if not names.verified:
            first = next(iter(names.own), None)
            return None if first is None else drafting.of(first) or self._new((first,))
        found = list(dict.fromkeys(draft for each in names.verified if (draft := drafting.of(each))))
        stored = [draft for draft in found if draft.stored is not None]
        for other in stored[1:]:
            pair = frozenset((stored[0].customer_id, other.customer_id))
            if pair not in self._apart:
                self.split = Split(stored[0].customer_id, other.customer_id, stored[0].ordinal or 0, sighting.source)
                return None
        if not found:
            return self._new(names.verified)
        draft = stored[0] if stored else found[0]
        for other in found:
            if other is not draft and other.stored is None:
                drafting.unite(draft, other)
        drafting.bear(draft, names.verified)
        return draft

    def _new(self, identifiers: Sequence[Identifier]) -> Draft | None:
        """Return a new profile, None where no more may be made."""
        return self._drafting.new(identifiers) if self._caps.may_make() else None

    def _hear(self, draft: Draft, sighting: Sighting, names: _Known) -> tuple[str, ...]:
        """Take in what a sighting says of a profile; return the traits that do not fit."""
        borne = {kind for kind, _ in names.verified}
        traits = {
            name: value for name, value in sighting.traits.items()
            if name in self._in_force.catalogue.entities[CUSTOMER].fields and name not in self._kind_of
        }  # fmt: skip
        traits |= {
            self._field_of[each.kind]: each.value for each in sighting.identifiers
            if each.verified and each.kind in borne and each.kind in self._field_of
        }  # fmt: skip
        self._drafting.claim(draft, sighting.source, names.claims)
        return self._drafting.hear(draft, sighting, traits)
