"""Receipts, without a store: their encoding, what a record says, and that pyld reads all of it."""

import json

import pytest
from hypothesis import given, strategies as st
from pyld import jsonld

from cdp.catalogue.categories import SENSITIVITY_OF
from cdp.errors import BadInput
from consent.choices import Choices
from consent.events import Event, Evidence, Source, State
from consent.receipts.encoding import decode, encode
from consent.receipts.receipt import Proof, format_receipt, parse_receipt
from consent.receipts.record import Circumstances, Use, build_record
from consent.receipts.vocabulary import data_term
from tests import samples

CHOICES = Choices.of(samples.catalogue())
MARKETING, DISCLOSURE = "direct_marketing", "third_party_disclosure"
DAYS = [f"2026-01-0{day}T00:00:00.000000+00:00" for day in range(1, 5)]
USE = Use(
    "newsletter", "consent", frozenset({MARKETING}), ("user.contact.email", "user.name"), ("acme",), ("P6M",)
)  # fmt: skip
ABOUT = Circumstances("https://data.example.org", "gdpr/1", "DE", [USE], {"catalogue": "c0", "policy": "p0"})
SHOWN = Evidence(statement="terms/3", locale="de-DE", text_digest="ab" * 32, request_id="r-1", word="c2VhbGVk")


def event(state: State, day: int, source: Source = Source.PORTAL, choice: str = MARKETING) -> Event:
    return Event("her", choice, state, source, DAYS[day], DAYS[day], SHOWN, "DE", event_id=f"act-{day}")


HISTORY = [
    event(State.REFUSED, 0, Source.REGIME), event(State.ALLOWED, 1), event(State.REFUSED, 2),
    event(State.REFUSED, 3, Source.SIGNAL, DISCLOSURE),
]  # fmt: skip


def record(act: Event | None = None) -> dict:
    return build_record(
        HISTORY,
        CHOICES,
        ABOUT,
        record_id="6b1e2f0a-0000-4000-8000-000000000000",
        customer_id="her",
        at=DAYS[3],
        act=act,
    )


def fetch(url: str, _options: object) -> None:
    raise AssertionError(f"{url} was fetched")


def keys_of(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value) | set().union(*map(keys_of, value.values()))
    return set().union(*map(keys_of, value)) if isinstance(value, list) else set()


def leaves(value: object) -> int:
    if isinstance(value, dict):
        return sum(leaves(each) for key, each in value.items() if key != "@context")
    return sum(map(leaves, value)) if isinstance(value, list) else 1


@pytest.mark.parametrize("act", [None, HISTORY[2]])
def test_pyld_expands_all_of_it_to_absolute_names_and_fetches_nothing(act: Event | None):
    whole = json.loads(format_receipt(record(act), Proof(7, b"entry", b"proof", "key"), lambda _: bytes(64)))
    expanded = jsonld.expand(whole, {"documentLoader": fetch})
    names = {key for key in keys_of(expanded) if not key.startswith("@")}
    assert names
    assert all(name.startswith(("https://", "http://", "urn:")) for name in names)
    assert leaves(jsonld.compact(expanded, whole["@context"], {"documentLoader": fetch})) == leaves(whole)
    quads = jsonld.to_rdf(whole, {"documentLoader": fetch})["@default"]
    assert all(quad[part]["type"] == "IRI" for quad in quads for part in ("predicate",))


def test_a_record_says_what_iso_27560_asks_for():
    said = record()
    assert {"identifier", "conformsTo", "created", "dataSubject", "controller", "jurisdiction"} <= said.keys()
    assert [each["optOut"] for each in said["process"]] == list(CHOICES.names)
    marketing = said["process"][0]
    assert [each["identifier"] for each in marketing["notice"]] == ["terms/3"]
    assert (marketing["language"], marketing["recipient"]) == (["de-DE"], ["acme"])
    assert [each["type"].rpartition("#")[2] for each in marketing["personalData"]] == ["EmailAddress", "Name"]
    assert [each.get("duration") for each in marketing["storage"]] == [None, "P6M"]
    assert marketing["withdrawal"]["page"] == "https://data.example.org/portal"
    states = [each["status"].rpartition("#")[2] for each in said["event"]]
    assert states == ["ConsentRefused", "ConsentGiven", "ConsentWithdrawn", "ConsentRefused"]
    assert [each["status"].rpartition("#")[2] for each in said["process"]] == [
        "ConsentRefused", "ConsentRefused", "ConsentUnknown", "ConsentUnknown",
    ]  # fmt: skip


def test_a_receipt_of_one_act_holds_that_act_and_what_it_withholds():
    said = record(HISTORY[3])
    assert [each["identifier"] for each in said["event"]] == ["act-3"]
    assert [each["optOut"] for each in said["process"]] == [DISCLOSURE]


def test_her_word_is_in_no_receipt():
    assert SHOWN.word.encode() not in encode(record())


@pytest.mark.parametrize("category", sorted(SENSITIVITY_OF))
def test_every_category_has_a_word_of_dpv(category: str):
    assert data_term(category).startswith("https://w3id.org/dpv")


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcXYZ@_", max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text("abcXYZ@_", max_size=5), plain, max_size=4))
def test_what_is_encoded_is_decoded_and_any_other_spelling_is_refused(value):
    data = encode(value)
    assert decode(data) == value
    # By the standard library, which knows nothing of it: sorted, compact, nothing escaped that need not be.
    assert json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() == data
    for other in (b" " + data, data + b" ", json.dumps(value, indent=1).encode()):
        if other != data:
            with pytest.raises(BadInput):
                decode(other)


@pytest.mark.parametrize("data", [b"", b"[]\n", b"{}\n", b'{"a":1.5}\n', b'{"a":1,"a":1}\n', b"\xff\n", b"[" * 10_000])
def test_what_is_no_receipt_is_refused(data: bytes):
    with pytest.raises(BadInput) as caught:
        parse_receipt(data)
    assert caught.value.code == "receipt_invalid"
