import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cdp.errors import BadInput, Unavailable
from cdp.vault import kek_file
from cdp.vault.kek import create_kek, open_kek
from cdp.vault.kek_file import FileKeyEncryption

CONTEXT = b"cdp/wrapping-key/1|\0\0\0\x01"
SECRET = bytes(range(32))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "kek.json"


@pytest.fixture
def kek(path: Path) -> FileKeyEncryption:
    return FileKeyEncryption.create(path)


def code_of(action, kind=Unavailable):
    with pytest.raises(kind) as caught:
        action()
    assert caught.value.hint
    assert caught.value.__cause__ is None
    return caught.value.code


def test_what_was_wrapped_comes_back(kek, path):
    wrapped = kek.wrap(SECRET, CONTEXT)
    assert kek.unwrap(wrapped, CONTEXT) == SECRET
    assert open_kek(f"file:{path}").unwrap(wrapped, CONTEXT) == SECRET
    assert SECRET not in wrapped


def test_the_wrapped_key_is_as_documented(kek, path):
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    wrapped = kek.wrap(SECRET, CONTEXT)
    key = base64.b64decode(json.loads(path.read_text())["versions"][0]["key"])
    head = b"\x01\x10" + kek.current.encode()
    assert wrapped[:18] == head
    assert AESGCM(key).decrypt(wrapped[18:30], wrapped[30:], b"cdp/kek/1|" + head + CONTEXT) == SECRET


def test_every_flipped_bit_and_every_cut_is_seen(kek):
    wrapped = kek.wrap(SECRET, CONTEXT)
    changed = [
        bytes((*wrapped[:at], wrapped[at] ^ bit, *wrapped[at + 1 :])) for at in range(len(wrapped)) for bit in (1, 128)
    ]
    for each in (*changed, *(wrapped[:at] for at in range(len(wrapped))), wrapped + b"\0"):
        assert code_of(lambda each=each: kek.unwrap(each, CONTEXT)) in ("key_damaged", "kek_unknown")
    assert code_of(lambda: kek.unwrap(wrapped, CONTEXT + b"\0")) == "key_damaged"
    assert code_of(lambda: kek.unwrap(wrapped, b"")) == "key_damaged"


def test_file_and_folder_are_private(path, monkeypatch):
    old = os.umask(0)
    try:
        kek = FileKeyEncryption.create(path)
        kek.rotate()
    finally:
        os.umask(old)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o610, 0o601, 0o777])
def test_a_file_that_others_can_use_is_refused(kek, path, mode):
    path.chmod(mode)
    with pytest.raises(Unavailable) as caught:
        open_kek(f"file:{path}")
    assert caught.value.code == "kek_exposed"
    assert "chmod 600" in caught.value.hint
    assert caught.value.path == str(path)
    assert code_of(lambda: kek.wrap(SECRET, CONTEXT)) == "kek_exposed"


def test_opening_never_makes_a_key(path):
    assert code_of(lambda: open_kek(f"file:{path}")) == "kek_missing"
    path.parent.mkdir()
    assert code_of(lambda: open_kek(f"file:{path}")) == "kek_missing"
    assert not path.exists()


def test_creating_never_replaces_a_key(kek, path):
    before = path.read_bytes()
    assert code_of(lambda: create_kek(f"file:{path}"), BadInput) == "kek_exists"
    assert path.read_bytes() == before


