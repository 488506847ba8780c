"""Suggested tags: by the shape of values and by names; an officer decides."""

import pytest

from cdp.catalogue.categories import SENSITIVITY_OF
from cdp.events import looks
from cdp.events.looks import look_of, suggested


@pytest.mark.parametrize(
    ("value", "look"),
    [
        ("ann@example.org", "email"), ("+44 7700 900123", ""), ("+442079460958", "phone"),
        ("4111 1111 1111 1111", "card"),
        ("4111 1111 1111 1112", ""), ("GB82 WEST 1234 5698 7654 32", "iban"), ("536-90-4399", "id_number"),
        ("192.0.2.1", "ip"), ("2001:db8::1", "ip"), ("1987-03-02", "date_of_birth"), ("1987-13-02", ""),
        ("2999-03-02", ""), (19_870_302, ""), ("gold", ""), (True, ""), (None, ""), ({"a": 1}, ""), ("x" * 9_999, ""),
    ],
)  # fmt: skip
def test_a_value_is_known_by_its_shape(value: object, look: str) -> None:
    assert look_of(value) == look


@pytest.mark.parametrize(
    ("name", "seen", "category"),
    [
        ("workEmail", {}, "user.contact.email"), ("Date of Birth", {}, "user.demographic.date_of_birth"),
        ("colour", {"email": 3}, "user.contact.email"), ("colour", {}, ""), ("religiousBelief", {}, ""),
        ("shipping_address", {}, "user.contact.address"), ("biometric", {}, "user.biometric"),
    ],
)  # fmt: skip
def test_a_name_suggests_a_category(name: str, seen: dict[str, int], category: str) -> None:
    found = suggested(name, seen)
    assert found == (category, str(SENSITIVITY_OF[category]) if category else "")


def test_every_suggestion_is_a_category() -> None:
    assert {*looks._CATEGORY_OF_LOOK.values(), *looks._CATEGORY_OF_WORD.values()} <= SENSITIVITY_OF.keys()
