"""`/log/…`: the transparency log, in the forms of C2SP, for anybody.

C2SP tlog-tiles and tlog-proof. Tiles never change and may be cached for ever; what names the newest checkpoint may not.
"""

import re
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path
from starlette.responses import Response

from cdp.api.parts import Served
from cdp.errors import NotFound
from cdp.services import log_public

TEXT: Final = "text/plain; charset=utf-8"
BYTES: Final = "application/octet-stream"

FOREVER: Final = {"cache-control": "public, max-age=31536000, immutable"}
FRESH: Final = {"cache-control": "no-cache"}

_NOT_THERE: Final[dict[int | str, dict[str, Any]]] = {
    404: {"description": "There is no such thing.", "content": {"application/problem+json": {}}}
}
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}")
Number = Annotated[str, Path(description="a whole number")]


def _answers(media_type: str, meaning: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": meaning, "content": {media_type.partition(";")[0]: {}}}, **_NOT_THERE}


router = APIRouter(prefix="/log", tags=["log"], default_response_class=Response)


@router.get("/checkpoint", responses=_answers(TEXT, "The newest checkpoint, signed and cosigned."))
def checkpoint(platform: Served) -> Response:
    """Return how large the log is and its root, signed (C2SP tlog-checkpoint)."""
    return Response(log_public.read_checkpoint(platform), media_type=TEXT, headers=FRESH)


@router.get("/vkey", responses=_answers(TEXT, "The verifier key."))
def vkey(platform: Served) -> Response:
    """Return the key that checkpoints are signed with (C2SP signed-note). Compare it with one from elsewhere."""
    return Response(log_public.read_vkey(platform) + "\n", media_type=TEXT, headers=FRESH)


@router.get("/proof/inclusion/{index}", responses=_answers(TEXT, "The proof."))
def inclusion(platform: Served, index: Number) -> Response:
    """Return the proof that an entry is in the log of the newest checkpoint (C2SP tlog-proof)."""
    return Response(log_public.prove_inclusion(platform, _number(index)), media_type=TEXT, headers=FRESH)


@router.get("/proof/consistency/{size}", responses=_answers(TEXT, "The proof, as C2SP witnesses are sent it."))
def consistency(platform: Served, size: Number) -> Response:
    """Return the proof that the log of the newest checkpoint begins with the first `size` entries it had."""
    return Response(log_public.prove_consistency(platform, _number(size)), media_type=TEXT, headers=FRESH)


def _number(text: str) -> int:
    """Return a number; what is none names nothing that is here."""
    if not _NUMBER.fullmatch(text):
        raise NotFound("not_found", "there is no such thing here")
    return int(text)


@router.get("/tile/{path:path}", responses=_answers(BYTES, "The hashes, or the entries, one after the other."))
def tile(platform: Served, path: str) -> Response:
    """Return a tile `<L>/<N>[.p/<W>]`, or a bundle of entries `entries/<N>[.p/<W>]` (C2SP tlog-tiles)."""
    return Response(log_public.read_tile(platform, f"tile/{path}"), media_type=BYTES, headers=FOREVER)
