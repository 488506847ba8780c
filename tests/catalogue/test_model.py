"""The catalogue: what it implies, what it refuses and where, and that its canonical text stands alone."""

from pathlib import Path

import pytest

from cdp.catalogue.categories import SENSITIVITY_OF
from cdp.catalogue.model import Catalogue, load_catalogue
from cdp.catalogue.places import columns, flag_column, place, segments
from cdp.errors import CdpError, Several
from cdp.terms import OPT_OUTS, Sensitivity, Shape

CATALOGUE = """\
entities:
  customer:
    fields:
      full_name:  {type: text, category: user.name, mask: initials}
      email:      {type: text, category: user.contact.email, mask: email, identifier: email}
      birth_date: {type: date, category: user.demographic.date_of_birth, general: year_band, width: 10}
      income:     {type: integer, category: user.financial, general: band, width: 10000}
      diagnosis:  {type: text, sensitivity: sensitive, general: prefix, keep: 1}
      diary:      {type: text, sensitivity: personal, at_rest: sealed}
      loyalty:    {type: choice, choices: [gold, silver, none], sensitivity: none}
  order:
    belongs_to: customer
    fields: {total: {type: decimal, sensitivity: none}}
  order_line:
    belongs_to: order
    fields: {what: {type: text, sensitivity: personal}}
"""


def load(tmp_path: Path, text: str) -> Catalogue:
    path = tmp_path / "catalogue.yaml"
    path.write_text(text)
    return load_catalogue(path)


def faults(tmp_path: Path, text: str) -> list[CdpError]:
    with pytest.raises(Several) as caught:
        load(tmp_path, text)
    return list(caught.value.faults)


def test_sensitivity_follows_from_the_category(tmp_path: Path) -> None:
    fields = load(tmp_path, CATALOGUE).entities["customer"].fields
    assert [field.sensitivity for field in fields.values()] == [
        "identifying", "identifying", "personal", "personal", "sensitive", "personal", "none",
    ]  # fmt: skip


def test_categories_are_those_of_fideslang() -> None:
    from fideslang.default_taxonomy import DEFAULT_TAXONOMY

    assert set(SENSITIVITY_OF) == {category.fides_key for category in DEFAULT_TAXONOMY.data_category}


def test_places(tmp_path: Path) -> None:
    customer = load(tmp_path, CATALOGUE).entities["customer"]
    assert list(columns(customer)) == [
        "full_name__masked", "email__masked", "birth_date", "birth_date__general",
        "income", "income__general", "loyalty",
    ]  # fmt: skip
    assert segments(customer) == ("identity", "personal", "sensitive")
    general = place(customer.fields["diagnosis"], Shape.GENERAL)
    assert general is not None
    assert (general.key, general.segment) == ("diagnosis__general", "sensitive")
    assert place(customer.fields["loyalty"], Shape.GENERAL) is None
    assert flag_column("sensitive_data") == "refused__sensitive_data"


def test_canonical_text_stands_alone(tmp_path: Path) -> None:
    catalogue = load(tmp_path, CATALOGUE)
    again = Catalogue.model_validate_json(catalogue.body)
    assert again == catalogue
    assert again.body == catalogue.body
    assert again.entities["customer"].fields["email"].name == "email"
    assert again.entities["order"].name == "order"
    assert catalogue.opt_outs == OPT_OUTS
    assert load(tmp_path, CATALOGUE.replace("width: 10}", "width: 5}")) != catalogue


def test_lineage(tmp_path: Path) -> None:
    catalogue = load(tmp_path, CATALOGUE)
    lineage = catalogue.lineage(catalogue.entities["order_line"])
    assert [entity.name for entity in lineage] == ["order_line", "order", "customer"]


