"""The log as the public has it: proofs that others verify, tiles that make up the tree, files that follow it."""

import base64
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore._internal.rekor.checkpoint import verify_checkpoint
from sigstore._internal.trust import Keyring
from sigstore.errors import VerificationError
from sigstore_models.common import v1 as common
from sqlalchemy import select

from audit.cosignature import Policy
from audit.entries import Entry
from audit.layout import format_path, parse_bundle, parse_path
from audit.merkle import Frontier, leaf_hash
from audit.note import VerifierKey, key_id
from audit.proof import check_consistency, check_inclusion, parse_consistency, parse_inclusion
from cdp.bootstrap import Platform
from cdp.errors import BadInput, NotFound
from cdp.services.log_public import prove_consistency, prove_inclusion, read_checkpoint, read_tile, read_vkey
from cdp.services.publish_log import publish_log
from cdp.store.platform import LOG_ENTRY
from tests import samples


def append(platform: Platform, count: int) -> None:
    platform.door._log.append_many([Entry("refusal", "read", samples.TESTER, None) for _ in range(count)])


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with samples.store(tmp_path / "home", database_url, keys_url) as made:
        append(made, 600)
        made.keeper.sign()
        yield made


def trusted(platform: Platform) -> Policy:
    return Policy(VerifierKey.parse(read_vkey(platform)))


def entries(platform: Platform) -> list[bytes]:
    return [bytes(row[0]) for row in platform.door.lookup(select(LOG_ENTRY.c.entry).order_by(LOG_ENTRY.c.number))]


def test_every_entry_is_proved_to_who_has_only_the_key(platform: Platform) -> None:
    policy, stored = trusted(platform), entries(platform)
    checkpoint = policy(read_checkpoint(platform))
    assert checkpoint.size == len(stored)
    for index in (0, 1, 255, 256, 511, 512, len(stored) - 1):
        assert check_inclusion(parse_inclusion(prove_inclusion(platform, index)), stored[index], policy) == checkpoint


def test_a_remembered_checkpoint_is_proved_to_be_the_beginning(platform: Platform) -> None:
    policy = trusted(platform)
    old = policy(read_checkpoint(platform))
    append(platform, 300)
    platform.keeper.sign()
    new = check_consistency(parse_consistency(prove_consistency(platform, old.size)), old, policy)
    assert new.size == old.size + 300


def test_what_is_not_signed_yet_is_not_shown(platform: Platform) -> None:
    size = trusted(platform)(read_checkpoint(platform)).size
    append(platform, 300)
    for ask in (
        lambda: prove_inclusion(platform, size), lambda: prove_consistency(platform, size + 1),
        lambda: read_tile(platform, "tile/0/002"), lambda: read_tile(platform, f"tile/0/002.p/{size - 512 + 1}"),
        lambda: read_tile(platform, "tile/1/000"), lambda: read_tile(platform, "tile/0/7"),
        lambda: read_tile(platform, "tile/entries/000"),
    ):  # fmt: skip
        with pytest.raises(NotFound) as caught:
            ask()
        assert (caught.value.code, caught.value.path, caught.value.hint) == ("not_found", "", "")


def sigstore_entry(platform: Platform, proof: Any, body: bytes) -> Any:
    """What sigstore calls an entry; its own fields are those of Rekor."""
    size, root = (part(proof.checkpoint) for part in (lambda n: int(n.split(b"\n")[1]), lambda n: n.split(b"\n")[2]))
    key = platform.keeper.verifier
    name = proof.checkpoint.split(b"\n")[0].decode()
    return SimpleNamespace(
        _inner=SimpleNamespace(
            canonicalized_body=body,
            log_id=SimpleNamespace(key_id=key_id(name, b"\x01", key.public)),
            inclusion_proof=SimpleNamespace(
                log_index=proof.index, tree_size=size, root_hash=base64.b64decode(root), hashes=list(proof.hashes),
                checkpoint=SimpleNamespace(envelope=proof.checkpoint.decode()),
            ),
        )
    )  # fmt: skip


