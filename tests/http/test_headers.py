"""Caching, CORS, HEAD and OPTIONS, security headers."""

import http.client

import pytest
import raw
import shop
from answers import SECURITY_HEADERS, assert_headers, assert_ok, assert_private
from harness import Server
from people import make_person

OWN_ORIGIN = "http://localhost:3000"
PUBLIC = "public, max-age=1, stale-while-revalidate=10"
EXPOSED = {"ETag", "Location", "Retry-After", "X-Request-Id"}


@pytest.fixture(scope="module", name="product")
def fixture_product(server: Server) -> dict:
    return shop.create(server, name="With headers")


def test_security_headers_of_every_kind_of_answer(server: Server, product: dict) -> None:
    path = f"/api/products/{product['id']}"
    etag = server.get(path).headers["ETag"]
    admin = {"token": server.admin_token()}
    answers = {
        "200": server.get("/healthz"),
        "201": server.post("/api/products", json={"name": "New", "price": 1}, **admin),
        "304": server.get(path, headers={"If-None-Match": etag}),
        "400": server.get("/api/products?limit=0"),
        "401": server.get("/auth/me"),
        "403": server.post("/api/products", json={}, token=make_person(server).token),
        "404": server.get("/nothing"),
        "405": server.put("/healthz"),
        "406": server.get("/healthz", headers={"Accept": "text/html"}),
        "412": server.patch(path, json={}, headers={"If-Match": '"99-0"'}, **admin),
        "413": server.post("/auth/login", data=b" " * 1_100_000),
        "415": server.post("/auth/login", data=b"{}"),
    }
    answers["204"] = server.delete(f"/api/products/{answers['201'].json()['id']}", **admin)
    for status, answer in answers.items():
        assert answer.status_code == int(status), answer.text
        assert_headers(answer)


@pytest.mark.parametrize("path", ["/api/products", "/api/products/{id}", "/api/products/{slug}"])
def test_the_public_catalogue_may_be_cached(server: Server, product: dict, path: str) -> None:
    answer = server.get(path.format(**product))
    assert_ok(answer)
    assert answer.headers["Cache-Control"] == PUBLIC


def test_nothing_else_may_be(server: Server, product: dict) -> None:
    admin = {"token": server.admin_token()}
    login = {"email": "admin@example.com", "password": server.admin_password}
    path = f"/api/products/{product['id']}"
    for answer in (
        server.get("/auth/me", **admin),
        server.post("/auth/login", json=login),
        server.get("/healthz"),
        server.get("/readyz"),
        server.get("/api/products", params={"status": "any"}, **admin),
        server.get(path, params={"status": "any"}, **admin),
        server.patch(path, json={"brand": "Other"}, **admin),
        server.get("/api/products/none-of-this-name"),
        server.get("/api/products?limit=0"),
    ):
        assert_private(answer)


def test_a_token_changes_nothing_of_the_public_catalogue(server: Server, product: dict) -> None:
    path = f"/api/products/{product['id']}"
    stranger = server.get(path)
    for token in ("garbage", server.admin_token()):
        answer = server.get(path, token=token)
        assert (answer.status_code, answer.content) == (200, stranger.content)


# CORS.


def test_our_own_origin_is_allowed(server: Server, product: dict) -> None:
    for path in ("/healthz", f"/api/products/{product['id']}", "/nothing", "/auth/me"):
        answer = server.get(path, headers={"Origin": OWN_ORIGIN})
        assert answer.headers["Access-Control-Allow-Origin"] == OWN_ORIGIN
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
        assert set(exposed) >= EXPOSED
        assert_headers(answer)


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "https://localhost:3000",
        "http://localhost:30000",
        "http://localhost",
        "http://localhost:3000.evil.example",
        "http://LOCALHOST:3000",
        "http://localhost:3000/",
        "null",
        "*",
    ],
)
def test_a_foreign_origin_is_never_reflected(server: Server, origin: str) -> None:
    preflight = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    for answer in (
        server.get("/healthz", headers={"Origin": origin}),
        server.get("/nothing", headers={"Origin": origin}),
        server.request("OPTIONS", "/api/products", headers=preflight),
    ):
        assert not [name for name in answer.headers if name.startswith("Access-Control")]
        assert origin == "*" or origin not in str(answer.headers)
        assert_headers(answer)


