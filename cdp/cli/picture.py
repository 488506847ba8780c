"""Lines of a terminal as an SVG picture: the same text, in the reader's own fonts, light or dark as she likes it.

SVG 1.1. Each run of text stands at its own column, so that it aligns whatever the fonts; nothing is fetched.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape

from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.text import Text

_CELL: Final = 8.4
_LINE: Final = 21
_SIZE: Final = 14
_EDGE: Final = 24

# A run ends before two spaces, after a sign, and where Chinese begins or ends: a run of one kind keeps its place.
_RUN: Final = re.compile(r"[●◐◍○]|[\u2e80-\uffef]+|[^\s\u2e80-\uffef]+(?: [^\s●◐◍○\u2e80-\uffef]+)*")

_HUES: Final = {  # each at least 4.5:1 on its ground
    "slate_blue1": ("#4f46c8", "#a5a1ff"),
    "dark_cyan": ("#0f766e", "#4fc4b8"),
    "indian_red": ("#b4233f", "#ff8f9c"),
    "bright_black": ("#667080", "#8b96a5"),
}
_INK, _QUIET, _GROUND = ("#1f2733", "#e4e9f0"), ("#667080", "#8b96a5"), ("#ffffff", "#12171f")


def draw(lines: Sequence[Text], *, title: str) -> str:
    """Return the picture of some lines.

    Args:
        title: what it shows, for those who hear it.
    """
    width = round(max(line.cell_len for line in lines) * _CELL) + 2 * _EDGE
    height = len(lines) * _LINE + 2 * _EDGE
    runs = "\n".join(run for number, line in enumerate(lines) for run in _runs(line, _EDGE + number * _LINE + _SIZE))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' role="img" aria-label="{escape(title)}">\n<title>{escape(title)}</title>\n<style>\n{_css()}</style>\n'
        f'<rect class="ground" width="100%" height="100%" rx="8"/>\n{runs}\n</svg>\n'
    )


def _runs(line: Text, baseline: int) -> Iterator[str]:
    column = 0
    for segment in line.render(Console()):
        for found in _RUN.finditer(segment.text):
            cells = cell_len(found[0])
            x = _EDGE + (column + cell_len(segment.text[: found.start()])) * _CELL
            fit = f' textLength="{cells * _CELL:.1f}"' if len(found[0]) > 1 else ""
            classes = _classes(segment.style)
            yield f'<text x="{x:.1f}" y="{baseline}"{fit}{classes}>{escape(found[0])}</text>'
        column += cell_len(segment.text)


def _classes(style: Style | None) -> str:
    names = []
    if style and style.bold:
        names.append("bold")
    if style and style.dim:
        names.append("dim")
    if style and style.color:
        names.append(style.color.name)
    return f' class="{" ".join(names)}"' if names else ""


def _css() -> str:
    fonts = 'ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace'
    rules = [f"text {{ font: {_SIZE}px {fonts}; white-space: pre }}", ".bold { font-weight: 600 }"]
    for dark in (0, 1):
        hues = [f".{name} {{ fill: {hue[dark]} }}" for name, hue in _HUES.items()]
        inks = [f"text {{ fill: {_INK[dark]} }}", f".dim {{ fill: {_QUIET[dark]} }}"]
        block = "\n".join([*inks, f".ground {{ fill: {_GROUND[dark]}; stroke: {_QUIET[dark]} }}", *hues])
        rules.append(f"@media (prefers-color-scheme: dark) {{\n{block}\n}}" if dark else block)
    return "\n".join(rules) + "\n"
