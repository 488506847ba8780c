"""Passkeys: added after a fresh proof, good for their owner, in one browser, once; whatever is amiss looks the same."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi import FastAPI

from cdp.bootstrap import Platform
from cdp.services.erase import erase
from cdp.services.sign_in import ceremony, challenges
from tests import samples
from tests.api.calling import Answer
from tests.portal import visitor as visitors
from tests.portal.authenticator import ORIGIN, PRESENT, Authenticator
from tests.portal.conftest import ADDRESS
from tests.portal.test_sign_in import later, shape_of
from tests.portal.test_step_up import make_stale
from tests.portal.visitor import Visitor, text, token

ADD = "/portal/passkeys/add"


@pytest.fixture
def origin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Browsers make passkeys for names, and not for addresses of numbers."""
    monkeypatch.setenv("CDP_ORIGIN", ORIGIN)
    monkeypatch.setattr(visitors, "ORIGIN", ORIGIN)


@pytest.fixture
def platform(origin: None, platform: Platform) -> Platform:
    return platform


@pytest.fixture
def device(ann: Visitor) -> Authenticator:
    """One with a passkey of the first customer."""
    made = Authenticator()
    assert add(ann, made).header("location") == "/portal/passkeys?done=added"
    return made


def add(visitor: Visitor, device: Authenticator, name: str = "my phone") -> Answer:
    form = {"form_token": token(visitor.get(ADD)), "name": name, "credential": ""}
    options = visitor.post("/portal/passkeys/options", form).json
    return visitor.post(ADD, {**form, "credential": device.add(options)})


def options_for(visitor: Visitor) -> tuple[dict[str, str], dict]:
    form = {"form_token": token(visitor.get("/portal/sign-in"))}
    return form, visitor.post("/portal/passkey/options", form).json


def enter(visitor: Visitor, device: Authenticator, **other: object) -> Answer:
    form, options = options_for(visitor)
    return visitor.post("/portal/passkey", {**form, "credential": device.enter(options, **other)})


def test_she_adds_one_and_signs_in_with_it(app: FastAPI, device: Authenticator, ann: Visitor) -> None:
    phone = Visitor(app)
    assert enter(phone, device).header("location") == "/portal"
    assert ADDRESS in text(phone.get("/portal/data"))
    shown = text(ann.get("/portal/passkeys"))
    assert "my phone" in shown
    assert "last used" in shown


def test_adding_asks_for_a_fresh_proof(ann: Visitor, platform: Platform) -> None:
    make_stale(platform)
    assert ann.get(ADD).header("location") == f"/portal/prove?next={ADD}"
    form = {"form_token": token(ann.get("/portal/passkeys")), "name": "mine", "credential": "{}"}
    for target in (ADD, "/portal/passkeys/options"):
        assert ann.post(target, form).header("location") == "/portal/prove?next=/portal/resume"


def test_a_passkey_is_a_fresh_proof(ann: Visitor, device: Authenticator, platform: Platform) -> None:
    make_stale(platform)
    before = ann.cookies["cdp-session"]
    page = ann.get(f"/portal/prove?next={ADD}").body.decode()
    bound = re.search(r'data-options=.*?form_token" value="([0-9a-f]{64})"', page, re.DOTALL)[1]
    form = {"form_token": bound, "next": ADD}
    options = ann.post("/portal/passkey/options", form).json
    answer = ann.post("/portal/passkey", {**form, "credential": device.enter(options)})
    assert answer.header("location") == ADD
    assert ann.get(ADD).status == 200
    assert ann.cookies["cdp-session"] != before


def test_options_are_the_same_for_everybody(app: FastAPI, device: Authenticator) -> None:
    told = [options_for(Visitor(app))[1] for _ in range(2)]
    assert {each.pop("challenge") == "" for each in told} == {False}
    assert told[0] == told[1]
    assert "allowCredentials" not in told[0] or told[0]["allowCredentials"] == []
    assert told[0]["userVerification"] == "required"


def test_whatever_is_amiss_looks_the_same(app: FastAPI, device: Authenticator) -> None:
    stranger, ben = Authenticator(handle=device.handle), Visitor(app)
    wrong = {
        "unknown": lambda: enter(ben, stranger),
        "other's id": lambda: enter(ben, replace(stranger, credential=device.credential)),
        "other site": lambda: enter(ben, replace(device, origin="http://localhost:8000.evil.example")),
        "other port": lambda: enter(ben, replace(device, origin="http://localhost:8001")),
        "other host": lambda: enter(ben, replace(device, host="evil.example")),
        "nobody verified": lambda: enter(ben, replace(device, flags=PRESENT)),
        "nobody there": lambda: enter(ben, replace(device, flags=0)),
        "other handle": lambda: enter(ben, replace(device, handle=b"x" * 32)),
        "no handle": lambda: enter(ben, device, userHandle=None),
        "wrong signature": lambda: enter(ben, device, signature="AAAA"),
    }
    shapes = {name: shape_of(attempt()) for name, attempt in wrong.items()}
    assert {name: shape[0] for name, shape in shapes.items()} == dict.fromkeys(wrong, 403)
    assert len(set(map(repr, shapes.values()))) == 1
    assert "cdp-session" not in ben.cookies


@pytest.mark.parametrize(
    "answer",
    ["", "{}", "[]", "null", "1", "[" * 9000, '{"response": {"clientDataJSON": "AA"}}', '{"response": "x"}', "\ud800"],
)
def test_what_is_no_answer_of_a_passkey_is_one_that_does_not_open(
    app: FastAPI, platform: Platform, answer: str
) -> None:
    visitor = Visitor(app)
    form, options = options_for(visitor)
    sent = {**form, "credential": answer.replace("\ud800", "x")}
    assert visitor.post("/portal/passkey", sent).status == 403
    broken = json.loads(Authenticator().enter(options))
    for name in ("authenticatorData", "signature", "userHandle", "clientDataJSON"):
        damaged = {**broken, "response": {**broken["response"], name: 7}}
        form, _ = options_for(visitor)
        assert visitor.post("/portal/passkey", {**form, "credential": json.dumps(damaged)}).status == 403


