"""Connections: how they live, what they bear, and how they end."""

import http.client
import random
import select
import signal
import socket
import struct
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
import raw
from answers import assert_alive
from connections import GET, answers_in, connect, exchange, is_closed_within, read_one, room_for
from harness import Server

from tools.dev import processes
from tools.dev.databases import Databases

BODY_LIMIT = 65536
MANY = 1000
REQUEST_TIMEOUT_S = 1
ABORTS = 2000
ABORTING_CLIENTS = 8


@pytest.fixture(scope="module", name="tight")
def fixture_tight(databases: Databases, make_server: Callable[..., Server]) -> Server:
    """A server with small limits."""
    limits = {
        "MAX_CONNECTIONS": "16",
        "MAX_BODY_BYTES": str(BODY_LIMIT),
        "HEAD_TIMEOUT_MS": str(REQUEST_TIMEOUT_S * 1000),
        "IDLE_TIMEOUT_MS": str(REQUEST_TIMEOUT_S * 1000),
    }
    return make_server(databases, **limits).prepare().start()


# How they live.


def test_a_connection_serves_many_requests(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=raw.TIMEOUT_S)
    connection.connect()
    first = connection.sock
    for path, status in (("/healthz", 200), ("/nothing", 404), ("/auth/me", 401)) * 20:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == status
        assert connection.sock is first
    connection.close()


def test_pipelined_requests_are_answered_in_their_order(server: Server) -> None:
    # Every second one goes to a worker and comes back; the ones behind it wait for it.
    ids = [f"pipelined-{number}" for number in range(40)]
    message = b""
    for number, name in enumerate(ids):
        path = "/api/products" if number % 2 else "/healthz"
        closing = "close" if name == ids[-1] else "keep-alive"
        message += (
            f"GET {path} HTTP/1.1\r\nHost: test\r\nX-Request-Id: {name}\r\n"
            f"Connection: {closing}\r\n\r\n"
        ).encode()
    with connect(server) as connection:
        connection.sendall(message)
        answers = list(answers_in(raw.read_all(connection)))
    assert [answer.headers["x-request-id"] for answer in answers] == ids
    assert {answer.status for answer in answers} == {200}


def test_a_request_may_come_byte_by_byte(server: Server) -> None:
    with connect(server) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in GET:
            connection.sendall(bytes([byte]))
        assert read_one(connection).status == 200


def test_a_client_that_has_sent_all_may_say_so(server: Server) -> None:
    with connect(server) as connection:
        connection.sendall(b"GET /api/products HTTP/1.1\r\nHost: test\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        assert raw.parse(raw.read_all(connection)).status == 200


# What they bear.


@pytest.mark.race
def test_clients_that_leave_early_harm_nobody(server: Server) -> None:
    """Some before the answer, some during it, with a reset or without; many jobs are in pools."""

    def leave(number: int) -> None:
        chance = random.Random(number)
        login = b'{"email": "nobody@example.com", "password": "no such person"}'
        requests = {
            "loop": GET,
            "mongo": b"GET /api/products HTTP/1.1\r\nHost: test\r\n\r\n",
            "several": GET + b"GET /api/products?limit=1 HTTP/1.1\r\nHost: test\r\n\r\n" + GET,
            "hash": b"POST /auth/login HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (len(login), login),
        }
        # Hashing is slow, and refused when many want it: a few are enough to be under way.
        kind = chance.choices(list(requests), weights=(4, 8, 4, 1))[0]
        message = requests[kind]
        if chance.random() < 0.1:
            message = message[: chance.randrange(1, len(message))]
        with connect(server) as connection:
            connection.sendall(message)
            if chance.random() < 0.3:
                connection.settimeout(0.01)
                try:
                    connection.recv(chance.choice((1, 65536)))
                except OSError:
                    pass
            if chance.random() < 0.7:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with ThreadPoolExecutor(ABORTING_CLIENTS) as clients:
        list(clients.map(leave, range(ABORTS)))
    assert_alive(server)
    assert server.status("/api/products") == 200


def test_a_thousand_connections_at_once(server: Server) -> None:
    with room_for(MANY), ExitStack() as stack:
        connections = [stack.enter_context(connect(server)) for _ in range(MANY)]
        for connection in connections:
            connection.sendall(GET)
        statuses = [read_one(connection).status for connection in connections]
    assert statuses == [200] * MANY


def test_connections_beyond_the_limit_are_closed_at_once(tight: Server) -> None:
    limit = int(tight.settings["MAX_CONNECTIONS"])
    # What the harness asked with may still be closing.
    kept: list[socket.socket] = []

    def fill() -> bool:
        while len(kept) < limit:
            connection = connect(tight)
            connection.sendall(GET)
            try:
                read_one(connection)
            except (AssertionError, ConnectionError):
                connection.close()
                return False
            kept.append(connection)
        return True

    try:
        assert processes.wait_until(fill, 5)
        with connect(tight) as refused:
            assert is_closed_within(refused, REQUEST_TIMEOUT_S / 2)
    finally:
        for connection in kept:
            connection.close()
    assert processes.wait_until(lambda: tight.status("/healthz") == 200, 5)
    assert processes.wait_until(lambda: "http.connections_refused" in tight.log_text(), 5)


def test_a_body_beyond_the_limit_is_told_so(tight: Server) -> None:
    # The whole body is sent and never read: even so the answer must arrive.
    body = b"x" * (40 * BODY_LIMIT)
    head = "POST /auth/login HTTP/1.1\r\nHost: test\r\n"
    counted = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    chunked = f"{head}Transfer-Encoding: chunked\r\n\r\n{len(body):x}\r\n".encode() + body
    for message in (counted, chunked + b"\r\n0\r\n\r\n"):
        answer = raw.parse(exchange(tight, message))
        assert answer.status == 413
        assert answer.headers["connection"] == "close"
        assert "server" not in answer.headers
    assert_alive(tight)


# How they end.


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /heal", GET[:-2], GET],
    ids=["silent", "half a line", "half a head", "idle"],
)
def test_a_connection_that_waits_too_long_is_closed(tight: Server, sent: bytes) -> None:
    with connect(tight) as connection:
        connection.sendall(sent)
        if sent == GET:
            read_one(connection)
        assert not is_closed_within(connection, REQUEST_TIMEOUT_S / 2)
        assert is_closed_within(connection, REQUEST_TIMEOUT_S * 3)


