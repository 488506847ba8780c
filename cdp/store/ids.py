"""The ids of rows: random UUIDs (RFC 9562, version 4), as the standard library makes them one by one."""

import os
from typing import Final

_VARIANT: Final = str.maketrans("0123456789abcdef", "89ab" * 4)
"""Of the digit that names the variant, two bits are random."""


def new_ids(count: int) -> list[str]:
    """Return so many new ids; their random bytes are taken from the operating system at once."""
    digits = os.urandom(16 * count).hex()
    return [
        f"{digits[at : at + 8]}-{digits[at + 8 : at + 12]}-4{digits[at + 13 : at + 16]}"
        f"-{digits[at + 16].translate(_VARIANT)}{digits[at + 17 : at + 20]}-{digits[at + 20 : at + 32]}"
        for at in range(0, 32 * count, 32)
    ]
