"""The sample organisation with views for customers themselves, and exports from it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest

from audit.entries import HERSELF
from cdp.bootstrap import Platform, create_platform
from cdp.pages.takeaway import takeaway_page
from cdp.services.exports.build import carry_out
from cdp.services.exports.fetch import fetch_export
from cdp.services.exports.jobs import ask_export
from cdp.services.publish import initialise
from cdp.store.write import NewRow
from tests import samples
from tests.portal.conftest import POLICY

ORDER = {"placed_at": "2026-03-02T10:00:00Z", "total": "12.50", "paid": True, "address": "1 First Street"}


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with create_platform(samples.settings(tmp_path / "home", database_url, keys_url)) as made:
        initialise(made, samples.catalogue(), samples.policy(POLICY), principal=samples.TESTER)
        yield made


def ask(platform: Platform, customer_id: str, *, language: str = "en", now: datetime | None = None) -> str:
    """Ask for an export, and have it made."""
    at = now or datetime.now(UTC)
    job = ask_export(platform, customer_id, principal=HERSELF, language=language, now=at)
    assert carry_out(platform, takeaway_page, now=at) == 1
    return job.export_id


def fetched(platform: Platform, customer_id: str, path: Path) -> Path:
    """Fetch what is ready into a file."""
    leaving = fetch_export(platform, customer_id, principal=HERSELF, now=datetime.now(UTC))
    path.write_bytes(b"".join(leaving.pieces))
    return path


@pytest.fixture
def exported(platform: Platform, tmp_path: Path) -> Callable[..., Path]:
    """Makes an export of a customer and fetches it."""

    def make(customer_id: str, **options: str) -> Path:
        number = ask(platform, customer_id, **options)
        return fetched(platform, customer_id, tmp_path / f"{number}.zip")

    return make


def add_orders(platform: Platform, customer_id: str, count: int) -> None:
    """So many orders, each with its number in its address."""
    for start in range(0, count, 5_000):
        numbers = range(start, min(start + 5_000, count))
        rows = [NewRow({**ORDER, "address": f"{number} First Street"}, customer_id=customer_id) for number in numbers]
        samples.add(platform, rows, "order")


def unpacked(path: Path) -> dict[str, bytes]:
    """Every file of an archive."""
    with ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}
