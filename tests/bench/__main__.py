"""Fills the ground on each engine, measures row by row, prints the table. Nothing here asserts a time.

Environment: SIZE (customers, 100000), ENGINES (sqlite,postgresql), ROWS (P1,P2,POINT,P6,P7,P8,P10,P11,HTTP),
PAIRS (5 at least), TMPDIR (on the disk that is to be measured).
"""

import os
import platform
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from tests.bench import events, load, log, over_http, point, scan, unseal, who
from tests.bench.ground import Ground, ground, say
from tests.bench.measure import PAIRS, Measured, measure
from tests.bench.table import LEGEND, table

ENGINES = ("sqlite", "postgresql")
SETS = {
    "P1": scan.masked,
    "P2": scan.filtered,
    "POINT": point.cases,
    "P6": unseal.cases,
    "P7": events.cases,
    "P8": load.cases,
    "P10": log.cases,
    "P11": who.cases,
    "HTTP": over_http.cases,
}


def main() -> None:
    """Measure and print."""
    size = int(os.environ.get("SIZE", "100000"))
    engines, wanted = _chosen("ENGINES", ENGINES), _chosen("ROWS", tuple(SETS))
    print(LEGEND)
    for engine in engines:
        with tempfile.TemporaryDirectory(prefix="cdp-bench-") as folder:
            start = time.perf_counter()
            say(f"{engine}: filling a store with {size:,} customers")
            with ground(engine, size, Path(folder)) as filled:
                say(f"{engine}: filled in {time.perf_counter() - start:.0f} s")
                lines = [line for name in wanted for line in _measured(filled, name)]
                title = f"{_version(filled)}, {size:,} customers, {PAIRS} pairs, {_machine()}"
                print(f"{title}\n\n{table(lines)}\n", flush=True)


def _measured(filled: Ground, name: str) -> list[Measured]:
    lines = []
    for case in SETS[name](filled):
        start = time.perf_counter()
        line = measure(case)
        lines.append(line)
        took = time.perf_counter() - start
        say(f"  {name}: {case.what} against {case.against}: {line.times_peer:.2f} × the peer's time ({took:.0f} s)")
    return lines


def _chosen(name: str, known: tuple[str, ...]) -> list[str]:
    chosen = [each.strip() for each in os.environ.get(name, ",".join(known)).split(",")]
    unknown = [each for each in chosen if each not in known]
    if unknown:
        sys.exit(f"{name} knows {','.join(known)}")
    return chosen


def _version(filled: Ground) -> str:
    if filled.engine == "sqlite":
        return f"SQLite {sqlite3.sqlite_version}"
    version = filled.store.exec_driver_sql("SHOW server_version").scalar_one()
    return f"PostgreSQL {version}, psycopg {psycopg.__version__}"


def _machine() -> str:
    return f"Python {platform.python_version()}, {os.cpu_count()} × {platform.machine()}"


if __name__ == "__main__":
    main()