def keyring(public: bytes) -> Any:
    der = Ed25519PublicKey.from_public_bytes(public).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    details = common.PublicKeyDetails.PKIX_ED25519
    return Keyring([common.PublicKey(raw_bytes=base64.b64encode(der), key_details=details)])


def test_sigstore_accepts_our_log_and_rejects_a_changed_one(platform: Platform) -> None:
    stored = entries(platform)
    ring, other = keyring(platform.keeper.verifier.public), keyring(VerifierKey("x", PUBLIC).public)
    for index in range(0, len(stored), 37):
        entry = sigstore_entry(platform, parse_inclusion(prove_inclusion(platform, index)), stored[index])
        verify_checkpoint(ring, entry)
        verify_merkle_inclusion(entry)
        with pytest.raises(VerificationError):
            verify_checkpoint(other, entry)
        entry._inner.canonicalized_body = stored[index] + b" "
        with pytest.raises(VerificationError):
            verify_merkle_inclusion(entry)
        entry._inner.inclusion_proof.checkpoint.envelope = entry._inner.inclusion_proof.checkpoint.envelope.replace(
            "\n6", "\n7", 1
        )
        with pytest.raises(VerificationError):
            verify_checkpoint(ring, entry)


PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
"""The first public key of RFC 8032, section 7.1."""


def tree_of(folder: Path, size: int) -> Frontier:
    """The tree of the leaf hashes that a folder holds, read as a stranger would."""
    tiles = b"".join(
        (folder / (f"tile/0/{number:03d}" + ("" if 256 * (number + 1) <= size else f".p/{size % 256}"))).read_bytes()
        for number in range((size + 255) // 256)
    )
    return Frontier().append(tiles[at : at + 32] for at in range(0, len(tiles), 32))


def test_a_folder_holds_the_log_and_follows_it(platform: Platform, tmp_path: Path) -> None:
    folder, policy = tmp_path / "public" / "log", trusted(platform)
    for more in (0, 0, 1, 500):
        append(platform, more)
        platform.keeper.sign()
        before = {path: path.stat().st_ino for path in folder.rglob("*") if path.is_file()}
        published = publish_log(platform, folder, entries=True)
        checkpoint = policy((folder / "checkpoint").read_bytes())
        assert published.entries == checkpoint.size == len(entries(platform))
        assert tree_of(folder, checkpoint.size).root() == checkpoint.root
        tiles = [path for path in folder.rglob("*") if path.is_file() and "tile" in path.parts]
        assert all(path.stat().st_ino == before[path] for path in tiles if path in before)  # none is written twice
        assert all(format_path(parse_path(str(path.relative_to(folder)))) for path in tiles)
        bundle = parse_bundle((folder / "tile/entries/000").read_bytes())
        assert b"".join(map(leaf_hash, bundle)) == (folder / "tile/0/000").read_bytes()
    assert VerifierKey.parse((folder / "vkey").read_text().strip()) == policy.log


def test_the_checkpoint_is_published_last(platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads a checkpoint finds every tile that it speaks of, whenever publishing was stopped."""
    written: list[str] = []
    rename = Path.replace
    monkeypatch.setattr(Path, "replace", lambda self, to: (written.append(to.name), rename(self, to))[1])
    publish_log(platform, tmp_path / "log")
    assert written[-1] == "checkpoint"
    assert written.count("checkpoint") == 1


def test_entries_are_published_only_when_one_says_so(platform: Platform, tmp_path: Path) -> None:
    publish_log(platform, tmp_path / "log")
    assert not (tmp_path / "log" / "tile" / "entries").exists()
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "log").rglob("*") if path.is_file()} == {0o644}


def test_a_folder_of_another_log_is_left_alone(platform: Platform, tmp_path: Path) -> None:
    publish_log(platform, tmp_path / "log")
    note = (tmp_path / "log" / "checkpoint").read_bytes()
    for foreign in (note.replace(b"\n6", b"\n7", 1), os.urandom(50)):
        (tmp_path / "log" / "checkpoint").write_bytes(foreign)
        with pytest.raises(BadInput) as caught:
            publish_log(platform, tmp_path / "log")
        assert caught.value.code == "publish_foreign"
        assert (tmp_path / "log" / "checkpoint").read_bytes() == foreign
