import os
import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from cdp.errors import BadInput, Unavailable
from cdp.vault.seal import FORMAT, NONCE_BYTES, Header, Sealer, padded_length, seal, seal_note, unseal, unseal_note

KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
ROW, OTHER_ROW = "7f1c8b1e-0000-4000-8000-000000000001", "7f1c8b1e-0000-4000-8000-000000000002"
VALUES = {"full_name": "王小明", "email": "ann@example.org", "age": 41, "married": True, "nickname": None}
IDENTITY = Sealer("customer", "identity")
HEADER_BYTES, TAG_BYTES = 7, 16

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc|", max_size=4), inner, max_size=4),
    max_leaves=12,
)


def sealed(values=VALUES, key=KEY, row=ROW, sealer=IDENTITY, schema=3, key_version=2):
    return sealer.seal(key, row, values, schema=schema, key_version=key_version)


def assert_damaged(sealer, key, row, blob, path="customer/identity"):
    with pytest.raises(Unavailable) as caught:
        sealer.unseal(key, row, blob)
    assert (caught.value.code, caught.value.path) == ("segment_damaged", path)
    assert caught.value.__cause__ is None
    assert not any(str(value) in str(caught.value) for value in VALUES.values() if isinstance(value, str))


@given(st.dictionaries(st.text("abcdef_", min_size=1, max_size=8), json_values, max_size=6))
def test_what_was_sealed_comes_back(values):
    assert IDENTITY.unseal(KEY, ROW, sealed(values)) == values


def test_one_segment_at_a_time_is_the_same_format():
    blob = seal(KEY, table="customer", row_id=ROW, segment="identity", schema=3, key_version=2, values=VALUES)
    assert IDENTITY.unseal(KEY, ROW, blob) == VALUES
    assert unseal(KEY, sealed(), table="customer", row_id=ROW, segment="identity") == VALUES


def test_the_format_is_as_documented():
    blob = sealed({"a": "b"})
    assert blob[:HEADER_BYTES] == bytes.fromhex("01000000030002")
    assert len(blob) == HEADER_BYTES + NONCE_BYTES + 64 + TAG_BYTES
    assert IDENTITY.header(blob) == Header(FORMAT, schema=3, key_version=2)

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    bound = f"cdp/seal/1|customer|{ROW}|identity|".encode() + blob[:HEADER_BYTES]
    assert AESGCM(KEY).decrypt(blob[7:19], blob[19:], bound) == b'{"a":"b"}'.ljust(64)


def test_every_flipped_bit_is_seen():
    blob = sealed()
    for position in range(len(blob)):
        for bit in (0x01, 0x80):
            changed = bytearray(blob)
            changed[position] ^= bit
            assert_damaged(IDENTITY, KEY, ROW, bytes(changed))


def test_every_cut_and_every_addition_is_seen():
    blob = sealed()
    for length in range(len(blob)):
        assert_damaged(IDENTITY, KEY, ROW, blob[:length])
        assert_damaged(IDENTITY, KEY, ROW, blob[length + 1 :])
    assert_damaged(IDENTITY, KEY, ROW, blob + b"\0")


def test_a_segment_opens_only_where_it_was_sealed():
    blob = sealed()
    assert_damaged(IDENTITY, KEY, OTHER_ROW, blob)
    assert_damaged(IDENTITY, OTHER_KEY, ROW, blob)
    assert_damaged(Sealer("contact", "identity"), KEY, ROW, blob, "contact/identity")
    assert_damaged(Sealer("customer", "sensitive"), KEY, ROW, blob, "customer/sensitive")


def test_schema_and_key_version_are_bound():
    older, newer = sealed(schema=1, key_version=1), sealed(schema=2, key_version=2)
    assert_damaged(IDENTITY, KEY, ROW, newer[:HEADER_BYTES] + older[HEADER_BYTES:])
    assert_damaged(IDENTITY, KEY, ROW, newer[:5] + older[5:])
    assert_damaged(IDENTITY, KEY, ROW, older[:5] + newer[5:7] + older[7:])


