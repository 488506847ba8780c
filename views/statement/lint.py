"""What a statement promises and the policy does not keep, and what it leaves unsaid. Pure.

A broken promise blocks: publishing the statement, and publishing a policy that would break the one in force. What the
statement says beyond what the policy does is only odd; so a statement is published first, and the policy after it.
"""

from collections.abc import Callable, Iterable, Iterator

from cdp.catalogue.document import Document, nearest
from cdp.catalogue.field import Field
from cdp.catalogue.model import Catalogue
from cdp.errors import BadInput, CdpError, Several
from cdp.terms import OWN_ROLE, Sensitivity, Shape
from views.check import Finding
from views.decide import decided
from views.policy import Policy, View
from views.statement.document import Part, Statement, Use

Where = Callable[[tuple[str | int, ...]], str]


def lint(catalogue: Catalogue, policy: Policy, statement: Statement, document: Document | None = None) -> list[Finding]:
    """Judge a statement against a catalogue and a policy.

    Args:
        document: the file that the statement was read from, for lines.

    Returns:
        What is odd about it; empty when there is nothing.

    Raises:
        Several: `statement_broken`, with every promise that is broken.
    """
    where: Where = document.where if document else lambda loc: ".".join(map(str, loc))
    broken = [*_unsaid(catalogue, policy, statement, where), *_wider(catalogue, policy, statement, where)]
    if broken:
        raise Several("statement_broken", f"the policy breaks {len(broken)} promise(s) of the statement", broken)
    return list(_findings(catalogue, policy, statement, where))


def names(catalogue: Catalogue, parts: Iterable[Part]) -> frozenset[tuple[str, str]]:
    """Return the fields that parts name, as pairs of entity and field."""
    found = set()
    for part in parts:
        entity, _, field = part.partition(".")
        known = catalogue.entities[entity].fields if entity in catalogue.entities else {}
        found |= {(entity, name) for name in (known if field == "*" else [field])}
    return frozenset(found)


def _unsaid(catalogue: Catalogue, policy: Policy, statement: Statement, where: Where) -> Iterator[CdpError]:
    """Yield what is done and not said."""
    said = names(catalogue, statement.collecting.data)
    for entity in catalogue.entities.values():
        for name, field in entity.fields.items():
            if _tells(field) and (entity.name, name) not in said:
                message = f"`{entity.name}.{name}` is collected, and the statement does not say so"
                yield BadInput("field_unnamed", message, path=where(("collecting", "data")))
    for name in dict.fromkeys(view.purpose for view in _others(policy)):
        if name not in statement.using.purposes:
            hint = nearest(name, statement.using.purposes)
            message = f"data is used for `{name}`, and the statement does not say so"
            yield BadInput("purpose_unnamed", message, path=where(("using", "purposes")), hint=hint)
    for name in dict.fromkeys(view.recipient for view in _others(policy) if view.recipient):
        if name not in statement.access.recipients:
            message = f"data is passed on to `{name}`, and the statement does not say so"
            yield BadInput("recipient_unnamed", message, path=where(("access", "recipients")))
    for name in statement.control.opt_outs:
        if name not in catalogue.opt_outs:
            hint = nearest(name, catalogue.opt_outs)
            message = f"the statement promises the opt-out `{name}`, which there is not"
            yield BadInput("unknown_opt_out", message, path=where(("control", "opt_outs")), hint=hint)


def _wider(catalogue: Catalogue, policy: Policy, statement: Statement, where: Where) -> Iterator[CdpError]:
    """Yield views that show more than their purpose's clause says, and grounds other than it says."""
    for name, use in statement.using.purposes.items():
        purpose, loc = policy.purposes.get(name), ("using", "purposes", name)
        if purpose is None:
            continue
        if use.legal_basis is not None and use.legal_basis is not purpose.legal_basis:
            message = f"`{name}` rests on {purpose.legal_basis}, and the statement says {use.legal_basis}"
            yield BadInput("basis_differs", message, path=where((*loc, "legal_basis")))
        for view in _others(policy):
            if view.purpose == name:
                for message in _excess(catalogue, policy, view, use):
                    yield BadInput("view_wider", message, path=where(loc))


def _excess(catalogue: Catalogue, policy: Policy, view: View, use: Use) -> Iterator[str]:
    entity = catalogue.entities[view.entity]
    full, reduced = names(catalogue, use.in_full), names(catalogue, use.reduced)
    for each in decided(entity, view, policy.purposes[view.purpose]):
        field = (entity.name, each.name)
        if not _tells(entity.fields[each.name]) or each.shape is None or field in full:
            continue
        if each.shape is Shape.CLEAR and field in reduced:
            yield f"the view `{view.name}` shows `{'.'.join(field)}` in full, and the statement says only reduced"
        elif field not in reduced:
            yield f"the view `{view.name}` shows `{'.'.join(field)}`, and the statement does not say so"


def _findings(catalogue: Catalogue, policy: Policy, statement: Statement, where: Where) -> Iterator[Finding]:
    serving = {view.purpose for view in _others(policy)}
    for name in statement.using.purposes:
        if name not in serving:
            message = f"the statement speaks of `{name}`, for which nothing is read"
            yield Finding("purpose_idle", where(("using", "purposes", name)), message)
    given = {view.recipient for view in policy.views.values()}
    for name in statement.access.recipients:
        if name not in given:
            message = f"the statement speaks of `{name}`, to whom nothing is passed on"
            yield Finding("recipient_idle", where(("access", "recipients")), message)
    for name in catalogue.opt_outs:
        if name not in statement.control.opt_outs:
            message = f"people can refuse `{name}`, and the statement does not tell them"
            yield Finding("opt_out_untold", where(("control", "opt_outs")), message)
    uses = [part for use in statement.using.purposes.values() for part in (*use.in_full, *use.reduced)]
    for part in dict.fromkeys((*statement.collecting.data, *uses)):
        entity, _, field = part.partition(".")
        known = catalogue.entities[entity].fields if entity in catalogue.entities else {}
        if not known or (field != "*" and field not in known):
            message = f"the statement speaks of `{part}`, which there is not"
            yield Finding("part_unknown", where(("collecting", "data")), message)


def _others(policy: Policy) -> Iterator[View]:
    """Yield the views in which others read than the person herself."""
    return (view for view in policy.views.values() if view.roles != (OWN_ROLE,))


def _tells(field: Field) -> bool:
    return field.sensitivity is not Sensitivity.NONE
