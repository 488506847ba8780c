"""What the pages say of sources, acts and opt-outs, in the reader's language."""

from cdp.pages.language import translations
from cdp.terms import AUTOMATED_DECISIONS, DIRECT_MARKETING, SENSITIVE_DATA, THIRD_PARTY_DISCLOSURE, Channel
from consent.events import Source
from consent.regimes.regime import RegimeName
from views.titles import as_words


def sources(language: str) -> dict[str, str]:
    """Return what is said of where an act of consent came from."""
    _ = translations(language).gettext
    return {
        Source.PORTAL: _("you, on this page"),
        Source.STAFF: _("our staff, on your word"),
        Source.INGEST: _("what an app told us"),
        Source.IMPORT: _("a file that we took in"),
        Source.SIGNAL: _("a signal of your browser"),
        Source.MERGE: _("another record of yours, put together with this one"),
        Source.RESTORE: _("a restored backup"),
        Source.REGIME: _("the law where you live, until you decide"),
    }


def channels(language: str) -> dict[str, str]:
    """Return what is said of a channel that a choice is bound to."""
    _ = translations(language).gettext
    return {
        Channel.EMAIL: _("by e-mail"),
        Channel.SMS: _("by text message"),
        Channel.PHONE: _("by telephone"),
        Channel.POST: _("by post"),
        Channel.PUSH: _("by notes on your devices"),
    }


def regimes(language: str) -> dict[str, str]:
    """Return what is said of a law that decides until she does; of none, nothing."""
    _ = translations(language).gettext
    return {
        RegimeName.GDPR: _("the General Data Protection Regulation (European Union)"),
        RegimeName.UK_GDPR: _("the UK General Data Protection Regulation"),
        RegimeName.CCPA: _("the California Consumer Privacy Act"),
        RegimeName.PIPL: _("the Personal Information Protection Law (China)"),
        RegimeName.LGPD: _("the Lei Geral de Proteção de Dados (Brazil)"),
    }


def acts(language: str) -> dict[str, str]:
    """Return what is said of the acts in the log."""
    _ = translations(language).gettext
    return {
        "read": _("read"),
        "import": _("taken in from a file"),
        "opt_out": _("refusal recorded"),
        "opt_in": _("refusal taken back"),
        "sign_in": _("signed in"),
        "own_choices": _("looked at the choices"),
        "who_saw": _("looked at who saw you"),
        "export": _("put all of it into one file, or fetched it"),
        "renewal": _("looked at what is old, or answered about it"),
        "retention": _("deleted, or asked about, because its time is over"),
        "log_export": _("took the log's entries about you along"),
        "consent_receipt": _("made a receipt of the choices"),
        "own_provenance": _("looked where it came from"),
        "own_terms": _("looked until when it is kept"),
        "own_unclassified": _("looked at what has no field yet"),
        "own_opened": _("looked at who saw you in full"),
        "own_notices": _("looked for news about the privacy statement"),
        "read_statement": _("read the privacy statement"),
        "see_as": _("looked with the eyes of others"),
        "read_known": _("looked up for that"),
        "break_glass": _("a step of seeing you in full for a short time"),
        "count": _("counted"),
        "request": _("a step of a request of yours"),
        "correction": _("a step of a correction of yours"),
        "read_requests": _("looked at your requests"),
        "send_letters": _("sent a letter to you"),
        "tell_statement": _("wrote to you that the privacy statement has changed"),
        "recipient_notices": _("looked up whom to tell of a correction"),
        "remind": _("was reminded of your request"),
        "write": _("changed"),
        "release": _("counted in a group, without a name"),
        "ask_sign_in": _("made a link to sign in"),
        "sign_out": _("signed out"),
        "own_customer": _("looked at what is kept"),
        "own_passkeys": _("looked at the passkeys, or changed one"),
        "erase": _("erased"),
        "suppress": _("put an address on the list of whom to leave alone"),
        "unsuppress": _("took an address off the list of whom to leave alone"),
        "merge": _("put two records of yours together"),
        "unmerge": _("took two records apart again"),
        "confirm_link": _("decided that two records are one person"),
        "reject_link": _("decided that two records are not one person"),
        "read_links": _("looked whether two records are one person"),
        "read_merges": _("looked at records that were put together"),
        "read_identity": _("looked at what names you"),
        "find_person": _("looked up who you are"),
        "ingest": _("taken in from a program"),
        "consent_standing": _("looked at the choices"),
        "consent_check": _("asked whether you agree"),
        "read_held": _("read what a law keeps"),
        "list_held": _("looked at what a law keeps"),
        "regulation": _("a step of what you asked for through a program"),
        "apply_catalogue": _("brought into a new form"),
        "revert_source": _("undid what a source had said"),
        "change_provenance": _("noted where it came from"),
        "state_choices": _("recorded refusals, and took others back"),
        "consent_show": _("looked at the choices"),
        "consent_history": _("looked at the history of choices"),
        "consent_rebuild": _("computed choices anew from their history"),
        "spread_regimes": _("put in place what the law presumes"),
        "passkey_added": _("added a passkey"),
        "passkey_named": _("named a passkey"),
        "passkey_removed": _("removed a passkey"),
        "passkey_copied": _("ended a passkey that was copied"),
        "session_copied": _("ended a session that was copied"),
        "reread": _("read events anew under another catalogue"),
        "read_recipients": _("looked up who had got what was wrong"),
        "build_release": _("counted in a group, without a name"),
    }


def somebody(principal: str, *, language: str) -> str:
    """Return what is said of whoever did something in no role: what we do by ourselves, people, programs."""
    _ = translations(language).gettext
    kind, _colon, name = principal.partition(":")
    match kind:
        case "service" | "system" | "cdp" | "latency":
            return _("Our system, by itself")
        case "staff":
            return _("One of our staff")
        case "os":
            return _("Who runs our system")
    return as_words(name or kind)


def meanings(language: str) -> dict[str, str]:
    """Return what refusing each of the four opt-outs means."""
    _ = translations(language).gettext
    return {
        DIRECT_MARKETING: _("If you refuse, nobody here may write or call to sell you something."),
        THIRD_PARTY_DISCLOSURE: _("If you refuse, partners get nothing that shows who you are."),
        AUTOMATED_DECISIONS: _("If you refuse, no computer alone decides about you, or scores you."),
        SENSITIVE_DATA: _("If you refuse, health, belief and the like are used for nothing but what the law demands."),
    }
