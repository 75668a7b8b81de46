"""What each client may take, and that what they take together leaves the others alone."""

import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import raw
from answers import assert_alive
from connections import GET, answers_in, connect, exchange, is_closed_within, read_one
from crowd import CROWD, KINDS
from exposition import Figures
from harness import Server

from tools.dev import processes
from tools.dev.databases import Databases

LIMITS = {
    "MAX_CONNECTIONS_PER_ADDRESS": "40",
    "MAX_HEAD_BYTES": "2048",
    "MAX_HEADERS": "10",
    "HEAD_TIMEOUT_MS": "1000",
    "IDLE_TIMEOUT_MS": "2000",
    "MIN_BYTES_PER_SECOND": "4096",
    "SLOW_GRACE_MS": "1000",
    "BODY_MEMORY_MB": "4",
    "MAX_BODY_BYTES": str(3 << 20),
}
POST = b"POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"


@pytest.fixture(scope="module", name="tight")
def fixture_tight(databases: Databases, make_server: Callable[..., Server]) -> Server:
    return make_server(databases, **LIMITS).prepare().start()


@contextmanager
def several(server: Server, count: int, host: str = "127.0.0.1") -> Iterator[list[socket.socket]]:
    opened: list[socket.socket] = []
    try:
        for _ in range(count):
            opened.append(socket.create_connection(("127.0.0.1", server.port), 10, (host, 0)))
        yield opened
    finally:
        for connection in opened:
            connection.close()


def answers(connection: socket.socket) -> bool:
    connection.sendall(GET)
    try:
        return read_one(connection).status == 200
    except (AssertionError, ConnectionError):
        return False


def is_logged(server: Server, what: str) -> bool:
    """Whether a line counts some of it, now or in a moment."""
    some = re.compile(f'"{what}": [1-9]')
    return processes.wait_until(lambda: some.search(server.log_text()) is not None, 5)


# What a line of the log calls them, and the figure.
CUTS = {
    "slow_heads": "slow_head",
    "large_heads": "large_head",
    "slow_bodies": "slow_body",
    "slow_readers": "slow_reader",
    "body_memory": "body_memory",
}


def is_told(server: Server, cut: str) -> bool:
    figure = Figures(server).of("aizy_http_connections_cut_total", reason=CUTS[cut])
    return is_logged(server, cut) and figure >= 1


# Connections.


def test_one_address_has_so_many_connections_and_others_have_their_own(tight: Server) -> None:
    limit = int(LIMITS["MAX_CONNECTIONS_PER_ADDRESS"])
    with several(tight, limit, "127.0.0.2") as kept:
        assert all(answers(connection) for connection in kept)
        with several(tight, 1, "127.0.0.2") as beyond:
            assert is_closed_within(beyond[0], 5)
        with several(tight, 1, "127.0.0.3") as other:
            assert answers(other[0])
        # A place that is given back is free.
        kept.pop().close()

        def is_let_in() -> bool:
            with several(tight, 1, "127.0.0.2") as again:
                return answers(again[0])

        assert processes.wait_until(is_let_in, 5)
    assert is_logged(tight, "by_address")


def test_a_connection_has_one_request_under_way(server: Server) -> None:
    """Of requests that come at once the second begins when the first is answered."""
    login = b'{"email": "nobody@example.com", "password": "no such person"}'
    slow = (
        b"POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(login), login)
    )
    hashes = 8
    with connect(server) as connection:
        last = GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        connection.sendall(slow * hashes + last)
        received = list(answers_in(raw.read_all(connection)))
    # Were they in the pool together, the last, which needs no pool, would be done first; and no
    # pool with a place for one would take them all.
    assert [answer.status for answer in received] == [401] * hashes + [200]
    ids = [answer.headers["x-request-id"] for answer in received]

    def in_their_order() -> list[str]:
        ended = [line for line in server.log_text().splitlines() if '"http.request"' in line]
        return [name for line in ended for name in ids if f'"{name}"' in line]

    assert processes.wait_until(lambda: len(in_their_order()) == len(ids), 5)
    assert in_their_order() == ids


# Heads.


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"X: " + b"x" * 1900, 200),
        (b"X: " + b"x" * 2048, 400),
        (b"\r\n".join([b"X: 1"] * 8), 200),
        (b"\r\n".join([b"X: 1"] * 9), 400),
    ],
    ids=["large", "too large", "many", "too many"],
)
def test_a_head_may_have_so_many_bytes_and_lines(tight: Server, head: bytes, status: int) -> None:
    message = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + head + b"\r\n\r\n"
    received = list(answers_in(exchange(tight, message)))
    assert [answer.status for answer in received] == [status]


def test_a_head_that_grows_beyond_is_cut_before_its_end(tight: Server) -> None:
    with connect(tight) as connection:
        connection.sendall(GET[:-2] + b"X: " + b"x" * 4096)
        assert is_closed_within(connection, 0.9)
    assert is_told(tight, "large_heads")


@pytest.mark.parametrize("sent", [b"", b"G", GET[:-2]], ids=["nothing", "a byte", "half"])
def test_a_slow_head_is_cut(tight: Server, sent: bytes) -> None:
    with connect(tight) as connection:
        connection.sendall(sent)
        assert not is_closed_within(connection, 0.9)
        assert is_closed_within(connection, 2)
    assert is_told(tight, "slow_heads")


