"""Replay equals a brute force: every read made again through the door, under the one policy and under the other."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cdp.bootstrap import Platform, create_platform
from cdp.errors import BadInput
from cdp.services.apps.read import read_as
from cdp.services.apps.register import register_app
from cdp.services.publish import initialise, publish_policy
from cdp.services.read import read_view
from cdp.services.replay import walk
from cdp.services.replay.run import Replayed, replay
from tests import samples
from tests.services.rereading import HEAD, KINDS, ORG, ROLES, VIEWS, Small, brute, policy_by
from views.conditions import parse_conditions
from views.policy import Policy
from views.request import ViewRequest


@pytest.fixture
def small(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Small]:
    with create_platform(samples.settings(tmp_path / "home", database_url, keys_url)) as platform:
        text = HEAD.format(basis="contract", service="[]", letters="[direct_marketing]", sensitive="false")
        first = f"  one: {{{KINDS['standard'].format(clear='[]')}, roles: [agent]}}\n"
        shares = f"  two: {{{KINDS['selective'].format(fields='[email, income]')}, roles: [partner]}}\n"
        initialise(platform, samples.catalogue(), samples.policy(text + first + shares), principal=ORG)
        yield Small(platform)


DRAFTS = 25


def test_the_verdict_is_that_of_reading_everything_again(small: Small) -> None:
    platform, dice, widened = small.platform, Random(8), 0
    for _ in range(DRAFTS):
        publish_policy(platform, policy_by(dice), principal=ORG)
        draft = policy_by(dice)
        begun = platform.door.note(_mark())
        before = {each: small.read(each[0], each[1], reason=each[2]) for each in small.readers()}
        verdict = _since(platform, draft, begun)
        publish_policy(platform, draft, principal=ORG)
        after = {each: small.read(each[0], each[1], reason=each[2]) for each in small.readers()}
        _compare(small, verdict, before, after)
        widened += verdict.widens
    assert widened > 5  # the dice are no good otherwise


def _mark() -> Any:
    from audit.entries import Entry

    return Entry("change", "mark", ORG, None)


def _since(platform: Platform, draft: Policy, begun: int) -> Replayed:
    """Replay what came after an entry alone: a policy of before has been judged already."""
    with pytest.MonkeyPatch.context() as patch:
        entries = walk._entries
        patch.setattr(walk, "_entries", lambda *args: (each for each in entries(*args) if each[0] > begun))
        return replay(platform, draft, days=1, principal=ORG)


def _compare(small: Small, verdict: Replayed, before: Any, after: Any) -> None:
    lines = {(line.view, line.role): line for line in verdict.lines}
    for view in VIEWS:
        for role in ROLES:
            found = [
                # Whether a read that was refused had a reason is not on the log: it is taken to have had one.
                brute(small, was, after[view, role, reason or was == "not_permitted"])
                for reason in (False, True)
                for was in [before[view, role, reason]]
            ]
            line = lines.get((view, role))
            known = not all(isinstance(before[view, role, reason], str) and before[view, role, reason] == "unknown_view"
                            for reason in (False, True))  # fmt: skip
            if not known:
                assert line is None  # a view that there was not: nobody's refusal names it
                continue
            answered = sum(each[0] == "answered" for each in found)
            refused = sum(each[0] == "refused" for each in found)
            exposed, less = set().union(*(each[1] for each in found)), set().union(*(each[2] for each in found))
            more, fewer = max(each[3] for each in found), max(each[4] for each in found)
            if line is None:
                assert (answered, refused, exposed, less, more, fewer) == (0, 0, set(), set(), 0, 0), (view, role)
                continue
            assert (line.answered.reads, line.refused.reads) == (answered, refused), (view, role)
            assert {each.name for each in line.exposed} == exposed, (view, role)
            assert {each.name for each in line.hidden} - exposed == less - exposed, (view, role)
            assert (line.more, line.fewer) == (more, fewer), (view, role)


def text(*lines: str, letters: str = "[direct_marketing]") -> Policy:
    head = HEAD.format(basis="contract", service="[]", letters=letters, sensitive="false")
    return samples.policy(head + "".join(f"  {line}\n" for line in lines))


ONE = "one: {kind: opt_out, purpose: letters, roles: [agent], fields: [full_name, income]}"
TWO = "two: {kind: standard, purpose: service, roles: [analyst]}"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_only_columns_that_were_read_are_exposed_and_each_line_has_its_entries(small: Small) -> None:
    platform = small.platform
    publish_policy(platform, text(ONE, TWO), principal=ORG)
    numbers = []
    for select in (None, ("full_name",), ("full_name",)):
        small.read("two", "analyst", reason=False, select=select)
        numbers.append(platform.door.note(_mark()) - 1)
    draft = text(ONE, TWO.replace("[analyst]", "[analyst], clear: [full_name, email]"))
    (line,) = replay(platform, draft, days=1, principal=ORG).lines
    assert (line.view, line.principal, line.tally.reads) == ("two", "os:analyst", 3)
    exposed = {each.name: (each.before, each.after, each.tally.numbers) for each in line.exposed}
    assert exposed == {
        "full_name": ("masked", "clear", numbers[::-1]), "email": ("masked", "clear", numbers[:1]),
    }  # fmt: skip


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_conditions_on_a_column_count_as_reading_it_and_rows_are_at_most(small: Small) -> None:
    platform = small.platform
    publish_policy(platform, text(ONE, TWO), principal=ORG)
    where = parse_conditions([("or", "(income.gt.10000,income.not.is.null)")])
    request = ViewRequest("one", "agent", select=("full_name",), where=where)
    list(read_view(platform, request, principal=ORG).chunks)
    (line,) = replay(platform, text(ONE, TWO, letters="[automated_decisions]"), days=1, principal=ORG).lines
    assert (line.narrowed, line.more, line.fewer, line.exposed) == (True, 4, 4, [])
    (gone,) = replay(platform, text(ONE.replace(", income", ""), TWO), days=1, principal=ORG).lines
    assert (gone.refused.reads, gone.codes) == (1, {"unknown_column"})


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_an_app_is_bound_to_its_views_and_purpose(small: Small) -> None:
    platform = small.platform
    publish_policy(platform, text(ONE, TWO), principal=ORG)
    app = register_app(platform, "shop", views=["one"], principal=ORG).app
    list(read_as(platform, app, ViewRequest("one", "")).chunks)
    moved = text(ONE.replace("purpose: letters", "purpose: service").replace("opt_out", "standard"), TWO)
    (line,) = replay(platform, moved, days=1, principal=ORG).lines
    assert (line.principal, line.refused.reads, line.codes) == ("app:shop", 1, {"other_purpose"})


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_then_is_what_was_in_force_when_it_was_read(small: Small) -> None:
    platform, wider = small.platform, text(ONE, TWO.replace("[analyst]", "[analyst], clear: [email]"))
    publish_policy(platform, text(ONE, TWO), principal=ORG)
    small.read("two", "analyst", reason=False)
    publish_policy(platform, wider, principal=ORG)
    assert replay(platform, wider, days=1, principal=ORG).lines == ()
    (line,) = replay(platform, wider, days=1, principal=ORG, against="then").lines
    assert [each.name for each in line.exposed] == ["email"]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_where_it_looks_no_further_it_says_so(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    platform = small.platform
    publish_policy(platform, text(ONE, TWO), principal=ORG)
    for _ in range(4):
        small.read("two", "analyst", reason=False)
    monkeypatch.setattr(walk, "BATCH", 2)
    assert replay(platform, text(ONE, TWO), days=1, principal=ORG).reached == ""
    monkeypatch.setattr(walk, "MOST_ENTRIES", 3)
    cut = replay(platform, text(ONE, TWO), days=1, principal=ORG)
    assert (cut.looked, bool(cut.reached)) == (3, True)
    monkeypatch.setattr(walk, "MOST_ENTRIES", 1_000)
    hurried = replay(platform, text(ONE, TWO), days=1, principal=ORG, seconds=-1)
    assert (hurried.looked, bool(hurried.reached)) == (2, True)
    for days in (0, -1, 367):
        with pytest.raises(BadInput):
            replay(platform, text(ONE, TWO), days=days, principal=ORG)
    assert replay(platform, text(ONE, TWO), days=1e-9, principal=ORG).reads == 0
