"""The archive: the same bytes for the same content; whatever is changed in it is found out."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from audit.note import SignerKey
from cdp.bootstrap import Platform
from cdp.errors import BadInput
from cdp.services.exports.archive import Archive
from cdp.services.exports.manifest import SIGNING, Manifest
from cdp.services.exports.verify import verify_export
from cdp.services.receipts.issue import receipts_key
from tests import samples
from tests.exports.conftest import unpacked

AT = datetime(2026, 3, 2, 10, 0, 1, tzinfo=UTC)


def packed(content: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    archive = Archive(sink, at=AT)
    for name, data in content.items():
        archive.add(name, data)
    archive.close()
    return sink.getvalue()


def test_the_same_content_gives_the_same_bytes() -> None:
    content = {"data/a.json": b"[]" * 9_000, "index.html": "名".encode()}
    assert packed(content) == packed(dict(content))
    with ZipFile(io.BytesIO(packed(content))) as archive:
        assert {info.date_time for info in archive.infolist()} == {(2026, 3, 2, 10, 0, 0)}
        assert {name: archive.read(name) for name in archive.namelist()} == content


def test_a_manifest_is_read_as_it_was_written_and_only_signed() -> None:
    signer, other = SignerKey("a/log", bytes(range(32))), SignerKey("a/log", bytes(32))
    data = Manifest("1", "https://a", "2026", "en", "c", "p", "k", ()).encode()
    note = SIGNING.sign(data, signer)
    assert SIGNING.parse(Manifest, data, note, [signer.verifier]).encode() == data
    for broken, key in ((data + b" ", signer), (data.replace(b'"en"', b"12.0"), signer), (data, other)):
        with pytest.raises(BadInput):
            SIGNING.parse(Manifest, broken, note, [key.verifier])
        with pytest.raises(BadInput):
            SIGNING.parse(Manifest, broken + b" ", SIGNING.sign(broken + b" ", signer), [signer.verifier])


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_whatever_is_changed_is_found_out(platform: Platform, exported: Callable[..., Path], tmp_path: Path) -> None:
    (person,) = samples.add_people(platform, 1)
    files = unpacked(exported(person.customer_id))
    keys = {"log": platform.keeper.verifier, "receipts": receipts_key(platform)}
    target = tmp_path / "changed.zip"

    def check(content: dict[str, bytes], *more: tuple[str, bytes]) -> None:
        with ZipFile(target, "w", ZIP_DEFLATED) as archive:
            for name, data in [*content.items(), *more]:
                archive.writestr(name, data)
        verify_export(target, **keys)

    check(files)
    for name, data in files.items():
        for changed in ({**files, name: data[:-2] + bytes([data[-2] ^ 1]) + data[-1:]}, {**files, name: data + b" "}):
            with pytest.raises(BadInput) as caught:
                check(changed)
            assert caught.value.code == "export_invalid"
        with pytest.raises(BadInput):
            check({each: content for each, content in files.items() if each != name})
    with pytest.raises(BadInput):
        check(files, ("extra.txt", b""))
    target.write_bytes(b"PK no archive")
    with pytest.raises(BadInput):
        verify_export(target, **keys)
