"""Strings of the Transparency and Consent Framework: what they say of purposes.

IAB Europe, TCF 2.2, decoded by `iab-tcf`. A person who does not let others build a profile for advertising (purpose 3)
or choose advertising by one (purpose 4) refuses third-party disclosure. Vendors are not looked at: there may be
thousands, and none of them is known here.
"""

import base64
from typing import Final

from iab_tcf import ConsentV2

from cdp.terms import THIRD_PARTY_DISCLOSURE
from consent.signals.bits import BitReader
from consent.signals.signal import Form, Signal, SignalFault

PURPOSES: Final = (3, 4)
"""The purposes without whose consent disclosure to third parties is refused. Both stand on consent alone."""

_VERSION: Final = 2
_HEAD_BITS: Final = 213
_NO_VENDORS: Final = bytes(16)


def decode_tcf(text: str) -> Signal:
    """Return what a string refuses.

    Raises:
        SignalFault: `not_base64`, `cut_off`, `unknown_version`, `not_tcf`.
    """
    core = text.split(".", 1)[0]
    if BitReader(core).number(6) != _VERSION:
        raise SignalFault("unknown_version")
    try:
        consent = ConsentV2(_head(core))
    except (ValueError, IndexError, OverflowError):
        raise SignalFault("not_tcf") from None
    refused = [number for number in PURPOSES if not consent.is_purpose_allowed(number)]
    if not refused:
        return Signal(Form.TCF, raw=text)
    return Signal(Form.TCF, (THIRD_PARTY_DISCLOSURE,), tuple(f"tcf.Purpose{number}" for number in refused), text)


def _head(core: str) -> bytes:
    """Return the core up to its vendors, and after it none.

    The library takes what is not there for consent, and believes a string how many vendors and restrictions follow.
    """
    if 6 * len(core) < _HEAD_BITS:
        raise SignalFault("cut_off")
    whole, rest = divmod(_HEAD_BITS, 8)
    data = base64.urlsafe_b64decode(core + "A" * (-len(core) % 4))
    return data[:whole] + bytes([data[whole] & (0xFF << (8 - rest)) & 0xFF]) + _NO_VENDORS
