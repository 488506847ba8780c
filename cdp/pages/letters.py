"""Letters to customers besides those with links to sign in, in their languages. None says anything of what is kept."""

from email.message import EmailMessage

from cdp.pages.language import translations
from cdp.terms import LANGUAGES


def renewal_letter(address: str) -> EmailMessage:
    """Return the mail that asks whether something is still right: in every language, since nobody knows hers here."""
    subjects, lines = [], []
    for language in LANGUAGES:
        words = translations(language).gettext
        subjects.append(words("Is this still right?"))
        lines += [
            words("Something that we keep about you is old."),
            words("Please look whether it is still right. What you do not answer is deleted by itself."),
        ]
    return _letter(" · ".join(subjects), *lines, address)


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
