"""Identity links in the console: what each would join; confirmed, refused, undone with a reason, never one's own."""

import re
import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, event

from cdp.bootstrap import Platform
from cdp.services.identity.decide import list_links
from cdp.services.identity.links import Claim, add_claims
from cdp.services.identity.merge import list_merges, merge_customers
from cdp.services.staff.invite import Invited
from cdp.store.people import LINK
from cdp.store.records import Stored
from tests import samples
from tests.api.calling import Answer
from tests.console.conftest import Colleague, entries, hidden
from tests.console.test_requests import POLYGLOTS
from tests.portal.visitor import text

PAGE = "/console/links"
AT = "2026-03-02T10:00:00.000000+00:00"


@pytest.fixture
def people(platform: Platform) -> list[Stored]:
    return samples.add_people(platform, 4)


def claim(platform: Platform, profile: Stored, address: str, source: str = "web") -> str:
    """What an unverified source says: that a profile bears an address."""
    token = platform.vault.blind.token("customer", "email", address)
    with platform._database.writing() as conn:
        keys = platform.vault.keys([profile.customer_id])
        add_claims(conn, keys, [Claim(profile.customer_id, source, "email", token.hex(), address)], at=AT)
    found = list_links(platform, principal=samples.TESTER, limit=1000)
    return next(each.link.link_id for each in found if each.link.customer_id == profile.customer_id)


def send(who: Colleague, link: str, page: Answer, act: str, reason: str = "she told us", **changed: str) -> Answer:
    form = {name: hidden(page, name) for name in ("form_token", "bearer")}
    return who.post(f"{PAGE}/{link}", {**form, "act": act, "reason": reason, **changed})


def test_one_sees_both_confirms_and_undoes_it(iris: Colleague, platform: Platform, people: list[Stored]) -> None:
    assert "Nothing waits." in text(iris.get(PAGE))
    link = claim(platform, people[0], "ann1@example.org")
    index = text(iris.get(PAGE))
    assert people[0].customer_id[:8] in index
    assert "ann1@example.org" not in index, "an identifier that is claimed stays sealed"
    page = iris.get(f"{PAGE}/{link}")
    for said in ("Ann Number0", "Ann Number1", "creed 0", "Privacy office", "becomes a part of who bears"):
        assert said in text(page)
    read = [each for each in entries(platform) if each["act"] == "read" and each["principal"] == "staff:iris"]
    assert [(each["view"], each["customers"]) for each in read] == [("privacy_office", 1)] * 2
    bare = send(iris, link, page, "confirm", reason=" ")
    assert (bare.status, "Please write why" in text(bare)) == (409, True)
    assert send(iris, link, page, "confirm").header("location") == f"{PAGE}?done=joined"
    assert len(samples.rows_of(platform, "privacy_office")) == 3
    joined = iris.get(f"{PAGE}/joined")
    assert "a claim was confirmed" in text(joined)
    [merge] = re.findall(rf'action="{PAGE}/joined/([0-9a-f-]+)"', joined.body.decode())
    undo = {"form_token": hidden(joined, "form_token"), "reason": "two sisters"}
    assert iris.post(f"{PAGE}/joined/{merge}", {**undo, "reason": ""}).status == 409
    assert iris.post(f"{PAGE}/joined/{merge}", undo).header("location") == f"{PAGE}/joined?done=undone"
    assert len(samples.rows_of(platform, "privacy_office")) == 4
    again = iris.post(f"{PAGE}/joined/{merge}", undo)
    assert (again.status, "undone already" in text(again), "two sisters" in text(again)) == (409, True, True)


def test_a_refusal_and_a_claim_that_nobody_else_bears(
    iris: Colleague, platform: Platform, people: list[Stored]
) -> None:
    link, other = claim(platform, people[0], "ann1@example.org"), claim(platform, people[2], "new@example.org")
    assert send(iris, link, iris.get(f"{PAGE}/{link}"), "reject").header("location") == f"{PAGE}?done=reject"
    page = iris.get(f"{PAGE}/{other}")
    assert "Nobody else bears it." in text(page)
    assert send(iris, other, page, "confirm").header("location") == f"{PAGE}?done=confirm"
    assert "Nothing waits." in text(iris.get(PAGE))
    assert [each["act"] for each in entries(platform) if each["what"] == "change"][-2:] == [
        "reject_link", "confirm_link",
    ]  # fmt: skip


