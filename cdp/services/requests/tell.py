"""Telling her what became of her request: a letter, queued in the transaction of the step."""

from sqlalchemy import Connection

from cdp.bootstrap import InForce, Platform
from cdp.services.letters.outbox import address_of, queue_letter
from cdp.services.letters.write import day, known_language, word
from cdp.services.requests.records import Request


def tell(
    conn: Connection, platform: Platform, in_force: InForce, request: Request, template: str, *, key: bytes,
    reason: str = "", address: str | None = None,
) -> None:  # fmt: skip
    """Queue a letter about a request.

    Args:
        reason: what she is told besides: why, or the answer itself.
        address: where it goes, if not to what is her address now.
    """
    language = known_language(request.language)
    if address is None:
        address = address_of(conn, in_force, platform.vault, request.customer_id)
    values = {
        "request": request.request_id,
        "kind": word("kind", request.kind, language),
        "received": day(request.course.received_at, language),
        "due": day(request.course.due_at, language),
        "reason": reason,
        "complain": word("complain", request.regime.partition("/")[0], language),
        "page": platform.settings.origin.rstrip("/") + f"/portal/requests/{request.request_id}",
    }
    queue_letter(
        conn, request.customer_id, template, values, key=key, language=language, address=address,
        request_id=request.request_id,
    )  # fmt: skip
