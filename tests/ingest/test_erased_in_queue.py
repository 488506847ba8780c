"""Somebody who is erased leaves the queue and the quarantine, too, and does not come back by them (invariant 6)."""

from pathlib import Path

import pytest
from sqlalchemy import select

from cdp.bootstrap import Platform
from cdp.ingest.fold import Folder
from cdp.ingest.isolate import isolate
from cdp.ingest.sources import Source, add_source, list_sources
from cdp.ingest.spool import Intake
from cdp.services.erase import erase
from cdp.store.arriving import QUARANTINE, SPOOL_BODY
from cdp.store.write import NewRow
from tests import samples
from tests.ingest.sending import drain, identify, in_parcels, of, send, track
from tests.ingest.test_canary import places
from tests.samples import TESTER
from tests.support.canary import data_directory, database_number

HERS = "Ann.Lee@Example.org"


@pytest.fixture
def crm(platform: Platform) -> str:
    return add_source(platform, "crm", principal=TESTER, trusted=True)[1]


@pytest.fixture
def her(platform: Platform, intake: Intake, crm: str) -> str:
    """She bears an address by an import, a user id by a trusted source; somebody else is there, too."""
    (row,) = samples.add(platform, [NewRow({"email": HERS.lower()})])
    send(intake, crm, identify(1, "u1"), identify(2, "u2"))
    drain(platform)
    return row.customer_id


def wrong(mark: str, **said: object) -> dict[str, object]:
    return {"type": "no such", "mark": mark, **said}


def sealed(platform: Platform) -> list[bytes]:
    """A part of each parcel of the queue and the quarantine, short enough to lie in one piece."""
    with platform._database.reading() as conn:
        found = [*conn.execute(select(SPOOL_BODY.c.sealed)), *conn.execute(select(QUARANTINE.c.sealed))]
        return [bytes(each)[20:60] for (each,) in found]


def engine_files(database_url: str, request: pytest.FixtureRequest) -> list[bytes]:
    if not database_url.startswith("postgresql"):
        return []
    server = request.getfixturevalue("postgres_server")
    folder = data_directory(server) / "base" / database_number(server, database_url.rpartition("/")[2])
    return [each.read_bytes() for each in folder.iterdir() if each.is_file()]


def test_what_waits_and_what_lies_aside_goes_if_it_names_her(
    platform: Platform, intake: Intake, write_key: str, crm: str, her: str
) -> None:
    aside = (
        wrong("aside 1", userId="u1"), wrong("aside 2", text=f"write to <{HERS}>, please"),
        wrong("aside 3", userId="u2"), wrong("aside 4", more={"deep": [{"userId": {"id": "u1"}}]}),
        wrong("aside 5", number=1),
    )  # fmt: skip
    send(intake, crm, *aside, HERS.lower())
    drain(platform)
    send(intake, crm, track(number=11, user="u1"), track(number=12, user="u2"), track(number=13, user=" U1 "))
    page = {"type": "page", "userId": "u", "context": {"traits": {"email": HERS}}}
    mine = [identify(14, "x", email=HERS), track(number=15, user="u1"), wrong("broken 1", email=HERS), page]
    send(intake, write_key, *mine, track(number=16, user="y"))
    send(intake, write_key, *[track(number=20 + each, user="u1") for each in range(3)])
    hers, other = (erase(platform, [each], principal=TESTER, reason="she asked")[0]
                     for each in ("user_id:u1", her))  # fmt: skip
    assert (hers.counts["cdp_spool_body"], hers.counts["cdp_quarantine"]) == (6, 2)
    assert (other.counts["cdp_spool_body"], other.counts["cdp_quarantine"]) == (3, 2)
    left = in_parcels(platform)
    assert all(mark in left for mark in ("aside 3", "aside 5", "m12", "m16"))
    assert not any(mark in left for mark in ("aside 1", "aside 2", "aside 4", "broken 1", HERS, HERS.lower(), "u1"))
    drain(platform)
    assert (of(platform, "crm").folded, of(platform, "crm").dropped) == (3, {"suppressed": 2})
    assert (of(platform).folded, of(platform).dropped, of(platform).waiting) == (1, {"suppressed": 7}, 0)


