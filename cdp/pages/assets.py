"""Style, script and icon of the pages, under addresses that change with their content, so that browsers may keep them.

No third party: what a page loads lies in `assets/`, and its integrity is that of this program.
"""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cdp.errors import NotFound

_FOLDER: Final = Path(__file__).parent / "assets"
_TYPES: Final = {
    "style.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "passkey.js": "text/javascript; charset=utf-8",
    "verify.js": "text/javascript; charset=utf-8",
    "yaml.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
PREFIX: Final = "/assets"


@lru_cache(maxsize=len(_TYPES))
def content(name: str) -> bytes:
    """Return the bytes of an asset."""
    return (_FOLDER / name).read_bytes()


def address(name: str) -> str:
    """Return the address of an asset as it is now."""
    return f"{PREFIX}/{sha256(content(name)).hexdigest()[:16]}/{name}"


def routes() -> list[BaseRoute]:
    """Return the route of the assets."""
    return [Route(PREFIX + "/{digest}/{name}", _asset, methods=["GET"])]


async def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _TYPES or request.url.path != address(name):
        raise NotFound("not_found", "there is no such thing here")
    kept = {"cache-control": "public, max-age=31536000, immutable"}
    return Response(content(name), media_type=_TYPES[name], headers=kept)
