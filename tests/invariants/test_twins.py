"""Invariant 1: changing anything that a reader may not know changes not a byte of what the reader gets."""

from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import views.run
from cdp.services.releases import build_release
from cdp.terms import Value
from tests.support import organisation
from tests.support.twins import Twins, twins
from tests.support.worlds import TESTER, Person, request_of
from views.request import ViewRequest

MARKETING, DISCLOSURE, SENSITIVE = "direct_marketing", "third_party_disclosure", "sensitive_data"
REFUSED = [
    (),
    (MARKETING,),
    (DISCLOSURE,),
    (SENSITIVE,),
    (MARKETING, DISCLOSURE),
    (DISCLOSURE, SENSITIVE),
    (MARKETING, SENSITIVE),
]
PEOPLE = 14
ABSENT = "nosuch"
ALL_FIELDS = (
    *organisation.FIELDS,
    "customer_id",
    "token",
    "order_id",
    "refused__direct_marketing",
    "ordinal",
    "_key",
    ABSENT,
)


def first_values(number: int) -> dict[str, Value]:
    return {**organisation.values(number), "full_name": f"Ann Shared Secretname{number}"}


def other_values(number: int) -> dict[str, Value]:
    """Another person, in all that any view may hide, with the same masks and generalisations."""
    mine = first_values(number)
    return {
        "full_name": f"Adam Silent Something{number}",
        "email": f"axel{number}@elsewhere.org",
        "birth_date": str(mine["birth_date"])[:3] + "7-12-24",
        "postcode": str(mine["postcode"])[:2] + f"99{number}",
        "income": int(str(mine["income"])) // 10_000 * 10_000 + 7 * number + 3,
        "account": f"XY-{number:06d}",
        "religion": f"cult of {number}",
        "loyalty": "silver" if mine["loyalty"] == "gold" else "gold",
    }


SHOWN: dict[str, tuple[str, ...]] = {
    # What each reader sees clear; of the rest she sees a mask, a generalisation, or nothing.
    "desk": ("full_name", "loyalty"),
    "callers": ("loyalty",),
    "letter": ("full_name", "email", "account", "income"),
    "creed_letter": ("email", "religion"),
    "partner": ("full_name", "email", "postcode", "income", "account", "religion", "loyalty"),
    "insight": ("loyalty",),
}
MARKETED = ("callers", "letter", "creed_letter")


def differing(view: str) -> tuple[list[Person], list[Person | None]]:
    """The people of both worlds: the second differs wherever this view's reader may not look."""
    firsts: list[Person] = []
    seconds: list[Person | None] = []
    for number in range(PEOPLE):
        refused = frozenset(REFUSED[number % len(REFUSED)])
        firsts.append(Person(first_values(number), refused))
        mine, others = first_values(number), other_values(number)
        shown = set(SHOWN[view])
        if view in MARKETED and MARKETING in refused:
            seconds.append(None if number % 2 else Person({**others, "loyalty": None}, refused | {SENSITIVE}))
            continue
        if view == "partner" and DISCLOSURE in refused:
            shown = {"loyalty"}
        if SENSITIVE in refused:
            shown -= {"religion"}
        kept = {name: (mine if name in shown else others)[name] for name in mine}
        unseen = {
            "desk": {MARKETING, DISCLOSURE, SENSITIVE},
            "callers": {DISCLOSURE, SENSITIVE},
            "letter": {DISCLOSURE, SENSITIVE},
        }
        seconds.append(Person(kept, refused ^ frozenset(unseen.get(view, {DISCLOSURE} if view in MARKETED else set()))))
    return firsts, seconds


def questions(view: str) -> Iterator[ViewRequest]:
    """The script: every column, hidden, absent or there, in every spelling, with the secrets of both worlds."""
    secrets = [[str(each[name]) for name in each] for each in (first_values(2), other_values(2), first_values(5))]
    everything = ",".join(secret for each in secrets for secret in each)
    for column in ALL_FIELDS:
        place = list(organisation.FIELDS).index(column) if column in organisation.FIELDS else 1
        mine, others, hers = (each[place] for each in secrets)
        spelled = [
            f"eq.{mine}",
            f"eq.{others}",
            f"neq.{hers}",
            f"gt.{mine}",
            f"lte.{others}",
            f"like.{mine}",
            f"ilike.{hers}",
        ]
        spelled += [
            f"fts.{mine}",
            f"fts.{others}",
            "fts.shared",
            "like.*S*",
            f"in.({everything})",
            "is.null",
            "is.true",
        ]
        spelled += [f"not.eq.{mine}", f"not.in.({everything})", "not.like.*Secret*", "not.fts.shared", "not.is.null"]
        for each in spelled:
            yield request_of(view, (column, each))
        yield request_of(view, ("or", f"({column}.eq.{mine},customer_id.is.null,loyalty.eq.gold)"))
        yield request_of(view, (column, "eq.é"), (ABSENT, "eq.1"))
        yield request_of(view, order=f"{column}.asc.nullsfirst")
        yield request_of(view, order=f"{column}.desc.nullslast", limit=3, offset=2)
        if column != "income":
            yield request_of(view, order=f"income,{column}")
        yield request_of(view, columns=column)
        yield request_of(view, columns=f"{column},{ABSENT}")
    for limit, offset in product((None, 0, 1, 5), (0, 1, 7, 100)):
        yield request_of(view, limit=limit, offset=offset)


