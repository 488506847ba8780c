"""Every version of the statement, and the one in force: the last."""

from dataclasses import dataclass

from sqlalchemy import select

from cdp.bootstrap import Platform
from cdp.errors import NotFound
from cdp.store.stating import STATEMENT_VERSION
from views.statement.document import Statement


@dataclass(frozen=True)
class Published:
    """A version: its number, from 1, since when, by whom, and what it says."""

    number: int
    since: str
    author: str
    statement: Statement


def statement_in_force(platform: Platform) -> Published | None:
    """Return the statement in force; None while none was ever published."""
    c = STATEMENT_VERSION.c
    newest = select(c.version, c.created_at, c.author, c.body).order_by(c.version.desc()).limit(1)
    rows = platform.door.lookup(newest)
    return _published(*rows[0]) if rows else None


def name_in_force(platform: Platform) -> str:
    """Return the name of the version in force, for what refers to it; empty while there is none."""
    found = statement_in_force(platform)
    return found.statement.version if found else ""


def statements(platform: Platform) -> list[Published]:
    """Return every version, the newest first."""
    c = STATEMENT_VERSION.c
    rows = platform.door.lookup(select(c.version, c.created_at, c.author, c.body).order_by(c.version.desc()))
    return [_published(*row) for row in rows]


def find_statement(platform: Platform, version: str) -> Published:
    """Return a version by its name.

    Raises:
        NotFound: `unknown_statement`.
    """
    for each in statements(platform):
        if each.statement.version == version:
            return each
    hint = "`cdp statement show --all` lists them"
    raise NotFound("unknown_statement", "there is no such version of the statement", path="version", hint=hint)


def before(platform: Platform, published: Published) -> Published | None:
    """Return the version before one."""
    return next((each for each in statements(platform) if each.number < published.number), None)


def _published(number: int, since: str, author: str, body: str) -> Published:
    return Published(number, since, author, Statement.model_validate_json(body))
