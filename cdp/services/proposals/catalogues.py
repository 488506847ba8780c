"""The catalogue as a kind of document that is proposed, and what one would change, in numbers and in words.

Publishing begins the application in one transaction with the end of the proposal; from then on nothing stops it. Where
rows have to be written anew, the server does it (`cdp.services.go_on_applying`).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from audit.entries import Principal
from cdp.bootstrap import InForce, Platform
from cdp.catalogue.changes import Change, compare
from cdp.catalogue.document import parse_document, validate
from cdp.catalogue.model import Catalogue
from cdp.errors import CdpError, Several
from cdp.services.model import Decided, ModelPlan, apply_model, plan_model
from cdp.services.proposals.dump import to_yaml
from cdp.services.proposals.kinds import Judged, Settle
from cdp.services.proposals.records import proposals_of_versions
from cdp.services.statements.publish import hold_to_statement
from views.check import check_policy
from views.effects import Effect as Seen, effects

NAME: Final = "catalogue.yaml"
WIDENS: Final = "view_widens"
OF_VIEWS: Final = (WIDENS, "view_narrows", "view_changes", "view_breaks")


class CatalogueDocument:
    """Drafts of the catalogue.

    Args:
        allow_destructive: whether stored values may be lost: whoever publishes has said so in so many words.
    """

    kind = "catalogue"

    def __init__(self, *, allow_destructive: bool = False) -> None:
        self._allow_destructive = allow_destructive

    def version(self, in_force: InForce) -> int:
        """As `Document.version`."""
        return in_force.catalogue_version

    def judge(self, platform: Platform, in_force: InForce, text: str) -> Judged:
        """As `Document.judge`."""
        catalogue = parse_catalogue(text)
        compare(in_force.catalogue, catalogue)  # raises, where rows would not know to which row they belong
        findings = tuple(check_policy(catalogue, in_force.policy))
        hold_to_statement(platform, catalogue, in_force.policy)
        wider = any(each.kind == WIDENS for each in effects(in_force.catalogue, catalogue, in_force.policy))
        return Judged(findings, wider, same=catalogue == in_force.catalogue)

    def publish(
        self, platform: Platform, in_force: InForce, text: str, *, principal: Principal, why: str, settle: Settle
    ) -> int:
        """As `Document.publish`.

        Raises:
            Refused: `destructive_change`, `apply_unfinished`, `catalogue_drift`.
        """
        decided = Decided(in_force, settle, why)
        return apply_model(
            platform, parse_catalogue(text), principal=principal, allow_destructive=self._allow_destructive,
            decided=decided,
        ).version  # fmt: skip


CATALOGUES: Final = CatalogueDocument()


@dataclass(frozen=True)
class Effect:
    """What a draft would change.

    Attributes:
        plan: what applying it would do; None while it is no catalogue.
        faults: what keeps it from coming into force.
        seen: what becomes of the columns of views.
    """

    plan: ModelPlan | None
    faults: tuple[CdpError, ...]
    seen: tuple[Seen, ...] = ()

    @property
    def changes(self) -> tuple[Change, ...]:
        """What changes of the catalogue itself; what destroys comes first."""
        found = [each for each in self.plan.changes if each.kind not in OF_VIEWS] if self.plan else []
        return tuple(sorted(found, key=lambda each: not each.destroys))

    @cached_property
    def of_views(self) -> tuple[Seen, ...]:
        """What becomes of views; what widens comes first."""
        return tuple(sorted(self.seen, key=lambda each: OF_VIEWS.index(each.kind)))

    @cached_property
    def views(self) -> dict[str, int]:
        """How many views widen, narrow, and show something else; one that widens counts as nothing else."""
        kinds: dict[str, str] = {}
        for each in self.of_views:
            kinds.setdefault(each.view, each.kind)
        return {kind: list(kinds.values()).count(kind) for kind in OF_VIEWS[:3]}

    @property
    def rows(self) -> int:
        """How many rows are written anew."""
        return self.plan.rows_to_reshape if self.plan else 0

    @property
    def destroys(self) -> bool:
        """Whether stored values may be lost."""
        return self.plan is not None and self.plan.destroys


def parse_catalogue(text: str) -> Catalogue:
    """Return a draft as a catalogue.

    Raises:
        BadInput, Several: it is malformed; each fault with its line.
    """
    return validate(Catalogue, parse_document(text, NAME))


def effect_of(platform: Platform, text: str) -> Effect:
    """Return what a draft would change, and what keeps it from coming into force.

    Raises:
        Unavailable: `catalogue_applying`.
    """
    in_force = platform.in_force(fresh=True)
    try:
        catalogue = parse_catalogue(text)
        plan = plan_model(platform, catalogue)
    except Several as error:
        return Effect(None, error.faults)
    except CdpError as error:
        if error.code == "catalogue_applying":
            raise
        return Effect(None, (error,))
    seen = tuple(effects(in_force.catalogue, catalogue, in_force.policy))
    if plan.faults:
        return Effect(plan, plan.faults, seen)
    try:
        hold_to_statement(platform, catalogue, in_force.policy)
    except Several as error:
        return Effect(plan, error.faults, seen)
    return Effect(plan, (), seen)


def catalogue_text(platform: Platform, version: int) -> str:
    """Return a version as YAML: as it was typed, where it was; else written out from what is kept."""
    proposed = proposals_of_versions(platform, CatalogueDocument.kind, [version]).get(version)
    return proposed.text if proposed else to_yaml(platform.catalogue(version))
