"""Twin worlds: two stores that are the same but for what one reader may not know."""

import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from cdp.bootstrap import create_platform
from cdp.catalogue.model import Catalogue
from cdp.config import Settings
from cdp.services.publish import initialise
from tests.conftest import fresh_url
from tests.support.worlds import TESTER, Person, World
from views.policy import Policy


@dataclass(frozen=True)
class Twins:
    """Both worlds, and who was written into each; a person who is None in the second was then taken out of it."""

    first: World
    second: World

    def each(self) -> tuple[World, World]:
        return self.first, self.second


@contextmanager
def twins(
    tmp_path: Path,
    engine_name: str,
    request: pytest.FixtureRequest,
    files: tuple[Catalogue, Policy],
    people: tuple[Sequence[Person], Sequence[Person | None]],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Twins]:
    """Two stores under the same keys, with the same ids, ordinals and tokens; who is None in the second is absent."""
    with ExitStack() as stack:
        keys = stack.enter_context(fresh_url(engine_name, tmp_path / "keys.db", request))
        worlds = []
        for name, members in zip(("first", "second"), people, strict=True):
            url = stack.enter_context(fresh_url(engine_name, tmp_path / f"{name}.db", request))
            settings = Settings(home=tmp_path / name, database_url=url, keys_url=keys, kek=f"file:{tmp_path / 'kek'}")
            platform = stack.enter_context(create_platform(settings))
            initialise(platform, files[0], files[1], principal=TESTER)
            world = World(platform)
            with monkeypatch.context() as patched:
                made = repeatable()
                patched.setattr(uuid, "uuid4", made)
                patched.setattr("cdp.store.write.new_ids", partial(_ids, made))
                stored = world.add([person or spare for person, spare in zip(members, people[0], strict=True)])
            for row, person in zip(stored, members, strict=True):
                if person is None:
                    take_out(world, row.customer_id)
            worlds.append(world)
        yield Twins(*worlds)


def _ids(made: Callable[[], uuid.UUID], count: int) -> list[str]:
    return [str(made()) for _ in range(count)]


def repeatable() -> Callable[[], uuid.UUID]:
    source = random.Random(1)
    return lambda: uuid.UUID(int=source.getrandbits(128), version=4)


def take_out(world: World, customer_id: str) -> None:
    """Remove a customer as though she had never been there."""
    for table in ("customer", "customer_sealed", "cdp_identifier", "cdp_word", "cdp_token"):
        world.sql(f"DELETE FROM {table} WHERE customer_id = '{customer_id}'")
