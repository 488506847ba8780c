"""Changing the catalogue: after it the database is as one that never had another catalogue, whatever the change."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from sqlalchemy import Engine, create_engine, event, text

from cdp.bootstrap import Platform
from cdp.errors import Refused, Several
from cdp.services.model import Applied, apply_model, plan_model
from cdp.services.opt_out import refuse
from cdp.services.publish import publish_policy
from cdp.services.verify_log import verify_log
from cdp.store.write import NewRow
from tests import changing as sample, samples
from tests.changing import CASES, DROPPED, NOTHING_STORED, Case, add_entity, drop, edited, set_field
from tests.conftest import fresh_url
from tests.services.changing_store import ORDERS, PEOPLE, Place, beside, filled
from tests.store.content import content


@pytest.fixture
def other(engine_name: str, place: Place, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """Another empty store under the same keys."""
    with fresh_url(engine_name, tmp_path / "other.db", request) as url:
        yield beside(place, tmp_path / "other", url)


def apply(platform: Platform, case: Case, **options: object) -> Applied:
    options = {"allow_destructive": case.destroys, "principal": samples.TESTER, **options}
    return apply_model(platform, edited(*case.edits), **options)


def acts(database_url: str, act: str) -> list[dict[str, object]]:
    """What entries of an act say."""
    entries = query(database_url, "SELECT entry FROM cdp_log_entry ORDER BY number")
    return [body for (entry,) in entries if (body := orjson.loads(entry))["act"] == act]


def query(database_url: str, sql: str) -> list[tuple[object, ...]]:
    engine = create_engine(database_url)
    with engine.connect() as conn:
        rows = [tuple(row) for row in conn.execute(text(sql))]
    engine.dispose()
    return rows


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_afterwards_it_is_as_if_made_new(changing: Platform, place: Place, case: Case, other: Place) -> None:
    new = edited(*case.edits)
    counts = {"customer": PEOPLE, "order": ORDERS}
    plan = plan_model(changing, new)
    assert plan.rows_to_reshape == sum(counts[entity] for entity in case.rewrites)
    assert (plan.destroys, plan.drift, plan.faults, plan.unfinished) == (case.destroys, (), (), None)

    applied = apply(changing, case)

    assert (applied.version, applied.reshaped, applied.resumed) == (2, plan.rows_to_reshape, False)
    assert changing.in_force().catalogue == new
    assert changing.force().applying is None
    steps = [each["step"] for each in acts(place.database_url, "apply_catalogue") if each["step"] != "rows"]
    assert steps == (["in_force"] if case in NOTHING_STORED.values() else ["begin", "shrink", "in_force"])
    with filled(other, catalogue=new, becomes=case.becomes) as fresh:
        assert content(changing, place.database_url, new) == content(fresh, other.database_url, new)
        for view, role in (("desk", "agent"), ("office", "officer")):
            mine, theirs = (samples.rows_of(each, view, role=role) for each in (changing, fresh))
            assert [row[1:] for row in mine] == [row[1:] for row in theirs]
    assert plan_model(changing, new).empty
    assert plan_model(changing, new).drift == ()
    verify_log(changing)


def test_the_sql_that_is_shown_is_the_sql_that_is_run(changing: Platform) -> None:
    """For much at once, and for all of it the other way round."""
    everything = (*CASES["several at once"].edits, *CASES["new entity of an entity"].edits, drop("order.address"))
    for target in (edited(*everything), edited()):
        shown = sorted(_plain(each) for change in plan_model(changing, target).changes for each in change.sql)
        with listening() as run:
            apply_model(changing, target, principal=samples.TESTER, allow_destructive=True)
        assert sorted(_plain(each) for each in run) == shown
        assert shown


def _plain(sql: str) -> str:
    return " ".join(sql.split())


class listening:  # noqa: N801
    """Collects the DDL that is run."""

    def __enter__(self) -> list[str]:
        self.run: list[str] = []
        event.listen(Engine, "before_cursor_execute", self._heard)
        return self.run

    def __exit__(self, *_: object) -> None:
        event.remove(Engine, "before_cursor_execute", self._heard)

    def _heard(self, _conn: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.lstrip().startswith(("CREATE", "ALTER", "DROP")):
            self.run.append(statement)


def test_rows_that_only_lose_a_column_are_not_written_anew(changing: Platform, place: Place) -> None:
    for case in DROPPED.values():
        assert apply(changing, case, allow_destructive=True).reshaped == 0
        apply_model(changing, edited(), principal=samples.TESTER, allow_destructive=True)


def test_new_rows_know_the_new_catalogue(changing: Platform, place: Place) -> None:
    apply(changing, CASES["new field"])
    samples.add(changing, [NewRow({"nick": "Bo"})])
    assert query(place.database_url, "SELECT shaped_with FROM customer WHERE nick = 'Bo'") == [(2,)]
    assert apply(changing, CASES["width"], allow_destructive=True).reshaped == PEOPLE + 1
    assert query(place.database_url, "SELECT DISTINCT shaped_with FROM customer") == [(3,)]


def test_what_is_in_force_is_applied_by_doing_nothing(changing: Platform, place: Place) -> None:
    before = query(place.database_url, "SELECT count(*) FROM cdp_log_entry")
    assert apply_model(changing, edited(), principal=samples.TESTER) == Applied(1, 0, resumed=False)
    assert query(place.database_url, "SELECT count(*) FROM cdp_log_entry") == before


def test_what_destroys_needs_to_be_allowed(changing: Platform, place: Place) -> None:
    before = content(changing, place.database_url, edited())
    with pytest.raises(Refused) as caught:
        apply(changing, CASES["several at once"], allow_destructive=False)
    assert caught.value.code == "destructive_change"
    assert content(changing, place.database_url, edited()) == before
    assert query(place.database_url, "SELECT max(version) FROM cdp_catalogue_version") == [(1,)]
    assert changing.force().applying is None


def test_a_policy_that_no_longer_fits_keeps_the_catalogue_out(changing: Platform, place: Place) -> None:
    text_ = (
        sample.POLICY_TEXT
        + "  sums: {kind: standard, entity: order, purpose: service, roles: [agent], fields: [total]}\n"
    )
    publish_policy(changing, samples.policy(text_), principal=samples.TESTER)
    for case in (Case((drop("order"),), {}), Case((drop("order.total"),), {})):
        plan = plan_model(changing, edited(*case.edits))
        assert {fault.path for fault in plan.faults} <= {"views.sums.entity", "views.sums.fields"}
        assert [change.kind for change in plan.changes][-1] == "view_breaks"
        with pytest.raises(Several) as caught:
            apply(changing, case, allow_destructive=True)
        assert caught.value.code == "policy_unfit"
        assert [str(fault) for fault in caught.value.faults] == [str(fault) for fault in plan.faults] != []
    assert changing.force().catalogue_version == 1


def test_effects_on_views_are_part_of_the_plan(changing: Platform) -> None:
    case = (
        set_field("customer.income", sensitivity="none"),
        drop("customer.member"),
        set_field("customer.email", mask="generic"),
    )
    found = {
        change.words: change.kind
        for change in plan_model(changing, edited(*case)).changes
        if change.kind.startswith("view")
    }
    assert found == {
        "the view `desk` shows `email` masked in another way": "view_changes",
        "the view `desk` shows `income` in the clear instead of generalised": "view_widens",
        "the view `desk` no longer has the column `member`": "view_narrows",
        "the view `office` no longer has the column `member`": "view_narrows",
    }


def test_values_that_do_not_convert_are_counted_and_never_told(changing: Platform, place: Place) -> None:
    told = []
    applied = apply(changing, CASES["several at once"], progress=lambda *numbers: told.append(numbers))
    assert applied.lost == {"order.total": 2}
    assert told[-1] == (PEOPLE + ORDERS, PEOPLE + ORDERS)
    assert len(told) > 2
    entries = acts(place.database_url, "apply_catalogue")
    assert [each["step"] for each in entries] == ["begin", *["rows"] * len(told), "shrink", "in_force"]
    assert sum(each["rows"] for each in entries if each["step"] == "rows") == PEOPLE + ORDERS
    assert sum(each["lost"].get("total", 0) for each in entries if each["step"] == "rows") == 2
    assert entries[0]["catalogue_next"] == entries[-1]["catalogue"] == changing.in_force().catalogue.digest
    assert {each["catalogue"] for each in entries[:-1]} == {edited().digest} == {entries[-1]["catalogue_before"]}
    assert "129.90" not in str(entries)


def test_an_opt_out_that_comes_back_is_still_refused(changing: Platform) -> None:
    apply(changing, CASES["new opt-out"])
    [first, *_] = samples.rows_of(changing, "desk")
    refuse(changing, str(first[0]), "profiling", principal=samples.TESTER)
    apply_model(changing, edited(), principal=samples.TESTER, allow_destructive=True)
    apply(changing, CASES["new opt-out"])
    policy = sample.POLICY_TEXT.replace("subject_to: []", "subject_to: [profiling]").replace("  office", "  # office")
    publish_policy(changing, samples.policy(policy.replace("[agent, officer]", "[agent]")), principal=samples.TESTER)
    assert first[0] not in [row[0] for row in samples.rows_of(changing, "desk")]
    assert len(samples.rows_of(changing, "desk")) == PEOPLE - 1


def test_a_database_that_was_changed_beside_the_program_is_not_touched(changing: Platform, place: Place) -> None:
    engine = create_engine(place.database_url)
    with engine.begin() as conn:
        conn.execute(text("ALTER TABLE customer RENAME COLUMN city TO town"))
        conn.execute(text("ALTER TABLE customer ADD COLUMN nick TEXT"))
        conn.execute(text("CREATE TABLE odd (a TEXT)"))
    engine.dispose()
    assert plan_model(changing, edited()).drift == (
        "the column `customer.city` is missing",
        "the column `customer.town` is of no field",
        "the column `customer.nick` is of no field",
        "the table `odd` is of no entity",
    )
    with pytest.raises(Refused) as caught:
        apply(changing, CASES["new field"])
    assert caught.value.code == "catalogue_drift"
    assert str(caught.value).startswith(
        "database: the column `customer.city` is missing, the column `customer.nick` is of"
    )
    assert changing.force().catalogue_version == 1


def test_entities_can_be_dropped_with_their_children_and_come_back(changing: Platform, place: Place) -> None:
    line = add_entity("line", "order", sku={"type": "text", "sensitivity": "identifying", "identifier": "sku"})
    apply(changing, Case((line,), {}))
    [order] = samples.add(changing, [NewRow({}, customer_id=str(samples.rows_of(changing, "desk")[0][0]))], "order")
    samples.add(changing, [NewRow({"sku": "a"}, customer_id=order.customer_id, parent_id=order.row_id)], "line")
    apply(changing, Case((drop("order"),), {}), allow_destructive=True)
    assert query(place.database_url, "SELECT DISTINCT entity FROM cdp_identifier") == [("customer",)]
    apply(changing, Case((line,), {}))
    assert query(place.database_url, "SELECT count(*) FROM line") == [(0,)]
    assert plan_model(changing, edited(line)).drift == ()
