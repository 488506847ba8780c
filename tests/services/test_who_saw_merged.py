"""Who saw me, after two customers became one, and after that was taken back."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.entries import HERSELF, Entry
from audit.verify.check import Trust, verify_bundle
from cdp.services.erase import erase
from cdp.services.identity.merge import merge_customers, unmerge_customers
from cdp.services.log_export import export_log
from cdp.services.opt_out import refuse
from cdp.services.who_saw import Access, Audience, who_saw
from tests.support import organisation
from tests.support.worlds import TESTER, World, opened, request_of


@pytest.fixture
def world(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[World]:
    with opened(tmp_path / "home", database_url, keys_url, organisation.catalogue(), organisation.policy()) as made:
        yield made


@pytest.fixture
def people(world: World) -> list[str]:
    """The ids of three customers."""
    return [each.customer_id for each in world.add(organisation.people(3))]


def looked(world: World, customer: str, reason: str) -> None:
    world.rows(request_of("office", ("customer_id", f"eq.{customer}"), reason=reason))


def seen(world: World, customer: str, audience: Audience = Audience.OFFICER) -> list[Access]:
    return list(who_saw(world.platform, customer, principal=TESTER, audience=audience))


def reasons(world: World, customer: str, audience: Audience = Audience.OFFICER) -> list[str]:
    return [each.reason for each in reversed(seen(world, customer, audience)) if each.view == "office"]


def merged(world: World, survivor: str, absorbed: str) -> str:
    return merge_customers(world.platform, survivor, absorbed, principal=TESTER, reason="one person").merge_id


def undone(world: World, merge_id: str) -> None:
    unmerge_customers(world.platform, merge_id, principal=TESTER)


def exported(world: World, customer: str) -> bytes:
    file = io.BytesIO()
    export_log(world.platform, file.write, principal=TESTER, customer=customer)
    return file.getvalue()


def test_while_it_stands_what_was_about_either_is_about_her(world: World, people: list[str]) -> None:
    ann, also, third = people
    looked(world, ann, "ann")
    looked(world, also, "also")
    merged(world, ann, also)
    looked(world, ann, "both")
    assert reasons(world, ann) == reasons(world, ann, Audience.PERSON) == ["ann", "also", "both"]
    acts = [each.act for each in seen(world, ann)]
    assert (acts.count("merge"), acts.count("import")) == (1, 1)  # one act is one, whether it is about one or both
    merged(world, third, ann)
    assert reasons(world, third) == ["ann", "also", "both"]


def test_taken_back_each_has_her_own_and_what_came_between(world: World, people: list[str]) -> None:
    ann, also, third = people
    looked(world, ann, "ann")
    looked(world, also, "also")
    inner = merged(world, ann, also)
    looked(world, ann, "both")
    outer = merged(world, third, ann)
    looked(world, third, "all")
    undone(world, outer)
    undone(world, inner)
    for each, name in zip(people, ("ann", "also", "third"), strict=True):
        looked(world, each, f"{name} after")
    assert reasons(world, ann) == ["ann", "both", "all", "ann after"]
    assert reasons(world, also) == ["also", "both", "all", "also after"]
    assert reasons(world, third) == ["all", "third after"]
    assert reasons(world, also, Audience.PERSON) == ["also", "", "", "also after"]
    undone(world, merged(world, ann, also))  # a second time
    looked(world, ann, "ann again")
    assert reasons(world, also) == ["also", "both", "all", "also after"]


def test_what_came_between_is_not_said_to_be_her_doing(world: World, people: list[str]) -> None:
    ann, also, _ = people
    merge = merged(world, ann, also)
    number = world.platform.door.note(Entry("disclosure", "read_herself", HERSELF, None, {}, [ordinal(world, ann)]))
    undone(world, merge)
    by_number = {each.entries[0]: each for each in seen(world, also)}
    assert not by_number[number].by_herself
    assert {each.entries[0]: each for each in seen(world, ann)}[number].by_herself


def test_the_shape_is_told_by_the_choices_of_whoever_it_was_then(world: World, people: list[str]) -> None:
    ann, also, _ = people
    refuse(world.platform, also, "third_party_disclosure", principal=TESTER)
    world.rows(request_of("partner"))
    merged(world, ann, also)
    (shared,) = (each for each in seen(world, ann) if each.view == "partner")
    decided = [field for field in shared.fields if field.unless]
    assert decided
    assert {field.applied for field in decided} == {None}  # clear in the row of the one, withheld in the other's


def test_a_bundle_has_the_same_and_opens_nothing_of_the_other(world: World, people: list[str]) -> None:
    ann, also, _ = people
    looked(world, also, "also")
    merge = merged(world, ann, also)
    looked(world, ann, "both")
    whole = exported(world, ann)
    verify_bundle(io.BytesIO(whole), Trust())
    assert b"also" in whole
    assert b"both" in whole
    undone(world, merge)
    hers, mine = exported(world, also), exported(world, ann)
    verify_bundle(io.BytesIO(hers), Trust())
    assert (b'"also"' in hers, b'"both"' in hers) == (True, False)
    assert (b'"also"' in mine, b'"both"' in mine) == (False, True)
    views = [json.loads(line[6:]).get("view") for line in hers.splitlines() if line.startswith(b"entry ")]
    assert views.count("office") == 2


def test_erasing_the_one_takes_her_number_from_the_other(world: World, people: list[str]) -> None:
    ann, also, _ = people
    merge = merged(world, ann, also)
    looked(world, ann, "both")
    undone(world, merge)
    looked(world, also, "after")
    erase(world.platform, [ann], principal=TESTER, reason="she asked")
    assert reasons(world, also) == ["after"]


def ordinal(world: World, customer: str) -> int:
    with world.platform._database.reading() as conn:
        return conn.exec_driver_sql(f"SELECT ordinal FROM customer WHERE customer_id = '{customer}'").scalar_one()
