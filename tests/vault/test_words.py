import pytest
from hypothesis import given, strategies as st

from cdp.vault.words import QUERY_WORDS, STORED_WORDS, query_words, stored_words


def is_found(query, text):
    asked = set(query_words(query))
    return bool(asked) and asked <= set(stored_words(text))


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("ann", "Ann Example"),
        ("EXAMPLE ann", "Ann  Example"),
        ("smith", "Ann Smith-Jones"),
        ("jones", "Ann Smith-Jones"),
        ("jose", "José García"),
        ("José", "Jose Garcia"),
        ("jose", "Jose\u0301"),
        ("o'brien", "Pat O’Brien"),
        ("obrien", "Pat O'Brien"),
        ("brien", "Pat O'Brien"),
        ("O'Brien", "Pat OBrien"),
        ("o brien", "Pat O'Brien"),
        ("strasse", "Lange Straße 5"),
        ("5", "Lange Straße 5"),
        ("王", "王小明"),
        ("小明", "王小明"),
        ("王小明", "王小明"),
        ("王小明", "王 小明"),
        ("王 小明", "王小明"),
        ("小明 王", "王小明"),
        ("明", "王小明"),
        ("王小明", "王·小明"),
        ("王小明 wang", "Wang Xiaoming (王小明)"),
        ("ｗａｎｇ", "Wang"),
        ("たなか", "たなか はなこ"),
        ("タナカ", "ﾀﾅｶ"),
        ("철수", "김철수"),
        ("김", "김철수"),
        ("สมชาย", "นายสมชาย ใจดี"),
        ("हिन्दी", "हिन्दी भाषा"),
        ("محمد", "محمد علي"),
        ("ИВАНОВ", "Иванов Фёдор"),
        ("федор", "Иванов Фёдор"),
        ("𠮷野", "𠮷野家"),
        ("soft", "so\u00adft"),
    ],
)
def test_found(query, text):
    assert is_found(query, text)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("an", "Ann Example"),
        ("ann bob", "Ann Example"),
        ("王明", "王小明"),
        ("明小", "王小明"),
        ("李", "王小明"),
        ("", "Ann"),
        (" -- ", "Ann"),
        ("’", "Ann's"),
        ("ann", ""),
        ("हिन", "हिन्दी"),
    ],
)
def test_not_found(query, text):
    assert not is_found(query, text)


texts = st.text(st.characters(), max_size=60) | st.text("aBé'’ -王小明カ\u3099김 ส\u0e33ﬁİß\u0301\u200d1", max_size=40)


@given(texts)
def test_a_text_finds_itself(text):
    assert "".join(stored_words(text)).encode() is not None, "a broken character cannot be hashed"
    assert set(query_words(text)) <= set(stored_words(text))


@given(texts, texts)
def test_each_word_of_a_text_finds_it(one, other):
    assert set(query_words(one)) <= set(stored_words(f"{one} {other}"))
    assert set(query_words(other)) <= set(stored_words(f"{one} {other}"))


@given(st.text("王小明李雷韩梅カﾅ김철수", min_size=1, max_size=12), st.data())
def test_each_piece_without_spaces_finds_the_text(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assert is_found(text[start:end], text)


def test_bounds():
    long = " ".join(f"word{number}" for number in range(5000))
    assert len(stored_words(long)) == STORED_WORDS
    assert len(query_words(long)) == QUERY_WORDS
    assert set(query_words(long)) <= set(stored_words(long))
    for text in ("王小明" * 100_000, "\ufdfa" * 100_000, "'" * 100_000, "a" * 1_000_000):
        assert len(stored_words(text)) <= STORED_WORDS
        assert set(query_words(text)) <= set(stored_words(text))
