"""Verifying the log of the store."""

from collections.abc import Sequence
from dataclasses import replace

from audit.cosignature import Policy, WitnessKey
from audit.note import NoteError
from audit.verify_log import Progress, Verified
from cdp.bootstrap import Platform
from cdp.errors import BadInput, Unavailable
from cdp.services.log_public import read_checkpoint


def verify_log(
    platform: Platform,
    progress: Progress = lambda _done, _total: None,
    *,
    witnesses: Sequence[str] = (),
    quorum: int | None = None,
    kept: Sequence[bytes] = (),
) -> Verified:
    """Verify the stored log, that it grew out of checkpoints, and that witnesses cosigned its newest one.

    Args:
        platform: the open store.
        progress: is told how many of how many entries are verified.
        witnesses: verifier keys; without any, no cosignature is demanded.
        quorum: how many of them; all by default.
        kept: signed checkpoints that somebody has kept elsewhere.

    Raises:
        BadInput: `bad_witness`, `bad_checkpoint`.
        Unavailable: `log_broken`, `log_rolled_back`, `log_forked`, `witnesses_missing`.
    """
    policy = _policy(platform, witnesses, quorum)
    verified = _held(platform, platform.door.verify(progress), kept)
    if policy is None:
        return verified
    try:
        checkpoint = policy(read_checkpoint(platform))
    except NoteError as error:
        hint = "wait until the witnesses have answered; if they refuse, ask them what they have seen"
        raise Unavailable("witnesses_missing", str(error), path="log", hint=hint) from None
    needed = len(policy.witnesses) if policy.quorum is None else policy.quorum
    step = f"at least {needed} of {len(policy.witnesses)} witness(es) cosigned the log of {checkpoint.size:,} entries"
    return replace(verified, steps=(*verified.steps, step))


def _held(platform: Platform, verified: Verified, kept: Sequence[bytes]) -> Verified:
    for note in kept:
        try:
            checkpoint = platform.keeper.hold_to(note)
        except NoteError:
            raise BadInput("bad_checkpoint", "this is no checkpoint of this log", path="--checkpoint") from None
        step = f"it grew out of the checkpoint of {checkpoint.size:,} entries that you kept"
        verified = replace(verified, steps=(*verified.steps, step))
    return verified


def _policy(platform: Platform, witnesses: Sequence[str], quorum: int | None) -> Policy | None:
    if not witnesses and quorum is None:
        return None
    try:
        keys = tuple(WitnessKey.parse(each) for each in witnesses)
    except NoteError:
        raise BadInput("bad_witness", "a witness is named by its verifier key", path="--witness") from None
    try:
        return Policy(platform.keeper.verifier, keys, quorum)
    except NoteError as error:
        raise BadInput("bad_witness", str(error), path="--quorum") from None
