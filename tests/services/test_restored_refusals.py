"""A backup of the data is older than some refusals: they hold again before its first read (invariants 3 and 4)."""

import ast
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import cdp
from cdp import acts
from cdp.bootstrap import Platform
from cdp.errors import Unavailable
from cdp.services.consent_history import read_consent
from cdp.services.erase import erase
from cdp.services.opt_out import allow, refuse
from cdp.services.verify_log import verify_log
from cdp.store.write import NewRow
from cdp.vault.refusals import START, KeptRefusals
from consent.events import Source, State
from tests import samples
from tests.samples import TESTER
from tests.services.changing_store import Place, copied

MARKETING, SHARING = "direct_marketing", "third_party_disclosure"


def join(platform: Platform, count: int) -> list[str]:
    rows = [NewRow({"name": "Somebody"}) for _ in range(count)]
    return [each.customer_id for each in samples.add(platform, rows)]


def flags(platform: Platform, customer_id: str) -> set[str]:
    found = read_consent(platform, customer_id, principal=TESTER).flags
    return {name for name, refused in found.items() if refused}


@contextmanager
def yesterday(place: Place, folder: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """The data as it is now, to be opened later with the keys as they are then; the operator says that he means it."""
    with copied(place, folder, request) as backup:
        shutil.rmtree(backup.home)
        shutil.copytree(place.home, backup.home, ignore=shutil.ignore_patterns("checkpoint"))
        yield Place(backup.home, backup.database_url, place.keys_url)


def test_what_was_refused_since_holds_again(place: Place, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    with place.open() as platform:
        ann, ben, eve, kim = join(platform, 4)
        refuse(platform, kim, MARKETING, principal=TESTER)
    with yesterday(place, tmp_path / "backup", request) as backup:
        with place.open() as platform:
            for each in (ann, ben, eve):
                refuse(platform, each, MARKETING, principal=TESTER)
            refuse(platform, ann, f"{SHARING}/email", principal=TESTER)
            refuse(platform, ann, SHARING, principal=TESTER)
            refuse(platform, *(later := join(platform, 1)), MARKETING, principal=TESTER)
            allow(platform, ben, MARKETING, principal=TESTER, word="she likes it")
            allow(platform, kim, MARKETING, principal=TESTER, word="she likes it")
            erase(platform, [eve], principal=TESTER, reason="a test")
        with backup.open() as platform:
            assert flags(platform, ann) == {MARKETING, SHARING}
            assert flags(platform, kim) == {MARKETING}  # what she allowed since is not in the copy, and is hers to say
            assert flags(platform, ben) == {MARKETING}
            history = read_consent(platform, ann, principal=TESTER).history
            assert [(each.source, each.state) for each in history] == [(Source.RESTORE, State.REFUSED)] * 3
            kept = {each.customer_id for each in platform.vault.refusals.after(START, limit=99)}
            assert {ann, ben, kim, *later} <= kept
            assert eve not in kept  # erased
            verify_log(platform)
        with backup.open() as platform:  # once is enough
            assert read_consent(platform, ann, principal=TESTER).history == history
            allow(platform, ben, MARKETING, principal=TESTER, word="she still likes it")
            assert flags(platform, ben) == set()
        with backup.open() as platform:
            assert flags(platform, ben) == set()


def test_a_store_that_is_not_behind_hears_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    with place.open() as platform:
        ann, ben = join(platform, 2)
        refuse(platform, ann, MARKETING, principal=TESTER)
        refuse(platform, ben, MARKETING, principal=TESTER)
        allow(platform, ben, MARKETING, principal=TESTER, word="she likes it")
    monkeypatch.setattr("cdp.bootstrap.replay_acts", lambda *_: pytest.fail("it was held to be an older copy"))
    with place.open() as platform:
        assert (flags(platform, ann), flags(platform, ben)) == ({MARKETING}, set())


def test_a_refusal_that_cannot_be_kept_is_not_acknowledged(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    with place.open() as platform:
        (ann,) = join(platform, 1)

        def full(*_: object, **__: object) -> None:
            raise Unavailable("keystore_full", "full")

        with monkeypatch.context() as patched:
            patched.setattr(KeptRefusals, "keep", full)
            with pytest.raises(Unavailable):
                refuse(platform, ann, MARKETING, principal=TESTER)
        assert flags(platform, ann) == set()


def test_one_that_was_kept_and_then_lost_only_tightens(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between the two databases: she did refuse, though nobody told her that it was heard."""
    with place.open() as platform:
        (ann,) = join(platform, 1)
        keep = KeptRefusals.keep

        def killed(*given: object, **named: object) -> None:
            keep(*given, **named)
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(KeptRefusals, "keep", killed)
            with pytest.raises(KeyboardInterrupt):
                refuse(platform, ann, MARKETING, principal=TESTER)
        assert flags(platform, ann) == set()
    with place.open() as platform:
        assert flags(platform, ann) == {MARKETING}


def test_in_batches(
    place: Place, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "BATCH", 2)
    batches, hear = list[int](), acts._hear
    monkeypatch.setattr(acts, "_hear", lambda *given: batches.append(hear(*given)) or batches[-1])
    with place.open() as platform:
        people = join(platform, 5)
    with yesterday(place, tmp_path / "backup", request) as backup:
        with place.open() as platform:
            for each in people:
                refuse(platform, each, MARKETING, principal=TESTER)
        with backup.open() as platform:
            assert sorted(batches) == [1, 2, 2]
            assert [flags(platform, each) for each in people] == [{MARKETING}] * 5


def test_every_act_goes_past_the_keys() -> None:
    """Outside `consent`, histories grow here, by a regime, or with a new customer."""
    root = Path(cdp.__file__).parent
    found = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and any(each.name in {"add_events", "append_events"} for each in node.names)
    }
    assert found == {"acts.py", "services/spread_regimes.py", "services/latency/measure.py"}
