"""Ids of rows are random UUIDs, as the standard library writes them."""

from uuid import RFC_4122, UUID

from cdp.store.ids import new_ids


def test_an_id_is_a_random_uuid_as_the_standard_library_writes_it() -> None:
    for each in new_ids(1_000):
        made = UUID(each)
        assert str(made) == each
        assert (made.version, made.variant) == (4, RFC_4122)


def test_no_id_comes_twice_and_every_bit_of_chance_varies() -> None:
    made = new_ids(1_000)
    assert len(set(made)) == 1_000
    varying = [len({each[place] for each in made}) for place in range(36)]
    assert varying == [1 if place in (8, 13, 14, 18, 23) else 4 if place == 19 else 16 for place in range(36)]


def test_none_are_made_of_nothing() -> None:
    assert new_ids(0) == []
