"""The statement in the console: written in both languages, never lost, refused while a promise is broken, published."""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

from cdp.bootstrap import Platform
from cdp.console.statement_words import said_of
from cdp.errors import BadInput
from cdp.pages.language import LANGUAGES
from cdp.services.publish import publish_policy
from cdp.services.statements.draft import find_draft
from cdp.services.statements.known import statement_in_force
from cdp.services.statements.notice import acknowledge
from cdp.services.statements.publish import publish_statement
from cdp.services.statements.written import fields_of
from tests import samples
from tests.api.calling import Answer
from tests.console.conftest import Colleague, entries, hidden
from tests.portal.visitor import text, token
from tests.statements import statement
from views.statement import lint

PAGE = "/console/statement"
POLYGLOT = "jaVasCript:/*-/*`/*\\`/*'/*\"/**/(/* */oNcliCk=alert() )//</tExtArea></tItLe></scRipt><sVg/onload=alert()>"

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def typed(page: Answer) -> dict[str, str]:
    """What a form would send as it stands, without its token."""
    html = page.body.decode()
    found = re.findall(r'<input id="([^"]+)" name="[^"]+" type="text" value="([^"]*)"', html)
    found += re.findall(r'<textarea id="([^"]+)"[^>]*>\n([^<]*)</textarea>', html)
    fields = {name: unescape(value) for name, value in found}
    return fields | {name: hidden(page, name) for name in ("revision", "base")}


def write(who: Colleague, **changed: str) -> Answer:
    page = who.get(f"{PAGE}/edit")
    fields = {name.replace("__", "."): value for name, value in changed.items()}
    return who.post(f"{PAGE}/edit", {"form_token": token(page), **typed(page), **fields})


def publish(who: Colleague, **form: str) -> Answer:
    page = who.get(f"{PAGE}/draft")
    return who.post(f"{PAGE}/publish", {"form_token": token(page), "revision": hidden(page, "revision"), **form})


def test_from_an_empty_page_to_a_version_in_force(iris: Colleague, platform: Platform) -> None:
    assert "No statement was published yet." in text(iris.get(PAGE))
    assert iris.get(f"{PAGE}/draft").status == iris.get(f"{PAGE}/changes").status == 404
    answer = write(iris, version="1", summary__en="Only half")
    assert (answer.status, answer.header("location")) == (303, f"{PAGE}/draft")
    assert "A text is missing." in text(iris.get(f"{PAGE}/draft"))
    assert typed(iris.get(f"{PAGE}/edit"))["summary.en"] == "Only half"
    fields = {name.replace(".", "__"): value for name, value in fields_of(statement("1")).items()}
    write(iris, **fields)
    page = iris.get(f"{PAGE}/draft")
    assert "It can be published: the policy in force keeps it." in text(page)
    assert "Write to every customer" not in text(page)  # nobody is told of a first version
    done = publish(iris)
    assert (done.status, done.header("location")) == (303, f"{PAGE}?done=published")
    assert statement_in_force(platform).statement.digest == statement("1").digest
    shown = text(iris.get(PAGE))
    assert "The policy in force keeps it." in shown
    assert "staff:iris" in shown
    assert find_draft(platform) is None


def test_a_broken_promise_is_told_with_its_clause_and_keeps_it(iris: Colleague, platform: Platform) -> None:
    publish_statement(platform, statement("1"), principal=samples.TESTER)
    write(iris, version="2", access__named="", control__named="direct_marketing\nghosts")
    page = iris.get(f"{PAGE}/draft")
    assert "What you decide The opt-out “ghosts” is promised, and there is none." in text(page)
    assert "Who gets to see it Data is passed on to “acme”, and this clause does not name it." in text(page)
    assert f'href="{PAGE}/edit#access"' in page.body.decode()
    assert "/publish" not in page.body.decode()
    answer = publish(iris)
    assert (answer.status, "Nothing was published" in text(answer)) == (400, True)
    assert statement_in_force(platform).statement.version == "1"
    iris.language = "zh-CN"
    assert "数据会提供给“acme”，而本条没有提到。" in text(iris.get(f"{PAGE}/draft"))


def test_of_two_officers_the_second_keeps_what_she_typed_and_sees_the_first(
    iris: Colleague, hired: Callable[..., Colleague], platform: Platform
) -> None:
    publish_statement(platform, statement("1"), principal=samples.TESTER)
    omar = hired("omar", "privacy_officer")
    hers, his = iris.get(f"{PAGE}/edit"), omar.get(f"{PAGE}/edit")
    sent = {"form_token": token(his), **typed(his), "version": "2", "summary.en": "His words."}
    assert omar.post(f"{PAGE}/edit", sent).status == 303
    seen = omar.get(f"{PAGE}/draft")
    answer = iris.post(f"{PAGE}/edit", {"form_token": token(hers), **typed(hers), "summary.en": "Her words."})
    assert answer.status == 409
    assert "staff:omar saved the draft meanwhile" in text(answer)
    assert "Saved meanwhile His words." in text(answer)
    assert typed(answer)["summary.en"] == "Her words."
    assert find_draft(platform).fields["summary.en"] == "His words."
    again = iris.post(f"{PAGE}/edit", {"form_token": token(answer), **typed(answer), "version": "2"})
    assert again.status == 303
    late = omar.post(f"{PAGE}/publish", {"form_token": token(seen), "revision": hidden(seen, "revision")})
    assert (late.status, "somebody changed the draft meanwhile" in text(late)) == (409, True)
    assert statement_in_force(platform).statement.version == "1"


