"""What becomes of a row on a day, against a naive model that walks through every day; and periods by the calendar."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from cdp.catalogue.document import parse_document, validate
from cdp.catalogue.keeping import earlier, end_of_month, later, parse_period
from cdp.catalogue.model import Catalogue, Entity
from cdp.services.retention.judge import ROW, Asked, Known, Verdict, judge
from cdp.services.retention.terms import By, Ending, term_of

DAYS = st.dates(date(2019, 1, 1), date(2026, 12, 31))
PERIODS = st.sampled_from(["1 day", "P2W", "90 days", "6 months", "1y", "P3Y"])
HOLD = "hold: {reason: {en: Law}, basis: legal_obligation, purpose: books, period: 2 years, since: day}"


def entity_of(name: str, whole: str, *fields: str) -> Entity:
    named = ", ".join(f"f{number}: {{type: text, sensitivity: personal{each}}}" for number, each in enumerate(fields))
    inside = f"{whole}fields: {{day: {{type: date, sensitivity: none}}, {named}}}"
    other = "" if name == "customer" else "customer: {fields: {}}, "
    below = "" if name == "customer" else "belongs_to: customer, "
    text = f"entities: {{{other}{name}: {{{below}{inside}}}}}"
    return validate(Catalogue, parse_document(text, "c.yaml")).entities[name]


@st.composite
def situations(draw: st.DrawFn) -> tuple[Entity, Known, date, int]:
    def keys(*, hold: bool) -> str:
        period = draw(st.none() | PERIODS)
        found = f", retention: {period}" + draw(st.sampled_from(["", ", when_outdated: ask"])) if period else ""
        return found + (f", {HOLD}" if hold and draw(st.booleans()) else "")

    name = draw(st.sampled_from(["customer", "order"]))
    whole = keys(hold=False).removeprefix(", ")
    entity = entity_of(name, f"{whole}, " if whole else "", *(keys(hold=True) for _ in range(2)))
    collected = draw(DAYS)
    asked = {
        each: Asked(on, draw(st.none() | st.dates(on, date(2026, 12, 31))))
        for each in (ROW, "f0", "f1")
        if draw(st.booleans())
        for on in (draw(DAYS),)
    }
    values = {"f0": draw(st.none() | st.just("x")), "f1": "y", "day": draw(st.none() | DAYS.map(str))}
    active = max(collected, draw(DAYS))
    limits = draw(st.lists(PERIODS, max_size=2))
    return entity, Known(values, collected, active, asked, limits), draw(DAYS), draw(st.integers(1, 60))


def law(entity: Entity, row: Known, name: str, today: date) -> bool:
    """Whether a law of two years keeps a value: from its day on, to the end of the month."""
    if entity.fields[name].hold is None or row.values[name] is None:
        return False
    begins = date.fromisoformat(row.values["day"]) if row.values["day"] else row.collected
    year, month = begins.year + 2, begins.month
    return date(year + month // 12, month % 12 + 1, 1) > today


def old(since: date, periods: list[str], today: date) -> bool:
    """Whether any of these periods is over."""
    return any((today - since).days >= (later(since, parse_period(each)) - since).days for each in periods)


def model(entity: Entity, row: Known, today: date, patience: int) -> dict[str, Verdict]:
    """The same in other words: an age in days against the days that a period has from its own beginning."""

    def fate(name: str, since: date, periods: list[str], when: str | None) -> str:
        question = row.asked.get(name)
        answered = question is not None and question.confirmed_on is not None
        if answered and question.confirmed_on > since:
            since = question.confirmed_on
        if not old(since, periods, today):
            return "keep"
        if when == "ask":
            if question is None or answered:
                return "ask"
            return "wait" if (today - question.asked_on).days < patience else "delete"
        return "delete"

    periods = [each for each in [entity.retention, *row.limits] if each]
    whole = fate(ROW, row.active if entity.name == "customer" else row.collected, periods, entity.when_outdated)
    there = [name for name in entity.fields if row.values.get(name) is not None]
    kept = {name for name in there if law(entity, row, name, today)}
    kept |= {"day"} if kept else set()
    below = entity.name != "customer" and kept
    if below and (whole == "delete" or (whole in ("ask", "wait") and kept >= {*there})):
        return {name: Verdict.HELD if name in kept else Verdict.DELETE for name in there}
    if whole == "delete":
        return {ROW: Verdict.DELETE}
    found = {} if whole == "keep" else {ROW: Verdict(whole)}
    for name in there:
        field = entity.fields[name]
        own = fate(name, row.collected, [field.retention] if field.retention else [], field.when_outdated)
        if own != "keep":
            found[name] = Verdict.HELD if law(entity, row, name, today) else Verdict(own)
    return found


@settings(max_examples=400)
@given(situations())
def test_it_is_what_a_naive_model_says(situation: tuple[Entity, Known, date, int]) -> None:
    entity, row, today, patience = situation
    assert judge(entity, row, today=today, patience=patience) == model(entity, row, today, patience)


@given(DAYS, PERIODS)
def test_a_day_that_is_old_enough_and_the_next_that_is_not(day: date, text: str) -> None:
    period = parse_period(text)
    last = earlier(day, period)
    assert later(last, period) <= day < later(last + timedelta(days=1), period)


@pytest.mark.parametrize(
    ("day", "text", "expected"),
    [
        ("2024-02-29", "1 year", "2025-02-28"), ("2025-01-31", "P1M", "2025-02-28"),
        ("2025-12-31", "2 weeks", "2026-01-14"),
        ("2025-08-31", "6m", "2026-02-28"), ("2026-01-01", "99999 years", "9999-12-31"),
    ],
)  # fmt: skip
def test_periods_go_by_the_calendar(day: str, text: str, expected: str) -> None:
    assert later(date.fromisoformat(day), parse_period(text)) == date.fromisoformat(expected)


def test_a_hold_is_rounded_to_the_end_of_its_month() -> None:
    assert [end_of_month(date(2026, month, 5)) for month in (1, 12)] == [date(2026, 2, 1), date(2027, 1, 1)]


@settings(max_examples=400)
@given(situations())
def test_what_she_is_told_is_what_becomes_of_it(situation: tuple[Entity, Known, date, int]) -> None:
    """Nothing goes before the day that she was told; on that day it goes, or she is asked, or a law keeps it."""
    entity, row, today, patience = situation
    said, verdicts = term_of(entity, row, patience=patience), judge(entity, row, today=today, patience=patience)
    whole = verdicts.get(ROW, Verdict.KEEP)
    assert said.values.keys() == {name for name, value in row.values.items() if value is not None}
    for name, term in said.values.items():
        verdict = whole if whole is Verdict.DELETE else verdicts.get(name, Verdict.KEEP)
        over = term.ending is not None and term.ending.until <= today
        if verdict is Verdict.DELETE:
            assert over
        elif verdict is Verdict.HELD:  # also where she would be asked, and nothing could follow from her answer
            assert over or (term.ending is not None and (term.ending.asks or term.ending.asked))
            if name != "day":  # of that a held value counts
                assert term.kept is not None
                assert term.kept.until is None or term.kept.until > today
        elif over:
            assert term.ending is not None
            assert term.ending.asks or whole in (Verdict.ASK, Verdict.WAIT) or verdict in (Verdict.ASK, Verdict.WAIT)


def test_what_belongs_to_something_does_not_outlast_it() -> None:
    order = entity_of("order", "retention: 3 years, ", "")
    row = Known({"f0": "x", "day": None}, date(2025, 1, 1), date(2025, 1, 1), {})
    above = Ending(date(2026, 1, 1), By.ROW, "1 year")
    assert term_of(order, row, patience=30, above=above).values["f0"].ending == replace(above, by=By.ABOVE)
    later_on = replace(above, until=date(2029, 1, 1))
    assert term_of(order, row, patience=30, above=later_on).ending == Ending(date(2028, 1, 1), By.ROW, "3 years")
