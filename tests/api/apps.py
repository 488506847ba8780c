"""Apps of the sample organisation and their tokens."""

import base64
from typing import Any

from cdp.bootstrap import Platform
from cdp.services.apps.register import Registered, register_app
from tests import samples
from tests.api.calling import Answer, call

FORM = {"content-type": "application/x-www-form-urlencoded"}
GRANT = b"grant_type=client_credentials"


def register(platform: Platform, name: str, *views: str, **others: Any) -> Registered:
    return register_app(platform, name, views, principal=samples.TESTER, **others)


def basic(made: Registered) -> dict[str, str]:
    pair = f"{made.app.client_id}:{made.secret}".encode()
    return {"authorization": "Basic " + base64.b64encode(pair).decode()}


def sign_in(app: Any, made: Registered, more: bytes = b"") -> Answer:
    return call(app, "POST", "/oauth/token", {**FORM, **basic(made)}, GRANT + more)


def bearer(app: Any, made: Registered) -> dict[str, str]:
    """The header of a fresh token."""
    return {"authorization": f"Bearer {app.state.tokens.issue(made.app.client_id, made.secret)[0]}"}