@pytest.fixture
def pair(
    view: str, engine_name: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Twins]:
    files = organisation.catalogue(), organisation.policy()
    with twins(tmp_path, engine_name, request, files, differing(view), monkeypatch) as made:
        monkeypatch.setattr(views.run, "CHUNK_ROWS", 5)
        if view == "insight":
            for world in made.each():
                build_release(world.platform, view, principal=TESTER)
        yield made


def differences(pair: Twins, asked: Sequence[ViewRequest]) -> list[Any]:
    found = []
    for request in asked:
        first, second = (world.transcript(request) for world in pair.each())
        if first != second:
            found.append((request, first, second))
    return found


@pytest.mark.parametrize(
    ("view", "engine_name"),
    [*((view, "sqlite") for view in SHOWN), ("letter", "postgresql"), ("partner", "postgresql")],
    indirect=["engine_name"],
)
def test_what_a_reader_may_not_know_changes_nothing(pair: Twins, view: str) -> None:
    asked = list(questions(view))
    assert len(asked) > 300
    assert differences(pair, asked) == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("view", SHOWN)
def test_the_worlds_do_differ(pair: Twins, view: str) -> None:
    """A reader who may see everything sees the difference; else the test above could not fail."""
    first, second = (world.transcript(request_of("office")) for world in pair.each())
    assert first.error is None
    assert first != second
    assert any(transcript.chunks for transcript in (pair.first.transcript(request_of(view)),))


@pytest.mark.parametrize("view", ["letter", "partner"])
def test_how_much_would_have_to_be_opened_tells_nothing(
    pair: Twins, view: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bound on late conditions, at every number of rows around those that the reader sees."""
    asked = [
        request_of(view, (column, f"{operator}.{value}"))
        for column, operator, value in (
            ("full_name", "fts", "shared"), ("full_name", "fts", "silent"), ("full_name", "fts", "ann secretname1"),
            ("full_name", "like", "*S*"),
            ("email", "in", "(" + ",".join(str(first_values(n)["email"]) for n in range(PEOPLE)) + ")"),
            ("email", "in", "(" + ",".join(str(other_values(n)["email"]) for n in range(PEOPLE)) + ")"),
        )
    ]  # fmt: skip
    codes = set()
    for most in range(PEOPLE + 1):
        monkeypatch.setattr(views.run, "LATE_ROWS", most)
        monkeypatch.setattr(views.run, "CHUNK_ROWS", max(1, most // 2))
        assert differences(pair, asked) == []
        codes |= {transcript.error and transcript.error[1] for transcript in map(pair.first.transcript, asked)}
    assert codes == {None, "too_many_sealed"}


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("view", SHOWN)
def test_hidden_and_absent_are_the_same_to_the_byte(pair: Twins, view: str) -> None:
    world = pair.first
    plan = world.platform.in_force().policy.views[view]
    shown = plan.fields or tuple(organisation.FIELDS)
    hidden = {"desk": ("religion", "account"), "callers": ("religion", "account")}.get(view, ())
    hidden = (*hidden, *(name for name in organisation.FIELDS if name not in shown))
    assert hidden
    for name, operator in product(
        hidden, ("eq.1", "like.x", "is.true", "fts.x", "in.(1,2)", "gt.zzz", "nosuch.1", "not.eq.")
    ):
        try:
            asked = [request_of(view, (each, operator)) for each in (name, ABSENT)]
        except Exception as error:  # noqa: BLE001 (an unknown operator, before anything is looked at)
            assert getattr(error, "code", "") == "bad_condition"  # noqa: PT017
            continue
        assert world.transcript(asked[0]) == world.transcript(asked[1])
        assert world.transcript(asked[0]).error is not None
    for name in hidden:
        first, second = (world.transcript(request_of(view, order=each)) for each in (name, ABSENT))
        assert first == second
        assert first.error is not None
