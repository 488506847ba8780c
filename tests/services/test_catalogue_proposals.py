"""A catalogue that is proposed: its effect in numbers, two persons where it widens, the word where it destroys."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cdp.bootstrap import Platform
from cdp.errors import CdpError
from cdp.portal.chores import Chores
from cdp.services.model import apply_model, plan_model
from cdp.services.proposals.catalogues import CATALOGUES, CatalogueDocument, catalogue_text, effect_of, parse_catalogue
from cdp.services.proposals.deciding import ask_second, publish_proposal, withdraw
from cdp.services.proposals.drafting import begin_draft
from cdp.services.proposals.edits import field_of, with_entity, with_field
from cdp.services.proposals.records import Proposal, State, find_proposal
from cdp.services.statements.publish import publish_statement
from tests import samples
from tests.services.test_proposals import IRIS, OMAR, refused
from tests.services.test_statement_draft import acts
from tests.services.test_statements import FEWER
from tests.statements import statement

TEXT = samples.CATALOGUE_TEXT
NEW = TEXT.replace("      loyalty:", "      shoe_size:  {type: integer, sensitivity: none}\n      loyalty:")
KEPT = TEXT.replace("{type: decimal, sensitivity: none}", "{type: decimal, sensitivity: none, retention: 3 years}")
WIDER = TEXT.replace("general: prefix, keep: 2", "general: prefix, keep: 3")
NARROWER = TEXT.replace("general: prefix, keep: 2", "general: prefix, keep: 1")
LESS = "\n".join(line for line in TEXT.splitlines() if "income" not in line and "paid:" not in line) + "\n"
LOSES = "\n".join(line for line in TEXT.splitlines() if "religion" not in line) + "\n"


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with samples.store(tmp_path / "home", database_url, keys_url) as made:
        yield made


def draft(platform: Platform, text: str, author: samples.Principal = IRIS) -> Proposal:
    base = platform.in_force(fresh=True).catalogue_version
    return begin_draft(platform, CATALOGUES, text, base=base, why="because", principal=author)


def publish(platform: Platform, found: Proposal, who: samples.Principal, *, word: bool = False) -> Proposal:
    document = CatalogueDocument(allow_destructive=word)
    return publish_proposal(platform, document, found.number, seen=found.digest, principal=who)


def in_force(platform: Platform) -> str:
    return platform.in_force(fresh=True).catalogue.digest


def test_the_text_in_force_reads_back_and_is_changed_field_by_field(platform: Platform) -> None:
    text = catalogue_text(platform, 1)
    assert parse_catalogue(text).digest == samples.catalogue().digest
    assert effect_of(platform, text).plan.empty
    changed = with_field(text, "customer", "shoe_size", {"type": "integer", "sensitivity": "none"})
    assert "shoe_size" in parse_catalogue(changed).entities["customer"].fields
    assert "identifier: email" in field_of(changed, "customer", "email")
    more = with_entity(changed, "visit", {"belongs_to": "customer", "event": "Visited", "fields": {}})
    assert parse_catalogue(more).entities["visit"].event == "Visited"
    assert refused(lambda: with_entity(more, "visit", {})) == "name_taken"
    assert refused(lambda: with_field(more, "ghost", "a", {})) == "unknown_entity"


def test_the_effect_is_counted_as_the_plan_has_it(platform: Platform) -> None:
    samples.add_people(platform, 7)
    wider = effect_of(platform, WIDER)
    assert wider.views == {"view_widens": 3, "view_narrows": 0, "view_changes": 0}
    assert (wider.rows, wider.destroys, wider.faults) == (7, False, ())
    assert {each.view for each in wider.of_views if each.kind == "view_widens"} == {
        "care_desk", "insight", "acme_share",
    }  # fmt: skip
    assert effect_of(platform, NARROWER).views["view_narrows"] == 3
    loses = effect_of(platform, LOSES)
    assert loses.destroys
    assert loses.rows == plan_model(platform, parse_catalogue(LOSES)).rows_to_reshape
    assert loses.changes[0].destroys
    unfit = effect_of(platform, LESS)
    assert {each.code for each in unfit.faults} == {"unknown_field"}
    assert [each.code for each in effect_of(platform, "entities: [").faults] == ["bad_yaml"]
    publish_statement(platform, statement("1", collecting=FEWER), principal=samples.TESTER)
    told = effect_of(
        platform,
        NEW.replace("shoe_size:  {type: integer, sensitivity: none}", "shoe: {type: integer, sensitivity: personal}"),
    )
    assert "field_unnamed" in [each.code for each in told.faults]


def test_what_widens_takes_two_and_comes_into_force_with_the_end_of_the_proposal(platform: Platform) -> None:
    samples.add_people(platform, 3)
    found = draft(platform, WIDER)
    assert refused(lambda: publish(platform, found, IRIS)) == "second_needed"
    assert refused(lambda: publish(platform, found, OMAR)) == "not_asked"
    waiting = ask_second(platform, CATALOGUES, found.number, seen=found.digest, principal=IRIS)
    assert refused(lambda: publish(platform, waiting, IRIS)) == "second_needed"
    done = publish(platform, waiting, OMAR)
    assert (done.state, done.version, done.decided_by) == (State.PUBLISHED, 2, OMAR.name)
    assert platform.force().applying == 2  # rows are written anew by the server
    assert in_force(platform) == samples.catalogue().digest
    Chores(platform).do()
    assert in_force(platform) == parse_catalogue(WIDER).digest
    shown = {cell for row in samples.rows_of(platform, "care_desk") for cell in row}
    assert {"901*", "911*", "921*"} <= shown
    assert catalogue_text(platform, 2) == WIDER


def test_what_widens_nothing_its_author_applies_at_once(platform: Platform) -> None:
    done = publish(platform, draft(platform, KEPT), IRIS)
    assert (done.state, done.version, platform.force().applying) == (State.PUBLISHED, 2, None)
    assert in_force(platform) == parse_catalogue(KEPT).digest
    assert acts(platform).count("apply_catalogue") == 1


def test_what_loses_values_asks_for_the_word(platform: Platform) -> None:
    found = draft(platform, LOSES)
    assert refused(lambda: publish(platform, found, IRIS)) == "destructive_change"
    assert find_proposal(platform, "catalogue", found.number).state is State.DRAFT
    assert in_force(platform) == samples.catalogue().digest
    assert publish(platform, found, IRIS, word=True).state is State.PUBLISHED
    Chores(platform).do()
    assert "religion" not in platform.in_force(fresh=True).catalogue.entities["customer"].fields


def test_a_draft_over_another_version_undoes_nothing(platform: Platform) -> None:
    found, other = draft(platform, KEPT), draft(platform, NARROWER, OMAR)
    publish(platform, other, OMAR)
    Chores(platform).do()
    assert refused(lambda: publish(platform, found, IRIS)) == "stale_base"
    assert in_force(platform) == parse_catalogue(NARROWER).digest


def test_once_begun_nothing_takes_it_back_and_a_stranger_to_it_is_left_alone(platform: Platform) -> None:
    samples.add_people(platform, 2)
    found = draft(platform, NARROWER)
    publish(platform, found, IRIS)
    assert (
        refused(lambda: withdraw(platform, CATALOGUES, found.number, seen=found.digest, principal=IRIS))
        == "proposal_state"
    )
    with pytest.raises(CdpError):
        apply_model(platform, parse_catalogue(KEPT), principal=samples.TESTER)
    Chores(platform).do()
    assert in_force(platform) == parse_catalogue(NARROWER).digest
