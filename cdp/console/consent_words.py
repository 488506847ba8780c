"""What the console says of choices: states, sources, laws, periods, in the reader's language."""

from cdp.pages.language import translations
from consent.regimes.regime import RegimeName


def states(language: str) -> dict[str, str]:
    """Return what is said of a state."""
    _ = translations(language).gettext
    return {"refused": _("refused"), "allowed": _("allowed")}


def periods(language: str) -> dict[str, str]:
    """Return what is said of a length of time."""
    _ = translations(language).gettext
    return {"month": _("by month"), "day": _("by day"), "year": _("by year")}


def sources(language: str) -> dict[str, str]:
    """Return what is said of where a choice came from."""
    _ = translations(language).gettext
    return {
        "portal": _("portal"), "staff": _("staff"), "import": _("import"), "ingest": _("app or event"),
        "regime": _("law"), "signal": _("browser signal"), "merge": _("merge"), "restore": _("restored"),
        "others": _("others together"),
    }  # fmt: skip


def regimes(language: str) -> dict[str, str]:
    """Return what is said of a law."""
    _ = translations(language).gettext
    return {
        RegimeName.NONE: _("no law: nothing is refused until she says so"),
        RegimeName.GDPR: _("the General Data Protection Regulation (European Union)"),
        RegimeName.UK_GDPR: _("the UK General Data Protection Regulation"),
        RegimeName.CCPA: _("the California Consumer Privacy Act"),
        RegimeName.PIPL: _("the Personal Information Protection Law (China)"),
        RegimeName.LGPD: _("the Lei Geral de Proteção de Dados (Brazil)"),
        "strictest": _("the strictest of them, since the region is not known"),
        "others": _("others together"),
    }
