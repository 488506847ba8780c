"""A store of synthetic customers on the engine of the store that is open; nothing in that one is touched.

On SQLite it is a folder beside the data, on PostgreSQL a schema of the same database that goes afterwards. Nobody who
is in the real store is made to refuse anything for a measurement.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from sqlalchemy import make_url

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import Platform, create_platform
from cdp.catalogue.model import Catalogue
from cdp.config import Settings
from cdp.services.provenance.declare import unstated
from cdp.services.publish import initialise
from cdp.store.provenance import Origin, intern, seconds
from cdp.store.records import Stored
from cdp.store.write import Writer
from cdp.terms import CUSTOMER, DIRECT_MARKETING
from consent.arrivals import Newcomer, create_customers
from views.policy import Policy

VIEW: Final = "letter"
ROLE: Final = "reader"

_CATALOGUE: Final[dict[str, Any]] = {
    "entities": {CUSTOMER: {"fields": {"email": {"type": "text", "category": "user.contact.email", "mask": "email"}}}}
}
_POLICY: Final[dict[str, Any]] = {
    "roles": [ROLE],
    "purposes": {"marketing": {"legal_basis": "consent", "subject_to": [DIRECT_MARKETING]}},
    "views": {VIEW: {"kind": "opt_out", "purpose": "marketing", "roles": [ROLE], "fields": ["email"]}},
}


@contextmanager
def scratch(platform: Platform, people: int, *, principal: Principal) -> Iterator[tuple[Platform, list[Stored]]]:
    """Yield a store with so many customers, none of whom has refused anything."""
    home = platform.settings.home.absolute()
    with (
        TemporaryDirectory(prefix="latency-", dir=home if home.is_dir() else None) as folder,
        _url(platform, Path(folder), principal) as url,
    ):
        keys, kek = f"sqlite:///{folder}/keys.db", f"file:{folder}/kek"
        settings = Settings(home=Path(folder), database_url=url, keys_url=keys, kek=kek, checkpoints="", witnesses="")
        with create_platform(settings) as made:
            catalogue, policy = Catalogue.model_validate(_CATALOGUE), Policy.model_validate(_POLICY)
            initialise(made, catalogue, policy, principal=principal)
            yield made, _filled(made, people, principal)


def _filled(platform: Platform, people: int, principal: Principal) -> list[Stored]:
    in_force = platform.in_force(fresh=True)
    writer = Writer(
        in_force.catalogue, in_force.catalogue.entities[CUSTOMER], version=in_force.catalogue_version,
        vault=platform.vault, dialect=platform.door.dialect,
    )  # fmt: skip
    with platform.door.record(Entry("change", "measure_latency", principal, in_force.versions)) as change:
        at = timestamp()
        origin = Origin(intern(change.conn, unstated(in_force.policy, ROLE), at=at), seconds(at))
        newcomers = [Newcomer({"email": f"nobody{number}@example.org"}, origin=origin) for number in range(people)]
        created = create_customers(
            change.conn, writer, newcomers, catalogue=in_force.catalogue, regimes=in_force.policy.regime,
            at=at, actor=principal.name,
        )  # fmt: skip
        change.subjects += [row.ordinal for row in created]
    return created


@contextmanager
def _url(platform: Platform, folder: Path, principal: Principal) -> Iterator[str]:
    """Yield the URL of an empty place for the store."""
    if platform.door.dialect == "sqlite":
        yield f"sqlite:///{folder}/data.db"
        return
    name, entry = f"cdp_latency_{uuid.uuid4().hex}", Entry("change", "measure_latency", principal, None)
    with platform.door.record(entry) as change:
        change.conn.exec_driver_sql(f"CREATE SCHEMA {name}")
    try:
        url = make_url(platform.settings.data_url).update_query_dict({"options": f"-csearch_path={name}"})
        yield url.render_as_string(hide_password=False)
    finally:
        with platform.door.record(entry) as change:
            change.conn.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")
