"""Files that are wrong, issue by issue: one clear sentence with its line, and nothing is made or changed."""

from pathlib import Path

import pytest

CANARY = "canary-7f3a"
BOMB = "a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
EMAIL = "{type: text, category: user.contact.email, mask: email, identifier: email}"
CARE = "care_desk:      {kind: standard, purpose: service, roles: [agent], clear: [full_name]}"

CATALOGUES = {
    "unknown key": ("mask: email", "maks: email", "catalogue.yaml:5 entities.customer.fields.email.maks: unknown key"),
    "unknown key at the top": ("entities:", "entitys:", "catalogue.yaml:1 entities: `entities` is missing"),
    "wrong word": (
        "type: integer",
        f"type: {CANARY}",
        "catalogue.yaml:8 entities.customer.fields.income.type: must be",
    ),
    "wrong type": ("keep: 2", f"keep: {CANARY}", "catalogue.yaml:7 entities.customer.fields.postcode.keep: should be"),
    "a list for a mapping": (EMAIL, f"[{CANARY}]", "catalogue.yaml:5 entities.customer.fields.email: should be"),
    "a word for a mapping": (EMAIL, CANARY, "catalogue.yaml:5 entities.customer.fields.email: should be"),
    "unknown category": (
        "user.contact.email",
        f"user.{CANARY}",
        "catalogue.yaml:5 entities.customer.fields.email: `cate",
    ),
    "untagged field": (
        ", sensitivity: none}\n  order",
        "}\n  order",
        "catalogue.yaml:10 entities.customer.fields.loyalty: ",
    ),
    "alias bomb": ("entities:", f"{BOMB}entities:", "catalogue.yaml:1: anchors and aliases are not allowed"),
    "tag": ("type: date", f"type: !{CANARY} date", "catalogue.yaml:6: tags are not allowed"),
    "duplicate name": ("postcode:", "email:", "catalogue.yaml:7: `email` is given twice"),
    "bad name": ("loyalty:", "Loyalty!:", "catalogue.yaml:10 entities.customer.fields.Loyalty!: a name is 1 to 48"),
    "keyword": (
        "loyalty:",
        "select:",
        "catalogue.yaml:10 entities.customer.fields.select: this name is an SQL keyword",
    ),
    "circle": (
        "belongs_to: customer",
        "belongs_to: order",
        "catalogue.yaml:1: `belongs_to` of `order` runs in a circle",
    ),
    "no parent": (
        "belongs_to: customer",
        f"belongs_to: {CANARY}",
        "catalogue.yaml:1: `belongs_to` of `order` is no entity",
    ),
    "no YAML": ("entities:", f"entities: [{CANARY}", "catalogue.yaml:"),
    "NUL": ("type: date", f"type: \0{CANARY}", "catalogue.yaml"),
    "half a pair": ("type: date", 'type: "\\ud800"', "catalogue.yaml"),
    "deep": ("entities:", f"x: {'[' * 2000}", "catalogue.yaml:1: nested deeper than 32 levels"),
}
POLICIES = {
    "unknown key": ("clear: [full_name]", "claer: [full_name]", "policy.yaml:9 views.care_desk.claer: unknown key"),
    "wrong word": ("kind: full", f"kind: {CANARY}", "policy.yaml:11 views.privacy_office.kind: must be one of"),
    "wrong type": ("k: 5", f"k: {CANARY}", "policy.yaml:13 views.insight.k: should be"),
    "duplicate view": ("care_orders:", "care_desk:", "policy.yaml:10: `care_desk` is given twice"),
    "unknown role": ("roles: [agent],", "roles: [agnt],", "policy.yaml:9 views.care_desk.roles: `agnt` is no role"),
    "unknown field": ("[full_name]", "[ful_name]", "policy.yaml:9 views.care_desk.clear: `ful_name` is no field"),
    "unknown entity": (
        "entity: order, purpose: service",
        "entity: oder, purpose: service",
        "policy.yaml:10 views.care_or",
    ),
    "a standard view for nobody": ("roles: [agent],", "roles: [],", "policy.yaml:9 views.care_desk.roles: "),
    "alias": (CARE, "a: &a 1\n  b: *a", "policy.yaml:9: anchors and aliases are not allowed"),
    "steering": (
        "purpose: service, roles: [agent],",
        'purpose: "\\e[2J", roles: [agent],',
        "policy.yaml:9 views.care_desk.p",
    ),
}
CASES = [
    pytest.param(f"{file}.yaml", *case, id=f"{file}: {name}")
    for file, cases in (("catalogue", CATALOGUES), ("policy", POLICIES))
    for name, case in cases.items()
]


@pytest.fixture
def broken(folder, file, before, after):
    path = folder / file
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("file", "before", "after", "said"), CASES)
def test_a_wrong_file(cdp, tmp_path, said):
    for command in (["init"], ["model", "check"]):
        done = cdp(*command)
        assert (done.code, done.out) == (2, ""), done.err
        assert done.err.startswith(f"cdp: {said}"), done.err
        assert CANARY not in done.err
        assert "Traceback" not in done.err
        assert "\x1b" not in done.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["work"]
    assert sorted(path.name for path in Path().iterdir()) == ["catalogue.yaml", "policy.yaml"]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", ["catalogue.yaml", "policy.yaml"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"a: \xff" + CANARY.encode(), "the file is not UTF-8 text"),
        (b"\xff\xfea\0:\0", "the file is not UTF-8 text"),
        (b"x" * 4_000_001, "the file is larger than 4,000,000 bytes"),
    ],
)
def test_a_file_that_is_no_text(cdp, folder, name, content, said):
    (folder / name).write_bytes(content)
    done = cdp("init")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"cdp: {name}")
    assert said in done.err
    assert CANARY not in done.err


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"CDP_HOME=\xff\n", "cdp: .env: this is not UTF-8 text\n"),
        (f"CDP_DATABASE_URL=nonsense://{CANARY}\n".encode(), "cdp: CDP_DATABASE_URL: not a kind of database we know\n"),
        (f"CDP_DATABASE_URL={CANARY}\n".encode(), "cdp: CDP_DATABASE_URL: not a database URL\n"),
        (f"CDP_DATABASE_URL=postgresql://u:{CANARY}@h:x/d\n".encode(), "cdp: CDP_DATABASE_URL: not a database URL\n"),
        (f"CDP_KEK=nonsense:{CANARY}\n".encode(), "cdp: CDP_KEK: "),
    ],
)
def test_a_wrong_setting(cdp, folder, monkeypatch, content, said):
    for name in ("CDP_HOME", "CDP_DATABASE_URL", "CDP_KEYS_URL"):
        monkeypatch.delenv(name)
    (folder / ".env").write_bytes(content)
    done = cdp("init")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(said)
    assert CANARY not in done.err
