"""Proposals: two persons where it widens, exactly what was shown, over exactly what is in force."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from audit.entries import Principal, parse_entry
from cdp.bootstrap import Platform
from cdp.errors import BadInput, CdpError, NotFound, Several
from cdp.services.proposals import deciding
from cdp.services.proposals.deciding import ask_second, publish_proposal, refuse, withdraw
from cdp.services.proposals.drafting import begin_draft, save_draft
from cdp.services.proposals.policies import POLICIES, text_of
from cdp.services.proposals.records import Proposal, State, find_proposal, list_proposals
from cdp.services.publish import publish_policy
from tests import samples

IRIS, OMAR, SAM = (Principal(f"staff:{name}", "privacy_officer") for name in ("iris", "omar", "sam"))
TEXT = samples.POLICY_TEXT
WIDER = TEXT.replace("clear: [full_name]}", "clear: [full_name, email]}")
NARROWER = TEXT.replace("roles: [agent], clear: [full_name]}", "roles: [agent]}")


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with samples.store(tmp_path / "home", database_url, keys_url) as made:
        yield made


def draft(platform: Platform, text: str, author: Principal = IRIS, base: int = 0) -> Proposal:
    version = base or platform.in_force(fresh=True).policy_version
    return begin_draft(platform, POLICIES, text, base=version, why="because", principal=author)


def asked(platform: Platform, text: str, author: Principal = IRIS) -> Proposal:
    made = draft(platform, text, author)
    return ask_second(platform, POLICIES, made.number, seen=made.digest, principal=author)


def publish(platform: Platform, proposal: Proposal, who: Principal, seen: str = "") -> Proposal:
    return publish_proposal(platform, POLICIES, proposal.number, seen=seen or proposal.digest, principal=who)


def refused(act: Callable[[], Any]) -> str:
    with pytest.raises(CdpError) as caught:
        act()
    return caught.value.code


def said(platform: Platform) -> list[dict[str, Any]]:
    with platform._database.reading() as conn:
        rows = conn.exec_driver_sql("SELECT entry FROM cdp_log_entry ORDER BY number").all()
    found = [parse_entry(bytes(row[0])) for row in rows]
    return [each for each in found if each["act"] in ("propose", "publish_policy")]


def test_what_widens_takes_two_and_each_step_is_on_the_log(platform: Platform) -> None:
    made = draft(platform, WIDER)
    assert refused(lambda: publish(platform, made, IRIS)) == "second_needed"
    assert refused(lambda: publish(platform, made, OMAR)) == "not_asked"
    waiting = ask_second(platform, POLICIES, made.number, seen=made.digest, principal=IRIS)
    assert waiting.state is State.WAITING
    assert refused(lambda: publish(platform, waiting, IRIS)) == "second_needed"
    done = publish(platform, waiting, OMAR)
    assert (done.state, done.version, done.decided_by) == (State.PUBLISHED, 2, "staff:omar")
    assert platform.in_force().policy == samples.policy(WIDER)
    steps = [(each.get("step", each["act"]), each["principal"]) for each in said(platform)]
    assert steps == [("draft", "staff:iris"), ("ask", "staff:iris"), ("publish_policy", "staff:omar")]
    last = said(platform)[-1]
    assert (last["proposal"], last["proposed_by"], last["digest"]) == (made.number, "staff:iris", made.digest)
    assert "because" not in str(said(platform))
    assert refused(lambda: publish(platform, done, OMAR)) == "proposal_state"


def test_what_widens_nothing_its_author_publishes(platform: Platform) -> None:
    assert publish(platform, draft(platform, NARROWER), IRIS).version == 2
    assert platform.in_force().policy == samples.policy(NARROWER)
    assert text_of(platform, 2) == NARROWER


def test_going_back_is_a_new_version_and_takes_two_where_it_widens(platform: Platform) -> None:
    publish(platform, draft(platform, NARROWER), IRIS)
    back = draft(platform, text_of(platform, 1))
    assert refused(lambda: publish(platform, back, IRIS)) == "second_needed"
    waiting = ask_second(platform, POLICIES, back.number, seen=back.digest, principal=IRIS)
    assert publish(platform, waiting, OMAR).version == 3
    assert platform.policy(3) == platform.policy(1)


def test_only_what_was_shown_is_decided(platform: Platform) -> None:
    made = draft(platform, NARROWER)
    saved = save_draft(
        platform, POLICIES, made.number, WIDER, base=1, why="", seen=made.digest, principal=IRIS
    )  # fmt: skip
    for act in (
        lambda: publish(platform, saved, IRIS, seen=made.digest),
        lambda: ask_second(platform, POLICIES, made.number, seen=made.digest, principal=IRIS),
        lambda: withdraw(platform, POLICIES, made.number, seen=made.digest, principal=IRIS),
        lambda: save_draft(platform, POLICIES, made.number, TEXT, base=1, why="", seen=made.digest, principal=IRIS),
    ):
        assert refused(act) in ("proposal_moved", "second_needed")
    waiting = ask_second(platform, POLICIES, made.number, seen=saved.digest, principal=IRIS)
    for seen in (made.digest, "", waiting.digest[:-1]):
        act = lambda seen=seen: publish_proposal(platform, POLICIES, made.number, seen=seen, principal=OMAR)  # noqa: E731
        assert refused(act) == "proposal_moved"
        assert platform.in_force(fresh=True).policy_version == 1
    assert find_proposal(platform, "policy", made.number).text == WIDER


def test_once_somebody_was_asked_the_text_stands_still(platform: Platform) -> None:
    waiting = asked(platform, WIDER)
    save = lambda: save_draft(  # noqa: E731
        platform, POLICIES, waiting.number, TEXT, base=1, why="", seen=waiting.digest, principal=IRIS
    )
    assert refused(save) == "proposal_state"
    assert refused(lambda: ask_second(platform, POLICIES, waiting.number, seen=waiting.digest, principal=IRIS)) == (
        "proposal_state"
    )


def test_a_draft_is_its_authors(platform: Platform) -> None:
    made = draft(platform, NARROWER)
    for act in (
        lambda: save_draft(platform, POLICIES, made.number, TEXT, base=1, why="", seen=made.digest, principal=OMAR),
        lambda: ask_second(platform, POLICIES, made.number, seen=made.digest, principal=OMAR),
        lambda: withdraw(platform, POLICIES, made.number, seen=made.digest, principal=OMAR),
    ):
        assert refused(act) == "not_yours"
    assert find_proposal(platform, "policy", made.number) == made


def test_nobody_refuses_his_own_and_a_refusal_says_why(platform: Platform) -> None:
    waiting = asked(platform, WIDER)

    def refusing(who: Principal, answer: str = "too much") -> None:
        refuse(platform, POLICIES, waiting.number, seen=waiting.digest, answer=answer, principal=who)

    assert refused(lambda: refusing(IRIS)) == "own_act"
    assert refused(lambda: refusing(OMAR, "  ")) == "answer_needed"
    refusing(OMAR)
    found = find_proposal(platform, "policy", waiting.number)
    assert (found.state, found.answer, found.why) == (State.REFUSED, "too much", "because")
    assert refused(lambda: publish(platform, found, SAM)) == "proposal_state"
    assert refused(lambda: refusing(OMAR)) == "proposal_state"


def test_a_draft_over_what_is_not_in_force_any_more_undoes_nothing(platform: Platform) -> None:
    first, second = draft(platform, NARROWER), draft(platform, NARROWER.replace("k: 5", "k: 9"), OMAR)
    waiting = asked(platform, WIDER, SAM)
    publish(platform, first, IRIS)
    assert refused(lambda: publish(platform, second, OMAR)) == "stale_base"
    assert refused(lambda: publish(platform, waiting, OMAR)) == "stale_base"
    anew = save_draft(
        platform, POLICIES, second.number, second.text, base=2, why="", seen=second.digest, principal=OMAR
    )  # fmt: skip
    assert publish(platform, anew, OMAR).version == 3
    assert refused(lambda: draft(platform, TEXT, base=9)) == "unknown_version"


def test_what_comes_into_force_between_look_and_publication_stops_it(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Judged against version 1, it would widen against version 2: it must not come into force by one person alone."""
    made, judged = draft(platform, TEXT.replace("k: 5", "k: 6")), deciding._judged

    def meanwhile(*args: Any) -> Any:
        found = judged(*args)
        publish_policy(platform, samples.policy(NARROWER), principal=samples.TESTER)
        return found

    monkeypatch.setattr(deciding, "_judged", meanwhile)
    assert refused(lambda: publish(platform, made, IRIS)) == "superseded"
    assert platform.in_force(fresh=True).policy == samples.policy(NARROWER)
    assert find_proposal(platform, "policy", made.number).state is State.DRAFT