def test_table_from_a_file_is_read_in(tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text("Sales;Office;*\nFarming;Field;*\n")
    text = "entities: {customer: {fields: {job: {type: text, sensitivity: personal, general: table, table: jobs.csv}}}}"
    field = load(tmp_path, text).entities["customer"].fields["job"]
    assert field.table == {"Sales": "Office", "Farming": "Field"}


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "hint"),
    [
        ("mask: initials", "maks: initials", "unknown_key", 4, "`mask`"),
        ("user.name", "user.nmae", "unknown_category", 4, "`user.name`"),
        ("sensitivity: sensitive", "sensitivty: sensitive", "untagged_field", 8, "`sensitivity`"),
        ("sensitivity: sensitive, ", "", "untagged_field", 8, "sensitivity is one of"),
        ("sensitivity: sensitive", "sensitivity: secret", "bad_choice", 8, ""),
        ("type: date", "type: dat", "bad_choice", 6, ""),
        ("type: date", "type: 7", "bad_choice", 6, ""),
        ("type: text, category: user.name", "category: user.name", "missing_key", 4, ""),
        ("mask: email", "mask: phone5", "bad_choice", 5, ""),
        ("general: year_band, width: 10", "general: year_band", "bad_general", 6, ""),
        ("general: year_band, width: 10", "general: year_band, width: 0", "bad_general", 6, ""),
        ("general: year_band, width: 10", "general: year, width: 10", "bad_general", 6, ""),
        ("general: year_band, width: 10", "general: prefix, keep: 2", "bad_general", 6, ""),
        ("general: band, width: 10000", "general: band, width: ten", "bad_key", 7, ""),
        ("at_rest: sealed", "at_rest: clear, identifier: 9x", "bad_name", 9, ""),
        ("choices: [gold, silver, none], ", "", "bad_choices", 10, ""),
        ("[gold, silver, none]", "[gold, gold]", "bad_choices", 10, ""),
        ("choices: [gold", "max_length: 9, choices: [gold", "bad_length", 10, ""),
        ("mask: email", "mask: email, max_length: 0", "bad_key", 5, ""),
        ("mask: email", "mask: email, max_length: 100001", "bad_key", 5, ""),
        ("      loyalty:", "      Loyalty:", "bad_name", 10, ""),
        ("      loyalty:", "      select:", "reserved_name", 10, ""),
        ("      loyalty:", "      ordinal:", "reserved_name", 10, ""),
        ("      loyalty:", "      ctid:", "reserved_name", 10, ""),
        ("      loyalty:", "      email__masked:", "reserved_name", 10, ""),
        ("      loyalty:", "      " + "x" * 49 + ":", "bad_name", 10, ""),
        ("  order:\n", "  user:\n", "reserved_name", 11, ""),
        ("sensitive, general: prefix, keep: 1", "sensitive, at_rest: clear", "clear_at_rest", 8, ""),
    ],
)
def test_faults_name_line_and_nearest_name(tmp_path: Path, old: str, new: str, code: str, line: int, hint: str) -> None:
    assert old in CATALOGUE
    found = faults(tmp_path, CATALOGUE.replace(old, new, 1))
    assert (found[0].code, found[0].path.split(" ")[0]) == (code, f"catalogue.yaml:{line}")
    assert hint in found[0].hint


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("entities: {order: {belongs_to: customer, fields: {}}}", "no_customer"),
        ("entities: {customer: {belongs_to: customer}}", "cyclic"),
        ("entities: {customer: {}, a: {belongs_to: b}, b: {belongs_to: a}}", "cyclic"),
        ("entities: {customer: {}, a: {}}", "orphan"),
        ("entities: {customer: {}, a: {belongs_to: nothing}}", "orphan"),
        ("opt_outs: [direct_marketing]\nentities: {customer: {}}", "bad_opt_outs"),
        ("entities: {customer: {fields: {sensitive_data: {type: text, sensitivity: none}}}}", "reserved_name"),
        (
            "entities: {customer: {fields: {a_id: {type: text, sensitivity: none}}}, a: {belongs_to: customer}}",
            "reserved_name",
        ),
        ("entities: []", "bad_key"),
        ("[]", "bad_key"),
        ("entities: {customer: {fields: {a: null}}}", "bad_key"),
        ("entities: {customer: {fields: {a: {type: text, sensitivity: none, required: yes}}}}", "bad_key"),
    ],
)
def test_faults_of_the_whole(tmp_path: Path, text: str, code: str) -> None:
    assert code in {fault.code for fault in faults(tmp_path, text)}


def test_every_fault_is_reported_at_once(tmp_path: Path) -> None:
    text = CATALOGUE.replace("mask: initials", "maks: x").replace("type: date", "type: dat")
    assert len(faults(tmp_path, text)) == 2


def test_tables_of_numbers_and_periods(tmp_path: Path) -> None:
    text = (
        "entities: {customer: {fields: {stage: {type: integer, sensitivity: personal, retention: 3y,"
        " general: table, table: {1: low, 2: 5, 3: true}}}}}"
    )
    field = load(tmp_path, text).entities["customer"].fields["stage"]
    assert field.table == {"1": "low", "2": "5", "3": "true"}
    assert faults(tmp_path, text.replace("3y", "soon"))[0].code == "bad_key"


def test_strictest_default_is_not_a_default() -> None:
    """A field never falls back to some sensitivity."""
    assert all(isinstance(sensitivity, Sensitivity) for sensitivity in SENSITIVITY_OF.values())
    with pytest.raises(ValueError, match="neither"):
        Catalogue.model_validate({"entities": {"customer": {"fields": {"a": {"type": "text"}}}}})
