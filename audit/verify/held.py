"""The checkpoints that somebody remembers, and that the log of a bundle has to have grown out of.

RFC 9162 section 2.1.4. One that lies within the entries of a bundle is compared as the tree passes its size; any other
needs a consistency proof, which the bundle has for the checkpoints that it was made with.
"""

from dataclasses import dataclass

from audit.bundle import NotVerified
from audit.checkpoint import Checkpoint, parse_checkpoint, verify_checkpoint
from audit.merkle import EMPTY_ROOT, ProofError, verify_consistency
from audit.note import VerifierKey, parse_note


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint with the note that it came in."""

    checkpoint: Checkpoint
    note: bytes

    @property
    def size(self) -> int:
        """How many entries it signs for."""
        return self.checkpoint.size


def earlier(note: bytes, log: VerifierKey) -> Signed:
    """Return an earlier checkpoint of the log. Its name may have changed since; its key may not.

    Raises:
        NoteError: it is not signed by the log.
    """
    origin = parse_checkpoint(parse_note(note)[0]).origin
    return Signed(verify_checkpoint(note, VerifierKey(origin, log.public)), note)


class Held:
    """Checkpoints to which one signed tree is held.

    Args:
        now: the checkpoint of the bundle.
        remembered: earlier ones, verified.
    """

    def __init__(self, now: Signed, remembered: list[Signed]) -> None:
        self._now = now
        self._open = sorted(remembered, key=lambda each: each.size)
        self.compared: list[Signed] = []
        for each in list(self._open):
            if each.size > now.size:
                message = (
                    f"the log has {now.size:,} entries, fewer than the {each.size:,} that it signed for before: "
                    "it was cut, or an old copy was put in its place"
                )
                raise NotVerified("history_cut", message, each.note, now.note)
            if each.size in (0, now.size):
                self.compare(each.size, now.checkpoint.root if each.size else EMPTY_ROOT)

    def sizes(self, first: int, end: int) -> list[int]:
        """Return the sizes between two at which the tree has to be compared, ascending."""
        return sorted({each.size for each in self._open if first <= each.size <= end})

    def compare(self, size: int, root: bytes) -> None:
        """Compare the tree of this size with every checkpoint of it.

        Raises:
            NotVerified: `history_forked`.
        """
        for each in [each for each in self._open if each.size == size]:
            if each.checkpoint.root != root:
                raise self._forked(each)
            self._settle(each)

    def prove(self, size: int, proof: tuple[bytes, ...]) -> None:
        """Hold every checkpoint of this size to the signed tree by a consistency proof.

        Raises:
            NotVerified: `history_forked`.
        """
        new = self._now.checkpoint
        for each in [each for each in self._open if each.size == size]:
            old = each.checkpoint
            try:
                verify_consistency(proof, old_size=old.size, old_root=old.root, new_size=new.size, new_root=new.root)
            except ProofError:
                raise self._forked(each) from None
            self._settle(each)

    def finish(self) -> None:
        """Return if every checkpoint was compared.

        Raises:
            NotVerified: `not_covered`: the bundle has no proof for one of them.
        """
        if self._open:
            size = self._open[0].size
            message = (
                f"the bundle has no proof about the checkpoint of {size:,} entries; "
                "have it exported again with `--checkpoint` and that file"
            )
            raise NotVerified("not_covered", message, self._open[0].note, self._now.note)

    def _settle(self, one: Signed) -> None:
        self._open.remove(one)
        self.compared.append(one)

    def _forked(self, one: Signed) -> NotVerified:
        message = (
            f"the first {one.size:,} entries are not those that the log signed for before: there are two histories"
        )
        return NotVerified("history_forked", message, one.note, self._now.note)
