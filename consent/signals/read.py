"""All signals of one request: its headers, and what its payload carries.

Global Privacy Control, W3C draft of April 2026: only a `Sec-GPC` that is exactly `1` counts; any other value, and none,
is no opinion. GPP, TCF and US Privacy strings stand in the context of an event, or in its `consent`, under the names
that consent platforms and OpenRTB give them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from cdp.terms import THIRD_PARTY_DISCLOSURE
from consent.regimes.regime import Regime
from consent.signals.banner import read_banner
from consent.signals.gpp import GPC, decode_gpp
from consent.signals.signal import MAX_TEXT, Form, Signal, SignalFault
from consent.signals.tcf import decode_tcf
from consent.signals.usp import decode_usp

HEADER: Final = "sec-gpc"

_NAMES: Final[Mapping[str, tuple[Form, Callable[[str], Signal]]]] = {
    **dict.fromkeys(("gpp", "gppString", "gpp_string"), (Form.GPP, decode_gpp)),
    **dict.fromkeys(("tcf", "tcString", "tc_string", "gdpr_consent"), (Form.TCF, decode_tcf)),
    **dict.fromkeys(("usp", "uspString", "us_privacy"), (Form.USP, decode_usp)),
}


@dataclass(frozen=True, slots=True)
class Refusals:
    """What the signals of one request refuse."""

    signals: tuple[Signal, ...] = ()

    @property
    def has_gpc(self) -> bool:
        """Whether the browser asked by Global Privacy Control not to be sold or shared, by header or within GPP."""
        return any(
            each.form is Form.GPC or any(name.endswith(f".{GPC}") for name in each.said)
            for each in self.signals
            if each.form in {Form.GPC, Form.GPP}
        )

    def choices(self, regime: Regime) -> tuple[str, ...]:
        """Return the choices that are refused, with what a regime adds to Global Privacy Control."""
        refused = {choice for each in self.signals for choice in each.refused}
        return tuple(sorted(refused | (regime.refused_by_gpc if self.has_gpc else frozenset())))


def read_signals(
    headers: Iterable[tuple[str, str]], context: object = None, categories: Mapping[str, str] | None = None
) -> Refusals:
    """Return what a request refuses. Whatever it holds, nothing is raised: what cannot be read says why, and no more.

    Args:
        headers: names and values, a name as often as it came.
        context: the context of an event, as it came.
        categories: by category of the source's banner, the choice that it stands for.
    """
    found: list[Signal] = []
    if any(name.lower() == HEADER and value == "1" for name, value in headers):
        found.append(gpc_signal())
    if isinstance(context, dict):
        consent = context.get("consent")
        for where in (context, consent) if isinstance(consent, dict) else (context,):
            if not _NAMES.keys().isdisjoint(where):
                found += [_decode(name, where[name]) for name in _NAMES if where.get(name) is not None]
        found += read_banner(context, categories or {})
    return Refusals(tuple(dict.fromkeys(found)))


def gpc_signal() -> Signal:
    """Return the signal of a browser that sent `Sec-GPC: 1`."""
    return Signal(Form.GPC, (THIRD_PARTY_DISCLOSURE,), ("Sec-GPC",), "1")


def _decode(name: str, text: object) -> Signal:
    form, decode = _NAMES[name]
    if not isinstance(text, str):
        return Signal(form, fault="not_text")
    if not 0 < len(text) <= MAX_TEXT:
        return Signal(form, fault="empty" if not text else "too_long")
    try:
        return decode(text)
    except SignalFault as fault:
        return Signal(form, raw=text, fault=str(fault))
