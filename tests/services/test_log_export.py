"""Bundles out of a store: what is in them, what is not, and that they verify without it."""

import io
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.bundle import NotVerified
from audit.entries import Entry
from audit.export import Range
from audit.note import NoteError
from audit.verify.check import Report, Trust, verify_bundle
from cdp.errors import BadInput, NotFound, Unavailable
from cdp.services.log_export import export_log, read_checkpoint
from cdp.services.verify_log import verify_log
from cdp.store.records import Stored
from tests.support import organisation
from tests.support.faults import table_missing
from tests.support.worlds import TESTER, World, opened, request_of


@pytest.fixture
def world(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[World]:
    with opened(tmp_path / "home", database_url, keys_url, organisation.catalogue(), organisation.policy()) as made:
        yield made


@pytest.fixture
def people(world: World) -> list[Stored]:
    """Six customers, read together and one by one."""
    made = world.add(organisation.people(6))
    world.rows(request_of("letter"))
    for each in made:
        world.rows(request_of("office", ("customer_id", f"eq.{each.customer_id}"), reason=f"case of {each.ordinal}"))
    return made


def export(world: World, **options: object) -> bytes:
    sink = io.BytesIO()
    export_log(world.platform, sink.write, principal=TESTER, **options)  # type: ignore[arg-type]
    return sink.getvalue()


def verified(bundle: bytes, *remembered: bytes) -> Report:
    return verify_bundle(io.BytesIO(bundle), Trust(remembered=remembered))


def lines(bundle: bytes, word: str) -> list[object]:
    wanted = word.encode() + b" "
    return [json.loads(line.removeprefix(wanted)) for line in bundle.splitlines() if line.startswith(wanted)]


def test_the_whole_log_with_the_export_in_it(world: World, people: list[Stored]) -> None:
    report = verified(export(world))
    assert report.entries == report.checkpoint.size == len(world.entries())
    assert world.entries()[-1]["act"] == "log_export"
    assert report.checkpoint.checkpoint.root.hex() == verify_log(world.platform).root_hex
    assert people


def test_a_later_bundle_is_held_to_an_earlier_one(world: World, people: list[Stored], tmp_path: Path) -> None:
    first = tmp_path / "first"
    first.write_bytes(export(world))
    held = read_checkpoint(first)
    world.rows(request_of("desk"))
    assert any("grew out of" in step for step in verified(export(world), held).steps)
    hers = export(world, customer=people[0].customer_id, earlier=[held])
    assert any("grew out of" in step for step in verified(hers, held).steps)
    (tmp_path / "odd").write_bytes(b"odd")
    with pytest.raises(BadInput):
        read_checkpoint(tmp_path / "odd")


def test_a_persons_bundle_has_her_entries_and_nobody_else_in_it(world: World, people: list[Stored]) -> None:
    ann, others = people[2], [each for each in people if each is not people[2]]
    bundle = export(world, customer=ann.customer_id)
    report = verified(bundle)
    assert [each["act"] for each in lines(bundle, "entry")] == ["import", "read", "read", "log_export"]  # type: ignore[index]
    assert report.entries == 4
    assert lines(bundle, "reason") == [{"salt": lines(bundle, "reason")[0]["salt"], "text": f"case of {ann.ordinal}"}]  # type: ignore[index]
    assert [each["member"] for each in lines(bundle, "alone")] == [ann.ordinal] * 2  # type: ignore[index]
    assert b"case of" not in bundle.replace(f"case of {ann.ordinal}".encode(), b"")
    assert not any(each.customer_id.encode() in bundle for each in others)
    for salt, members in world.query("SELECT salt, members FROM cdp_log_subject"):
        found = [each for each in lines(bundle, "alone") if io.BytesIO(bytes(salt)).getvalue().hex() in str(each)]
        assert not found or len(bytes(members)) == 18  # a set is shown only where she is all of it


def test_what_is_shown_of_a_commitment_is_checked(world: World, people: list[Stored]) -> None:
    """By whoever could seal it anew: the operator with his key."""
    from audit.note import SignerKey

    platform = world.platform
    signer = SignerKey(platform.settings.log_origin, platform.vault.platform_key("log"))
    honest = export(world, customer=people[2].customer_id)
    for old, new in ((b'"member":', b'"member":9'), (b'"text":"case', b'"text":"Case'), (b'"block":0', b'"block":1')):
        with pytest.raises(NotVerified) as caught:
            verified(_sealed_anew(honest.replace(old, new, 1), signer))
        assert caught.value.code == "commitment_differs"
    verified(_sealed_anew(honest, signer))


def _sealed_anew(bundle: bytes, signer: object) -> bytes:
    from audit.bundle import BundleWriter

    sink = io.BytesIO()
    writer = BundleWriter(sink.write)
    for line in bundle.splitlines(keepends=True)[1:-1]:
        writer._put(line)
    writer.seal(signer)  # type: ignore[arg-type]
    return sink.getvalue()


def test_random_edits_of_a_persons_bundle_are_seen(world: World, people: list[Stored]) -> None:
    bundle = export(world, customer=people[1].customer_id)
    dice = random.Random(3)
    for _ in range(150):
        place = dice.randrange(len(bundle))
        with pytest.raises((NotVerified, NoteError)):
            verified(bundle[:place] + bytes([bundle[place] ^ 1 << dice.randrange(8)]) + bundle[place + 1 :])


def test_a_range_by_number_and_by_time(world: World, people: list[Stored]) -> None:
    entries = world.entries()
    assert verified(export(world, which=Range(2, 5))).entries == 3
    middle = entries[4]["at"]
    late = verified(export(world, which=Range(middle, None)))
    assert late.scope.first == 4
    early = verified(export(world, which=Range(None, middle)))
    assert (early.scope.first, early.scope.end) == (0, 4)
    assert verified(export(world, which=Range(10**9, None))).entries == 0
    assert verified(export(world, which=Range(5, 2))).entries == 0
    assert people


def test_clocks_that_went_back_are_said_by_both_verifiers(world: World, people: list[Stored]) -> None:
    import audit.append

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(audit.append, "timestamp", lambda: "2020-01-01T00:00:00.000000+00:00")
        world.platform.door.note(Entry("refusal", "read", TESTER, None))
    assert "the clock went back" in verified(export(world)).findings[0]
    assert "the clock went back" in verify_log(world.platform).findings[0]
    assert people


def test_nothing_is_written_that_is_not_on_the_log(world: World, people: list[Stored]) -> None:
    sink = io.BytesIO()
    with table_missing(world), pytest.raises(Unavailable):
        export_log(world.platform, sink.write, principal=TESTER)
    with pytest.raises(NotFound):
        export_log(world.platform, sink.write, principal=TESTER, customer="email:nobody@example.org")
    assert sink.getvalue() == b""
    assert people


def test_a_broken_log_is_not_exported_as_a_whole_one(world: World, people: list[Stored]) -> None:
    for act in ("update", "delete"):
        on = " ON cdp_log_entry" if world.dialect == "postgresql" else ""
        world.sql(f"DROP TRIGGER IF EXISTS cdp_log_entry_no_{act}{on}")
    world.sql("DELETE FROM cdp_log_entry WHERE number = 3")
    with pytest.raises(Unavailable):
        export(world)
    assert people
