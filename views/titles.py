"""What people read in place of names: titles of the two files, in their language.

A title stands with what it names (`title`, `description`), or under `labels` for roles, recipients and opt-outs. Where
a language has none the English one is taken, and where there is none at all the name itself, written as words: the
log holds names of policies long past, and those have to be readable too.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from cdp.catalogue.field import Language, Titled
from cdp.catalogue.model import Catalogue
from cdp.terms import ENGLISH, LANGUAGES
from views.policy import Policy

Where = Callable[[tuple[str | int, ...]], str]
Placed = tuple[tuple[str, ...], Titled | None]


def as_words(name: str) -> str:
    """Return a name as words: `newsletter_app` is `Newsletter app`."""
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


@dataclass(frozen=True)
class Titles:
    """The titles of a catalogue and a policy in one language.

    Attributes:
        opt_outs: what is said of opt-outs that the catalogue says nothing of: the four that every one has.
        roles: what is said of roles that the policy says nothing of: those of staff.
    """

    catalogue: Catalogue
    policy: Policy
    language: Language
    opt_outs: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)

    def of(self, thing: Titled) -> str:
        """Return the title of a field, an entity, a view or a purpose."""
        return self._said(thing.title) or as_words(thing.name)

    def about(self, thing: Titled | None) -> str:
        """Return the description of something; empty where there is none."""
        return self._said(thing.description) if thing is not None else ""

    def field(self, entity: str, name: str) -> str:
        """Return the title of a field."""
        fields = self.catalogue.entities[entity].fields if entity in self.catalogue.entities else {}
        return self.of(fields[name]) if name in fields else as_words(name)

    def entity(self, name: str) -> str:
        """Return the title of an entity."""
        return self._named(self.catalogue.entities, name)

    def view(self, name: str) -> str:
        """Return the title of a view."""
        return self._named(self.policy.views, name)

    def purpose(self, name: str) -> str:
        """Return the title of a purpose."""
        return self._named(self.policy.purposes, name)

    def role(self, name: str) -> str:
        """Return the title of a role."""
        label = self.policy.labels.roles.get(name)
        return (self._said(label.title) if label else "") or as_words(self.roles.get(name, name))

    def recipient(self, name: str) -> str:
        """Return the title of a recipient."""
        return self._named(self.policy.labels.recipients, name)

    def opt_out(self, name: str) -> str:
        """Return the title of an opt-out."""
        label = self.catalogue.labels.opt_outs.get(name)
        return (self._said(label.title) if label else "") or self.opt_outs.get(name, as_words(name))

    def source(self, name: str) -> str:
        """Return the name of a source of events or rows, as words."""
        return as_words(name)

    def about_recipient(self, name: str) -> str:
        """Return what the policy says of a recipient; empty where it says nothing."""
        return self.about(self.policy.labels.recipients.get(name))

    def about_opt_out(self, name: str) -> str:
        """Return what the catalogue says of an opt-out; empty where it says nothing."""
        return self.about(self.catalogue.labels.opt_outs.get(name))

    def field_of_view(self, view: str, name: str) -> str:
        """Return the title of a column of a view, which may be no longer there."""
        known = self.policy.views.get(view)
        return self.field(known.entity, name) if known else as_words(name)

    def _named(self, things: Mapping[str, Titled], name: str) -> str:
        found = things.get(name)
        return (self._said(found.title) if found else "") or as_words(name)

    def _said(self, texts: Mapping[Language, str]) -> str:
        return texts.get(self.language) or texts.get(ENGLISH, "")


def of_catalogue(catalogue: Catalogue) -> Iterator[Placed]:
    """Yield all that may have a title in a catalogue, with its place; the four opt-outs have theirs from the pages."""
    for name, entity in catalogue.entities.items():
        yield ("entities", name), entity
        for inner, each in entity.fields.items():
            yield ("entities", name, "fields", inner), each
    for name, label in catalogue.labels.opt_outs.items():
        yield ("labels", "opt_outs", name), label


def of_policy(policy: Policy) -> Iterator[Placed]:
    """Yield all that may have a title in a policy, with its place."""
    yield from ((("purposes", name), each) for name, each in policy.purposes.items())
    yield from ((("views", name), each) for name, each in policy.views.items())
    yield from ((("labels", "roles", name), policy.labels.roles.get(name)) for name in policy.roles)
    recipients = dict.fromkeys(view.recipient for view in policy.views.values() if view.recipient)
    yield from ((("labels", "recipients", name), policy.labels.recipients.get(name)) for name in recipients)


def untitled(placed: Iterator[Placed], where: Where) -> Iterator[tuple[str, str]]:
    """Yield where a title is missing in a language in which others of the file have one, and what to say of it."""
    everything = list(placed)
    used = set(chain.from_iterable(each.title for _, each in everything if each is not None))
    for language in (each for each in LANGUAGES if each in used):
        for loc, each in everything:
            if each is None or language not in each.title:
                yield where(loc), f"`{loc[-1]}` has no title in {language}, and others have"
