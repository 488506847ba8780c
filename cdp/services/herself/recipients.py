"""To whom a customer's data was passed on: what the log says, recipient by recipient."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from audit.entries import HERSELF
from cdp.bootstrap import InForce, Platform
from cdp.services.who_saw import Access, Audience, Shown, who_saw


@dataclass(frozen=True)
class Passed:
    """What one recipient was given.

    Attributes:
        times: how many reads, the first and the last of them with their times.
        purposes: for what, the last first.
        shown: the fields of the last read that gave it any, each in the shape that was hers.
    """

    recipient: str
    times: int
    first: str
    last: str
    purposes: Sequence[str]
    view: str
    shown: Sequence[Shown]


def recipients(platform: Platform, customer_id: str) -> list[Passed]:
    """Return who was given anything, whoever was last first. The look is on the log.

    Raises:
        NotFound: `unknown_customer`.
        Unavailable: the database, the keys or the log cannot serve.
    """
    found: dict[str, list[Access]] = {}
    for access in who_saw(platform, customer_id, principal=HERSELF, audience=Audience.PERSON):
        if access.recipient and access.what == "disclosure" and not access.by_herself:
            found.setdefault(access.recipient, []).append(access)
    return [_passed(recipient, accesses) for recipient, accesses in found.items()]


def possible(in_force: InForce, refused: frozenset[str]) -> Mapping[str, Sequence[str]]:
    """Return to whom the policy would let anything be passed on now, and for which purposes; a refusal takes little.

    A recipient stays here while she refuses: what is left for it then is no longer what shows who she is.
    """
    found: dict[str, list[str]] = {}
    for view in in_force.policy.views.values():
        stopped = refused.intersection(in_force.policy.purposes[view.purpose].subject_to)
        if view.recipient and not stopped and view.purpose not in found.setdefault(view.recipient, []):
            found[view.recipient].append(view.purpose)
    return {recipient: purposes for recipient, purposes in found.items() if purposes}


def _passed(recipient: str, accesses: Sequence[Access]) -> Passed:
    """Put the reads of a recipient, newest first, into one."""
    newest = accesses[0]
    return Passed(
        recipient, len(accesses), accesses[-1].at, newest.at, _once(each.purpose or "" for each in accesses),
        newest.view or "", newest.fields,
    )  # fmt: skip


def _once(names: Iterable[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if name]
