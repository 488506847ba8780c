import importlib
import re
import tomllib
from pathlib import Path

import pytest

from docs.generate import FOLDER, PARTS, render
from tests.docs.pages import DOCS, PAGES, ROOT, anchors, links, quoted

DECISIONS = sorted((DOCS / "decisions").glob("0*.md"))
NAME = re.compile(r"(?:cdp|views|audit|consent|migrations)(?:\.[A-Za-z_]\w*)+")
PLACE = re.compile(r"(?:tests|docs|migrations|\.ci)/[\w./-]+")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", sorted(PARTS))
def test_the_generated_parts_are_what_the_code_says(page):
    text = (FOLDER / page).read_text(encoding="utf-8")
    assert text == render(page, text), "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page):
    dead = []
    for link in links(page):
        target, _, anchor = link.partition("#")
        found = (page.parent / target).resolve() if target else page
        if not found.exists() or (anchor and anchor not in anchors(found)):
            dead.append(link)
    assert dead == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_what_it_names_exists(page):
    said = quoted(page)
    missing = [each for each in said if NAME.fullmatch(each) and not resolves(each)]
    missing += [each for each in said if PLACE.fullmatch(each) and not (ROOT / each).exists() and not glob(each)]
    assert missing == []


def resolves(dotted: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


def glob(place: str) -> bool:
    return "*" in place and any(ROOT.glob(place))


def test_a_name_that_is_not_there_is_missed():
    assert resolves("views.compile.compile_view")
    assert not resolves("views.compile.compile_veiw")
    assert not resolves("views.complie")


def test_the_architecture_lists_the_contracts():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| ([a-z][a-z-]*) \|", text.partition("| contract |")[2].partition("\n\n")[0], re.MULTILINE)
    assert sorted(listed) == sorted(each["id"] for each in contracts)


def test_the_index_lists_every_decision():
    listed = [link for link in links(DOCS / "decisions" / "README.md") if link.startswith("0")]
    assert listed == [path.name for path in DECISIONS]


@pytest.mark.parametrize("path", DECISIONS, ids=name)
def test_a_decision_says_what_it_cost_and_how_to_take_it_back(path):
    text = path.read_text(encoding="utf-8")
    number = int(path.name.split("-")[0])
    assert text.startswith(f"# {number}. ")
    heads = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert heads == ["Context", "Options", "Decision", "Cost", "Taking it back"]
