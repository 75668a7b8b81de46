"""Connections by hand: to send what no client library sends, and to leave when none would."""

import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import raw
from harness import Server

GET = b"GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n"


@contextmanager
def room_for(connections: int) -> Iterator[None]:
    """The process may have so many of them open, and what else it needs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 2 * connections)), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def connect(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), raw.TIMEOUT_S)


def exchange(server: Server, message: bytes) -> bytes:
    """All that comes back for these bytes until the server closes the connection."""
    with connect(server) as connection:
        connection.sendall(message)
        return raw.read_all(connection)


def answers_in(received: bytes) -> Iterator[raw.RawAnswer]:
    """Each of several answers that came one after the other."""
    while received:
        answer = raw.parse(received)
        size = int(answer.headers.get("content-length", 0))
        yield raw.RawAnswer(answer.status, answer.headers, answer.body[:size])
        received = answer.body[size:]


def read_one(connection: socket.socket) -> raw.RawAnswer:
    """One answer on a connection that stays open; it has a body."""
    received = b""
    while True:
        chunk = connection.recv(65536)
        assert chunk, f"closed after {received!r}"
        received += chunk
        head, end, body = received.partition(b"\r\n\r\n")
        if end and len(body) >= int(raw.parse(head + end).headers["content-length"]):
            return raw.parse(received)


def is_closed_within(connection: socket.socket, seconds: float) -> bool:
    """Whether the server ends it, without another byte."""
    connection.settimeout(seconds)
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True
    except TimeoutError:
        return False
