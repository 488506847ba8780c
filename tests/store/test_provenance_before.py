"""A store from before provenance was kept: its rows serve the purposes of then, and none that comes later."""

from importlib import import_module
from pathlib import Path

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine

from cdp.bootstrap import open_platform
from cdp.services.herself.whence import whence
from cdp.services.provenance.change import SetChange, Which, change_sets
from cdp.services.provenance.sets import list_sets
from cdp.services.publish import publish_policy
from cdp.store.periods import before_provenance
from cdp.store.write import NewRow
from migrations import platform as platform_migrations
from tests import samples
from tests.samples import TESTER, rows_of

TABLES = ("cdp_provenance_use", "cdp_provenance_part", "cdp_provenance")
COLUMNS = {
    "customer": ("cdp__provenance", "cdp__collected"), "order": ("cdp__provenance", "cdp__collected"),
    "cdp_event": ("provenance",), "cdp_source": ("provenance",),
}  # fmt: skip
Shown = dict[str, list[tuple[object, ...]]]
VIEWS = ("care_desk", "care_orders", "privacy_office", "newsletter", "acme_share", "acme_orders")
MIGRATION = next(Path(platform_migrations.__file__).parent.glob("v*_provenance.py")).stem


def take_away(conn: Connection) -> None:
    """Leave the database as the version before had it."""
    for table in TABLES:
        conn.exec_driver_sql(f"DROP TABLE {table}")
    for table, names in COLUMNS.items():
        for name in names:
            conn.exec_driver_sql(f'ALTER TABLE "{table}" DROP COLUMN {name}')


@pytest.fixture
def shown(tmp_path: Path, database_url: str, keys_url: str) -> Shown:
    """What every view showed of a store of the version before, which is migrated then."""
    with samples.store(tmp_path / "home", database_url, keys_url) as platform:
        people = samples.add_people(platform, 12)
        samples.add(platform, [NewRow({"total": "1.50"}, customer_id=people[0].customer_id)], "order")
        found = {view: rows_of(platform, view) for view in VIEWS}
    engine = create_engine(database_url)
    with engine.begin() as conn:
        take_away(conn)
        with Operations.context(MigrationContext.configure(conn)):
            import_module(f"migrations.platform.{MIGRATION}").upgrade()
    engine.dispose()
    return found


def test_what_was_there_is_read_as_before(tmp_path: Path, database_url: str, keys_url: str, shown: Shown) -> None:
    settings = samples.settings(tmp_path / "home", database_url, keys_url)
    with open_platform(settings) as platform:
        assert {view: rows_of(platform, view) for view in VIEWS} == shown
        [before] = list_sets(platform)
        assert (before.provenance, before.parts[0].source, before.recipients) == (0, "before", None)
        assert set(before.purposes) == set(platform.in_force().policy.purposes)
        [row, *_] = whence(platform, str(shown["care_desk"][0][0]))
        assert (row.collected_at, row.parts[0].source) == (None, "before")
        with platform._database.reading() as conn:
            assert before_provenance(conn) is not None


def test_a_purpose_that_comes_later_reads_none_of_them(
    tmp_path: Path, database_url: str, keys_url: str, shown: Shown
) -> None:
    with open_platform(samples.settings(tmp_path / "home", database_url, keys_url)) as platform:
        later = "purposes:\n  later: {legal_basis: contract, subject_to: []}\n"
        text = samples.POLICY_TEXT.replace("purposes:\n", later)
        text += "  lab: {kind: standard, purpose: later, roles: [agent], clear: [full_name]}\n"
        publish_policy(platform, samples.policy(text), principal=TESTER)
        assert rows_of(platform, "lab") == []
        new = samples.add(platform, [NewRow(samples.person(50))])
        assert [row[0] for row in rows_of(platform, "lab")] == [new[0].customer_id]
        change_sets(platform, Which(0), SetChange(allow=["later"]), principal=TESTER, reason="they were asked")
        assert len(rows_of(platform, "lab")) == 13
        change_sets(platform, Which(0), SetChange(withdraw=["service"]), principal=TESTER, reason="they were asked")
        assert [row[0] for row in rows_of(platform, "care_desk")] == [new[0].customer_id]
        assert len(rows_of(platform, "privacy_office")) == 13
        assert len(shown["care_desk"]) == 12