def test_a_preflight(server: Server) -> None:
    headers = {
        "Origin": OWN_ORIGIN,
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization, if-match",
    }
    answer = server.request("OPTIONS", "/api/products/some-slug", headers=headers)
    assert answer.status_code == 204 and answer.content == b""
    assert answer.headers["Access-Control-Allow-Origin"] == OWN_ORIGIN
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, POST, PUT, PATCH, DELETE"
    allowed = answer.headers["Access-Control-Allow-Headers"].split(", ")
    assert set(allowed) == {
        "Content-Type", "Authorization", "X-API-Key", "If-Match", "If-None-Match",
        "Idempotency-Key", "X-Cart-Token",
    }


def test_origins_are_a_setting(make_server, databases) -> None:
    own = "https://shop.example"
    other = "https://admin.shop.example:8443"
    server = make_server(databases, CORS_ORIGINS=f"{own}, {other}").prepare().start()
    for origin, allowed in ((own, True), (other, True), (OWN_ORIGIN, False)):
        answer = server.get("/healthz", headers={"Origin": origin})
        assert (answer.headers.get("Access-Control-Allow-Origin") == origin) is allowed


# HEAD and OPTIONS.


@pytest.mark.parametrize(
    "path",
    [
        "/healthz",
        "/readyz",
        "/openapi.json",
        "/api/products",
        "/api/products/{id}",
        "/api/products/none-of-this-name",
        "/api/products?limit=0",
        "/auth/me",
        "/nothing",
    ],
)
def test_head_is_get_without_the_body(server: Server, product: dict, path: str) -> None:
    target = path.format(**product)
    fixed = {"X-Request-Id": "the-same-for-both"}
    get = raw.send(server, "GET", target, headers=fixed)
    head = raw.send(server, "HEAD", target, headers=fixed)
    assert head.body == b"" and get.body != b""
    assert head.status == get.status
    assert head.headers["content-length"] == str(len(get.body))
    assert without_date(head.headers) == without_date(get.headers)


def without_date(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name != "date"}


def test_a_304_has_no_body(server: Server, product: dict) -> None:
    path = f"/api/products/{product['id']}"
    get = raw.send(server, "GET", path)
    for method in ("GET", "HEAD"):
        answer = raw.send(server, method, path, headers={"If-None-Match": get.headers["etag"]})
        assert (answer.status, answer.body) == (304, b"")
        for name in ("etag", "cache-control", "vary"):
            assert answer.headers[name] == get.headers[name]


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/api/products", "GET, HEAD, POST, OPTIONS"),
        ("/api/products/x", "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"),
        ("/auth/login", "POST, OPTIONS"),
        ("/healthz", "GET, HEAD, OPTIONS"),
    ],
)
def test_options_says_what_is_there(server: Server, path: str, allow: str) -> None:
    answer = server.request("OPTIONS", path)
    assert answer.status_code == 204 and answer.headers["Allow"] == allow
    assert_headers(answer)


def test_options_of_a_path_that_is_not_there(server: Server) -> None:
    assert server.request("OPTIONS", "/nothing").status_code == 404


def test_every_security_header_comes_once(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", "/healthz", headers={"Origin": OWN_ORIGIN})
    received = [name.lower() for name, _ in connection.getresponse().getheaders()]
    connection.close()
    assert len(received) == len(set(received))
    assert {name.lower() for name in SECURITY_HEADERS} <= set(received)


def test_times_are_utc_and_the_type_is_json(server: Server, product: dict) -> None:
    answer = server.get(f"/api/products/{product['id']}")
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    for name in ("created_at", "updated_at"):
        assert answer.json()[name].endswith("Z") and len(answer.json()[name]) == 20
