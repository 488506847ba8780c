import hashlib
from concurrent.futures import ThreadPoolExecutor

from cdp.vault.blind import TOKEN_BYTES, BlindIndex

KEY = bytes(range(32))
INDEX = BlindIndex(KEY)


def test_the_token_is_as_documented():
    text = b"\x08customer\x05emailann@example.org"
    expected = hashlib.blake2b(text, digest_size=16, key=KEY, person=b"cdp/identifier/1").digest()
    assert INDEX.token("customer", "email", " ANN@example.org") == expected
    assert len(expected) == TOKEN_BYTES
    word = hashlib.blake2b(b"\x08customer\x04nameann", digest_size=16, key=KEY, person=b"cdp/word/1").digest()
    assert INDEX.words("customer", "name", "Ann") == {word} == INDEX.query_words("customer", "name", "ann")


def test_equal_identifiers_have_equal_tokens_and_no_others():
    tokens = {
        index.token(entity, kind, text)
        for index in (INDEX, BlindIndex(bytes(32)))
        for entity in ("customer", "contact", "customere")
        for kind in ("email", "account", "mail")
        for text in ("ann@example.org", "bob@example.org", "mailann@example.org")
    }
    assert len(tokens) == 2 * 3 * 3 * 3
    assert INDEX.token("customer", "email", "Ann@Example.org") == INDEX.token("customer", "email", "ann@example.org")


def test_words_and_identifiers_have_nothing_in_common():
    assert INDEX.token("customer", "name", "ann") not in INDEX.words("customer", "name", "ann")
    assert not INDEX.words("customer", "name", "ann") & INDEX.words("customer", "nickname", "ann")
    assert not INDEX.words("customer", "name", "ann") & INDEX.words("contact", "name", "ann")


def test_a_blank_has_no_token():
    assert INDEX.token("customer", "email", " ") is None
    assert INDEX.token("customer", "phone", "unknown") is None
    assert INDEX.words("customer", "name", " - ") == frozenset() == INDEX.query_words("customer", "name", "")


def test_words_are_found():
    stored = INDEX.words("customer", "name", "王小明 Ann O'Brien")
    for query in ("王", "小明", "王小明", "ann", "ÁNN", "obrien", "brien 王小"):
        assert INDEX.query_words("customer", "name", query) <= stored, query
    assert not INDEX.query_words("customer", "name", "小王") <= stored


def test_contexts_are_never_changed_by_use():
    first = INDEX.token("customer", "email", "ann@example.org")
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda _: INDEX.token("customer", "email", "ann@example.org"), range(2000)))
    assert set(tokens) == {first}
