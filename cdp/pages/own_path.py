"""Which addresses a page may send her to next: our own pages, and nothing that only looks like one.

`next` comes from an address or a form, and so from whoever wrote that (CWE-601).
"""

import re
from typing import Final

MOST: Final = 500
_PATH: Final = re.compile(r"/(?:portal|console)(?:/[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)*(?:\?[A-Za-z0-9_.~%=&+:,/-]*)?")


def own_path(text: str, *, under: str) -> str:
    """Return a path of ours under `/portal` or `/console` as it stands; empty for anything else."""
    if len(text) > MOST or not _PATH.fullmatch(text):
        return ""
    path = text.partition("?")[0]
    return text if path == under or path.startswith(f"{under}/") else ""
