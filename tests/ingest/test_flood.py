"""Ten times as much as can be kept: what is acknowledged is kept, the rest waits; refusals and erasures go on."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdp.bootstrap import Platform, create_platform
from cdp.errors import Refused
from cdp.ingest.sources import add_source
from cdp.ingest.spool import Intake
from cdp.services.erase import erase
from cdp.services.opt_out import refuse
from cdp.services.publish import initialise
from cdp.services.verify_log import verify_log
from tests import samples
from tests.ingest import sending
from tests.ingest.sending import drain, of, send, track
from tests.samples import TESTER


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    """A store whose queue holds one MiB."""
    settings = samples.settings(tmp_path / "home", database_url, keys_url).model_copy(update={"spool_mb": 1})
    with create_platform(settings) as made:
        initialise(made, samples.catalogue(sending.CATALOGUE), samples.policy(sending.POLICY), principal=TESTER)
        yield made


def test_ten_times_the_load_is_taken_as_far_as_it_can_be_and_nothing_acknowledged_is_lost(platform: Platform) -> None:
    (ann, bea) = samples.add_people(platform, 2)
    intake, key = Intake(platform), add_source(platform, "web", principal=TESTER)[1]
    taken, refused = [], Counter[str]()
    for body in range(100):  # of a hundred KiB each: ten times as much as there is room for
        events = [track(number=10 * body + each, user=f"u{body % 7}", pad="x" * 10_000) for each in range(10)]
        try:
            send(intake, key, *events)
            taken += events
        except Refused as error:
            refused[error.code] += 1
        if body == 50:
            refuse(platform, ann.customer_id, "direct_marketing", principal=TESTER, word="by phone")
            assert erase(platform, [bea.customer_id], principal=TESTER, reason="she asked")[0].finished
    assert refused.keys() == {"spool_full"}
    assert refused.total() >= 85
    assert of(platform).waiting_bytes < 2 << 20  # one more body than there was room for, at most
    drain(platform)
    found = of(platform)
    assert (found.received, found.folded, found.waiting, found.quarantined) == (len(taken), len(taken), 0, {})
    intake = Intake(platform)  # it looks again after a second; another process looks at once
    send(intake, key, track(number=5_000))
    drain(platform)
    assert of(platform).folded == len(taken) + 1
    verify_log(platform)
