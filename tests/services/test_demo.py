"""The demo's people, its folder, and how one customer is looked at through every view."""

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.entries import Entry, Principal, parse_entry
from cdp.bootstrap import Platform, create_platform
from cdp.catalogue.model import load_catalogue
from cdp.config import Settings
from cdp.errors import Refused, Unavailable
from cdp.services.demo import tour
from cdp.services.demo.files import CATALOGUE, MARK, POLICY, prepare_home
from cdp.services.demo.look import FIELDS, VIEWS, Look, look_at
from cdp.services.demo.people import SHOWN, make_people
from cdp.services.demo.why import changed, differences
from cdp.services.demo.words import PINYIN
from cdp.services.opt_out import allow
from cdp.services.publish import publish_policy
from cdp.services.read_known import read_known
from cdp.services.verify_log import verify_log
from cdp.store.platform import LOG_ENTRY
from cdp.store.shaper import shaper
from cdp.terms import Kind, Shape
from consent.events import State
from consent.history import read_events
from views.check import check_policy
from views.policy import Policy, load_policy

ME = Principal("os:demo")
FLAGS = ("direct_marketing", "third_party_disclosure", "automated_decisions", "sensitive_data")


def quiet(_done: int, _total: int) -> None:
    pass


def stocked(platform: Platform, number: int = 300) -> tour.Stock:
    return tour.stock(platform, number, principal=ME, progress=quiet)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return prepare_home(Settings(home=tmp_path / "home", _env_file=None))


@pytest.fixture
def platform(settings: Settings) -> Iterator[Platform]:
    with create_platform(settings) as opened:
        yield opened


def entries(platform: Platform) -> list[dict[str, object]]:
    rows = platform.door.lookup(LOG_ENTRY.select().order_by(LOG_ENTRY.c.number))
    return [parse_entry(bytes(row[1])) for row in rows]


def texts(look: Look, view: str) -> list[str]:
    sight = look.sights[VIEWS.index(view)]
    return [sight.cells[field].text for field in FIELDS] if sight.cells else []


class TestPeople:
    def test_the_same_ones_every_time_however_many(self):
        assert make_people(120) == make_people(120) == make_people(300)[:120]

    def test_every_combination_of_refusals_occurs(self):
        every = {frozenset(some) for size in range(5) for some in itertools.combinations(FLAGS, size)}
        assert len(every) == 16
        assert {person.refused for person in make_people(60)} == every

    def test_mail_goes_nowhere(self):
        addresses = [person.email for person in make_people(2000)]
        assert all(re.fullmatch(r"[a-z0-9.]+@example\.(org|com|net)", address) for address in addresses)
        assert len(set(addresses)) == 2000

    def test_nobody_answers_the_telephone(self):
        phones = [person.values["phone"] for person in make_people(2000) if person.values["phone"]]
        reserved = r"\+44 7700 900\d{3}|\+1 (415|206|617) 555 01\d\d|\+86 100 0000 \d{4}"
        assert all(re.fullmatch(reserved, str(phone)) for phone in phones)
        assert len(set(phones)) == len(phones) > 1000

    def test_addresses_match_names(self):
        for person in make_people(300):
            name, local = str(person.values["full_name"]), person.email.split("@")[0]
            last = PINYIN[name[0]] if name[0] in PINYIN else re.sub("[^a-z]", "", name.rsplit(maxsplit=1)[-1].lower())
            assert last in local, person

    def test_they_write_in_two_languages(self):
        people = make_people(300)
        for language, chinese in (("en", False), ("zh", True)):
            theirs = [person for person in people if person.values["language"] == language]
            said = [str(each["message"]) for person in theirs for each in person.complaints]
            assert len(theirs) > 80
            assert len(said) > 20
            written = [*said, *(str(person.values["full_name"]) for person in theirs)]
            assert {any(char > "\u2e80" for char in text) for text in written} == {chinese}

    def test_they_fit_the_catalogue_as_they_are(self):
        catalogue = load_catalogue(CATALOGUE)
        for person in make_people(300):
            rows = {"customer": [person.values], "order": person.orders, "complaint": person.complaints}
            for entity, values in ((name, each) for name, some in rows.items() for each in some):
                assert shaper(catalogue, entity).coerce(values) == (dict(values), [])


