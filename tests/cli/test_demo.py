"""`cdp demo`: what it says, how it is laid out, what it leaves alone, and the picture in the README."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, strategies as st
from rich.cells import cell_len

from cdp.cli.session import opened
from cdp.cli.side_by_side import folded, side_by_side
from cdp.services.demo.look import FIELDS, VIEWS, Cell, Look, Sight
from cdp.services.demo.people import SHOWN
from cdp.services.demo.sign_ins import ask
from cdp.services.read_known import Known
from cdp.terms import Kind, Sensitivity, Shape
from views.policy import View

ROOT = Path(__file__).resolve().parent.parent.parent
SIGNS = "●◐◍○"
TAGS = dict.fromkeys(FIELDS, Sensitivity.PERSONAL)


@pytest.fixture
def work(tmp_path, monkeypatch) -> Path:
    """A working folder without any setting, for the demo's own `.cdp` in it."""
    for name in [name for name in os.environ if name.startswith(("CDP_", "DEMO_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DEMO_ONCE", "1")  # else it would serve, and never end
    monkeypatch.chdir(tmp_path)
    return tmp_path


def picture(text: str) -> list[str]:
    """The part of the output with the five views."""
    lines = text.splitlines()
    begin = next(index for index, line in enumerate(lines) if "Lucy Brown refused" in line)
    return lines[begin : next(index for index, line in enumerate(lines) if "now refuses" in line)]


def heads(line: str) -> list[int]:
    """At which cells of a line its words begin."""
    return [cell_len(line[: word.start()]) for word in re.finditer(r"\S+", line)]


def signs(line: str) -> list[int]:
    """At which cells of a line signs stand."""
    return [cell_len(line[: sign.start()]) for sign in re.finditer(f"[{SIGNS}]", line)]


def a_look(name: str, *, email: str = "a@example.org", refused: tuple[str, ...] = ()) -> Look:
    """A customer with this name in every view, who is not in the newsletter if she refused anything."""
    sights = []
    for place, view_name in enumerate(VIEWS):
        view = View(kind=Kind.STANDARD, purpose="service", roles=("agent",))
        view.stand_under(view_name)
        texts = {"full_name": name, "email": email if place in (0, 3) else "a***"}
        cells = {field: Cell(Shape.CLEAR, texts.get(field, "1980-1989")) for field in FIELDS}
        gone = bool(refused) and view_name == "newsletter"
        sights.append(Sight(view, {} if gone else cells, absent="refused direct marketing" if gone else ""))
    return Look(name, Known("", refused, {}), tuple(sights))


def test_a_process_of_its_own(work):
    command = [sys.executable, "-m", "cdp.cli.main", "demo"]
    environment = {**os.environ, "DEMO_ONCE": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "300 customers" in done.stderr.splitlines()[-1]
    assert all(
        f"{sign} {word}" in done.stdout for sign, word in zip(SIGNS, ("clear", "masked", "gen", "with"), strict=True)
    )
    assert all(name in done.stdout for name in (*VIEWS, "Lucy Brown", "James Reed", "王小雨", "The log", "Try next"))
    assert "\x1b" not in done.stdout
    assert [path.name for path in work.iterdir()] == [".cdp"]


def test_again_it_is_the_same(cdp, work):
    first, second = cdp("demo"), cdp("demo", "--once", "--customers", "500")
    assert (first.code, second.code) == (0, 0)
    assert picture(first.out) == picture(second.out)
    assert "300 customers" in second.out
    assert "is taken back" not in first.out
    assert "is taken back" in second.out
    entries = [int(re.search(r"✓ ([\d,]+) entries", each.out)[1]) for each in (first, second)]
    assert entries[0] < entries[1]


def test_what_waits_for_the_officer_waits_once(cdp, work):
    assert cdp("demo", "--customers", "60").code == 0
    with opened() as platform:
        for _ in "12":
            ask(platform)
    waiting = json.loads(cdp("request", "list", "--json").out)
    assert sorted(each["kind"] for each in waiting) == ["correction", "correction", "erasure", "question"]
    assert cdp("identity", "links").out.count("web-shop") == 1
    [erasure] = [each for each in waiting if each["kind"] == "erasure"]
    assert cdp("request", "approve", erasure["request_id"]).code == 0
    with opened() as platform:
        ask(platform)
    assert len(json.loads(cdp("request", "list", "--json").out)) == 3


def test_whoever_was_erased_stays_so(cdp, work):
    assert cdp("demo", "--customers", "60").code == 0
    assert cdp("erase", f"email:{SHOWN[0]}", "--reason", "she asked").code == 0
    again = cdp("demo")
    assert (again.code, "remove the folder" in again.err) == (3, True)


def test_the_fewest_customers_make_a_release(cdp, work):
    done = cdp("demo", "--customers", "60")
    assert (done.code, "60 customers" in done.out) == (0, True)
    assert cdp("demo", "--customers", "59").code == 2


def test_a_foreign_store_is_left_alone(cdp, work):
    home = work / ".cdp"
    home.mkdir()
    (home / "data.db").write_bytes(b"somebody's")
    done = cdp("demo")
    assert (done.code, done.raw) == (3, b"")
    assert "made by the demo" in done.err
    assert [path.read_bytes() for path in work.rglob("*") if path.is_file()] == [b"somebody's"]


def test_without_faker_it_says_what_to_install(cdp, work, monkeypatch):
    for name in [name for name in sys.modules if name.startswith(("cdp.cli.tour", "cdp.services.demo"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "faker", None)
    done = cdp("demo")
    assert (done.code, "Faker" in done.err) == (1, True)
    assert list(work.iterdir()) == []


def test_every_command_it_names_works(cdp, work):
    said = cdp("demo").out.partition("Try next")[2].replace("\\\n", " ")
    commands = [shlex.split(line)[1:] for line in said.splitlines() if line.strip() and not line.startswith("  #")]
    assert [command[0] for command in commands] == [
        "read", "read", "policy", "opt-out", "opt-in", "policy", "log",
    ]  # fmt: skip
    assert {" ".join(command): cdp(*command).code for command in commands} == {" ".join(each): 0 for each in commands}


def test_a_home_of_another_name_is_exported(cdp, work, monkeypatch):
    monkeypatch.setenv("CDP_HOME", "a home")
    said = cdp("demo").out
    assert "export CDP_HOME='a home'" in said
    assert "--policy 'a home/policy.yaml'" in said


@pytest.mark.parametrize("width", [80, 100, 140])
def test_columns_stand_below_each_other(width):
    looks = [
        a_look("Ann Lee"),
        a_look("王小雨", refused=("direct_marketing",)),
        a_look("张伟", email="wei@example.net"),
    ]
    lines = [line.plain for line in side_by_side(looks, TAGS, width)]
    assert max(map(cell_len, lines)) <= width
    [first, *others] = [heads(line) for line in lines if VIEWS[0] in line]
    assert len(first) == len(VIEWS)
    assert others == [first, first]
    rows = [signs(line) for line in lines if line.startswith(tuple(f"  {field}" for field in FIELDS))]
    assert len(rows) == 3 * len(FIELDS)
    assert [places for places in rows if places not in (first, [each for each in first if each != first[3]])] == []


def test_a_column_without_a_row_says_why_from_its_top():
    lines = [line.plain for line in side_by_side([a_look("Ann", refused=("direct_marketing",))], TAGS, 80)]
    *_, begin, end = heads(next(line for line in lines if "newsletter" in line))
    said = " ".join(line[begin:end].strip() for line in lines[5 : 5 + len(FIELDS)])
    assert said.startswith("○ not in this view: refused direct marketing")


def test_nothing_in_a_value_steers_the_terminal():
    lines = [line.plain for line in side_by_side([a_look("Ann\x1b[31m\u202e")], TAGS, 100)]
    assert not any(char in line for line in lines for char in "\x1b\u202e")


@given(st.text(st.sampled_from("ab1@-. 王小○"), max_size=40), st.integers(1, 20))
def test_breaking_loses_nothing_but_spaces(text, width):
    lines = folded(text, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(cell_len(line) <= width or not re.search(r".[ @王小]", line) for line in lines)


def test_the_picture_is_the_one_in_the_readme(cdp, work):
    """Where the demo has changed: `CDP_HOME=$(mktemp -d) cdp demo --svg docs/images/five-views.svg` draws it anew."""
    assert cdp("demo", "--svg", "five.svg").code == 0
    drawn = (work / "five.svg").read_text()
    assert drawn == (ROOT / "docs" / "images" / "five-views.svg").read_text()
    words = [each.text for each in ET.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]
    assert {*SIGNS, *VIEWS, "Lucy Brown", "王小雨", "花粉过敏"} <= set(words)
    assert "href" not in drawn
    assert "url(" not in drawn
