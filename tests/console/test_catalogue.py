"""The catalogue in the console: shapes on invented values, names that are not known, proposals with their effect."""

import re
from collections.abc import Callable
from html import unescape

import pytest

from cdp.bootstrap import Platform
from cdp.console import catalogue as page_of, unclassified
from cdp.events.undeclared import FILES, Name, note_names
from cdp.portal.chores import Chores
from cdp.services.proposals.records import State, find_proposal, list_proposals
from tests import samples
from tests.api.calling import Answer
from tests.console.conftest import Colleague, entries, hidden
from tests.console.test_statement import POLYGLOT
from tests.portal.visitor import text, token

PAGE = "/console/catalogue"
NAMES = "/console/unclassified"

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def note(platform: Platform, names: dict[Name, int], looks: dict[Name, dict[str, int]] | None = None) -> None:
    with platform._database.writing() as conn:
        note_names(conn, platform.vault, FILES, names, looks or {})


def change(who: Colleague, field: str, said: str, entity: str = "customer", why: str = "") -> Answer:
    page = who.get(f"{PAGE}/edit?entity={entity}&field={field}")
    form = {"form_token": token(page), "entity": entity, "field": field, "text": said, "why": why}
    return who.post(f"{PAGE}/edit", form)


def decide(who: Colleague, address: str, act: str, **form: str) -> Answer:
    page = who.get(address)
    return who.post(f"{address}/{act}", {"form_token": token(page), "seen": hidden(page, "seen"), **form})


def area(page: Answer) -> str:
    return unescape(re.search(r'<textarea id="text"[^>]*>\n(.*?)</textarea>', page.body.decode(), re.DOTALL)[1])


def test_fields_with_their_shapes_on_invented_values_and_nothing_is_read(iris: Colleague, platform: Platform) -> None:
    before = len(entries(platform))
    shown = text(iris.get(PAGE))
    for said in ("Postcode personal text", "a***@e***.org", "50000-59999", "1980-1989"):
        assert said in shown
    field = text(iris.get(f"{PAGE}?field=email"))
    for said in ("customer.email", "wang@example.cn w***@e***.cn", "user.contact.email", "Newsletter ● in full",
                 "Care desk ◐ masked", "sealed, under the customer's own key"):  # fmt: skip
        assert said in field
    assert len(entries(platform)) == before
    assert "Religion" not in text(iris.get(f"{PAGE}?tag=personal"))
    for query in ("entity=ghost", "tag=odd", "field=ghost", "first=ghost"):
        assert iris.get(f"{PAGE}?{query}").status == 404


def test_further_fields_follow_by_name(iris: Colleague, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_of, "MOST_FIELDS", 3)
    page = iris.get(PAGE).body.decode()
    assert "Postcode" not in page
    (further,) = re.findall(r'href="([^"]*)">Further fields', page)
    assert "Postcode" in text(iris.get(unescape(further)))


def test_a_change_is_a_proposal_with_its_effect_and_two_decide_what_widens(
    iris: Colleague, hired: Callable[..., Colleague], platform: Platform
) -> None:
    samples.add_people(platform, 4)
    omar = hired("omar", "second_officer")
    said = area(iris.get(f"{PAGE}/edit?entity=customer&field=postcode"))
    assert "keep: 2" in said
    answer = change(iris, "postcode", said.replace("keep: 2", "keep: 3"), why="for the map")
    there = answer.header("location")
    shown = text(iris.get(there))
    for line in ("3 views widen.", "4 rows are written and sealed anew", "for the map", "Ask for a second person"):
        assert line in shown
    assert "Apply this catalogue" not in shown
    assert decide(iris, there, "publish").status == 409
    assert "Bring it into force" not in text(omar.get(there))
    assert decide(iris, there, "ask").status == 303
    assert "Apply this catalogue" in text(omar.get(there))
    assert decide(omar, there, "refuse", answer=" ").status == 400
    assert decide(omar, there, "publish").status == 303
    assert "is being applied" in text(omar.get(PAGE))
    Chores(platform).do()
    assert platform.in_force(fresh=True).catalogue.entities["customer"].fields["postcode"].keep == 3
    assert "became version 2" in text(iris.get(there))
    assert iris.get(f"{PAGE}/proposals/99").status == iris.get(f"{PAGE}/proposals/x").status == 404


def test_further_changes_go_into_her_draft_and_a_stale_one_says_so(
    iris: Colleague, hired: Callable[..., Colleague], platform: Platform
) -> None:
    first = change(iris, "total", "type: decimal\nsensitivity: none\nretention: 3 years", "order").header("location")
    again = change(iris, "paid", "type: boolean\nsensitivity: none\nretention: 2 years", "order").header("location")
    assert first == again
    omar = hired("omar", "privacy_officer")
    his = change(omar, "loyalty", "type: choice\nchoices: [gold, none, silver]\nsensitivity: none").header("location")
    assert his != first
    seen = omar.get(his)
    change(omar, "loyalty", "type: choice\nchoices: [gold, silver, none]\nsensitivity: none\nretention: 1 year")
    late = omar.post(f"{his}/publish", {"form_token": token(seen), "seen": hidden(seen, "seen")})
    assert (late.status, "somebody changed it meanwhile" in text(late)) == (409, True)
    assert decide(omar, his, "publish").status == 303
    assert "Another version came into force" in text(iris.get(first))
    assert decide(iris, first, "publish").status == 409
    page = iris.get(first)
    form = {"form_token": token(page), "seen": hidden(page, "seen"), "text": area(page), "rebase": "yes"}
    assert iris.post(f"{first}/save", form).status == 303
    assert decide(iris, first, "publish").status == 303  # and takes back what he did, since she said that she looked
    assert "Total" in text(iris.get(f"{PAGE}?entity=order"))


