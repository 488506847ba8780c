"""The letter of a step before it is taken, as its template has it in her language: to be looked at, and edited."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from audit.entries import Entry
from cdp.bootstrap import Platform
from cdp.services.letters.outbox import address_of
from cdp.services.letters.write import known_language
from cdp.services.requests.file import check_text
from cdp.services.requests.officer import Officer, require_other
from cdp.services.requests.read import ACT
from cdp.services.requests.records import Request, load, whose
from cdp.services.requests.states import Step, advance
from cdp.services.requests.tell import TEMPLATES, letter_about
from cdp.store.lookup import find_ordinals


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter that would go out.

    Attributes:
        request: as it stands; the step names its revision.
        mailed: whether there is an address that it goes to; else she finds it on her page.
    """

    request: Request
    language: str
    subject: str
    text: str
    mailed: bool


def draft_letter(platform: Platform, request_id: str, step: Step, *, officer: Officer, reason: str = "") -> Draft:
    """Return the letter that a step would send. The look is on the log.

    Raises:
        NotFound: `unknown_request`.
        Refused: as the step: `request_state`, `request_reason_needed`, `own_request`, `no_extension`, …
        BadInput: `bad_text`.
    """
    check_text(reason, needed=False, path="reason")
    in_force = platform.in_force()
    with platform.door.record(Entry("disclosure", ACT, officer.principal, in_force.versions)) as change:
        owner = whose(change.conn, request_id)
        change.subjects += find_ordinals(change.conn, in_force.catalogue, [owner])
        change.facts["request"] = request_id
        request = load(change.conn, platform, owner, request_id)
        require_other(change.conn, request, officer)
        after = replace(request, course=advance(request.course, step, at=datetime.now(UTC), reason=reason))
        mailed = bool(address_of(change.conn, in_force, platform.vault, owner))
    letter = letter_about(platform, after, TEMPLATES[step], reason=reason)
    return Draft(request, known_language(request.language), letter.subject, letter.text, mailed)
