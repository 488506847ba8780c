"""A document that came into force without its text, as YAML that reads back as the same document.

Published from a file, a version is kept in its canonical form alone; to edit it, it is written out again. What was
typed in the console is kept as it was typed, comments and all.
"""

import json
from typing import Any

import yaml

from cdp.catalogue.document import reads_as_text
from cdp.catalogue.model import Catalogue
from views.policy import Policy

WIDTH = 110


class _Dumper(yaml.SafeDumper):
    """Writes what `cdp.catalogue.document` reads: no aliases, and quotes where a word would be read as no word."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 -- the name is that of PyYAML
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = None if reads_as_text(text) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def to_yaml(document: Policy | Catalogue) -> str:
    """Return a document as YAML, a line for each view or field where it fits."""
    return dump_yaml(json.loads(document.body))


def dump_yaml(data: Any) -> str:
    """Return what a document says, or a part of it, as YAML that reads back as the same."""
    return yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH,
        default_flow_style=None,
    )  # fmt: skip
