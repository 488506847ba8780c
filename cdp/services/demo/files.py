"""The folder that the demo keeps to: it makes its own, knows it again, and leaves every other one alone.

Design section 8, `make demo`. Its files lie in that folder, too, so that nothing of the user's is overwritten.
"""

import shutil
from pathlib import Path
from typing import Final

from cdp.config import Settings
from cdp.errors import Refused, Unavailable

MARK: Final = "demo.txt"
_SAYS: Final = "This folder holds the store of `cdp demo`: synthetic customers only. It may be removed at any time.\n"

_HERE: Final = Path(__file__).parent
CATALOGUE: Final = _HERE / "catalogue.yaml"
POLICY: Final = _HERE / "policy.yaml"
STATEMENT: Final = _HERE / "statement.yaml"


def prepare_home(settings: Settings) -> Settings:
    """Return settings that point to the demo's own folder, made if it is not there; drafts in it are kept as they are.

    Raises:
        Refused: `demo_elsewhere`, `demo_foreign_store`; nothing was touched then.
        Unavailable: `demo_unwritable`.
    """
    for name, value in (
        ("DATABASE_URL", settings.database_url),
        ("KEYS_URL", settings.keys_url),
        ("KEK", settings.kek),
    ):
        if value:
            hint = f"run it without CDP_{name}"
            raise Refused("demo_elsewhere", "the demo keeps to a store of its own", path=f"CDP_{name}", hint=hint)
    home = settings.home
    try:
        _claim(home)
        for draft in (CATALOGUE, POLICY, STATEMENT):
            if not (home / draft.name).exists():
                shutil.copyfile(draft, home / draft.name)
    except OSError:
        hint = "set CDP_HOME to a folder that you may write to"
        raise Unavailable("demo_unwritable", "the folder cannot be written", path=str(home), hint=hint) from None
    drafts = {"catalogue": CATALOGUE, "policy": POLICY, "statement": STATEMENT}
    return settings.model_copy(update={name: home / draft.name for name, draft in drafts.items()})


def _claim(home: Path) -> None:
    """Mark a folder as the demo's before anything is put into it: an interrupted demo knows it again."""
    if home.is_dir() and (home / MARK).exists():
        return
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        message = "what is there was not made by the demo, so the demo leaves it alone"
        hint = "give it another folder: `CDP_HOME=.cdp-demo cdp demo`"
        raise Refused("demo_foreign_store", message, path=str(home), hint=hint)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    (home / MARK).write_text(_SAYS)
