"""What she adds to a request: one file, sealed under her key with its name; never opened or run here.

What is taken is decided by the first bytes of the file, not by what its sender says it is: pictures, PDF, plain text.
It is given back only as a download (`nosniff`, `attachment`), under a name without anything that steers.
"""

import hashlib
import re
import unicodedata
import uuid
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, insert, select

from audit.entries import Entry, Principal
from cdp.bootstrap import Platform
from cdp.errors import BadInput
from cdp.services.requests.file import ACT
from cdp.services.requests.records import key_of, unknown_request, whose
from cdp.store.asking import ATTACHMENT
from cdp.store.lookup import find_ordinals
from cdp.vault.parcel import open_parcel, seal_parcel
from cdp.vault.seal import Sealer

MAX_BYTES: Final = 20 * 1024 * 1024
MAX_NAME: Final = 120
MAX_FILES: Final = 5
"""Files of one request."""

TYPES: Final = {
    "application/pdf": (b"%PDF-",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "text/plain": (),
}
"""What is taken, with how each begins; plain text is UTF-8 without control characters."""

_SEALER: Final = Sealer(ATTACHMENT.name, "name")
_FORMAT: Final = 1
_A: Final = ATTACHMENT.c
_UNSAFE: Final = re.compile(r"[\\/:*?\"<>|\s]+")
_NO_TEXT: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came: the name that its sender gives it, and its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that belongs to a request; its bytes are read by `read_attachment`."""

    attachment_id: str
    name: str
    type: str
    size: int


def check_upload(upload: Upload) -> str:
    """Return the type of a file, by what is in it.

    Raises:
        BadInput: `attachment_too_large`, `attachment_empty`, `attachment_type`.
    """
    if len(upload.data) > MAX_BYTES:
        limit = f"a file has at most {MAX_BYTES // 1024 // 1024} MB"
        raise BadInput("attachment_too_large", limit, path="attachment", hint="send a smaller picture of it")
    if not upload.data:
        raise BadInput("attachment_empty", "the file is empty", path="attachment")
    for type_, beginnings in TYPES.items():
        if any(upload.data.startswith(each) for each in beginnings):
            return type_
    if _is_text(upload.data):
        return "text/plain"
    raise BadInput("attachment_type", "a file is a PDF, a JPEG or PNG picture, or plain text", path="attachment")


def safe_name(name: str) -> str:
    r"""Return a name under which a file can be shown and kept: no folder, no control, nothing that turns the writing.

    >>> safe_name("../../etc/passwd"), safe_name("a\u202egpj.exe"), safe_name("  "), safe_name("证 明.pdf")
    ('passwd', 'agpj.exe', 'file', '证_明.pdf')
    """
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(each for each in last if unicodedata.category(each)[0] != "C")
    stem, dot, ending = _UNSAFE.sub("_", kept.strip()).strip("._").rpartition(".")
    if not dot:
        return ending[:MAX_NAME] or "file"
    return f"{stem[: MAX_NAME - 12]}.{ending[:10]}"


def add_attachment(
    conn: Connection, customer_id: str, request_id: str, upload: Upload, *, key: bytes
) -> Attachment:  # fmt: skip
    """Keep a file, in the caller's transaction; one that is there already, under the same name, is not kept twice.

    Raises:
        BadInput: as `check_upload`; `attachments_full`.
    """
    type_, name = check_upload(upload), safe_name(upload.name)
    attachment_id = _id_of(key, request_id, name, upload.data)
    found = Attachment(attachment_id, name, type_, len(upload.data))
    mine = (_A.customer_id == customer_id, _A.request_id == request_id)
    if conn.execute(select(_A.size).where(*mine, _A.attachment_id == attachment_id)).first():
        return found
    if conn.execute(select(func.count()).select_from(ATTACHMENT).where(*mine)).scalar_one() >= MAX_FILES:
        raise BadInput("attachments_full", f"a request takes {MAX_FILES} files", path="attachment")
    conn.execute(
        insert(ATTACHMENT).values(
            customer_id=customer_id, request_id=request_id, attachment_id=attachment_id, type=type_,
            size=len(upload.data), name=_SEALER.seal(key, attachment_id, {"name": name}, schema=_FORMAT),
            sealed=seal_parcel(key, attachment_id, upload.data),
        )
    )  # fmt: skip
    return found


def attachments_of(conn: Connection, customer_id: str, request_id: str, key: bytes) -> list[Attachment]:
    """Return what belongs to a request, without the bytes."""
    mine = select(_A.attachment_id, _A.type, _A.size, _A.name).where(
        _A.customer_id == customer_id, _A.request_id == request_id
    )
    return [
        Attachment(row.attachment_id, _name(key, row.attachment_id, row.name), row.type, row.size)
        for row in conn.execute(mine.order_by(_A.attachment_id))
    ]


def read_attachment(
    platform: Platform, request_id: str, attachment_id: str, *, principal: Principal, customer_id: str | None = None
) -> tuple[Attachment, bytes]:
    """Return a file with its bytes. It is an access, and has its entry.

    Args:
        customer_id: whose it must be, for a person's own.

    Raises:
        NotFound: `unknown_request`; the same for a file that is not there and for another's.
    """
    in_force = platform.in_force()
    entry = Entry("disclosure", ACT, principal, in_force.versions, {"step": "attachment", "request": ""})
    with platform.door.record(entry) as change:
        owner = whose(change.conn, request_id)
        if customer_id not in (None, owner):
            raise unknown_request()
        key = key_of(platform, owner)
        mine = select(ATTACHMENT).where(_A.customer_id == owner, _A.request_id == request_id)
        row = change.conn.execute(mine.where(_A.attachment_id == attachment_id)).one_or_none()
        if row is None:
            raise unknown_request()
        change.subjects += find_ordinals(change.conn, in_force.catalogue, [owner])
        change.facts["request"] = request_id
        found = Attachment(attachment_id, _name(key, attachment_id, row.name), row.type, row.size)
        return found, open_parcel(key, attachment_id, bytes(row.sealed))


def rebind(old: bytes, new: bytes, attachment_id: str, name: bytes, sealed: bytes) -> tuple[bytes, bytes]:
    """Return the sealed name and bytes of a file under another key: for one who became another customer's part."""
    named = _SEALER.seal(new, attachment_id, _SEALER.unseal(old, attachment_id, name), schema=_FORMAT)
    return named, seal_parcel(new, attachment_id, open_parcel(old, attachment_id, sealed))


def _id_of(key: bytes, request_id: str, name: str, data: bytes) -> str:
    """Return what a file is called: the same when a form is sent twice, and telling nothing without her key."""
    said = b"\0".join((request_id.encode(), name.encode(), data))
    return str(uuid.UUID(bytes=hashlib.blake2b(said, key=key, digest_size=16, person=b"cdp/file/1").digest()))


def _name(key: bytes, attachment_id: str, sealed: bytes) -> str:
    return str(_SEALER.unseal(key, attachment_id, bytes(sealed)).get("name", ""))


def _is_text(data: bytes) -> bool:
    if _NO_TEXT.search(data):
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
