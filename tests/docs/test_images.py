"""Pictures are drawings by themselves: well-formed, nothing loaded, nothing run, readable in light and dark."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.docs.pages import DOCS

IMAGES = sorted((DOCS / "images").glob("*.svg"))
SVG = "{http://www.w3.org/2000/svg}"


def test_there_are_pictures():
    assert IMAGES


@pytest.mark.parametrize("path", IMAGES, ids=lambda path: path.name)
def test_a_picture_is_safe_and_says_what_it_shows(path: Path):
    text = path.read_text(encoding="utf-8")
    root = ET.fromstring(text)
    assert root.tag == f"{SVG}svg"
    assert root.get("viewBox")
    assert root.find(f"{SVG}title") is not None
    assert "<script" not in text
    assert not re.search(r"(?:href|src|url\()\s*=?\s*[\"']?(?:https?:|//|data:)", text)
    assert "prefers-color-scheme: dark" in text
