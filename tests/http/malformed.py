"""Requests that a strict reader of HTTP/1.1 refuses (RFC 9112, RFC 9110): one row each.

Every one is complete, so that nothing is waited for.
"""

GET_LINE = b"GET /healthz HTTP/1.1\r\n"
HOST = b"Host: a\r\n"
POST = b"POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
LOGIN = b'{"email":"nobody@example.com","password":"no such person"}'
END = b"0\r\n\r\n"


def get(target: bytes) -> bytes:
    return b"GET " + target + b" HTTP/1.1\r\n" + HOST + b"\r\n"


def header(line: bytes) -> bytes:
    return GET_LINE + HOST + line + b"\r\n\r\n"


def chunk(framing: bytes) -> bytes:
    """A body that would be whole and valid, but for what stands before its data."""
    return CHUNKED + framing + LOGIN + b"\r\n" + END


SIZE = b"%x" % len(LOGIN)

CHUNKS = {
    "a size that is none": chunk(b"zz\r\n"),
    "no size": chunk(b"\r\n"),
    "a size with a sign": chunk(b"+" + SIZE + b"\r\n"),
    "a size with 0x": chunk(b"0x" + SIZE + b"\r\n"),
    "a size and a space": chunk(SIZE + b" \r\n"),
    "a size after a space": chunk(b" " + SIZE + b"\r\n"),
    "a size and a letter": chunk(SIZE + b"g\r\n"),
    "a size with nine digits": chunk(b"0" * 9 + SIZE + b"\r\n"),
    "a size that overflows": chunk(b"f" * 17 + b"\r\n"),
    "a size and a bare line feed": chunk(SIZE + b"\n"),
    "a size and a bare carriage return": chunk(SIZE + b"\r"),
    "a size and two carriage returns": chunk(SIZE + b"\r\r\n"),
    "an extension and a bare line feed": chunk(SIZE + b";a=b\n"),
    "an extension with a NUL": chunk(SIZE + b";a=\0\r\n"),
    "an extension with a carriage return": chunk(SIZE + b";a=\rb\r\n"),
    "an extension without end": chunk(SIZE + b";" + b"x" * 5000 + b"\r\n"),
    "data longer than its size": CHUNKED + b"2\r\n{}}\r\n" + END,
    "data without its CRLF": CHUNKED + b"2\r\n{}" + END,
    "data and a bare line feed": CHUNKED + b"2\r\n{}\n" + END,
    "data and a bare carriage return": CHUNKED + b"2\r\n{}\r" + END,
    "an end without its CRLF": CHUNKED + b"2\r\n{}\r\n0\r\nX",
    "an end with bare line feeds": CHUNKED + b"2\r\n{}\r\n0\n\n",
    "a trailer with a bare line feed": CHUNKED + b"2\r\n{}\r\n0\r\nA: b\n\r\n",
    "a trailer without a colon": CHUNKED + b"2\r\n{}\r\n0\r\nA b\r\n\r\n",
    "a folded trailer": CHUNKED + b"2\r\n{}\r\n0\r\nA: b\r\n c\r\n\r\n",
    "a trailer with a NUL": CHUNKED + b"2\r\n{}\r\n0\r\nA: \0\r\n\r\n",
    "trailers without end": CHUNKED + b"2\r\n{}\r\n0\r\n" + b"A: b\r\n" * 2000 + b"\r\n",
}

LENGTHS = {
    name: POST + b"Content-Length:" + value + b"\r\n\r\n" + LOGIN
    for name, value in {
        "a list of lengths": b" %d, %d" % (len(LOGIN), len(LOGIN)),
        "a hexadecimal length": b" 0x3a",
        "a length with a space in it": b" 5 8",
        "a length with a fraction": b" 58.0",
        "no length": b"",
        "a length in quotes": b' "58"',
        "a length that overflows": b" 99999999999999999999999",
        "a length with a letter": b" 58a",
        "a length with an exponent": b" 1e1",
    }.items()
}

ENCODINGS = {
    name: POST + b"Transfer-Encoding:" + value + b"\r\n\r\n" + END
    for name, value in {
        "an encoding nobody knows": b" cow",
        "the identity encoding": b" identity",
        "chunked and more": b" chunked, gzip",
        "chunked twice": b" chunked, chunked",
        "chunked with a parameter": b" chunked;a=b",
        "chunked with a vertical tab": b" \x0bchunked",
        "chunked in quotes": b' "chunked"',
        "no encoding": b"",
    }.items()
}

