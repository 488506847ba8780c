"""Writing strings of GPP and TCF, from the specifications and independently of the code that reads them."""

import base64
from collections.abc import Mapping, Sequence

# Section id, name, version and fields by the published tables; `n` is how many two-bit values.
N, S, H, T, A = "SaleOptOutNotice", "SaleOptOut", "SharingOptOut", "TargetedAdvertisingOptOut", "Additional"
TABLES: Mapping[tuple[int, int], tuple[str, Sequence[tuple[str, int]]]] = {
    (7, 1): ("usnat", [(N, 6), (S, 1), (H, 1), (T, 1), ("Sensitive", 12), ("Child", 2), ("Personal", 1), ("Mspa", 3)]),
    (7, 2): ("usnat", [(N, 6), (S, 1), (H, 1), (T, 1), ("Sensitive", 16), ("Child", 3), ("Personal", 1), ("Mspa", 3)]),
    (8, 1): ("usca", [(N, 3), (S, 1), (H, 1), ("Sensitive", 9), ("Child", 2), ("Personal", 1), ("Mspa", 3)]),
    (9, 1): ("usva", [(N, 3), (S, 1), (T, 1), ("Sensitive", 8), ("Child", 1), ("Mspa", 3)]),
    (10, 1): ("usco", [(N, 3), (S, 1), (T, 1), ("Sensitive", 7), ("Child", 1), ("Mspa", 3)]),
    (11, 1): ("usut", [(N, 4), (S, 1), (T, 1), ("Sensitive", 8), ("Child", 1), ("Mspa", 3)]),
    (12, 1): ("usct", [(N, 3), (S, 1), (T, 1), ("Sensitive", 8), ("Child", 3), ("Mspa", 3)]),
    (13, 1): ("usfl", [(N, 3), (S, 1), (T, 1), ("Sensitive", 8), ("Child", 3), (A, 1), ("Mspa", 3)]),
    (14, 1): ("usmt", [(N, 3), (S, 1), (T, 1), ("Sensitive", 8), ("Child", 3), (A, 1), ("Mspa", 3)]),
    (15, 1): ("usor", [(N, 3), (S, 1), (T, 1), ("Sensitive", 11), ("Child", 3), (A, 1), ("Mspa", 3)]),
    (16, 1): ("ustx", [(N, 3), (S, 1), (T, 1), ("Sensitive", 8), ("Child", 1), (A, 1), ("Mspa", 3)]),
    (17, 1): ("usde", [(N, 3), (S, 1), (T, 1), ("Sensitive", 9), ("Child", 5), (A, 1), ("Mspa", 3)]),
    (18, 1): ("usia", [(N, 4), (S, 1), (T, 1), ("Sensitive", 8), ("Child", 1), ("Mspa", 3)]),
    (19, 1): ("usne", [(N, 3), (S, 1), (T, 1), ("Sensitive", 8), ("Child", 1), (A, 1), ("Mspa", 3)]),
    (20, 1): ("usnh", [(N, 3), (S, 1), (T, 1), ("Sensitive", 8), ("Child", 3), (A, 1), ("Mspa", 3)]),
    (21, 1): ("usnj", [(N, 3), (S, 1), (T, 1), ("Sensitive", 10), ("Child", 5), (A, 1), ("Mspa", 3)]),
    (22, 1): ("ustn", [(N, 3), (S, 1), (T, 1), ("Sensitive", 8), ("Child", 1), (A, 1), ("Mspa", 3)]),
    (23, 1): ("usmn", [(N, 3), (S, 1), (T, 1), ("Sensitive", 8), ("Child", 1), (A, 1), ("Mspa", 3)]),
    (24, 1): ("usmd", [("Mspa", 2), (N, 3), (S, 1), (T, 1), (A, 1)]),
    (25, 1): ("usin", [("Mspa", 2), (N, 3), (S, 1), (T, 1), ("Child", 1), (A, 1)]),
    (26, 1): ("usky", [("Mspa", 2), (N, 3), (S, 1), (T, 1), ("Child", 1), (A, 1)]),
    (27, 1): ("usri", [("Mspa", 2), (N, 3), (S, 1), (T, 1), ("Child", 1), (A, 1)]),
}


def base64url(bits: str) -> str:
    """Return bits, filled up to whole bytes, in base64url without padding."""
    bits += "0" * (-len(bits) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8, "big")
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def fibonacci(number: int) -> str:
    """Return a number in Fibonacci code."""
    row = [1, 2]
    while row[-1] <= number:
        row.append(row[-1] + row[-2])
    digits = ""
    for each in reversed([part for part in row if part <= number]):
        digits = ("1" if each <= number else "0") + digits
        number -= each if each <= number else 0
    return digits + "1"


def header(ids: Sequence[int], *, ranges: bool = False) -> str:
    """Return the header for sections, ascending; with `ranges` runs of ids are written as such."""
    entries, last, at = [], 0, 0
    while at < len(ids):
        end = at
        while ranges and end + 1 < len(ids) and ids[end + 1] == ids[end] + 1:
            end += 1
        first = fibonacci(ids[at] - last)
        entries.append(f"1{first}{fibonacci(ids[end] - ids[at])}" if end > at else f"0{first}")
        last, at = ids[end], end + 1
    return base64url(f"{3:06b}{1:06b}{len(entries):012b}{''.join(entries)}")


def section(number: int, version: int, values: Mapping[str, Sequence[int]]) -> str:
    """Return the core of a section; what `values` leaves out is 0."""
    bits = f"{version:06b}"
    for name, times in TABLES[number, version][1]:
        given = list(values.get(name, ())) + [0] * times
        bits += "".join(f"{each:02b}" for each in given[:times])
    return base64url(bits)


def gpc(value: int) -> str:
    """Return the part of a section that holds the bit of Global Privacy Control."""
    return base64url(f"01{value}")


def tcf(purposes: Sequence[int], *, version: int = 2) -> str:
    """Return a TCF string that consents to purposes and to no vendor."""
    consents = "".join("1" if number + 1 in purposes else "0" for number in range(24))
    head = f"{version:06b}{17_000_000_000:036b}{17_000_000_000:036b}{7:012b}{1:012b}{1:06b}{4:06b}{13:06b}{48:012b}"
    head += f"{4:06b}10{0:012b}{consents}{0:024b}0{3:06b}{4:06b}"
    return base64url(head + f"{0:016b}0{0:016b}0{0:012b}")