def test_what_loses_values_asks_for_the_word(iris: Colleague, platform: Platform) -> None:
    there = change(iris, "loyalty", "type: choice\nchoices: [gold, silver]\nsensitivity: none").header("location")
    shown = text(iris.get(there))
    assert "Stored values may be lost." in shown
    assert "Type LOSE" in shown
    for word in ("", "lose"):
        assert decide(iris, there, "publish", word=word).status == 409
    number = int(there.rpartition("/")[2])
    assert find_proposal(platform, "catalogue", number).state is State.DRAFT
    assert decide(iris, there, "publish", word="LOSE").status == 303
    assert find_proposal(platform, "catalogue", number).state is State.PUBLISHED


def test_nothing_typed_is_lost_and_faults_are_told(iris: Colleague, platform: Platform) -> None:
    answer = change(iris, "email", "type: [text", why="a reason")
    assert (answer.status, area(answer)) == (400, "type: [text")
    assert "cannot be read from line 1" in text(answer)
    assert hidden(answer, "entity") == "customer"
    there = change(iris, "email", "type: text\ncategory: user.contact.emial").header("location")
    shown = text(iris.get(there))
    assert "user.contact.email" in shown  # the nearest right name
    assert "Apply this catalogue" not in shown
    page = iris.get(there)
    odd = {"form_token": token(page), "seen": "0" * 64, "text": "all: of it", "why": ""}
    answer = iris.post(f"{there}/save", odd)
    assert (answer.status, area(answer)) == (409, "all: of it")
    assert decide(iris, there, "withdraw").status == 303
    assert "taken back" in text(iris.get(f"{PAGE}/proposals"))


def test_names_that_are_not_known_suggest_a_field_and_why(iris: Colleague, platform: Platform) -> None:
    mail, shoe = Name("customer", "Second Mail"), Name("customer", "shoe size")
    note(platform, {mail: 12, shoe: 3, Name("ghost", "x"): 1}, {mail: {"email": 9}})
    shown = text(iris.get(NAMES))
    assert "Second Mail files customer 12" in shown
    assert "identifying user.contact.email 9 values looked like e-mail addresses" in shown
    assert "nothing suggests one" in shown
    assert "Declare its event first." in shown
    links = re.findall(r'href="(/console/unclassified/[0-9a-f]{32})"', iris.get(NAMES).body.decode())
    assert len(links) == 2
    assert "mail" not in "".join(links).lower()
    page = iris.get(links[0])
    assert area(page).splitlines() == ["{type: text, category: user.contact.email, mask: email, sent_as: Second Mail}"]
    form = {"form_token": token(page), "entity": "customer", "field": "second_mail", "text": area(page), "why": ""}
    there = iris.post(f"{PAGE}/edit", form).header("location")
    assert "view widens" in text(iris.get(there)) or "views widen" in text(iris.get(there))
    assert [each["act"] for each in entries(platform)].count("undeclared_listed") > 2
    assert iris.get(f"{NAMES}/{'0' * 32}").status == 404


def test_names_are_paged_by_key_and_an_event_becomes_an_entity(
    iris: Colleague, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unclassified, "PAGE", 2)
    note(platform, {Name("customer", f"n{number}"): 5 for number in range(5)} | {Name("events", "Shoe Tried"): 9})
    seen, address = [], NAMES
    while address:
        page = iris.get(address).body.decode()
        seen += re.findall(r'<th scope="row"><bdi[^>]*>([^<]*)<', page)
        address = next((NAMES + unescape(each) for each in re.findall(r'href="([^"]*)">Further names', page)), "")
    assert seen[0] == "Shoe Tried"
    assert sorted(seen[1:]) == [f"n{number}" for number in range(5)]
    (link,) = re.findall(
        r'href="(/console/unclassified/[0-9a-f]{32})">Give it an entity', iris.get(NAMES).body.decode()
    )
    page = iris.get(link)
    form = {"form_token": token(page), "entity": "", "field": "shoe_tried", "text": area(page)}
    there = iris.post(f"{PAGE}/edit", form).header("location")
    assert "An entity comes" in text(iris.get(there))
    assert decide(iris, there, "publish").status == 303
    assert platform.in_force(fresh=True).catalogue.entities["shoe_tried"].event == "Shoe Tried"


def test_whatever_comes_or_is_typed_comes_out_as_text(iris: Colleague, platform: Platform) -> None:
    note(platform, {Name("customer", POLYGLOT): 2, Name(POLYGLOT, POLYGLOT): 1})
    page = iris.get(NAMES)
    link = re.findall(r'href="(/console/unclassified/[0-9a-f]{32})"', page.body.decode())[0]
    form = iris.get(link)
    title = POLYGLOT.replace("'", "")[:120]
    said = f"type: text\nsensitivity: none\ntitle: {{en: '{title}'}}"
    there = change(iris, "total", said, "order", why=POLYGLOT).header("location")
    odd = change(iris, POLYGLOT, POLYGLOT, why=POLYGLOT)
    for each in (page, form, iris.get(there), odd, iris.get(f"{PAGE}/proposals"), iris.get(PAGE)):
        assert each.status in (200, 303, 400)
        assert "<sVg" not in each.body.decode()
    assert list_proposals(platform, "catalogue")


def test_who_may_only_look_proposes_nothing(hired: Callable[..., Colleague], platform: Platform) -> None:
    note(platform, {Name("customer", "shoe"): 1})
    ruth = hired("ruth", "auditor")
    page = ruth.get(PAGE)
    assert "Propose" not in text(page)
    assert "Give it a field" not in text(ruth.get(NAMES))
    assert ruth.get(f"{PAGE}/edit").status == 403
    assert ruth.post(f"{PAGE}/edit", {"form_token": token(page)}).status == 403
