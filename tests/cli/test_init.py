"""`cdp init`: starter files, a private store, and the same again without change."""

import stat

import pytest

from cdp.bootstrap import open_platform
from cdp.config import load_settings
from cdp.terms import Kind


def test_without_files_it_writes_starters_with_a_view_of_every_kind(cdp, folder):
    for name in ("catalogue.yaml", "policy.yaml"):
        (folder / name).unlink()
    done = cdp("init")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("wrote catalogue.yaml, policy.yaml and statement.yaml: ")
    with open_platform(load_settings()) as platform:
        in_force = platform.in_force()
    assert {view.kind for view in in_force.policy.views.values()} == set(Kind)
    assert set(in_force.catalogue.entities) == {"customer", "order", "complaint"}
    assert cdp("policy", "check", "--strict").code == 0
    linted = cdp("statement", "lint")
    assert linted.out == "statement.yaml is kept by the policy in force: version 1, 0 findings\n"
    assert cdp("statement", "publish").code == 0
    assert sorted(path.name for path in folder.iterdir()) == ["catalogue.yaml", "policy.yaml", "statement.yaml"]


def test_a_statement_that_is_there_stays(cdp, folder):
    for name in ("catalogue.yaml", "policy.yaml"):
        (folder / name).unlink()
    (folder / "statement.yaml").write_text("mine")
    assert cdp("init").out.startswith("wrote catalogue.yaml and policy.yaml: ")
    assert (folder / "statement.yaml").read_text() == "mine"


def test_with_files_it_takes_those(cdp, folder):
    before = (folder / "catalogue.yaml").read_text()
    done = cdp("init")
    assert done.out.splitlines()[-1].startswith("the store is ready")
    assert (folder / "catalogue.yaml").read_text() == before


def test_again_it_changes_nothing(cdp, store):
    entries = cdp("log", "verify").out
    done = cdp("init")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("the store was ready already: nothing changed")
    assert cdp("log", "verify").out == entries


def test_other_files_than_those_in_force_are_refused(cdp, store):
    (store / "policy.yaml").write_text((store / "policy.yaml").read_text().replace("k: 5", "k: 6"))
    done = cdp("init")
    assert (done.code, done.out) == (3, "")
    assert done.err == (
        "cdp: another catalogue or policy is in force\n"
        "     use `cdp model apply` and `cdp policy publish` to change it\n"
    )


def test_the_options_name_other_files(cdp, folder):
    for name in ("catalogue", "policy"):
        (folder / f"{name}.yaml").rename(folder / f"{name}.draft")
    assert cdp("init", "--catalogue", "catalogue.draft", "--policy", "policy.draft").code == 0
    assert sorted(path.name for path in folder.iterdir()) == ["catalogue.draft", "policy.draft"]


def test_one_file_without_the_other_is_a_slip(cdp, folder, tmp_path):
    (folder / "policy.yaml").unlink()
    done = cdp("init")
    assert (done.code, done.out, done.err) == (4, "", "cdp: policy.yaml: there is no such file\n")
    assert not (folder / "policy.yaml").exists()
    assert not (tmp_path / "home").exists()


def test_a_policy_that_does_not_fit_makes_no_store(cdp, folder, tmp_path):
    path = folder / "policy.yaml"
    path.write_text(path.read_text().replace("fields: [total, paid]", "fields: [totl, paid]"))
    done = cdp("init")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "cdp: policy.yaml:18 views.acme_orders.fields: `totl` is no field of this catalogue or policy\n"
        "     did you mean `total`?\n"
    )
    assert not (tmp_path / "home").exists()
    assert not (tmp_path / "cdp.db").exists()


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_by_default_the_store_is_private_in_a_folder(cdp, folder, tmp_path, monkeypatch):
    for name in ("CDP_DATABASE_URL", "CDP_KEYS_URL"):
        monkeypatch.delenv(name)
    done = cdp("init")
    home = tmp_path / "home"
    assert f"(the folder {home};" in done.out
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()} == {
        "data.db": 0o600,
        "data.db-turns": 0o600,
        "keys.db": 0o600,
        "kek": 0o600,
        "checkpoint": 0o600,
    }
