"""Token buckets: the arithmetic, and several processes with one file."""

import multiprocessing
import struct
from math import inf, nan
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from cdp.api.traffic.buckets import WAYS, Buckets, Quota, take

QUOTA = Quota(10, 60)
SECRET = b"s" * 32


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_gives_what_it_holds_and_then_says_how_long_to_wait():
    full_at = -inf
    for left in range(9, -1, -1):
        full_at, taken = take(full_at, QUOTA, 1000.0)
        assert (taken.granted, taken.left) == (True, left)
    full_at, taken = take(full_at, QUOTA, 1000.0)
    assert (taken.granted, taken.left, taken.retry_in, taken.full_in) == (False, 0, 6, 60)


def test_it_fills_with_time_and_a_refusal_costs_nothing():
    full_at = -inf
    for _ in range(15):
        full_at, _ = take(full_at, QUOTA, 1000.0)
    full_at, taken = take(full_at, QUOTA, 1005.9)
    assert not taken.granted
    _, taken = take(full_at, QUOTA, 1006.0)
    assert taken.granted


@given(st.lists(st.floats(0, 30), min_size=1, max_size=200))
def test_in_no_window_is_more_given_than_a_full_bucket_and_what_came_back(pauses):
    full_at, now, granted = -inf, 0.0, []
    for pause in pauses:
        now += pause
        full_at, taken = take(full_at, QUOTA, now)
        if taken.granted:
            granted.append(now)
    for first, begin in enumerate(granted):
        for last, end in enumerate(granted[first:], first):
            assert last - first + 1 <= QUOTA.amount + (end - begin) / QUOTA.step + 1e-6


@pytest.mark.parametrize("odd", [nan, 1e300, 5_000.0, inf])
def test_a_value_that_nobody_wrote_is_worth_one_window_at_most(odd):
    full_at, taken = take(odd, QUOTA, 1000.0)
    assert not taken.granted
    assert full_at <= 1060.0


@pytest.mark.parametrize("odd", [-inf, -5.0, 0.0])
def test_a_clock_that_began_anew_finds_full_buckets(odd):
    assert take(odd, QUOTA, 1000.0)[1].left == 9


def test_the_file_is_private_and_holds_no_name(tmp_path: Path):
    path = tmp_path / "limits"
    with Buckets(path, SECRET) as buckets:
        buckets.take("app\0ann@example.org", QUOTA)
    assert path.stat().st_mode & 0o077 == 0
    assert b"ann@example.org" not in path.read_bytes()


def test_a_bucket_outlives_the_process(tmp_path: Path):
    clock = Clock()
    for left in range(9, -1, -1):
        with Buckets(tmp_path / "limits", SECRET, clock=clock) as buckets:
            assert buckets.take("a", QUOTA).left == left


def test_who_floods_the_file_does_not_fill_an_empty_bucket(tmp_path: Path):
    clock = Clock()
    with Buckets(tmp_path / "limits", SECRET, sets=1, clock=clock) as buckets:
        for _ in range(10):
            buckets.take("greedy", QUOTA)
        for number in range(20 * WAYS):
            buckets.take(f"other{number}", QUOTA)
        assert not buckets.take("greedy", QUOTA).granted


def test_a_file_of_another_size_is_made_fit(tmp_path: Path):
    (tmp_path / "limits").write_bytes(struct.pack("<Qd", 1, nan) * 3)
    with Buckets(tmp_path / "limits", SECRET) as buckets:
        assert buckets.take("a", QUOTA).granted


def _grab(path: Path, times: int, results: "multiprocessing.Queue[int]") -> None:
    with Buckets(path, SECRET) as buckets:
        results.put(sum(buckets.take("a", Quota(500, 100_000)).granted for _ in range(times)))


def test_several_processes_take_from_one_bucket(tmp_path: Path):
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    workers = [context.Process(target=_grab, args=(tmp_path / "limits", 400, results)) for _ in range(3)]
    for worker in workers:
        worker.start()
    granted = [results.get() for _ in workers]
    for worker in workers:
        worker.join()
    assert sum(granted) == 500
