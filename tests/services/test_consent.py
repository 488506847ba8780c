"""What is known of consent: shown, told act by act, rebuilt, counted; and said all at once or not at all."""

from datetime import UTC, datetime, timedelta

import pytest

from cdp.bootstrap import Platform
from cdp.errors import BadInput, CdpError, Refused
from cdp.services.consent_counts import LEAST, OTHERS, Count, count_consent, without_small
from cdp.services.consent_history import read_consent, with_words
from cdp.services.name_choice import name_choice
from cdp.services.opt_out import allow, refuse
from cdp.services.rebuild_consent import check_consent, rebuild_consent
from cdp.services.state_choices import SKEW, Said, Wish, effective_time, state_choices
from consent.events import Evidence, Source, State
from tests.samples import TESTER, add_people
from tests.services.test_opt_out import entries, mailed

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MARKETING, SENSITIVE = "direct_marketing", "sensitive_data"


def sql(platform: Platform, statement: str) -> None:
    with platform._database.writing() as conn:
        conn.exec_driver_sql(statement)


def true(platform: Platform) -> str:
    return "1" if platform.door.dialect == "sqlite" else "true"


def flags(platform: Platform) -> list[tuple[object, ...]]:
    with platform._database.reading() as conn:
        rows = conn.exec_driver_sql("SELECT * FROM customer ORDER BY ordinal")
        return [tuple(row) for row in rows]


def test_all_or_nothing(platform: Platform) -> None:
    her = add_people(platform, 1)[0].customer_id
    wrong = [
        [Wish(MARKETING, State.REFUSED), Wish("nothing_known", State.REFUSED)],
        [Wish(MARKETING, State.REFUSED), Wish(MARKETING, State.ALLOWED)],
        [Wish(MARKETING, State.REFUSED), Wish("a/b/c", State.REFUSED)],
        [Wish(f"{MARKETING}@nowhere", State.REFUSED)],
        [],
    ]
    codes = []
    for wishes in wrong:
        with pytest.raises(BadInput) as caught:
            state_choices(platform, her, wishes, principal=TESTER, said=Said(word="yes"))
        codes.append(caught.value.code)
    assert codes == [
        "unknown_opt_out", "contradictory_choices", "bad_choice_name", "unknown_purpose", "contradictory_choices"
    ]  # fmt: skip
    assert read_consent(platform, her, principal=TESTER).history == ()
    both = [Wish(SENSITIVE, State.REFUSED), Wish(MARKETING, State.ALLOWED)]
    assert state_choices(platform, her, both, principal=TESTER, said=Said(word="yes")).refused == {SENSITIVE}
    assert entries(platform)[-1]["act"] == "state_choices"


@pytest.mark.parametrize("source", [each for each in Source if each not in (Source.PORTAL, Source.STAFF)])
def test_no_other_source_loosens(platform: Platform, source: Source) -> None:
    her = add_people(platform, 1)[0].customer_id
    refuse(platform, her, MARKETING, principal=TESTER)
    with pytest.raises(Refused) as caught:
        state_choices(platform, her, [Wish(MARKETING, State.ALLOWED)], principal=TESTER, said=Said(source, word="yes"))
    assert caught.value.code == "not_her_word"
    assert mailed(platform) == set()


@pytest.mark.parametrize(
    ("said", "result"),
    [
        ("", "2026-03-01T00:00:00.000000+00:00"),
        ("2026-02-28T12:00:00+01:00", "2026-02-28T11:00:00.000000+00:00"),
        ((NOW + SKEW).isoformat(), "2026-03-01T00:00:00.000000+00:00"),
        ((NOW + SKEW + timedelta(seconds=1)).isoformat(), "future_time"),
        ("9999-12-31T23:59:59-14:00", "future_time"),
        ("0001-01-01T00:00:00+14:00", "bad_time"),
        ("2026-02-28", "bad_time"),
        ("2026-02-28T12:00:00", "bad_time"),
        ("yesterday", "bad_time"),
    ],
)
def test_times_that_she_may_have_said_it_at(said: str, result: str) -> None:
    try:
        found = effective_time(said, NOW)
    except CdpError as error:
        found = error.code
    assert found == result


def test_an_older_refusal_that_arrives_late_does_not_undo_her_later_yes(platform: Platform) -> None:
    her = add_people(platform, 1)[0].customer_id
    allow(platform, her, MARKETING, principal=TESTER, word="yes")
    late = Said(effective_at="2026-01-01T00:00:00+00:00")
    state_choices(platform, her, [Wish(MARKETING, State.REFUSED)], principal=TESTER, said=late)
    assert mailed(platform) == {"ann0@example.org"}


