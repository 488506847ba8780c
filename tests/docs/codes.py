"""Every error code that the product raises, found in its syntax: a new one has to be said in docs/errors.md."""

import ast
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("audit", "cdp", "consent", "migrations", "views")

CLASSES = (
    *("BadInput", "Refused", "NotFound", "Unauthenticated", "Unavailable", "Several"),  # cdp.errors
    *("ProofError", "BrokenTree", "NoteError", "NotVerified"),  # of the log's own formats, for whoever verifies it
    "Finding",
)
"""Where a code is the first argument."""

PYDANTIC, PREFIX = "PydanticCustomError", "cdp_"
"""What the models of the two files raise; `cdp.catalogue.document` makes a BadInput of it, without the prefix."""

DATABASES = ("store", "keystore")

Codes = Callable[[ast.Module], set[str]]


def written(*codes: str) -> Codes:
    return lambda _module: set(codes)


def of_both(code: str) -> Codes:
    return written(*(f"{name}_{code}" for name in DATABASES))


def keys_of(name: str, *prefixes: str) -> Codes:
    """The keys of a dictionary of the module, each with every prefix."""

    def codes(module: ast.Module) -> set[str]:
        for node in ast.walk(module):
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
                keys = [key.value for key in node.value.keys]
                return {prefix + key for prefix in prefixes or ("",) for key in keys}
        raise AssertionError(f"{name} is gone")

    return codes


def second_of_yields(function: str) -> Codes:
    """The second members of the tuples that a function yields."""

    def codes(module: ast.Module) -> set[str]:
        found = next(node for node in ast.walk(module) if isinstance(node, ast.FunctionDef) and node.name == function)
        yields = [node.value for node in ast.walk(found) if isinstance(node, ast.Yield)]
        return {each.elts[1].value for each in yields}

    return codes


def first_arguments(function: str, prefix: str) -> Codes:
    """The first arguments with which a function is called."""

    def codes(module: ast.Module) -> set[str]:
        calls = [node for node in ast.walk(module) if isinstance(node, ast.Call) and _name(node) == function]
        return {prefix + call.args[0].value.replace("-", "_") for call in calls}

    return codes


COMPUTED: dict[tuple[str, str], Codes] = {
    ("audit/anchor.py", "code"): first_arguments("_fault", ""),
    ("audit/keeper.py", "self.state.fault"): written("log_forked", "log_rolled_back"),
    ("audit/note.py", "code"): written("key_malformed", "note_malformed"),
    ("cdp/catalogue/document.py", "kind.removeprefix('cdp_')"): written(),  # those of PydanticCustomError
    ("cdp/database/address.py", "f'{which.prefix}_url_malformed'"): of_both("url_malformed"),
    ("cdp/database/address.py", "f'{which.prefix}_url_unknown'"): of_both("url_unknown"),
    ("cdp/database/address.py", "f'{which.prefix}_url_fleeting'"): of_both("url_fleeting"),
    ("cdp/database/faults.py", "f'{which.prefix}_{code}'"): keys_of("_FAULTS", "store_", "keystore_"),
    ("cdp/services/statements/written.py", "error.code"): written(),  # as of `parse_document`
    ("cdp/store/shaper.py", "error.code"): written(),  # as the value's own
    ("cdp/vault/faults.py", "code"): keys_of("_FAULTS"),
    ("views/check.py", "code"): second_of_yields("_field_faults"),
    ("views/check.py", "f\"unknown_{what.replace('-', '_')}\""): first_arguments("_unknown", "unknown_"),
}
"""Codes that are not written where they are raised, by file and expression. A new one has to be resolved here."""


REASONS: dict[str, set[str]] = {
    "error.code": {"bad_value"},
    "fault.code": {"missing_value"},
    "f'unknown_{CUSTOMER}'": {"unknown_customer"},
    "lines.fault": {"not_utf8", "nul"},
}
"""Why a row of an import is rejected, where the reason is not written there; by expression."""


@cache
def rejected() -> set[str]:
    """The reasons that a reject file may give."""
    found: set[str] = set()
    for name, module in _product():
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and _name(node) == "Reject" and len(node.args) > 1:
                found |= _reasons(name, module, node.args[1])
    return found


def _reasons(name: str, module: ast.Module, given: ast.expr) -> set[str]:
    """What an expression can come to: a word, a choice, a name that is given one, what a function returns, REASONS."""
    said = ast.unparse(given)
    if isinstance(given, ast.Constant):
        return {given.value}
    if said in REASONS:
        return REASONS[said]
    values = [given.body, given.orelse] if isinstance(given, ast.IfExp) else []
    if isinstance(given, ast.Name):
        assigned = [node for node in ast.walk(module) if isinstance(node, ast.Assign)]
        values = [node.value for node in assigned if said in map(ast.unparse, node.targets)]
    if isinstance(given, ast.Call):
        called = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef) and node.name == _name(given)]
        values = [node.value for each in called for node in ast.walk(each) if isinstance(node, ast.Return)]
    assert values, f"{name}:{given.lineno}: say in {__name__}.REASONS what `{said}` can be"
    return set().union(*(_reasons(name, module, value) for value in values))


@cache
def raised() -> dict[str, set[str]]:
    """The codes, each with the classes that it is raised as."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, module in _product():
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and node.args:
                for code, class_ in _of_call(name, module, node):
                    found[code].add(class_)
    return dict(found)


def _product() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def _of_call(name: str, module: ast.Module, node: ast.Call) -> Iterator[tuple[str, str]]:
    class_, first = _name(node), node.args[0]
    if class_ == PYDANTIC:
        assert isinstance(first, ast.Constant), f"{name}:{node.lineno}"
        yield first.value.removeprefix(PREFIX), "BadInput"
    elif class_ in CLASSES:
        if isinstance(first, ast.Constant):
            yield first.value, class_
            return
        key = (name, ast.unparse(first))
        assert key in COMPUTED, f"{name}:{node.lineno}: say in {__name__}.COMPUTED what `{key[1]}` can be"
        for code in COMPUTED[key](module):
            yield code, class_


def _name(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
