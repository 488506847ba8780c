"""What holds for the repository as a whole: sizes, names, locks, what a wheel contains, and nothing of one machine."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("audit", "cdp", "consent", "migrations", "views")
LOCKS = sorted((ROOT / ".ci" / "lock").glob("*.txt"))
MADE = {".git", ".venv", ".cdp", ".hypothesis", "__pycache__", "build", "dist"}
MOST_LINES = 300

# The index of packages is the business of each machine's own pip configuration, and a path on one machine is none on
# another. INVARIANT: no file names either.
OF_ONE_MACHINE = re.compile(
    r"(?<!no-emit-)(index-url|find-links)|/simple\b|pypi\.org|pythonhosted|trusted-host"
    r"|(?<![\w.}*])/(work|root|home|Users|opt)/\w"
)


def files(*tops: str) -> list[Path]:
    found = [path for top in tops or (".",) for path in (ROOT / top).rglob("*") if path.is_file()]
    return [path for path in found if not any(made(part) for part in path.relative_to(ROOT).parts)]


def made(part: str) -> bool:
    return part in MADE or part.endswith((".egg-info", "_cache"))


def requirements(lock: Path) -> dict[str, tuple[Requirement, list[str]]]:
    """The requirements of a lock with their hashes, by name."""
    lines = lock.read_text().replace("\\\n", " ").splitlines()
    parsed = [(Requirement(line.split(" --hash=")[0]), re.findall(r"--hash=(\S+)", line)) for line in lines]
    return {canonicalize_name(requirement.name): (requirement, hashes) for requirement, hashes in parsed}


def project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.mark.parametrize("top", [*PACKAGES, "tests"])
def test_no_file_is_too_long_to_read(top):
    lengths = {str(path.relative_to(ROOT)): path.read_text().count("\n") for path in files(top) if path.suffix == ".py"}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_the_packages_are_those_of_this_project(tmp_path):
    names = ", ".join(PACKAGES)
    program = f"import {names}; print(*(package.__file__ for package in ({names})), sep='\\n')"
    found = subprocess.run([sys.executable, "-P", "-c", program], cwd=tmp_path, capture_output=True, check=True)
    assert found.stdout.decode().split() == [str(ROOT / name / "__init__.py") for name in PACKAGES]


def test_every_folder_with_code_is_a_package():
    folders = {path.parent for path in files(*PACKAGES) if path.suffix == ".py"}
    assert sorted(str(folder) for folder in folders if not (folder / "__init__.py").exists()) == []


def test_no_file_names_an_index_or_a_path_of_one_machine():
    found = []
    for path in files():
        if path == Path(__file__).resolve():
            continue
        lines = path.read_text(errors="replace").splitlines()
        found += [f"{path.relative_to(ROOT)}:{n}" for n, line in enumerate(lines, 1) if OF_ONE_MACHINE.search(line)]
    assert found == []


@pytest.mark.parametrize(
    "line",
    ["--index-url https://a.example/", "pip install --find-links x", "https://a.example/simple", "cp x /root/y"],
)
def test_the_search_above_finds_something(line):
    assert OF_ONE_MACHINE.search(line)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_locked_requirement_has_one_version_and_hashes(lock):
    for requirement, hashes in requirements(lock).values():
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement
        assert requirement.url is None
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", value) for value in hashes)


def test_what_runs_is_what_is_tested():
    run, test = (requirements(ROOT / ".ci" / "lock" / name) for name in ("run.txt", "test.txt"))
    assert {name: test.get(name) for name in run} == run


def test_the_locks_satisfy_the_project():
    extras = project()["optional-dependencies"]
    for name, wanted in {
        "run.txt": [*project()["dependencies"], *extras["demo"], *extras["export"], "setuptools"],
        "test.txt": [*project()["dependencies"], *(line for extra in extras.values() for line in extra)],
    }.items():
        locked = requirements(ROOT / ".ci" / "lock" / name)
        for requirement in map(Requirement, wanted):
            version = str(locked[canonicalize_name(requirement.name)][0].specifier).removeprefix("==")
            assert requirement.specifier.contains(version), f"{name}: {requirement} (`make lock` remakes it)"


def test_a_wheel_holds_all_of_our_packages_and_nothing_else(tmp_path):
    source = tmp_path / "source"
    for name in PACKAGES:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "LICENSE", "README.md"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, source)
    ours = {path.relative_to(source).as_posix() for name in PACKAGES for path in (source / name).rglob("*.*")}
    command = ["wheel", "--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir"]
    subprocess.run([sys.executable, "-m", "pip", *command, tmp_path, source], capture_output=True, check=True)
    [wheel] = tmp_path.glob("*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == ours
