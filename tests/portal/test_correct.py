"""Correcting on the portal: typed once, filed once, nothing lost, files bounded, seen to the end."""

import re
from datetime import timedelta
from html import unescape

import pytest

from cdp.bootstrap import Platform
from cdp.errors import BadInput
from cdp.pages.uploads import MOST_READ, parse_multipart
from cdp.portal import guard
from cdp.portal.chores import Chores
from cdp.services.corrections.decide import approve_field, reject_field
from cdp.services.corrections.read import list_corrections, read_correction
from cdp.services.corrections.records import Place
from cdp.services.requests.attachments import MAX_BYTES
from cdp.services.sign_in import keeping, sessions
from cdp.services.sign_in.keeping import FRESH
from tests.api.calling import Answer
from tests.portal.conftest import ADDRESS
from tests.portal.test_sign_in import later
from tests.portal.visitor import ORIGIN, Visitor, letters, text, token
from tests.requests.conftest import OFFICER
from tests.samples import TESTER

INCOME = "/portal/correct/income"


def hidden(page: Answer, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.body.decode())
    return unescape(found[1]) if found else ""


def form(page: Answer, **fields: str) -> dict[str, str]:
    return {"form_token": token(page), "once": hidden(page, "once"), **fields}


def upload(visitor: Visitor, target: str, fields: dict[str, str], name: str, data: bytes, **headers: str) -> Answer:
    """Send a form with a file, as a browser does."""
    mark = "----WebKitFormBoundaryX7"
    parts = [f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
             for key, value in fields.items()]  # fmt: skip
    head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    parts.append(f"{head}Content-Type: application/octet-stream\r\n\r\n".encode() + data + b"\r\n")
    sent = {"content-type": f"multipart/form-data; boundary={mark}", "origin": ORIGIN, "sec-fetch-site": "same-origin"}
    return visitor._call("POST", target, {**sent, **headers}, b"".join(parts) + f"--{mark}--\r\n".encode())


def waiting(platform: Platform) -> list[tuple[str, object]]:
    return [(each.place.field, each.new) for each in list_corrections(platform, principal=TESTER)]


def decide(platform: Platform, request_id: str, field: str = "income") -> None:
    digest = read_correction(platform, request_id, principal=TESTER).fields[0].seen
    approve_field(platform, request_id, Place(field), seen=digest, officer=OFFICER)


def test_from_the_field_to_the_outcome(ann: Visitor, platform: Platform) -> None:
    assert 'href="/portal/correct/income"' in ann.get("/portal/data").body.decode()
    page = ann.get(INCOME)
    assert "Now it says 0" in text(page)
    answer = ann.post(INCOME, form(page, value="1200", reason="I earn more <b>now</b>"))
    address = answer.header("location")
    assert address is not None
    assert address.startswith("/portal/requests/")
    shown = text(ann.get(address))
    assert "We have it. You need not do anything now." in shown
    assert "I earn more <b>now</b>" in shown
    assert "You will have an answer by" in shown
    assert "You proposed another value. See how it stands" in text(ann.get("/portal/data"))
    request_id = address.rpartition("/")[2].partition("?")[0]
    decide(platform, request_id)
    assert "It said 0 You want 1200" in text(ann.get(address))
    assert "1200" in text(ann.get("/portal/data"))
    assert "Answered Correct my data: Income done" in text(ann.get("/portal/requests"))
    Chores(platform).do()
    assert [each["Subject"] for each in letters(platform)][1:] == [
        "We have your request: correct what is kept about you", "Your request is done: correct what is kept about you"
    ]  # fmt: skip


def test_a_rejection_is_told_with_its_reason_in_her_language(ann: Visitor, platform: Platform) -> None:
    ann.language = "zh-CN"
    answer = ann.post(INCOME, form(ann.get(INCOME), value="1200"))
    address = answer.header("location") or ""
    request_id = address.rpartition("/")[2].partition("?")[0]
    reject_field(platform, request_id, Place("income"), officer=OFFICER, reason="需要工资单")
    shown = text(ann.get(address))
    assert "我们的说明 需要工资单" in shown
    assert "无法按您的请求办理" in shown


def test_what_is_wrong_is_said_beside_what_she_wrote(ann: Visitor, platform: Platform) -> None:
    page = ann.get(INCOME)
    answer = ann.post(INCOME, form(page, value="much", reason="because"))
    assert answer.status == 400
    assert "Please write a whole number." in text(answer)
    assert 'value="much"' in answer.body.decode()
    assert ">\nbecause</textarea>" in answer.body.decode()
    assert hidden(answer, "once") == hidden(page, "once")
    for field, value, said in (
        ("income", "0", "That is what stands here already."), ("birth_date", "2999-01-01", "This day has not come"),
        ("email", "nobody", "That is no e-mail address."), ("loyalty", "platinum", "Please choose one of the words"),
    ):  # fmt: skip
        target = f"/portal/correct/{field}"
        assert said in text(ann.post(target, form(ann.get(target), value=value))), field
    assert waiting(platform) == []


