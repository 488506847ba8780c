"""While a catalogue is being applied: nobody else reads or writes, what was cut off goes on, two may do it at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, text

from cdp.bootstrap import Platform
from cdp.catalogue.model import Catalogue
from cdp.errors import CdpError, Refused
from cdp.services import model
from cdp.services.model import Applied, apply_model, plan_model
from cdp.services.opt_out import refuse
from cdp.services.publish import publish_policy
from cdp.services.verify_log import verify_log
from cdp.store.write import NewRow
from tests import changing as sample, samples
from tests.changing import CASES, drop, edited, set_field
from tests.services.changing_store import ORDERS, PEOPLE, Place
from tests.services.test_model import acts, query
from tests.store.content import content

MUCH = edited(*CASES["several at once"].edits)
WINDOW = "catalogue_applying"


class CutOffError(Exception):
    """The process ends here."""


def apply(platform: Platform, catalogue: Catalogue = MUCH, **options: object) -> Applied:
    return apply_model(platform, catalogue, principal=samples.TESTER, allow_destructive=True, **options)


def cut_off(platform: Platform, catalogue: Catalogue | None = None) -> None:
    """Apply until the first rows are written anew: MUCH, or what was before it when that is in force."""
    catalogue = catalogue or (edited() if platform.in_force(fresh=True).catalogue == MUCH else MUCH)

    def end(_done: int, _total: int) -> None:
        raise CutOffError

    with pytest.raises(CutOffError):
        apply(platform, catalogue, progress=end)


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(CdpError) as caught:
        yield
    assert caught.value.code == code


@pytest.fixture
def other(place: Place) -> Iterator[Platform]:
    """The store as another process has it, which has read before and keeps what was in force then."""
    with place.open() as opened:
        database = opened._database
        with database.reading(), database.reading(), database.reading():
            pass  # so many connections it has now, and takes them in turn
        for _ in range(3 * 7):  # so often that PostgreSQL has the statements prepared on each
            samples.rows_of(opened, "desk")
            samples.rows_of(opened, "office", role="officer")
        yield opened


def test_nobody_reads_or_writes_meanwhile(changing: Platform, other: Platform) -> None:
    customer = str(samples.rows_of(changing, "desk")[0][0])
    more = samples.policy(sample.POLICY_TEXT.replace("[agent, officer]", "[agent, officer, idle]"))
    cut_off(changing)
    for platform in (changing, other):
        for view, role in (("desk", "agent"), ("office", "officer")):
            with refused(WINDOW):
                samples.rows_of(platform, view, role=role)
        with refused(WINDOW):
            refuse(platform, customer, "direct_marketing", principal=samples.TESTER)
        with refused(WINDOW):
            samples.add(platform, [NewRow({"level": "gold"})])
        with refused(WINDOW):
            publish_policy(platform, more, principal=samples.TESTER)
    apply(changing)
    for platform in (changing, other):
        assert len(samples.rows_of(platform, "desk")) == PEOPLE


@pytest.mark.parametrize("name", ["several at once", "general of another type", "field gone", "integer to json"])
def test_another_process_goes_on_under_the_new_catalogue(changing: Platform, other: Platform, name: str) -> None:
    new = edited(*CASES[name].edits)
    apply(changing, new)
    for _ in range(3 * 7):
        for view, role in (("desk", "agent"), ("office", "officer")):
            assert samples.rows_of(other, view, role=role) == samples.rows_of(changing, view, role=role)
    assert other.in_force().catalogue == new


def test_a_write_that_was_begun_under_the_old_catalogue_fails(changing: Platform, other: Platform) -> None:
    before = other.in_force()
    apply(changing)
    with refused("superseded"):
        samples.add(other, [NewRow({"born": "2000-01-01"})])
    assert other.in_force() is before  # the caller decides when to look again
    assert len(samples.rows_of(changing, "desk")) == PEOPLE


def test_what_was_cut_off_goes_on(changing: Platform, place: Place) -> None:
    cut_off(changing)
    written = query(place.database_url, "SELECT count(*) FROM customer WHERE shaped_with = 2")[0][0]
    assert 0 < written < PEOPLE
    plan = plan_model(changing, MUCH)
    assert (plan.unfinished, plan.drift, plan.empty) == (2, (), False)
    told: list[tuple[int, int]] = []
    applied = apply(changing, progress=lambda *numbers: told.append(numbers))
    left = PEOPLE + ORDERS - written
    assert (applied.version, applied.reshaped, applied.resumed) == (2, left, True)
    assert told[-1] == (left, left)
    assert plan_model(changing, MUCH).unfinished is None


def test_it_goes_on_without_being_allowed_again(changing: Platform) -> None:
    cut_off(changing)
    assert apply_model(changing, MUCH, principal=samples.TESTER).resumed


@pytest.mark.parametrize("other_one", [edited(drop("customer.city")), edited()], ids=["another", "the one in force"])
def test_nothing_else_is_applied_before_that(changing: Platform, other_one: Catalogue) -> None:
    cut_off(changing)
    with pytest.raises(Refused) as caught:
        apply(changing, other_one)
    assert caught.value.code == "apply_unfinished"
    assert "version 2" in caught.value.message
    assert apply(changing).version == 2


def test_two_at_once_do_it_once(changing: Platform, place: Place) -> None:
    plan = plan_model(changing, MUCH)
    found, faults = [], []
    start = threading.Barrier(3)

    def work() -> None:
        try:
            with place.open() as platform:
                start.wait()
                found.append(apply(platform))
        except BaseException as error:
            faults.append(error)
            raise

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert {applied.version for applied in found} == {2}
    assert sum(applied.reshaped for applied in found) == plan.rows_to_reshape
    begun = [each["step"] for each in acts(place.database_url, "apply_catalogue")]
    assert begun.count("begin") == begun.count("in_force") == 1
    assert plan_model(changing, MUCH).empty
    assert plan_model(changing, MUCH).drift == ()
    verify_log(changing)


def test_tables_that_another_process_is_changing_are_no_drift(
    changing: Platform, other: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at what is in force and the look at the tables, another one begins."""
    drift = model._drift

    def late(*arguments: object) -> Iterator[str]:
        monkeypatch.setattr(model, "_drift", drift)
        cut_off(other)
        return drift(*arguments)

    monkeypatch.setattr(model, "_drift", late)
    assert apply(changing).version == 2
    monkeypatch.setattr(model, "_drift", late)
    assert (plan_model(changing, edited()).drift, plan_model(changing, edited()).unfinished) == ((), 3)


