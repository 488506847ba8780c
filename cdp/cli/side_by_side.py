"""The signature picture: one customer, five columns, the same rows; what differs is what each view shows.

Laid out here rather than by a table of rich's: a value breaks where a reader would break it, and columns share what
room there is, from 80 columns on. Chinese characters count double (Unicode Standard Annex 11, as rich measures them).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from cdp.cli.render import HUES, SIGNS, printable
from cdp.services.demo.look import FIELDS, Cell, Look, Sight, phrase
from cdp.services.demo.why import Why, changed, differences
from cdp.terms import Sensitivity

MARGIN: Final = "  "
_SIGN: Final = 2
"""The cells of a sign and the space after it."""

_TAG: Final = max(len(tag) for tag in Sensitivity)
_NAME: Final = max(len(field) for field in FIELDS)
_GAPS: Final = (3, 2, 1)

# Where a value may be broken: after a space or a hyphen, before the @ of an address, around a Chinese character.
_PIECES: Final = re.compile(r"[\u2e80-\uffef]\s*|@?[^\s@\u2e80-\uffef-]+-?\s*|\S\s*")
_ADDRESS: Final = re.compile(r"(?=@)")

Tags = Mapping[str, Sensitivity]


@dataclass(frozen=True)
class Layout:
    """The widths of the columns' values, the gap before each column, and whether there is room for tags."""

    widths: tuple[int, ...]
    gap: int
    tagged: bool

    @property
    def label(self) -> int:
        """The width of what stands before the columns."""
        return _NAME + (2 + _TAG if self.tagged else 0)

    @property
    def total(self) -> int:
        """The width of a line."""
        return len(MARGIN) + self.label + sum(width + _SIGN + self.gap for width in self.widths)


def lay_out(looks: Sequence[Look], width: int) -> Layout:
    """Return the widest layout that fits: first with tags and wide gaps, at last as narrow as values allow.

    What room is left goes to columns in which fewer values break then: at first none but addresses, then none at all.
    """
    columns = [tuple(_texts(column)) for column in zip(*(look.sights for look in looks), strict=True)]
    least, gentle, whole = (
        [max(cell_len(piece.rstrip()) for text in texts for piece in split(text)) for texts in columns]
        for split in (_PIECES.findall, _ADDRESS.split, lambda text: [text])
    )
    forms = [Layout(tuple(least), gap, tagged) for tagged in (True, False) for gap in _GAPS]
    form = next((each for each in forms if each.total <= width), forms[-1])
    spare, widths = width - form.total, list(least)
    for wanted in (gentle, whole):
        for index in sorted(range(len(widths)), key=lambda index: wanted[index] - widths[index]):
            more = wanted[index] - widths[index]
            if 0 < more <= spare:
                spare -= more
                widths[index] += more
    return Layout(tuple(widths), form.gap, form.tagged)


def side_by_side(looks: Sequence[Look], tags: Tags, width: int) -> Iterator[Text]:
    """Yield the lines: each customer's table, and under it why it is so; what was said before is not said again."""
    layout = lay_out(looks, width)
    said: set[Why] = set()
    whys: list[list[Why]] = []
    for look in looks:
        whys.append([why for why in differences(look) if why.own or why not in said])
        said.update(whys[-1])
    for look, lines in zip(looks, _whys(whys, width), strict=True):
        yield from _heading(look, width)
        yield Text()
        yield from _heads(look, layout)
        yield from _body(look, layout, tags)
        yield Text()
        yield from lines
        yield Text()
        yield Text()


def before_and_after(before: Look, after: Look) -> Iterator[Text]:
    """Yield the lines: what views showed of a customer and show now, for what has changed."""
    for old, new in changed(before, after):
        now = new.cells or dict.fromkeys(old.cells, Cell(None, refused=after.known.refused))
        rows = [(name, cell, now[name]) for name, cell in old.cells.items() if cell != now[name]]
        room = max(cell_len(cell.text) for _, cell, _ in rows) + _SIGN + 4
        heads = ((old.view.name.ljust(_NAME + 4), "bold"), ("before".ljust(room), "dim"), ("now", "dim"))
        yield Text.assemble(MARGIN, *heads)
        for name, was, is_ in rows:
            yield _trimmed(Text.assemble(MARGIN, name.ljust(_NAME + 4), _padded(_line(was), room), _line(is_)))


def folded(text: str, width: int) -> list[str]:
    """Break a text into lines of a width, in cells."""
    lines = [""]
    for piece in _PIECES.findall(text):
        if lines[-1] and cell_len(lines[-1] + piece.rstrip()) > width:
            lines.append("")
        lines[-1] += piece
    return [line.rstrip() for line in lines]


def _heading(look: Look, width: int) -> Iterator[Text]:
    name = printable(look.name)
    first, *rest = folded(f"{name} refused {phrase(look.known.refused)}", width - len(MARGIN))
    yield Text.assemble(MARGIN, (name, "bold"), first.removeprefix(name))
    yield from (Text(MARGIN + line) for line in rest)


