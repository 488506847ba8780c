"""Signed notes and checkpoints: the published key, round trips, and every byte of a checkpoint covered."""

import base64

import pytest
from hypothesis import given, strategies as st

from audit.checkpoint import Checkpoint, format_checkpoint, parse_checkpoint, sign_checkpoint, verify_checkpoint
from audit.merkle import EMPTY_ROOT
from audit.note import NoteError, SignerKey, VerifierKey, format_note, parse_note, verify_note

LOG = SignerKey("log.example.org/customers", bytes(range(32)))
OTHER = SignerKey("witness.example.net", bytes(32))
CHECKPOINT = Checkpoint(LOG.name, 11, bytes(range(32)))
PUBLISHED_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
"""The example of C2SP signed-note."""


def test_published_key_reads_and_writes() -> None:
    key = VerifierKey.parse(PUBLISHED_KEY)
    assert key.name == "example.com/foo"
    assert key.format() == PUBLISHED_KEY


@pytest.mark.parametrize(
    "text",
    [
        "", "example.com/foo", "a+b", "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        PUBLISHED_KEY.replace("530d903a", "530d903b"), PUBLISHED_KEY.replace("foo", "bar"), PUBLISHED_KEY + "=",
        PUBLISHED_KEY.replace("Aeky", "Beky"), "a b+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    ],
)  # fmt: skip
def test_malformed_keys(text: str) -> None:
    with pytest.raises(NoteError) as caught:
        VerifierKey.parse(text)
    assert caught.value.code == "key_malformed"


def test_a_checkpoint_is_the_text_of_the_specification() -> None:
    root = base64.b64encode(bytes(range(32))).decode()
    text = f"log.example.org/customers\n11\n{root}\n"
    note = sign_checkpoint(CHECKPOINT, LOG)
    assert note.startswith(f"{text}\n\u2014 log.example.org/customers ".encode())
    assert format_checkpoint(CHECKPOINT) == text.encode()
    assert verify_checkpoint(note, LOG.verifier) == CHECKPOINT


def test_every_byte_is_covered() -> None:
    note = sign_checkpoint(CHECKPOINT, LOG)
    for position in range(len(note)):
        for bit in (1, 32):
            changed = note[:position] + bytes([note[position] ^ bit]) + note[position + 1 :]
            with pytest.raises(NoteError):
                verify_checkpoint(changed, LOG.verifier)
    for cut in range(len(note)):
        with pytest.raises(NoteError):
            verify_checkpoint(note[:cut], LOG.verifier)


def test_other_signatures_are_passed_over_but_not_believed() -> None:
    text = format_checkpoint(CHECKPOINT)
    note = format_note(text, [OTHER.sign(text), LOG.sign(text)])
    assert verify_checkpoint(note, LOG.verifier) == CHECKPOINT
    assert verify_note(note, [OTHER.verifier, LOG.verifier]) == text
    with pytest.raises(NoteError, match="did not sign"):
        verify_checkpoint(format_note(text, [OTHER.sign(text)]), LOG.verifier)
    with pytest.raises(NoteError, match="no key"):
        verify_note(note, [])


def test_a_log_signs_for_itself_only() -> None:
    with pytest.raises(NoteError) as caught:
        sign_checkpoint(Checkpoint("another.example.org", 0, EMPTY_ROOT), LOG)
    assert caught.value.code == "wrong_origin"
    text = format_checkpoint(Checkpoint("another.example.org", 0, EMPTY_ROOT))
    with pytest.raises(NoteError) as caught:
        verify_checkpoint(format_note(text, [LOG.sign(text)]), LOG.verifier)
    assert caught.value.code == "wrong_origin"


ROOT = base64.b64encode(bytes(32))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"a\n",
        b"a\n1\n",
        b"a\n01\n" + ROOT + b"\n",
        b"a\n-1\n" + ROOT + b"\n",
        b"a\n1\n" + base64.b64encode(bytes(31)) + b"\n",
        b"a\n1\n" + ROOT,
        b"\n1\n" + ROOT + b"\n",
        b"a\n9223372036854775808\n" + ROOT + b"\n",
        b"a\n1\n" + ROOT + b"\n\n",
        b"\xff\n1\n",
    ],
)
def test_malformed_checkpoints(text: bytes) -> None:
    with pytest.raises(NoteError) as caught:
        parse_checkpoint(text)
    assert caught.value.code == "checkpoint_malformed"


@given(
    st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32), st.lists(st.text("abc +", min_size=1), max_size=3)
)
def test_round_trip(size: int, root: bytes, extensions: list[str]) -> None:
    checkpoint = Checkpoint(LOG.name, size, root, tuple(extensions))
    assert verify_checkpoint(sign_checkpoint(checkpoint, LOG), LOG.verifier) == checkpoint


@given(st.binary(max_size=200))
def test_reading_any_bytes_raises_only_what_it_says(data: bytes) -> None:
    for read in (parse_note, parse_checkpoint):
        try:
            read(data)
        except NoteError:
            continue
