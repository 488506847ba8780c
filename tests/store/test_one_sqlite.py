"""SQLite: one library in a process. Its locks are the process's, so a second one would undo those of the first."""

import subprocess
import sys
from pathlib import Path

from sqlalchemy import text

from cdp.services.read import read_view
from tests import samples
from views.request import ViewRequest

COUNT = """
import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("SELECT count(*) FROM probe").fetchone()[0])
"""
"""What another process finds."""


def test_what_is_acknowledged_after_columns_were_read_is_there_for_other_processes(tmp_path: Path) -> None:
    # The last connection of a second library that closes deletes the write-ahead log under those of the first.
    data, keys = tmp_path / "data.db", tmp_path / "keys.db"
    with samples.store(tmp_path / "home", f"sqlite:///{data}", f"sqlite:///{keys}") as made:
        samples.add_people(made, 3)
        with made._database._engine.connect() as conn:
            conn.execute(text("CREATE TABLE probe (number INTEGER)"))
            answer = read_view(made, ViewRequest("care_orders", "agent"), principal=samples.TESTER, form="columns")
            assert sum(len(chunk) for chunk in answer.chunks) == 0
            made._database._engine.dispose()  # those of the pool are closed, the one above is not
            conn.execute(text("INSERT INTO probe VALUES (1)"))
            conn.commit()
            found = subprocess.run([sys.executable, "-c", COUNT, str(data)], capture_output=True, check=True).stdout
    assert int(found) == 1
