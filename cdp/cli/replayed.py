"""The verdict of a replay as people and programs see it."""

from typing import Any

from cdp.cli.render import SIGNS, WORDS, Cell, counted, say, show_json, show_table, styled
from cdp.services.replay.run import Replayed
from cdp.services.replay.verdict import FieldLine, Line
from cdp.terms import Shape

_SIGN = {"expose": "▲", "hide": "▽"}


def show_replay(replayed: Replayed, *, as_json: bool) -> None:
    """Print a verdict."""
    if as_json:
        show_json(_object(replayed))
        return
    if replayed.lines:
        rows = [_row(line) for line in replayed.lines]
        show_table(["view", "reader", "reads", "fields", "rows", "newest entries"], rows, right=[2])
    held = "what is in force" if replayed.against == "now" else "what was in force then"
    seen = f"{counted(replayed.reads, 'read')} in {counted(replayed.looked, 'entry', 'entries')} since {replayed.since}"
    say(f"{seen}, held against {held}: {_verdict(replayed)}")
    if replayed.reached:
        say(f"there is more than is looked at: what is older than {replayed.reached} is not in it")


def _verdict(replayed: Replayed) -> str:
    if not replayed.lines:
        return "nothing would have been different"
    wider = sum(line.widens for line in replayed.lines)
    if not wider:
        return "nobody would have had more"
    return f"{counted(wider, 'reader')} would have had more" if wider > 1 else "one reader would have had more"


def _row(line: Line) -> list[Cell]:
    fields = [_field(each) for each in (*line.exposed, *line.hidden)]
    if line.answered.reads:
        fields.append(f"{_SIGN['expose']} {counted(line.answered.reads, 'read')} answered that were refused")
    if line.refused.reads:
        fields.append(f"{_SIGN['hide']} {counted(line.refused.reads, 'read')} refused: {', '.join(sorted(line.codes))}")
    most = "at most " if line.narrowed else ""
    rows = [
        f"{sign} {most}{counted(number, 'row')} {word}"
        for sign, number, word in ((_SIGN["expose"], line.more, "more"), (_SIGN["hide"], line.fewer, "fewer"))
        if number
    ]
    reader = styled(f"{line.principal} ({line.role})")
    entries = styled(", ".join(map(str, line.tally.numbers)))
    return [
        styled(line.view), reader, f"{line.tally.reads:,}", styled("\n".join(fields)), styled("\n".join(rows)), entries
    ]  # fmt: skip


def _field(each: FieldLine) -> str:
    sign = _SIGN["expose" if each.exposes else "hide"]
    return f"{sign} {each.name}: {_shape(each.before)} → {_shape(each.after)}"


def _shape(shape: Shape | None) -> str:
    name = shape or "hidden"
    return f"{SIGNS[name]} {WORDS[name]}"


def _object(replayed: Replayed) -> dict[str, Any]:
    return {
        "since": replayed.since,
        "against": replayed.against,
        "entries": replayed.looked,
        "reads": replayed.reads,
        "reached": replayed.reached or None,
        "widens": replayed.widens,
        "lines": [
            {
                "view": line.view,
                "principal": line.principal,
                "role": line.role,
                "reads": line.tally.reads,
                "newest_entries": line.tally.numbers,
                "answered": line.answered.reads,
                "refused": line.refused.reads,
                "codes": sorted(line.codes),
                "rows_more": line.more,
                "rows_fewer": line.fewer,
                "rows_at_most": line.narrowed,
                "fields": [
                    {
                        "field": each.name,
                        "before": each.before or "hidden",
                        "after": each.after or "hidden",
                        "exposes": each.exposes,
                        "reads": each.tally.reads,
                        "newest_entries": each.tally.numbers,
                    }
                    for each in line.fields.values()
                ],
            }
            for line in replayed.lines
        ],
    }
