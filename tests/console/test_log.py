"""The log in the console: searched, entry by entry with its proof, about a person, what is unusual, verified."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from audit.entries import Entry, Principal
from cdp.bootstrap import Platform
from cdp.console.log import verify
from cdp.services.background import jobs, run
from cdp.services.background.jobs import Kind, enter_job, newest_job
from cdp.services.watching.rising import refusals
from tests import samples
from tests.console.conftest import Colleague, entries
from tests.portal.visitor import text, token

PAGE = "/console/log"
POLYGLOT = "jaVasCript:/*-/*`/*\\`/*'/*\"/**/(/* */oNcliCk=alert() )//</title/</style><svg/onload=alert()>"

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@pytest.fixture
def world(platform: Platform) -> Platform:
    samples.add_people(platform, 3)
    samples.rows_of(platform, "care_desk")
    for _ in range(3):
        note(platform, "app:shop", view="newsletter", code="not_permitted")
    note(
        platform, POLYGLOT, view=POLYGLOT, purpose=POLYGLOT, code=POLYGLOT, recipient=POLYGLOT, fields=[[POLYGLOT, "x"]]
    )
    platform.keeper.sign()
    return platform


def note(platform: Platform, who: str, **facts: object) -> int:
    return platform.door.note(Entry("refusal", "read", Principal(who, "agent"), None, facts, reason=POLYGLOT))


def numbers(page: str) -> list[int]:
    return [int(each) for each in re.findall(r'<td class="number"><a class="number" href="/console/log/(\d+)"', page)]


def found(iris: Colleague, query: str = "") -> str:
    answer = iris.get(f"{PAGE}?{query}")
    assert answer.status == 200, query
    return answer.body.decode()


def test_a_search_finds_by_what_entries_say_and_is_on_the_log(iris: Colleague, world: Platform) -> None:
    all_entries = entries(world)
    shop = [n for n, body in enumerate(all_entries) if body["principal"] == "app:shop"]
    for query in (
        "who=app:shop",
        "who=shop",
        "who=app:*",
        "who=sho*",
        "who=shop&what=refusal&view=newsletter&act=read",
    ):
        assert numbers(found(iris, query)) == shop[::-1], query
    assert numbers(found(iris, "who=shop&since=2000-01-01&until=2001-01-01")) == []
    assert "No entry fits" in found(iris, "who=nobody")
    assert iris.get(f"{PAGE}?since=soon").status == 400
    assert iris.get(f"{PAGE}?before=x").status == 400
    last = entries(world)[-1]
    assert (last["act"], last["principal"], last["by"]) == ("log_search", "staff:iris", ["who"])
    assert "nobody" not in str(last)  # what was typed is not told


def test_pages_follow_each_other_without_a_gap(
    iris: Colleague, world: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cdp.services.watching import search

    monkeypatch.setattr(search, "PER_PAGE", 4)
    told, query = [], "what=refusal"
    while query:
        page = found(iris, query)
        told += numbers(page)
        query = next(iter(re.findall(r'href="/console/log\?([^"]*)" rel="next"', page)), "").replace("&amp;", "&")
    refused = [n for n, body in enumerate(entries(world)) if body["what"] == "refusal"]
    assert told == refused[::-1]


def test_nothing_that_an_entry_says_becomes_markup(iris: Colleague, world: Platform) -> None:
    number = max(n for n, body in enumerate(entries(world)) if body["principal"] == POLYGLOT)
    for page in (
        found(iris),
        iris.get(f"{PAGE}/{number}").body.decode(),
        found(iris, f"who={'<svg onload=x>'}&view=<b>"),
    ):
        assert "<svg/onload" not in page
        assert "<svg onload" not in page
        assert "<b>" not in page


def test_an_entry_has_its_proof_checked_and_what_was_changed_beneath_is_said(iris: Colleague, world: Platform) -> None:
    platform, number = world, 3
    page = text(iris.get(f"{PAGE}/{number}"))
    assert "Proven just now" in page
    assert f"cdp log proof {number}" in page
    asked = entries(platform)[-1]
    assert (asked["act"], asked["of"]) == ("log_entry", number)
    with platform._database.writing() as conn:
        conn.exec_driver_sql(
            "REPLACE INTO cdp_log_entry SELECT mine.number, other.entry, mine.leaf FROM cdp_log_entry mine"
            f" JOIN cdp_log_entry other ON other.number = 2 WHERE mine.number = {number}"
        )
    assert "The proof does not hold" in text(iris.get(f"{PAGE}/{number}"))
    assert "will sign for this entry in a moment" in text(iris.get(f"{PAGE}/{len(entries(platform)) - 1}"))
    for missing in (len(entries(platform)) + 99, 10**30):
        assert iris.get(f"{PAGE}/{missing}").status == 404
    assert iris.get(f"{PAGE}/-1").status == 404


def test_reasons_are_for_who_may_look_customers_up(
    hired: Callable[..., Colleague], iris: Colleague, world: Platform
) -> None:
    number = next(n for n, body in enumerate(entries(world)) if body["principal"] == "app:shop")
    assert "oNcliCk" in text(iris.get(f"{PAGE}/{number}"))
    auditor = hired("ada", "auditor")
    page = text(auditor.get(f"{PAGE}/{number}"))
    assert "oNcliCk" not in page
    assert "given, and not for your role" in page
    assert auditor.get(f"{PAGE}/person").status == 403
    assert auditor.get(f"{PAGE}?whom=somebody").status == 403
    assert hired("sue", "support").get(f"{PAGE}/person").status == 403  # she looks customers up, and not the log


def look_up(iris: Colleague, customer: str) -> str:
    answer = iris.post(f"{PAGE}/person", {"form_token": token(iris.get(f"{PAGE}/person")), "customer": customer})
    return answer.header("location") if answer.status == 303 else f"{answer.status}"


def test_a_person_is_looked_up_and_she_sees_it(iris: Colleague, world: Platform) -> None:
    there = look_up(iris, "email:ann0@example.org")
    assert re.fullmatch(rf"{PAGE}/person/[0-9a-f-]+", there)
    looked = entries(world)[-1]
    assert (looked["act"], looked["customers"]) == ("find_person", 1)
    page = text(iris.get(there))
    assert "read a view" in page
    assert "looked up who is meant" in page
    customer = there.rpartition("/")[2]
    hits = found(iris, f"whom={customer}&act=read")
    assert len(numbers(hits)) == 1
    assert entries(world)[-1]["customers"] == 1
    for unknown in ("email:nobody@example.org", "nobody", "ghost:x", ""):
        assert look_up(iris, unknown) == "404", unknown
    assert iris.get(f"{PAGE}/person/email:ann0@example.org").status == 404
    assert iris.get(f"{PAGE}/person/nobody").status == 404
    assert entries(world)[-1]["what"] == "refusal"


def test_what_is_unusual_is_shown_with_its_numbers(iris: Colleague, world: Platform) -> None:
    for _ in range(25):
        note(world, "app:shop", view="newsletter", code="not_permitted")
    page = text(iris.get(f"{PAGE}/unusual"))
    assert "1 thing stands out." in page
    assert "app:shop Was refused much more often than usual 28 0 20 0" in page
    assert "not_permitted" in page
    told = {(each.code, each.view): (each.now, each.before) for each in refusals(world, now=datetime.now(UTC))}
    assert told["not_permitted", "newsletter"] == (28, 0)
    home = text(iris.get("/console"))
    assert "Most of all rose: not_permitted (0 → 28)" in home


def test_the_verifier_works_beside_the_pages_and_its_words_are_shown(
    iris: Colleague, world: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []

    def start(platform: Platform, kind: Kind, *, principal: Principal) -> None:
        job, new = enter_job(platform, kind, principal=principal, now=datetime.now(UTC))
        begun.extend([job.job_id] * new)

    monkeypatch.setattr(verify, "start_job", start)
    form = {"form_token": token(iris.get(f"{PAGE}/verify"))}
    for _ in range(2):  # a second press means the one that is under way
        assert iris.post(f"{PAGE}/verify", form).status == 303
    assert begun == ["verify_log-1"]
    assert "The verifier is at work" in text(iris.get(f"{PAGE}/verify"))
    assert b'"over":false' in iris.get(f"{PAGE}/verify/state").body
    job = newest_job(world, Kind.VERIFY)
    run.do(world, job)
    page = text(iris.get(f"{PAGE}/verify"))
    assert "The log is whole." in page
    assert "numbered without a gap" in page
    assert iris.post(f"{PAGE}/verify", form).status == 303
    assert begun == ["verify_log-1"]  # not again within a minute
    later = datetime.now(UTC) + jobs.PAUSE * 2
    job, new = enter_job(world, Kind.VERIFY, principal=samples.TESTER, now=later)
    assert (job.job_id, new) == ("verify_log-2", True)
    assert not job.runs(later + jobs.SILENT + timedelta(seconds=1))  # silent: taken for dead
    with world._database.writing() as conn:
        conn.exec_driver_sql("UPDATE cdp_log_subject SET salt = zeroblob(16)")
    run.do(world, job)
    page = text(iris.get(f"{PAGE}/verify"))
    assert "It does not hold." in page
    assert "the customers of an entry are not those that it commits to (entry " in page
