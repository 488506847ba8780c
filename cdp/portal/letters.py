"""The mail with the link, in the language in which it was asked for. It says nothing of her that its way could tell."""

from email.message import EmailMessage

from cdp.pages.language import translations


def sign_in_letter(link: str, language: str) -> EmailMessage:
    """Return the mail, without sender and receiver."""
    words = translations(language).gettext
    letter = EmailMessage()
    letter["Subject"] = words("Your link to sign in")
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday answers to it
    lines = [
        words("You asked for a link to see what we keep about you. Open it in the same browser:"),
        link,
        words("It works once, for 20 minutes. If you did not ask for it, you need not do anything."),
    ]
    letter.set_content("\n\n".join(lines) + "\n")
    return letter
