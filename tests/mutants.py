"""Breaks the policy layer and the log on purpose, one place at a time, and shows that the tests see it. Run by hand.

    python -m tests.mutants [WORD ...]     only those whose file or text has one of the words

Works on a copy of the tree; without words it looks first whether the tests pass there without any change. A mutant is
killed when a test fails or does not come to an end. The snapshots of SQL do not take part: they would see every change
of a statement, whether it matters or not.
"""

import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".cdp", "*_cache", "__pycache__", ".hypothesis", "bench")
SECONDS = 600

POLICY = (
    "tests/views/test_enumeration.py", "tests/views/test_compile.py", "tests/invariants/test_odd_means_hidden.py",
    "tests/views/test_lookup.py", "tests/views/test_anonymized.py", "tests/views/test_differential.py",
    "tests/invariants/test_refusal_holds.py", "tests/invariants/test_twins.py", "tests/invariants/test_canary.py",
)  # fmt: skip
LOG = (
    "tests/audit/test_append.py", "tests/audit/test_door.py", "tests/audit/test_door_faults.py",
    "tests/audit/test_verify_log.py", "tests/invariants/test_killed.py",
)  # fmt: skip
CONSENT = ("tests/consent", "tests/services/test_opt_out.py")
ASKING = ("tests/views/test_lookup.py", "tests/views/test_compile.py", "tests/views/test_differential.py")
FIRST = {"audit": LOG, "consent": CONSENT, "cdp": LOG, "views/decide": POLICY, "views/compile": POLICY, "views": ASKING}
"""Which tests are likely to see a change under a path; the others are asked after them."""


@dataclass(frozen=True)
class Mutant:
    """One change: `justified` says why it may live, and is empty when it may not."""

    file: str
    old: str
    new: str
    justified: str = ""

    @property
    def title(self) -> str:
        return f"{self.file}: {' '.join(self.old.split())[:70]} → {' '.join(self.new.split())[:50] or 'nothing'}"


def load() -> list[Mutant]:
    """All mutants, each of which fits the tree as it is."""
    data = tomllib.loads((ROOT / "tests" / "mutants.toml").read_text())
    mutants = [Mutant(**each) for each in data["mutant"]]
    stale = [each.title for each in mutants if (ROOT / each.file).read_text().count(each.old) != 1]
    if stale:
        raise SystemExit("these no longer fit the code:\n" + "\n".join(stale))
    return mutants


def verdict(copy: Path, mutant: Mutant) -> str:
    """Who killed it, or nothing."""
    path = copy / mutant.file
    whole = path.read_text()
    path.write_text(whole.replace(mutant.old, mutant.new))
    try:
        for engine in ("not postgresql", "postgresql"):
            likely = next(tests for path, tests in FIRST.items() if mutant.file.startswith(path))
            tests = dict.fromkeys((*likely, *POLICY, *LOG, *CONSENT))
            command = [
                sys.executable,
                "-m",
                "pytest",
                "-x",
                "-q",
                "-n",
                "0",
                "--tb=no",
                "-p",
                "no:cacheprovider",
                "-k",
                engine,
            ]
            done = subprocess.run(
                [*command, *tests], cwd=copy, capture_output=True, text=True, timeout=SECONDS, check=False
            )
            if done.returncode:
                failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
                return failed[0].partition(" - ")[0] if failed else f"pytest ended with {done.returncode}"
    except subprocess.TimeoutExpired:
        return "no end"
    finally:
        path.write_text(whole)
    return ""


def main(words: list[str]) -> int:
    mutants = [each for each in load() if not words or any(word in each.file + each.old for word in words)]
    lived = []
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = Path(folder) / "tree"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        if not words and (broken := verdict(copy, Mutant("audit/door.py", "No entry, no rows.", "No entry, no rows."))):
            raise SystemExit(f"the tests fail without any change: {broken}")
        for number, mutant in enumerate(mutants, 1):
            began = time.monotonic()
            killer = verdict(copy, mutant)
            if not killer:
                lived.append(mutant)
            said = killer or (f"LIVED, justified: {mutant.justified}" if mutant.justified else "LIVED")
            print(f"{number}/{len(mutants)} {mutant.title}\n    {said} ({time.monotonic() - began:.0f} s)", flush=True)
    unjustified = [each for each in lived if not each.justified]
    counts = f"{len(lived) - len(unjustified)} justified, {len(unjustified)} lived"
    print(f"{len(mutants)} mutants, {len(mutants) - len(lived)} killed, {counts}")
    return bool(unjustified)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
