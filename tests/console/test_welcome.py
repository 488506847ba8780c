"""The one-time link: good once, for a day; a good password, a code that is right; what was before it is over."""

from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from fastapi import FastAPI

from cdp.bootstrap import Platform
from cdp.errors import BadInput, Refused
from cdp.services.staff import invite as inviting, proofs, welcome
from cdp.services.staff.invite import Invited, add_staff, new_link
from tests import samples
from tests.console.conftest import HIRE, PASSWORD, Colleague, entries, hidden, hidden_key
from tests.portal.test_sign_in import later
from tests.portal.visitor import text


def test_a_link_is_good_once(app: FastAPI, invite: Callable[..., Invited]) -> None:
    invited, first = invite(), Colleague(app)
    for _ in range(2):
        assert first.get(f"{HIRE}?link={invited.secret}").status == 200, "looking uses nothing up"
    answer = first.welcomed(invited)
    assert len(set(first.codes)) == proofs.RECOVERY_CODES
    assert "shown only now" in text(answer)
    assert first.get("/console").status == 200
    again = Colleague(app).get(f"{HIRE}?link={invited.secret}")
    assert (again.status, "does not work any more" in text(again)) == (403, True)


def test_a_link_is_good_for_a_day(
    app: FastAPI, invite: Callable[..., Invited], monkeypatch: pytest.MonkeyPatch
) -> None:
    later(monkeypatch, inviting, -inviting.LASTS - timedelta(seconds=1))
    assert Colleague(app).get(f"{HIRE}?link={invite().secret}").status == 403


@pytest.mark.parametrize("link", ["", "x", "A" * 43])
def test_a_link_that_nobody_made(app: FastAPI, platform: Platform, link: str) -> None:
    assert Colleague(app).get(f"{HIRE}?link={link}").status == 403


@pytest.mark.parametrize(
    "password",
    ["", "short", "eleven char", "aaaaaaaaaaaaaaaa", "121212121212121212", "my name is iris, really", "x" * 300],
)
def test_a_weak_password_is_not_taken_and_the_key_stays(
    app: FastAPI, invite: Callable[..., Invited], password: str
) -> None:
    invited, visitor = invite(), Colleague(app)
    answer = visitor.welcomed(invited, password=password)
    assert (answer.status, "choose another password" in text(answer)) == (400, True)
    assert hidden_key(answer) == visitor.secret, "she need not add it to the app anew"
    if password:
        assert password not in answer.body.decode()
    assert visitor.welcomed(invited).status == 200


@pytest.mark.parametrize("password", ["correct horse battery", "纸上得来终觉浅绝知此事要躬行", "Zwölf Bäume im Wald"])
def test_long_is_good_whatever_it_is_made_of(password: str) -> None:
    proofs.check_password(password, name="iris")


def test_a_wrong_code_is_not_taken(app: FastAPI, invite: Callable[..., Invited]) -> None:
    invited, visitor = invite(), Colleague(app)
    page = visitor.get(f"{HIRE}?link={invited.secret}")
    form = {name: hidden(page, name) for name in ("form_token", "link", "secret")}
    right = pyotp.TOTP(hidden_key(page)).now()
    wrong = str((int(right) + 1) % 1_000_000).zfill(6)
    for code in ("", wrong, "000000x"):
        assert visitor.post(HIRE, {**form, "password": PASSWORD, "code": code}).status == 400
    assert visitor.post(HIRE, {**form, "password": PASSWORD, "code": f"{right[:3]} {right[3:]}"}).status == 200


def test_the_key_of_another_link_is_not_taken(app: FastAPI, invite: Callable[..., Invited]) -> None:
    """Else somebody could have another's account take a key that he knows."""
    mine, hers, visitor = invite("omar", "support"), invite(), Colleague(app)
    page = visitor.get(f"{HIRE}?link={mine.secret}")
    form = {"form_token": hidden(page, "form_token"), "link": hers.secret, "password": PASSWORD}
    for sealed in (hidden(page, "secret"), "", "00", "zz"):
        answer = visitor.post(HIRE, {**form, "secret": sealed, "code": pyotp.TOTP(hidden_key(page)).now()})
        assert answer.status in (400, 403)
    assert Colleague(app).get(f"{HIRE}?link={hers.secret}").status == 200, "the link is still good"


def test_a_new_link_ends_what_was_before(app: FastAPI, platform: Platform, iris: Colleague) -> None:
    old, secret = dict(iris.cookies), iris.secret
    again, anew = new_link(platform, "iris", principal=samples.TESTER), Colleague(app)
    assert Colleague(app, cookies=old).get("/console").status == 200, "until it has been opened"
    anew.welcomed(again, password="another quiet sentence")
    assert Colleague(app, cookies=old).get("/console").status == 303
    for code in (pyotp.TOTP(secret).now(), iris.codes[0]):
        assert Colleague(app).enter(code, name="iris").status == 403


def test_earlier_links_are_over_when_a_new_one_is_made(
    app: FastAPI, platform: Platform, invite: Callable[..., Invited]
) -> None:
    first = invite()
    new_link(platform, "iris", principal=samples.TESTER)
    assert Colleague(app).get(f"{HIRE}?link={first.secret}").status == 403


def test_two_who_open_one_link_at_once(platform: Platform, invite: Callable[..., Invited]) -> None:
    invited = invite()
    secret, sealed = welcome.new_sealed_secret(platform, invited.secret)
    chosen = welcome.Chosen(PASSWORD, sealed, pyotp.TOTP(secret).now())
    welcome.accept(platform, invited.secret, chosen)
    with pytest.raises(Refused, match="used"):
        welcome.accept(platform, invited.secret, chosen)


@pytest.mark.parametrize(
    ("name", "role", "address", "code"),
    [
        ("Iris", "auditor", "a@b.example", "bad_staff_name"), ("", "auditor", "a@b.example", "bad_staff_name"),
        ("a b", "auditor", "a@b.example", "bad_staff_name"), ("omar", "emperor", "a@b.example", "bad_staff_role"),
        ("omar", "auditor", "nobody", "bad_staff_address"), ("omar", "auditor", "a@b\r\nBcc: x@y", "bad_staff_address"),
        ("iris", "auditor", "new@corp.example", "staff_exists"),
        ("omar", "auditor", "IRIS@corp.example", "staff_exists"),
    ],
)  # fmt: skip
def test_an_account_that_cannot_be(
    platform: Platform, invite: Callable[..., Invited], name: str, role: str, address: str, code: str
) -> None:
    invite()
    with pytest.raises((BadInput, Refused)) as found:
        add_staff(platform, name, role=role, address=address, principal=samples.TESTER)
    assert found.value.code == code


def test_all_of_it_is_on_the_log_and_no_secret_anywhere(platform: Platform, iris: Colleague) -> None:
    acts = [(each["act"], each["principal"]) for each in entries(platform)]
    assert ("staff_added", samples.TESTER.name) in acts
    assert ("staff_welcomed", "staff:iris") in acts
    with platform._database.reading() as conn:
        tables = ("cdp_staff", "cdp_staff_link", "cdp_recovery_code", "cdp_session", "cdp_log_entry")
        rows = [tuple(row) for table in tables for row in conn.exec_driver_sql(f"SELECT * FROM {table}")]
    stored = b" ".join(
        bytes(each) if isinstance(each, (bytes, memoryview)) else str(each).encode() for row in rows for each in row
    )
    secrets = (PASSWORD, iris.secret, "iris@corp.example", iris.cookies["cdp-staff"], *iris.codes)
    assert [each for each in secrets if each.encode() in stored] == []
    assert b"$argon2id$" in stored
