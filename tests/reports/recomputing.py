"""The figures of a report once more: by plain SQL, and by reading the log entry by entry."""

from collections import Counter
from datetime import UTC, datetime
from statistics import median
from typing import Any

from cdp.bootstrap import Platform
from cdp.services.reports.figures import Period
from cdp.terms import Sensitivity
from tests.reports.test_figures import log_before, sql

OPEN = "('received', 'taken', 'paused')"
YEAR = 365 * 86_400
Rows = list[tuple[Any, ...]]


REAL = "customer_id IN (SELECT customer_id FROM was_there)"
"""The condition that a row is about somebody: whoever makes the store keeps in that table who was there first."""


def rounded(count: int) -> int | None:
    return count // 10 * 10 or None


def filled(platform: Platform) -> Rows:
    """Entity, field, tag, shape, how many have it, of how many; of the first shape that has a column."""
    rows: Rows = []
    for entity in platform.in_force().catalogue.entities.values():
        of = f'SELECT count(*) FROM "{entity.name}" WHERE {REAL}'
        columns = columns_of(platform, entity.name)
        ((all_rows,),) = sql(platform, of)
        for field in entity.fields.values():
            names = {"clear": field.name, "masked": f"{field.name}__masked", "general": f"{field.name}__general"}
            shape = next((shape for shape, name in names.items() if name in columns), None)
            count = sql(platform, f'{of} AND "{names[shape]}" IS NOT NULL')[0][0] if shape else 0
            rows.append((entity.name, field.name, str(field.sensitivity), shape, count, all_rows if shape else 0))
    return rows


def columns_of(platform: Platform, table: str) -> list[str]:
    with platform._database.reading() as conn:
        return list(conn.exec_driver_sql(f'SELECT * FROM "{table}" LIMIT 1').keys())