def test_a_form_that_is_sent_twice_is_one_request_and_another_amends_it(ann: Visitor, platform: Platform) -> None:
    page = ann.get(INCOME)
    first = ann.post(INCOME, form(page, value="1"))
    assert ann.post(INCOME, form(page, value="1")).header("location") == first.header("location")
    assert waiting(platform) == [("income", 1)]
    again = ann.get(INCOME)
    assert "You have proposed a new value already" in text(again)
    assert ann.post(INCOME, form(again, value="2")).header("location") == first.header("location")
    assert waiting(platform) == [("income", 2)]


def test_nothing_typed_is_lost_when_the_session_has_run_out(
    ann: Visitor, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = ann.get(INCOME)
    later(monkeypatch, sessions, keeping_idle())
    later(monkeypatch, keeping, keeping_idle())
    answer = upload(ann, INCOME, form(page, value="4711", reason="über\nalles"), "a.txt", b"x" * 100_000)
    assert answer.header("location") == "/portal/sign-in"
    monkeypatch.undo()
    monkeypatch.setenv("CDP_LIMIT_ADDRESS", "0")
    assert ann.sign_in(platform, ADDRESS).header("location") == "/portal/resume"
    resumed = ann.get("/portal/resume")
    fields = {name: hidden(resumed, name) for name in ("form_token", "once", "value", "reason")}
    assert fields["value"] == "4711"
    assert ann.post(INCOME, fields).status == 303
    assert waiting(platform) == [("income", 4711)]


def keeping_idle() -> timedelta:
    return sessions.IDLE + timedelta(seconds=1)


def test_what_names_her_takes_a_fresh_proof(ann: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    page = ann.get("/portal/correct/email")
    later(monkeypatch, guard, FRESH + timedelta(seconds=1))
    sent = form(page, value="other@example.org")
    assert (ann.post("/portal/correct/email", sent).header("location") or "").startswith("/portal/prove")
    assert (ann.get("/portal/correct/email").header("location") or "").startswith("/portal/prove")
    assert ann.get(INCOME).status == 200


def test_a_file_goes_in_and_comes_back_as_a_download_only(ann: Visitor) -> None:
    data = b"%PDF-1.7 <script>alert(1)</script>" + bytes(range(256))
    answer = upload(ann, INCOME, form(ann.get(INCOME), value="1"), "%22; filename=x\u202efdp.exe", data)
    page = ann.get(answer.header("location") or "").body.decode()
    link = re.search(r'href="(/portal/requests/[^"]*/files/[^"]*)"', page)
    assert link is not None
    file = ann.get(link[1])
    assert file.body == data
    assert file.header("content-type") == "application/octet-stream"
    assert (file.header("content-disposition") or "").startswith('attachment; filename="file"; filename*=UTF-8')
    assert file.header("x-content-type-options") == "nosniff"
    assert "\u202e" not in page


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (MAX_BYTES, ""),
        (MAX_BYTES + 1, "at most 20 MB"),
        (MAX_BYTES + 200_000, "at most 20 MB"),
        (0, "The file is empty."),
    ],
)
def test_a_file_of_20_mb_and_one_that_is_larger(ann: Visitor, platform: Platform, size: int, said: str) -> None:
    answer = upload(ann, INCOME, form(ann.get(INCOME), value="77", reason="see"), "a.txt", b"x" * size)
    assert (answer.status == 303) == (not said)
    assert said in text(answer)
    if said:
        assert 'value="77"' in answer.body.decode()
    assert waiting(platform) == ([("income", 77)] if not said else [])


def test_a_body_beyond_all_measure_is_cut(ann: Visitor, platform: Platform) -> None:
    answer = upload(ann, INCOME, form(ann.get(INCOME), value="77"), "a.txt", b"x" * MOST_READ)
    assert answer.status in (400, 413)
    assert waiting(platform) == []


@pytest.mark.parametrize(
    "fields", [{"value": "1", "customer_id": "x"}, {"value": "1", "state": "applied"}, {"reason": "x"}], ids=str
)
def test_a_form_with_more_or_less_than_it_has_is_none(ann: Visitor, platform: Platform, fields: dict[str, str]) -> None:
    assert ann.post(INCOME, form(ann.get(INCOME), **fields)).status == 400
    assert waiting(platform) == []


@pytest.mark.parametrize(
    "body",
    [
        b"", b"--x", b"--x\r\n\r\n\r\n--x--", b"garbage", b"--x\r\nA: b\r\n\r\nc\r\n--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--x--',
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 2 + b"--x--",
        b'--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\n1\r\n' * 2 + b"--x--",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\x00\r\n--x--',
    ],
)  # fmt: skip
def test_what_is_no_form_of_parts_is_refused(body: bytes) -> None:
    with pytest.raises(BadInput):
        parse_multipart("multipart/form-data; boundary=x", body)


def test_a_form_with_a_file_from_elsewhere_does_nothing(ann: Visitor, platform: Platform) -> None:
    sent = form(ann.get(INCOME), value="1")
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
        assert upload(ann, INCOME, sent, "a.txt", b"x", **headers).status == 403
    assert upload(ann, INCOME, {**sent, "form_token": "0" * 64}, "a.txt", b"x").status == 403
    assert waiting(platform) == []