def test_of_two_at_once_the_second_is_told(
    hired: Callable[..., Colleague], platform: Platform, people: list[Stored]
) -> None:
    iris, ida = hired("iris"), hired("ida")
    link, other = claim(platform, people[0], "ann1@example.org"), claim(platform, people[2], "ann3@example.org")
    page = iris.get(f"{PAGE}/{link}")
    assert send(ida, link, ida.get(f"{PAGE}/{link}"), "reject").status == 303
    late = send(iris, link, page, "confirm", reason="my long reason")
    assert (late.status, "decided already" in text(late), "my long reason" in text(late)) == (409, True, True)
    old = iris.get(f"{PAGE}/{other}")
    merge_customers(platform, people[1].customer_id, people[3].customer_id, principal=samples.TESTER, reason="one")
    stale = send(iris, other, old, "confirm", reason="they are one")
    assert (stale.status, "Look at both again" in text(stale), "they are one" in text(stale)) == (409, True, True)
    assert send(iris, other, stale, "confirm").status == 303


def test_nobody_decides_who_she_herself_is(
    app: object, invite: Callable[..., Invited], platform: Platform, people: list[Stored]
) -> None:
    ann = Colleague(app)
    ann.welcomed(invite("ann"))
    with platform._database.writing() as conn:
        token = platform.vault.blind.token("customer", "email", "ann@corp.example").hex()
        conn.exec_driver_sql(
            f"INSERT INTO cdp_identifier SELECT '{people[1].customer_id}', 'customer', '{people[1].customer_id}', "
            f"'email', '{token}', {'TRUE' if platform.door.dialect == 'postgresql' else 1}, "
            f"{'TRUE' if platform.door.dialect == 'postgresql' else 1}"
        )
    mine = claim(platform, people[0], "ann1@example.org")
    for act in ("confirm", "reject"):
        answer = send(ann, mine, ann.get(f"{PAGE}/{mine}"), act)
        assert (answer.status, "one of the two is you" in text(answer)) == (409, True)
    told = [(each["act"], each["code"]) for each in entries(platform) if each["what"] == "refusal"]
    assert told == [("confirm_link", "own_act"), ("reject_link", "own_act")]
    done = merge_customers(platform, people[1].customer_id, people[2].customer_id, principal=samples.TESTER, reason="x")
    form = {"form_token": hidden(ann.get(f"{PAGE}/joined"), "form_token"), "reason": "no"}
    assert ann.post(f"{PAGE}/joined/{done.merge_id}", form).status == 409
    assert len(list_merges(platform, principal=samples.TESTER)[0]) == 1


def test_ten_thousand_claims_are_paged_by_key(iris: Colleague, platform: Platform, people: list[Stored]) -> None:
    claim(platform, people[0], "ann1@example.org")
    with platform._database.writing() as conn:
        row = dict(conn.exec_driver_sql("SELECT * FROM cdp_link").mappings().one())
        rows = [
            {**row, "link_id": str(uuid.UUID(int=number)), "token": f"{number:032x}"} for number in range(1, 10_001)
        ]
        conn.execute(LINK.insert(), rows)
    asked: list[str] = []

    def hear(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement.lower().replace("limit ? offset ?", ""))

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        seen, page = [], iris.get(PAGE)
        for _ in range(3):
            body = page.body.decode()
            assert len(page.body) < 100_000
            seen += re.findall(rf'href="{PAGE}/([0-9a-f-]{{36}})"', body)
            [further] = re.findall(r'href="(\?after=[0-9a-f-]+)"', body)
            page = iris.get(PAGE + further)
    finally:
        event.remove(Engine, "before_cursor_execute", hear)
    assert seen == [str(uuid.UUID(int=number)) for number in range(1, 151)]
    reads = [each for each in asked if "from cdp_link" in each]
    assert reads
    assert not any("count(" in each or "offset" in each for each in reads)


def test_what_sources_and_people_say_comes_out_as_text(
    iris: Colleague, platform: Platform, people: list[Stored]
) -> None:
    link = claim(platform, people[0], "ann1@example.org", " ".join(POLYGLOTS))
    pages = [iris.get(PAGE), iris.get(f"{PAGE}/{link}")]
    pages.append(send(iris, link, pages[1], "confirm", reason=" ".join(POLYGLOTS), bearer="x"))
    assert pages[-1].status == 409
    for page in pages:
        assert not re.search(r"<script>alert|<img src=x|<svg/onload|5332114", page.body.decode())
    assert "{{ 1234*4321 }}" in text(pages[2])


def test_for_what_there_is_not_there_is_no_page(
    hired: Callable[..., Colleague], platform: Platform, people: list[Stored]
) -> None:
    iris, omar = hired("iris"), hired("omar", "second_officer")
    link = claim(platform, people[0], "ann1@example.org")
    assert iris.get(f"{PAGE}/{'0' * 36}").status == 404
    assert iris.get(f"{PAGE}?after=%00").status == 404
    assert iris.get(f"{PAGE}/joined?after=x").status == 400
    assert send(iris, link, iris.get(f"{PAGE}/{link}"), "explode").status == 400
    assert f"{PAGE}/{link}" not in omar.get(PAGE).body.decode()
    assert omar.get(f"{PAGE}/{link}").status == 403
