"""A report holds as it was made, and in no other way; nothing of any customer is in it."""

import json
import re
from html import escape
from pathlib import Path

import pytest

from audit.note import SignerKey
from cdp.bootstrap import Platform
from cdp.errors import BadInput
from cdp.pages.reports.render import rendering
from cdp.services.manifests import MANIFEST, NOTE
from cdp.services.publish import publish_policy
from cdp.services.reports.make import make_report
from cdp.services.reports.manifest import ENTRY, PROOF, REPORT, SIGNING, Manifest, listed
from cdp.services.reports.pack import Files, issue_report, zipped
from cdp.services.reports.verify import verify_report
from tests import samples
from tests.portal.conftest import POLICY
from tests.reports.conftest import AUDITOR, unpacked

PEOPLE = ("Ann Number", "example.org", "creed", "Without", "First Street")


def refused(path: Path, platform: Platform) -> str:
    with pytest.raises(BadInput) as caught:
        verify_report(path, log=platform.keeper.verifier)
    assert caught.value.code == "report_invalid"
    return caught.value.path


def test_a_report_holds_as_a_folder_and_as_an_archive(busy: Platform, folder: Path, issued: Files) -> None:
    archive = folder.parent / "report.zip"
    archive.write_bytes(zipped(issued, "2026-01-02T03:04:05+00:00"))
    for path in (folder, folder / MANIFEST, archive):
        verified = verify_report(path, log=busy.keeper.verifier)
        assert verified.manifest.made_by == "os:auditor"
        assert busy.keeper.hold_to(verified.checkpoint).size == verified.manifest.checkpoint


def test_whatever_is_changed_is_noticed(busy: Platform, folder: Path, issued: Files) -> None:
    for name, data in issued.items():
        middle = len(data) // 2
        (folder / name).write_bytes(data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])
        refused(folder, busy)
        (folder / name).unlink()
        refused(folder, busy)
        (folder / name).write_bytes(data)
    verify_report(folder, log=busy.keeper.verifier)
    (folder / "more.html").write_bytes(b"read me instead")
    assert refused(folder, busy) == MANIFEST


def test_who_holds_no_key_cannot_make_a_manifest_for_other_figures(busy: Platform, folder: Path) -> None:
    manifest, note = (folder / MANIFEST).read_bytes(), (folder / NOTE).read_bytes()
    said = SIGNING.parse(Manifest, manifest, note, [busy.keeper.verifier])
    figures = json.loads((folder / REPORT).read_bytes())
    figures["made_by"] = "os:somebody"
    (folder / REPORT).write_text(json.dumps(figures))
    files = {each.path: (folder / each.path).read_bytes() for each in said.files}
    forged = Manifest(
        said.origin, said.made_at, "os:somebody", said.language, said.entry, said.checkpoint, listed(files)
    )
    (folder / MANIFEST).write_bytes(forged.encode())
    (folder / NOTE).write_bytes(SIGNING.sign(forged.encode(), SignerKey(busy.settings.log_origin, bytes(32))))
    assert refused(folder, busy) == NOTE
    own = SignerKey(busy.settings.log_origin, busy.vault.platform_key("log"))
    (folder / NOTE).write_bytes(SIGNING.sign(forged.encode(), own))
    assert refused(folder, busy) == REPORT, "even the key signs no other figures than the log has committed to"


def test_a_proof_of_another_report_is_none(busy: Platform, issued: Files, folder: Path) -> None:
    other = issue_report(busy, principal=AUDITOR, language="en", render=rendering(pdf=False), sections=["model"])
    for name in (ENTRY, PROOF):
        (folder / name).write_bytes(other[name])
    refused(folder, busy)
    assert issued[ENTRY] != other[ENTRY]


def test_nothing_of_anybody_is_in_it_and_it_needs_nothing_from_elsewhere(issued: Files) -> None:
    for name in (REPORT, "report.html", ENTRY):
        assert [word for word in PEOPLE if word.encode() in issued[name]] == []
    page = issued["report.html"].decode()
    assert "<script" not in page
    assert "style=" not in page
    assert [part for part in ("http:", "https:", "url(", "src=") if part in page] == []
    assert issued["report.pdf"].startswith(b"%PDF-")


def test_what_is_asked_for_is_made_and_has_its_entries(busy: Platform) -> None:
    report = make_report(busy, principal=AUDITOR, sections=["views", "model"])
    assert [each.name for each in report.sections] == ["model", "views"]
    with pytest.raises(BadInput, match="section"):
        make_report(busy, principal=AUDITOR, sections=["salaries"])


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_both_languages_as_page_and_pdf(busy: Platform, tmp_path: Path, language: str) -> None:
    files = issue_report(busy, principal=AUDITOR, language=language, render=rendering(pdf=True))
    page = files["report.html"].decode()
    assert f'<html lang="{language}">' in page
    assert ("处理活动记录" in page) == (language == "zh-Hans")
    assert (b"STSong-Light" in files["report.pdf"]) == (language == "zh-Hans")
    verify_report(unpacked(files, tmp_path / language), log=busy.keeper.verifier)


def test_what_was_not_counted_is_not_called_small(issued: Files) -> None:
    page = issued["report.html"].decode()
    rows = re.findall(r"<tr>.*?</tr>", page)
    (religion,) = [row for row in rows if "Religion" in row and "bar" in row]
    assert "not known" in religion
    assert "fewer than" not in religion


def test_titles_are_text_in_page_and_pdf(platform: Platform) -> None:
    hostile = "</b><script>alert(1)</script><para>&amp;"
    title = f'title: {{en: "{hostile}"}}, '
    policy = samples.policy(POLICY.replace("care_desk:      {kind", f"care_desk: {{{title}kind"))
    publish_policy(platform, policy, principal=AUDITOR)
    files = issue_report(platform, principal=AUDITOR, language="en", render=rendering(pdf=True), sections=["views"])
    page = files["report.html"].decode()
    assert "<script" not in page
    assert escape(hostile) in page
    assert files["report.pdf"].startswith(b"%PDF-")
