"""Sending mail: by SMTP, or into a folder where somebody who tries the platform out finds it.

`CDP_MAIL` is `outbox:` (the folder `outbox` in the home folder, 0700), `outbox:/a/folder`, or
`smtp://user:password@host:port`, `smtps://…` for TLS from the start. Over `smtp://` to another machine STARTTLS is
demanded (RFC 8314). What goes wrong here is told by code, never by the address. What is sent to customers waits
until it is taken: `cdp.services.letters`, and `cdp.services.sign_in.post` for links.
"""

import os
import smtplib
import ssl
import uuid
from contextlib import suppress
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from cdp.config import Settings
from cdp.errors import Unavailable

SECONDS: Final = 20
MAIL_DOMAIN: Final = "cdp.invalid"
REFUSALS: Final = frozenset(
    {
        "SMTPRecipientsRefused",
        "SMTPDataError",
        "SMTPNotSupportedError",
        "ValueError",
        "UnicodeEncodeError",
        "IndexError",
    }
)
"""Faults that are of one letter; any other is of the mail."""

_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def deliver_mail(settings: Settings, address: str, letter: EmailMessage) -> None:
    """Send a letter.

    Raises:
        Unavailable: `mail_unavailable`, with the class of the fault as its path: its text holds addresses.
    """
    letter["Date"] = formatdate()
    if "Message-ID" not in letter:
        letter["Message-ID"] = make_msgid(domain=MAIL_DOMAIN)
    try:
        letter["To"] = address
        letter["From"] = settings.mail_from
        if settings.mail.startswith("outbox:"):
            _keep(settings, letter)
        else:
            _deliver(settings.mail, letter)
    except (OSError, smtplib.SMTPException, ValueError, IndexError) as error:
        hint = "check CDP_MAIL; letters wait, and are sent when it can be reached"
        raise Unavailable(
            "mail_unavailable", "the mail server does not take a letter", path=type(error).__name__, hint=hint
        ) from None


def outbox(settings: Settings) -> Path:
    """Return the folder of the outbox."""
    named = settings.mail.removeprefix("outbox:")
    return Path(named) if named else settings.home.absolute() / "outbox"


def _keep(settings: Settings, letter: EmailMessage) -> None:
    folder = outbox(settings)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder / f"{uuid.uuid4()}.eml", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(letter.as_bytes())


def _deliver(url: str, letter: EmailMessage) -> None:
    parts = urlsplit(url)
    host, tls = parts.hostname or "", ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SECONDS, context=tls)
    else:
        server = smtplib.SMTP(host, parts.port or 25, timeout=SECONDS)
    try:
        if parts.scheme == "smtp" and host not in _HERE:
            server.starttls(context=tls)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(letter)
        with suppress(OSError, smtplib.SMTPException):  # it has the letter; how it says goodbye changes nothing
            server.quit()
    finally:
        server.close()