def test_a_policy_that_is_published_first_is_asked(
    changing: Platform, other: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at the policy and the first step, one comes into force that does not fit."""
    from cdp.services import applying

    more = sample.POLICY_TEXT + "  born: {kind: standard, purpose: service, roles: [agent], fields: [born]}\n"
    begin = applying.Applying.begin

    def late(self: applying.Applying) -> int:
        monkeypatch.undo()
        publish_policy(other, samples.policy(more), principal=samples.TESTER)
        return begin(self)

    monkeypatch.setattr(applying.Applying, "begin", late)
    with refused("policy_unfit"):
        apply(changing)
    assert changing.force().applying is None


def test_of_erased_customers_nothing_is_made(changing: Platform, place: Place) -> None:
    [gone, *_] = samples.rows_of(changing, "desk")
    changing.vault.destroy([str(gone[0])])
    new = edited(
        set_field("customer.email", mask="generic"),
        set_field("customer.city", sensitivity="identifying", mask="last4", general=None, keep=None),
        set_field("customer.income", width=100),
        set_field("customer.score", at_rest=None),
    )
    assert apply(changing, new).reshaped == PEOPLE
    columns = "shaped_with, name__masked, email__masked, city__masked, income__general, score, born__general"
    [row] = query(place.database_url, f"SELECT {columns} FROM customer WHERE customer_id = '{gone[0]}'")
    assert row[:4] == (2, None, None, None)
    assert (row[4] is None, row[5], row[6] is None) == (False, None, False)  # what stands in the clear goes on doing so
    assert query(place.database_url, "SELECT DISTINCT shaped_with FROM customer") == [(2,)]
    dump = content(changing, place.database_url, new)["rows"]["customer"]
    assert [row.get("identity") for row in dump.values()].count("erased") == 1


def test_identifiers_that_two_have_are_merged_by_nobody(changing: Platform, place: Place) -> None:
    twins = [{"city": "Rome", "level": "gold"}, {"city": "rome", "level": "silver"}, {"city": "Paris", "level": "none"}]
    made = samples.add(changing, [NewRow(values) for values in twins])
    held = "SELECT customer_id, verified FROM cdp_identifier WHERE kind = 'town' ORDER BY customer_id"
    identifying = set_field("customer.city", identifier="town", sensitivity="identifying", general=None, keep=None)
    applied = apply(changing, edited(identifying))
    found = {customer: bool(verified) for customer, verified in query(place.database_url, held)}
    first, second = sorted(made[:2], key=lambda row: row.ordinal)
    assert (applied.claimed, found[first.customer_id], found[second.customer_id]) == (1, True, False)
    assert found[made[2].customer_id] is True
    rows = samples.rows_of(changing, "office", ("city", "eq.Rome"), role="officer")
    assert {row[0] for row in rows} <= {first.customer_id, second.customer_id}
    # Written anew once more, a claim stays a claim.
    again = apply(changing, edited(identifying, set_field("customer.email", mask="generic")))
    assert again.claimed == 1
    assert {customer: bool(verified) for customer, verified in query(place.database_url, held)} == found


def test_a_claim_does_not_take_an_identifier_from_who_has_it(changing: Platform, place: Place) -> None:
    """Somebody's note says another one's e-mail address, and then notes become e-mail addresses."""
    [ann, *_] = samples.rows_of(changing, "office", role="officer")
    new = edited(set_field("customer.city", identifier="email"))
    [thief] = samples.add(changing, [NewRow({"city": str(ann[2])})])
    assert apply(changing, new).claimed == 1
    held = "SELECT DISTINCT customer_id FROM cdp_identifier WHERE kind = 'email' AND customer_id IN ('{}', '{}') AND {}"
    verified = "verified = 1" if place.database_url.startswith("sqlite") else "verified"
    assert query(place.database_url, held.format(ann[0], thief.customer_id, verified)) == [(ann[0],)]
    assert len(query(place.database_url, held.format(ann[0], thief.customer_id, "true"))) == 2


def test_what_is_only_claimed_stays_so_even_when_nobody_else_has_it(changing: Platform, place: Place) -> None:
    [row, *_] = samples.rows_of(changing, "desk")
    engine = create_engine(place.database_url)
    with engine.begin() as conn:
        false = "0" if conn.dialect.name == "sqlite" else "false"
        conn.execute(text(f"UPDATE cdp_identifier SET verified = {false} WHERE customer_id = '{row[0]}'"))
    engine.dispose()
    assert apply(changing, edited(set_field("customer.email", mask="generic"))).claimed == 1
    held = query(place.database_url, f"SELECT verified FROM cdp_identifier WHERE customer_id = '{row[0]}'")
    assert [bool(verified) for (verified,) in held] == [False]
