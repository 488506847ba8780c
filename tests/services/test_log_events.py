"""The log as OCSF events: of the right class, complete by the schema, without values, and none missed by the cursor."""

import io
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import pytest

from audit.entries import HERSELF, Entry, Principal
from cdp.errors import CdpError, Unavailable
from cdp.services.log_events import log_events
from cdp.services.log_export import export_log
from cdp.services.opt_out import refuse
from cdp.services.who_saw import who_saw
from tests.audit.ocsf_excerpt import CLASSES, faults
from tests.support import organisation
from tests.support.faults import table_missing
from tests.support.worlds import TESTER, World, opened, request_of

TOOL = Principal("app:siem", "auditor")


@pytest.fixture
def world(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[World]:
    with opened(tmp_path / "home", database_url, keys_url, organisation.catalogue(), organisation.policy()) as made:
        ann = made.add(organisation.people(3))[1]
        made.rows(request_of("partner"))
        made.rows(request_of("letter", ("email", "eq.ann1@example.org")))
        with suppress(CdpError):
            made.rows(request_of("letter", ("religion", "eq.x")))
        refuse(made.platform, ann.customer_id, "direct_marketing", principal=TESTER)
        list(who_saw(made.platform, ann.customer_id, principal=HERSELF))
        export_log(made.platform, io.BytesIO().write, principal=TESTER)
        made.platform.door.note(Entry("refusal", "opt_out", TOOL, None, {"code": "word_needed"}))
        made.platform.door.note(Entry("change", "something_new", Principal(""), None))
        yield made


def events(world: World, **options: Any) -> list[dict[str, Any]]:
    return list(log_events(world.platform, principal=TOOL, **options))


def test_every_entry_is_an_event_that_the_schema_accepts(world: World) -> None:
    found = events(world)
    assert [each["metadata"]["sequence"] for each in found] == list(range(len(world.entries())))
    for each in found:
        assert faults(orjson.loads(orjson.dumps(each)), CLASSES[each["class_uid"]]) == []
        assert each["type_uid"] == each["class_uid"] * 100 + each["activity_id"]
        assert each["metadata"]["version"] == "1.8.0"


def test_the_schema_can_refuse(world: World) -> None:
    for name in ("actor", "src_endpoint", "time", "metadata", "activity_id"):
        event = events(world)[2]
        del event[name]
        assert faults(event, CLASSES[event["class_uid"]])
    event = events(world)[2]
    assert faults({**event, "actor": {}}, CLASSES[6005])
    assert faults({**event, "purpose": "x"}, CLASSES[6005])


def test_classes_activities_and_status(world: World) -> None:
    found = [
        (each["activity_name"], each["class_uid"], each["activity_id"], each["status_id"]) for each in events(world)
    ]
    assert set(found) >= {
        ("import", 6003, 1, 1), ("read", 6005, 1, 1), ("read", 6005, 1, 2), ("opt_out", 6003, 3, 1),
        ("who_saw", 6005, 1, 1), ("log_export", 6005, 1, 1), ("opt_out", 6003, 3, 2), ("something_new", 6003, 99, 1),
        ("log_events", 6005, 1, 1),
    }  # fmt: skip


def test_what_ocsf_has_no_word_for_is_there_and_no_value_is(world: World) -> None:
    partner = next(each for each in events(world) if each.get("table") == {"name": "partner"})
    assert (partner["unmapped"]["purpose"], partner["unmapped"]["recipient"]) == ("disclosure", "acme")
    assert ["email", "clear", "hidden", "third_party_disclosure"] in partner["unmapped"]["fields"]
    assert "ann1" not in str(events(world))
    actors = [each["actor"] for each in events(world)]
    assert {"app_name": "siem", "app_uid": "app:siem"} in actors
    assert {"user": {"name": "customer", "type_id": 99}} in actors


def test_the_cursor_misses_and_repeats_nothing(world: World) -> None:
    seen, after = [], None
    for _ in range(20):
        part = events(world, after=after, limit=3)
        seen += [each["metadata"]["sequence"] for each in part]
        after = seen[-1]
    assert seen == list(range(60))[: len(seen)]
    assert len(seen) >= 20
    newest = events(world, after=10**6)
    assert newest == []


def test_nothing_is_told_when_the_log_is_down(world: World) -> None:
    with table_missing(world), pytest.raises(Unavailable):
        events(world)
