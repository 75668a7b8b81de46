"""Streamed replies: bounded memory, the client's pace, and no half answer that looks whole.

The long one moves 500 MB and takes as long as that takes.
"""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from answers import assert_alive, assert_error
from harness import Server
from raw import parse, read_all, send

from tools.dev import processes

LINE = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.\n"
MEGABYTE = 1000 * 1000
LARGE = 500 * MEGABYTE
# Beyond what the kernel buffers between the two.
BEYOND_BUFFERS = 50 * MEGABYTE
GROWTH_MAX = 8 * 1024 * 1024
END_TIMEOUT_S = 30


@pytest.fixture(scope="module", name="narrow")
def fixture_narrow(make_server, databases) -> Server:
    """One worker makes all the pieces of everybody."""
    return make_server(databases, HASH_WORKERS="1").prepare().start()


def resident_bytes(server: Server) -> int:
    assert server.process is not None
    for line in Path(f"/proc/{server.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")


def lines(count: int) -> bytes:
    return (LINE * (count // len(LINE) + 1))[:count]


def path(count: int, options: str = "") -> str:
    return f"/debug/stream?bytes={count}{options}"


def open_stream(server: Server, target: str, version: str = "1.1") -> socket.socket:
    """A client that has asked, and reads when the test says so; its own buffer is small."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    connection.settimeout(END_TIMEOUT_S)
    connection.connect(("127.0.0.1", server.port))
    connection.sendall(
        f"GET {target} HTTP/{version}\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
    )
    return connection


def pieces(connection: socket.socket) -> Iterator[bytes]:
    while piece := connection.recv(1 << 20):
        yield piece


@pytest.mark.parametrize("count", [0, 1, 64, 65536, 65537, 262144, 262145, 3 * MEGABYTE])
@pytest.mark.parametrize("sized", ["", "&sized=true"])
def test_every_byte_arrives(server: Server, count: int, sized: str) -> None:
    answer = server.get(path(count, sized))
    assert answer.status_code == 200
    assert answer.content == lines(count)
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "X-Request-Id" in answer.headers
    if sized:
        assert answer.headers["Content-Length"] == str(count)
    else:
        assert answer.headers["Transfer-Encoding"] == "chunked"


def test_the_connection_serves_on(server: Server) -> None:
    both = (b"GET " + path(300000).encode() + b" HTTP/1.1\r\nHost: a\r\n\r\n"
            b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    with socket.create_connection(("127.0.0.1", server.port), END_TIMEOUT_S) as connection:
        connection.sendall(both)
        received = read_all(connection)
    assert received.count(b"HTTP/1.1 200 OK") == 2
    assert b"0\r\n\r\nHTTP/1.1 200 OK" in received


def test_head_has_no_body(server: Server) -> None:
    answer = send(server, "HEAD", path(LARGE, "&sized=true"))
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-length"] == str(LARGE)
    answer = send(server, "HEAD", path(LARGE))
    assert (answer.status, answer.body) == (200, b"")
    assert "content-length" not in answer.headers


def test_http_1_0_ends_with_the_connection(server: Server) -> None:
    with open_stream(server, path(300000), "1.0") as connection:
        answer = parse(read_all(connection))
    assert answer.body == lines(300000)
    assert "transfer-encoding" not in answer.headers


def test_a_fault_before_the_first_byte_is_an_answer(server: Server) -> None:
    assert_error(server.get(path(10, "&break_at=0")), 500, "internal")
    assert_error(server.get(path(-1)), 400, "invalid")


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("sized", ["", "&sized=true"])
def test_a_fault_in_the_middle_cuts_the_connection(
    server: Server, sized: str, version: str
) -> None:
    target = path(10 * MEGABYTE, f"&break_at={MEGABYTE}{sized}")
    received = b""
    with open_stream(server, target, version) as connection, pytest.raises(ConnectionResetError):
        for piece in pieces(connection):
            received += piece
    assert len(received) <= MEGABYTE + 65536 + 4096
    assert not received.endswith(b"0\r\n\r\n")
    assert_alive(server)


def test_only_tests_have_the_route(make_server, databases, server: Server) -> None:
    other = make_server(databases, AIZY_ENV="development").prepare().start()
    assert_error(other.get(path(10)), 404, "not_found")
    assert "/debug/stream" not in server.get("/openapi.json").json()["paths"]


def test_readers_that_wait_hold_no_worker(narrow: Server) -> None:
    """Sixteen that do not read, before one worker: it serves whoever does."""
    waiting = [open_stream(narrow, path(BEYOND_BUFFERS)) for _ in range(16)]
    try:
        for connection in waiting:
            assert connection.recv(12) == b"HTTP/1.1 200"
        begun = time.monotonic()
        assert narrow.get(path(3 * MEGABYTE)).content == lines(3 * MEGABYTE)
        assert time.monotonic() - begun < 10
    finally:
        for connection in waiting:
            connection.close()
    assert_ends(narrow, "http.broken_off", 16)


@pytest.mark.race
def test_a_full_pool_delays_pieces_and_loses_none(make_server, databases) -> None:
    """Between them they want a place in the queue far more often than there is one."""
    tight = make_server(databases, HASH_WORKERS="1", HASH_QUEUE="1").prepare().start()
    whole = lines(MEGABYTE)

    def read_all_of_it() -> bool:
        answer = tight.get(path(MEGABYTE))
        while answer.status_code == 503:
            time.sleep(0.01)
            answer = tight.get(path(MEGABYTE))
        return answer.content == whole

    with ThreadPoolExecutor(8) as readers:
        done = [readers.submit(read_all_of_it) for _ in range(24)]
        assert all(each.result() for each in done)
    assert "http.broken_off" not in tight.log_text()


@pytest.mark.race
def test_clients_vanish_in_the_middle(narrow: Server) -> None:
    before = narrow.log_text().count('"http.broken_off"')
    for number in range(40):
        with open_stream(narrow, path(BEYOND_BUFFERS)) as connection:
            for _ in range(number % 5):
                connection.recv(100000)
    assert_ends(narrow, "http.broken_off", before + 40)
    assert_alive(narrow)


def assert_ends(server: Server, event: str, count: int) -> None:
    """Each is logged when its exchange is freed."""
    assert processes.wait_until(
        lambda: server.log_text().count(f'"{event}"') >= count, END_TIMEOUT_S
    ), server.log_text()[-2000:]


def test_500_mb_in_bounded_memory(narrow: Server) -> None:
    """Beside it one that reads slowly and one that leaves."""
    assert narrow.get(path(3 * MEGABYTE)).status_code == 200
    before = resident_bytes(narrow)
    slow = open_stream(narrow, path(LARGE))
    vanishing: socket.socket | None = open_stream(narrow, path(LARGE))
    highest = received = 0
    with open_stream(narrow, path(LARGE, "&sized=true")) as connection:
        for number, piece in enumerate(pieces(connection)):
            received += len(piece)
            if number % 200 == 0:
                highest = max(highest, resident_bytes(narrow))
                assert slow.recv(1000)
            if received > LARGE // 2 and vanishing is not None:
                vanishing.close()
                vanishing = None
    slow.close()
    assert received > LARGE
    assert received < LARGE + 4096
    growth = highest - before
    print(f"resident memory grew by {growth} bytes")
    assert growth < GROWTH_MAX
    assert_alive(narrow)
