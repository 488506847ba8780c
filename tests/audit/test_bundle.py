"""Bundles: an honest one verifies, and no byte of one can change unseen."""

import io
import random
import subprocess
import sys
from pathlib import Path

import pytest

from audit.bundle import NotVerified
from audit.checkpoint import sign_checkpoint
from audit.cosignature import Cosigner
from audit.note import NoteError, SignerKey, format_note, parse_note
from audit.verify.check import Report, Trust, verify_bundle
from tests.audit.bundles import SIGNER, MemoryLog, entry, log_of

ROOT = Path(__file__).resolve().parents[2]
REFUSED = (NotVerified, NoteError)


def verified(bundle: bytes, **trust: object) -> Report:
    return verify_bundle(io.BytesIO(bundle), Trust(**trust))  # type: ignore[arg-type]


@pytest.mark.parametrize(("first", "end"), [(0, None), (0, 0), (3, None), (0, 40), (256, 300), (5, 5), (299, 300)])
def test_any_part_of_a_log_verifies(first: int, end: int | None) -> None:
    report = verified(log_of(300).bundle(first, end, olds=[1, 100, 300]), key=SIGNER.verifier)
    assert report.entries == (300 if end is None else end) - first
    assert report.checkpoint.size == 300
    assert sum("grew out of" in step for step in report.steps) == 3


def test_one_persons_entries_verify() -> None:
    report = verified(log_of(300).person([0, 17, 255, 256, 299], olds=[7]))
    assert report.entries == 5
    assert any("all entries about the person" in limit for limit in report.limits)


@pytest.mark.parametrize("bundle", [log_of(4).bundle(olds=[2]), log_of(6).bundle(2, 5), log_of(5).person([1, 3])])
def test_each_byte_counts(bundle: bytes) -> None:
    """Every byte in turn is flipped, cut out, doubled."""
    verified(bundle)
    dice = random.Random(1)
    for place in range(len(bundle)):
        flipped = bytes([bundle[place] ^ 1 << dice.randrange(8)])
        for other in (flipped, b"", bundle[place : place + 1] * 2):
            with pytest.raises(REFUSED):
                verified(bundle[:place] + other + bundle[place + 1 :])
    for end in range(len(bundle)):
        with pytest.raises(REFUSED):
            verified(bundle[:end])
    with pytest.raises(REFUSED):
        verified(bundle + b"\n")


def test_random_bytes_of_a_large_one_count() -> None:
    bundle = log_of(3_000).bundle(olds=[1_000])
    dice = random.Random(2)
    for _ in range(40):
        place = dice.randrange(len(bundle))
        other = bytes([bundle[place] ^ 1 << dice.randrange(8)])
        with pytest.raises(REFUSED):
            verified(bundle[:place] + other + bundle[place + 1 :])


def test_an_earlier_checkpoint_is_compared_wherever_it_lies() -> None:
    log = log_of(300)
    for size in (0, 1, 100, 300):
        assert any(f"{size:,} entries" in step for step in verified(log.bundle(), remembered=(log.note(size),)).steps)
    with pytest.raises(NotVerified) as caught:
        verified(log.person([1]), remembered=(log.note(100),))
    assert caught.value.code == "not_covered"  # a person's bundle passes by no other tree than its own
    verified(log.person([1], olds=[100]), remembered=(log.note(100),))
    with pytest.raises(NotVerified) as caught:
        verified(log.bundle(200), remembered=(log.note(100),))
    assert caught.value.code == "not_covered"
    verified(log.bundle(200, olds=[100]), remembered=(log.note(100),))


def test_two_histories_are_seen_with_both_checkpoints_as_evidence() -> None:
    log = log_of(300)
    other = MemoryLog([*log.entries[:150], *(entry(number, view="other") for number in range(150, 320))])
    for bundle in (other.bundle(), other.person([1], olds=[200])):
        with pytest.raises(NotVerified) as caught:
            verified(bundle, remembered=(log.note(200),))
        assert caught.value.code == "history_forked"
        assert caught.value.evidence == (log.note(200), other.note())
    with pytest.raises(NotVerified) as caught:
        verified(MemoryLog(log.entries[:100]).bundle(), remembered=(log.note(200),))
    assert caught.value.code == "history_cut"
    assert caught.value.evidence == (log.note(200), log.note(100))


