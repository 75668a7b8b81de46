"""Requests as bytes: targets and bodies that no client library would send."""

import socket
from collections.abc import Mapping
from typing import NamedTuple

from harness import Server

TIMEOUT_S = 30


class RawAnswer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def send(
    server: Server,
    method: str,
    target: bytes | str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> RawAnswer:
    """One request on a connection of its own; the answer is all that comes until it is closed."""
    encoded = target.encode() if isinstance(target, str) else target
    fields = {"Host": f"127.0.0.1:{server.port}", "Connection": "close", **(headers or {})}
    if body:
        fields.setdefault("Content-Length", str(len(body)))
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    message = method.encode() + b" " + encoded + b" HTTP/1.1\r\n" + head.encode() + b"\r\n" + body
    with socket.create_connection(("127.0.0.1", server.port), TIMEOUT_S) as connection:
        connection.sendall(message)
        return parse(read_all(connection))


def read_all(connection: socket.socket) -> bytes:
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
    return received


def parse(received: bytes) -> RawAnswer:
    """Names of headers are in lower case."""
    head, _, body = received.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    assert lines[0].startswith("HTTP/1.1 "), received[:200]
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return RawAnswer(int(lines[0].split()[1]), headers, body)
