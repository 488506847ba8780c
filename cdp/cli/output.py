"""Where the bytes of an answer go: to stdout, or to a file that is there whole or not at all.

POSIX rename(2): a reader of the name sees the old file or the new one, never half of it.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cdp.errors import BadInput, CdpError, Unavailable


@contextmanager
def destination(path: Path | None) -> Iterator[BinaryIO]:
    """Yield what to write to. A file is private (0600), and takes its name only when the block has ended well.

    Raises:
        BadInput: `output_refused`, when no file can be made there.
        Unavailable: `output_failed`, when it cannot be written to the end.
    """
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    part, unfinished = _begin(path)
    try:
        with part:
            yield part
            part.flush()
            os.fsync(part.fileno())
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise _failed(path, error) from None
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _begin(path: Path) -> tuple[BinaryIO, Path]:
    if path.exists() and not path.is_file():  # a rename would put a file in place of /dev/null
        raise BadInput("output_refused", "there is something that is no file", path=str(path))
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", suffix=".part", dir=path.parent)
    except OSError:
        hint = "check that its folder exists and that you may write there"
        raise BadInput("output_refused", "no file can be made there", path=str(path), hint=hint) from None
    return os.fdopen(handle, "wb"), Path(name)


def _failed(path: Path, error: OSError) -> CdpError:
    reason = os.strerror(error.errno).lower() if error.errno else "it cannot be written"
    return Unavailable("output_failed", f"the file could not be written: {reason}", path=str(path))
