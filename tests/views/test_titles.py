"""Titles of the two files: what people read in place of names, and what is said of those that are missing."""

import pytest

from cdp.errors import Several
from tests import samples
from views.anonymize.release import release_digest
from views.check import check_catalogue, check_policy
from views.titles import Titles, as_words


def catalogue(**fields: str):
    text = "entities:\n  customer:\n    title: {en: Person}\n    fields:\n"
    rows = "".join(f"      {name}: {{type: text, sensitivity: personal{said}}}\n" for name, said in fields.items())
    return samples.catalogue(text + rows)


def policy(labels: str = "{}", title: str = ""):
    return samples.policy(
        f"""
roles: [desk]
labels: {labels}
purposes: {{why: {{legal_basis: contract, subject_to: []{title}}}}}
views: {{share: {{kind: selective, purpose: why, roles: [desk], fields: [town], recipient: acme}}}}
"""
    )


BOTH = ", title: {en: Town, zh-Hans: 城市}"


@pytest.mark.parametrize(
    ("said", "language", "expected"),
    [
        (BOTH, "en", "Town"),
        (BOTH, "zh-Hans", "城市"),
        (", title: {en: Town}", "zh-Hans", "Town"),
        (", title: {zh-Hans: 城市}", "en", "Home town"),
        ("", "en", "Home town"),
    ],
)
def test_a_title_is_read_in_place_of_a_name(said: str, language: str, expected: str) -> None:
    titles = Titles(catalogue(home_town=said), policy(), language)
    assert titles.field("customer", "home_town") == expected
    assert titles.of(titles.catalogue.entities["customer"].fields["home_town"]) == expected


def test_roles_and_recipients_have_theirs_under_labels() -> None:
    labels = "{roles: {desk: {title: {en: Care}}}, recipients: {acme: {title: {en: Acme Ltd}}}}"
    titles = Titles(catalogue(town=""), policy(labels), "en")
    assert (titles.role("desk"), titles.recipient("acme"), titles.entity("customer")) == ("Care", "Acme Ltd", "Person")


def test_names_of_policies_long_past_are_words() -> None:
    titles = Titles(catalogue(town=""), policy(), "en", {"direct_marketing": "Advertising"})
    past = (titles.view("old_view"), titles.purpose("old_why"), titles.role("old_role"), titles.recipient("old_firm"))
    assert past == ("Old view", "Old why", "Old role", "Old firm")
    assert titles.field_of_view("old_view", "old_field") == titles.field("gone", "old_field") == "Old field"
    assert (titles.opt_out("direct_marketing"), titles.opt_out("birthday_card")) == ("Advertising", "Birthday card")
    assert as_words("") == ""


def test_a_catalogues_own_words_for_an_opt_out_count() -> None:
    text = "labels: {opt_outs: {direct_marketing: {title: {en: Our letters}}}}\n" + samples.CATALOGUE_TEXT
    titles = Titles(samples.catalogue(text), policy(), "en", {"direct_marketing": "Advertising"})
    assert titles.opt_out("direct_marketing") == "Our letters"


def test_what_lacks_a_title_is_found_only_where_others_have_one() -> None:
    assert check_catalogue(samples.catalogue()) == []
    found = check_catalogue(catalogue(town=BOTH, name=", title: {en: Name}"))
    assert [(each.code, each.path, each.message) for each in found] == [
        ("no_title", "entities.customer", "`customer` has no title in zh-Hans, and others have"),
        ("no_title", "entities.customer.fields.name", "`name` has no title in zh-Hans, and others have"),
    ]
    paths = [each.path for each in check_policy(catalogue(town=""), policy(title=", title: {en: Why}"))]
    assert paths == ["views.share", "labels.roles.desk", "labels.recipients.acme"]


@pytest.mark.parametrize(
    "labels", ["{roles: {dsk: {}}}", "{recipients: {acne: {}}}", "{roles: {desk: {title: {fr: Caisse}}}}"]
)
def test_labels_name_what_there_is_in_languages_of_pages(labels: str) -> None:
    with pytest.raises(Several):
        policy(labels)


@pytest.mark.parametrize("title", ["{en: ''}", '{en: "a\\nb"}', f"{{en: {'x' * 121}}}"])
def test_a_title_is_one_short_line(title: str) -> None:
    with pytest.raises(Several):
        catalogue(town=f", title: {title}")


def test_what_things_are_called_decides_nothing() -> None:
    titled = samples.CATALOGUE_TEXT.replace("{type: date,", "{title: {en: Born}, type: date,")
    one, other = samples.catalogue(), samples.catalogue(titled)
    assert one.digest != other.digest
    view = samples.policy().views["insight"]
    assert release_digest(one, samples.policy(), view) == release_digest(other, samples.policy(), view)