def _heads(look: Look, layout: Layout) -> Iterator[Text]:
    names = [(sight.view.name, str(sight.view.kind)) for sight in look.sights]
    for style, words in (("bold", [name for name, _ in names]), ("dim", [kind for _, kind in names])):
        yield _across(Text(), [Text(word, style) for word in words], layout)
    lines = [Text("─" * (width + _SIGN), "dim") for width in layout.widths]
    yield _across(Text("─" * layout.label, "dim"), lines, layout)


def _body(look: Look, layout: Layout, tags: Tags) -> Iterator[Text]:
    """Yield the rows. A column without a row says so from its top, over as many lines as that takes."""
    blocks = [
        [_block(sight.cells[field], width) for field in FIELDS] if sight.cells else []
        for sight, width in zip(look.sights, layout.widths, strict=True)
    ]
    heights = [max(map(len, row)) for row in zip(*filter(None, blocks), strict=True)]
    labels = _stacked([[_label(field, tags[field], layout)] for field in FIELDS], heights)
    columns = [
        _stacked(column, heights) if column else _block(_absence(sight, look), width)
        for column, sight, width in zip(blocks, look.sights, layout.widths, strict=True)
    ]
    for label, *cells in zip_longest(labels, *columns, fillvalue=Text()):
        yield _across(label, cells, layout)


def _stacked(blocks: Sequence[list[Text]], heights: Sequence[int]) -> list[Text]:
    """Return a column's blocks one below the other, each as high as its row."""
    return [
        line
        for block, height in zip(blocks, heights, strict=True)
        for line in [*block, *[Text()] * (height - len(block))]
    ]


def _absence(sight: Sight, look: Look) -> Cell:
    return Cell(None, f"not in this view: {sight.absent}", refused=look.known.refused)


def _across(label: Text, cells: Sequence[Text], layout: Layout) -> Text:
    line = Text(MARGIN).append_text(_padded(label, layout.label))
    for cell, width in zip(cells, layout.widths, strict=True):
        line.append(" " * layout.gap).append_text(_padded(cell, width + _SIGN))
    return _trimmed(line)


def _label(field: str, tag: Sensitivity, layout: Layout) -> Text:
    if layout.tagged:
        return Text.assemble(field.ljust(_NAME + 2), (tag, HUES[tag]))
    return Text(field, HUES[tag])


def _block(cell: Cell, width: int) -> list[Text]:
    """Return the lines of a cell, the sign before the first one."""
    first, *rest = folded(_words(cell), width)
    return [_signed(cell, first), *(Text(" " * _SIGN + line, _style(cell)) for line in rest)]


def _line(cell: Cell) -> Text:
    return _signed(cell, _words(cell))


def _signed(cell: Cell, words: str) -> Text:
    sign = SIGNS[cell.shape or "hidden"]
    return Text.assemble((f"{sign} {words}" if words else sign, _style(cell)))


def _words(cell: Cell) -> str:
    """Return what stands beside the sign: the value, that she refused, or that there is none."""
    if cell.shape is None:
        return cell.text or ("refused" if cell.refused else "")
    return printable(cell.text) or "–"


def _style(cell: Cell) -> str:
    if cell.refused:
        return "bold"
    return "dim" if cell.shape is None and not cell.text else ""


def _whys(whys: Sequence[Sequence[Why]], width: int) -> Iterator[list[Text]]:
    """Yield for each customer one line for each reason; without room for columns a reason follows on its subject."""
    lead = max((len(why.view) for each in whys for why in each), default=0) + 2
    room = width - len(MARGIN) - lead - _SIGN
    widths = [max((len(_what(why)) for why in each), default=0) + 2 for each in whys]
    tabular = all(what + len(why.reason) <= room for each, what in zip(whys, widths, strict=True) for why in each)
    for each, what in zip(whys, widths, strict=True):
        lines: list[Text] = []
        before = ""
        for why in each:
            sign = ("" if why.view == before else why.view).ljust(lead) + SIGNS[why.shape or "hidden"] + " "
            before = why.view
            sentence = _what(why).ljust(what) + why.reason if tabular else f"{_what(why)}: {why.reason}"
            first, *rest = [sentence] if tabular else folded(sentence, room)
            lines += [Text(MARGIN + sign + first), *(Text(MARGIN + " " * len(sign) + line) for line in rest)]
        yield lines


def _what(why: Why) -> str:
    return ", ".join(why.what)


def _texts(column: Sequence[Sight]) -> Iterator[str]:
    """Yield what has to fit into a column beside the signs; its head may begin above them."""
    for sight in column:
        yield "_" * (len(sight.view.name) - _SIGN)
        yield "_" * (len(sight.view.kind) - _SIGN)
        yield from map(_words, sight.cells.values())


def _padded(text: Text, width: int) -> Text:
    padded = text.copy()
    padded.append(" " * (width - text.cell_len))
    return padded


def _trimmed(line: Text) -> Text:
    line.rstrip()
    return line