def test_an_answer_is_good_once_and_where_it_was_asked_for(app: FastAPI, device: Authenticator) -> None:
    first, second = Visitor(app), Visitor(app)
    form, options = options_for(first)
    other, _ = options_for(second)
    answer = device.enter(options)
    assert second.post("/portal/passkey", {**other, "credential": answer}).status == 403, "another browser"
    assert first.post("/portal/passkey", {**form, "credential": answer}).status == 303, "still good in its own"
    again = {"form_token": token(first.get("/portal/sign-in")), "credential": answer}
    assert first.post("/portal/passkey", again).status == 403


def test_a_challenge_is_used_up_by_a_wrong_answer(app: FastAPI, device: Authenticator) -> None:
    visitor = Visitor(app)
    form, options = options_for(visitor)
    assert (
        visitor.post("/portal/passkey", {**form, "credential": device.enter(options, signature="AAAA")}).status == 403
    )
    assert visitor.post("/portal/passkey", {**form, "credential": device.enter(options)}).status == 403


def test_a_challenge_runs_out(app: FastAPI, device: Authenticator, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = Visitor(app)
    later(monkeypatch, challenges, -challenges.LASTS - timedelta(seconds=1))
    form, options = options_for(visitor)
    monkeypatch.undo()
    assert visitor.post("/portal/passkey", {**form, "credential": device.enter(options)}).status == 403


def test_a_challenge_for_adding_signs_nobody_in(app: FastAPI, device: Authenticator, ann: Visitor) -> None:
    form = {"form_token": token(ann.get(ADD)), "name": "x", "credential": ""}
    options = ann.post("/portal/passkeys/options", form).json
    visitor = Visitor(app)
    entering, _ = options_for(visitor)
    assert visitor.post("/portal/passkey", {**entering, "credential": device.enter(options)}).status == 403


def test_a_copy_that_counts_behind_is_not_let_in_and_she_is_told(
    app: FastAPI, device: Authenticator, ann: Visitor
) -> None:
    copied = replace(device)
    assert enter(Visitor(app), device).status == 303
    assert enter(Visitor(app), copied).status == 403
    assert "Somebody tried to sign in with a copy of it" in text(ann.get("/portal/passkeys"))
    assert enter(Visitor(app), device).status == 303


def test_one_that_does_not_count_is_let_in_again_and_again(app: FastAPI, ann: Visitor) -> None:
    device = Authenticator(step=0)
    add(ann, device)
    assert [enter(Visitor(app), device).status for _ in range(3)] == [303, 303, 303]


def test_only_she_names_and_removes_hers(app: FastAPI, platform: Platform, device: Authenticator, ann: Visitor) -> None:
    ben = Visitor(app)
    ben.sign_in(platform, "ann1@example.org")
    passkey = ceremony.fingerprint(device.credential)
    for act, more in (("name", {"name": "x"}), ("remove", {})):
        assert ben.press("/portal/passkeys", f"/portal/passkeys/{act}", passkey=passkey, **more).status == 404
    assert "my phone" not in text(ben.get("/portal/passkeys"))
    ann.press("/portal/passkeys", "/portal/passkeys/name", passkey=passkey, name="  the   blue one ")
    assert "the blue one" in text(ann.get("/portal/passkeys"))
    ann.press("/portal/passkeys", "/portal/passkeys/remove", passkey=passkey)
    assert enter(Visitor(app), device).status == 403


def test_nobody_adds_a_passkey_that_is_somebody_elses(app: FastAPI, platform: Platform, device: Authenticator) -> None:
    ben = Visitor(app)
    ben.sign_in(platform, "ann1@example.org")
    assert "could not be added" in text(add(ben, replace(device)))
    assert "could not be added" in text(add(ben, Authenticator(flags=PRESENT))), "that verified nobody"
    assert "could not be added" in text(add(ben, Authenticator(origin="https://evil.example")))


@pytest.mark.parametrize("name", ["", " ", "x" * 61, "a\u202eb"])
def test_a_name_is_one(ann: Visitor, name: str) -> None:
    assert "give it a name" in text(add(ann, Authenticator(), name))


def test_an_erasure_takes_them_with_it(app: FastAPI, platform: Platform, device: Authenticator) -> None:
    erase(platform, [f"email:{ADDRESS}"], principal=samples.TESTER, reason="she asked")
    with platform._database.reading() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM cdp_passkey").scalar_one() == 0
    assert enter(Visitor(app), device).status == 403


def test_names_and_ids_are_not_in_the_clear(platform: Platform, device: Authenticator) -> None:
    with platform._database.reading() as conn:
        (row,) = conn.exec_driver_sql("SELECT * FROM cdp_passkey").all()
    stored = b" ".join(bytes(each) if isinstance(each, (bytes, memoryview)) else str(each).encode() for each in row)
    for secret in (b"my phone", device.credential, device.credential.hex().encode()):
        assert secret not in stored


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://cdp.example", "cdp.example"), ("http://localhost:8000", "localhost"), ("https://[::1]:8000", None),
        ("http://127.0.0.1:8000", None), ("http://cdp.example", None), ("https://127.0.0.1", None),
    ],
)  # fmt: skip
def test_passkeys_are_for_names_over_https(platform: Platform, address: str, host: str | None) -> None:
    found = ceremony.site_of(platform.settings.model_copy(update={"origin": address}))
    assert (found.host if found else None) == host