GOOD = {
    "format": "cdp-kek-1",
    "note": "",
    "versions": [{"id": "a", "created": "", "key": base64.b64encode(SECRET).decode()}],
}
VERSION = GOOD["versions"][0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "1",
        "\xff",
        json.dumps(GOOD)[:-3],
        json.dumps({**GOOD, "format": "cdp-kek-2"}),
        json.dumps({**GOOD, "versions": []}),
        json.dumps({**GOOD, "versions": None}),
        json.dumps({**GOOD, "versions": ["a"]}),
        json.dumps({**GOOD, "versions": [VERSION, VERSION]}),
        json.dumps({**GOOD, "versions": [{**VERSION, "id": 1}]}),
        json.dumps({**GOOD, "versions": [{**VERSION, "id": ""}]}),
        json.dumps({**GOOD, "versions": [{**VERSION, "id": "a" * 256}]}),
        json.dumps({**GOOD, "versions": [{**VERSION, "id": "é"}]}),
        json.dumps({**GOOD, "versions": [{**VERSION, "key": "AAAA"}]}),
        json.dumps({**GOOD, "versions": [{**VERSION, "key": VERSION["key"][:-1]}]}),
        json.dumps({**GOOD, "versions": [{**VERSION, "key": "!" + VERSION["key"]}]}),
        json.dumps({**GOOD, "versions": [{**VERSION, "key": 7}]}),
        json.dumps({"format": "cdp-kek-1"}),
    ],
)
def test_a_malformed_file_is_one_clear_error(path, text):
    path.parent.mkdir()
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(Unavailable) as caught:
        open_kek(f"file:{path}")
    assert caught.value.code == "kek_malformed"
    assert VERSION["key"] not in str(caught.value)


def test_what_is_no_file_is_one_clear_error(path):
    path.mkdir(parents=True)
    assert code_of(lambda: open_kek(f"file:{path}")) == "kek_unreadable"


@pytest.mark.parametrize(
    "url", ["awskms:alias/cdp", "vault:transit/cdp", "file:", "file", "", "file://host/kek", "FILE", "/x"]
)
def test_other_providers_are_named_as_unknown(url):
    with pytest.raises(BadInput) as caught:
        open_kek(url)
    assert caught.value.code == "kek_provider_unknown"
    assert "`file`" in str(caught.value)
    assert code_of(lambda: create_kek(url), BadInput) == "kek_provider_unknown"


def test_spellings_of_the_url(kek, path, monkeypatch):
    monkeypatch.chdir(path.parent)
    for url in (f"file:{path}", f"file://{path}", "file:kek.json", "file:./kek.json"):
        assert open_kek(url).current == kek.current
    relative = open_kek("file:kek.json")
    monkeypatch.chdir("/")
    assert relative.current == kek.current


def test_rotation_keeps_old_versions_until_they_are_retired(kek, path):
    first, wrapped = kek.current, kek.wrap(SECRET, CONTEXT)
    second = kek.rotate()
    assert kek.current == second != first
    assert kek.unwrap(wrapped, CONTEXT) == SECRET
    assert code_of(lambda: kek.retire(second), BadInput) == "kek_current"
    kek.retire(first)
    kek.retire(first)
    kek.retire("never there")
    assert kek.current == second
    assert code_of(lambda: kek.unwrap(wrapped, CONTEXT)) == "kek_unknown"
    assert len(json.loads(path.read_text())["versions"]) == 1


def test_another_process_s_rotation_is_seen(kek, path):
    other = FileKeyEncryption(path)
    new = other.rotate()
    assert kek.current == new
    assert kek.unwrap(other.wrap(SECRET, CONTEXT), CONTEXT) == SECRET


ROTATE = """
import pathlib, sys
from cdp.vault.kek_file import FileKeyEncryption
for _ in range(20):
    FileKeyEncryption(pathlib.Path(sys.argv[1])).rotate()
"""


def test_no_rotation_is_lost_when_several_processes_rotate(kek, path):
    processes = [subprocess.Popen([sys.executable, "-c", ROTATE, path]) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert len(json.loads(path.read_text())["versions"]) == 61


@pytest.mark.parametrize("at", ["write", "fsync", "replace"])
def test_a_failed_write_leaves_the_old_file_whole(kek, path, monkeypatch, at):
    before = path.read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    target, name = {"write": (kek_file, "_format"), "fsync": (os, "fsync"), "replace": (Path, "replace")}[at]
    with monkeypatch.context() as patch:
        patch.setattr(target, name, fail)
        assert code_of(kek.rotate) == "kek_unwritable"
    assert path.read_bytes() == before
    kek.rotate()
    assert list(path.parent.iterdir()) == [path], "what the failed write left behind holds a key"


def test_keys_are_in_no_repr(kek):
    for version in kek._read():
        assert "key=" not in repr(version)