def share(count: int, rows: int) -> int | None:
    return 100 * (count // 10 * 10) // (rows // 10 * 10) if count >= 10 and rows >= 10 else None


def profile(platform: Platform, _period: Period) -> dict[str, Rows]:
    found, ages = filled(platform), []
    tags = []
    for tag in map(str, Sensitivity):
        known = [row for row in found if row[2] == tag and row[3]]
        count, rows = sum(row[4] for row in known), sum(row[5] for row in known)
        tags.append((tag, len(known), rounded(count), share(count, rows)))
    now = int(datetime.now(UTC).timestamp())
    for entity in platform.in_force().catalogue.entities:
        for age, bounds in (
            ("under_1_year", f"> {now - YEAR}"), ("1_to_2_years", f"BETWEEN {now - 2 * YEAR + 1} AND {now - YEAR}"),
            ("2_to_3_years", f"BETWEEN {now - 3 * YEAR + 1} AND {now - 2 * YEAR}"),
            ("over_3_years", f"<= {now - 3 * YEAR}"), ("age_unknown", "IS NULL"),
        ):  # fmt: skip
            ((count,),) = sql(platform, f'SELECT count(*) FROM "{entity}" WHERE {REAL} AND cdp__collected {bounds}')
            ages.append((entity, age, rounded(count)))
    return {
        "profile.fill": [(*row[:4], rounded(row[4]), share(*row[4:])) for row in found],
        "profile.fill_by_tag": tags,
        "profile.age": ages,
    }


def model(platform: Platform, _period: Period) -> dict[str, Rows]:
    entities = platform.in_force().catalogue.entities.values()
    tags = Counter(str(field.sensitivity) for each in entities for field in each.fields.values())
    counts = [sql(platform, f'SELECT count(*) FROM "{each.name}" WHERE {REAL}')[0][0] for each in entities]
    return {
        "model.tags": [(str(tag), tags[str(tag)]) for tag in Sensitivity],
        "model.entities": [
            (each.name, each.belongs_to, len(each.fields), count) for each, count in zip(entities, counts, strict=True)
        ],
    }


def accesses(platform: Platform, period: Period) -> dict[str, Rows]:
    log = log_before(platform)
    entries = [each for each in log if period.since <= each["at"][:10] <= (period.until or "9")]
    acts = [each for each in entries if not each.get("chunk")]

    def of(kind: str, **said: str) -> list[dict[str, Any]]:
        return [
            each for each in acts
            if each["what"] == kind and all(each.get(name, "") == wanted for name, wanted in said.items())
        ]  # fmt: skip

    def rows(kind: str, **said: str) -> int:
        whole = [each for each in entries if all(each.get(name, "") == wanted for name, wanted in said.items())]
        return sum(each.get("rows", 0) for each in whole if each["what"] == kind)

    def last(**said: str) -> str:
        return max(each["at"] for each in entries if all(each.get(name, "") == wanted for name, wanted in said.items()))

    kinds = ("disclosure", "change", "refusal")
    views = sorted({each["view"] for each in acts if each.get("view") and each["what"] != "change"})
    readers = sorted({(each["principal"], each["role"]) for each in acts})
    refused = Counter((each["act"], each["code"], each.get("view", "")) for each in of("refusal"))
    passed = sorted({(each["recipient"], each["view"], each["purpose"]) for each in of("disclosure")
                     if each.get("recipient")})  # fmt: skip
    return {
        "accesses.by_month": [
            (month, *(sum(each["at"][:7] == month for each in of(kind)) for kind in kinds))
            for month in sorted({each["at"][:7] for each in entries})
        ],
        "accesses.by_view": [
            (view, len(of("disclosure", view=view)), rows("disclosure", view=view), len(of("refusal", view=view)))
            for view in views
        ],
        "accesses.by_reader": [
            (name, role or None, *(len(of(kind, principal=name, role=role)) for kind in kinds),
             rows("disclosure", principal=name, role=role), last(principal=name, role=role))
            for name, role in readers
        ],
        "accesses.refusals": [
            (act, code, view or None, count, last(what="refusal", act=act, code=code, view=view))
            for (act, code, view), count in sorted(refused.items())
        ],
        "accesses.log_kept": [(len(log), 0, len(log) - 1, 0)],
        "disclosures.disclosed": [
            (*key, len(of("disclosure", recipient=key[0], view=key[1], purpose=key[2])),
             rows("disclosure", recipient=key[0], view=key[1], purpose=key[2]),
             last(what="disclosure", recipient=key[0], view=key[1], purpose=key[2]))
            for key in passed
        ],
    }  # fmt: skip


def choices(platform: Platform, period: Period) -> dict[str, Rows]:
    names = platform.in_force().catalogue.opt_outs
    counts = [sql(platform, f"SELECT count(*) FROM customer WHERE refused__{each} AND {REAL}")[0][0] for each in names]
    stated = sql(
        platform,
        "SELECT substr(received_at, 1, 7), choice, state, source, count(DISTINCT customer_id) FROM cdp_consent_event "
        f"WHERE choice <> 'profile' AND {REAL} AND substr(received_at, 1, 10) >= '{period.since}' "
        f"AND substr(received_at, 1, 10) <= '{period.until or '9'}' GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
    )
    return {
        "opt_outs.standing": [(name, rounded(count)) for name, count in zip(names, counts, strict=True)],
        "opt_outs.choices": [(*row[:4], rounded(row[4])) for row in stated if row[4] >= 10],
    }


def requests(platform: Platform, period: Period) -> dict[str, Rows]:
    days = f"substr(received_at, 1, 10) >= '{period.since}' AND substr(received_at, 1, 10) <= '{period.until or '9'}'"
    now, clocks = datetime.now(UTC).isoformat(), []
    for kind, regime in sql(platform, f"SELECT kind, regime FROM cdp_request WHERE {days} GROUP BY 1, 2 ORDER BY 1, 2"):
        mine = f"FROM cdp_request WHERE {days} AND kind = '{kind}' AND regime = '{regime}'"
        open_, done = f"{mine} AND state IN {OPEN}", f"{mine} AND state NOT IN {OPEN} AND closed_at IS NOT NULL"
        took = [
            (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).days
            for begin, end in sql(platform, f"SELECT received_at, closed_at {done}")
        ]
        counts = [
            sql(platform, f"SELECT count(*) {each}")[0][0]
            for each in (open_, f"{open_} AND due_at < '{now}'", f"{done} AND closed_at <= due_at",
                         f"{done} AND closed_at > due_at")
        ]  # fmt: skip
        ((due,),) = sql(platform, f"SELECT min(due_at) {open_}")
        clocks.append((kind, regime, *counts, int(median(took)) if took else None, due))
    states = f"SELECT kind, state, count(*) FROM cdp_request WHERE {days} GROUP BY 1, 2 ORDER BY 1, 2"
    return {"requests.request_states": sql(platform, states), "requests.clocks": clocks}


def disclosures(platform: Platform, _period: Period) -> dict[str, Rows]:
    day = datetime.now(UTC).date().isoformat()
    agreements: Rows = []
    given = (
        "SELECT recipient, since, until, purposes, fields, contact, ended_at FROM cdp_agreement ORDER BY agreement DESC"
    )
    for recipient, since, until, purposes, fields, contact, ended in sql(platform, given):
        standing = "ended" if ended else "run_out" if until and until < day else "to_come" if since > day else "holds"
        agreements.append(
            (recipient, standing, since, until, tuple(purposes.split(",")), tuple(fields.split(",")), contact)
        )
    return {
        "disclosures.agreements": agreements,
        "disclosures.notices": sql(
            platform, "SELECT recipient, count(*) FROM cdp_recipient_notice GROUP BY 1 ORDER BY 1"
        ),
        "disclosures.releases": sql(
            platform, "SELECT release, view, k, diversity, size, created_at FROM cdp_release ORDER BY release"
        ),
    }


def readers(platform: Platform, _period: Period) -> dict[str, Rows]:
    now = datetime.now(UTC).isoformat()
    apps = "SELECT name, role, purpose, views, created_at, created_by, expires_at, revoked_at, used_at, confirmed_at"
    staff = "SELECT name, role, created_at, disabled_at, welcomed_at, signed_in_at, confirmed_at"
    return {
        "reach.apps": [
            (*row[:3], tuple(row[3].split(",")), *row[4:7],
             "over" if row[7] or (row[6] and row[6] <= now) else "in_use", *row[8:])
            for row in sql(platform, f"{apps} FROM cdp_app ORDER BY name, created_at")
        ],
        "reach.staff": [
            (name, role, made, "over" if over else "in_use" if welcomed else "invited",
             role in ("privacy_officer", "second_officer", "auditor", "support"), *since)
            for name, role, made, over, welcomed, *since in sql(platform, f"{staff} FROM cdp_staff ORDER BY name")
        ],
    }  # fmt: skip


def declared(platform: Platform, _period: Period) -> dict[str, Rows]:
    alone = "SELECT provenance FROM cdp_provenance_part WHERE part = provenance"
    sets = "SELECT provenance, source, statement, legal_basis, retention FROM cdp_provenance"
    uses = sql(platform, "SELECT provenance, kind, name FROM cdp_provenance_use ORDER BY name")
    rows: Rows = []
    for number, source, statement, basis, retention in sql(
        platform, f"{sets} WHERE provenance IN ({alone}) ORDER BY 1"
    ):
        purposes, recipients = (
            tuple(name for of, what, name in uses if (of, what) == (number, kind)) for kind in ("purpose", "recipient")
        )
        whom = ("anybody",) if "*" in recipients else recipients
        rows.append((number, source, statement or None, basis or None, purposes, whom, retention or None))
    return {"record.declared": rows}


EVERYTHING = (profile, model, accesses, choices, requests, disclosures, readers, declared)
