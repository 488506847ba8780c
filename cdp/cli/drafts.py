"""The two files as they lie in the working folder: drafts, until they are brought into force.

Design section 4, Versions: commands that find a file differing from what is in force say so.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cdp.cli.render import note
from cdp.errors import CdpError

if TYPE_CHECKING:
    from cdp.bootstrap import InForce
    from cdp.catalogue.model import Catalogue
    from cdp.config import Settings
    from views.check import Finding
    from views.policy import Policy


_FILE: Final = click.Path(path_type=Path)

catalogue_option = click.option(
    "--catalogue", type=_FILE, metavar="FILE", help="The draft of the catalogue; by default CDP_CATALOGUE."
)
policy_option = click.option(
    "--policy", type=_FILE, metavar="FILE", help="The draft of the policy; by default CDP_POLICY."
)


def draft_settings(
    *, catalogue: Path | None = None, policy: Path | None = None, statement: Path | None = None
) -> "Settings":
    """Return the settings, with the files that the command line names in place of theirs."""
    from cdp.config import load_settings

    named = {"catalogue": catalogue, "policy": policy, "statement": statement}
    return load_settings().model_copy(update={name: path for name, path in named.items() if path})


def load_checked_policy(path: Path, catalogue: "Catalogue") -> "tuple[Policy, list[Finding]]":
    """Read a policy and judge it against a catalogue; faults and findings come with their lines.

    Raises:
        NotFound, BadInput: as `load_policy`.
        Several: the policy does not fit the catalogue.
    """
    from cdp.catalogue.document import parse_document, read_text, validate
    from views.check import check_policy
    from views.policy import Policy

    document = parse_document(read_text(path), path.name)
    policy = validate(Policy, document)
    return policy, check_policy(catalogue, policy, document)


def load_checked_catalogue(path: Path) -> "tuple[Catalogue, list[Finding]]":
    """Read a catalogue; findings come with their lines.

    Raises:
        NotFound, BadInput: as `load_catalogue`.
    """
    from cdp.catalogue.document import parse_document, read_text
    from cdp.catalogue.model import load_catalogue
    from views.check import check_catalogue

    catalogue = load_catalogue(path)
    return catalogue, check_catalogue(catalogue, parse_document(read_text(path), path.name))


def note_drafts(settings: "Settings", in_force: "InForce") -> None:
    """Say on stderr, in one line, which of the two files differs from what is in force."""
    from cdp.catalogue.model import load_catalogue
    from views.policy import load_policy

    differs = []
    if _differs(settings.catalogue, load_catalogue, in_force.catalogue.digest):
        differs.append(f"{settings.catalogue} (see `cdp model plan`)")
    if _differs(settings.policy, load_policy, in_force.policy.digest):
        differs.append(f"{settings.policy} (see `cdp policy check`)")
    if differs:
        note(f"note: not in force: {' and '.join(differs)}")


def _differs(path: Path, load: "Callable[[Path], Catalogue | Policy]", digest: str) -> bool:
    if not path.exists():
        return False
    try:
        return load(path).digest != digest
    except CdpError:
        return True
