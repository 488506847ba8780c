"""A dry run says what the import then does, and writes nothing."""

from pathlib import Path

import pytest

from cdp.services.imports import batches
from cdp.services.imports.rehearse import rehearse_import
from tests.samples import TESTER
from tests.services.importing import bring, counts, people, quiet, reasons, sizes, store, write

BEFORE = "email,age,tier\na@example.org,1,gold\nb@example.org,2,gold\n"
FILE = (
    "email,age,tier,phone,third_party_disclosure\n"
    "a@example.org,1,,,\n"  # unchanged
    "b@example.org,3,,+447700900123,refused\n"  # changed
    "c@example.org,4,,,\n"  # new
    "c@example.org,5,,,\n"  # … and changed by the same file
    "c@example.org,5,,,\n"
    "d@example.org,old,,,\n"
    ",6,bronze,,\n"
    "e@example.org,7,,+447700900123,\n"  # the number that row 3 has just brought
    "f@example.org,8\n"
)


@pytest.mark.parametrize("size", [2, 2_000])
def test_it_says_what_the_import_does(
    tmp_path: Path, database_url: str, keys_url: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store(tmp_path / "home", database_url, keys_url) as platform:
        bring(platform, write(tmp_path / "before.csv", BEFORE))
        monkeypatch.setattr(batches, "BATCH_ROWS", size)
        path = write(tmp_path / "file.csv", FILE)
        held = people(platform), sizes(platform)
        told = rehearse_import(platform, path, principal=TESTER, progress=quiet)
        assert (people(platform), sizes(platform)) == held
        assert not path.with_name("file.csv.rejects.csv").exists()
        assert told.changes == {"age": 3, "email": 1, "phone": 1, "third_party_disclosure": 1}
        result = bring(platform, path)
        assert counts(result) == tuple(vars(told.counts).values())
        assert sorted((told.first[each], *each) for each in told.reasons) == sorted(reasons(result))
