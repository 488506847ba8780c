"""The forms in which an answer can leave, by name.

Design section 8: `--format table|json|ndjson|csv|arrow|parquet`; all but `table` are for programs.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from cdp.errors import Unavailable

if TYPE_CHECKING:
    from views.plan import Column

Encoder: TypeAlias = "Callable[[Sequence[Column], Iterable[Sequence[Sequence[Any]]]], Iterator[bytes]]"

TABLE: Final = "table"
TEXT: Final = ("json", "ndjson", "csv")
BINARY: Final = ("arrow", "parquet")
FORMATS: Final = (TABLE, *TEXT, *BINARY)


def encoder(name: str) -> Encoder:
    """Return how rows become bytes.

    Raises:
        Unavailable: `export_missing`, when pyarrow is not installed.
    """
    if name in BINARY:
        return _arrow(name)
    from cdp.services.formats.records import json_bytes, ndjson_bytes
    from cdp.services.formats.sheet import csv_bytes

    return {"json": json_bytes, "ndjson": ndjson_bytes, "csv": csv_bytes}[name]


def _arrow(name: str) -> Encoder:
    try:
        from cdp.services.formats.arrow import arrow_bytes, parquet_bytes
    except ModuleNotFoundError:
        hint = "pip install 'customer-data-platform[export]'"
        raise Unavailable("export_missing", f"{name} needs pyarrow, which is not installed", hint=hint) from None
    return {"arrow": arrow_bytes, "parquet": parquet_bytes}[name]
