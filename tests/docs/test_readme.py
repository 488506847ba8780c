"""The README's commands do what the README shows, pasted into one shell in a fresh folder."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, Block, blocks

README = ROOT / "README.md"
MARK = "\x1e"
"""Between the outputs of two blocks; no command writes it."""


def runnable() -> list[tuple[Block, Block | None]]:
    """The blocks to run, each with the block of its output if that follows at once."""
    found = blocks(README)
    after = [*found[1:], None]
    return [
        (block, shown if shown and shown.role in ("output", "excerpt") else None)
        for block, shown in zip(found, after, strict=True)
        if block.role == "run"
    ]


def run_all(folder: Path) -> list[str]:
    """What each block wrote to standard output."""
    script = f"\nprintf '{MARK}'\n".join(block.text for block, _ in runnable())
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CDP_")}
    environment = kept | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "COLUMNS": "100",
        "LC_ALL": "C.UTF-8",
        "DEMO_ONCE": "1",
    }
    found = subprocess.run(
        ["bash", "-e", "-u", "-o", "pipefail", "-c", script],
        cwd=folder, env=environment, capture_output=True, check=False, timeout=300,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr.decode()
    return found.stdout.decode().replace("\r\n", "\n").split(MARK)


def test_there_is_something_to_run():
    assert len(runnable()) >= 4
    assert sum(shown is not None for _, shown in runnable()) >= 4


def test_each_block_shows_what_it_wrote(tmp_path):
    found = [(shown, written) for (_, shown), written in zip(runnable(), run_all(tmp_path), strict=True) if shown]
    wrong = [f"written:\n{written}\nshown:\n{shown.text}" for shown, written in found if not matches(shown, written)]
    assert not wrong, "\n".join(wrong)


def matches(shown: Block, written: str) -> bool:
    """Whether a block is the whole output, or lines of it; `…` stands for what differs from run to run."""
    pattern = r"[^\n]*?".join(re.escape(_trimmed(part)) for part in shown.text.split("…"))
    written = _trimmed(written)
    return bool(
        re.fullmatch(pattern, written) if shown.role == "output" else re.search(f"^{pattern}", written, re.MULTILINE)
    )


def _trimmed(text: str) -> str:
    """Without the spaces that end lines."""
    return re.sub(r" +$", "", text, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("shown", "written", "same"),
    [
        ("a …c\n", "a bbc\n", True),
        ("a …c\n", "a b\nc\n", False),
        ("a\n", "a\nb\n", False),
        ("a\n", "b\n", False),
    ],
)
def test_the_comparison_can_fail(shown, written, same):
    assert matches(Block("text", "output", shown), written) is same


def test_the_plain_lines_are_those_of_make():
    """What the README gives instead of `make` installs from the same locks, in the same way."""
    said = next(block.text for block in blocks(README) if "-m venv" in block.text)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for options in re.findall(r"-m pip (.*)", said):
        assert options.replace("install", "install --quiet --quiet", 1) in makefile
    for name in set(re.findall(r"\.ci/lock/\w+\.txt", README.read_text(encoding="utf-8"))):
        assert (ROOT / name).exists()
