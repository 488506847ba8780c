"""What a source that verifies nothing says of identifiers is claimed wherever it stands, and stops no queue."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from cdp.bootstrap import Platform, create_platform
from cdp.catalogue.model import Catalogue
from cdp.errors import Unavailable
from cdp.ingest import fold, isolate
from cdp.ingest.catch_up import catch_up
from cdp.ingest.sources import add_source
from cdp.ingest.spool import Intake
from cdp.services.identity.decide import list_links
from cdp.services.model import apply_model
from cdp.services.publish import initialise
from cdp.store.platform import IDENTIFIER
from cdp.store.write import NewRow
from tests import samples
from tests.ingest import sending
from tests.ingest.sending import drain, identify, of, send, track

EMAIL = "      email:      {type: text, category: user.contact.email, mask: email, identifier: email}\n"
REF = "      order_ref:   {type: text, sensitivity: none, sent_as: orderId}\n"


def catalogue(*, ref: bool = True, identifies: bool = True) -> Catalogue:
    """One with two addresses of a person, and orders that have a number; both are known by them."""
    assert EMAIL in sending.CATALOGUE
    assert REF in sending.CATALOGUE
    second = EMAIL.replace(" email: ", " work_email: ", 1)
    number = REF.replace("}", ", identifier: order_ref}")
    if not identifies:
        second, number = second.replace(", identifier: email", ""), REF
    text = sending.CATALOGUE.replace(EMAIL, EMAIL + second)
    return samples.catalogue(text.replace(REF, number if ref else ""))


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with create_platform(samples.settings(tmp_path / "home", database_url, keys_url)) as made:
        initialise(made, catalogue(), samples.policy(sending.POLICY), principal=samples.TESTER)
        yield made


def borne(platform: Platform, entity: str, kind: str) -> list[bool]:
    """Whether it is verified, of each identifier of a kind."""
    c = IDENTIFIER.c
    wanted = select(c.verified).where(c.entity == entity, c.kind == kind).order_by(c.verified)
    with platform._database.reading() as conn:
        return [each in (True, 1) for each in conn.execute(wanted).scalars()]


def test_no_field_of_a_kind_holds_what_was_only_claimed(platform: Platform, intake: Intake, write_key: str) -> None:
    (ann,) = samples.add(platform, [NewRow({"email": "ann@example.org"})])
    send(
        intake, write_key, identify(1, "x", work_email="ann@example.org"), identify(2, "y", workEmail="bea@example.org")
    )
    drain(platform)
    assert (of(platform).folded, of(platform).quarantined) == (2, {})
    assert borne(platform, "customer", "email") == [True]
    claims = {(each.link.kind, each.bearer) for each in list_links(platform, principal=samples.TESTER)}
    assert {("email", ann.customer_id), ("email", None)} < claims


def test_an_event_takes_no_identifier_of_another_row(platform: Platform, intake: Intake, write_key: str) -> None:
    shop = add_source(platform, "shop", principal=samples.TESTER, trusted=True)[1]
    for turn, key in enumerate([write_key, shop, shop]):
        send(intake, key, *[track(number=1, user=f"u{each}") | {"messageId": f"{turn} {each}"} for each in range(3)])
        drain(platform)
    assert len(samples.rows_of(platform, "purchases")) == 9
    assert [each.quarantined for each in (of(platform), of(platform, "shop"))] == [{}, {}]
    assert borne(platform, "purchase", "order_ref") == [False] * 8 + [True]


def test_what_is_classified_later_is_claimed_as_well(platform: Platform, intake: Intake, write_key: str) -> None:
    apply_model(platform, catalogue(ref=False), principal=samples.TESTER, allow_destructive=True)
    shop = add_source(platform, "shop", principal=samples.TESTER, trusted=True)[1]
    for key in (write_key, shop):
        send(intake, key, *[track(number=1, user=f"u{each}") | {"messageId": f"{each}"} for each in range(2)])
    drain(platform)
    apply_model(platform, catalogue(), principal=samples.TESTER)
    catch_up(platform)
    assert borne(platform, "purchase", "order_ref") == [False] * 3 + [True]


def test_what_identifies_only_later_is_no_strangers(platform: Platform, intake: Intake, write_key: str) -> None:
    apply_model(platform, catalogue(identifies=False), principal=samples.TESTER, allow_destructive=True)
    shop = add_source(platform, "shop", principal=samples.TESTER, trusted=True)[1]
    for key, email in ((write_key, "ann@example.org"), (shop, "bea@example.org")):
        send(intake, key, identify(1, "u1", workEmail=email), track(number=1))
    samples.add(platform, [NewRow({"work_email": "ann@example.org"})])
    drain(platform)
    apply_model(platform, catalogue(), principal=samples.TESTER)
    assert borne(platform, "customer", "email") == [False, True, True]
    assert borne(platform, "purchase", "order_ref") == [False, True]


def test_a_conflict_that_does_not_pass_stops_no_queue(
    platform: Platform, intake: Intake, write_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = fold.keep

    def keep(conn: Any, in_force: Any, vault: Any, source: Any, kept: Any, *, provenance: int) -> None:
        if any(each.event.message == "m2" for each, _ in kept):
            raise Unavailable("store_conflict", "another change of the database came first")
        real(conn, in_force, vault, source, kept, provenance=provenance)

    monkeypatch.setattr(fold, "keep", keep)
    monkeypatch.setattr(isolate, "PAUSES", (0.0, 0.0))
    send(intake, write_key, track(number=1), track(number=2), track(number=3))
    send(intake, write_key, track(number=4))
    drain(platform)
    found = of(platform)
    assert (found.folded, found.quarantined, found.waiting) == (3, {"poison": 1}, 0)
