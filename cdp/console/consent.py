"""What customers refuse: as it stands, over time, by which law, and how soon a refusal is honoured."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from cdp.console.consent_words import periods, regimes, sources, states
from cdp.console.log.permits import require
from cdp.console.parts import staff_page
from cdp.console.progress import said_of, state_of
from cdp.pages.charts import Chart, draw
from cdp.pages.language import language_of
from cdp.pages.serving import platform_of, to
from cdp.pages.template import HEADERS
from cdp.services.background.jobs import Kind, newest_job
from cdp.services.background.start import start_job
from cdp.services.consent_counts import LEAST, OTHERS, Count, Known, Period, count_consent
from cdp.services.consent_standing import consent_standing
from cdp.services.latency.proof import last_proof
from cdp.services.staff.permissions import Permission
from cdp.services.staff.sessions import Staff
from consent.regimes.chosen import Regimes
from consent.regimes.regime import RegimeName, load_regime

PAGE: Final = "/console/consent"
PERIODS: Final[Sequence[Period]] = ("month", "day", "year")
MOST: Final = 24
"""So many periods are drawn, the newest."""

_ROWS: Final = 60


@dataclass(frozen=True)
class Picture:
    """One choice: its bars, and the rows beside them, the newest first.

    Attributes:
        share: of a hundred who said something in the last period that is shown, how many refused.
    """

    choice: str
    chart: Chart
    rows: list[Count]
    share: int | None
    last: str


async def show(request: Request, staff: Staff) -> Response:
    """Show all of it."""
    platform, language, asked = platform_of(request), language_of(request), request.query_params.get("period")
    period = cast("Period", asked) if asked in PERIODS else PERIODS[0]
    source = request.query_params.get("source", "")
    counts = await run_in_threadpool(
        count_consent, platform, principal=staff.principal, period=period, known=_known(request)
    )
    standing = await run_in_threadpool(consent_standing, platform, principal=staff.principal)
    proof = await run_in_threadpool(last_proof, platform)
    job = await run_in_threadpool(newest_job, platform, Kind.LATENCY)
    known = sorted({each.source for each in counts})
    shown = [each for each in counts if source in ("", each.source)]
    in_force = platform.in_force()
    regime = in_force.policy.regime
    return staff_page(
        request, staff, "consent.html", standing=standing, pictures=pictures(shown), period=period,
        periods=periods(language), proof=proof, job=job, runs=job is not None and job.runs(datetime.now(UTC)),
        measures=staff.account.may(Permission.LOG_READ), said=said_of(job, language) if job else "", least=LEAST,
        others=OTHERS, source=source, known=known, sources=sources(language), states=states(language),
        regimes=regimes(language), laws=_laws(regime), by=regime.by, opt_outs=list(in_force.catalogue.opt_outs),
    )  # fmt: skip


def _known(request: Request) -> Known:
    """Return what this application counted before."""
    state = request.app.state
    if not hasattr(state, "consent_counts"):
        state.consent_counts = Known()
    return cast("Known", state.consent_counts)


async def measure(request: Request, staff: Staff) -> Response:
    """Have it measured how soon a refusal is honoured."""
    platform = platform_of(request)
    await run_in_threadpool(require, platform, staff, Permission.LOG_READ)
    await run_in_threadpool(start_job, platform, Kind.LATENCY, principal=staff.principal)
    return to(f"{PAGE}#latency")


async def state(request: Request, _staff: Staff) -> Response:
    """Say how far it is, for the script of the page."""
    found = await run_in_threadpool(state_of, platform_of(request), Kind.LATENCY, language_of(request))
    return JSONResponse(found, headers=dict(HEADERS))


def pictures(counts: Sequence[Count]) -> list[Picture]:
    """Return a picture of each choice; a period has a bar of refusals and one of what was allowed."""
    by_choice: dict[str, list[Count]] = defaultdict(list)
    for each in counts:
        by_choice[each.choice].append(each)
    return [_picture(choice, found) for choice, found in sorted(by_choice.items())]


def _picture(choice: str, found: Sequence[Count]) -> Picture:
    sums: dict[str, dict[str, int]] = {"refused": defaultdict(int), "allowed": defaultdict(int)}
    for each in found:
        sums[each.state][each.period] += each.customers
    drawn = sorted({each.period for each in found})[-MOST:]
    rows = sorted((each for each in found if each.period >= drawn[0]), reverse=True)[:_ROWS]
    last = drawn[-1]
    refused, said = sums["refused"][last], sums["refused"][last] + sums["allowed"][last]
    return Picture(
        choice, draw(drawn, [sums["refused"], sums["allowed"]]), rows, 100 * refused // said if said else None, last
    )


@dataclass(frozen=True)
class Law:
    """A law in force: what it refuses until she decides, and for which values it holds; without any, for everybody."""

    name: str
    version: int
    refused: list[str]
    values: list[str]


def _laws(regimes: Regimes) -> list[Law]:
    """Return the laws that some customer may have."""
    values: dict[RegimeName, list[str]] = defaultdict(list)
    for value, name in regimes.regimes.items():
        values[name].append(value)
    if not values:
        values[regimes.default or RegimeName.NONE] = []
    found = {name: load_regime(name) for name in values}
    return [Law(name, law.version, sorted(law.refused), values[name]) for name, law in found.items()]
