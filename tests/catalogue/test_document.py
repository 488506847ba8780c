"""Strict YAML: what is refused, with which line, and that nothing of a value is repeated."""

from pathlib import Path

import pytest

from cdp.catalogue.document import MAX_BYTES, MAX_DEPTH, parse_document, read_text
from cdp.errors import BadInput, NotFound

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"


@pytest.mark.parametrize(
    ("text", "code", "path"),
    [
        (BOMB, "yaml_alias", "f.yaml:1"),
        ("a: 1\nb: *a\n", "yaml_alias", "f.yaml:2"),
        ("a: !!python/object:os.system x\n", "yaml_tag", "f.yaml:1"),
        ("a: !custom x\n", "yaml_tag", "f.yaml:1"),
        ("a: 1\n<<: {b: 2}\n", "yaml_merge", "f.yaml:2"),
        ("a: 1\nb: 2\na: 3\n", "duplicate_name", "f.yaml:3"),
        ("a: [1, 2\n", "bad_yaml", "f.yaml:2"),
        ("a: 1\n\tb: 2\n", "bad_yaml", "f.yaml:2"),
        ("a: \x07\n", "bad_yaml", "f.yaml"),
        ("", "bad_yaml", "f.yaml"),
        ("? [a, b]\n: c\n", "bad_yaml", "f.yaml:1"),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "yaml_depth", "f.yaml:1"),
        ("a: 1\n---\nb: 2\n", "bad_yaml", "f.yaml:2"),
    ],
)
def test_refused(text: str, code: str, path: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_document(text, "f.yaml")
    assert (caught.value.code, caught.value.path) == (code, path)
    assert caught.value.__cause__ is None


def test_core_types_only() -> None:
    text = "a: no\nb: 2001-02-03\nc: 0o17\nd: true\ne: ~\nf: 12\ng: 1.5\nh: '12'\ni: on\nj:\nk: 1_000\n"
    data = parse_document(text, "f.yaml").data
    assert data == {
        "a": "no", "b": "2001-02-03", "c": "0o17", "d": True, "e": None,
        "f": 12, "g": 1.5, "h": "12", "i": "on", "j": None, "k": "1_000",
    }  # fmt: skip


def test_lines_name_the_nearest_key() -> None:
    document = parse_document("a:\n  b:\n    c: 1\n", "f.yaml")
    assert document.where(("a", "b", "c")) == "f.yaml:3 a.b.c"
    assert document.where(("a", "b", "missing")) == "f.yaml:2 a.b.missing"


def test_files(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        read_text(tmp_path / "none.yaml")
    assert caught.value.code == "file_missing"
    broken = tmp_path / "broken.yaml"
    broken.write_bytes(b"a: 1\nb: \xff\xfe\n")
    with pytest.raises(BadInput) as caught_bytes:
        read_text(broken)
    assert (caught_bytes.value.code, caught_bytes.value.path) == ("not_utf8", "broken.yaml:2")
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(BadInput, match="larger than"):
        read_text(large)
    with pytest.raises(BadInput, match="cannot be read"):
        read_text(tmp_path)
