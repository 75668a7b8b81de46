"""What all answers of aizy have in common, asserted in one place."""

from typing import Any

import requests
from harness import Server

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
# Public answers of the catalogue come compressed to whoever takes that.
VARIES = ("Origin", "Accept-Encoding, Origin")
RETRYABLE = (429, 503)


def assert_headers(answer: requests.Response) -> None:
    """Of any answer, whether good or bad."""
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers.get(name) == value, f"{name} of {describe(answer)}"
    assert answer.headers["Vary"] in VARIES
    assert 8 <= len(answer.headers["X-Request-Id"]) <= 64
    assert "Server" not in answer.headers
    assert "X-Powered-By" not in answer.headers


def assert_private(answer: requests.Response) -> None:
    assert_headers(answer)
    assert answer.headers["Vary"] == "Origin"
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


def assert_error(answer: requests.Response, status: int, code: str) -> dict[str, Any]:
    """The shape of an error, and no more in it than belongs there; returns its body."""
    assert answer.status_code == status, describe(answer)
    assert_private(answer)
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    body: dict[str, Any] = answer.json()
    wanted = {"error", "code", "request_id"} | ({"fields"} & set(body))
    assert set(body) == wanted, body
    assert body["code"] == code, body
    assert body["error"].endswith(".")
    assert body["request_id"] == answer.headers["X-Request-Id"]
    assert (status in RETRYABLE) <= ("Retry-After" in answer.headers)
    assert (status == 401) == ("WWW-Authenticate" in answer.headers)
    for field in body.get("fields", []):
        assert set(field) == {"field", "message"}
    return body


def assert_invalid(answer: requests.Response, **messages: str) -> None:
    """400 for exactly these fields, each with a message that contains this.

    A field whose name is no Python name is written with "__" for "." and "_0_" for "[0]".
    """
    body = assert_error(answer, 400, "invalid")
    found = {row["field"]: row["message"] for row in body["fields"]}
    wanted = {field_of(name): message for name, message in messages.items()}
    assert set(found) == set(wanted), found
    for field, message in wanted.items():
        assert message in found[field], found


def field_of(name: str) -> str:
    for index in range(3):
        name = name.replace(f"_{index}_", f"[{index}]")
    return name.replace("__", ".")


def assert_ok(answer: requests.Response, status: int = 200) -> dict[str, Any]:
    """A success with a JSON object, which is returned."""
    assert answer.status_code == status, describe(answer)
    assert_headers(answer)
    body: dict[str, Any] = answer.json()
    return body


def assert_clear_refusal(answer: requests.Response) -> None:
    """Whatever was wrong with it: a 4xx in the shape of an error."""
    assert 400 <= answer.status_code < 500, describe(answer)
    assert_error(answer, answer.status_code, answer.json()["code"])


def assert_alive(server: Server) -> None:
    """It has not crashed, and serves."""
    assert server.running, server.log_text()[-4000:]
    assert server.get("/healthz").json() == {"status": "ok"}


def describe(answer: requests.Response) -> str:
    request = answer.request
    return f"{request.method} {request.url}: {answer.status_code} {answer.text[:1000]}"
