"""Reading numbers out of base64url, bit by bit, as the strings of the IAB are written.

RFC 4648 section 5 without padding, but a string need not end with a whole byte: six bits a character.
"""

from typing import Final

from consent.signals.signal import SignalFault

_DIGITS: Final = {
    char: value
    for value, char in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
}  # fmt: skip
_SPAN: Final = 1_024


class BitReader:
    """Reads from the first bit on.

    Raises:
        SignalFault: `not_base64`, for a character that is none of the 64.
    """

    def __init__(self, text: str) -> None:
        try:
            self._bits = "".join(f"{_DIGITS[char]:06b}" for char in text)
        except KeyError:
            raise SignalFault("not_base64") from None
        self._at = 0

    def number(self, width: int) -> int:
        """Return the next bits as a number.

        Raises:
            SignalFault: `cut_off`.
        """
        end = self._at + width
        if end > len(self._bits):
            raise SignalFault("cut_off")
        found = int(self._bits[self._at : end], 2)
        self._at = end
        return found

    def fibonacci(self) -> int:
        """Return a number in Fibonacci code: the sum of Fibonacci numbers, least first, ended by a second one-bit.

        Raises:
            SignalFault: `cut_off`, `out_of_range`.
        """
        low, high, total, before = 1, 2, 0, 0
        while True:
            bit = self.number(1)
            if bit and before:
                return total
            total += low if bit else 0
            low, high, before = high, low + high, bit
            if total > _SPAN:  # no section has such a number
                raise SignalFault("out_of_range")

    def ids(self) -> list[int]:
        """Return the ids of a range in Fibonacci code: 12 bits how many entries, each one id or a first and a last.

        Raises:
            SignalFault: `cut_off`, `out_of_range`.
        """
        found: list[int] = []
        last = 0
        for _ in range(self.number(12)):
            several = self.number(1)
            first = last + self.fibonacci()
            last = first + self.fibonacci() if several else first
            if last > _SPAN:
                raise SignalFault("out_of_range")
            found += range(first, last + 1)
        return found
