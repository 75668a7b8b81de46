"""Every route, with every single call of a driver failing in every way.

The first call of a request fails, then the second, and so on until a request gets through without
meeting the fault. Whatever happens, the client is told the truth, nothing is done by half, and the
server goes on as if nothing had been.
"""

import os
import time
from collections.abc import Callable, Iterator

import pytest
import requests
import shop
from answers import assert_error
from fault_requests import REQUESTS, Attempt, World, reading
from faults import Counts, Faults, Ledger, Resources, difference
from harness import ADMIN_EMAIL
from outage import wait_readiness
from people import make_person

pytestmark = [pytest.mark.slow, pytest.mark.first]

# Each call that hangs is waited for so long.
STORE_TIMEOUT_MS = 250
# One call fails, hangs, or is done and its answer lost; with "+", so do all after it.
ALL_MODES = ("fail", "hang", "lost", "fail+", "lost+")
MODES = ("fail", "lost") if os.environ.get("AIZY_TEST_BRIEF") else ALL_MODES
# MySQL's sessions have been killed before the request: they and their statements are made anew.
COLD_MODE = "fail"
CALLS_MAX = 60
HEALTHY_S = 1.0


@pytest.fixture(scope="module", name="world")
def fixture_world(databases, make_server, scratch) -> Iterator[World]:
    """One worker for each store, so that one connection meets everything."""
    path = scratch / "fault"
    server = make_server(
        databases,
        FAULT_INJECT_FILE=str(path),
        STORE_TIMEOUT_MS=str(STORE_TIMEOUT_MS),
        # Hundreds of calls hang one after the other: the pause would only grow.
        STORE_PAUSE_MS="1",
        STORE_PAUSE_MAX_MS="1",
        MYSQL_WORKERS="1",
        MONGO_WORKERS="1",
        BULK_WORKERS="1",
        CATALOGUE_CACHE_MB="0",
        # No call of the store but those of the requests.
        MEDIA_SWEEP_MS="3600000",
        RESERVATIONS_PER_CALLER="100000",
        RESERVED_UNITS_PER_CALLER="100000",
    )
    server.prepare().start()
    server.login(ADMIN_EMAIL, server.admin_password)
    ledger = Ledger(server)
    person = make_person(server, "manager")
    category = shop.create_category(server, name="Walked")
    product = shop.create(server, name="Walked", stock=10**6)
    yield World(server, Faults(path), ledger, person, product, category)
    ledger.close()


def assert_healthy(world: World, at_once: bool) -> None:
    """Both stores are asked as if nothing had been; a time-out's breaker closes in a moment."""
    begun = time.monotonic()
    if not at_once:
        wait_readiness(world.server, 200, status="ok")
    for make in (reading("/auth/me", as_manager=True), reading("/api/products/{id}")):
        answer = make(world).send()
        assert answer.status_code == 200, answer.text
    assert time.monotonic() - begun < HEALTHY_S


def assert_true_to(answer: requests.Response, effect: Counts, whole: Counts) -> None:
    """What was said is what was done."""
    done = effect == whole
    assert done or effect == {}, f"half done: {effect}"
    if answer.status_code < 300:
        assert done, f"{answer.status_code}, and not done"
        return
    code = answer.json().get("code")
    assert code in ("store_unavailable", "outcome_unknown", "busy"), answer.text
    assert_error(answer, 503, code)
    if code != "outcome_unknown":
        assert effect == {}, f"{code}, and done"


def walk_calls(
    world: World, make: Callable[[World], Attempt], store: str, mode: str, cold: bool = False
) -> int:
    """How many calls of the store the request makes; each has failed once."""
    for number in range(1, CALLS_MAX):
        attempt = make(world)
        before = world.ledger.counts()
        if cold:
            world.ledger.kill_sessions()
        with world.faults.armed(store, number, mode) as struck:
            answer = attempt.send()
        effect = difference(before, world.ledger.counts())
        try:
            assert_true_to(answer, effect, attempt.whole)
            assert_healthy(world, at_once=not mode.startswith("hang"))
            if attempt.has_key:
                assert attempt.send().status_code < 300
                assert difference(before, world.ledger.counts()) == attempt.whole
        except AssertionError as error:
            raise AssertionError(f"call {number} of {store}, {mode}: {error}") from error
        if not struck[0]:
            assert answer.status_code < 300, answer.text
            return number - 1
    raise AssertionError(f"more than {CALLS_MAX} calls of {store}")


def walk_request(world: World, make: Callable[[World], Attempt]) -> int:
    """How many cases that was."""
    walked = 0
    for store in ("mysql", "mongo"):
        for mode in MODES:
            walked += walk_calls(world, make, store, mode)
    return walked + walk_calls(world, make, "mysql", COLD_MODE, cold=True)


@pytest.mark.parametrize("operation", REQUESTS)
def test_every_call_of_a_route_fails(world: World, operation: str) -> None:
    assert_healthy(world, at_once=False)
    for make in REQUESTS[operation]:
        assert make(world).send().status_code < 300
    resources = Resources(world.server.process.pid)
    cases = sum(walk_request(world, make) for make in REQUESTS[operation])
    print(f"{operation}: {cases} cases")
    assert_healthy(world, at_once=False)
    resources.assert_unchanged()


def test_no_route_is_left_out(world: World) -> None:
    paths = world.server.get("/openapi.json").json()["paths"]
    operations = {
        operation["operationId"] for methods in paths.values() for operation in methods.values()
        if isinstance(operation, dict)
    }
    assert operations == set(REQUESTS)