def test_who_holds_the_key_of_another_log_is_not_believed() -> None:
    other = SignerKey(SIGNER.name, bytes(32))
    bundle = MemoryLog(log_of(5).entries, other).bundle()
    verified(bundle)
    with pytest.raises(NotVerified, match="key was given"):
        verified(bundle, key=SIGNER.verifier)
    with pytest.raises(NoteError):
        verified(bundle, remembered=(log_of(5).note(),))


def test_witnesses_are_demanded_by_number_and_date_the_clock() -> None:
    log, witness = log_of(5), Cosigner("witness.example", bytes(range(32, 64)))
    text, signatures = parse_note(log.note())

    def seen_at(seconds: int) -> bytes:
        note = format_note(text, [*signatures, witness.cosign(text, seconds)])
        class_ = type("Seen", (MemoryLog,), {"note": lambda _self, _size=None: note})
        return bytes(class_(log.entries).bundle())

    with pytest.raises(NoteError, match="0 of the 1"):
        verified(log.bundle(), witnesses=(witness.key,))
    report = verified(seen_at(1_800_000_000), witnesses=(witness.key,))
    assert any("witness.example" in step for step in report.steps)
    assert report.findings == []
    assert "clock is ahead" in verified(seen_at(1_700_000_000), witnesses=(witness.key,)).findings[0]


def test_a_clock_that_was_put_back_is_said() -> None:
    entries = [entry(number) for number in (5, 4_000, 10, 11)]
    assert "entry 2" in verified(MemoryLog(entries).bundle()).findings[0]
    assert "entry 2" in verified(MemoryLog(entries).person([1, 2])).findings[0]


def test_a_checkpoint_cannot_be_read_as_a_seal_nor_a_seal_as_a_checkpoint() -> None:
    log = log_of(3)
    bundle = log.bundle()
    seal = bundle.splitlines()[-1]
    swapped = bundle.replace(seal, b"seal " + bundle.splitlines()[3].removeprefix(b"checkpoint "))
    with pytest.raises(REFUSED):
        verified(swapped)
    with pytest.raises(NoteError):
        sign_checkpoint.__globals__["parse_checkpoint"](b"cdp bundle seal 1\nsha256 " + b"0" * 64 + b"\n")


PROGRAM = """
import sys
from audit.verify.__main__ import main
code = main(sys.argv[1:])
tops = {name.partition(".")[0] for name in sys.modules}
foreign = tops - set(sys.stdlib_module_names) - {"audit", "cryptography", "cffi", "_cffi_backend", "__main__"}
print("foreign:", sorted(name for name in foreign if not name.startswith(("_", "sitecustomize"))))
print("ours:", sorted(name for name in sys.modules if name.startswith("audit")))
sys.exit(code)
"""


def test_it_runs_with_the_standard_library_and_cryptography_alone(tmp_path: Path) -> None:
    """The package by itself, in an empty folder, with nothing of this repository's environment but `cryptography`."""
    import cffi
    import cryptography

    (tmp_path / "lib").mkdir()
    for package in (ROOT / "audit", Path(cryptography.__file__).parent, Path(cffi.__file__).parent):
        (tmp_path / "lib" / package.name).symlink_to(package)
    for extension in Path(cffi.__file__).parents[1].glob("_cffi_backend*"):
        (tmp_path / "lib" / extension.name).symlink_to(extension)
    bundle, old = tmp_path / "bundle", tmp_path / "old"
    log = log_of(300)
    bundle.write_bytes(log.bundle())
    old.write_bytes(log.note(100))

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        line = f"import sys; sys.path.insert(0, {str(tmp_path / 'lib')!r})\n{PROGRAM}"
        command = [sys.executable, "-I", "-S", "-c", line, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    done = run(bundle, "--checkpoint", old, "--key", SIGNER.verifier.format())
    assert (done.returncode, done.stderr) == (0, "")
    assert "foreign: []" in done.stdout
    assert "the bundle holds" in done.stdout
    assert "it grew out of the checkpoint of 100 entries" in done.stdout
    other = MemoryLog([entry(number, view="other") for number in range(300)])
    bundle.write_bytes(other.bundle())
    done = run(bundle, "--checkpoint", old)
    assert done.returncode == 1
    assert done.stderr.count("signed by the log:") == 2
    assert log.note(100).decode() in done.stderr
    assert other.note().decode().splitlines()[2] in done.stderr
    assert run(tmp_path / "nothing").returncode == 2
