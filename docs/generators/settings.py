"""The generated part of `docs/settings.md`: every setting, its default and its meaning."""

from typing import Final

from cdp.config import Settings
from docs.generators.markdown import table

_BY_HOME: Final = {"database_url": "data_url", "keys_url": "key_store_url", "kek": "kek_url"}
"""Settings whose default lies in the home folder, and the property that says where."""


def _settings() -> str:
    prefix = str(Settings.model_config["env_prefix"])
    unset = Settings.model_construct()
    home = str(unset.home.absolute())
    rows = []
    for name, field in Settings.model_fields.items():
        if not field.description:
            raise ValueError(f"the setting {name} says nothing of itself")
        default = getattr(unset, _BY_HOME[name]).replace(home, "$CDP_HOME") if name in _BY_HOME else field.default
        rows.append([f"`{prefix}{name.upper()}`", f"`{default}`", field.description])
    return table(["setting", "default", "meaning"], rows)


PARTS: Final = {"settings": _settings}
