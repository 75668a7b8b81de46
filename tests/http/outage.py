"""What holds while a store is down, and what comes back with it."""

import time
from collections.abc import Callable
from typing import Any

import requests
from answers import assert_error, assert_ok
from harness import Server
from people import Person, fresh_email

from tools.dev import processes

Call = Callable[[], requests.Response]

# How soon each answer must be there; the server's own limit is set lower by the tests.
AT_ONCE_S = 3.0
RECOVERY_S = 5.0
# How long the catalogue may still be answered from memory.
FROM_MEMORY_S = 3.0
# A store that hangs is noticed by the watcher within 3 s; the rest is for a busy machine.
NOTICE_S = 10.0


def timed(call: Call) -> tuple[requests.Response, float]:
    begun = time.monotonic()
    answer = call()
    return answer, time.monotonic() - begun


def quickly(call: Call, within_s: float = AT_ONCE_S) -> requests.Response:
    answer, taken = timed(call)
    assert taken < within_s, f"{taken:.1f} s: {answer.request.method} {answer.url}"
    return answer


def people_calls(server: Server, person: Person) -> list[Call]:
    """What needs MySQL: also a write to the catalogue, for who may is asked there."""
    registration = {"email": fresh_email(), "password": "correct horse battery", "name": "A"}
    login = {"email": person.email, "password": person.password}
    product = {"name": "A", "price": 1}
    return [
        lambda: server.get("/auth/me", token=person.token),
        lambda: server.post("/auth/login", json=login),
        lambda: server.post("/auth/register", json=registration),
        lambda: server.post("/api/products", json=product, token=person.token),
        lambda: server.get("/api/products?status=any", token=person.token),
    ]


def catalogue_calls(server: Server, product: dict[str, Any]) -> list[Call]:
    """What needs MongoDB."""
    return [
        lambda: server.get("/api/products"),
        lambda: server.get("/api/products?sort=price&limit=1&total=true"),
        lambda: server.get(f"/api/products/{product['id']}"),
        lambda: server.get(f"/api/products/{product['slug']}"),
    ]


def assert_down(calls: list[Call], within_s: float = AT_ONCE_S) -> None:
    """503 with Retry-After, and soon."""
    for call in calls:
        answer = quickly(call, within_s)
        code = answer.json().get("code")
        assert code in ("store_unavailable", "outcome_unknown", "busy"), answer.text
        assert_error(answer, 503, code)
        assert int(answer.headers["Retry-After"]) >= 1


def wait_down(calls: list[Call], within_s: float = AT_ONCE_S) -> None:
    """Once what memory holds has become too old; until then each is answered, and soon."""

    def all_are() -> bool:
        return all([quickly(call, within_s).status_code == 503 for call in calls])

    limit_s = FROM_MEMORY_S + within_s * len(calls)
    assert processes.wait_until(all_are, limit_s), [call().text for call in calls]
    assert_down(calls, within_s)


def assert_up(calls: list[Call]) -> None:
    for call in calls:
        answer = quickly(call)
        assert answer.status_code < 300, answer.text


def wait_up(calls: list[Call], within_s: float = RECOVERY_S) -> None:
    """By itself, soon after the store is back; then for good."""

    def all_are() -> bool:
        return all(call().status_code < 300 for call in calls)

    assert processes.wait_until(all_are, within_s), [call().text for call in calls]
    for call in calls * 3:
        assert call().status_code < 300


def wait_readiness(server: Server, http_status: int, **members: str) -> None:
    """/readyz says so before long."""

    def says() -> bool:
        answer = server.get("/readyz")
        body = answer.json()
        return answer.status_code == http_status and members.items() <= body.items()

    assert processes.wait_until(says, NOTICE_S), server.get("/readyz").text


def assert_alive_all_along(server: Server) -> None:
    assert_ok(server.get("/healthz"))
    assert_ok(server.get("/openapi.json"))
    assert server.get("/nothing").status_code == 404
    assert server.get("/api/products?limit=0").status_code == 400
