"""From a body to profiles and rows that views show."""

from cdp.bootstrap import Platform
from cdp.ingest.sources import add_source
from cdp.ingest.spool import Intake
from cdp.ingest.worker import Worker
from cdp.services.identity.decide import list_links
from cdp.services.identity.merge import merges_of, unmerge_customers
from tests import samples
from tests.ingest.sending import batch, drain, identify, of, send, track


def test_an_event_becomes_a_row_that_a_view_shows(platform: Platform, intake: Intake, write_key: str) -> None:
    send(intake, write_key, track(properties={"total": "12.50", "orderId": "o-1", "ship_to": "1 Elm Street"}))
    assert drain(platform) == 1
    [row] = samples.rows_of(platform, "purchases")
    assert row[2:] == ("2026-11-26T11:00:00+00:00", "12.50", "o-1", "1 Elm Street")


def test_traits_become_fields_of_a_profile(platform: Platform, intake: Intake, write_key: str) -> None:
    send(intake, write_key, identify(1, fullName="Ann Smith", income=52_300))
    drain(platform)
    [row] = samples.rows_of(platform, "care_desk")
    assert "Ann Smith" in row
    assert "50000-59999" in row


def test_what_comes_twice_counts_once(platform: Platform, intake: Intake, write_key: str) -> None:
    send(intake, write_key, track(number=1), track(number=2), track(number=1))
    drain(platform)
    send(intake, write_key, track(number=2), track(number=3))
    drain(platform)
    found = of(platform)
    assert (found.received, found.folded, found.duplicate, found.waiting) == (5, 3, 2, 0)
    assert len(samples.rows_of(platform, "purchases")) == 3


def test_an_event_without_a_message_id_counts_once_too(platform: Platform, intake: Intake, write_key: str) -> None:
    event = {name: value for name, value in track().items() if name != "messageId"}
    send(intake, write_key, event, event)
    drain(platform)
    assert of(platform).folded == 1


def test_events_of_one_user_make_one_profile(platform: Platform, intake: Intake, write_key: str) -> None:
    send(intake, write_key, *(track(number=number, user=f"u{number % 3}") for number in range(12)))
    drain(platform)
    assert len(samples.rows_of(platform, "care_desk")) == 3


def test_a_source_reaches_no_profile_of_another(platform: Platform, intake: Intake, write_key: str) -> None:
    from cdp.ingest.sources import add_source

    _, other = add_source(platform, "app", principal=samples.TESTER)
    send(intake, write_key, identify(1, fullName="Ann Smith"))
    send(intake, other, identify(1, fullName="Mallory"))
    drain(platform)
    rows = samples.rows_of(platform, "care_desk")
    assert sorted(name for row in rows for name in row if name in ("Ann Smith", "Mallory")) == ["Ann Smith", "Mallory"]


def test_one_bad_event_does_not_fail_its_batch(platform: Platform, intake: Intake, write_key: str) -> None:
    bad = [
        7, None, {"type": "track"}, track(user=None), {**track(), "type": "spend"}, {**track(), "timestamp": "soon"},
        {**track(), "userId": {"a": 1}}, {**track(), "event": ""}, {**track(), "context": 3},
    ]  # fmt: skip
    send(intake, write_key, *bad, track(number=9))
    drain(platform)
    found = of(platform)
    assert (found.received, found.folded) == (10, 1)
    assert sum(found.quarantined.values()) == 9
    assert set(found.quarantined) == {
        "not_an_object", "nobody", "bad_type", "bad_time", "bad_user_id", "bad_event_name", "bad_context",
    }  # fmt: skip


def test_the_entry_says_how_much_and_commits_to_whom(platform: Platform, intake: Intake, write_key: str) -> None:
    send(intake, write_key, track(number=1), track(number=2, user="u2"), 7)
    drain(platform)
    from audit.entries import parse_entry
    from cdp.store.platform import LOG_ENTRY

    with platform.door.record(samples_entry(platform)) as change:
        [data] = [
            parse_entry(bytes(row.entry))
            for row in change.conn.execute(LOG_ENTRY.select())
            if parse_entry(bytes(row.entry))["act"] == "ingest"
        ]
    assert data["principal"] == "source:web"
    assert data["customers"] == 2
    assert data["counts"] == {"folded": 2, "quarantined:not_an_object": 1}


def samples_entry(platform: Platform):
    from audit.entries import Entry

    return Entry("change", "look", samples.TESTER, platform.in_force().versions)


def test_a_poisoned_event_goes_aside_and_the_rest_is_folded(
    platform: Platform, intake: Intake, write_key: str, monkeypatch
) -> None:
    from cdp.ingest import fold as folding

    real = folding.fold

    def poisoned(platform, change, sightings, caps):
        if any("poison" in each.traits.values() for each in sightings):
            raise RuntimeError("a fault that nobody foresaw")
        return real(platform, change, sightings, caps)

    monkeypatch.setattr(folding, "fold", poisoned)
    send(intake, write_key, track(number=1), identify(2, fullName="poison"), track(number=3))
    send(intake, write_key, track(number=4))
    Worker(platform).drain()
    found = of(platform)
    assert (found.folded, found.quarantined, found.waiting) == (3, {"poison": 1}, 0)


def test_the_context_of_a_batch_holds_for_its_events(platform: Platform, intake: Intake, write_key: str) -> None:
    consent = {"consent": {"categoryPreferences": {"ads": False}}}
    intake.accept("batch", batch(identify(1, fullName="Ann"), context=consent), write_key=write_key)
    drain(platform)
    assert samples.rows_of(platform, "acme_share")[0][1:] == (None, None, None)


def test_an_alias_is_a_claim_unless_its_source_verifies(platform: Platform, intake: Intake, write_key: str) -> None:
    crm = add_source(platform, "crm", principal=samples.TESTER, trusted=True)[1]
    send(intake, crm, identify(1, "old", fullName="Ann"), identify(2, "new", postcode="10115"))
    chain = [
        {"type": "alias", "messageId": f"a{number}", "userId": user, "anonymousId": "b", "previousId": previous}
        for number, (user, previous) in enumerate([("x", "old"), ("y", "x"), ("new", "y"), ("z", "b")])
    ]
    send(intake, write_key, *chain)
    drain(platform)
    assert len(samples.rows_of(platform, "care_desk")) == 3
    links = list_links(platform, principal=samples.TESTER)
    assert sorted((each.link.kind, each.bearer is not None) for each in links) == [
        *[("user_id", False)] * 3, *[("user_id", True)] * 2,
    ]  # fmt: skip
    send(intake, crm, {"type": "alias", "messageId": "a", "userId": "new", "previousId": "old"})
    drain(platform)
    assert len(samples.rows_of(platform, "care_desk")) == 2
    (merged,) = merges_of(platform, "user_id:old", principal=samples.TESTER)
    unmerge_customers(platform, merged.merge_id, principal=samples.TESTER)
    assert len(samples.rows_of(platform, "care_desk")) == 3


def test_what_other_systems_call_somebody_is_a_claim(platform: Platform, intake: Intake, write_key: str) -> None:
    external = [{"id": "c1", "type": "crm", "collection": "users", "encoding": "none"}, {"id": 7, "type": "ads"}, 5]
    event = track() | {"context": {"externalIds": external, "externalId": [{"type": "crm", "id": None}]}}
    send(intake, write_key, event)
    drain(platform)
    links = list_links(platform, principal=samples.TESTER)
    assert sorted(each.link.kind for each in links) == ["external_id", "external_id", "user_id"]
