"""Who keeps the log signed: at start, at the end, and every second between (`audit.signing`)."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from audit.anchor import Anchor, Stored
from audit.checkpoint import Checkpoint
from audit.cosignature import WitnessKey
from audit.cosigning import Cosigning
from audit.note import SignerKey, VerifierKey
from audit.outside import Outside
from audit.signing import PERIOD, Signing, SigningState
from cdp.errors import Unavailable

_OTHER_LOG: Final = ("log_forked", "log_rolled_back")


class LogKeeper:
    """Signs for the log of one database and has witnesses cosign.

    Args:
        database: where the log is.
        outside: where the last checkpoint is kept besides.
        signer: the key of the log.
        witnesses: who cosigns, and where they are.
        home: a folder of this machine, for locks.
    """

    def __init__(
        self,
        database: Stored,
        outside: Outside,
        signer: SignerKey,
        witnesses: Sequence[tuple[WitnessKey, str]],
        *,
        home: Path,
    ) -> None:
        self.witnesses = tuple(key for key, _ in witnesses)
        self._anchor = Anchor(database, outside, signer, home=home)
        self._cosigning = Cosigning(database, self._anchor, witnesses)
        self._home = home
        self._signing: Signing | None = None

    @property
    def verifier(self) -> VerifierKey:
        """The public key of the log."""
        return self._anchor.verifier

    @property
    def state(self) -> SigningState:
        """How signing goes, while `running`."""
        return self._signing.state if self._signing else SigningState()

    def check(self) -> None:
        """Do nothing if nobody asked it to run, or its thread does and finds the log to be the one it signed for.

        A place outside that cannot be read or written is no reason to stop (decision 23).

        Raises:
            Unavailable: `keeper_dead`; `log_forked`, `log_rolled_back`, on which no process would start.
        """
        if self._signing is not None and not self._signing.alive:
            hint = "start this process anew"
            raise Unavailable("keeper_dead", "nobody in this process signs for the log any more", hint=hint)
        if self.state.fault in _OTHER_LOG:
            raise Unavailable(self.state.fault, "the log is not the one that was signed for", path="log")

    def hold_to(self, note: bytes) -> Checkpoint:
        """Return the checkpoint that somebody has kept, if the log has grown out of it.

        Raises:
            NoteError, Unavailable: as `Anchor.hold_to`.
        """
        return self._anchor.hold_to(note)

    def sign(self) -> None:
        """Hold the log to what was signed before, and sign for what is new.

        Raises:
            Unavailable: as `Anchor.move`.
        """
        self._anchor.move()

    def cosign(self, *, wait: float = 5.0) -> dict[str, str]:
        """Have the witnesses cosign what was signed; return each one's fault, empty for none."""
        return self._cosigning.ask(wait=wait)

    @contextmanager
    def running(
        self, *, period: float = PERIOD, tell: Callable[[SigningState], object] | None = None
    ) -> Iterator[None]:
        """Sign every second while the block runs, for whatever runs longer than that; `tell` is told how it goes."""
        cosign = self.cosign if self._cosigning else None
        signing = Signing(self.sign, cosign, self._home, period=period, tell=tell)
        self._signing = signing
        signing.start()
        try:
            yield
        finally:
            signing.stop()
            self._signing = None
