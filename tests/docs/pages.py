"""The pages and what stands in them: code blocks, links, headings.

A code block says after its language what a test does with it:

    ```sh run          run, in the order of the page, in one fresh folder with `cdp` on the path
    ```text output     just what the block before it wrote to standard output; `…` stands for any run of characters
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")])

_BLOCK = re.compile(r"^```([^\n`]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")


@dataclass(frozen=True)
class Block:
    """A code block: its language, the word after it, and its text."""

    language: str
    role: str
    text: str


def blocks(path: Path) -> list[Block]:
    found = []
    for info, text in _BLOCK.findall(path.read_text(encoding="utf-8")):
        language, _, role = info.strip().partition(" ")
        found.append(Block(language, role, text))
    return found


def prose(path: Path) -> str:
    """The page without its code blocks."""
    return _BLOCK.sub("", path.read_text(encoding="utf-8"))


def links(path: Path) -> Iterator[str]:
    """Where its links lead that stay within the repository."""
    for target in _LINK.findall(prose(path)):
        if "://" not in target:
            yield target


def anchors(path: Path) -> set[str]:
    """The names under which its headings can be linked to, made as the common renderers of Markdown do."""
    titles = [re.sub(r"[`*]", "", title).lower() for title in _HEADING.findall(prose(path))]
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}


def quoted(path: Path) -> set[str]:
    """What stands in code type within its prose."""
    return set(_CODE.findall(prose(path)))
