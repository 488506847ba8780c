"""Migrations of an empty database, recorded the first time: what they executed is executed at once every other time.

They take most of the time in which a store is made, and most tests make one. `tests/vault/test_migrations.py` and every
program that a test starts run them as they are.
"""

from collections.abc import Callable
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine, event

from migrations import runner

Step = tuple[str, Any]
Upgrade = Callable[[Engine | Connection, str], None]


def recorded(upgrade: Upgrade) -> Upgrade:
    """`migrations.runner.upgrade`, so that it runs once for each kind of database and folder."""
    scripts: dict[tuple[str, str], list[Step]] = {}

    def once(bind: Engine | Connection, folder: str) -> None:
        if isinstance(bind, Engine) or runner.state(bind, folder) is not runner.State.EMPTY:
            upgrade(bind, folder)
            return
        script = scripts.get((bind.dialect.name, folder))
        if script is None:
            script = _record(upgrade, bind, folder)
            scripts[bind.dialect.name, folder] = script if bind.dialect.name == "sqlite" else _joined(script)
            return
        runner._lock(bind)
        for statement, parameters in script:
            bind.exec_driver_sql(statement, parameters, execution_options={"no_parameters": True})

    return once


def _record(upgrade: Upgrade, bind: Connection, folder: str) -> list[Step]:
    script: list[Step] = []

    def hear(_bind: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if not statement.lstrip().upper().startswith(("SELECT", "PRAGMA")):
            script.append((statement, parameters))

    event.listen(bind, "before_cursor_execute", hear)
    try:
        upgrade(bind, folder)
    finally:
        event.remove(bind, "before_cursor_execute", hear)
    return script


def _joined(script: list[Step]) -> list[Step]:
    """With all that stands between two that are given something as one text: PostgreSQL takes several at once."""
    joined: list[Step] = []
    for given, run in groupby(script, key=lambda step: bool(step[1])):
        steps = list(run)
        joined += steps if given else [(";\n".join(statement.replace("%%", "%") for statement, _ in steps), None)]
    return joined
