"""Groups of at least k, with diverse sensitive values: what of a table may be released.

k-anonymity: Sweeney, "k-anonymity: a model for protecting privacy", 2002. Distinct l-diversity: Machanavajjhala et
al., "l-diversity", 2007. Neither is anonymity by itself; see docs/decisions on what a release does not promise.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

Row = tuple[Any, ...]


def releasable(
    rows: Sequence[Row],
    subjects: Sequence[int],
    *,
    quasi: Sequence[int],
    sensitive: Sequence[int],
    k: int,
    diversity: int,
) -> list[Row]:
    """Return the rows of groups that may be released, in the order of their content.

    A group is the rows that agree in every quasi-identifier. It may be released if it is about at least k different
    people and, in each sensitive column, holds either no value at all or at least
    `diversity` (the l of the paper) different ones.

    Args:
        rows: the generalised rows.
        subjects: whom each row is about.
        quasi: positions of the quasi-identifiers; without any, all rows are one group.
        sensitive: positions of the sensitive columns.
    """
    groups: dict[Row, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        groups[tuple(_comparable(row[place]) for place in quasi)].append(index)
    kept: list[Row] = []
    for members in groups.values():
        if len({subjects[index] for index in members}) < k:
            continue
        if all(_diverse([rows[index][place] for index in members], diversity) for place in sensitive):
            kept += [rows[index] for index in members]
    return sorted(kept, key=_content)


def _comparable(value: Any) -> Any:
    return repr(value) if isinstance(value, list | dict) else value


def _diverse(values: Sequence[Any], least: int) -> bool:
    different = {repr(value) for value in values if value is not None}
    return not different or len(different) >= least


def _content(row: Row) -> tuple[tuple[bool, str], ...]:
    """Order rows by what they say, so that their order tells nothing else."""
    return tuple((value is not None, str(value)) for value in row)
