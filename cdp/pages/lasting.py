"""Until when something is kept, in words: the day, what decides it, what comes then, and what law keeps it longer."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from cdp.pages.language import translations, written_date
from cdp.services.retention.terms import By, Ending, Kept, Term
from cdp.terms import ENGLISH
from views.titles import Titles

_PERIOD: Final = re.compile(r"P?([0-9]+) ?([dwmyDWMY])[a-z]*")


@dataclass(frozen=True, slots=True)
class Lasting:
    """What is said of one value or row; what does not apply is empty.

    Attributes:
        until: the day, or that there is none.
        why: what decides it.
        then: what comes on that day.
        law: the law that keeps it though it is erased, and until when; `short` says the day alone.
        asked: whether her answer is waited for.
    """

    until: str
    why: str = ""
    then: str = ""
    law: str = ""
    short: str = ""
    asked: bool = False


def lasting(term: Term, titles: Titles) -> Lasting:
    """Return what is said of how long something is kept."""
    _ = translations(titles.language).gettext
    law, short = ("", "") if term.kept is None else _law(term.kept, titles)
    ending = term.ending
    if ending is None or ending.until == date.max:
        return Lasting(_("As long as you are a customer, or until you have it erased."), law=law, short=short)
    until = _("Until %(day)s.") % {"day": written_date(ending.until.isoformat(), titles.language)}
    if ending.asked:
        then = _("You were asked whether it is still right; without an answer it is deleted.")
    else:
        then = _("Then you are asked whether it is still right.") if ending.asks else _("Then it is deleted.")
    return Lasting(until, _why(ending, titles.language), then, law, short, asked=ending.asked)


def period(text: str, language: str) -> str:
    """Return a period of the catalogue (`P3Y`, `90 days`) in words."""
    found = _PERIOD.fullmatch(text)
    if found is None:
        return text
    number, ngettext = int(found[1]), translations(language).ngettext
    units = {
        "D": ngettext("%(num)d day", "%(num)d days", number),
        "W": ngettext("%(num)d week", "%(num)d weeks", number),
        "M": ngettext("%(num)d month", "%(num)d months", number),
        "Y": ngettext("%(num)d year", "%(num)d years", number),
    }
    return units[found[2].upper()] % {"num": number}


def _why(ending: Ending, language: str) -> str:
    _ = translations(language).gettext
    said = {
        By.VALUE: _("%(period)s after it was last told us or confirmed"),
        By.ROW: _("%(period)s after it was last told us or confirmed"),
        By.ABOVE: _("together with what it belongs to"),
        By.EVERYTHING: _("%(period)s after we last heard anything from you"),
        By.DECLARED: _("%(period)s, as was said when it was collected"),
    }
    return said[ending.by] % {"period": period(ending.period, language)}


def _law(kept: Kept, titles: Titles) -> tuple[str, str]:
    """Return what is said of a law that keeps something though it is erased, at length and in short."""
    _ = translations(titles.language).gettext
    hold = kept.hold
    said = {
        "reason": hold.reason.get(titles.language) or hold.reason.get(ENGLISH) or next(iter(hold.reason.values())),
        "period": period(hold.period, titles.language),
        "purpose": titles.purpose(hold.purpose),
    }
    if kept.until is None:
        long = _("Even if it is erased, a law keeps it for %(period)s: %(reason)s. For nothing but: %(purpose)s.")
        return long % said, _("by law for %(period)s after an erasure") % said
    said["day"] = written_date(kept.until.isoformat(), titles.language)
    long = _("Even if it is erased, a law keeps it until %(day)s: %(reason)s. For nothing but: %(purpose)s.")
    return long % said, _("by law until %(day)s") % said
