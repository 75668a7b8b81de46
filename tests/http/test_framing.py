"""How requests and answers are framed: targets, heads, bodies, and what is refused."""

from collections.abc import Callable

import pytest
import raw
from answers import assert_alive
from connections import GET, answers_in, connect, exchange, read_one
from harness import Server

from tools.dev.databases import Databases

# What h2o takes, whatever MAX_HEAD_BYTES says.
HEAD_LIMIT = 417_792


def test_an_absolute_target_is_its_path(server: Server) -> None:
    answer = raw.send(server, "GET", "http://anything.example/healthz")
    assert (answer.status, answer.body) == (200, server.get("/healthz").content)
    assert raw.send(server, "GET", "http://anything.example/healthz?x=1").status == 400


def test_a_body_may_wait_for_the_invitation(server: Server) -> None:
    body = b'{"email": "nobody@example.com", "password": "no such person"}'
    head = (
        "POST /auth/login HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
        f"Expect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with connect(server) as connection:
        connection.sendall(head.encode())
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert read_one(connection).status == 401


@pytest.mark.parametrize("path", ["/healthz", "/api/products", "/nothing"])
def test_head_is_get_without_the_body(server: Server, path: str) -> None:
    whole = raw.send(server, "GET", path)
    head = raw.send(server, "HEAD", path)
    assert head.status == whole.status
    assert head.body == b""
    assert int(head.headers["content-length"]) == len(whole.body) > 0
    assert set(head.headers) == set(whole.headers)


@pytest.mark.parametrize(
    "head",
    [
        b"GET /healthz HTTP/1.1\r\nHost: test\r\nX-Long: " + b"x" * HEAD_LIMIT,
        b"GET /" + b"x" * HEAD_LIMIT,
        b"GET /healthz HTTP/1.1\r\nHost: test\r\n" + b"X-Many: 1\r\n" * 200 + b"\r\n",
    ],
    ids=["a long header", "a long target", "many headers"],
)
def test_a_huge_head_is_refused(server: Server, head: bytes) -> None:
    with connect(server) as connection:
        try:
            connection.sendall(head)
            received = connection.recv(65536)
        except ConnectionError:
            received = b""
        assert received[:13] in (b"HTTP/1.1 400 ", b"")
    assert_alive(server)


def test_a_long_head_within_the_limit_is_read(
    databases: Databases, make_server: Callable[..., Server]
) -> None:
    server = make_server(databases, MAX_HEAD_BYTES="400000").prepare().start()
    head = b"GET /healthz HTTP/1.1\r\nHost: test\r\nConnection: close\r\n%s: %s\r\n\r\n"
    for name, value in ((b"x-long", b"v" * 300_000), (b"n" * 300_000, b"v")):
        assert raw.parse(exchange(server, head % (name, value))).status == 200


FRAMINGS = {
    "two hosts": b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
    "no host": b"GET /healthz HTTP/1.1\r\n\r\n",
    "two lengths": b"POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
    b"Content-Length: 2\r\n\r\n{}",
    "length and encoding": b"POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two encodings": b"POST /auth/login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "another encoding": b"POST /auth/login HTTP/1.1\r\nHost: a\r\n"
    b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "encoding in 1.0": b"POST /auth/login HTTP/1.0\r\nHost: a\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "bare line feeds": b"GET /healthz HTTP/1.1\nHost: a\n\n",
    "a bare line feed": b"GET /healthz HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
    "a folded line": b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n",
    "a space before the colon": b"GET /healthz HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n",
    "a broken chunk": b"POST /auth/login HTTP/1.1\r\nHost: a\r\n"
    b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
    "a negative length": b"POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    "a length with a sign": b"POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\n{}",
    "a NUL": b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}


@pytest.mark.parametrize("message", FRAMINGS.values(), ids=FRAMINGS.keys())
def test_what_could_be_read_in_two_ways_is_refused(server: Server, message: bytes) -> None:
    # The request behind it must not be answered: it may be somebody's body.
    answers = list(answers_in(exchange(server, message + GET)))
    assert [answer.status for answer in answers] == [400]
    assert answers[0].headers["connection"] == "close"
