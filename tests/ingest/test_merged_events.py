"""Events go with a person who becomes part of another, and come back with her exactly, whatever came meanwhile."""

import random
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import select

from cdp.bootstrap import Platform
from cdp.errors import Refused
from cdp.events.kept import REST
from cdp.ingest.sources import add_source
from cdp.ingest.spool import Intake
from cdp.ingest.worker import Worker
from cdp.services.erase import erase
from cdp.services.identity.merge import merge_customers, unmerge_customers
from cdp.services.model import apply_model
from cdp.store.arriving import EVENT
from tests import samples
from tests.ingest.sending import drain, identify, send, track
from tests.ingest.test_reread import WIDER
from tests.samples import TESTER
from tests.support import gone

PEOPLE = 5


@pytest.fixture
def crm(platform: Platform) -> str:
    return add_source(platform, "crm", principal=TESTER, trusted=True)[1]


def events(platform: Platform) -> dict[str, tuple[str, Any]]:
    """Whose each event is, by the colour that only its rest says, with its row and all that its rest says."""
    with platform._database.reading() as conn:
        rows = conn.execute(select(EVENT)).all()
        of_row = dict(conn.exec_driver_sql("SELECT purchase_id, customer_id FROM purchase").all())
    keys = platform.vault.keys(sorted({row.customer_id for row in rows}))
    found = {}
    for row in rows:
        rest = REST.unseal(keys[row.customer_id], row.message, bytes(row.rest))
        assert not row.row_id or of_row[row.row_id] == row.customer_id
        found[str(rest.get("properties", {}).get("colour"))] = (row.customer_id, (row.row_id, row.read_with, rest))
    return found


@dataclass
class Model:
    """Whose events are whose, by plain bookkeeping."""

    bearer: dict[str, str]
    owner: dict[str, str] = field(default_factory=dict)
    merges: list[tuple[str, str, str, set[str], set[str]]] = field(default_factory=list)

    def merge(self, merge_id: str, survivor: str, absorbed: str) -> None:
        mine = {each for each, whose in self.owner.items() if whose == absorbed}
        names = {each for each, whose in self.bearer.items() if whose == absorbed}
        self.merges.append((merge_id, survivor, absorbed, mine, names))
        self._give(mine, names, survivor)

    def undo(self, number: int) -> None:
        _, _, absorbed, mine, names = self.merges.pop(number)
        self._give(mine, names, absorbed)

    def _give(self, mine: set[str], names: set[str], whose: str) -> None:
        self.owner |= dict.fromkeys(mine, whose)
        self.bearer |= dict.fromkeys(names, whose)


def buy(number: int, user: str) -> dict[str, Any]:
    said = {"total": 1, "orderId": f"o{number}", "colour": f"c{number}"}
    return track(number=number, user=user, name=("Order Completed", "Seen")[number % 2], properties=said)


@pytest.mark.parametrize("seed", range(4))
def test_any_merges_and_undoings_leave_every_event_where_a_model_says(
    platform: Platform, intake: Intake, crm: str, seed: int
) -> None:
    dice = random.Random(seed)
    users = [f"u{number}" for number in range(PEOPLE)]
    send(intake, crm, *[buy(number, user) for number, user in enumerate(users)])
    drain(platform)
    first = events(platform)
    model = Model({f"u{number}": first[f"c{number}"][0] for number in range(PEOPLE)})
    model.owner = {colour: whose for colour, (whose, _) in first.items()}
    said = {colour: rest for colour, (_, rest) in first.items()}
    for number in range(PEOPLE, 30):
        alive = sorted(set(model.bearer.values()))
        step = dice.random()
        if step < 0.4:
            user = dice.choice(users)
            send(intake, crm, buy(number, user))
            drain(platform)
            model.owner[f"c{number}"] = model.bearer[user]
            said[f"c{number}"] = events(platform)[f"c{number}"][1]
        elif step < 0.75 and len(alive) > 1:
            survivor, absorbed = dice.sample(alive, 2)
            done = merge_customers(platform, survivor, absorbed, principal=TESTER, reason="a test")
            model.merge(done.merge_id, survivor, absorbed)
        elif model.merges:
            undo(platform, model, dice.randrange(len(model.merges)))
        assert {colour: whose for colour, (whose, _) in events(platform).items()} == model.owner
    while model.merges:
        undo(platform, model, len(model.merges) - 1)
    assert events(platform) == {colour: (whose, said[colour]) for colour, whose in model.owner.items()}


def undo(platform: Platform, model: Model, number: int) -> None:
    merge_id, survivor = model.merges[number][:2]
    if any(absorbed == survivor for _, _, absorbed, _, _ in model.merges):
        with pytest.raises(Refused):
            unmerge_customers(platform, merge_id, principal=TESTER)
        return
    unmerge_customers(platform, merge_id, principal=TESTER)
    model.undo(number)


def test_what_is_classified_meanwhile_goes_back_with_its_event(platform: Platform, intake: Intake, crm: str) -> None:
    page = {"type": "page", "userId": "u2", "name": "Home", "messageId": "p1", "context": {"page": {"url": "/start"}}}
    send(intake, crm, identify(1, "u1"), page)
    drain(platform)
    merged = merge_customers(platform, "user_id:u1", "user_id:u2", principal=TESTER, reason="a test")
    apply_model(platform, samples.catalogue(WIDER), principal=TESTER)
    assert Worker(platform).catch_up() == 2
    owners = "SELECT v.customer_id, e.customer_id FROM visit v JOIN cdp_event e ON e.row_id = v.visit_id"
    with platform._database.reading() as conn:
        assert conn.exec_driver_sql(owners).all() == [(merged.survivor, merged.survivor)]
    unmerge_customers(platform, merged.merge_id, principal=TESTER)
    with platform._database.reading() as conn:
        assert conn.exec_driver_sql(owners).all() == [(merged.absorbed, merged.absorbed)]
    erase(platform, ["user_id:u2"], principal=TESTER, reason="she asked")
    assert gone.traces(platform, merged.absorbed) == {}
    assert platform.door.count(EVENT) == 1
