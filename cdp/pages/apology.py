"""What a page says of an error where its edge has nothing more exact to say."""

from cdp.errors import BadInput, CdpError, NotFound, Refused
from cdp.pages.language import translations


def apology(error: CdpError, language: str) -> tuple[str, str]:
    """Return a title and what to do, in a language; never what was sent."""
    words = translations(language).gettext
    match error:
        case NotFound() | BadInput(code="method_not_allowed"):
            return words("There is no such page"), words("The address may be old or mistyped.")
        case Refused(code="foreign_form"):
            return words("Please do that once more"), words("The page was too old, or not from here.")
        case BadInput(code="bad_page_form" | "too_large"):
            message = words(
                "It is too long, or holds signs that are no text. Go back in your browser: it may still be there."
            )
            return words("We could not read what you sent"), message
    return words("This did not work"), words("Please try again in a moment.")
