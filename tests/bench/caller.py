"""A load program: so many connections that are kept, each asking again as soon as it has its answer."""

import asyncio
import re
from collections.abc import Sequence
from http.client import HTTPConnection

CONNECTIONS = 32
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


def ask_all(port: int, targets: Sequence[str], headers: dict[str, str]) -> int:
    """Ask for all targets by `CONNECTIONS` connections; return the bytes of the bodies."""
    return asyncio.run(_ask_all(port, targets, headers))


async def _ask_all(port: int, targets: Sequence[str], headers: dict[str, str]) -> int:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    requests = [f"GET {each} HTTP/1.1\r\nhost: bench\r\n{lines}\r\n".encode() for each in targets]
    shares = [requests[part::CONNECTIONS] for part in range(CONNECTIONS)]
    return sum(await asyncio.gather(*(_ask(port, share) for share in shares)))


async def _ask(port: int, requests: Sequence[bytes]) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    read = 0
    for request in requests:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        match = _LENGTH.search(head)
        assert match is not None
        read += len(await reader.readexactly(int(match[1])))
    writer.close()
    await writer.wait_closed()
    return read


def drain(port: int, target: str, headers: dict[str, str]) -> tuple[int, int]:
    """Read an answer to its end; return its bytes and its line feeds."""
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("GET", target, headers=headers)
    answer = connection.getresponse()
    assert answer.status == 200
    size = lines = 0
    while part := answer.read(1 << 20):
        size += len(part)
        lines += part.count(b"\n")
    connection.close()
    return size, lines
