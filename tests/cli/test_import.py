"""`cdp import`: customers and what belongs to them, with rejects, again and again."""

from pathlib import Path

import pytest

READ = ("read", "privacy_office", "--as", "privacy_officer", "--reason", "a test", "--format", "json")
ROWS = """\
full_name,email,birth_date,income
Ann Smith,ann@example.org,1987-03-02,52300
Bo Li,bo@example.org,canary-date,1
王小明,wang@example.org,1990-01-01,
"""


@pytest.fixture
def file(store):
    path = Path("customers.csv")
    path.write_text(ROWS)
    return path


def test_rows_that_fit_are_in_and_the_others_are_named_without_their_values(cdp, file):
    done = cdp("import", file)
    assert (done.code, done.out) == (0, "3 rows read: 2 created, 0 updated, 0 unchanged, 1 rejected\n")
    assert done.err.splitlines()[-1] == "1 row did not fit; see customers.csv.rejects.csv"
    assert "canary" not in done.err
    assert Path("customers.csv.rejects.csv").read_text() == "line,reason,field\n3,bad_value,birth_date\n"
    assert {row["full_name"] for row in cdp(*READ).json} == {"Ann Smith", "王小明"}


def test_without_a_terminal_progress_is_plain_lines(cdp, file):
    file.write_text(ROWS.replace("canary-date", "1980-01-01"))
    assert cdp("import", file).err == "3 rows imported (100 %)\n"


def test_the_same_file_again_changes_nothing(cdp, file):
    cdp("import", file)
    done = cdp("import", file)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("this file has been imported already: nothing changed")
    assert cdp("import", file, "--again").out == "3 rows read: 0 created, 0 updated, 2 unchanged, 1 rejected\n"
    assert len(cdp(*READ).json) == 2


def test_columns_are_mapped_and_left_out(cdp, store):
    Path("people.data").write_text('{"who": "Ann", "mail": "ann@example.org", "shoe": 38}\n')
    maps = ("--map", "who=full_name", "--map", "mail=email", "--map", "shoe=-")
    done = cdp("import", "people.data", "--format", "ndjson", *maps)
    assert (done.code, done.out) == (0, "1 row read: 1 created, 0 updated, 0 unchanged, 0 rejected\n")
    assert [(row["full_name"], row["email"]) for row in cdp(*READ).json] == [("Ann", "ann@example.org")]


def test_orders_find_their_customer(cdp, file):
    cdp("import", file)
    Path("orders.csv").write_text("email,placed_at,total\nann@example.org,2024-05-01T10:00:00Z,129.90\n")
    done = cdp("import", "orders.csv", "--entity", "order")
    assert (done.code, done.out) == (0, "1 row read: 1 created, 0 updated, 0 unchanged, 0 rejected\n")
    [order] = cdp("read", "care_orders", "--as", "agent", "--format", "json").json
    assert (order["total"], order["placed_at"]) == ("129.90", "2024")


def test_rejects_go_where_they_are_wanted(cdp, file):
    assert cdp("import", file, "--rejects", "bad.csv").code == 0
    assert Path("bad.csv").exists()
    assert not Path("customers.csv.rejects.csv").exists()


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("pair", ["canary", "=canary", "canary=", "a=email --map a=full_name"])
def test_a_mapping_is_a_pair(cdp, file, pair):
    done = cdp("import", file, "--map", *pair.split())
    assert (done.code, done.out) == (2, "")
    assert "a mapping is written `column=field`, each column once" in done.err
    assert "canary" not in done.err


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("name", "content", "code", "said"),
    [
        ("missing.csv", None, 4, "missing.csv: there is no such file"),
        (".", None, 2, "."),
        ("empty.csv", b"", 2, "empty.csv: the file is empty"),
        ("a.xlsx", b"x", 2, "a.xlsx: "),
        ("a.csv", b"canary,canary\n1,2\n", 2, ""),
        ("a.csv", b"full_name,full_name\ncanary,canary\n", 2, ""),
        ("a.csv", b"full_name\xff\ncanary\n", 2, ""),
        ("a.csv", b"\0canary\n", 2, ""),
    ],
)
def test_a_file_that_cannot_be_taken_changes_nothing(cdp, store, name, content, code, said):
    if content is not None:
        Path(name).write_bytes(content)
    done = cdp("import", name)
    assert (done.code, done.out) == (code, ""), done.err
    assert done.err.startswith(f"cdp: {said}")
    assert "canary" not in done.err
    assert "Traceback" not in done.err
    assert cdp(*READ).json == []


def test_rows_that_are_broken_are_rejected_and_the_rest_is_in(cdp, store):
    Path("a.csv").write_bytes(
        b"full_name,email\nAnn,ann@example.org\ncanary\xff,b@example.org\ncanary\0,c@example.org\n"
    )
    done = cdp("import", "a.csv")
    assert (done.code, done.out) == (0, "3 rows read: 1 created, 0 updated, 0 unchanged, 2 rejected\n")
    assert "canary" not in done.err + Path("a.csv.rejects.csv").read_text()


def test_an_unknown_entity_is_not_repeated(cdp, file):
    done = cdp("import", file, "--entity", "canary")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("cdp: entity: the catalogue has no such entity\n")
    assert "canary" not in done.err


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_dry_run_says_what_would_be_and_does_nothing(people, cdp, tmp_path):
    path = tmp_path / "more.csv"
    path.write_text("email,loyalty\nann1@example.org,none\nnew@example.org,gold\nx@example.org,copper\n")
    told = cdp("import", path, "--dry-run")
    assert told.code == 0
    assert told.out.startswith("3 rows read: 1 would be created, 1 updated, 0 left as they are, 1 rejected")
    assert "bad_value" in told.out
    assert "copper" not in told.out
    assert cdp("import", path).out.startswith("3 rows read: 1 created, 1 updated, 0 unchanged, 1 rejected")


def test_a_guess_is_shown_and_taken_only_when_somebody_agrees(cdp, store):
    path = Path("people.csv")
    path.write_text("Full Name,Mail address,canary\nAnn Smith,ann@example.org,canary-cell\n")
    asked = cdp("import", path, "--guess")
    assert (asked.code, "nobody agreed" in asked.err) == (3, True)
    assert "full_name" in asked.out
    assert "canary" not in asked.out + asked.err
    assert cdp(*READ).json == []
    done = cdp("import", path, "--guess", "--yes")
    assert (done.code, done.out.splitlines()[-1][:19]) == (0, "1 row read: 1 creat")
    [row] = cdp(*READ).json
    assert (row["full_name"], row["email"]) == ("Ann Smith", "ann@example.org")


def test_a_mapping_file_says_which_field_a_column_is(cdp, store):
    path = Path("people.csv")
    path.write_text("who,where,rest\nAnn Smith,ann@example.org,x\n")
    Path("mapping.yaml").write_text('who: full_name\nwhere: email\nrest: "-"\n')
    assert cdp("import", path, "--mapping", "mapping.yaml").code == 0
    assert [row["email"] for row in cdp(*READ).json] == ["ann@example.org"]
    Path("mapping.yaml").write_text("who: ful_name\n")
    wrong = cdp("import", path, "--mapping", "mapping.yaml")
    assert wrong.code == 2
    assert "mapping.yaml:1" in wrong.err
    assert "did you mean `full_name`?" in wrong.err
