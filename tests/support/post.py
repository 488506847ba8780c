"""A mail server of our own (RFC 5321, as much as a letter takes), which can be down, refuse, and say no goodbye."""

import socket
import socketserver
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.header import decode_header, make_header
from typing import Any


class Post:
    """The server, and what it took."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"smtp://127.0.0.1:{self.port}"
        self.taken: list[Any] = []
        self.asked = 0
        self.refuses: set[str] = set()
        self.goodbye = b"221 bye\r\n"

    def count(self) -> Counter[tuple[str, str]]:
        """How many letters there were, by address and the first word of the subject."""
        subjects = [(str(each["To"]), str(make_header(decode_header(each["Subject"])))) for each in self.taken]
        return Counter((to, subject.split(" ")[0].rstrip(":")) for to, subject in subjects)

    @contextmanager
    def up(self) -> Iterator[None]:
        """Have it answer meanwhile."""
        post = self

        class Talk(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                with suppress(OSError):
                    post._talk(self.rfile, self.wfile.write)

        socketserver.ThreadingTCPServer.allow_reuse_address = True
        with socketserver.ThreadingTCPServer(("127.0.0.1", self.port), Talk) as server:
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
            yield
            server.shutdown()

    def _talk(self, lines: Any, say: Any) -> None:
        self.asked += 1
        say(b"220 here\r\n")
        while line := lines.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                say(b"354 go on\r\n")
                body = b"".join(iter(lines.readline, b".\r\n"))
                self.taken.append(message_from_bytes(body))
            if verb == b"QUIT":
                say(self.goodbye)
                return
            refused = verb == b"RCPT" and any(each.encode() in line for each in self.refuses)
            say(b"550 nobody\r\n" if refused else b"250 good\r\n")
