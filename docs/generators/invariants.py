"""The generated part of `docs/architecture.md` about invariants: each with the tests that guard it.

A test module names its invariant at the beginning, as in "(invariant 5)"; others are listed here.
"""

import ast
import re
from pathlib import Path
from typing import Final

from docs.generators.markdown import table

_ROOT: Final = Path(__file__).resolve().parents[2]

_INVARIANTS: Final = (
    "Changing anything that a reader may not know never changes a byte of what the reader gets, errors included.",
    "A row that left has an entry that was durable before. An entry never holds a value.",
    "A refusal that was acknowledged holds for every chunk whose read began after it.",
    "Nothing but the person, or staff on the person's recorded word, takes a refusal back.",
    "Identity and sensitive values are never on disk in the clear: not in tables, logs, statistics, temporary files.",
    "After an erasure completes, no copy can be read back.",
    "An acknowledged write survives a kill at any point; what was half done resumes.",
    "Untagged, unknown, missing, null or odd means hidden.",
    "An error carries a code and a path, never a value.",
    "The log cannot be cut, edited, forked or rolled back without somebody seeing it who holds an earlier checkpoint.",
    "SQLite and PostgreSQL give the same answer, and both give what a naive interpreter of the policy gives.",
)

_ALSO: Final[dict[int, tuple[str, ...]]] = {
    2: ("tests/cli/test_read.py", "tests/services/test_opt_out.py"),
    4: ("tests/consent/test_flags.py", "tests/consent/test_precedence.py", "tests/services/test_opt_out.py"),
    5: ("tests/services/test_model_residue.py", "tests/store/test_platform.py", "tests/vault/test_residue.py"),
    6: ("tests/vault/test_keystore.py", "tests/vault/test_residue.py"),
    7: ("tests/services/test_model_window.py", "tests/vault/test_rotate.py"),
    8: ("tests/catalogue/test_model.py", "tests/consent/test_flags.py", "tests/views/test_enumeration.py"),
    9: ("tests/cli/test_bad_files.py", "tests/cli/test_bad_requests.py", "tests/cli/test_errors.py"),
    10: ("tests/audit/test_anchor.py", "tests/audit/test_merkle.py", "tests/audit/test_verify_log.py"),
    11: ("tests/views/test_differential.py", "tests/views/test_enumeration.py"),
}
"""Tests that guard an invariant besides more."""

_NOTES: Final[dict[int, str]] = {}

_NAMED: Final = re.compile(r"\binvariants? ([0-9]+(?:(?:, | and )[0-9]+)*)", re.IGNORECASE)


def _guards() -> dict[int, set[str]]:
    found = {number: set(paths) for number, paths in _ALSO.items()}
    for path in sorted((_ROOT / "tests").rglob("test_*.py")):
        said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        for numbers in _NAMED.findall(said):
            for number in re.findall(r"[0-9]+", numbers):
                found.setdefault(int(number), set()).add(path.relative_to(_ROOT).as_posix())
    return found


def _invariants() -> str:
    guards = _guards()
    rows = []
    for number, text in enumerate(_INVARIANTS, 1):
        tests = "<br>".join(f"`{path}`" for path in sorted(guards[number]))
        note = f"<br>{_NOTES[number]}" if number in _NOTES else ""
        rows.append([str(number), text, tests + note])
    return table(["", "invariant", "guarded by"], rows)


PARTS: Final = {"invariants": _invariants}
