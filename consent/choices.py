"""What a person can refuse: an opt-out of the catalogue, or less of it: one channel, one purpose.

Salesforce's order: global → channel → purpose. A choice is written `direct_marketing`, `direct_marketing/email`,
`direct_marketing@newsletter` or `direct_marketing/email@newsletter`. Which flags a refusal of it sets is decided here
(`Choices.withheld`), from the catalogue alone:

- An opt-out sets its own flag and that of every opt-out that is narrower.
- Less than an opt-out sets the flags of the narrower opt-outs that the catalogue has for it, and none that is wider.
- Where the catalogue has none, nothing could tell that part from the rest: the whole opt-out is
  withheld. So no refusal is ever without effect; at worst it withholds more than she asked for.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cdp.catalogue.model import Catalogue
from cdp.errors import BadInput
from cdp.terms import Channel

_CHOICE: Final = re.compile(r"([a-z][a-z0-9_]{0,47})(?:/([a-z]+))?(?:@([a-z][a-z0-9_]{0,47}))?")
_CHANNELS: Final = frozenset(Channel)

PROFILE: Final = "_profile"
"""No choice, but where the history says who was merged with whom (`consent.profiles`); no opt-out has such a name."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An opt-out, or what of it: by one channel, for one purpose."""

    opt_out: str
    channel: str | None = None
    purpose: str | None = None

    def format(self) -> str:
        """Return the choice as the history writes it."""
        channel = f"/{self.channel}" if self.channel else ""
        return f"{self.opt_out}{channel}" + (f"@{self.purpose}" if self.purpose else "")

    def meets(self, other: "Choice") -> bool:
        """Return whether something can be in both: neither channel nor purpose keeps the two apart."""
        return all(
            one is None or another is None or one == another
            for one, another in ((self.channel, other.channel), (self.purpose, other.purpose))
        )


@lru_cache(maxsize=4_096)
def parse_choice(text: str) -> Choice:
    """Return the choice that a text names.

    Raises:
        BadInput: `bad_choice_name`.
    """
    if text == PROFILE:
        return Choice(PROFILE)
    found = _CHOICE.fullmatch(text)
    if found is None or (found[2] is not None and found[2] not in _CHANNELS):
        hint = f"write an opt-out, `/` and one of {', '.join(Channel)}, `@` and a purpose"
        raise BadInput("bad_choice_name", "this names no choice", path="choice", hint=hint)
    return Choice(*found.groups())


class Choices:
    """The choices of one catalogue; `of` keeps them."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.names = catalogue.opt_outs
        self._parents = {name: each.of for name, each in catalogue.narrower.items()}
        self._scopes = {name: self._scope(catalogue, name) for name in self.names}
        self._withheld: dict[str, frozenset[str]] = {}

    @staticmethod
    @lru_cache(maxsize=32)
    def of(catalogue: Catalogue) -> "Choices":
        """Return the choices of a catalogue."""
        return Choices(catalogue)

    def lineage(self, opt_out: str) -> tuple[str, ...]:
        """Return an opt-out and those it is narrower than, widest last."""
        chain = [opt_out]
        while (wider := self._parents.get(chain[-1])) is not None:
            chain.append(wider)
        return tuple(chain)

    def canonical(self, text: str) -> str:
        """Return the choice by its own opt-out, where the catalogue has one that is just this."""
        choice = self._placed(parse_choice(text))
        if choice is None:
            return text
        for name in self._narrowest(choice.opt_out, choice):
            scope = self._scopes[name]
            if (scope.channel, scope.purpose) == (choice.channel, choice.purpose):
                return name
        return text

    def withheld(self, text: str) -> frozenset[str]:
        """Return the opt-outs whose flags a refusal of this choice sets; none, if its opt-out is gone."""
        if text not in self._withheld:
            self._withheld[text] = self._flags(self._placed(parse_choice(text)))
        return self._withheld[text]

    def _flags(self, choice: Choice | None) -> frozenset[str]:
        if choice is None:
            return frozenset()
        found = set(self._narrowest(choice.opt_out, choice))
        below = {name for name in self.names if not found.isdisjoint(self.lineage(name))}
        met = {name for name in below if self._scopes[name].meets(choice)}
        inside = {name for name in self.names if self._is_inside(name, choice)}
        return frozenset(found | met | inside)

    def _is_inside(self, name: str, choice: Choice) -> bool:
        """Return whether all of an opt-out is part of a choice, by whatever way it lies below it."""
        scope = self._scopes[name]
        here = choice.channel in (None, scope.channel) and choice.purpose in (None, scope.purpose)
        return here and choice.opt_out in self.lineage(name)

    def _placed(self, choice: Choice) -> Choice | None:
        """Return the choice with the channel and purpose that its opt-out already has."""
        scope = self._scopes.get(choice.opt_out)
        if scope is None:
            return None
        return Choice(choice.opt_out, choice.channel or scope.channel, choice.purpose or scope.purpose)

    def _scope(self, catalogue: Catalogue, opt_out: str) -> Choice:
        """Return an opt-out with the channel and the purpose that it, or what it is narrower than, is bound to."""
        chain = [catalogue.narrower[name] for name in self.lineage(opt_out) if name in catalogue.narrower]
        channel = next((each.channel for each in chain if each.channel), None)
        return Choice(opt_out, channel, next((each.purpose for each in chain if each.purpose), None))

    def _narrowest(self, opt_out: str, choice: Choice) -> Iterator[str]:
        """Yield the opt-outs at or below one that hold all of a choice, and below which none does."""
        inner = [name for name, parent in self._parents.items() if parent == opt_out and self._holds(name, choice)]
        if not inner:
            yield opt_out
        for name in inner:
            yield from self._narrowest(name, choice)

    def _holds(self, name: str, choice: Choice) -> bool:
        scope, wider = self._scopes[name], self._scopes[self._parents[name]]
        bound = (scope.channel, scope.purpose) != (wider.channel, wider.purpose)
        return bound and scope.channel in (None, choice.channel) and scope.purpose in (None, choice.purpose)
