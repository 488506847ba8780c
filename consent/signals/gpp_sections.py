"""Where in the sections of the Global Privacy Platform the refusals stand.

IAB Tech Lab, GPP, the sections of the US: national (usnat) and of the states. A section is a version in 6 bits, then
fields of 2 bits each, some of them several in a row. In all of them 1 refuses: "opted out", or "no consent".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cdp.terms import SENSITIVE_DATA, THIRD_PARTY_DISCLOSURE

TCF_EU: Final = 2
USP_V1: Final = 6

SALE: Final = "SaleOptOut"
SHARING: Final = "SharingOptOut"
ADVERTISING: Final = "TargetedAdvertisingOptOut"
SENSITIVE: Final = "SensitiveDataProcessing"
CHILD: Final = "KnownChildSensitiveDataConsents"
PERSONAL: Final = "PersonalDataConsents"
ADDITIONAL: Final = "AdditionalDataProcessingConsent"

REFUSES: Final[Mapping[str, tuple[str, ...]]] = {
    SALE: (THIRD_PARTY_DISCLOSURE,),
    SHARING: (THIRD_PARTY_DISCLOSURE,),
    ADVERTISING: (THIRD_PARTY_DISCLOSURE,),
    PERSONAL: (THIRD_PARTY_DISCLOSURE,),  # use that is incompatible with what she was told, sale and sharing included
    ADDITIONAL: (THIRD_PARTY_DISCLOSURE,),
    SENSITIVE: (SENSITIVE_DATA,),
    CHILD: (SENSITIVE_DATA, THIRD_PARTY_DISCLOSURE),  # sale and sharing of a child's data, or its use as sensitive
}
"""What a field with the value 1 refuses. Every other field is a notice, or about the transaction."""

Fields = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One section.

    Attributes:
        versions: by version, its fields after the version, with how many values each has.
        sensitive: values of `SensitiveDataProcessing` in a part of its own, as the newest states have it.
    """

    name: str
    versions: Mapping[int, Fields]
    sensitive: int = 0


_MSPA: Final = (("MspaCoveredTransaction", 1), ("MspaOptOutOptionMode", 1), ("MspaServiceProviderMode", 1))


def _national(sensitive: int, child: int) -> Fields:
    return (("notice", 6), (SALE, 1), (SHARING, 1), (ADVERTISING, 1), (SENSITIVE, sensitive), (CHILD, child),
            (PERSONAL, 1), *_MSPA)  # fmt: skip


def _state(name: str, sensitive: int, child: int, *, notices: int = 3, additional: int = 1) -> Section:
    fields = (("notice", notices), (SALE, 1), (ADVERTISING, 1), (SENSITIVE, sensitive), (CHILD, child))
    return Section(name, {1: (*fields, (ADDITIONAL, additional), *_MSPA)})


def _newer(name: str, *, child: int = 1, sensitive: int = 8) -> Section:
    fields = (("MspaCoveredTransaction", 1), ("MspaMode", 1), ("notice", 3), (SALE, 1), (ADVERTISING, 1))
    return Section(name, {1: (*fields, (CHILD, child), (ADDITIONAL, 1))}, sensitive=sensitive)


SECTIONS: Final[Mapping[int, Section]] = {
    7: Section("usnat", {1: _national(12, 2), 2: _national(16, 3)}),
    8: Section(
        "usca",
        {1: (("notice", 3), (SALE, 1), (SHARING, 1), (SENSITIVE, 9), (CHILD, 2), (PERSONAL, 1), *_MSPA)},
    ),
    9: _state("usva", 8, 1, additional=0),
    10: _state("usco", 7, 1, additional=0),
    11: _state("usut", 8, 1, notices=4, additional=0),
    12: _state("usct", 8, 3, additional=0),
    13: _state("usfl", 8, 3),
    14: _state("usmt", 8, 3),
    15: _state("usor", 11, 3),
    16: _state("ustx", 8, 1),
    17: _state("usde", 9, 5),
    18: _state("usia", 8, 1, notices=4, additional=0),
    19: _state("usne", 8, 1),
    20: _state("usnh", 8, 3),
    21: _state("usnj", 10, 5),
    22: _state("ustn", 8, 1),
    23: _state("usmn", 8, 1),
    24: _newer("usmd", child=0, sensitive=0),
    25: _newer("usin"),
    26: _newer("usky"),
    27: _newer("usri"),
}
"""By their ids."""
