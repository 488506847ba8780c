"""Texts and values that are hard on shapes: every code point, half surrogates, marks, joiners, signs, own outputs."""

from hypothesis import strategies as st

_PIECES = [
    "a", "Z", "7", "word", "org", "xn--p1ai", ".", "@", "*", "***", "****", "=", "+", "-", "'", "\t", " ", "\n", "\0",
    "é", "e\u0301", "\u0301", "\u0300\u0323\u0345", "\u0958", "\U0001d160", "\u212a", "ß", "ı", "İ", "ﬁ", "½",
    "王", "明", "ᄒ", "ᅡ", "ᆫ", "한", "क", "ि", "ש", "\u200f", "\u202e", "\ufeff", "\u200b", "\u200c", "\u3000", "\u2028",
    "👩", "\u200d", "\U0001f3fd", "❤\ufe0f", "🇩", "🇪", "1\ufe0f\u20e3", "٣", "७", "２", "＝", "\ud800", "\udfff",
]  # fmt: skip

any_text = st.one_of(
    st.text(st.characters(exclude_categories=())),
    st.lists(st.sampled_from(_PIECES), max_size=24).map("".join),
)

canonical_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)

integers = st.integers(-(2**63), 2**63 - 1)

dates = st.dates().map(lambda day: day.isoformat())

datetimes = st.datetimes().map(lambda moment: f"{moment.isoformat()}+00:00")


def _decimal(digits: int, scale: int) -> str:
    whole, fraction = divmod(abs(digits), 10**scale)
    sign = "-" if digits < 0 else ""
    return f"{sign}{whole}.{fraction:0{scale}d}" if scale else f"{sign}{whole}"


decimals = st.builds(_decimal, st.integers(-(10**15) + 1, 10**15 - 1), st.integers(0, 14))

json_values = st.recursive(
    st.none()
    | st.booleans()
    | integers
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(canonical_text, inner, max_size=4),
    max_leaves=12,
)

anything = st.one_of(
    any_text,
    json_values,
    dates,
    datetimes,
    decimals,
    st.integers(),
    st.floats(),
    st.binary(),
    st.decimals(),
    st.sampled_from(
        [
            "1987",
            "0000",
            "1980-1989",
            "1980-1989x",
            "٠١٢٣",
            "²²²²-01-01",
            "-10--1",
            "50000-59999",
            "9*",
            "-0",
            "-0.00",
            "007",
        ]
    ),
)
