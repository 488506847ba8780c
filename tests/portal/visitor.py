"""Somebody with a browser, as far as HTTP knows one: cookies, forms with their tokens, where a form comes from."""

import re
from dataclasses import dataclass, field
from email import message_from_bytes
from html import unescape
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from cdp.bootstrap import Platform
from cdp.services.mail import outbox
from tests.api.calling import Answer, call

ORIGIN = "http://127.0.0.1:8000"


@dataclass
class Visitor:
    """One browser at one application."""

    app: Any
    language: str = "en"
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, target: str) -> Answer:
        return self._call("GET", target, {})

    def post(self, target: str, form: dict[str, str], **headers: str) -> Answer:
        """Send a form as one of our pages would; headers with `_` for `-`, empty ones are left out."""
        sent = {"content-type": "application/x-www-form-urlencoded", "origin": ORIGIN, "sec-fetch-site": "same-origin"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self._call("POST", target, sent, urlencode(form).encode())

    def press(self, page: str, target: str, **form: str) -> Answer:
        """Open a page and send a form of it."""
        return self.post(target, {"form_token": token(self.get(page)), **form})

    def ask(self, address: str) -> Answer:
        return self.press("/portal/sign-in", "/portal/sign-in", address=address)

    def sign_in(self, platform: Platform, address: str) -> Answer:
        """All the way in, by the link that was sent."""
        self.ask(address)
        link = newest_link(platform)
        secret = link.partition("link=")[2]
        return self.post("/portal/link", {"form_token": token(self.get(f"/portal/link?link={secret}")), "link": secret})

    def _call(self, method: str, target: str, headers: dict[str, str], body: bytes = b"") -> Answer:
        sent = {"accept-language": self.language, **{name: text for name, text in headers.items() if text}}
        if self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = call(self.app, method, target, sent, body)
        for name, value in answer.headers:
            if name == "set-cookie":
                for key, morsel in SimpleCookie(value).items():
                    self.cookies[key] = morsel.value
        self.cookies = {name: value for name, value in self.cookies.items() if value}
        return answer


def token(answer: Answer) -> str:
    """The token of the forms of a page."""
    found = re.search(r'name="form_token" value="([0-9a-f]{64})"', answer.body.decode())
    assert found is not None, answer.status
    return found[1]


def text(answer: Answer) -> str:
    """What a page says, without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.body.decode())).split())


def letters(platform: Platform) -> list[Any]:
    """The mail that was sent, the oldest first."""
    folder = outbox(platform.settings)
    files = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns) if folder.exists() else []
    return [message_from_bytes(path.read_bytes()) for path in files]


def newest_link(platform: Platform) -> str:
    """The link in the newest letter."""
    body = letters(platform)[-1].get_payload(decode=True).decode()
    return re.search(r"https?://\S+", body)[0]
