import pytest

from tests.cli.conftest import Cdp


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_erase_says_what_was_done_and_certifies_it(people: list[str], cdp: Cdp, tmp_path) -> None:
    done = cdp("erase", "email:ann3@example.org", people[5], "--reason", "requests 7 and 8")
    assert (done.code, done.err) == (0, "")
    assert sorted(line.split()[1] for line in done.out.splitlines()) == sorted([people[3], people[5]])
    number = done.out.split("`cdp erasure certificate ")[1].partition("`")[0]
    listed = cdp("erasure", "list")
    assert number in listed.out.replace("\n", "")
    path = tmp_path / "certificate"
    assert cdp("erasure", "certificate", number, "--output", path).code == 0
    assert "key: destroyed" in cdp("erasure", "verify", path).out
    path.write_text(path.read_text().replace("destroyed", "kept"))
    forged = cdp("erasure", "verify", path)
    assert (forged.code, forged.out) == (2, "")
    assert cdp("erase", "--resume").out == "no erasure was left to finish\n"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_what_erase_refuses(people: list[str], cdp: Cdp) -> None:
    assert cdp("erase", "email:nobody@example.org", "--reason", "x").code == 4
    assert cdp("erase", people[0]).code == 3
    assert cdp("erase").code == 2
    assert cdp("erase", people[0], "--resume").code == 2
    assert cdp("erasure", "certificate", "x").code == 4
    assert cdp("erasure", "verify", "/nowhere").code == 2
