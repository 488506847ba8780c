"""What a refusal withholds, and that none is ever without effect."""

from itertools import product

import pytest

from cdp.catalogue.model import Catalogue
from cdp.errors import BadInput
from cdp.terms import OPT_OUTS, Channel
from consent.choices import Choice, Choices, parse_choice

NARROWER = {
    "by_email": {"of": "direct_marketing", "channel": "email"},
    "by_post": {"of": "direct_marketing", "channel": "post"},
    "newsletter": {"of": "by_email", "purpose": "newsletter"},
    "surveys": {"of": "direct_marketing"},
    "surveys_email": {"of": "surveys", "channel": "email"},
}


def catalogue(narrower: dict[str, dict[str, str]], *more: str) -> Catalogue:
    data = {"opt_outs": [*OPT_OUTS, *NARROWER, *more], "narrower": narrower, "entities": {"customer": {}}}
    return Catalogue.model_validate(data)


CHOICES = Choices.of(catalogue(NARROWER))


@pytest.mark.parametrize(
    ("choice", "flags"),
    [
        ("direct_marketing", {"direct_marketing", *NARROWER}),
        ("by_email", {"by_email", "newsletter"}),
        ("newsletter", {"newsletter"}),
        ("surveys", {"surveys", "surveys_email"}),
        # A channel that the catalogue knows: what is narrower, by whatever way it lies below.
        ("direct_marketing/email", {"by_email", "newsletter", "surveys_email"}),
        ("direct_marketing/email@newsletter", {"newsletter"}),
        ("surveys/email", {"surveys_email"}),
        # One that it does not know: the whole, but for what is surely another channel.
        ("direct_marketing/sms", {"direct_marketing", "surveys"}),
        ("surveys/sms", {"surveys"}),
        ("direct_marketing@newsletter", {"direct_marketing", *NARROWER}),
        ("by_email@prizes", {"by_email"}),
        ("by_email/sms", {"by_email"}),
        ("sensitive_data/push", {"sensitive_data"}),
        ("gone", set()),
    ],
)
def test_what_a_refusal_withholds(choice: str, flags: set[str]) -> None:
    assert CHOICES.withheld(choice) == flags


def test_no_refusal_of_a_known_opt_out_is_without_effect() -> None:
    names, channels, purposes = CHOICES.names, (None, *Channel), (None, "newsletter", "prizes")
    for name, channel, purpose in product(names, channels, purposes):
        choice = Choice(name, channel, purpose)
        assert parse_choice(choice.format()) == choice
        assert CHOICES.withheld(choice.format())


@pytest.mark.parametrize(
    ("choice", "name"),
    [
        ("direct_marketing/email", "by_email"),
        ("direct_marketing/email@newsletter", "newsletter"),
        ("by_email@newsletter", "newsletter"),
        ("by_email/email", "by_email"),
        ("direct_marketing/sms", "direct_marketing/sms"),
        ("direct_marketing", "direct_marketing"),
        ("gone/email", "gone/email"),
    ],
)
def test_one_choice_has_one_name(choice: str, name: str) -> None:
    assert CHOICES.canonical(choice) == name


@pytest.mark.parametrize(
    "text", ["", "a/b", "a/", "a@", "A", "direct_marketing/email/sms", "a b", "_other", "é", "a@b@c"]
)
def test_what_is_no_choice_is_refused(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_choice(text)
    assert caught.value.code == "bad_choice_name"


@pytest.mark.parametrize(
    "narrower",
    [
        {"direct_marketing": {"of": "newsletter"}},
        {"newsletter": {"of": "newsletter"}},
        {"newsletter": {"of": "by_post"}, "by_post": {"of": "newsletter"}},
        {"nobody": {"of": "direct_marketing"}},
        {"newsletter": {"of": "nobody"}},
        {
            "by_email": {"of": "direct_marketing", "channel": "email"},
            "newsletter": {"of": "by_email", "channel": "sms"},
        },
    ],
)
def test_every_narrower_opt_out_has_one_place(narrower: dict[str, dict[str, str]]) -> None:
    with pytest.raises(ValueError, match="narrower"):
        catalogue(narrower)
