"""The reject file: the line, the reason and the field of each fault, and no value of anybody's.

It is on disk before the batch that it speaks of commits. After a crash between the two, lines that were not committed
are cut off when the import goes on.
"""

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cdp.errors import BadInput, Unavailable
from cdp.services.imports.lines import Reject

HEADER: Final = b"line,reason,field\n"
_FLAGS: Final = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class RejectFile:
    """One reject file; it comes into being with the first reject."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def resume(self, last_line: int) -> None:
        """Keep what was committed, about lines up to this one; with 0, begin anew.

        Raises:
            BadInput: `rejects_exists`, when there is another file of this name; it is left alone.
            Unavailable: `rejects_unwritable`, also when the folder does not allow one to be made.
        """
        try:
            if not os.path.lexists(self.path):
                self._probe()
                return
            keep = self._committed(last_line)
            if keep > len(HEADER):
                os.truncate(self.path, keep)
            else:
                self.path.unlink()
        except OSError:
            raise self._unwritable() from None

    def add(self, rejects: Sequence[Reject]) -> None:
        """Append rejects; they are on disk when this returns.

        Raises:
            Unavailable: `rejects_unwritable`.
        """
        if not rejects:
            return
        lines = b"".join(f"{each.line},{each.reason},{each.field}\n".encode() for each in rejects)
        try:
            is_new = not os.path.lexists(self.path)
            descriptor = os.open(self.path, _FLAGS, 0o600)
            with os.fdopen(descriptor, "ab") as file:
                os.fchmod(file.fileno(), 0o600)
                file.write(HEADER + lines if is_new else lines)
                file.flush()
                os.fsync(file.fileno())
            if is_new:
                self._sync_folder()
        except OSError:
            raise self._unwritable() from None

    def _committed(self, last_line: int) -> int:
        """Return how many bytes of the file are about lines up to `last_line`; lines of the file ascend."""
        if not stat.S_ISREG(os.lstat(self.path).st_mode):
            raise self._foreign()
        with self.path.open("rb") as file:
            header = file.readline(len(HEADER))
            if header != HEADER[: len(header)] or (header != HEADER and file.read(1)):
                raise self._foreign()
            keep = len(header)
            while line := file.readline(1_000):
                number = line.partition(b",")[0]
                if not line.endswith(b"\n") or not number.isdigit() or int(number) > last_line:
                    break
                keep += len(line)
        return keep

    def _probe(self) -> None:
        if not os.access(self.path.parent, os.W_OK | os.X_OK):
            raise self._unwritable()

    def _sync_folder(self) -> None:
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _foreign(self) -> BadInput:
        hint = "name another one, or move it away"
        return BadInput("rejects_exists", "this is not a reject file", path=str(self.path), hint=hint)

    def _unwritable(self) -> Unavailable:
        hint = "check its folder and the space on the disk"
        return Unavailable("rejects_unwritable", "the reject file cannot be written", path=str(self.path), hint=hint)
