"""Malformed HTTP: 400, an end of the connection, and nothing that follows is looked at."""

import pytest
import raw
from connections import GET, answers_in, connect, exchange, read_one
from harness import Server
from malformed import CHUNKED, CLOSED, END, LOGIN, REFUSED, get


@pytest.mark.parametrize("message", CLOSED.values(), ids=CLOSED.keys())
def test_a_malformed_request_ends_its_connection(server: Server, message: bytes) -> None:
    answers = list(answers_in(exchange(server, message + GET)))
    assert [answer.status for answer in answers] == [400]
    assert answers[0].headers["connection"] == "close"


@pytest.mark.parametrize("message", CLOSED.values(), ids=CLOSED.keys())
def test_it_does_not_matter_in_which_pieces_it_comes(server: Server, message: bytes) -> None:
    half = len(message) // 2
    with connect(server) as connection:
        connection.sendall(message[:half])
        try:
            connection.sendall(message[half:] + GET)
            received = raw.read_all(connection)
        except ConnectionError:
            # It was refused by its first half.
            return
    assert [answer.status for answer in answers_in(received)] == [400]


@pytest.mark.parametrize("target", REFUSED.values(), ids=REFUSED.keys())
def test_a_target_that_cannot_be_read(server: Server, target: bytes) -> None:
    with connect(server) as connection:
        connection.sendall(get(target))
        answer = read_one(connection)
        assert answer.status == 400, answer
        assert b'"code":"invalid"' in answer.body
        # It was whole: the next one is answered.
        connection.sendall(GET)
        assert read_one(connection).status == 200


CHUNKINGS = {
    "one chunk": b"%x\r\n%s\r\n" % (len(LOGIN), LOGIN),
    "capital letters": b"%X\r\n%s\r\n" % (len(LOGIN), LOGIN),
    "leading zeros": b"%08x\r\n%s\r\n" % (len(LOGIN), LOGIN),
    "a chunk for each byte": b"".join(b"1\r\n%c\r\n" % byte for byte in LOGIN),
    "an extension": b'%x;a="b c";d\r\n%s\r\n' % (len(LOGIN), LOGIN),
}


@pytest.mark.parametrize("chunks", CHUNKINGS.values(), ids=CHUNKINGS.keys())
@pytest.mark.parametrize("end", [END, b"0\r\nDigest: x\r\nB:\r\n\r\n", b"000;a\r\n\r\n"])
def test_chunks_that_are_well_formed(server: Server, chunks: bytes, end: bytes) -> None:
    message = CHUNKED + chunks + end
    for size in (len(message), 1, 7):
        with connect(server) as connection:
            for start in range(0, len(message), size):
                connection.sendall(message[start : start + size])
            assert read_one(connection).status == 401
            connection.sendall(message + GET)
            received = read_one(connection)
            assert received.status == 401
