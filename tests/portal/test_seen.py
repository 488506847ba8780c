"""What others see of her: each view's own row, read through the door in her name, and nobody else's."""

import pytest

from audit.entries import HERSELF, parse_entry
from cdp.bootstrap import Platform
from cdp.errors import NotFound
from cdp.services.customers import find_customer
from cdp.services.herself.see_as import Sight, see_as
from cdp.services.releases import build_release
from cdp.store.platform import LOG_ENTRY
from cdp.store.write import NewRow
from cdp.terms import Shape
from tests import samples
from tests.portal.conftest import ADDRESS
from tests.portal.visitor import Visitor, text

SEEN = "/portal/data/seen"


@pytest.fixture
def ann_id(platform: Platform) -> str:
    with platform._database.reading() as conn:
        return find_customer(conn, platform.in_force(), platform.vault, f"email:{ADDRESS}").customer_id


def acts(platform: Platform) -> list[tuple[str, str, str, int]]:
    with platform._database.reading() as conn:
        bodies = [
            parse_entry(bytes(row[0])) for row in conn.execute(LOG_ENTRY.select().with_only_columns(LOG_ENTRY.c.entry))
        ]
    return [(body["act"], body["principal"], body["role"], body["customers"]) for body in bodies]


def one(platform: Platform, customer: str, name: str) -> Sight:
    [found] = see_as(platform, customer, [name])
    return found


@pytest.mark.parametrize(
    ("view", "field", "value"),
    [
        ("newsletter", "email", ADDRESS),
        ("care_desk", "email", "a***@e***.org"),
        ("care_desk", "religion", None),
        ("acme_share", "full_name", "Ann Number0"),
        ("privacy_office", "religion", "creed 0"),
    ],
)
def test_a_view_shows_of_her_what_it_shows_its_readers(
    platform: Platform, ann_id: str, view: str, field: str, value: str | None
) -> None:
    role = platform.in_force().policy.views[view].roles[0]
    [row] = one(platform, ann_id, view).rows
    assert row[field] == value
    told = acts(platform)
    assert ("see_as", HERSELF.name, role, 1) in told
    assert not any(act == "read" and role_ == role for act, _, role_, _ in told)


def test_her_refusal_shows_at_once(ann: Visitor, platform: Platform, ann_id: str) -> None:
    for name in ("direct_marketing", "third_party_disclosure"):
        ann.press("/portal/choices", "/portal/choices", opt_out=name, state="refused")
    letters, shared = (one(platform, ann_id, name) for name in ("newsletter", "acme_share"))
    assert (list(letters.rows), letters.refusals) == ([], ("direct_marketing",))
    [row] = shared.rows
    assert (row["full_name"], shared.of["full_name"].shape) == (None, None)
    assert (row["postcode"], shared.of["postcode"].shape) == (row["postcode"][:2] + "*", Shape.GENERAL)
    shown = text(ann.get(f"{SEEN}/newsletter"))
    assert "You are not in it, because you refuse: Advertising sent to you" in shown
    assert ADDRESS not in shown


def test_statistics_show_the_group_she_is_counted_in_and_nobodys_row(platform: Platform, ann_id: str) -> None:
    before = one(platform, ann_id, "insight")
    assert (before.alike, before.rows[0]["birth_date"]) == (None, "1950-1959")
    samples.add(platform, [NewRow({**samples.person(0), "email": f"twin{number}@example.org"}) for number in range(9)])
    build_release(platform, "insight", principal=samples.TESTER)
    after = one(platform, ann_id, "insight")
    assert after.rows == before.rows
    assert after.alike is not None
    assert after.alike >= 10


def test_rows_of_another_entity_are_hers_alone(ann: Visitor, platform: Platform, ann_id: str) -> None:
    [row] = one(platform, ann_id, "acme_orders").rows
    assert (row["total"], row["paid"]) == ("12.50", True)
    assert "12.50" in text(ann.get(f"{SEEN}/acme_orders"))


def test_five_views_stand_side_by_side(ann: Visitor) -> None:
    shown = text(ann.get(SEEN))
    for name in ("Care desk", "Privacy office", "Insight", "Newsletter", "Acme share"):
        assert name in shown
    for value in ("a***@e***.org", ADDRESS, "1950-1959", "daily work", "Daily work never sees sensitive data."):
        assert value in shown
    for number in range(1, 6):
        assert f"Number{number}" not in shown


@pytest.mark.parametrize("name", ["nothing", "my_data", "%2e%2e", "newsletter%00"])
def test_there_are_no_other_eyes(ann: Visitor, name: str) -> None:
    assert ann.get(f"{SEEN}/{name}").status == 404


def test_her_own_views_are_not_others_eyes(platform: Platform, ann_id: str) -> None:
    with pytest.raises(NotFound):
        see_as(platform, ann_id, ["my_data"])


def test_her_look_is_in_her_own_log_as_hers(ann: Visitor) -> None:
    ann.get(f"{SEEN}/newsletter")
    assert "Newsletter app" not in text(ann.get("/portal/accesses"))
    assert "looked with the eyes of others" in text(ann.get("/portal/accesses?own=yes"))
