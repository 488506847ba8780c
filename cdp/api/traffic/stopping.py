"""A stop that is asked for: what is being answered may go on for a grace time, then long answers break where it shows.

The server calls `ask` when it is told to stop. Readiness says no from then on. A long answer asks `check` between two
chunks: what has been handed out is whole and on the log, and the answer ends as one that is broken.
"""

import asyncio

from cdp.errors import Unavailable


class Stopping:
    """Whether this process is to stop."""

    def __init__(self, grace: float) -> None:
        self._grace = grace
        self.asked = False
        self._over = False

    def ask(self) -> None:
        """Begin to stop; called on the event loop."""
        if not self.asked:
            self.asked = True
            asyncio.get_running_loop().call_later(self._grace, self._end)

    def check(self) -> None:
        """Do nothing while a long answer may go on.

        Raises:
            Unavailable: `stopping`.
        """
        if self._over:
            raise Unavailable("stopping", "the server is stopping", hint="ask again")

    def _end(self) -> None:
        self._over = True
