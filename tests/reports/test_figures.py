"""Every figure of a report, computed anew by plain SQL and by reading the log entry by entry."""

import json
from collections import Counter
from typing import Any

import pytest

from cdp.bootstrap import Platform
from cdp.services.reports.figures import guarded
from cdp.services.reports.manifest import REPORT
from cdp.services.reports.pack import Files


@pytest.fixture
def found(issued: Files) -> dict[str, list[dict[str, Any]]]:
    """By section and table its rows."""
    said = json.loads(issued[REPORT])
    return {
        f"{section['name']}.{table['name']}": [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
        for section in said["sections"]
        for table in section["tables"]
    }


def sql(platform: Platform, text: str) -> list[tuple[Any, ...]]:
    with platform._database.reading() as conn:
        return [tuple(row) for row in conn.exec_driver_sql(text)]


def log_before(platform: Platform) -> list[dict[str, Any]]:
    """What the log said when the figures were counted: up to the entry of that reading."""
    entries = [json.loads(bytes(row[0])) for row in sql(platform, "SELECT entry FROM cdp_log_entry ORDER BY number")]
    end = next(index for index, each in enumerate(entries) if each["act"] == "report")
    return entries[:end]


def test_counts_of_customers_are_rounded_down_and_small_ones_are_not_there() -> None:
    assert [guarded(count) for count in (0, 1, 9, 10, 19, 20, 127)] == [None, None, None, 10, 10, 20, 120]


def test_the_model_and_its_tags(busy: Platform, found: dict[str, list[dict[str, Any]]]) -> None:
    fields = [each for entity in busy.in_force().catalogue.entities.values() for each in entity.fields.values()]
    tags = Counter(str(each.sensitivity) for each in fields)
    assert {row["tag"]: row["fields"] for row in found["model.tags"]} == dict(tags)
    for row in found["model.entities"]:
        ((rows,),) = sql(busy, f'SELECT count(*) FROM "{row["entity"]}"')
        assert row["rows"] == rows
    assert len(found["model.fields"]) == len(fields) == 11


def test_how_fields_are_filled(busy: Platform, found: dict[str, list[dict[str, Any]]]) -> None:
    fill = {(row["entity"], row["field"]): row for row in found["profile.fill"]}
    for (entity, field), column in {
        ("customer", "full_name"): "full_name__masked", ("customer", "email"): "email__masked",
        ("customer", "birth_date"): "birth_date", ("customer", "loyalty"): "loyalty", ("order", "total"): "total",
    }.items():  # fmt: skip
        ((filled, rows),) = sql(
            busy, f'SELECT sum(CASE WHEN "{column}" IS NULL THEN 0 ELSE 1 END), count(*) FROM "{entity}"'
        )
        row = fill[entity, field]
        assert (row["filled"], row["share"]) == (filled // 10 * 10, 100 * (filled // 10 * 10) // (rows // 10 * 10))
    assert (fill["customer", "full_name"]["filled"], fill["customer", "loyalty"]["filled"]) == (30, 20)
    assert (fill["customer", "religion"]["counted_by"], fill["customer", "religion"]["filled"]) == (None, None)
    sensitive = next(row for row in found["profile.fill_by_tag"] if row["tag"] == "sensitive")
    assert (sensitive["fields_counted"], sensitive["filled"]) == (0, None)


def test_how_old_rows_are(busy: Platform, found: dict[str, list[dict[str, Any]]]) -> None:
    for entity in ("customer", "order"):
        rows = {row["age"]: row["customers_rows"] for row in found["profile.age"] if row["entity"] == entity}
        ((known,),) = sql(busy, f'SELECT count(cdp__collected) FROM "{entity}"')
        assert rows["under_1_year"] == known // 10 * 10
        assert [age for age, count in rows.items() if count] == ["under_1_year"]


def test_views_stand_in_the_order_of_what_they_show(found: dict[str, list[dict[str, Any]]]) -> None:
    ranks = {row["view"]: row["priority"] for row in found["views.views"]}
    assert ranks["privacy_office"] == ranks["my_data"] == 1
    assert ranks["newsletter"] < ranks["care_desk"] < ranks["insight"]
    shown = {(row["view"], row["field"]): row["shape"] for row in found["views.columns"]}
    assert (shown["care_desk", "email"], shown["care_desk", "religion"], shown["newsletter", "email"]) == (
        "masked", "hidden", "clear",
    )  # fmt: skip
    desk = next(row for row in found["views.privileges"] if row["view"] == "care_desk")
    shapes = Counter(shape for (view, _), shape in shown.items() if view == "care_desk")
    assert (desk["in_full"], desk["withheld"], desk["columns"]) == (
        shapes["clear"], shapes["hidden"], shapes.total(),
    )  # fmt: skip


def test_who_reaches_data(found: dict[str, list[dict[str, Any]]]) -> None:
    reach = {(row["view"], row["reader_kind"], row["reader"]) for row in found["reach.reach"]}
    assert {("newsletter", "app", "mailer"), ("privacy_office", "staff", "iris"), ("my_data", "herself", None)} <= reach
    assert ("acme_share", "nobody_yet", None) in reach, "the app that was revoked reaches nothing"
    assert {row["app"]: row["state"] for row in found["reach.apps"]} == {"mailer": "in_use", "partner": "over"}
    counts = {row["view"]: row["readers"] for row in found["reach.reach_counts"]}
    assert (counts["newsletter"], counts["acme_share"], counts["privacy_office"]) == (1, 0, 1)


def test_accesses_granted_and_refused(busy: Platform, found: dict[str, list[dict[str, Any]]]) -> None:
    entries = [each for each in log_before(busy) if not each.get("chunk")]
    kinds = Counter(each["what"] for each in entries)
    for column, what in (("granted", "disclosure"), ("changes", "change"), ("refused", "refusal")):
        assert sum(row[column] for row in found["accesses.by_month"]) == kinds[what] > 0
        assert sum(row[column] for row in found["accesses.by_reader"]) == kinds[what]
    desk = next(row for row in found["accesses.by_view"] if row["view"] == "care_desk")
    assert (desk["granted"], desk["rows"]) == (2, 78)
    assert sum(row["refused"] for row in found["accesses.refusals"]) == kinds["refusal"]
    assert found["accesses.log_kept"][0]["entries"] == len(log_before(busy))


def test_what_customers_refused(busy: Platform, found: dict[str, list[dict[str, Any]]]) -> None:
    standing = {row["opt_out"]: row["customers"] for row in found["opt_outs.standing"]}
    for name, shown in standing.items():
        ((count,),) = sql(busy, f"SELECT sum(CASE WHEN refused__{name} THEN 1 ELSE 0 END) FROM customer")
        assert shown == (count // 10 * 10 or None)
    assert (standing["direct_marketing"], standing["third_party_disclosure"]) == (10, None)
    assert [(row["choice"], row["choice_state"], row["customers"]) for row in found["opt_outs.choices"]] == [
        ("direct_marketing", "refused", 10)
    ]


def test_requests_and_their_clocks(busy: Platform, found: dict[str, list[dict[str, Any]]]) -> None:
    states = sql(busy, "SELECT kind, state, count(*) FROM cdp_request GROUP BY kind, state ORDER BY kind, state")
    assert [tuple(row.values()) for row in found["requests.request_states"]] == states
    assert ("access", "received", 2) in states
    clock = next(row for row in found["requests.clocks"] if row["request_kind"] == "access")
    assert (clock["open"], clock["late"], clock["in_time"], clock["answered_late"], clock["median_days"]) == (
        2, 0, 1, 0, 0,
    )  # fmt: skip
    ((due,),) = sql(busy, "SELECT min(due_at) FROM cdp_request WHERE kind = 'access' AND state = 'received'")
    assert clock["next_due"] == due


def test_disclosures(busy: Platform, found: dict[str, list[dict[str, Any]]]) -> None:
    to_acme = [each for each in log_before(busy) if each.get("recipient") == "acme" and each["what"] == "disclosure"]
    (row,) = found["disclosures.disclosed"]
    assert (row["recipient"], row["view"], row["granted"], row["rows"], row["last"]) == (
        "acme", "acme_share", len(to_acme), sum(each["rows"] for each in to_acme), to_acme[-1]["at"],
    )  # fmt: skip
    assert {row["view"] for row in found["disclosures.may_leave"]} == {"acme_share", "acme_orders"}


def test_the_record_of_processing(busy: Platform, found: dict[str, list[dict[str, Any]]]) -> None:
    record = {row["purpose"]: row for row in found["record.processing"]}
    assert set(record) == set(busy.in_force().policy.purposes)
    assert (record["disclosure"]["recipients"], record["disclosure"]["special"]) == (["acme"], False)
    assert record["privacy_administration"]["special"] is True
    assert record["direct_marketing"]["data"] == ["customer.email", "customer.full_name"]
    categories = {row["category"]: row for row in found["record.categories"]}
    assert "direct_marketing" in categories["user.contact.email"]["purposes"]
    assert categories["user.financial"]["recipients"] == ["acme"]
    assert [name for name, row in categories.items() if row["special"]] == ["user.demographic.religious_belief"]
    declared = sql(busy, "SELECT p.provenance, p.source FROM cdp_provenance p ORDER BY 1")
    assert [(row["set"], row["origin"]) for row in found["record.declared"]] == declared
    assert {row["measure"]: row["measured"] for row in found["record.measures"]}["sealed_fields"] == "4/11"
