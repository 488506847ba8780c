"""Making a report: one reading through the door, and then an entry that commits to what was made of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from audit.entries import Entry, Principal, timestamp
from audit.passage import Chunk
from cdp.bootstrap import InForce, Platform
from cdp.services.canaries.known import canary_ids
from cdp.services.reports.figures import ALWAYS, Period, Section, Source
from cdp.services.reports.sections import SECTIONS, chosen

Progress = Callable[[int], object]
FORMAT: Final = "cdp report 1"
_OPTIONS: Final = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


@dataclass(frozen=True)
class Report:
    """The figures, and of what and when they are."""

    made_at: str
    made_by: str
    origin: str
    catalogue: str
    policy: str
    sections: tuple[Section, ...]
    period: Period = ALWAYS

    def encode(self) -> bytes:
        """Return the bytes of `report.json`."""
        said: dict[str, Any] = {
            "format": FORMAT, "made_at": self.made_at, "made_by": self.made_by, "origin": self.origin,
            "catalogue": self.catalogue, "policy": self.policy, **self.period.said(),
            "sections": [each.said() for each in self.sections],
        }  # fmt: skip
        return orjson.dumps(said, option=_OPTIONS)


@dataclass
class _Figures:
    """The sections, for `audit.door.Door.disclose`: all in one transaction, under one entry."""

    platform: Platform
    in_force: InForce
    names: tuple[str, ...]
    now: str
    period: Period
    progress: Progress

    def entry(self, principal: Principal) -> Entry:
        facts = {"sections": list(self.names), **self.period.said()}
        return Entry("disclosure", "report", principal, self.in_force.versions, facts)

    def read(self, conn: Connection, _position: object | None) -> Chunk:
        source = Source(
            conn,
            self.in_force,
            self.now,
            measures_of(self.platform, self.in_force),
            canary_ids(conn, self.platform.vault),
            self.period,
        )
        rows: list[tuple[Section]] = []
        for name in self.names:
            rows.append((SECTIONS[name](source),))
            self.progress(len(rows))
        return Chunk(rows, (), None)


def make_report(
    platform: Platform, *, principal: Principal, sections: Sequence[str] = (), period: Period = ALWAYS,
    progress: Progress = lambda _done: None,
) -> Report:  # fmt: skip
    """Return the figures of some sections, or of all.

    Args:
        period: of which days what happened is counted.
        progress: is told after each section how many are done.

    Raises:
        BadInput: `unknown_section`.
        Unavailable: the database or the log cannot serve.
    """
    names, now, in_force = chosen(sections), timestamp(), platform.in_force(fresh=True)
    reading = _Figures(platform, in_force, names, now, period, progress)
    found = tuple(row[0] for rows in platform.door.disclose(reading, principal) for row in rows)
    return Report(
        now,
        principal.name,
        platform.settings.log_origin,
        in_force.catalogue.digest,
        in_force.policy.digest,
        found,
        period,
    )


def measures_of(platform: Platform, in_force: InForce) -> list[tuple[str, str]]:
    """Return what protects the data here (GDPR Art. 32), as this platform is set up: a name, and its figure."""
    fields = [each for entity in in_force.catalogue.entities.values() for each in entity.fields.values()]
    sealed = sum(each.sealed for each in fields)
    return [
        ("sealed_fields", f"{sealed}/{len(fields)}"),
        ("key_per_customer", ""),
        ("views_only", str(len(in_force.policy.views))),
        ("log_before_rows", ""),
        ("log_signed", platform.keeper.verifier.format()),
        ("witnesses", str(len(platform.keeper.witnesses))),
        ("erasure_by_key", ""),
        ("staff_two_factors", ""),
    ]
