"""Refusals: their status, their shape, and that they say who asked (API.md, Conventions)."""

import re

import pytest
import raw
from answers import assert_clear_refusal, assert_error, assert_headers, assert_ok
from harness import Server
from people import make_person

ONE_MIB = 1024 * 1024
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/auth/register", "POST, OPTIONS"),
        ("GET", "/auth/login", "POST, OPTIONS"),
        ("HEAD", "/auth/login", "POST, OPTIONS"),
        ("POST", "/auth/me", "GET, HEAD, OPTIONS"),
        ("PUT", "/api/products", "GET, HEAD, POST, OPTIONS"),
        ("POST", "/api/products/some-slug", "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"),
        ("POST", "/healthz", "GET, HEAD, OPTIONS"),
        ("POST", "/readyz", "GET, HEAD, OPTIONS"),
        ("DELETE", "/openapi.json", "GET, HEAD, OPTIONS"),
        ("TRACE", "/healthz", "GET, HEAD, OPTIONS"),
        ("PROPFIND", "/api/products", "GET, HEAD, POST, OPTIONS"),
    ],
)
def test_a_method_that_a_path_does_not_have(
    server: Server, method: str, path: str, allow: str
) -> None:
    answer = server.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == allow
    if method != "HEAD":
        assert_error(answer, 405, "method_not_allowed")


def test_trace_never_echoes(server: Server) -> None:
    answer = server.request("TRACE", "/auth/me", headers={"Authorization": "Bearer canary"})
    assert answer.status_code == 405
    assert "canary" not in answer.text and "canary" not in str(answer.headers)


@pytest.mark.parametrize("path", ["/", "/api", "/api/nothing", "/auth", "/api/products/a/b/c"])
def test_a_path_that_is_not_there(server: Server, path: str) -> None:
    assert_error(server.get(path), 404, "not_found")
    assert_error(server.post(path, json={}), 404, "not_found")


@pytest.mark.parametrize(
    "accept",
    ["text/html", "application/xml", "image/*", "text/html, application/xhtml+xml;q=0.9"],
)
def test_an_answer_that_cannot_be_given(server: Server, accept: str) -> None:
    headers = {"Accept": accept}
    assert_error(server.get("/healthz", headers=headers), 406, "not_acceptable")
    assert_error(server.get("/api/products", headers=headers), 406, "not_acceptable")


@pytest.mark.parametrize(
    "accept",
    ["*/*", "application/json", "application/*;q=0.5", "text/html, */*;q=0.1", "APPLICATION/JSON"],
)
def test_an_answer_that_can(server: Server, accept: str) -> None:
    assert_ok(server.get("/healthz", headers={"Accept": accept}))


@pytest.mark.parametrize(
    "accept", ["application/json;q=0", "application/json; q=0.000", "text/html, */*;q=0"]
)
def test_quality_zero_means_not_acceptable(server: Server, accept: str) -> None:
    answer = server.get("/healthz", headers={"Accept": accept})
    assert_error(answer, 406, "not_acceptable")


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "text/json",
        "application/json; charset=latin-1",
        "application/json; charset=utf-16",
        "application/json, text/plain",
    ],
)
def test_a_body_of_another_type(server: Server, content_type: str) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    for path in ("/auth/login", "/auth/register", "/api/products"):
        answer = server.post(path, headers=headers, data=b"{}", token=server.admin_token())
        assert_error(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON", "application/json;charset=UTF-8",
     'application/json; charset="utf-8"'],
)
def test_a_body_of_the_right_type(server: Server, content_type: str) -> None:
    answer = server.post("/auth/login", headers={"Content-Type": content_type}, data=b"{}")
    assert_error(answer, 400, "invalid")


def test_a_body_may_have_one_mib(server: Server) -> None:
    for size in (ONE_MIB, ONE_MIB + 1):
        data = b'{"name": "A", "price": 1}'.ljust(size)
        answer = server.post("/api/products", headers=JSON, data=data, token=server.admin_token())
        if size > ONE_MIB:
            assert_error(answer, 413, "body_too_large")
        else:
            assert_ok(answer, 201)


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/api/products"), ("PATCH", "/api/products/0123456789abcdef01234567"),
     ("POST", "/auth/register"), ("DELETE", "/api/products/0123456789abcdef01234567")],
)
def test_a_large_body_is_refused_whoever_sends_it(server: Server, method: str, path: str) -> None:
    answer = server.request(method, path, headers=JSON, data=b" " * (ONE_MIB + 1))
    assert_error(answer, 413, "body_too_large")