def test_the_two_files_are_sound_and_have_every_kind():
    policy = load_policy(POLICY)
    assert check_policy(load_catalogue(CATALOGUE), policy) == []
    assert {view.kind for view in policy.views.values()} == set(Kind)
    assert [policy.views[name].kind for name in VIEWS] == [
        Kind.FULL, Kind.STANDARD, Kind.ANONYMIZED, Kind.OPT_OUT, Kind.SELECTIVE,
    ]  # fmt: skip


class TestFolder:
    def test_what_the_demo_did_not_make_is_left_alone(self, tmp_path):
        (tmp_path / "data.db").write_bytes(b"somebody's")
        with pytest.raises(Refused) as caught:
            prepare_home(Settings(home=tmp_path, _env_file=None))
        assert caught.value.code == "demo_foreign_store"
        assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("data.db", b"somebody's")]

    @pytest.mark.parametrize("name", ["database_url", "keys_url", "kek"])
    def test_a_store_that_is_named_elsewhere_is_left_alone(self, tmp_path, name):
        home = tmp_path / "home"
        with pytest.raises(Refused) as caught:
            prepare_home(Settings(home=home, _env_file=None, **{name: "sqlite:////tmp/x.db"}))
        assert (caught.value.code, caught.value.path) == ("demo_elsewhere", f"CDP_{name.upper()}")
        assert not home.exists()

    @pytest.mark.parametrize("place", ["file", "file/below"])
    def test_where_no_folder_can_be(self, tmp_path, place):
        (tmp_path / "file").write_text("x")
        with pytest.raises((Refused, Unavailable)):
            prepare_home(Settings(home=tmp_path / place, _env_file=None))
        assert (tmp_path / "file").read_text() == "x"

    def test_its_own_is_used_again_and_edited_drafts_stay(self, settings):
        assert settings.policy.parent == settings.home
        settings.policy.write_text("edited")
        again = prepare_home(Settings(home=settings.home, _env_file=None))
        assert again == settings
        assert settings.policy.read_text() == "edited"
        assert settings.home.stat().st_mode & 0o777 == 0o700
        assert (settings.home / MARK).exists()


class TestStock:
    def test_a_second_time_changes_nothing(self, platform):
        first, second = stocked(platform), stocked(platform, 500)
        assert (first.made, second.made) == (True, False)
        assert (first.rows, first.releases) == (second.rows, second.releases)
        assert first.rows["customer"] == 300
        assert first.rows == {
            "customer": 300,
            "order": sum(len(person.orders) for person in make_people(300)),
            "complaint": sum(len(person.complaints) for person in make_people(300)),
        }

    def test_an_interrupted_one_leaves_nobody_and_can_be_repeated(self, platform):
        def pull_the_plug(done: int, _total: int) -> None:
            if done > 100:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            tour.stock(platform, 300, principal=ME, progress=pull_the_plug)
        assert stocked(platform).rows["customer"] == 300

    def test_the_release_is_of_groups_of_five(self, platform):
        [insight, _] = stocked(platform).releases
        groups = Counter((str(p.values["birth_date"])[:3], str(p.values["postcode"])[:2]) for p in make_people(300))
        assert insight.suppressed == sum(size for size in groups.values() if size < 5) > 0
        assert insight.size == 300 - insight.suppressed

    def test_flags_have_their_history(self, platform):
        stocked(platform)
        chinese = f"email:{SHOWN[2]}"
        known = read_known(platform, chinese, ME)
        with platform.door.record(Entry("change", "test", ME, platform.in_force().versions)) as change:
            events = read_events(change.conn, known.customer_id)
        assert {event.choice for event in events if event.state is State.REFUSED} == set(known.refused)
        allow(platform, chinese, "direct_marketing", principal=ME, word="on the telephone")
        assert read_known(platform, chinese, ME).refused == ("third_party_disclosure", "sensitive_data")


