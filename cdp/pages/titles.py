"""The titles of what is in force, for a page: those of the two files, and our own words for opt-outs and staff."""

from typing import cast

from cdp.bootstrap import Platform
from cdp.catalogue.field import Language
from cdp.pages.language import translations
from cdp.terms import AUTOMATED_DECISIONS, DIRECT_MARKETING, SENSITIVE_DATA, THIRD_PARTY_DISCLOSURE
from views.titles import Titles


def titles_of(platform: Platform, language: str) -> Titles:
    """Return the titles in a language of pages."""
    _ = translations(language).gettext
    words = {
        DIRECT_MARKETING: _("Advertising sent to you"),
        THIRD_PARTY_DISCLOSURE: _("Passing your data on to others"),
        AUTOMATED_DECISIONS: _("Decisions made by a computer alone"),
        SENSITIVE_DATA: _("Use of your sensitive data"),
    }
    in_force = platform.in_force()
    return Titles(in_force.catalogue, in_force.policy, cast("Language", language), words, staff_roles(language))


def staff_roles(language: str) -> dict[str, str]:
    """Return what is said of each role of staff."""
    _ = translations(language).gettext
    return {
        "privacy_officer": _("privacy officer"),
        "second_officer": _("second officer"),
        "auditor": _("auditor"),
        "support": _("support"),
    }