def test_to_read_a_history_leaves_an_entry_about_her(platform: Platform) -> None:
    people = add_people(platform, 2)
    shown = Evidence(statement="privacy-notice/7", locale="en-GB", text_digest="ab" * 32, request_id="r-1")
    said = Said(word="stop it", evidence=shown)
    state_choices(platform, people[0].customer_id, [Wish(MARKETING, State.REFUSED)], principal=TESTER, said=said)
    standing = read_consent(platform, people[0].customer_id, principal=TESTER, words=True)
    last = entries(platform)[-1]
    assert (last["what"], last["act"], last["customers"], last["words"]) == ("disclosure", "consent_history", 1, True)
    event = with_words(platform.vault, standing.history[0])
    assert (event.evidence.word, event.evidence.actor, event.evidence.statement) == (
        "stop it", TESTER.name, "privacy-notice/7",
    )  # fmt: skip
    assert "stop it" not in standing.history[0].evidence.format()
    verdicts = {each.opt_out: each for each in standing.verdicts}
    assert (verdicts[MARKETING].refused, verdicts[MARKETING].act) == (True, standing.history[0])
    assert (verdicts[SENSITIVE].refused, verdicts[SENSITIVE].act) == (False, None)


def test_a_rebuild_gives_back_every_byte(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    people = add_people(platform, 7)
    for person in people[::2]:
        refuse(platform, person.customer_id, MARKETING, principal=TESTER)
    allow(platform, people[2].customer_id, MARKETING, principal=TESTER, word="yes")
    before, last = flags(platform), people[-1].customer_id
    assert check_consent(platform, principal=TESTER).differences == ()
    other = "0" if platform.door.dialect == "sqlite" else "false"
    sql(platform, f"UPDATE customer SET refused__{MARKETING} = {other}, refused__{SENSITIVE} = {true(platform)}")
    broken = flags(platform)
    checked = check_consent(platform, principal=TESTER)
    assert (len(checked.differences), checked.customers, flags(platform)) == (7, 7, broken)
    monkeypatch.setattr("cdp.services.rebuild_consent.compare_flags.__kwdefaults__", {"take": 2})
    rebuilt = rebuild_consent(platform, principal=TESTER)
    assert (len(rebuilt.differences), rebuilt.customers) == (7, 7)
    assert flags(platform) == before
    assert check_consent(platform, principal=TESTER).differences == ()
    assert {each["act"] for each in entries(platform)} >= {"consent_check", "consent_rebuild"}
    assert refuse(platform, last, MARKETING, principal=TESTER) == last


def cells(*counts: int) -> list[Count]:
    return [Count("2026-01", MARKETING, "refused", f"s{place}", "gdpr", count) for place, count in enumerate(counts)]


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((), []),
        ((9,), []),
        ((10,), [10]),
        ((4, 5), []),
        ((5, 5), ["others 10"]),
        ((3, 50), ["others 53"]),
        ((3, 12, 50), [50, "others 15"]),
        ((1, 2, 12, 50), [50, "others 15"]),
        ((12, 50), [12, 50]),
    ],
)
def test_small_cells_cannot_be_had_from_those_shown(counts: tuple[int, ...], shown: list[object]) -> None:
    found = without_small(cells(*counts))
    told: list[object] = [each.customers for each in found if each.source != OTHERS]
    assert told + [f"others {each.customers}" for each in found if each.source == OTHERS] == shown
    assert all(each.customers >= LEAST for each in found)


def test_counts_are_of_customers_and_hide_who_came_just_now(platform: Platform) -> None:
    people = add_people(platform, 13)
    for person in people:
        refuse(platform, person.customer_id, MARKETING, principal=TESTER)
    for _ in range(12):
        refuse(platform, people[0].customer_id, SENSITIVE, principal=TESTER)
    found = count_consent(platform, principal=TESTER)
    assert [(each.choice, each.state, each.source, each.regime, each.customers) for each in found] == [
        (MARKETING, "refused", "staff", "none", 10)
    ]
    assert entries(platform)[-1]["act"] == "consent_counts"


def test_a_purpose_names_the_opt_out_that_stops_it(platform: Platform) -> None:
    assert name_choice(platform, None, None, "disclosure") == "third_party_disclosure@disclosure"
    assert name_choice(platform, MARKETING, "email", None) == f"{MARKETING}/email"
    for purpose, code in ((None, "choice_missing"), ("nowhere", "unknown_purpose"), ("service", "purpose_unbound")):
        with pytest.raises(BadInput) as caught:
            name_choice(platform, None, None, purpose)
        assert caught.value.code == code
