"""After an erasure no copy brings her back: no file, no restored backup of the data or of the keys (invariant 6)."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from cdp.bootstrap import Platform
from cdp.database import database
from cdp.errors import Unavailable
from cdp.services.erase import erase, resume
from cdp.services.verify_log import verify_log
from cdp.store.write import NewRow
from tests import samples
from tests.postgres import ADMIN, Server
from tests.samples import TESTER
from tests.services.changing_store import Place, copied
from tests.support import canary, gone

PEOPLE = 300


def values(mark: str) -> dict[str, object]:
    """A person of whom every field can be found again, sealed or not."""
    return {
        "name": f"{mark} name", "email": f"{mark}@example.org", "city": f"{mark}", "creed": f"{mark} creed",
        "score": "1.50", "extra": {"mark": mark},
    }  # fmt: skip


def fill(platform: Platform) -> tuple[dict[str, str], str]:
    """Many people, and what marks those who will be erased; and one who stays."""
    marks = [canary.canary() for _ in range(PEOPLE)]
    people = samples.add(platform, [NewRow(values(mark)) for mark in marks])
    orders = [NewRow({"note": mark, "address": mark}, customer_id=each.customer_id)
              for mark, each in zip(marks, people, strict=True)]  # fmt: skip
    samples.add(platform, orders, "order")
    (other,) = samples.add(platform, [NewRow(values("stays"))])
    return {each.customer_id: mark for each, mark in zip(people, marks, strict=True)}, other.customer_id


@pytest.fixture
def scan(place: Place, request: pytest.FixtureRequest) -> Callable[[], bytes]:
    """All that can be read of data and keys: files, the write-ahead log of SQLite, tables, statistics."""

    def found() -> bytes:
        folder = place.home.parent
        if place.database_url.startswith("sqlite"):
            return canary.files_under(folder)
        server: Server = request.getfixturevalue("postgres_server")
        name = place.database_url.rpartition("/")[2]
        data = canary.data_directory(server)
        number = canary.database_number(server, name)
        files = b"\n".join(each.read_bytes() for each in (data / "base" / number).iterdir() if each.is_file())
        return files + canary.dump(place.database_url, server) + canary.files_under(folder)

    return found


def test_the_files_hold_nothing_of_them(place: Place, scan: Callable[[], bytes]) -> None:
    with place.open() as platform:
        marks, _ = fill(platform)
        assert canary.seen(marks.values(), scan()) == set(marks.values())  # its city stands in the clear
        erase(platform, list(marks), principal=TESTER, reason="a test")
        assert canary.seen(marks.values(), scan()) == set()
        assert all(gone.traces(platform, each) == {} for each in list(marks)[:3])
    assert canary.seen(marks.values(), scan()) == set()


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
@pytest.mark.parametrize("beside", ["writes in another database", "reads in this one"])
def test_who_might_still_see_them_keeps_the_files_waiting(
    place: Place,
    scan: Callable[[], bytes],
    postgres_server: Server,
    monkeypatch: pytest.MonkeyPatch,
    beside: str,
) -> None:
    """PostgreSQL would copy dead rows that a transaction begun before their end might see into the new file."""
    database_name = place.database_url.rpartition("/")[2] if "this" in beside else "postgres"
    with place.open() as platform:
        marks, _ = fill(platform)
        with psycopg.connect(postgres_server.url(database_name, user=ADMIN, driver="postgresql")) as other:
            other.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            other.execute("SELECT pg_current_xact_id()" if "writes" in beside else "SELECT 1 FROM customer LIMIT 0")
            if "reads" in beside:
                other.execute("DECLARE c CURSOR FOR SELECT 1")
            with monkeypatch.context() as impatient:
                impatient.setattr(database, "WAIT_SECONDS", 0.2)
                with pytest.raises(Unavailable) as caught:
                    erase(platform, list(marks), principal=TESTER, reason="a test")
            assert caught.value.code == "store_locked"
            other.rollback()
        assert len(resume(platform, principal=TESTER)) == PEOPLE
        assert canary.seen(marks.values(), scan()) == set()


@contextmanager
def older(place: Place, folder: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """A copy of data and keys, as a backup has them."""
    with copied(place, folder, request) as made:
        yield made


def test_a_restored_backup_of_the_data_is_erased_before_the_first_read(
    place: Place, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with place.open() as platform:
        people = samples.add(platform, [NewRow(values(f"p{number}")) for number in range(3)])
    with older(place, tmp_path / "backup", request) as backup:
        with place.open() as platform:
            erase(platform, [people[0].customer_id, people[2].customer_id], principal=TESTER, reason="a test")
        # The data of yesterday, the keys of today; and the operator has said that he means it.
        restored = Place(tmp_path / "restored", backup.database_url, place.keys_url)
        shutil.copytree(place.home, restored.home, ignore=shutil.ignore_patterns("checkpoint"))
        with restored.open() as platform:
            for each in (people[0], people[2]):
                assert gone.traces(platform, each.customer_id) == {}
                said = gone.register(platform, each.customer_id)
                assert said is not None
                assert said["finished_at"] is not None
            assert gone.traces(platform, people[1].customer_id)
            verify_log(platform)
            size = len(samples.rows_of(platform, "office", role="officer"))
        with restored.open() as platform:  # once is enough
            assert len(samples.rows_of(platform, "office", role="officer")) == size


def test_a_restored_key_store_loses_the_keys_again(
    place: Place, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with place.open() as platform:
        people = samples.add(platform, [NewRow(values(f"p{number}")) for number in range(3)])
    with older(place, tmp_path / "backup", request) as backup:
        with place.open() as platform:
            erase(platform, [people[1].customer_id], principal=TESTER, reason="a test")
            identifier = ("email", platform.vault.blind.token("customer", "email", "p1@example.org").hex())
            assert platform.vault.suppression.refused([identifier])
        restored = Place(place.home, place.database_url, backup.keys_url)
        with restored.open() as platform:
            assert platform.vault.keys([each.customer_id for each in people]).keys() == {
                people[0].customer_id, people[2].customer_id
            }  # fmt: skip
            assert platform.vault.suppression.refused([identifier])
            assert platform.vault.tombstones.newest() == 1


def test_files_in_use_keep_the_erasure_unfinished_and_nobody_out(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of her can be read by then; the files are cleaned when that can be."""
    with place.open() as platform:
        (person,) = samples.add(platform, [NewRow(values("p"))])

        def in_use(*_: object) -> None:
            raise Unavailable("store_locked", "in use")

        with monkeypatch.context() as patched:
            patched.setattr(type(platform._database), "clean_up", in_use)
            with pytest.raises(Unavailable):
                erase(platform, [person.customer_id], principal=TESTER, reason="a test")
            with place.open() as other:
                assert gone.traces(other, person.customer_id) == {}
        assert gone.register(platform, person.customer_id)["finished_at"] is None
        (done,) = resume(platform, principal=TESTER)
        assert done.finished
