"""Regulations as Segment's client asks for them: done whole, gone on with, by nobody else, and telling nothing."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from fastapi import FastAPI

from cdp.asgi import create_app
from cdp.bootstrap import Platform
from cdp.errors import Unavailable
from cdp.ingest.spool import Intake
from cdp.services.regulations import work
from cdp.services.regulations.keys import add_regulator, revoke_regulator
from cdp.services.verify_log import verify_log
from tests.api.calling import Answer, call
from tests.ingest.sending import drain, identify, of, send, track
from tests.samples import TESTER

MEDIA_TYPE = "application/vnd.segment.v1+json"


@pytest.fixture
def app(platform: Platform) -> Iterator[FastAPI]:
    made = create_app(platform)
    yield made
    made.state.traffic.close()


@pytest.fixture
def key(platform: Platform) -> str:
    return add_regulator(platform, "scripts", principal=TESTER)[1]


def ask(app: FastAPI, key: str, method: str, path: str, body: Any = None) -> Answer:
    headers = {
        "authorization": f"Bearer {key}",
        "accept": f"{MEDIA_TYPE}, application/json",
        "content-type": MEDIA_TYPE,
    }
    return call(app, method, path, headers, b"" if body is None else orjson.dumps(body))


def regulate(app: FastAPI, key: str, type_: str, *ids: str, subject: str = "USER_ID") -> str:
    body = {"regulationType": type_, "subjectType": subject, "subjectIds": list(ids)}
    answer = ask(app, key, "POST", "/regulations", body)
    assert (answer.status, list(answer.json), list(answer.json["data"])) == (200, ["data"], ["regulateId"])
    assert answer.header("content-type") == MEDIA_TYPE
    return str(answer.json["data"]["regulateId"])


def status(app: FastAPI, key: str, number: str) -> str:
    return str(ask(app, key, "GET", f"/regulations/{number}").json["data"]["regulation"]["overallStatus"])


def people(platform: Platform, table: str = "customer") -> int:
    with platform._database.reading() as conn:
        return int(conn.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def test_an_erasure_takes_every_profile_of_a_user_id(
    platform: Platform, intake: Intake, write_key: str, app: FastAPI, key: str
) -> None:
    send(intake, write_key, identify(1, "u1"), track(number=1, user=None, anonymousId="a1", userId="u1"))
    send(intake, write_key, identify(2, "u2"))
    drain(platform)
    assert (people(platform), people(platform, "cdp_event")) == (3, 3)
    number = regulate(app, key, "SUPPRESS_WITH_DELETE", "u1", "nobody")
    assert status(app, key, number) == "INITIALIZED"
    send(intake, write_key, track(number=7, user="u1"))  # waits when she goes
    assert work.carry_out(platform) == 1
    assert status(app, key, number) == "FINISHED"
    drain(platform)
    assert of(platform).dropped == {"suppressed": 1}
    assert (people(platform), people(platform, "cdp_event"), people(platform, "cdp_regulation_body")) == (1, 1, 0)
    assert work.carry_out(platform) == 0


def test_suppressing_lists_and_lifting_takes_from_the_list(
    platform: Platform, intake: Intake, write_key: str, app: FastAPI, key: str
) -> None:
    regulate(app, key, "SUPPRESS_ONLY", "u1", "u2", "u3")
    work.carry_out(platform)
    send(intake, write_key, track(user="u1"))
    drain(platform)
    assert of(platform).dropped == {"suppressed": 1}
    first = ask(app, key, "GET", "/suppressions?pagination[count]=2").json["data"]
    assert first["pagination"] == {"current": "0", "totalEntries": 3, "next": "2"}
    rest = ask(app, key, "GET", "/suppressions?pagination[count]=2&pagination[cursor]=2").json["data"]
    assert [len(each["subjectIds"]) for each in first["suppressed"] + rest["suppressed"]] == [1, 1, 1]
    regulate(app, key, "UNSUPPRESS", "u1")
    regulate(app, key, "DELETE_ONLY", "u2")
    work.carry_out(platform)
    left = ask(app, key, "GET", "/suppressions").json["data"]["suppressed"]
    assert left == [{"subjectType": "USER_ID", "subjectIds": ["u3"]}]
    send(intake, write_key, track(number=2, user="u1"))
    drain(platform)
    assert of(platform).folded == 1


def test_what_was_cut_off_is_gone_on_with(
    platform: Platform, intake: Intake, write_key: str, app: FastAPI, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(intake, write_key, identify(1, "u1"))
    drain(platform)
    number = regulate(app, key, "DELETE_ONLY", "u1")

    def fail(*_: object, **__: object) -> None:
        raise Unavailable("store_locked", "not now")

    with monkeypatch.context() as patch:
        patch.setattr(work, "erase", fail)
        with pytest.raises(Unavailable):
            work.carry_out(platform)
    assert (status(app, key, number), people(platform)) == ("RUNNING", 1)
    assert ask(app, key, "DELETE", f"/regulations/{number}").status == 422
    assert work.carry_out(platform) == 1
    assert (status(app, key, number), people(platform)) == ("FINISHED", 0)


def test_one_that_is_not_begun_can_be_called_off(platform: Platform, app: FastAPI, key: str) -> None:
    number = regulate(app, key, "SUPPRESS_ONLY", "u1")
    assert ask(app, key, "DELETE", f"/regulations/{number}").json == {"data": {"status": "SUCCESS"}}
    assert work.carry_out(platform) == 0
    gone = ask(app, key, "GET", f"/regulations/{number}")
    assert (gone.status, gone.json["errors"][0]["type"]) == (404, "unknown_regulation")
    assert platform.vault.suppression.count() == {}


def test_what_is_no_regulation_is_refused_in_the_form_of_this_family(app: FastAPI, key: str) -> None:
    good = {"regulationType": "SUPPRESS_ONLY", "subjectType": "USER_ID", "subjectIds": ["u"]}
    for change in (
        {"regulationType": "DROP"}, {"subjectType": "TABLE"}, {"subjectIds": []}, {"subjectIds": [""]},
        {"subjectIds": [1]}, {"subjectIds": ["u" * 513]}, {"subjectIds": ["a\0b"]}, {"subjectIds": ["u"] * 5001},
        {"subjectIds": "u"},
    ):  # fmt: skip
        answer = ask(app, key, "POST", "/regulations", {**good, **change})
        assert (answer.status, [*answer.json], [*answer.json["errors"][0]]) == (422, ["errors"], ["type", "message"])
    assert ask(app, key, "POST", "/regulations", []).status == 422
    assert ask(app, key, "GET", "/suppressions?pagination[count]=0").status == 422
    assert status(app, key, regulate(app, key, "DELETE_ONLY", "o", subject="OBJECT_ID")) == "NOT_SUPPORTED"


def test_rudderstack_asks_in_its_own_words(platform: Platform, app: FastAPI, key: str) -> None:
    body = {"regulationType": "suppress", "users": [{"userId": "u1"}]}
    answer = ask(app, key, "POST", "/v2/regulations", body)
    assert (answer.status, answer.json[0]["regulationType"]) == (200, "suppress")
    work.carry_out(platform)
    assert platform.vault.suppression.count() == {"suppressed": 1}
    assert ask(app, key, "POST", "/v2/regulations", {**body, "users": [{}]}).json["code"] == "bad_regulation"


def test_a_revoked_key_asks_for_nothing(platform: Platform, app: FastAPI, key: str, write_key: str) -> None:
    revoke_regulator(platform, "scripts", principal=TESTER)
    for each in (key, write_key, "", "cdp_regulate_" + "x" * 43):
        answer = ask(app, each, "GET", "/suppressions")
        assert (answer.status, answer.json["errors"][0]["type"]) == (401, "bad_regulation_key")


def test_one_that_cannot_be_opened_fails_in_the_end_and_holds_up_no_other(
    platform: Platform, app: FastAPI, key: str
) -> None:
    damaged, whole = (regulate(app, key, "SUPPRESS_ONLY", name) for name in ("u1", "u2"))
    mine = f"regulation_id = '{damaged}'"
    with platform._database.writing() as conn:
        cut = "substr(sealed, 2)" if platform.door.dialect == "sqlite" else "substring(sealed FROM 2)"
        conn.exec_driver_sql(f"UPDATE cdp_regulation_body SET sealed = {cut} WHERE {mine}")
    work.carry_out(platform)
    assert (status(app, key, damaged), status(app, key, whole)) == ("INITIALIZED", "FINISHED")
    for _ in range(work.ATTEMPTS):
        work.carry_out(platform)
    assert (status(app, key, damaged), people(platform, "cdp_regulation_body")) == ("FAILED", 0)


def test_lists_have_the_keys_that_clients_demand_and_are_filtered(platform: Platform, app: FastAPI, key: str) -> None:
    first, second = regulate(app, key, "SUPPRESS_ONLY", "u1"), regulate(app, key, "DELETE_ONLY", "u2")
    archive = regulate(app, key, "DELETE_ARCHIVE_ONLY", "u3")
    cloud = {"regulationType": "UNSUPPRESS", "subjectType": "USER_ID", "subjectIds": ["u4"], "collection": "users"}
    made = ask(app, key, "POST", "/regulations/cloudsources/s1", cloud).json
    found = ask(app, key, "GET", f"/regulations/{first}").json["data"]["regulation"]
    assert found.keys() == {"id", "workspaceId", "overallStatus", "createdAt", "finishedAt", "streamStatus"}
    assert (found["finishedAt"], found["streamStatus"]) == ("", [])
    work.carry_out(platform)
    assert ask(app, key, "GET", f"/regulations/{first}").json["data"]["regulation"]["finishedAt"]
    for query, ids in (
        ("", {first, second, archive, made["data"]["regulateId"]}), ("status=NOT_SUPPORTED", {archive}),
        ("regulationTypes=DELETE_ONLY&regulationTypes=SUPPRESS_ONLY", {first, second}),
        ("regulationTypes[0]=DELETE_ONLY&status=FINISHED", {second}), ("status=RUNNING", set()),
    ):  # fmt: skip
        data = ask(app, key, "GET", f"/regulations?{query}").json["data"]
        assert {each["id"] for each in data["regulations"]} == ids
        assert data["pagination"]["totalEntries"] == len(ids)
        assert all(each.keys() == {"id", "subjectType", "subjects", "status", "createdAt", "finishedAt"}
                   for each in data["regulations"])  # fmt: skip


PEOPLE = 12


def test_a_kill_at_any_point_leaves_no_regulation_undone(
    platform: Platform, intake: Intake, write_key: str, app: FastAPI, key: str, tmp_path: Path, database_url: str,
    keys_url: str,
) -> None:  # fmt: skip
    """SIGKILL at every side effect; whoever opens the store next goes on (invariant 7)."""
    send(intake, write_key, *[identify(number, f"u{number}") for number in range(PEOPLE)])
    drain(platform)
    numbers = [regulate(app, key, "SUPPRESS_WITH_DELETE", f"u{number}") for number in range(PEOPLE)]
    command = [sys.executable, "-m", "tests.ingest.killed_regulation", str(tmp_path / "home"), database_url, keys_url]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) >= 12  # so many moments there are
    assert {status(app, key, number) for number in numbers} == {"FINISHED"}
    assert (people(platform), people(platform, "cdp_regulation_body")) == (0, 0)
    assert platform.vault.suppression.count()["erased"] >= PEOPLE
    send(intake, write_key, *[track(number=number, user=f"u{number}") for number in range(PEOPLE)])
    drain(platform)
    assert of(platform).dropped == {"suppressed": PEOPLE}
    verify_log(platform)