class TestLook:
    def test_every_value_is_read_through_the_door(self, platform):
        stocked(platform)
        before = entries(platform)
        look_at(platform, f"email:{SHOWN[0]}", ME)
        new = entries(platform)[len(before) :]
        assert [entry["what"] for entry in new] == ["disclosure"] * 6
        assert [entry.get("view") for entry in new] == [None, *VIEWS]
        assert "reason" in new[1]
        assert verify_log(platform).entries == len(before) + 6

    def test_who_refused_nothing(self, platform):
        stocked(platform)
        look = look_at(platform, f"email:{SHOWN[0]}", ME)
        lucy = ["Lucy Brown", "lucy.brown@example.org", "1987-03-02", "NW1 4QL", "4350", "asthma", "gold"]
        general = ["1980-1989", "NW*", "4000-4999"]
        assert look.known.refused == ()
        assert texts(look, "privacy_office") == lucy
        assert texts(look, "care_desk") == [lucy[0], "l***@e***.org", *general, "", "gold"]
        assert texts(look, "insight") == ["", "", *general, "", "gold"]
        assert texts(look, "newsletter") == [*lucy[:2], "", "", "", "", ""]
        assert texts(look, "clinic_share") == [lucy[0], "", lucy[2], lucy[3], "", "asthma", ""]
        assert [cell.shape for cell in look.sights[1].cells.values()] == [
            Shape.CLEAR, Shape.MASKED, Shape.GENERAL, Shape.GENERAL, Shape.GENERAL, None, Shape.CLEAR,
        ]  # fmt: skip

    def test_who_refused_much(self, platform):
        stocked(platform)
        look = look_at(platform, f"email:{SHOWN[2]}", ME)
        assert texts(look, "newsletter") == []
        assert texts(look, "clinic_share") == ["", "", "", "20*", "", "", ""]
        found = {(why.view, why.shape, *why.what): why.reason for why in differences(look) if why.own}
        assert found["newsletter", None, "the row"] == "refused direct marketing"
        assert found["clinic_share", Shape.GENERAL, "postcode"] == "refused third party disclosure"
        assert found["clinic_share", None, "health"] == "refused third party disclosure and sensitive data"

    def test_it_shows_what_the_policy_in_force_gives(self, platform):
        stocked(platform)
        platform.in_force(fresh=True)
        body = platform.in_force().policy.model_dump(mode="json", exclude_defaults=True, by_alias=True)
        body["views"]["care_desk"] |= {"clear": [], "shapes": {"birth_date": "hidden"}}
        publish_policy(platform, Policy.model_validate(body), principal=ME)
        platform.in_force(fresh=True)
        look = look_at(platform, f"email:{SHOWN[0]}", ME)
        assert texts(look, "care_desk")[:3] == ["L. B.", "l***@e***.org", ""]

    def test_who_is_in_no_group_of_five(self, platform):
        stocked(platform)
        groups = Counter((str(p.values["birth_date"])[:3], str(p.values["postcode"])[:2]) for p in make_people(300))
        lonely = next(p for p in make_people(300) if groups[p.values["birth_date"][:3], p.values["postcode"][:2]] < 5)
        look = look_at(platform, f"email:{lonely.email}", ME)
        assert texts(look, "insight") == []
        assert "fewer than 5 share what could tell her from others" in {why.reason for why in differences(look)}

    def test_how_many_are_alike_is_counted(self, platform):
        stocked(platform)
        groups = Counter((str(p.values["birth_date"])[:3], str(p.values["postcode"])[:2]) for p in make_people(300))
        assert look_at(platform, f"email:{SHOWN[0]}", ME).sights[2].alike == groups["198", "NW"]

    def test_another_policy_is_refused_in_words(self, platform):
        stocked(platform)
        body = platform.in_force().policy.model_dump(mode="json", exclude_defaults=True, by_alias=True)
        del body["views"]["newsletter"]
        publish_policy(platform, Policy.model_validate(body), principal=ME)
        platform.in_force(fresh=True)
        with pytest.raises(Refused) as caught:
            look_at(platform, f"email:{SHOWN[0]}", ME)
        assert caught.value.code == "demo_changed"


def test_one_refusal_changes_one_view_and_is_taken_back_next_time(platform):
    stocked(platform)
    assert tour.begin_anew(platform, principal=ME) is False
    before = look_at(platform, tour.WHO, ME)
    tour.opt_out(platform, principal=ME)
    after = look_at(platform, tour.WHO, ME)
    [(old, new)] = changed(before, after)
    assert (old.view.name, texts(after, "clinic_share")) == ("clinic_share", ["", "", "", "NW*", "", "", ""])
    assert new.cells["postcode"].refused == ("third_party_disclosure",)
    assert tour.begin_anew(platform, principal=ME) is True
    assert changed(before, look_at(platform, tour.WHO, ME)) == []
