"""What a draft of the policy means, and what is wrong with it, in the reader's words.

A test holds that each effect, and each fault that a policy can have, has its sentence here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from audit.entries import timestamp
from cdp.bootstrap import Platform
from cdp.console.fault_words import Remark, remarks
from cdp.errors import BadInput, CdpError, Several
from cdp.pages.language import translations
from cdp.services.apps.known import list_apps
from cdp.services.proposals.compare import ReaderChange, reader_changes
from cdp.services.proposals.policies import parse_draft, read_draft
from cdp.terms import Shape
from views.check import Finding, check_policy
from views.policy import Policy
from views.policy_effects import PolicyEffect, Way, policy_effects


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, and whether it is about more, less, or something else."""

    way: Way
    text: str


@dataclass(frozen=True, slots=True)
class Effects:
    """What a policy changes: for readers, and in views; `widens` says whether it takes two persons."""

    readers: list[Sentence]
    views: list[Sentence]
    widens: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """What is to be said of a draft; without effects where it cannot be read, or does not fit."""

    faults: list[Remark]
    findings: list[Remark]
    effects: Effects | None
    same: bool

    @property
    def lines(self) -> str:
        """The lines that have a fault, for marks beside them."""
        return " ".join(str(each.line) for each in self.faults if each.line)


def judged_draft(platform: Platform, text: str, language: str) -> Checked:
    """Say what is wrong with a draft, what is odd, and what it would change; changes nothing."""
    in_force = platform.in_force()
    faults: Sequence[CdpError] = ()
    findings: Sequence[Finding] = ()
    try:
        _, findings = read_draft(platform, in_force, text)
    except Several as error:
        faults = error.faults
    except BadInput as error:
        faults = (error,)
    effects, same = None, False
    try:
        policy, _ = parse_draft(text)
        check_policy(in_force.catalogue, policy)
        effects, same = effects_between(platform, in_force.policy, policy, language), policy == in_force.policy
    except BadInput:
        pass  # it is among the faults
    return Checked(remarks(faults, language), remarks(findings, language), effects, same)


def effects_between(platform: Platform, old: Policy, new: Policy, language: str) -> Effects | None:
    """Say what another policy changes; None where one of them does not fit the catalogue in force."""
    catalogue = platform.in_force().catalogue
    try:
        for each in (old, new):
            check_policy(catalogue, each)
    except BadInput:
        return None
    found = list(policy_effects(catalogue, old, new))
    apps, now = list_apps(platform), timestamp(datetime.now(UTC))
    readers = [_reader(each, language) for each in reader_changes(catalogue, old, new, apps, now=now)]
    order = list(Way)
    views = sorted((_effect(each, language) for each in found), key=lambda said: order.index(said.way))
    return Effects(readers, views, any(each.way is Way.WIDENS for each in found))


def shape_word(shape: Shape | None, language: str) -> str:
    """Return what is said of a shape."""
    _ = translations(language).gettext
    words = {None: _("not at all"), Shape.CLEAR: _("in full"), Shape.MASKED: _("masked")}
    return words.get(shape) or _("only roughly")


def _shapes(shapes: Iterable[Shape], language: str) -> str:
    return " + ".join(shape_word(each, language) for each in shapes) or shape_word(None, language)


def _reader(change: ReaderChange, language: str) -> Sentence:
    _ = translations(language).gettext
    app = change.reader.kind == "app"
    names = {
        "reader": change.reader.name, "field": f"{change.entity}.{change.field.name}",
        "before": _shapes(change.before, language), "after": _shapes(change.after, language),
    }  # fmt: skip
    if change.before == change.after:
        text = (
            _("The app %(reader)s would see %(field)s of other people, or in other groups, than now.")
            if app
            else _("The role %(reader)s would see %(field)s of other people, or in other groups, than now.")
        )
    else:
        text = (
            _("The app %(reader)s would see %(field)s %(after)s; now %(before)s.")
            if app
            else _("The role %(reader)s would see %(field)s %(after)s; now %(before)s.")
        )
    return Sentence(Way.WIDENS if change.more else Way.NARROWS, text % names)


def _effect(effect: PolicyEffect, language: str) -> Sentence:
    _ = translations(language).gettext
    shapes = [each.shape if each else None for each in (effect.before, effect.after)]
    names = {
        "view": effect.view, "field": effect.field, "names": ", ".join(effect.names),
        "before": shape_word(shapes[0], language), "after": shape_word(shapes[1], language),
    }  # fmt: skip
    text = effect_words(language)[effect.what]
    if effect.what == "column" and shapes[0] is shapes[1]:
        text = _("The view %(view)s shows %(field)s to those who refused otherwise than now, or in another form.")
    return Sentence(effect.way, text % names)


def effect_words(language: str) -> dict[str, str]:
    """Return the sentence for each effect."""
    _ = translations(language).gettext
    return {
        "view_new": _("There is a new view, %(view)s, for: %(names)s."),
        "view_gone": _("The view %(view)s is gone; these read it now: %(names)s."),
        "view_other": _("The view %(view)s becomes another one under its name; different are: %(names)s."),
        "roles_more": _("The view %(view)s may be read by more roles: %(names)s."),
        "roles_less": _("The view %(view)s may not be read any more by: %(names)s."),
        "rows_more": _("The view %(view)s has people in it again who refused: %(names)s."),
        "rows_less": _("The view %(view)s leaves out people who refused: %(names)s."),
        "rows_owed": _("The view %(view)s rests on a legal obligation: whatever people's data was collected for."),
        "rows_not_owed": _("The view %(view)s rests on no legal obligation any more, but on what was collected."),
        "reason_dropped": _("The view %(view)s asks for no reason any more."),
        "reason_asked": _("The view %(view)s asks for a reason."),
        "groups_smaller": _("The view %(view)s shows smaller or less diverse groups."),
        "groups_larger": _("The view %(view)s shows larger or more diverse groups only."),
        "write_more": _("Through the view %(view)s more may be changed: %(names)s."),
        "write_less": _("Through the view %(view)s this may not be changed any more: %(names)s."),
        "glass_more": _("More roles may ask for the view %(view)s in an emergency: %(names)s."),
        "glass_less": _("Fewer roles may ask for the view %(view)s in an emergency; not any more: %(names)s."),
        "column_new": _("The view %(view)s has %(field)s besides: %(after)s."),
        "column_gone": _("The view %(view)s does not have %(field)s any more."),
        "column": _("The view %(view)s shows %(field)s %(after)s; now %(before)s."),
        "basis": _("The purpose of the view %(view)s rests on another legal basis."),
        "officers_fewer": _("One officer alone would decide what two decide now: %(names)s."),
        "officers_more": _("Two officers would decide: %(names)s."),
        "regime": _("Another regime decides what stands refused before people say anything."),
    }  # fmt: skip
