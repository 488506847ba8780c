"""Strings of the Global Privacy Platform: a header that lists sections, and the sections.

IAB Tech Lab, GPP, "Consent String Specification": `header~section~section`. The header is type 3 (6 bits), version 1
(6 bits) and a range of section ids in Fibonacci code. A section of the US may carry further parts after a dot: one of
type 1 with the bit of Global Privacy Control, or, for the newest states, `SensitiveDataProcessing`.
"""

from collections.abc import Iterable
from typing import Final

from cdp.terms import THIRD_PARTY_DISCLOSURE
from consent.signals.bits import BitReader
from consent.signals.gpp_sections import REFUSES, SECTIONS, SENSITIVE, TCF_EU, USP_V1, Section
from consent.signals.signal import Form, Signal, SignalFault
from consent.signals.tcf import decode_tcf
from consent.signals.usp import decode_usp

GPC: Final = "Gpc"
_TYPE, _VERSION = 3, 1
_GPC_PART: Final = 1
_REFUSED: Final = 1


def decode_gpp(text: str) -> Signal:
    """Return what a string refuses. A section that cannot be read is passed over and named in `fault`.

    Raises:
        SignalFault: the header cannot be read, or lists other sections than there are.
    """
    header, *sections = text.split("~")
    reader = BitReader(header)
    if reader.number(6) != _TYPE:
        raise SignalFault("not_gpp")
    if reader.number(6) != _VERSION:
        raise SignalFault("unknown_version")
    ids = reader.ids()
    if len(ids) != len(sections) or not ids:
        raise SignalFault("other_sections")
    said: list[str] = []
    refused: set[str] = set()
    faults: list[str] = []
    for number, section in zip(ids, sections, strict=True):
        try:
            found = _decode(number, section)
        except SignalFault as fault:
            faults.append(f"{number}:{fault}")
            continue
        said += found.said
        refused.update(found.refused)
    return Signal(Form.GPP, tuple(sorted(refused)), tuple(said), text, " ".join(faults))


def _decode(number: int, text: str) -> Signal:
    if number == TCF_EU:
        return decode_tcf(text)
    if number == USP_V1:
        return decode_usp(text)
    section = SECTIONS.get(number)
    if section is None:
        raise SignalFault("unknown_section")
    core, *parts = text.split(".")
    names = [*_core(section, core), *(name for part in parts for name in _part(section, part))]
    refused = {choice for name in names for choice in REFUSES.get(name, (THIRD_PARTY_DISCLOSURE,))}
    return Signal(Form.GPP, tuple(sorted(refused)), tuple(f"{section.name}.{name}" for name in dict.fromkeys(names)))


def _core(section: Section, text: str) -> Iterable[str]:
    reader = BitReader(text)
    fields = section.versions.get(reader.number(6))
    if fields is None:
        raise SignalFault("unknown_version")
    found = []
    for name, times in fields:
        values = [reader.number(2) for _ in range(times)]
        if name in REFUSES and _REFUSED in values:
            found.append(name)
    return found


def _part(section: Section, text: str) -> Iterable[str]:
    reader = BitReader(text)
    if section.sensitive:
        return [SENSITIVE] if _REFUSED in [reader.number(2) for _ in range(section.sensitive)] else []
    return [GPC] if reader.number(2) == _GPC_PART and reader.number(1) else []