def test_what_comes_afterwards_is_dropped_wrong_or_not(
    platform: Platform, intake: Intake, write_key: str, crm: str, her: str
) -> None:
    erase(platform, [her, "user_id:u1"], principal=TESTER, reason="she asked")
    send(intake, crm, track(number=11, user="u1"), wrong("1", userId="u1"), wrong("2", userId="u2"), f"to {HERS}")
    send(intake, write_key, {"type": "no such", "traits": {"email": HERS}})
    drain(platform)
    assert (of(platform, "crm").dropped, of(platform, "crm").quarantined) == ({"suppressed": 3}, {"bad_type": 1})
    assert (of(platform).dropped, of(platform).quarantined) == ({"suppressed": 1}, {})
    assert HERS not in in_parcels(platform)


def test_what_names_her_besides_whom_it_is_about_is_dropped_before_and_afterwards(
    platform: Platform, intake: Intake, write_key: str, crm: str, her: str
) -> None:
    naming = [
        {"type": "page", "userId": "y", "messageId": "1", "context": {"traits": {"email": HERS}}},
        {"type": "group", "userId": "y", "messageId": "2", "groupId": "g", "traits": {"owner": {"mail": [HERS]}}},
        {"type": "alias", "userId": "y", "messageId": "3", "previousId": "u1"},
        {"type": "track", "userId": "y", "messageId": "4", "event": "E", "previousId": "U1 "},
        identify(5, "y", second_email=HERS),
    ]
    send(intake, write_key, *naming)
    erase(platform, [her, "user_id:u1"], principal=TESTER, reason="she asked")
    drain(platform)
    assert (of(platform).folded, of(platform).dropped) == (0, {"suppressed": 5})
    send(intake, write_key, *naming, track(number=6, user="y"))
    drain(platform)
    assert (of(platform).folded, of(platform).dropped) == (1, {"suppressed": 10})


def test_a_browser_that_only_has_its_own_id_is_known_by_it(
    platform: Platform, intake: Intake, write_key: str, source: Source
) -> None:
    send(intake, write_key, track(number=1, user=None, anonymousId="a1"), track(number=2, user=None, anonymousId="a2"))
    drain(platform)
    send(intake, write_key, track(number=3, user=None, anonymousId="a1"), track(number=4, user=None, anonymousId="a2"))
    (done,) = erase(platform, [f"anonymous_id@{source.name}:a1"], principal=TESTER, reason="she asked")
    assert done.counts["cdp_spool_body"] == 1
    drain(platform)
    assert sorted(row[4] for row in samples.rows_of(platform, "purchases")) == ["o2", "o4"]


def test_the_files_hold_no_parcel_that_named_her(
    platform: Platform,
    intake: Intake,
    crm: str,
    her: str,
    tmp_path: Path,
    database_url: str,
    keys_url: str,
    request: pytest.FixtureRequest,
) -> None:
    """Not what went, and not what was folded before: the key that opens it is still there."""
    send(intake, crm, *[track(number=100 + each, user="u1") for each in range(5)])
    folded = sealed(platform)
    drain(platform)
    send(intake, crm, wrong("1", userId="u1"))
    drain(platform)
    send(intake, crm, track(number=11, user="u1"), track(number=12, user="u2"))
    gone = {*folded, *sealed(platform)}
    assert len(gone) == 3
    erase(platform, ["user_id:u1"], principal=TESTER, reason="she asked")
    found = b"".join(places(tmp_path, database_url, keys_url, request) + engine_files(database_url, request))
    assert [each for each in gone if each in found] == []
    assert all(each in found for each in sealed(platform))


def test_taking_events_out_while_a_body_is_folded_one_by_one_loses_none(
    platform: Platform, intake: Intake, crm: str, her: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Places in a body change when she goes; what is folded is named by its message."""
    send(
        intake, crm, *[track(number=number, user=user) for number, user in ((1, "u1"), (2, "u2"), (3, "u2"), (4, "u2"))]
    )
    real, calls = Folder.fold, 0

    def fold(self: Folder, part: object = None) -> object:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise RuntimeError("the whole body does not fold")
        if calls == 3:
            erase(platform, ["user_id:u1"], principal=TESTER, reason="she asked")
        return real(self, part)

    monkeypatch.setattr(Folder, "fold", fold)
    source = next(each for each in list_sources(platform) if each.name == "crm")
    isolate(platform, source)
    assert sorted(row[4] for row in samples.rows_of(platform, "purchases")) == ["o2", "o3", "o4"]
