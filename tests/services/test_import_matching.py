"""Whom a row is about: by identifier or id, never a merge; and to whom a row belongs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from cdp.bootstrap import Platform
from cdp.store.platform import IDENTIFIER
from tests.services.importing import bring, counts, ids, people, person, reasons, sizes, store, write

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with store(tmp_path / "home", database_url, keys_url) as opened:
        yield opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rows.csv"


def id_of(platform: Platform, age: int) -> str:
    """The id of the customer of this age."""
    with platform._database.reading() as conn:
        return str(conn.exec_driver_sql(f"SELECT customer_id FROM customer WHERE age = {age}").scalar_one())


def test_the_same_people_twice_are_the_same_people(platform: Platform, path: Path) -> None:
    text = "name,email,age\nAnn,ann@example.org,1\nBob,bob@example.org,2\n"
    assert counts(bring(platform, write(path, text))) == (2, 0, 0, 0)
    before, rows = people(platform), sizes(platform)
    result = bring(platform, path)
    assert (result.already, counts(result)) == (True, (2, 0, 0, 0))
    result = bring(platform, path, again=True)
    assert (result.already, counts(result)) == (False, (0, 0, 2, 0))
    # Another file with the same in other spellings: the identifier is the same, the value is not.
    assert counts(bring(platform, write(path, text.replace("ann@ex", "ANN@EX")))) == (0, 1, 1, 0)
    assert [row | {"email": row["email"].lower()} for row in people(platform)] == before
    assert sizes(platform) == rows


def test_what_is_not_given_stays(platform: Platform, path: Path) -> None:
    bring(platform, write(path, "name,email,age,religion\nAnn,ann@example.org,1,none\n"))
    assert counts(bring(platform, write(path, "email,name,nickname,religion\nann@example.org,,Annie,\n"))) == (
        0,
        1,
        0,
        0,
    )
    (found,) = people(platform)
    assert (found["name"], found["age"], found["nickname"], found["religion"]) == ("Ann", 1, "Annie", "none")


def test_identifiers_of_two_customers_are_no_merge(platform: Platform, path: Path) -> None:
    bring(platform, write(path, "email,phone,age\nann@example.org,+447700900001,1\nbob@example.org,+447700900002,2\n"))
    before = people(platform)
    ann = id_of(platform, 1)
    rows = ["customer_id,email,phone,age", ",ann@example.org,+447700900002,7", f"{ann},bob@example.org,,7"]
    rows += [f"{ann},,+447700900002,7"]
    result = bring(platform, write(path, "\n".join(rows)))
    assert counts(result) == (0, 0, 0, 3)
    assert reasons(result) == [(line, "identifiers_conflict", "") for line in (2, 3, 4)]
    assert people(platform) == before


def test_customer_id_names_one_who_exists(platform: Platform, path: Path) -> None:
    bring(platform, write(path, "email,age\nann@example.org,1\n"))
    ann = id_of(platform, 1)
    rows = ["customer_id,email,age", f"{ann},anna@example.org,2", f"{NOBODY},x@example.org,3", "x,y@example.org,4"]
    rows += [f"{ann},,", f"{'é' * 36},z@example.org,5"]
    result = bring(platform, write(path, "\n".join(rows)))
    assert counts(result) == (0, 1, 1, 3)
    assert reasons(result) == [(line, "unknown_customer", "customer_id") for line in (3, 4, 6)]
    assert [(row["email"], row["age"]) for row in people(platform)] == [("anna@example.org", 2)]


def test_an_identifier_that_was_given_up_is_free(platform: Platform, path: Path) -> None:
    bring(platform, write(path, "email,phone,age\nann@example.org,+447700900001,1\nbob@example.org,+447700900002,2\n"))
    rows = [
        "phone,email,age",
        "+447700900001,anna@example.org,1",
        "+447700900002,ann@example.org,2",
        ",bob@example.org,3",
        ",anna@example.org,4",
    ]
    assert counts(bring(platform, write(path, "\n".join(rows)))) == (1, 3, 0, 0)
    found = [(row["email"], row.get("phone"), row["age"]) for row in people(platform)]
    assert sorted(found, key=str) == [
        ("ann@example.org", "+447700900002", 2),
        ("anna@example.org", "+447700900001", 4),
        ("bob@example.org", None, 3),
    ]
    assert sizes(platform)["cdp_identifier"] == 5


def test_the_same_identifier_twice_in_a_file(platform: Platform, path: Path) -> None:
    rows = ["email,phone,age,tier", "ann@example.org,,1,gold", "Ann@Example.org,+447700900001,2,", ",+447700900001,3,"]
    assert counts(bring(platform, write(path, "\n".join(rows)))) == (1, 2, 0, 0)
    (found,) = people(platform)
    assert (found["email"], found["phone"], found["age"], found["tier"]) == (
        "Ann@Example.org",
        "+447700900001",
        3,
        "gold",
    )


def test_a_claimed_identifier_finds_nobody_and_stays_claimed(platform: Platform, path: Path) -> None:
    bring(platform, write(path, "email,phone,age\nann@example.org,+447700900001,1\n"))
    claim = update(IDENTIFIER).where(IDENTIFIER.c.kind == "email").values(verified=False)
    with platform._database.writing() as conn:
        conn.execute(claim if conn.dialect.name == "postgresql" else claim.values(verified=0))
    assert counts(bring(platform, write(path, "email,age\nann@example.org,2\n"))) == (1, 0, 0, 0)
    assert counts(bring(platform, write(path, "phone,age\n+447700900001,3\n"))) == (0, 1, 0, 0)
    assert sorted(row["age"] for row in people(platform)) == [2, 3]
    assert counts(bring(platform, write(path, "email,age\nann@example.org,4\n"))) == (0, 1, 0, 0)
    assert sorted(row["age"] for row in people(platform)) == [3, 4]


def test_rows_below_find_what_they_belong_to(platform: Platform, path: Path) -> None:
    bring(platform, write(path, "name,email,age\nAnn,ann@example.org,1\nBob,bob@example.org,2\n"))
    ann = id_of(platform, 1)
    rows = ["customer_id,email,customer,number,total,address"]
    rows += [f"{ann},,,n1,1.50,Acacia Road 1", ",ANN@example.org,,n2,2,", ",,email:bob@example.org,n3,3,"]
    rows += [f",,{ann},n4,4,", f"{ann},ann@example.org,email:ann@example.org,n5,5,"]
    rows += [f"{ann},bob@example.org,,n6,6,", ",eve@example.org,,n7,7,", ",,,n8,8,", f"{NOBODY},,,n9,9,"]
    rows += [",,iban:x,n10,1,", ",,nobody,n11,1,", f"{ann},,,,1,"]
    result = bring(platform, write(path, "\n".join(rows)), entity="order")
    assert counts(result) == (5, 0, 0, 7)
    assert reasons(result) == [
        (7, "parent_conflict", ""),
        (8, "unknown_customer", "email"),
        (9, "parent_missing", ""),
        (10, "unknown_customer", "customer_id"),
        (11, "unknown_customer", "customer"),
        (12, "unknown_customer", "customer"),
        (13, "missing_value", "number"),
    ]
    assert [row["number"] for row in person(platform, name="Ann")["order"]] == ["n1", "n2", "n4", "n5"]
    assert person(platform, name="Ann")["order"][0] == {"number": "n1", "total": "1.50", "address": "Acacia Road 1"}
    rows = ["number,customer.email,total", "N1,,7", "n1,bob@example.org,8", "n2,ann@example.org,2"]
    result = bring(platform, write(path, "\n".join(rows)), entity="order")
    assert counts(result) == (0, 1, 1, 1)
    assert reasons(result) == [(3, "parent_conflict", "")]
    assert person(platform, name="Ann")["order"][0]["total"] == "7"


def test_what_is_required_is_judged_by_the_result(platform: Platform, path: Path) -> None:
    bring(platform, write(path, "email\nann@example.org\n"))
    bring(platform, write(path, "email,number\nann@example.org,n1\n"), entity="order")
    rows = ["customer.email,number,code,count", ",n1,a,1", ",n1,b,", ",n1,a,", ",n1,b,2", ",n1,b,"]
    result = bring(platform, write(path, "\n".join(rows)), entity="line")
    assert (counts(result), reasons(result)) == ((2, 0, 2, 1), [(3, "missing_value", "count")])
    assert [line["count"] for line in person(platform)["line"]] == [1, 2]


def test_rows_two_below(platform: Platform, path: Path) -> None:
    bring(platform, write(path, "name,email,age\nAnn,ann@example.org,1\nBob,bob@example.org,2\n"))
    bring(
        platform,
        write(path, "email,number\nann@example.org,n1\nann@example.org,n2\nbob@example.org,n3\n"),
        entity="order",
    )
    (order, *_) = ids(platform, "order")
    rows = ["number,order_id,customer.email,code,count", "n1,,,a,1", "N1,,ann@example.org,b,2", f",{order},,c,3"]
    rows += ["n1,,bob@example.org,d,4", "n9,,,e,5", f",{NOBODY},,f,6", ",,ann@example.org,g,7", "n3,,,a,8", ",,,a,9"]
    result = bring(platform, write(path, "\n".join(rows)), entity="line")
    assert counts(result) == (3, 1, 0, 5)
    assert [reason for _, reason, _ in reasons(result)] == [
        "parent_conflict",
        "unknown_parent",
        "unknown_parent",
        "parent_missing",
        "parent_conflict",
    ]
    lines = [line for row in people(platform) for line in row["line"]]
    assert sorted((line["code"], line["count"]) for line in lines) == [("a", 9), ("b", 2), ("c", 3)]


def test_rows_without_an_identifier_are_new_each_time(platform: Platform, path: Path) -> None:
    bring(platform, write(path, "email\nann@example.org\n"))
    visits = write(path, "email,place\nann@example.org,Oslo\nann@example.org,Oslo\n")
    assert counts(bring(platform, visits, entity="visit")) == (2, 0, 0, 0)
    assert counts(bring(platform, visits, entity="visit", again=True)) == (2, 0, 0, 0)
    assert len(person(platform, email="ann@example.org")["visit"]) == 4


def test_nothing_is_found_of_one_whose_key_is_destroyed(platform: Platform, path: Path) -> None:
    bring(platform, write(path, "email,age\nann@example.org,1\nbob@example.org,2\n"))
    before, gone = people(platform), id_of(platform, 1)
    platform.vault.destroy([gone])
    rows = f"customer_id,email,age\n,ann@example.org,8\n{gone},,8\n{gone},new@example.org,8\n,bob@example.org,2\n"
    result = bring(platform, write(path, rows))
    assert (counts(result), {reason for _, reason, _ in reasons(result)}) == ((0, 0, 1, 3), {"unknown_customer"})
    assert sorted(row["age"] for row in people(platform)) == sorted(row["age"] for row in before)
    result = bring(platform, write(path, f"customer_id,place\n{gone},Oslo\n"), entity="visit")
    assert reasons(result) == [(2, "unknown_customer", "customer_id")]
