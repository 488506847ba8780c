"""The draft of a statement: kept as typed, never overwritten unseen, judged part by part, published once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cdp.bootstrap import Platform, create_platform
from cdp.catalogue.document import parse_document, validate
from cdp.errors import BadInput, CdpError, NotFound, Refused, Several
from cdp.services.publish import initialise
from cdp.services.statements import draft as drafts
from cdp.services.statements.known import statement_in_force, statements
from cdp.services.statements.publish import publish_draft, publish_statement
from cdp.services.statements.written import as_yaml, field_names, fields_of, part_of, read_fields
from tests import samples
from tests.services.test_statements import acts
from tests.statements import statement
from views.statement.document import Statement

OMAR = samples.Principal("staff:omar", "privacy_officer")


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with create_platform(samples.settings(tmp_path / "home", database_url, keys_url)) as made:
        initialise(made, samples.catalogue(), samples.policy(), principal=samples.TESTER)
        yield made


def save(platform: Platform, fields: dict[str, str], revision: str = "", base: int = 0) -> drafts.Draft:
    return drafts.save_draft(platform, fields, revision=revision, base=base, principal=samples.TESTER)


def refused(code: str, act, *given, **named) -> None:
    with pytest.raises(CdpError) as caught:
        act(*given, **named)
    assert caught.value.code == code


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_statement_survives_the_form_and_the_file(engine_name: str) -> None:
    made = statement("2026-01")
    fields = fields_of(made)
    assert list(fields) == field_names()
    assert read_fields(fields).digest == made.digest
    assert read_fields({name: text.replace("\n", "\r\n") for name, text in fields.items()}).digest == made.digest
    assert validate(Statement, parse_document(as_yaml(made), "statement.yaml")).digest == made.digest


def test_what_is_typed_is_kept_as_it_is_and_nobody_overwrites_another(platform: Platform) -> None:
    assert drafts.find_draft(platform) is None
    odd = {"version": "<b>", "collecting.short.en": "half a sen", "using.named": "service: {in_full: [", "more": "x"}
    first = save(platform, odd)
    found = drafts.find_draft(platform)
    assert found == first
    assert {name: text for name, text in found.fields.items() if text} == {k: v for k, v in odd.items() if k != "more"}
    refused("draft_moved", save, platform, {}, "")
    second = drafts.save_draft(platform, odd, revision=first.revision, base=0, principal=OMAR)
    refused("draft_moved", save, platform, {}, first.revision)
    refused("draft_moved", drafts.discard_draft, platform, revision=first.revision, principal=OMAR)
    assert drafts.find_draft(platform) == second
    drafts.discard_draft(platform, revision=second.revision, principal=OMAR)
    assert drafts.find_draft(platform) is None
    refused("draft_moved", save, platform, {}, second.revision)
    assert acts(platform).count("draft_statement") == 2


def test_each_fault_names_its_part(platform: Platform) -> None:
    fields = fields_of(statement("1"))
    fields |= {"summary.zh-Hans": " ", "control.short.en": "", "using.named": "a: {b: [\n"}
    judged = drafts.judge(platform, fields)
    assert judged.statement is None
    assert [(each.code, each.path) for each in judged.faults] == [
        ("text_missing", "summary.zh-Hans"), ("bad_yaml", "using.named:1"), ("text_missing", "control.short.en"),
    ]  # fmt: skip
    fields = fields_of(statement("1")) | {"access.named": "", "control.named": "direct_marketing\nnothing"}
    judged = drafts.judge(platform, fields)
    assert judged.statement is not None
    assert [(each.code, part_of(each.path)) for each in judged.faults] == [
        ("recipient_unnamed", "access"), ("unknown_opt_out", "control"),
    ]  # fmt: skip
    publish_statement(platform, statement("1"), principal=samples.TESTER)
    other = fields_of(statement("1", "Something else."))
    assert [each.code for each in drafts.judge(platform, other).faults] == ["statement_version"]


def test_a_draft_comes_into_force_once_and_only_as_it_was_seen(platform: Platform) -> None:
    refused("no_draft", publish_draft, platform, revision="", principal=OMAR, letters=False)
    first = save(platform, fields_of(statement("1")))
    second = save(platform, fields_of(statement("1", "We keep less.")), first.revision)
    with pytest.raises(Refused) as caught:
        publish_draft(platform, revision=first.revision, principal=OMAR, letters=False)
    assert caught.value.code == "draft_moved"
    assert statement_in_force(platform) is None
    stated = publish_draft(platform, revision=second.revision, principal=OMAR, letters=False)
    assert (stated.number, stated.changed) == (1, True)
    published = statement_in_force(platform)
    assert (published.author, published.statement.summary["en"]) == ("staff:omar", "We keep less.")
    with pytest.raises(NotFound):
        publish_draft(platform, revision=second.revision, principal=OMAR, letters=False)


def test_a_draft_that_the_policy_breaks_or_that_is_stale_stays_a_draft(platform: Platform) -> None:
    broken = save(platform, fields_of(statement("1", access="recipients: []")))
    with pytest.raises(Several) as caught:
        publish_draft(platform, revision=broken.revision, principal=OMAR, letters=False)
    assert caught.value.code == "statement_broken"
    unfinished = save(platform, {"version": "2"}, broken.revision)
    with pytest.raises(BadInput):
        publish_draft(platform, revision=unfinished.revision, principal=OMAR, letters=False)
    publish_statement(platform, statement("1"), principal=samples.TESTER)
    good = save(platform, fields_of(statement("2")), unfinished.revision)
    refused("draft_stale", publish_draft, platform, revision=good.revision, principal=OMAR, letters=False)
    assert len(statements(platform)) == 1
    based = save(platform, fields_of(statement("2")), good.revision, base=1)
    assert publish_draft(platform, revision=based.revision, principal=OMAR, letters=False).number == 2
