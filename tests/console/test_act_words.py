"""Each act that the product may write on the log has its words, and nothing else has."""

import ast
import importlib
from collections.abc import Iterator
from typing import get_args

import pytest

from cdp.console.act_words import act_words
from cdp.services.background.jobs import Kind
from cdp.services.consent_history import Act
from cdp.services.requests.work import ACT as REQUEST
from cdp.terms import LANGUAGES
from tests.docs.codes import PACKAGES, ROOT

ELSEWHERE = {
    ("cdp/services/background/jobs.py", "kind"): set(Kind),
    ("cdp/services/requests/work.py", "act"): {REQUEST, "correction"},
    ("cdp/services/state_choices.py", "act"): {"state_choices", "opt_out", "opt_in"},
    ("cdp/services/apps/refusals.py", "act"): set[str](),  # with keywords where it is called
    ("cdp/services/identity/decide.py", "entry.act"): set[str](),  # of an entry that is made elsewhere
    ("cdp/services/consent_history.py", "act"): set(get_args(Act)),
}
"""What an expression can be that is neither a name of the module nor an argument of its own functions."""


def found() -> Iterator[str]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield from _of_module(path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8")))


def _of_module(name: str, module: ast.Module) -> Iterator[str]:
    calls = [node for node in ast.walk(module) if isinstance(node, ast.Call)]
    for function in (node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)):
        places = [each.arg for each in function.args.args]
        for entry in (node for node in ast.walk(function) if isinstance(node, ast.Call) and _called(node) == "Entry"):
            act = entry.args[1]
            said = ast.unparse(act)
            if isinstance(act, ast.Constant):
                yield act.value
            elif said.isupper():
                yield getattr(importlib.import_module(name.removesuffix(".py").replace("/", ".")), said)
            elif (name, said) in ELSEWHERE:
                yield from ELSEWHERE[name, said]
            else:
                here = [each for each in calls if _called(each) == function.name]
                assert here, f"{name}:{entry.lineno}: say in {__name__}.ELSEWHERE what `{said}` can be"
                yield from (ast.literal_eval(each.args[places.index(said)]) for each in here)
    keywords = (each for call in calls for each in call.keywords if each.arg == "act")
    yield from (each.value.value for each in keywords if isinstance(each.value, ast.Constant))


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_act_has_its_words(language: str) -> None:
    acts = set(found())
    assert len(acts) > 100
    assert acts ^ act_words(language).keys() == set()
