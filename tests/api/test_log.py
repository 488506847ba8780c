"""`/log/…` over HTTP: types and caching headers to the byte, and one answer for all that is not there."""

import pytest
from fastapi import FastAPI

from audit.cosignature import Policy
from audit.note import VerifierKey
from audit.proof import check_consistency, parse_consistency, parse_inclusion
from cdp.bootstrap import Platform
from tests.api.calling import call

TEXT, BYTES = "text/plain; charset=utf-8", "application/octet-stream"
FOREVER = "public, max-age=31536000, immutable"


def test_types_and_caching_are_those_of_the_specification(app: FastAPI, platform: Platform) -> None:
    platform.keeper.sign()
    size = int(call(app, "GET", "/log/checkpoint").body.split(b"\n")[1])
    for path, media_type, cache in (
        ("checkpoint", TEXT, "no-cache"), ("vkey", TEXT, "no-cache"), ("proof/inclusion/0", TEXT, "no-cache"),
        (f"proof/consistency/{size}", TEXT, "no-cache"), (f"tile/0/000.p/{size}", BYTES, FOREVER),
        ("tile/0/000.p/1", BYTES, FOREVER),
    ):  # fmt: skip
        answer = call(app, "GET", f"/log/{path}")
        assert (answer.status, answer.header("content-type"), answer.header("cache-control")) == (
            200,
            media_type,
            cache,
        )
    assert len(call(app, "GET", f"/log/tile/0/000.p/{size}").body) == 32 * size


def test_whoever_has_the_key_checks_what_is_served(app: FastAPI, platform: Platform) -> None:
    platform.keeper.sign()
    policy = Policy(VerifierKey.parse(call(app, "GET", "/log/vkey").body.decode().strip()))
    checkpoint = policy(call(app, "GET", "/log/checkpoint").body)
    proof = parse_inclusion(call(app, "GET", f"/log/proof/inclusion/{checkpoint.size - 1}").body)
    assert policy(proof.checkpoint) == checkpoint
    grown = parse_consistency(call(app, "GET", f"/log/proof/consistency/{checkpoint.size}").body)
    assert check_consistency(grown, checkpoint, policy) == checkpoint


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/001", "tile/0/0", "tile/0/000", "tile/63/000.p/1", "tile/entries/000.p/1", "tile/", "tile/0/000.p/256",
        "proof/inclusion/99999", "proof/inclusion/-1", "proof/inclusion/x", "proof/inclusion/01", "proof/inclusion/1.0",
        "proof/consistency/99999", f"proof/inclusion/{10**30}", "proof/other/1", "nothing",
    ],
)  # fmt: skip
def test_what_is_not_there_has_one_answer(app: FastAPI, platform: Platform, path: str) -> None:
    platform.keeper.sign()
    answer, other = call(app, "GET", f"/log/{path}"), call(app, "GET", "/no/such/place")
    assert answer.status == 404
    assert (answer.body, answer.headers) == (other.body, other.headers)
