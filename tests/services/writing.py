"""The sample organisation with views that may be written."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from audit.entries import Principal
from cdp.bootstrap import Platform, create_platform
from cdp.services.idempotency import Once, once
from cdp.services.publish import initialise
from tests import samples

ORDERS = "purpose: service, roles: [agent]"
POLICY = (
    samples.POLICY_TEXT
    .replace("clear: [full_name]}", "clear: [full_name], write: [full_name, loyalty]}")
    .replace("needs: [reason]}", "needs: [reason], write: [email, income, religion, birth_date]}")
    .replace("fields: [email, full_name]}", "fields: [email, full_name], write: [email]}")
    .replace("entity: order, purpose: service, roles: [agent]}", f"entity: order, {ORDERS}, write: [paid]}}")
)  # fmt: skip
APP = Principal("app:desk", "agent")


@contextmanager
def store(home: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with create_platform(samples.settings(home, database_url, keys_url)) as platform:
        initialise(platform, samples.catalogue(), samples.policy(POLICY), principal=samples.TESTER)
        yield platform


def key(platform: Platform, text: str, request: bytes = b"", principal: Principal = APP) -> Once:
    return once(platform.vault, principal, text, request or text.encode())
