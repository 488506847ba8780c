"""What a request does as soon as it is filed, and what lifting it takes back. Both only by the person's own word.

An objection refuses at once what the purposes that she names are subject to: nobody has to agree first (GDPR Art. 21).
A restriction refuses everything that can be refused, also at once: while it is in force, her data is for storage, and
for purposes that are subject to nothing. Lifting it allows again what it had refused, and nothing that she refused by
another act, before or since (`docs/decisions`).
"""

import base64
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from audit.entries import HERSELF, Principal, timestamp
from cdp.acts import record_acts
from cdp.bootstrap import InForce
from cdp.errors import BadInput
from cdp.services.requests.states import Kind
from cdp.terms import Value
from cdp.vault.vault import Vault
from consent.choices import Choices
from consent.events import Event, Evidence, Source, State
from consent.history import read_events
from consent.precedence import refused_choices
from consent.residence import read_regimes

REFUSED: Final = "refused"
"""Under this name a request keeps which choices it refused that were not refused before."""

PURPOSES: Final = "purposes"
"""… and this the purposes that an objection names."""


def check_purposes(in_force: InForce, purposes: Sequence[str]) -> tuple[str, ...]:
    """Return the purposes that an objection names.

    Raises:
        BadInput: `purpose_needed`, `unknown_purpose`.
    """
    if not purposes:
        raise BadInput("purpose_needed", "an objection names what it is against", path="purpose")
    if any(each not in in_force.policy.purposes for each in purposes):
        hint = f"they are {', '.join(in_force.policy.purposes)}"
        raise BadInput("unknown_purpose", "the policy has no such purpose", path="purpose", hint=hint)
    return tuple(dict.fromkeys(purposes))


def refusing(in_force: InForce, kind: Kind, purposes: Sequence[str]) -> list[str]:
    """Return the choices that a request of a kind refuses."""
    choices = Choices.of(in_force.catalogue)
    if kind is Kind.RESTRICTION:
        return sorted(choices.names)
    named = [in_force.policy.purposes[each] for each in purposes] if kind is Kind.OBJECTION else []
    found = {
        choices.canonical(f"{name}@{purpose}")
        for purpose, each in zip(purposes, named, strict=False)
        for name in each.subject_to
    }
    return sorted(found)


@dataclass(frozen=True)
class Effects:
    """The effects of one request, in the transaction of a step of it."""

    conn: Connection
    in_force: InForce
    customer_id: str
    request_id: str
    principal: Principal
    vault: Vault

    def refuse(self, choices: Sequence[str]) -> list[str]:
        """Refuse what is not refused yet; return it, to be kept for when the request is lifted."""
        stand = refused_choices(read_events(self.conn, self.customer_id), Choices.of(self.in_force.catalogue))
        wanted = [each for each in choices if each not in stand]
        self._record(wanted, State.REFUSED)
        return wanted

    def allow_again(self, said: Mapping[str, Value], *, word: str = "") -> None:
        """Take back what the request refused, where her latest word on it is that request's."""
        refused, choices = said.get(REFUSED), Choices.of(self.in_force.catalogue)
        latest: dict[str, Event] = {}
        for event in read_events(self.conn, self.customer_id):
            if event.is_her_word:
                latest[choices.canonical(event.choice)] = event
        mine = []
        for each in refused if isinstance(refused, list) else []:
            last = latest.get(choices.canonical(str(each)))
            if last is not None and last.reference == self._reference and last.state is State.REFUSED:
                mine.append(str(each))
        self._record(mine, State.ALLOWED, seal=lambda context: self.vault.seal_note(context, word) if word else b"")

    @property
    def _reference(self) -> str:
        return f"request:{self.request_id}"

    def _record(self, choices: Sequence[str], state: State, *, seal: Callable[[str], bytes] = lambda _: b"") -> None:
        if not choices:
            return
        source = Source.PORTAL if self.principal.name == HERSELF.name else Source.STAFF
        catalogue, her = self.in_force.catalogue, self.customer_id
        region = read_regimes(self.conn, catalogue, self.in_force.policy.regime, [her])[her].jurisdiction
        now, events = timestamp(), []
        for choice in choices:
            event_id = str(uuid.uuid4())
            word = base64.b64encode(seal(f"consent/{event_id}")).decode()
            evidence = Evidence(actor=self.principal.name, word=word)
            events.append(
                Event(her, choice, state, source, now, now, evidence, region, self._reference, event_id)
            )  # fmt: skip
        record_acts(self.conn, catalogue, events, self.vault.refusals)