def test_two_who_publish_at_once_make_one_version(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting, judged, seen = asked(platform, WIDER), deciding._judged, []

    def meanwhile(*args: Any) -> Any:
        found = judged(*args)
        if not seen:
            seen.append("once")
            publish(platform, waiting, SAM)
        return found

    monkeypatch.setattr(deciding, "_judged", meanwhile)
    assert refused(lambda: publish(platform, waiting, OMAR)) == "superseded"
    assert find_proposal(platform, "policy", waiting.number).decided_by == "staff:sam"
    assert platform.in_force(fresh=True).policy_version == 2


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_faulty_draft_is_kept_and_never_asked_about_nor_published(platform: Platform) -> None:
    for text, fault in (
        ("roles: [", BadInput), ("", BadInput), (TEXT.replace("kind: full", "kind: fool"), Several),
        (TEXT.replace("roles: [agent], clear", "roles: [ghost], clear"), Several),
    ):  # fmt: skip
        made = draft(platform, text)
        assert find_proposal(platform, "policy", made.number).text == text
        with pytest.raises(fault):
            ask_second(platform, POLICIES, made.number, seen=made.digest, principal=IRIS)
        with pytest.raises(fault):
            publish(platform, made, IRIS)
    assert refused(lambda: publish(platform, draft(platform, f"# the same\n{TEXT}"), IRIS)) == "nothing_new"
    assert refused(lambda: draft(platform, "#" * 300_000)) == "proposal_too_long"
    with pytest.raises(NotFound):
        find_proposal(platform, "catalogue", made.number)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_lists_are_by_kind_and_state_the_newest_first_and_page_by_number(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [draft(platform, NARROWER + f"# {number}\n") for number in range(5)]
    withdraw(platform, POLICIES, 3, seen=made[2].digest, principal=IRIS)
    monkeypatch.setattr("cdp.services.proposals.records.PAGE", 2)
    assert [each.number for each in list_proposals(platform, "policy", (State.DRAFT,))] == [5, 4]
    assert [each.number for each in list_proposals(platform, "policy", (State.DRAFT,), below=4)] == [2, 1]
    assert [each.number for each in list_proposals(platform, "policy", (State.WITHDRAWN,))] == [3]
    assert list_proposals(platform, "catalogue") == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("edit", "locked"),
    [
        (("roles: [privacy_officer], needs", "roles: [agent], needs"), 2),
        (("kind: full, purpose: privacy_administration", "kind: standard, purpose: privacy_administration"), 1),
        (("needs: [reason]}", "needs: [reason], shapes: {income: hidden}}"), 0),
    ],
)  # fmt: skip
def test_a_policy_that_locks_the_officer_out_is_refused(platform: Platform, edit: tuple[str, str], locked: int) -> None:
    text = TEXT.replace(*edit)
    assert text != TEXT
    made = draft(platform, text)
    if not locked:
        publish(platform, made, IRIS)
        return
    with pytest.raises(Several) as caught:
        publish_policy(platform, samples.policy(text), principal=samples.TESTER)
    assert [each.code for each in caught.value.faults] == ["locks_out"] * locked
    with pytest.raises(Several):
        ask_second(platform, POLICIES, made.number, seen=made.digest, principal=IRIS)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_policy_that_locks_everybody_or_customers_out_is_refused(platform: Platform) -> None:
    own = TEXT.replace("acme_app]\npurposes", "acme_app, customer]\npurposes") + (
        "  mine: {kind: full, purpose: privacy_administration, roles: [customer]}\n"
    )
    publish_policy(platform, samples.policy(own), principal=samples.TESTER)
    empty = samples.policy("roles: []\npurposes: {}\nviews: {}\n")
    for policy, count in ((samples.policy(TEXT), 1), (empty, 4)):
        with pytest.raises(Several) as caught:
            publish_policy(platform, policy, principal=samples.TESTER)
        assert len(caught.value.faults) == count
    assert {each.code for each in caught.value.faults} == {"locks_out"}


def test_what_officers_wrote_is_sealed_in_the_table(platform: Platform) -> None:
    waiting = asked(platform, WIDER)
    refuse(platform, POLICIES, waiting.number, seen=waiting.digest, answer="not for Ann", principal=OMAR)
    with platform._database.reading() as conn:
        row = conn.exec_driver_sql("SELECT why, answer, author FROM cdp_proposal").one()
    assert b"because" not in bytes(row[0])
    assert b"Ann" not in bytes(row[1])
    assert find_proposal(platform, "policy", 1).answer == "not for Ann"
