"""The printed table: Markdown, so that it can go into docs/bench.md as it is."""

from collections.abc import Sequence

from tests.bench.measure import Measured, Times

HEAD = ("row", "what", "against", "per", "ours (min–max)", "the peer's (min–max)", "time × peer", "speed", "goal")
LEGEND = """\
Times are medians for one row or one read, with the least and the greatest of the interleaved pairs.
time × peer = our time / the peer's: LESS IS BETTER; 1.00 is as fast as the peer, 2.00 takes twice as long.
speed = the peer's time / ours, the same the other way round: MORE IS BETTER. goal is the most for time × peer.
"""


def table(lines: Sequence[Measured]) -> str:
    """All lines, as a Markdown table whose columns stand under each other."""
    rows = [HEAD, *(_cells(line) for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    shown = [" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    rule = " | ".join("-" * width for width in widths)
    return "\n".join(f"| {each} |" for each in (shown[0], rule, *shown[1:]))


def _cells(line: Measured) -> tuple[str, ...]:
    case = line.case
    ratio = line.times_peer
    goal = "–"
    if case.goal is not None:
        goal = f"≤ {case.goal:.2f} {'met' if round(ratio, 2) <= case.goal else 'missed'}"
    return (
        case.key, case.what, case.against, case.unit, _shown(line.ours, case.amount), _shown(line.peer, case.amount),
        f"{ratio:.2f}", f"{100 / ratio:.3g} %", goal,
    )  # fmt: skip


def _shown(times: Times, amount: int) -> str:
    """The median per row or read, with least and greatest, in microseconds."""
    shown = (times.median, min(times.seconds), max(times.seconds))
    middle, least, greatest = (_micro(each / amount) for each in shown)
    return f"{middle} µs ({least}–{greatest})"


def _micro(seconds: float) -> str:
    """Three digits that count."""
    micro = seconds * 1e6
    return f"{micro:.2f}" if micro < 10 else f"{micro:.1f}" if micro < 100 else f"{micro:,.0f}"
