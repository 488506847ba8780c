"""The mail with the link, in the language in which it was asked for. It says nothing of her that its way could tell."""

from cdp.pages.language import translations
from cdp.services.letters.write import Letter


def sign_in_letter(link: str, language: str) -> Letter:
    """Return the mail with a link."""
    words = translations(language).gettext
    lines = [
        words("You asked for a link to see what we keep about you. Open it in the same browser:"),
        link,
        words("It works once, for 20 minutes. If you did not ask for it, you need not do anything."),
    ]
    return Letter(words("Your link to sign in"), "\n\n".join(lines) + "\n")
