"""The catalogue that is in force and the one that is to be: what would change, and changing it.

Design section 4, Versions: `cdp model plan` and `cdp model apply`.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from audit.entries import Principal
from cdp.bootstrap import InForce, Platform
from cdp.catalogue.changes import OPT_OUT_KINDS, Change, compare, reshaped
from cdp.catalogue.model import Catalogue
from cdp.errors import CdpError, Refused, Several, Unavailable
from cdp.services.applying import Applying, Overtaken, Settle, thinned
from cdp.services.statements.publish import hold_to_statement
from cdp.store.changes import Step, plan_steps, sql
from cdp.store.structure import Structure, foreign, generated, in_the_way, missing, structure, structure_query
from cdp.store.tables import build_schema
from views.check import check_policy
from views.effects import effects

Progress = Callable[[int, int], None]

_ATTEMPTS = 5
_SAID = 3


@dataclass(frozen=True)
class ModelPlan:
    """What applying a catalogue would do.

    Attributes:
        changes: the catalogue's, then those of the views of the policy in force.
        rows_to_reshape: how many rows would be written anew.
        drift: where the database is not as the catalogue in force says.
        faults: why the policy in force would not fit any more; while there are any, the catalogue is not applied.
        rewritten: the tables whose files would be written anew, so that what was dropped leaves them; takes space.
        unfinished: the version that is only half applied, if one is.
    """

    changes: tuple[Change, ...]
    rows_to_reshape: int
    drift: tuple[str, ...]
    faults: tuple[CdpError, ...]
    rewritten: tuple[str, ...]
    unfinished: int | None

    @property
    def empty(self) -> bool:
        """Whether the catalogue is in force already."""
        return not self.changes

    @property
    def destroys(self) -> bool:
        """Whether stored values may be lost."""
        return any(change.destroys for change in self.changes)


@dataclass(frozen=True)
class Applied:
    """What applying a catalogue did.

    Attributes:
        version: the version in force.
        reshaped: how many rows this call wrote anew.
        resumed: whether it went on with what an earlier one had begun.
        lost: how many values did not convert, by `entity.field`.
        claimed: how many identifiers are only claimed, because another row has the same one.
    """

    version: int
    reshaped: int
    resumed: bool
    lost: Mapping[str, int] = field(default_factory=dict)
    claimed: int = 0


@dataclass(frozen=True)
class Decided:
    """What was decided about a catalogue that was proposed.

    Attributes:
        over: what it was judged against, and may take the place of.
        settle: what is done besides in the transaction that begins it.
        why: in the words of who proposed it.
    """

    over: InForce
    settle: Settle
    why: str = ""


def plan_model(platform: Platform, catalogue: Catalogue) -> ModelPlan:
    """Return what applying a catalogue would do; changes nothing.

    Raises:
        Unavailable: `not_initialised`, `keystore_foreign`.
        Refused: `parent_changed`.
    """
    in_force, dialect = platform.in_force(fresh=True), platform.door.dialect
    changes = compare(in_force.catalogue, catalogue)
    tables = build_schema(in_force.catalogue, dialect).rows
    steps = plan_steps(in_force.catalogue, catalogue, dialect)
    faults = _faults(in_force, catalogue)
    drift = tuple(_drift(platform, in_force.catalogue))
    return ModelPlan(
        changes=(*_with_sql(changes, (*steps.grow, *steps.shrink), dialect), *_views(in_force, catalogue, faults)),
        rows_to_reshape=sum(platform.door.count(tables[entity]) for entity in reshaped(changes)),
        drift=() if _moved(platform, in_force) else drift,
        faults=faults,
        rewritten=thinned(changes, steps),
        unfinished=platform.force().applying,
    )


def apply_model(
    platform: Platform,
    catalogue: Catalogue,
    *,
    principal: Principal,
    allow_destructive: bool = False,
    progress: Progress = lambda _done, _total: None,
    decided: Decided | None = None,
) -> Applied:
    """Bring a catalogue into force; goes on where an earlier call was cut off. Safe to run twice at once.

    Args:
        allow_destructive: whether stored values may be lost.
        progress: told after each batch how many rows are written anew, and of how many.
        decided: over what, and why, where it was proposed; then rows are written anew by `go_on_applying`.

    Raises:
        Refused: `apply_unfinished`, `destructive_change`, `parent_changed`, `catalogue_drift`; nothing has happened.
        Several: `policy_unfit`, with what of the policy in force does not fit; nothing has happened.
        Unavailable: the database or the keys cannot serve; the same call goes on from there later.
    """
    work = _Work(
        platform, catalogue, principal=principal, allow_destructive=allow_destructive, progress=progress,
        decided=decided,
    )  # fmt: skip
    fault = Unavailable("superseded", "the catalogue or the policy has changed meanwhile", hint="try again")
    for _ in range(_ATTEMPTS):
        try:
            return work.attempt()
        except Overtaken:  # a publication, or another process that does the same: look again where things stand
            continue
        except Unavailable as error:  # once: somebody who was writing as it began waited for us, and we for him
            if error.code != "store_locked" or fault.code == error.code:
                raise
            fault = error
    raise fault


class _Work:
    """One call of `apply_model`, over all its attempts."""

    def __init__(
        self, platform: Platform, catalogue: Catalogue, *, principal: Principal, allow_destructive: bool,
        progress: Progress, decided: Decided | None,
    ) -> None:  # fmt: skip
        self._platform, self._catalogue, self._principal = platform, catalogue, principal
        self._allow_destructive, self._progress = allow_destructive, progress
        self._decided = decided
        self._resumed: bool | None = None
        self._rows, self._claimed, self._lost = 0, 0, Counter[str]()

    def attempt(self) -> Applied:
        """Do what is left to do as things stand now."""
        in_force, version = self._platform.in_force(fresh=True), self._platform.force().applying
        if version is not None and self._platform.catalogue(version) != self._catalogue:
            message = f"version {version} of the catalogue is only half applied"
            raise Refused("apply_unfinished", message, hint="apply that catalogue again first; it goes on where it was")
        if self._resumed is None:
            self._resumed = version is not None
        changes = compare(in_force.catalogue, self._catalogue)
        if version is None and not changes:
            return self._applied(in_force.catalogue_version)
        applying = Applying(self._platform, in_force, self._catalogue, changes, principal=self._principal)
        if version is None:
            self._check(in_force, changes)
            version = self._begin(applying, in_force)
            if self._decided is not None and not applying.at_once:
                return self._applied(version)
        if not applying.at_once:
            self._reshape(applying, version)
            applying.finish(version)
        self._platform.in_force(fresh=True)
        return self._applied(version)

    def _begin(self, applying: Applying, in_force: InForce) -> int:
        if self._decided is None:
            return applying.begin()
        if self._decided.over.versions != in_force.versions:
            raise Unavailable("superseded", "the catalogue or the policy has changed meanwhile", hint="try again")
        return applying.begin(self._decided.settle, why=self._decided.why)

    def _check(self, in_force: InForce, changes: tuple[Change, ...]) -> None:
        if not self._allow_destructive and any(change.destroys for change in changes):
            count = sum(change.destroys for change in changes)
            raise Refused(
                "destructive_change",
                f"{count} of the changes may lose stored values",
                hint="see `cdp model plan`; if they may be lost, apply with `--allow-destructive`",
            )
        faults = _faults(in_force, self._catalogue)
        if faults:
            message = "the policy in force does not fit this catalogue; publish one that fits both first"
            raise Several("policy_unfit", message, list(faults))
        hold_to_statement(self._platform, self._catalogue, in_force.policy)
        drift = list(_drift(self._platform, in_force.catalogue, self._catalogue))
        if drift:
            if _moved(self._platform, in_force):
                raise Overtaken
            more = f" and {len(drift) - _SAID} more" if len(drift) > _SAID else ""
            hint = "somebody has changed it beside this program; bring it back, `cdp model plan` lists what differs"
            raise Refused("catalogue_drift", f"{', '.join(drift[:_SAID])}{more}", path="database", hint=hint)

    def _reshape(self, applying: Applying, version: int) -> None:
        total, done = applying.left(version), 0
        for reshaper in applying.reshapers(version):
            while (batch := applying.reshape(reshaper, version)) is not None:
                done += batch.rows
                self._rows += batch.rows
                self._claimed += batch.claimed
                self._lost.update({f"{reshaper.entity}.{name}": count for name, count in batch.lost.items()})
                self._progress(done, total)

    def _applied(self, version: int) -> Applied:
        return Applied(version, self._rows, bool(self._resumed), dict(self._lost), self._claimed)


def _faults(in_force: InForce, catalogue: Catalogue) -> tuple[CdpError, ...]:
    try:
        check_policy(catalogue, in_force.policy)
    except Several as error:
        return error.faults
    return ()


def _views(in_force: InForce, catalogue: Catalogue, faults: tuple[CdpError, ...]) -> Iterator[Change]:
    for each in effects(in_force.catalogue, catalogue, in_force.policy):
        yield Change(each.kind, each.words, each.entity, each.field)
    for fault in faults:
        yield Change("view_breaks", f"the policy in force no longer fits at `{fault.path}`: {fault.message}")


def _with_sql(changes: tuple[Change, ...], steps: tuple[Step, ...], dialect: str) -> Iterator[Change]:
    """Yield the changes with the statements that are run for each."""
    of_change: dict[int, list[Step]] = {}
    for step in steps:
        of_change.setdefault(_cause(changes, step), []).append(step)
    for index, change in enumerate(changes):
        yield replace(change, sql=sql(of_change.get(index, ()), dialect))


def _cause(changes: tuple[Change, ...], step: Step) -> int:
    """Return the position of the change that a step is for."""
    fitting = [
        index
        for index, change in enumerate(changes)
        if (change.entity, change.field) == (step.entity, step.name) and (change.kind in OPT_OUT_KINDS) == step.flag
    ]
    return fitting[0]


def _moved(platform: Platform, in_force: InForce) -> bool:
    """Return whether the tables are on their way to another catalogue, or there by now."""
    force = platform.force()
    return force.applying is not None or force.catalogue_version != in_force.catalogue_version


def _drift(platform: Platform, catalogue: Catalogue, new: Catalogue | None = None) -> Iterator[str]:
    """Yield where the database differs; with a new catalogue, only what would keep it from being applied."""
    dialect = platform.door.dialect
    there: Structure = structure(platform.door.lookup(structure_query(dialect)))
    wanted = generated(build_schema(catalogue, dialect), dialect)
    yield from missing(there, wanted)
    if new is None:
        yield from foreign(there, wanted)
    else:
        yield from in_the_way(there, wanted, generated(build_schema(new, dialect), dialect))
