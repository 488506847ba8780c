"""Telling her what became of her request: a letter, queued in the transaction of the step.

The letter is its template in her language, filled in; or what an officer made of it, as long as it still says what the
law wants said: of a refusal, and of more time taken, where she can complain (GDPR Art. 12(3) and (4)).
"""

from dataclasses import dataclass
from typing import Final
from unicodedata import category

from sqlalchemy import Connection

from cdp.bootstrap import InForce, Platform
from cdp.errors import BadInput
from cdp.services.letters.outbox import address_of, queue_letter
from cdp.services.letters.write import Letter, day, known_language, word, write_letter
from cdp.services.requests.records import Request
from cdp.services.requests.states import Step

TEMPLATES: Final[dict[Step, str]] = {
    Step.PAUSE: "paused",
    Step.RESUME: "resumed",
    Step.EXTEND: "extended",
    Step.APPROVE: "done",
    Step.REFUSE: "refused",
}
"""The steps of officers that she has a letter of, with its template."""

MAX_LETTER: Final = 8_000
_COMPLAINING: Final = frozenset({"refused", "extended"})


@dataclass(frozen=True, slots=True)
class Besides:
    """What a letter has beside its template.

    Attributes:
        reason: what she is told besides: why, or the answer itself.
        letter: its text, in place of the template's.
        address: where it goes, if not to what is her address now.
    """

    reason: str = ""
    letter: str = ""
    address: str | None = None


def tell(
    conn: Connection, platform: Platform, in_force: InForce, request: Request, template: str, *, key: bytes,
    more: Besides = Besides(),
) -> None:  # fmt: skip
    """Queue a letter about a request.

    Raises:
        BadInput: `bad_text`, `letter_incomplete`.
    """
    written, address = letter_about(platform, request, template, reason=more.reason), more.address
    if more.letter:
        written = Letter(written.subject, _checked(more.letter, request, template))
    if address is None:
        address = address_of(conn, in_force, platform.vault, request.customer_id)
    queue_letter(
        conn, request.customer_id, template, written, key=key, language=known_language(request.language),
        address=address, request_id=request.request_id,
    )  # fmt: skip


def letter_about(platform: Platform, request: Request, template: str, *, reason: str) -> Letter:
    """Return the letter about a request, as its template has it."""
    language = known_language(request.language)
    values = {
        "request": request.request_id,
        "kind": word("kind", request.kind, language),
        "received": day(request.course.received_at, language),
        "due": day(request.course.due_at, language),
        "reason": reason,
        "complain": _complain(request),
        "page": platform.settings.origin.rstrip("/") + f"/portal/requests/{request.request_id}",
    }
    return write_letter(template, language, values)


def _complain(request: Request) -> str:
    return word("complain", request.regime.partition("/")[0], known_language(request.language))


def _checked(letter: str, request: Request, template: str) -> str:
    """Return a letter as an officer wrote it, if it can go out so."""
    text = "\n".join(line.rstrip() for line in letter.splitlines()).strip() + "\n"
    if len(text) > MAX_LETTER or any(category(sign) in ("Cc", "Cs") and sign not in "\n\t" for sign in text):
        message = f"a letter has at most {MAX_LETTER:,} characters, and no control characters"
        raise BadInput("bad_text", message, path="letter")
    where = _complain(request)
    if template in _COMPLAINING and "".join(where.split()) not in "".join(text.split()):
        message = "the letter has to say where she can complain"
        raise BadInput("letter_incomplete", message, path="letter", hint=f"put this into it: {where}")
    return text