def test_a_draft_of_an_older_version_says_so_until_somebody_has_looked(iris: Colleague, platform: Platform) -> None:
    publish_statement(platform, statement("1"), principal=samples.TESTER)
    write(iris, version="3", summary__en="The third.")
    publish_statement(platform, statement("2", "The second."), principal=samples.TESTER)
    assert "Another version came into force since it was begun." in text(iris.get(f"{PAGE}/draft"))
    answer = publish(iris)
    assert (answer.status, "another version came into force meanwhile" in text(answer)) == (409, True)
    page = iris.get(f"{PAGE}/edit")
    iris.post(f"{PAGE}/edit", {"form_token": token(page), **typed(page), "rebase": "yes"})
    page = text(iris.get(f"{PAGE}/draft"))
    assert "taken out: The second." in page
    assert "added: The third." in page
    assert publish(iris, letters="yes").status == 303
    assert statement_in_force(platform).number == 3


def test_whatever_is_typed_comes_out_as_text(iris: Colleague, platform: Platform) -> None:
    publish_statement(platform, statement("1"), principal=samples.TESTER)
    odd = {name.replace(".", "__"): POLYGLOT for name in fields_of(statement("1"))}
    write(iris, **odd)
    for page in (iris.get(f"{PAGE}/draft"), iris.get(f"{PAGE}/edit"), iris.get(PAGE)):
        assert page.status == 200
        assert "<sVg" not in page.body.decode()
        assert page.body.decode().count("<title>") == 1
    assert typed(iris.get(f"{PAGE}/edit"))["using.named"] == POLYGLOT
    hers = fields_of(statement("2")) | {"summary.en": POLYGLOT, "title.en": POLYGLOT[:120]}
    write(iris, **{name.replace(".", "__"): value for name, value in hers.items()})
    publish(iris, letters="yes")
    for address in (PAGE, f"{PAGE}/changes?new=2", f"{PAGE}/changes?old=2&new=1", "/privacy", "/privacy/2/changes"):
        page = iris.get(address)
        assert page.status == 200
        assert "<sVg" not in page.body.decode()


def test_a_text_of_the_longest_kind_is_taken(iris: Colleague, platform: Platform) -> None:
    long = "长" * 8_000
    answer = write(iris, collecting__full__en=long, using__full__en=long, access__full__en=long)
    assert answer.status == 303
    assert find_draft(platform).fields["using.full.en"] == long


def test_who_may_only_look_sees_no_form(hired: Callable[..., Colleague], platform: Platform) -> None:
    publish_statement(platform, statement("1"), principal=samples.TESTER)
    ruth = hired("ruth", "auditor")
    page = ruth.get(PAGE)
    assert "Write the next version" not in text(page)
    assert ruth.get(f"{PAGE}/edit").status == 403
    for act in ("edit", "publish", "discard"):
        assert ruth.post(f"{PAGE}/{act}", {"form_token": token(page)}).status == 403


def test_a_draft_is_thrown_away_as_it_was_seen(iris: Colleague, platform: Platform) -> None:
    write(iris, version="1")
    page = iris.get(f"{PAGE}/draft")
    form = {"form_token": token(page), "revision": hidden(page, "revision")}
    write(iris, version="2")
    assert iris.post(f"{PAGE}/discard", form).status == 403
    page = iris.get(f"{PAGE}/draft")
    form["revision"] = hidden(page, "revision")
    assert iris.post(f"{PAGE}/discard", form).header("location") == f"{PAGE}?done=discarded"
    assert find_draft(platform) is None


def test_where_the_policy_wants_two_another_officer_publishes(
    iris: Colleague, hired: Callable[..., Colleague], platform: Platform
) -> None:
    two = samples.policy(samples.POLICY_TEXT + "two_officers: [statement]\n")
    publish_policy(platform, two, principal=samples.TESTER)
    write(iris, **{name.replace(".", "__"): value for name, value in fields_of(statement("1")).items()})
    assert "somebody else publishes it than who saved it last" in text(iris.get(f"{PAGE}/draft"))
    assert publish(iris).status == 409
    assert statement_in_force(platform) is None
    assert publish(hired("omar", "second_officer")).status == 303
    assert statement_in_force(platform).author == "staff:omar"


def test_readers_are_shown_in_full_tens_and_the_look_is_on_the_log(iris: Colleague, platform: Platform) -> None:
    people = samples.add_people(platform, 13)
    publish_statement(platform, statement("1"), principal=samples.TESTER)
    acknowledge(platform, people[0].customer_id, "1", language="en")
    assert "fewer than 10" in text(iris.get(PAGE))
    for each in people[1:]:
        acknowledge(platform, each.customer_id, "1", language="en")
    shown = text(iris.get(PAGE))
    assert "staff:iris" not in shown
    assert "– 10 os:tester the first" in shown
    last = entries(platform)[-1]
    assert (last["act"], last["principal"]) == ("statement_readers", "staff:iris")


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_lint_may_say_has_its_sentence(engine_name: str, language: str) -> None:
    generic = said_of([BadInput("bad_key", "x", path="summary.en")], language)[0].text
    codes = re.findall(r'(?:BadInput|Finding)\("(\w+)"', Path(lint.__file__).read_text())
    assert len(set(codes)) > 8
    for code in codes:
        [said] = said_of([BadInput(code, "of `one` and `two`", path="using.purposes")], language)
        assert said.text != generic, code
        assert "one" in said.text, code
        assert said.part == "using"