@pytest.mark.parametrize(
    ("one", "other"),
    [(("a", "b|c", "d"), ("a", "b", "c")), (("a", "x|b", "c"), ("a", "x", "c")), (("a", "b|", "c"), ("a", "b", "c"))],
)
def test_no_row_id_can_shift_the_boundaries_of_what_is_bound(one, other):
    blob = Sealer(one[0], one[2]).seal(KEY, one[1], VALUES, schema=1)
    assert_damaged(Sealer(other[0], other[2]), KEY, other[1], blob, f"{other[0]}/{other[2]}")


@pytest.mark.parametrize("name", ["", "a|b", "A", "1a", "a b", "é", "a\n"])
def test_a_name_that_could_is_refused(name):
    for arguments in ((name, "identity"), ("customer", name)):
        with pytest.raises(BadInput):
            Sealer(*arguments)


@pytest.mark.parametrize("plaintext", [b"[1]", b'"text"', b"1", b"{", b"", b"\xff", b"null"])
def test_what_is_no_object_is_damage_even_under_the_right_key(plaintext):
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    head, nonce = bytes.fromhex("01000000010001"), os.urandom(12)
    bound = f"cdp/seal/1|customer|{ROW}|identity|".encode() + head
    assert_damaged(IDENTITY, KEY, ROW, head + nonce + AESGCM(KEY).encrypt(nonce, plaintext, bound))


def test_another_format_is_damage_even_under_the_right_key():
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    head, nonce = bytes.fromhex("02000000010001"), os.urandom(12)
    bound = f"cdp/seal/1|customer|{ROW}|identity|".encode() + head
    blob = head + nonce + AESGCM(KEY).encrypt(nonce, b"{}", bound)
    assert_damaged(IDENTITY, KEY, ROW, blob)
    for each in (blob, b"", blob[:18], sealed()[:18]):
        with pytest.raises(Unavailable):
            IDENTITY.header(each)


@pytest.mark.parametrize("size", [0, 16, 24, 31, 33])
def test_only_keys_of_32_bytes_are_taken(size):
    with pytest.raises(Unavailable, match="does not open"):
        sealed(key=bytes(size))
    with pytest.raises(Unavailable, match="does not open"):
        IDENTITY.unseal(bytes(size), ROW, sealed())


@pytest.mark.parametrize(
    "value",
    [2**64, {1: 2}, "\ud800", {"deep": b"bytes"}, {"deep": {"s3cret"}}],
    ids=["too long", "key", "surrogate", "bytes", "set"],
)
def test_what_is_no_json_is_refused_without_saying_what_it_was(value):
    with pytest.raises(BadInput) as caught:
        sealed({"field": value})
    assert caught.value.code == "value_unsealable"
    assert caught.value.__cause__ is None
    assert str(value).encode("utf-8", "replace") not in str(caught.value).encode()


def test_buckets():
    for length, bucket in {
        0: 64,
        1: 64,
        64: 64,
        65: 128,
        129: 256,
        257: 512,
        513: 1024,
        1024: 1024,
        1025: 2048,
    }.items():
        assert padded_length(length) == bucket
    assert padded_length(10_000) == 10_240
    assert all(padded_length(one) <= padded_length(next_) for one, next_ in pairwise(range(5000)))


def test_only_the_bucket_shows():
    frame = HEADER_BYTES + NONCE_BYTES + TAG_BYTES
    overhead = len('{"name":""}')
    for bucket, below in ((64, 0), (128, 64), (256, 128), (512, 256), (1024, 512), (2048, 1024)):
        for length in (below + 1, bucket):
            blob = sealed({"name": "x" * (length - overhead)}) if length > overhead else sealed({})
            assert len(blob) == frame + bucket
            assert len(IDENTITY.unseal(KEY, ROW, blob).get("name", "")) == max(0, length - overhead)


