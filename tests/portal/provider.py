"""A small OpenID provider on a port of this machine; a test says how it goes wrong."""

import json
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "cdp", "s3cret:with/odd+signs"


@dataclass
class Provider:
    """Signs in whoever it is told to; claims, headers and metadata may be made wrong."""

    server: ThreadingHTTPServer
    issuer: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "one"})
    metadata: dict[str, Any] = field(default_factory=dict)
    signed_with: Any = None
    token: str | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    exchanges: list[dict[str, str]] = field(default_factory=list)
    down: bool = False

    def authorize(self, address: str) -> str:
        """What a browser does there, and where it is sent back to."""
        asked = dict(parse_qsl(urlsplit(address).query))
        code = f"code{len(self.codes)}"
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?" + urlencode({"code": code, "state": asked["state"], "iss": self.issuer})

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, dict[str, Any]]:
        if self.down:
            return 503, {}
        if path.endswith("/openid-configuration"):
            told = {
                "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
                "authorization_response_iss_parameter_supported": True,
            }  # fmt: skip
            return 200, told | self.metadata
        if path == "/keys":
            return 200, {"keys": [self.key.as_dict(private=False)]}
        assert (method, path) == ("POST", "/token")
        return self._exchange(headers, {name: value[0] for name, value in parse_qs(body.decode()).items()})

    def _exchange(self, headers: Any, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.exchanges.append(form)
        asked = self.codes.pop(form["code"], None)
        client = b64decode(headers["authorization"].partition(" ")[2]).decode()
        verifier = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
        if (
            asked is None or client != "cdp:s3cret%3Awith%2Fodd%2Bsigns"
            or asked["code_challenge"] != verifier or asked["redirect_uri"] != form["redirect_uri"]
        ):  # fmt: skip
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": "ann", "iat": now, "exp": now + 300, "nonce": asked["nonce"],
            "email": "ann0@example.org", "email_verified": True, "auth_time": now,
        }  # fmt: skip
        claims = {name: value for name, value in (claims | self.claims).items() if value is not None}
        token = self.token or jwt.encode(
            self.header, claims, self.signed_with or self.key, algorithms=[self.header["alg"]]
        )
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": token}


@contextmanager
def provider() -> Iterator[Provider]:
    """A running one."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply(b"")

        def do_POST(self) -> None:
            self.reply(self.rfile.read(int(self.headers["content-length"])))

        def reply(self, body: bytes) -> None:
            status, told = made.answer(self.command, self.path, self.headers, body)
            data = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Provider(server, f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
