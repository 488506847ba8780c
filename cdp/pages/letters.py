"""The letter to staff with a link; those to customers are in `cdp.services.letters`, with their templates."""

from email.message import EmailMessage

from cdp.pages.language import translations


def staff_letter(address: str, language: str) -> EmailMessage:
    """Return the mail with a link by which somebody of staff chooses how she signs in."""
    words = translations(language).gettext
    return _letter(
        words("Your link for the console"),
        words("With this link you choose how you sign in. It works once, for 24 hours:"),
        address,
        words("When you have opened it, password, codes and passkeys of before are over. Did you not ask for it? Then "
              "tell the privacy officer, and open it nowhere."),
    )  # fmt: skip


def _letter(subject: str, *lines: str) -> EmailMessage:
    letter = EmailMessage()
    letter["Subject"] = subject
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday answers to it
    letter.set_content("\n\n".join(lines) + "\n")
    return letter
