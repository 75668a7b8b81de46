"""Targets that nobody sends by accident: a clear 4xx, and none finds what is not its own."""

import pytest
import raw
import shop
from answers import assert_alive, assert_error
from harness import Server

BAD_PATHS = [
    "/api/products/a%2Fb",
    "/api/products/a%2fb",
    "/api/products/%00",
    "/api/products/a%00b",
    "/api/products/%",
    "/api/products/%4",
    "/api/products/%zz",
    "/api/products/%g1",
    "/api/products/%ff",
    "/api/products/%c3",
    "/api/products/%c0%af",
    "/api/products/%ed%a0%80",
    "/api/products/%f4%90%80%80",
    "/api/products/..",
    "/api/products/.",
    "/api/products/%2e%2e",
    "/api/products/%2e",
    "/api/products/../products",
    "/api/../healthz",
    "/../../../../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/..%2f..%2fetc%2fpasswd",
]
MISSING_PATHS = [
    "//",
    "//healthz",
    "/healthz/",
    "/healthz//",
    "/api//products",
    "/api/products/",
    "/api/products//",
    "/API/products",
    "/Healthz",
    "/healthz.json",
    "/api/products/" + "a/" * 50,
    "/api/products/" + "x" * 2000,
    "/api/products/%20",
    "/api/products/a%20b",
    "/api/products/%24gt",
    "/api/products/%7B%22%24gt%22%3A%22%22%7D",
    "/api/products/.*",
    "/api/products/%5Bobject%20Object%5D",
    "/api/products/%252e%252e",
    "/api/products/%E2%82%AC",
    "/api/products/000000000000000000000000",
    "/api/products/00000000000000000000000g",
    "/api/products/-1",
    "/api/products/;id=1",
    "/healthz;x=1",
    "/healthz%3Fx=1",
    "/healthz%23",
]


@pytest.mark.parametrize("path", BAD_PATHS)
def test_a_path_that_cannot_be_read(server: Server, path: str) -> None:
    answer = raw.send(server, "GET", path)
    assert answer.status == 400, answer
    assert b'"code":"invalid"' in answer.body
    assert_alive(server)


@pytest.mark.parametrize("path", MISSING_PATHS)
def test_a_path_that_is_somewhere_else(server: Server, path: str) -> None:
    answer = raw.send(server, "GET", path)
    assert answer.status == 404, answer
    assert b'"code":"not_found"' in answer.body


@pytest.mark.parametrize(
    "target",
    [
        b"/api/products/\xff",
        b"/api/products/\x80abc",
        b"/healthz\x00",
        b"/healthz\x7f",
        b"/health z",
        b"healthz",
        b"*",
        b"",
        b"?",
        b"http://",
        b"http:///healthz",
        b"/" + b"a" * 100_000,
        b"/" + b"%41" * 100_000,
    ],
)
def test_a_target_that_is_none(server: Server, target: bytes) -> None:
    for method in ("GET", "OPTIONS", "PATCH"):
        answer = raw.send(server, method, target)
        assert 400 <= answer.status < 500 or (method, target) == ("OPTIONS", b"*"), answer
    assert_alive(server)


def test_an_encoded_letter_is_the_letter(server: Server) -> None:
    assert raw.send(server, "GET", "/health%7A").status == 200
    assert raw.send(server, "GET", "/%61pi/products").status == 200


def test_a_whole_address_is_its_path(server: Server) -> None:
    answer = raw.send(server, "GET", f"http://127.0.0.1:{server.port}/healthz")
    assert (answer.status, answer.body) == (200, b'{"status":"ok"}')


def test_a_question_mark_without_a_query(server: Server) -> None:
    assert raw.send(server, "GET", "/healthz?").status == 200
    assert raw.send(server, "GET", "/healthz?&&").status == 200


def test_an_id_wins_over_a_slug_that_looks_like_one(server: Server) -> None:
    first = shop.create(server, name="First")
    looks_alike = shop.create(server, name="Second", slug=first["id"])
    assert server.get(f"/api/products/{first['id']}").json()["name"] == "First"
    assert server.get(f"/api/products/{looks_alike['id']}").json()["name"] == "Second"


@pytest.mark.parametrize(
    "id_text", ["some-slug", "0123456789ABCDEF01234567", "0", "0123456789abcdef0123456", "x" * 500]
)
def test_changing_takes_an_id_only(server: Server, id_text: str) -> None:
    shop.create(server, name="Some slug")
    admin = {"token": server.admin_token()}
    path = f"/api/products/{id_text}"
    assert_error(server.patch(path, json={"brand": "X"}, **admin), 404, "not_found")
    assert_error(server.delete(path, **admin), 404, "not_found")


@pytest.mark.parametrize("method", ["get", "Get", "GETS", "G", "X" * 100, "M-SEARCH"])
def test_a_method_that_is_none(server: Server, method: str) -> None:
    answer = raw.send(server, method, "/healthz")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
