"""Who saw her: page by page, each read on one of them; to whom it was passed on; her part of the log as a file."""

import io
import re

import pytest

from audit.entries import Principal
from audit.verify.check import verify_bundle
from cdp.bootstrap import Platform
from cdp.portal import accesses
from cdp.services.read import read_view
from tests.portal.visitor import Visitor, text, token
from views.request import ViewRequest

ACCESSES = "/portal/accesses"
BUNDLE = "/portal/accesses/bundle"


def read(platform: Platform, view: str, role: str, times: int = 1) -> None:
    for _ in range(times):
        list(read_view(platform, ViewRequest(view, role), principal=Principal(f"app:{view}", role)).chunks)


def test_pages_go_back_to_the_first_and_have_each_read_once(
    ann: Visitor, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accesses, "PER_PAGE", 3)
    read(platform, "newsletter", "newsletter_app", 8)
    found, place = [], ACCESSES
    for _ in range(20):
        page = ann.get(place).body.decode()
        found += re.findall(r"log entry (\d+)", page)
        older = re.search(r'href="(/portal/accesses\?from=[0-9.]+)" rel="next"', page)
        if older is None:
            break
        place = older[1]
    assert len(found) == len(set(found)) >= 8
    assert found == sorted(found, key=int, reverse=True)
    assert "Newest" in text(ann.get(place))


@pytest.mark.parametrize("place", ["x", "-1", "1.", "1.2.x", "9" * 19, "1" + ".1" * 21])
def test_no_place_in_the_log_is_said_so(ann: Visitor, place: str) -> None:
    assert ann.get(f"{ACCESSES}?from={place}").status == 400


def test_recipients_are_told_with_what_they_got(ann: Visitor, platform: Platform) -> None:
    place = f"{ACCESSES}/recipients"
    before = text(ann.get(place))
    assert "Nothing about you was passed on to anybody." in before
    assert "Acme : Disclosure" in before
    read(platform, "acme_share", "acme_app", 2)
    ann.press("/portal/choices", "/portal/choices", opt_out="third_party_disclosure", state="refused")
    read(platform, "acme_share", "acme_app")
    shown = text(ann.get(place))
    assert "Acme Why Disclosure How often 3 times" in shown
    assert "Full name ○ not at all" in shown
    assert "has not so far" not in shown


def test_her_own_look_with_a_recipients_eyes_is_no_passing_on(ann: Visitor) -> None:
    ann.get("/portal/data/seen/acme_share")
    assert "Nothing about you was passed on" in text(ann.get(f"{ACCESSES}/recipients"))


def test_her_part_of_the_log_is_a_bundle_that_holds(ann: Visitor, platform: Platform) -> None:
    read(platform, "newsletter", "newsletter_app")
    form = {"form_token": token(ann.get(f"{ACCESSES}/check"))}
    first = ann.post(BUNDLE, form)
    assert first.header("content-disposition") == 'attachment; filename="my-log.bundle"'
    report = verify_bundle(io.BytesIO(first.body))
    assert report.entries > 1
    held = ann.post(BUNDLE, {**form, "checkpoint": report.checkpoint.note.decode()})
    assert len(verify_bundle(io.BytesIO(held.body)).steps) > len(report.steps)


@pytest.mark.parametrize("checkpoint", ["x", "elsewhere\n1\nAAAA\n\n— elsewhere AAAA\n"])
def test_a_checkpoint_of_another_log_is_refused(ann: Visitor, checkpoint: str) -> None:
    form = {"form_token": token(ann.get(f"{ACCESSES}/check")), "checkpoint": checkpoint}
    assert ann.post(BUNDLE, form).status == 400


def test_nobody_elses_part_can_be_had(ann: Visitor, visitor: Visitor) -> None:
    form = {"form_token": token(ann.get(f"{ACCESSES}/check"))}
    assert visitor.post(BUNDLE, form).status == 303
    assert ann.post(BUNDLE, {"form_token": "0" * 64}).status == 403