def test_what_needs_somebody(server: Server) -> None:
    customer = make_person(server)
    body = {"name": "Not mine to make", "price": 1}
    assert_error(server.get("/auth/me"), 401, "unauthenticated")
    assert_error(server.post("/api/products", json=body), 401, "unauthenticated")
    answer = server.post("/api/products", json=body, token=customer.token)
    assert_error(answer, 403, "forbidden")


def test_strangers_learn_nothing_of_a_body(server: Server) -> None:
    """Whoever may not do it is told so before what they sent is looked at."""
    customer = make_person(server)
    for token, status, code in (("", 401, "unauthenticated"), (customer.token, 403, "forbidden")):
        for data in (b"{", b'{"nmae": 1}', b'{"name": "A", "price": -1}'):
            answer = server.post("/api/products", headers=JSON, data=data, token=token)
            assert_error(answer, status, code)


GOOD_REQUEST_IDS = ["abc12345", "0f8fad5b-d9cb-469f-a165-70867728950e", "a.b_c-D", "x" * 64]
BAD_REQUEST_IDS = ["x" * 65, "white space", "<script>", "semi;colon", "äöü", "a/b", '"quoted"']


@pytest.mark.parametrize("request_id", GOOD_REQUEST_IDS)
def test_a_request_id_is_echoed(server: Server, request_id: str) -> None:
    headers = {"X-Request-Id": request_id}
    assert server.get("/healthz", headers=headers).headers["X-Request-Id"] == request_id
    refused = server.get("/nothing", headers=headers)
    assert refused.headers["X-Request-Id"] == request_id
    assert refused.json()["request_id"] == request_id


@pytest.mark.parametrize("request_id", BAD_REQUEST_IDS)
def test_a_request_id_that_could_do_harm_is_replaced(server: Server, request_id: str) -> None:
    answer = server.get("/nothing", headers={"X-Request-Id": request_id.encode()})
    given = answer.headers["X-Request-Id"]
    assert given != request_id and re.fullmatch(r"[0-9a-f-]{8,64}", given)
    assert answer.json()["request_id"] == given


def test_each_request_has_its_own_id(server: Server) -> None:
    answers = [server.get("/healthz") for _ in range(20)]
    assert len({answer.headers["X-Request-Id"] for answer in answers}) == 20


def test_the_log_names_a_request_by_its_id(server: Server) -> None:
    server.get("/nothing", headers={"X-Request-Id": "find-me-in-the-log"})
    assert server.logged("find-me-in-the-log")


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/healthz?verbose=1", "verbose"),
        ("/api/products?colour=red", "colour"),
        ("/api/products/x?q=1", "q"),
        ("/api/products?limit=1&limit=2", "limit"),
        ("/api/products?status[$ne]=draft", "status[$ne]"),
        ("/api/products?category.$gt=", "category.$gt"),
    ],
)
def test_an_unknown_or_repeated_query_member(server: Server, path: str, field: str) -> None:
    body = assert_error(server.get(path), 400, "invalid")
    assert [row["field"] for row in body["fields"]] == [field]


@pytest.mark.parametrize(
    "query", ["brand=%", "brand=%zz", "brand=%00", "brand=%ff%fe", "%ff=1", "brand=%c0%af"]
)
def test_a_query_that_is_not_percent_encoded_utf8(server: Server, query: str) -> None:
    answer = raw.send(server, "GET", f"/api/products?{query}")
    assert answer.status == 400 and b'"field":"query"' in answer.body


def test_a_query_with_very_many_members(server: Server) -> None:
    query = "&".join(f"m{number}=1" for number in range(5000))
    assert_clear_refusal(server.get(f"/api/products?{query}"))


@pytest.mark.parametrize("name", ["Authorization", "Origin", "Content-Type"])
def test_a_header_that_may_come_once_comes_twice(server: Server, name: str) -> None:
    answer = raw.send(server, "GET", "/healthz", headers={f"{name}: a\r\n{name}": "b"})
    assert answer.status == 400


def test_every_refusal_is_one_of_the_same_shape(server: Server) -> None:
    """A sentence for people, which never shows what is inside."""
    answers = [
        server.get("/nothing"),
        server.put("/api/products"),
        server.get("/auth/me", token="x"),
        server.post("/auth/login", json={}),
        server.post("/auth/login", headers=JSON, data=b"{"),
        server.get("/api/products/none-of-this-name"),
        server.get("/api/products?cursor=x"),
    ]
    for answer in answers:
        assert_headers(answer)
        assert_clear_refusal(answer)
        for inside in ("SELECT", "bson", "mysql", "/src", ".c:", "0x", "errno"):
            assert inside not in answer.text
