"""An open breaker answers at once, and what has nothing to do with its store notices nothing."""

import threading
import time

import pytest
import requests
import shop
from exposition import Figures
from harness import Server
from outage import (
    RECOVERY_S,
    Call,
    assert_down,
    catalogue_calls,
    people_calls,
    timed,
    wait_readiness,
    wait_up,
)
from people import Person, make_person

from tools.dev import processes

STORE_TIMEOUT_MS = 1000
# Connecting, the drivers' grace, and a second try.
FIRST_TIMEOUTS_S = 8.0
REFUSED_S = 0.050
# Of the slowest in a hundred; below that it is the machine's noise.
FLAT_FACTOR = 3
NOISE_S = 0.100
ROUNDS = 25
WAITING = 20
# How the watcher's asking shows while nobody can be reached: MySQL has no session to ask on.
ASKING = {"mysql": "connect", "mongo": "store.probe"}
ASKED_AGAIN = 4


@pytest.fixture(scope="module", name="lone")
def fixture_lone(own_databases, make_server) -> Server:
    """Nothing from memory: each read asks its store."""
    limit = str(STORE_TIMEOUT_MS)
    made = make_server(own_databases, STORE_TIMEOUT_MS=limit, STORE_CONNECT_TIMEOUT_MS=limit,
                       CATALOGUE_CACHE_MB="0")
    return made.prepare().start()


@pytest.fixture(scope="module", name="person")
def fixture_person(lone: Server) -> Person:
    return make_person(lone, "manager")


@pytest.fixture(scope="module", name="product")
def fixture_product(lone: Server) -> dict:
    return shop.create(lone, name="Served")


def slowest(latencies: list[float], of: int) -> float:
    """What all but one in `of` are faster than."""
    return sorted(latencies)[len(latencies) - 1 - len(latencies) // of]


def measure(calls: list[Call], status: int) -> list[float]:
    latencies = []
    for call in calls:
        answer, taken = timed(call)
        assert answer.status_code == status, answer.text
        latencies.append(taken)
    return latencies


def send_and_forget(calls: list[Call]) -> list[threading.Thread]:
    def run(call: Call) -> None:
        try:
            call()
        except requests.RequestException:
            pass

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    return threads


def measure_while_waiting(
    lone: Server, database, needing: list[Call], reads: list[Call], others: list[Call]
) -> None:
    """Of what needs the store while it is known to hang; of others, with it there and hanging."""
    quiet_s = slowest(measure(others * ROUNDS, 200), 100)
    database.pause()
    try:
        threads = send_and_forget(needing * (WAITING // len(needing)))
        hanging = []
        begun = time.monotonic()
        while any(thread.is_alive() for thread in threads):
            hanging += measure(others, 200)
        noticed_s = time.monotonic() - begun
        assert noticed_s < FIRST_TIMEOUTS_S
        assert_down(needing)
        refused = measure(needing * ROUNDS, 503)
    finally:
        database.resume()
    begun = time.monotonic()
    wait_up(reads)
    recovery_s = time.monotonic() - begun
    hanging_s, refused_s = slowest(hanging, 100), slowest(refused, 20)
    print(f"{type(database).__name__}: noticed in {noticed_s:.1f} s; refused: median "
          f"{slowest(refused, 2) * 1000:.1f} ms, p95 {refused_s * 1000:.1f} ms; others' p99 quiet "
          f"{quiet_s * 1000:.1f} ms, meanwhile {hanging_s * 1000:.1f} ms; back in "
          f"{recovery_s:.2f} s")
    assert refused_s < REFUSED_S
    assert hanging_s < max(FLAT_FACTOR * quiet_s, NOISE_S)
    assert recovery_s < RECOVERY_S
    wait_readiness(lone, 200, status="ok")


def test_mysql_hangs(lone: Server, person: Person, product: dict) -> None:
    """Registering too: a password is not even hashed for a store that is not there."""
    needing, others = people_calls(lone, person), catalogue_calls(lone, product)
    measure_while_waiting(lone, lone.databases.mysql, needing, needing[:2], others)


def test_mongodb_hangs(lone: Server, person: Person, product: dict) -> None:
    needing = catalogue_calls(lone, product)
    others = [people_calls(lone, person)[0]]
    measure_while_waiting(lone, lone.databases.mongo, needing, needing, others)


@pytest.mark.parametrize("name", ["mysql", "mongo"])
def test_each_change_is_logged_once(lone: Server, name: str) -> None:
    database = getattr(lone.databases, name)
    lines = len(lone.log_text().splitlines())

    def asked() -> float:
        return Figures(lone).of("aizy_store_calls_total", store=name, call=ASKING[name],
                                outcome="unreached")

    database.stop()
    try:
        wait_readiness(lone, 200, status="degraded", **{name: "down"})
        # The watcher asks some times more, and must not say so again.
        wanted = asked() + ASKED_AGAIN
        assert processes.wait_until(lambda: asked() >= wanted, RECOVERY_S), asked()
    finally:
        database.start()
    wait_readiness(lone, 200, status="ok")
    since = lone.log_text().splitlines()[lines:]
    for event in ("store.down", "store.up"):
        assert len([line for line in since if f'"{event}"' in line]) == 1, event