def test_an_idle_connection_is_closed(tight: Server) -> None:
    with connect(tight) as connection:
        assert answers(connection)
        assert not is_closed_within(connection, 1.5)
        assert is_closed_within(connection, 3)


# Bodies.


def test_a_drip_of_a_body_is_cut(tight: Server) -> None:
    begun = time.monotonic()
    with connect(tight) as connection:
        connection.sendall(POST % 100_000)
        while not is_closed_within(connection, 0.1):
            connection.sendall(b"x")
            assert time.monotonic() - begun < 10
    assert time.monotonic() - begun > 0.9
    assert is_told(tight, "slow_bodies")


def test_a_body_that_comes_fast_enough_is_read(tight: Server) -> None:
    # It takes three times as long as the grace.
    with connect(tight) as connection:
        connection.sendall(POST % (6 * 8192))
        for _ in range(5):
            connection.sendall(b"x" * 8192)
            assert not is_closed_within(connection, 0.6)
        connection.sendall(b"x" * 8192)
        connection.settimeout(raw.TIMEOUT_S)
        assert read_one(connection).status in (400, 415)


def test_bodies_share_a_memory_and_the_latest_go_first(tight: Server) -> None:
    """Three of 2 MiB that stop before their last byte; 4 MiB are all there is."""
    size = 2 << 20
    with several(tight, 3) as connections:
        for connection in connections:
            connection.sendall(POST % size + b"x" * (size - 1))
        assert is_closed_within(connections[2], 3)
    assert is_told(tight, "body_memory")
    assert_alive(tight)


# Readers.


def test_a_reader_that_halts_is_cut(tight: Server) -> None:
    with connect(tight) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        # Answers that nobody reads, until no buffer of the kernel takes more.
        asked = b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n" * 2000
        connection.settimeout(15)
        begun = time.monotonic()
        with pytest.raises(OSError):
            while True:
                connection.sendall(asked)
        assert time.monotonic() - begun < 14
    assert is_told(tight, "slow_readers")


# All of them together.

SAMPLES = 1500
ROUNDS = 3


@pytest.fixture(scope="module", name="quiet")
def fixture_quiet(
    databases: Databases, make_server: Callable[..., Server], server: Server
) -> Server:
    """The same server again, for comparison: whatever else the machine does, both feel it."""
    return make_server(databases, server.database).start()


def ask_for_products(connection: socket.socket) -> None:
    connection.sendall(b"GET /api/products HTTP/1.1\r\nHost: a\r\n\r\n")
    assert read_one(connection).status == 200


def p99s_ms(servers: tuple[Server, ...]) -> list[float]:
    """Of a healthy client that asks each in turn, on a connection that it keeps."""
    connections = []
    for server in servers:
        # At once: the one whose crowd has just come may take longer than the other one waits for
        # a new connection's first request.
        connections.append(connect(server))
        ask_for_products(connections[-1])
    times: list[list[float]] = [[] for _ in servers]
    for _ in range(SAMPLES):
        for connection, own in zip(connections, times):
            begun = time.perf_counter()
            ask_for_products(connection)
            own.append(time.perf_counter() - begun)
    for connection in connections:
        connection.close()
    return [sorted(own)[SAMPLES * 99 // 100] * 1000 for own in times]


@contextmanager
def crowded(server: Server, kind: str) -> Iterator[None]:
    script = str(Path(__file__).with_name("crowd.py"))
    with subprocess.Popen(
        [sys.executable, script, str(server.port), kind],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as crowd:
        assert crowd.stdin and crowd.stdout
        assert crowd.stdout.readline() == "ready\n"
        yield
        crowd.stdin.close()


# The same by slowhttptest, whose idea of slowness is not ours.
TOOL = ["slowhttptest", "-c", str(CROWD), "-r", str(CROWD), "-l", "120", "-p", "100"]
TOOL_KINDS = {
    "slowhttptest, heads": ("-H", "-i", "1", "/healthz"),
    "slowhttptest, bodies": ("-B", "-i", "1", "-s", "100000", "/auth/login"),
    "slowhttptest, readers": ("-X", "-k", "10", "-n", "1", "-z", "32", "/openapi.json"),
}


@contextmanager
def crowded_by_tool(server: Server, kind: str) -> Iterator[None]:
    *options, path = TOOL_KINDS[kind]
    command = [*TOOL, *options, "-u", f"http://127.0.0.1:{server.port}{path}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as tool:
        try:
            connections = "aizy_http_connections"
            assert processes.wait_until(lambda: Figures(server).of(connections) > CROWD / 2, 20)
            yield
            assert tool.poll() is None, "it has ended before what was measured beside it"
        finally:
            tool.kill()


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.parametrize("kind", [*KINDS, *TOOL_KINDS])
def test_a_crowd_leaves_a_healthy_client_alone(server: Server, quiet: Server, kind: str) -> None:
    crowd = crowded if kind in KINDS else crowded_by_tool
    with crowd(server, kind):
        rounds = [p99s_ms((server, quiet)) for _ in range(ROUNDS)]
    shown = ", ".join(f"{beside:.2f}/{alone:.2f}" for beside, alone in rounds)
    ratio = min(beside / alone for beside, alone in rounds)
    print(f"{kind}: p99 beside the crowd and without, in ms: {shown}; ratio {ratio:.2f}")
    assert ratio <= 2
    assert_alive(server)
