"""Ten times as much as is folded, for a minute: what clients are answered, what memory it takes, and what is lost.

    python -m tests.bench.flood [SECONDS] [TIMES] [SQLite or PostgreSQL URL]

First it measures how many events per second are folded, then it sends that many times `TIMES`, whatever is answered,
and meanwhile lets one person refuse and another be erased. Run by hand; it asserts only that nothing acknowledged is
lost.
"""

import asyncio
import base64
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from statistics import quantiles

from cdp.bootstrap import Platform, create_platform
from cdp.ingest.sources import add_source
from cdp.ingest.status import status
from cdp.services.erase import erase
from cdp.services.opt_out import refuse
from cdp.services.publish import initialise
from tests import samples
from tests.api.serving import Served, serve
from tests.bench.events import EVENTS, RUN, _body, post_all
from tests.ingest import sending
from tests.samples import TESTER

QUEUE_MB = 64
CONNECTIONS = 32


class Flood:
    """One run: the statuses of answers and how long they took."""

    def __init__(self, port: int, write_key: str, rate: float, seconds: float) -> None:
        self.statuses: Counter[int] = Counter()
        self.took: list[float] = []
        self._port, self._end, self._pause = port, time.monotonic() + seconds, CONNECTIONS * EVENTS / rate
        basic = base64.b64encode(f"{write_key}:".encode()).decode()
        self._head = f"POST /v1/batch HTTP/1.1\r\nhost: flood\r\nauthorization: Basic {basic}\r\n"
        self._sent = 0

    async def run(self) -> None:
        await asyncio.gather(*(self._connection() for _ in range(CONNECTIONS)))

    async def _connection(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        due = time.monotonic()
        while time.monotonic() < self._end:
            self._sent += 1
            body = _body(self._sent).replace(RUN, b"00flood0")
            begun = time.monotonic()
            writer.write(f"{self._head}content-length: {len(body)}\r\n\r\n".encode() + body)
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(head.partition("content-length:")[2].split("\r\n")[0])
            await reader.readexactly(length)
            self.took.append(time.monotonic() - begun)
            self.statuses[int(head.split()[1])] += 1
            due += self._pause
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        writer.close()


def main(seconds: str = "60", times: str = "10", url: str = "") -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = samples.settings(
            Path(folder) / "home", url or f"sqlite:///{folder}/cdp.db", f"sqlite:///{folder}/keys.db"
        )
        with create_platform(settings) as platform:
            initialise(platform, samples.catalogue(sending.CATALOGUE), samples.policy(sending.POLICY), principal=TESTER)
            people = samples.add_people(platform, 2)
            _, write_key = add_source(platform, "flood", principal=TESTER)
            with serve(platform.settings, CDP_LIMIT_ADDRESS=0, CDP_SPOOL_MB=QUEUE_MB) as served:
                _run(platform, served, write_key, [each.customer_id for each in people], float(seconds), float(times))


def _run(
    platform: Platform, served: Served, write_key: str, people: list[str], seconds: float, times: float
) -> None:  # fmt: skip
    begun = time.monotonic()
    post_all(served.port, write_key, [_body(10**6 + number).replace(RUN, b"00before") for number in range(100)])
    _wait(platform)
    rate = 100 * EVENTS / (time.monotonic() - begun)
    print(f"folded, with all that belongs to it: {rate:,.0f} events/s; sent now: {times * rate:,.0f} events/s")
    flood = Flood(served.port, write_key, times * rate, seconds)

    async def both() -> tuple[float, float]:
        return (await asyncio.gather(flood.run(), asyncio.to_thread(_refuse_and_erase, platform, people, seconds)))[1]

    refused, erased = asyncio.run(both())
    peak = [line.split()[1] for line in Path(f"/proc/{served.process.pid}/status").read_text().splitlines()
            if line.startswith("VmHWM")]  # fmt: skip
    begun = time.monotonic()
    _wait(platform)
    (found,) = status(platform)
    acknowledged = 100 * EVENTS + flood.statuses[200] * EVENTS
    print(f"answers: {dict(flood.statuses)}; peak memory of the server {int(peak[0]) // 1024:,} MiB")
    p50, p99 = (quantiles(flood.took, n=100)[place] * 1000 for place in (49, 98))
    print(f"an answer took {p50:.0f} ms (median), {p99:.0f} ms (99 of 100)")
    print(f"the queue was empty {time.monotonic() - begun:.0f} s later")
    print(f"meanwhile a refusal took {refused * 1000:.0f} ms, an erasure {erased * 1000:.0f} ms")
    print(f"acknowledged {acknowledged:,}, received {found.received:,}, folded {found.folded:,}")
    assert found.received == found.folded + found.duplicate == acknowledged, "an event that was acknowledged is lost"


def _refuse_and_erase(platform: Platform, people: list[str], seconds: float) -> tuple[float, float]:
    time.sleep(seconds / 2)
    begun = time.monotonic()
    refuse(platform, people[0], "direct_marketing", principal=TESTER, word="by phone")
    between = time.monotonic()
    erase(platform, [people[1]], principal=TESTER, reason="she asked")
    return between - begun, time.monotonic() - between


def _wait(platform: Platform) -> None:
    while any(each.waiting for each in status(platform)):
        time.sleep(0.05)


if __name__ == "__main__":
    main(*sys.argv[1:])