def test_values_that_end_in_spaces_keep_them():
    assert IDENTITY.unseal(KEY, ROW, sealed({"name": "Ann   "})) == {"name": "Ann   "}


def test_many_rows():
    keys = {"a": KEY, "b": OTHER_KEY}
    rows = [("a", "1", {"n": 1}), ("b", "2", {"n": 2}), ("a", "3", {"n": 3})]
    blobs = IDENTITY.seal_rows(keys, iter(rows), schema=9)
    given_back = [(customer, row, blob) for (customer, row, _), blob in zip(rows, blobs, strict=True)]
    assert IDENTITY.unseal_rows(keys, given_back) == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert IDENTITY.unseal_rows({"a": KEY}, given_back) == [{"n": 1}, None, {"n": 3}]
    assert IDENTITY.unseal_rows(keys, [("a", "1", None)]) == [None]
    with pytest.raises(Unavailable, match="does not open"):
        IDENTITY.unseal_rows(keys, [("a", "1", blobs[2])])
    with pytest.raises(Unavailable) as caught:
        IDENTITY.seal_rows({"a": KEY}, rows, schema=9)
    assert caught.value.code == "key_missing"


def test_no_nonce_comes_twice():
    def nonce(blob):
        return blob[HEADER_BYTES : HEADER_BYTES + NONCE_BYTES]

    many = IDENTITY.seal_rows({"a": KEY}, [("a", ROW, {})] * 100_000, schema=1)
    single = [sealed({}) for _ in range(1000)]
    notes = [seal_note(KEY, "log/1", "")[1 : 1 + NONCE_BYTES] for _ in range(1000)]
    assert len({*map(nonce, many), *map(nonce, single), *notes}) == 102_000


FORKED = """
import os
from cdp.vault.seal import Sealer, seal_note
sealer, key = Sealer("customer", "identity"), bytes(32)

def nonces():
    yield from (blob[7:19] for blob in sealer.seal_rows({"a": key}, [("a", "1", {})] * 500, schema=1))
    yield from (sealer.seal(key, "1", {}, schema=1)[7:19] for _ in range(500))
    yield from (seal_note(key, "log/1", "")[1:13] for _ in range(500))

list(nonces())  # whatever state there is, is there before the fork
if os.fork():
    os.wait()
print("".join(nonce.hex() + "\\n" for nonce in nonces()), flush=True)
"""


def test_no_nonce_comes_twice_across_a_fork():
    done = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, check=True)
    nonces = done.stdout.split()
    assert len(nonces) == 3000 == len(set(nonces))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300), st.text("abc|/1", max_size=10))
def test_notes(text, context):
    assert unseal_note(KEY, context, seal_note(KEY, context, text)) == text


def test_a_note_opens_only_where_it_was_sealed():
    blob = seal_note(KEY, "log/1", "asked for by her lawyer")
    assert len(blob) == 1 + NONCE_BYTES + 64 + TAG_BYTES
    changed = [bytes((*blob[:at], blob[at] ^ 1, *blob[at + 1 :])) for at in range(len(blob))]
    tries = [(KEY, "log/1", each) for each in (*changed, *(blob[:at] for at in range(len(blob))), blob + b"\0")]
    tries += [(KEY, "log/2", blob), (KEY, "", blob), (OTHER_KEY, "log/1", blob), (KEY, "log/1", sealed())]
    for key, context, each in tries:
        with pytest.raises(Unavailable) as caught:
            unseal_note(key, context, each)
        assert caught.value.code == "note_damaged"


def test_a_note_that_is_no_text_is_damage():
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(12)
    blob = bytes((FORMAT,)) + nonce + AESGCM(KEY).encrypt(nonce, b"[1]", b"cdp/note/1|x")
    with pytest.raises(Unavailable):
        unseal_note(KEY, "x", blob)
