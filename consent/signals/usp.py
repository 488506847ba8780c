"""Strings of US Privacy: `1YYN`.

IAB Tech Lab, US Privacy String, version 1: the version, whether she was given notice, whether she opted out of the
sale of her data, whether the Limited Service Provider Agreement covers it; each Y, N or `-`. It lives on as section 6
of the GPP.
"""

import re
from typing import Final

from cdp.terms import THIRD_PARTY_DISCLOSURE
from consent.signals.signal import Form, Signal, SignalFault

_STRING: Final = re.compile(r"1[YNyn-]([YNyn-])[YNyn-]")


def decode_usp(text: str) -> Signal:
    """Return what a string refuses.

    Raises:
        SignalFault: `not_usp`.
    """
    found = _STRING.fullmatch(text)
    if found is None:
        raise SignalFault("not_usp")
    if found[1] not in "Yy":
        return Signal(Form.USP, raw=text)
    return Signal(Form.USP, (THIRD_PARTY_DISCLOSURE,), ("uspv1.OptOutSale",), text)
