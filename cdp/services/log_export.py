"""Writing the log, a part of it or one person's entries into a bundle that anyone can check without the platform."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from audit.bundle import CUSTOMER, LOG, BundleWriter, NotVerified, checkpoint_in
from audit.checkpoint import parse_checkpoint
from audit.entries import HERSELF, Entry, Principal, timestamp
from audit.export import Material, Range, write_log, write_person
from audit.note import NoteError, SignerKey, parse_note
from cdp.bootstrap import Platform
from cdp.errors import BadInput
from cdp.services.breakglass.withheld import withheld_from
from cdp.services.customers import Found, find_customer
from cdp.services.known_as import known_as
from cdp.store.tables import build_schema

ACT: Final = "log_export"


def export_log(
    platform: Platform,
    write: Callable[[bytes], object],
    *,
    principal: Principal,
    customer: str = "",
    which: Range | None = None,
    earlier: Sequence[bytes] = (),
) -> int:
    """Write a bundle and return how many entries it has; the export is on the log, and in the bundle, before it begins.

    Args:
        write: takes the bytes.
        customer: whose entries; of the whole log if it is empty.
        which: from where to where, for the log.
        earlier: signed checkpoints that somebody holds, to each of which a proof is made.

    Raises:
        NotFound: `unknown_customer`.
        Unavailable: the database, the keys or the log cannot serve.
    """
    in_force = platform.in_force(fresh=True)
    found: list[Found] = []

    def about(conn: Connection) -> list[int]:
        if customer:
            found.append(find_customer(conn, in_force, platform.vault, customer))
        return [each.ordinal for each in found]

    def sign() -> None:
        platform.keeper.sign()
        platform.keeper.cosign()

    signer = SignerKey(platform.settings.log_origin, platform.vault.platform_key("log"))
    material = Material(tuple(earlier), signer, timestamp())
    entry = Entry("disclosure", ACT, principal, in_force.versions, {"scope": CUSTOMER if customer else LOG})
    with platform.door.read_log(entry, about, sign) as conn:
        writer, within = BundleWriter(write), which or Range()
        if not customer:
            return write_log(conn, writer, material, within)
        unseal = platform.vault.unseal_note
        numbers = known_as(conn, build_schema(in_force.catalogue, conn.dialect.name), found[0])
        withheld = withheld_from(conn, found[0].customer_id) if principal == HERSELF else frozenset[str]()
        return write_person(
            conn, writer, material, within, numbers=numbers, unseal_note=unseal, withheld=withheld
        )  # fmt: skip


def read_checkpoint(path: Path) -> bytes:
    """Return the signed checkpoint in a file, by itself or at the head of a bundle.

    Raises:
        BadInput: `bad_checkpoint`.
    """
    try:
        with path.open("rb") as file:
            note = checkpoint_in(file)
        parse_checkpoint(parse_note(note)[0])
    except (OSError, NoteError, NotVerified):
        hint = "give a file that `cdp log checkpoint` or `cdp log export` wrote"
        raise BadInput("bad_checkpoint", "this file holds no checkpoint", path=str(path), hint=hint) from None
    return note
