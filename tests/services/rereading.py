"""Reading everything again, under another policy: small worlds, policies by dice, and what two answers say."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from random import Random
from typing import Any

from audit.entries import Principal
from cdp.bootstrap import Platform
from cdp.errors import CdpError
from cdp.services.read import read_view
from cdp.terms import OPT_OUTS
from tests import samples
from tests.support.worlds import Person, World
from views.policy import Policy
from views.request import ViewRequest

FIELDS_ = set(samples.catalogue().entities["customer"].fields)
HEAD = """\
roles: [agent, analyst, partner]
purposes:
  service: {{legal_basis: {basis}, subject_to: {service}}}
  letters: {{legal_basis: consent, subject_to: {letters}, allows_sensitive: {sensitive}}}
views:
"""
KINDS = {
    "standard": "kind: standard, purpose: service, clear: {clear}",
    "opt_out": "kind: opt_out, purpose: letters, fields: {fields}",
    "selective": "kind: selective, purpose: letters, recipient: acme, fields: {fields}",
    "full": "kind: full, purpose: service",
}
FIELDS = ("full_name", "email", "income", "religion", "loyalty")
VIEWS = ("one", "two")
ROLES = ("agent", "analyst", "partner")
SHAPES = ("", ", shapes: {income: general}", ", shapes: {income: hidden, email: hidden}")
ORG = Principal("os:tester", "agent")


def some(dice: Random, names: Sequence[str], least: int, most: int) -> list[str]:
    return dice.sample(names, dice.randint(least, most))


def listed(names: Sequence[str]) -> str:
    return f"[{', '.join(names)}]"


def policy_by(dice: Random) -> Policy:
    """Some policy: one view or two, of any kind that names people, for anybody, subject to anything."""
    service = some(dice, OPT_OUTS, 0, 2)
    text = HEAD.format(
        basis=dice.choice(["contract", "legal_obligation"]), service=listed(service),
        letters=listed(some(dice, OPT_OUTS, 1, 2)), sensitive=dice.choice(["true", "false"]),
    )  # fmt: skip
    for view in VIEWS[: dice.choice([1, 2, 2])]:
        kind = dice.choice([kind for kind in KINDS if kind != "full" or not service])
        fields = some(dice, FIELDS, 2, 5)
        clear = some(dice, ("full_name", "email", "income"), 0, 3)
        if "religion" in fields and "sensitive: false" in text:
            fields.remove("religion")
        body = KINDS[kind].format(fields=listed(fields), clear=listed(clear))
        shapes = dice.choice(SHAPES) if kind in ("standard", "full") or {"income", "email"} <= set(fields) else ""
        reason = dice.choice(["", ", needs: [reason]"])
        text += f"  {view}: {{{body}{shapes}{reason}, roles: {listed(some(dice, ROLES, 1, 3))}}}\n"
    return samples.policy(text)


class Small:
    """One small world, and whoever reads it: three roles with and without a reason, and two apps."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.people: dict[str, dict[str, Any]] = {}
        # Everybody there may be: each set of refusals once.
        sets = [frozenset(each) for size in range(len(OPT_OUTS) + 1) for each in combinations(OPT_OUTS, size)]
        created = World(platform).add(
            [Person(samples.person(number + 1), refused) for number, refused in enumerate(sets)]
        )
        for number, row in enumerate(created):
            self.people[row.customer_id] = samples.person(number + 1)
        with platform._database.reading() as conn:
            found = conn.exec_driver_sql("SELECT customer_id, token FROM cdp_token").all()
        self.people |= {token: self.people[customer_id] for customer_id, token in found}

    def readers(self) -> Iterator[tuple[str, str, bool]]:
        for view in VIEWS:
            for role in ROLES:
                yield view, role, False
                yield view, role, True

    def read(self, view: str, role: str, *, reason: bool, select: tuple[str, ...] | None = None) -> Any:
        """What comes out, as `{person: {column: value}}`; the code where it is refused."""
        request = ViewRequest(view, role, select=select, reason="a test" if reason else "")
        try:
            answer = read_view(self.platform, request, principal=Principal(f"os:{role}", role))
            names = [each.name for each in answer.plan.columns]
            rows = [dict(zip(names, row, strict=True)) for chunk in answer.chunks for row in chunk]
        except CdpError as error:
            return error.code
        return {row.get("customer_id") or row.get("token") or f"row {at}": row for at, row in enumerate(rows)}


def rank(person: dict[str, Any], field: str, value: Any) -> str:
    """Which shape of hers a value is."""
    if value is None:
        return "hidden"
    return "clear" if value == person[field] else "less"


def told(person: dict[str, Any], field: str, was: Any, is_: Any) -> tuple[bool, bool]:
    """Whether a value tells what another did not, and whether it is another at all."""
    before, after = rank(person, field, was), rank(person, field, is_)
    more = after != "hidden" and before != "clear" and was != is_
    return more, was != is_


def brute(small: Small, before: Any, after: Any) -> tuple[str, set[str], set[str], int, int]:
    """What two answers to one read say: how it ends, fields exposed, fields that are less, rows come and gone."""
    if isinstance(after, str):
        return (
            ("" if isinstance(before, str) else "refused"),
            set(),
            set(),
            0,
            (0 if isinstance(before, str) else len(before)),
        )
    if isinstance(before, str):
        columns = {
            name for row in after.values() for name, value in row.items() if name in FIELDS_ and value is not None
        }
        return "answered", columns, set(), len(after), 0
    by_person = [
        {id(small.people[key]): (small.people[key], row) for key, row in each.items()} for each in (before, after)
    ]
    exposed, less = set(), set()
    for key in by_person[0].keys() & by_person[1].keys():
        person, old = by_person[0][key]
        _, new = by_person[1][key]
        for name in FIELDS_ & {*old, *new}:
            more, other = told(person, name, old.get(name), new.get(name))
            exposed |= {name} if more else set()
            less |= {name} if other and not more else set()
    return (
        "",
        exposed,
        less - exposed,
        len(by_person[1].keys() - by_person[0].keys()),
        len(by_person[0].keys() - by_person[1].keys()),
    )
