"""Whatever happens in whatever order, nothing but the person loosens: a state machine on both engines."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from audit.entries import Entry, timestamp
from cdp.bootstrap import Platform
from cdp.catalogue.places import flag_column
from cdp.services.erase import erase
from cdp.services.rebuild_consent import check_consent, rebuild_consent
from cdp.services.state_choices import Said, Wish, state_choices
from cdp.store.tables import build_schema
from cdp.store.write import NewRow
from cdp.terms import OPT_OUTS
from consent.events import Event, Source, State
from consent.flags import add_events
from consent.merge import Merge, merge_refusals, unmerge_refusals
from tests import samples
from tests.samples import TESTER

OTHERS = [Source.INGEST, Source.IMPORT, Source.SIGNAL, Source.RESTORE]
CHOICES = [*OPT_OUTS[:2], "direct_marketing/email"]
PEOPLE = 4
DAY = "2026-01-0{}T00:00:00.000000+00:00"


class Consent(RuleBasedStateMachine):
    """A few customers, and all that may happen to their refusals."""

    platform: Platform
    numbers = count()

    @initialize()
    def begin(self) -> None:
        rows = [NewRow(samples.person(next(self.numbers))) for _ in range(PEOPLE)]
        self.people = [row.customer_id for row in samples.add(self.platform, rows)]
        self.merges: list[Merge] = []
        self.at_merge: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
        self.number = 0
        self.flags = self._flags()

    def _flags(self) -> dict[str, frozenset[str]]:
        force = self.platform.in_force()
        customer = build_schema(force.catalogue, self.platform.door.dialect).customer
        columns = [customer.c[flag_column(name)] for name in force.catalogue.opt_outs]
        query = select(customer.c.customer_id, *columns).where(customer.c.customer_id.in_(self.people))
        with self.platform._database.reading() as conn:
            rows = conn.execute(query).all()
        return {
            row[0]: frozenset(name for name, flag in zip(force.catalogue.opt_outs, row[1:], strict=True) if flag)
            for row in rows
        }

    def _tightened(self, *may_loosen: str, only: set[str] | None = None) -> None:
        """What stood refused still is, but for whom may loosen, and there only what may."""
        before, self.flags = self.flags, self._flags()
        for customer_id, refused in self.flags.items():
            lost = before[customer_id] - refused
            assert not lost or (customer_id in may_loosen and (only is None or lost <= only)), lost

    def _do(self, work: Callable[[Any, Any], object]) -> None:
        force = self.platform.in_force()
        with self.platform.door.record(Entry("change", "test", TESTER, force.versions)) as change:
            work(change.conn, force.catalogue)

    def _her(self, place: int) -> str:
        return self.people[place % len(self.people)]

    @precondition(lambda self: self.people)
    @rule(place=st.integers(0, PEOPLE), choice=st.sampled_from(CHOICES), refused=st.booleans(), portal=st.booleans())
    def she_says(self, place: int, choice: str, *, refused: bool, portal: bool) -> None:
        her, state = self._her(place), State.REFUSED if refused else State.ALLOWED
        said = Said(Source.PORTAL if portal else Source.STAFF, word="" if portal else "she said so")
        state_choices(self.platform, her, [Wish(choice, state)], principal=TESTER, said=said)
        self._tightened(*([] if refused else [her]), only={choice.partition("/")[0]})

    @precondition(lambda self: self.people)
    @rule(
        place=st.integers(0, PEOPLE), choice=st.sampled_from(CHOICES), source=st.sampled_from(OTHERS),
        refused=st.booleans(), day=st.integers(0, 3), times=st.integers(1, 2),
    )  # fmt: skip
    def others_say(
        self, place: int, choice: str, source: Source, *, refused: bool, day: int, times: int
    ) -> None:  # fmt: skip
        now = timestamp()
        event = Event(
            self._her(place), choice, State.REFUSED if refused else State.ALLOWED, source,
            DAY.format(day) if day else now, now,
        )  # fmt: skip
        self._do(lambda conn, catalogue: add_events(conn, catalogue, [event] * times))
        self._tightened()

    @precondition(lambda self: len(self.people) > 1)
    @rule(place=st.integers(0, PEOPLE), other=st.integers(0, PEOPLE))
    def merge(self, place: int, other: int) -> None:
        one, two = self._her(place), self._her(other)
        taken = {each.absorbed for each in self.merges}
        if one == two or one in taken or two in taken or any(each.survivor == two for each in self.merges):
            return
        self.number += 1
        merge = Merge(f"m{self.number}", one, two)
        self._do(lambda conn, catalogue: merge_refusals(conn, catalogue, merge, at=timestamp()))
        before = self.flags
        self._tightened()
        assert self.flags[one] == before[one] | before[two]
        assert self.flags[two] == before[two]
        self.merges.append(merge)
        self.at_merge[merge.merge_id] = (before[one], before[two])

    @precondition(lambda self: self.merges)
    @rule(place=st.integers(0, PEOPLE))
    def unmerge(self, place: int) -> None:
        merge = self.merges.pop(place % len(self.merges))
        held = self.flags
        self._do(lambda conn, catalogue: unmerge_refusals(conn, catalogue, merge, at=timestamp()))
        brought = self.at_merge[merge.merge_id][1]
        self._tightened(merge.survivor, only=set(brought))
        assert self.flags[merge.absorbed] >= held[merge.absorbed]
        again = self.flags
        self._do(lambda conn, catalogue: unmerge_refusals(conn, catalogue, merge, at=timestamp()))
        self._tightened()
        assert self.flags == again

    @precondition(lambda self: len(self.people) > 2)
    @rule(place=st.integers(0, PEOPLE))
    def erase(self, place: int) -> None:
        her = self._her(place)
        if any(her in (each.survivor, each.absorbed) for each in self.merges):
            return
        erase(self.platform, [her], principal=TESTER, reason="she asked")
        self.people.remove(her)
        self._tightened()

    @rule(check=st.booleans())
    def rebuild(self, *, check: bool) -> None:
        found = (check_consent if check else rebuild_consent)(self.platform, principal=TESTER)
        assert found.differences == ()
        before = self.flags
        self._tightened()
        assert self.flags == before

    @invariant()
    def flags_are_the_projection(self) -> None:
        if hasattr(self, "people"):
            assert check_consent(self.platform, principal=TESTER).differences == ()


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Any:
    with samples.store(tmp_path / "home", database_url, keys_url) as opened:
        yield opened


def test_nothing_but_the_person_loosens(platform: Platform) -> None:
    machine = type("Machine", (Consent,), {"platform": platform})
    run_state_machine_as_test(machine, settings=settings(max_examples=20, stateful_step_count=20, deadline=None))
