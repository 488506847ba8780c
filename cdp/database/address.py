"""Where a database is: the URL of a setting."""

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from cdp.database.faults import Which
from cdp.errors import BadInput


def parse_url(url: str, which: Which) -> URL:
    """Return the URL of a database that we can use.

    Raises:
        BadInput: `…_url_malformed`, `…_url_unknown`, `…_url_fleeting`.
    """
    hint = "give `sqlite:///path/of/file` or `postgresql://user:password@host/database`"
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # its text holds the URL, and the URL may hold a password
        raise BadInput(f"{which.prefix}_url_malformed", "not a database URL", path=which.setting, hint=hint) from None
    backend = parsed.get_backend_name()
    if backend not in ("sqlite", "postgresql"):
        raise BadInput(f"{which.prefix}_url_unknown", "not a kind of database we know", path=which.setting, hint=hint)
    if backend == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise BadInput(f"{which.prefix}_url_fleeting", "a database in memory is lost", path=which.setting, hint=hint)
    return parsed