def test_a_drip_does_not_keep_a_connection(tight: Server) -> None:
    begun = time.monotonic()
    with connect(tight) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: test\r\nX: ")
        while not is_closed_within(connection, 0.1):
            connection.sendall(b"x")
            assert time.monotonic() - begun < REQUEST_TIMEOUT_S * 4


def test_a_second_server_is_told_that_the_port_is_taken(server: Server) -> None:
    second = server.aizy("serve", check=False)
    assert second.returncode != 0
    assert "Address already in use" in second.stderr
    assert_alive(server)


def test_a_stopping_server_finishes_what_is_under_way(
    databases: Databases, make_server: Callable[..., Server]
) -> None:
    stopping = make_server(databases, HASH_WORKERS="1").prepare().start()
    login = b'{"email": "nobody@example.com", "password": "no such person"}'
    head = "POST /auth/login HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
    message = f"{head}Content-Length: {len(login)}\r\n\r\n".encode() + login
    idle = connect(stopping)
    used = connect(stopping)
    used.sendall(GET)
    read_one(used)
    # Ten wait for the one that hashes: when the first is answered, the others are under way.
    logins = [connect(stopping) for _ in range(10)]
    for connection in logins:
        connection.sendall(message)
    answered, _, _ = select.select(logins, [], [], raw.TIMEOUT_S)
    assert answered

    assert stopping.process
    stopping.process.send_signal(signal.SIGTERM)
    assert is_closed_within(idle, 10)
    assert is_closed_within(used, 10)
    answers = [raw.parse(raw.read_all(connection)) for connection in logins]
    assert [answer.status for answer in answers] == [401] * len(logins)
    assert "close" in {answer.headers["connection"] for answer in answers}
    assert stopping.process.wait(10) == 0
    assert stopping.status("/healthz") == 0
    for connection in (idle, used, *logins):
        connection.close()


def test_a_stopping_server_does_not_wait_for_who_never_asks(
    databases: Databases, make_server: Callable[..., Server]
) -> None:
    stopping = make_server(databases, SHUTDOWN_TIMEOUT_MS="1000").prepare().start()
    with connect(stopping) as halfway:
        halfway.sendall(b"GET /healthz HTTP/1.1\r\nHo")
        begun = time.monotonic()
        stopping.stop()
        assert time.monotonic() - begun < 5
        assert is_closed_within(halfway, 1)