HEADERS = {
    "a NUL in a value": header(b"X: a\0b"),
    "a bell in a value": header(b"X: a\x07b"),
    "a DEL in a value": header(b"X: a\x7fb"),
    "a carriage return in a value": header(b"X: a\rb"),
    "a NUL in a name": header(b"X\0Y: a"),
    "a space in a name": header(b"X Y: a"),
    "a tab before the colon": header(b"X\t: a"),
    "a bracket in a name": header(b"X(): a"),
    "a slash in a name": header(b"X/Y: a"),
    "a quote in a name": header(b'X"Y": a'),
    "a letter beyond ASCII in a name": header("X-Ü: a".encode()),
    "no name": header(b": a"),
    "no colon": header(b"X"),
    "a line that begins with a space": header(b" X: a"),
    "a first line that begins with a space": GET_LINE + b" X: a\r\n" + HOST + b"\r\n",
    "a folded value": header(b"X: a\r\n\tb"),
    "a folded host": GET_LINE + b"Host:\r\n a\r\n\r\n",
    "two hosts that differ": GET_LINE + HOST + b"Host: b\r\n\r\n",
    "two hosts in two cases": GET_LINE + HOST + b"HOST: a\r\n\r\n",
    "a host with a space": GET_LINE + b"Host: a b\r\n\r\n",
    "a host with a path": GET_LINE + b"Host: a/b\r\n\r\n",
    "a host with credentials": GET_LINE + b"Host: a@b\r\n\r\n",
    "two hosts in one": GET_LINE + b"Host: a, b\r\n\r\n",
    "bare line feeds at the end": GET_LINE + HOST + b"\n",
}

LINES = {
    "version 2.0": b"GET /healthz HTTP/2.0\r\n" + HOST + b"\r\n",
    "version 0.9": b"GET /healthz HTTP/0.9\r\n" + HOST + b"\r\n",
    "version 1.10": b"GET /healthz HTTP/1.10\r\n" + HOST + b"\r\n",
    "a version in lower case": b"GET /healthz http/1.1\r\n" + HOST + b"\r\n",
    "a version of another protocol": b"GET /healthz HTCPCP/1.1\r\n" + HOST + b"\r\n",
    "no version": b"GET /healthz\r\n" + HOST + b"\r\n",
    "a space after the version": b"GET /healthz HTTP/1.1 \r\n" + HOST + b"\r\n",
    "two spaces before the target": b"GET  /healthz HTTP/1.1\r\n" + HOST + b"\r\n",
    "two spaces before the version": b"GET /healthz  HTTP/1.1\r\n" + HOST + b"\r\n",
    "a tab for a space": b"GET\t/healthz HTTP/1.1\r\n" + HOST + b"\r\n",
    "a space before the method": b" GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n",
    "no method": b" /healthz HTTP/1.1\r\n" + HOST + b"\r\n",
    "a method with a bracket": b"GE(T /healthz HTTP/1.1\r\n" + HOST + b"\r\n",
    "a method with a NUL": b"GE\0T /healthz HTTP/1.1\r\n" + HOST + b"\r\n",
    "a method beyond ASCII": "GÉT /healthz HTTP/1.1\r\n".encode() + HOST + b"\r\n",
    "no target": b"GET HTTP/1.1\r\n" + HOST + b"\r\n",
    "TLS on a plain port": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03xxxx" + b"\r\n\r\n",
    "another protocol": b"EHLO a\r\nMAIL FROM:<a@b>\r\n\r\n",
}

TARGETS = {
    "a NUL": get(b"/api/products/a\0b"),
    "a DEL": get(b"/api/products/a\x7fb"),
    "bytes beyond ASCII": get("/api/products/é".encode()),
    "a fragment": get(b"/healthz#a"),
    "longer than a head may be": get(b"/api/products/" + b"x" * 20_000),
    "a query longer than a head may be": get(b"/api/products?q=" + b"x" * 20_000),
    "a header longer than a head may be": header(b"X: " + b"x" * 20_000),
    "more headers than there may be": header(b"\r\n".join(b"X-%d: 1" % i for i in range(64))),
}

# Refused by the API, in its words and without an end of the connection: the framing is sound.
REFUSED = {
    "no slash": b"healthz",
    "an address of another scheme": b"ftp://a/healthz",
    "an address without a host": b"http:///healthz",
    "an address with credentials": b"http://u:p@a/healthz",
    "an address with a bad port": b"http://a:99999/healthz",
    "an authority": b"a:443",
    "an escaped NUL": b"/api/products/a%00b",
    "an escaped slash": b"/api/products/a%2Fb",
    "an escaped slash in lower case": b"/api/products/a%2fb",
    "half an escape": b"/api/products/a%2",
    "an escape of no digits": b"/api/products/a%zz",
    "an escape at the end": b"/api/products/a%",
    "bad UTF-8": b"/api/products/%ff",
    "overlong UTF-8": b"/api/products/%c0%af",
    "a surrogate in UTF-8": b"/api/products/%ed%a0%80",
    "dots": b"/api/products/../products",
    "escaped dots": b"/api/products/%2e%2e/products",
    "a bad escape in the query": b"/api/products?q=%zz",
    "an escaped NUL in the query": b"/api/products?q=%00",
    "bad UTF-8 in the query": b"/api/products?q=%ff",
}

CLOSED = {**CHUNKS, **LENGTHS, **ENCODINGS, **HEADERS, **LINES, **TARGETS}
