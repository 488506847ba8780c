"""Suppressed people are not taken in: by name, by what belongs to them, after an erasure, whatever is restored."""

from pathlib import Path

import pytest

from cdp.errors import BadInput, NotFound, Refused
from cdp.services.erase import erase
from cdp.services.suppress import count_suppressed, lift, refuse_suppressed, suppress
from tests.samples import TESTER
from tests.services import importing
from tests.services.importing import counts, ids, people, reasons, store, write

HEADER = "name,email,phone\n"
ANN, BEN = "Ann,ann@example.org,+447700900123\n", "Ben,ben@example.org,\n"


def bring(platform, path: Path, **options: object):
    """Import a file, also if it was imported before."""
    return importing.bring(platform, path, again=True, **options)


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str):
    with store(tmp_path / "home", database_url, keys_url) as opened:
        yield opened


def test_whoever_was_erased_does_not_come_back_by_import(platform, tmp_path: Path) -> None:
    assert counts(bring(platform, write(tmp_path / "1.csv", HEADER + ANN + BEN)))[0] == 2
    erase(platform, ["email:ann@example.org"], principal=TESTER, reason="she asked")
    result = bring(platform, write(tmp_path / "2.csv", HEADER + ANN + BEN))
    assert counts(result) == (0, 0, 1, 1)
    assert reasons(result) == [(2, "suppressed", "")]
    for row in ("Ann,,07700 900123\n", "Ann,ANN@example.org,\n", "Ann,new@example.org,+44 7700 900123\n"):
        result = bring(platform, write(tmp_path / "3.csv", HEADER + row))
        assert counts(result) == ((1, 0, 0, 0) if row.startswith("Ann,,07") else (0, 0, 0, 1)), row
    assert "ann@example.org" not in str(people(platform))


def test_what_belongs_to_the_suppressed_is_refused_too(platform, tmp_path: Path) -> None:
    bring(platform, write(tmp_path / "1.csv", HEADER + ANN + BEN))
    assert suppress(platform, ["email:ann@example.org"], principal=TESTER) == 1
    orders = write(tmp_path / "o.csv", "number,customer.email\nn1,ann@example.org\nn2,ben@example.org\n")
    result = bring(platform, orders, entity="order")
    assert counts(result) == (1, 0, 0, 1)
    assert reasons(result) == [(2, "suppressed", "")]


def test_suppressing_somebody_unknown_and_lifting_it(platform, tmp_path: Path) -> None:
    assert suppress(platform, ["email:Ann@Example.org", "user_id:u-7"], principal=TESTER, reason="asked") == 2
    assert count_suppressed(platform) == {"suppressed": 2}
    with pytest.raises(Refused) as caught:
        refuse_suppressed(platform, [("user_id", "U-7")])
    assert caught.value.code == "suppressed"
    refuse_suppressed(platform, [("user_id", "u-8"), ("email", "")])
    assert counts(bring(platform, write(tmp_path / "1.csv", HEADER + ANN)))[3] == 1
    assert lift(platform, ["email:ann@example.org"], principal=TESTER) == 1
    assert counts(bring(platform, write(tmp_path / "1.csv", HEADER + ANN)))[0] == 1


def test_an_id_stands_for_all_that_she_bears(platform, tmp_path: Path) -> None:
    bring(platform, write(tmp_path / "1.csv", HEADER + ANN))
    (ann,) = ids(platform)
    assert suppress(platform, [ann], principal=TESTER) == 2
    with pytest.raises(NotFound):
        suppress(platform, ["nobody"], principal=TESTER)
    for name in ("email:", "nothing:x"):
        with pytest.raises(BadInput) as caught:
            suppress(platform, [name], principal=TESTER)
        assert caught.value.code == "bad_identifier"


def test_only_her_own_word_brings_back_who_was_erased(platform, tmp_path: Path) -> None:
    bring(platform, write(tmp_path / "1.csv", HEADER + BEN))
    erase(platform, ["email:ben@example.org"], principal=TESTER, reason="he asked")
    assert lift(platform, ["email:ben@example.org"], principal=TESTER) == 0
    assert counts(bring(platform, write(tmp_path / "2.csv", HEADER + BEN)))[3] == 1
    assert lift(platform, ["email:ben@example.org"], principal=TESTER, word="by letter of 3 May") == 1
    assert counts(bring(platform, write(tmp_path / "3.csv", HEADER + BEN)))[0] == 1
