"""Categories of a consent banner, as programs send them along.

`context.consent.categoryPreferences` of Segment, `context.consentManagement` of RudderStack. A category stands for the
choice that its source maps it to. One that is allowed, one that is not named, and a context without any say nothing.
"""

from collections.abc import Mapping
from typing import Any, Final

from consent.signals.signal import Form, Signal

MOST: Final = 100
"""So many categories are looked at."""

_LONGEST: Final = 100


def read_banner(context: Mapping[str, Any], categories: Mapping[str, str]) -> list[Signal]:
    """Return the signal of a banner, if the context refuses any category."""
    names = sorted(refused_categories(context))[:MOST]
    if not names:
        return []
    refused = {categories[name] for name in names if name in categories}
    unmapped = [name for name in names if name not in categories]
    return [Signal(Form.BANNER, tuple(sorted(refused)), tuple(names), fault="unmapped_category" if unmapped else "")]


def refused_categories(context: Mapping[str, Any]) -> set[str]:
    """Return the categories that a context refuses."""
    found: set[str] = set()
    consent = context.get("consent")
    preferences = consent.get("categoryPreferences") if isinstance(consent, dict) else None
    if isinstance(preferences, dict):
        found |= {name for name, allowed in preferences.items() if allowed is not True}
    management = context.get("consentManagement")
    denied = management.get("deniedConsentIds") if isinstance(management, dict) else None
    if isinstance(denied, list):
        found |= {name for name in denied if isinstance(name, str)}
    return {name for name in found if 0 < len(name) <= _LONGEST}
