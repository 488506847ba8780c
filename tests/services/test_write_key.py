"""Whoever has a write key cannot read, join or change a victim's profile, whatever he sends.

Sequences of events are generated, a victim's true ones and a stranger's mixed; a model that knows no token says
what each profile must be in the end. He knows the victim's identifiers, and has the write key of a source that verifies
nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from cdp.bootstrap import Platform
from cdp.store.records import read_rows
from tests.services.importing import store
from tests.services.seeing import TRUSTED, WEB, folded, seen

KINDS = ("user_id", "email", "phone", "external_id")
FIELDS = ("nickname", "age", "tier", "name")
SEQUENCES = {"sqlite": 500, "postgresql": 60}


@dataclass(frozen=True)
class Step:
    """One event: whose, which of her identifiers it names, under which anonymous id, what it says."""

    hers: bool
    kinds: tuple[str, ...]
    anonymous: str
    as_traits: bool
    traits: tuple[str, ...]
    second: int


@dataclass
class Model:
    """What is true of the victim: what the trusted source said of her, the later the better."""

    said: dict[str, tuple[int, int, object]] = field(default_factory=dict)

    def hear(self, step: Step, number: int, values: dict[str, object]) -> None:
        for name, value in values.items():
            self.said[name] = max(
                self.said.get(name, (-1, -1, None)), (step.second, number, value), key=lambda x: x[:2]
            )

    def values(self) -> dict[str, object]:
        return {name: value for name, (_, _, value) in self.said.items()}


steps = st.lists(
    st.builds(
        Step,
        hers=st.booleans(),
        kinds=st.lists(st.sampled_from(KINDS), unique=True).map(tuple),
        anonymous=st.sampled_from(("", "his-1", "his-2")),
        as_traits=st.booleans(),
        traits=st.lists(st.sampled_from(FIELDS), unique=True, max_size=2).map(tuple),
        second=st.integers(0, 50),
    ),
    min_size=2,
    max_size=7,
)


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with store(tmp_path / "home", database_url, keys_url) as opened:
        yield opened


def test_a_victims_profile_is_out_of_reach(platform: Platform, engine_name: str) -> None:
    count = 0

    @settings(
        max_examples=SEQUENCES[engine_name], suppress_health_check=list(HealthCheck), database=None, deadline=None
    )
    @given(steps)
    def sequence(made: list[Step]) -> None:
        nonlocal count
        count += 1
        play(platform, made, f"v{count}")

    sequence()
    assert count >= SEQUENCES[engine_name]


def play(platform: Platform, made: list[Step], victim: str) -> None:
    """Play a sequence about a victim of its own, and compare with the model."""
    texts = {"user_id": victim, "email": f"{victim}@example.org", "phone": f"+4477009{victim[1:]:0>5}",
             "external_id": f"crm-{victim}"}  # fmt: skip
    model, hers, his = Model(), set[str](), set[str]()
    (first,) = folded(platform, seen(("user_id", victim), source=TRUSTED, message="!", name=f"true {victim}"))
    model.hear(Step(True, (), "", False, (), 0), -1, {"name": f"true {victim}"})
    hers.add(str(first.customer_id))
    known = {"user_id"}
    for number, step in enumerate(made):
        values = value_of(step, number, "true" if step.hers else "false", victim)
        if step.hers:
            known |= set(step.kinds)
            named = [("user_id", victim), *((kind, texts[kind]) for kind in step.kinds if kind != "user_id")]
            (found,) = folded(
                platform, seen(*named, source=TRUSTED, second=step.second, message=f"{number:04}", **values)
            )
            model.hear(step, number, values)
            hers.add(str(found.customer_id))
        else:
            named = [(kind, texts[kind]) for kind in step.kinds if not (step.as_traits and kind in ("email", "phone"))]
            named += [("anonymous_id", f"{step.anonymous}-{victim}")] if step.anonymous else []
            traits = {kind: texts[kind] for kind in step.kinds if step.as_traits and kind in ("email", "phone")}
            (found,) = folded(
                platform, seen(*named, source=WEB, second=step.second, message=f"{number:04}", **traits, **values)
            )  # fmt: skip
            his.update({str(found.customer_id)} if found.customer_id else set())
    check(read(platform, hers | his), victim, texts, known, model)
    assert len(hers) == 1  # nobody joined her with anybody, and she was never split
    assert hers.isdisjoint(his)


def read(platform: Platform, ids: set[str]) -> list[dict[str, object]]:
    """The fields of these profiles."""
    catalogue = platform.in_force().catalogue
    pairs = [(each, each) for each in sorted(ids)]
    with platform._database.reading() as conn:
        rows = read_rows(conn, catalogue, catalogue.entities["customer"], pairs, keys=platform.vault)
    return [{name: value for name, value in row.values.items() if value is not None} for row in rows]


def check(mine: list[dict[str, object]], victim: str, texts: dict[str, str], known: set[str], model: Model) -> None:
    (true,) = [each for each in mine if str(each.get("name", "")).startswith("true")]
    expected = {**model.values(), **{kind: texts[kind] for kind in ("email", "phone") if kind in known}}
    assert {name: true[name] for name in (*FIELDS, "email", "phone") if name in true} == expected
    for each in mine:
        if each is not true:
            said = _words(each)
            assert "true" not in said  # nothing of hers is in a profile of his
            assert f"{victim}@example.org" not in said


def value_of(step: Step, number: int, whose: str, victim: str) -> dict[str, object]:
    told = {"nickname": f"{whose} {victim} {number}", "name": f"{whose} {victim} {number}", "tier": "gold",
            "age": number}  # fmt: skip
    return {name: told[name] for name in step.traits if step.hers or name != "tier"}


def _words(row: dict[str, object]) -> set[str]:
    return {word for value in row.values() if isinstance(value, str) for word in (*value.split(), value)}
