"""Going for good, by herself: a typed word, a fresh proof; out everywhere; a certificate that anybody can check."""

import io
import re
from datetime import timedelta
from zipfile import ZipFile

import pytest
from fastapi import FastAPI

from audit.cosignature import Policy
from audit.note import verify_note
from audit.proof import check_inclusion, parse_inclusion
from cdp.bootstrap import Platform
from cdp.portal import guard
from cdp.portal.chores import Chores
from cdp.services.certificates import certificate_key
from cdp.services.sign_in.keeping import FRESH
from tests.portal.conftest import ADDRESS
from tests.portal.test_sign_in import later
from tests.portal.visitor import Visitor, letters, text, token
from tests.support import gone

PAGE = "/portal/erase"


def customers(platform: Platform) -> list[str]:
    with platform._database.reading() as conn:
        return list(conn.exec_driver_sql("SELECT customer_id FROM customer ORDER BY ordinal").scalars())


def test_all_the_way(ann: Visitor, app: FastAPI, platform: Platform) -> None:
    other, before = Visitor(app), customers(platform)
    other.sign_in(platform, ADDRESS)
    ann.press("/portal/export", "/portal/export")
    app.state.chores.do()
    shown = text(ann.get(PAGE))
    assert "This cannot be taken back" in shown
    assert "A mark of your addresses" in shown
    where = ann.press(PAGE, PAGE, word=" ERASE ").header("location") or ""
    assert where.startswith("/portal/erased/")
    (hers,) = set(before) - set(customers(platform))
    assert gone.traces(platform, hers) == {}
    assert "You are being erased" in text(ann.get(where))
    for visitor in (ann, other):
        assert (visitor.get("/portal").header("location") or "").startswith("/portal/sign-in")
    app.state.chores.do()
    page = text(ann.get(where))
    assert "Everything about you is erased" in page
    assert f"customer: {hers}" in page
    assert len(customers(platform)) == 5
    letter = letters(platform)[-1]
    assert (letter["To"], letter["Subject"]) == (ADDRESS, "Your data was erased")
    assert where in letter.get_payload(decode=True).decode()
    with platform._database.reading() as conn:
        for table in ("cdp_session", "cdp_export", "cdp_export_part"):
            count = conn.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
            assert count == 0, table


def test_the_certificate_is_checked_without_the_store(ann: Visitor, app: FastAPI, platform: Platform) -> None:
    where = ann.press(PAGE, PAGE, word="删除").header("location") or ""
    assert ann.get(f"{where}/certificate").header("location") == where, "there is none yet"
    app.state.chores.do()
    with ZipFile(io.BytesIO(ann.get(f"{where}/certificate").body)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    said = verify_note(files["certificate.note"], [certificate_key(platform)]).decode()
    proof = parse_inclusion(files["entry.tlog-proof"])
    assert f"entry {proof.index}\n" in said
    check_inclusion(proof, files["entry.json"], Policy(platform.keeper.verifier))
    erasure = re.search(r"erasure: (\S+)", said)[1]
    assert erasure.encode() in files["entry.json"]


@pytest.mark.parametrize("word", ["", "yes", "erase me", "删", "e\u200brase"])
def test_without_the_word_nothing_happens(ann: Visitor, platform: Platform, word: str) -> None:
    answer = ann.press(PAGE, PAGE, word=word)
    assert "Nothing has happened" in text(answer)
    assert len(customers(platform)) == 6


def test_an_old_session_proves_it_first(ann: Visitor, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    later(monkeypatch, guard, FRESH + timedelta(seconds=1))
    assert (ann.press(PAGE, PAGE, word="erase").header("location") or "").startswith("/portal/prove")
    assert len(customers(platform)) == 6


def test_a_certificate_is_found_by_its_whole_address_alone(ann: Visitor, app: FastAPI, platform: Platform) -> None:
    where = ann.press(PAGE, PAGE, word="erase").header("location") or ""
    Chores(platform).do()
    for wrong in (where[:-1], where.partition(".")[0], where[:-1] + ("0" if where[-1] != "0" else "1"), f"{where}é"):
        assert Visitor(app).get(wrong).status == 404


def test_pressing_twice_is_once(ann: Visitor, app: FastAPI, platform: Platform) -> None:
    form = {"form_token": token(ann.get(PAGE)), "word": "erase"}
    cookies = dict(ann.cookies)
    assert ann.post(PAGE, form).status == 303
    again = Visitor(app, cookies=cookies).post(PAGE, form)
    assert (again.header("location") or "").startswith("/portal/sign-in")
    assert len(customers(platform)) == 5
