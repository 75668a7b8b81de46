"""A store that answers whoever looks after it, and hangs on what requests ask."""

import threading
import time
from collections.abc import Iterator
from typing import NamedTuple

import pytest
import requests
import shop
from exposition import Figures
from half_deaf import HalfDeaf, IsUnheard
from harness import Server
from outage import RECOVERY_S, Call, assert_alive_all_along, timed
from people import make_person
from threads import Threads

from tools.dev import processes

# Trials are counted against time-outs and pauses of half a second.
pytestmark = pytest.mark.alone

STORE_TIMEOUT_MS = 500
PAUSE_MS = 250
PAUSE_MAX_MS = 1000
# The drivers' grace, and connecting anew.
TRIAL_MIN_S = STORE_TIMEOUT_MS / 1000
CALLERS = 8
# How long one of them leaves the store alone. Retry-After asks for much longer.
CALL_PAUSE_S = 0.02
DEAF_S = 4.0
# A call of MySQL's prepared statements; the watcher's is a text.
COM_STMT_EXECUTE = 0x17
# The watcher's document: "_id" is the number 0.
PROBED = b"\x12_id\x00" + bytes(8)
CLOSED = 0


class Case(NamedTuple):
    server: Server
    way: HalfDeaf
    needing: Call
    other: Call


def is_statement(message: bytes) -> bool:
    return len(message) > 4 and message[4] == COM_STMT_EXECUTE


def is_about_products(message: bytes) -> bool:
    return b"products" in message and PROBED not in message


def make_case(make_server, databases, variable: str, port: int, is_unheard: IsUnheard) -> Case:
    """Nothing from memory: each read asks its store."""
    way = HalfDeaf(port, is_unheard)
    limits = {"STORE_TIMEOUT_MS": str(STORE_TIMEOUT_MS), "STORE_PAUSE_MS": str(PAUSE_MS),
              "STORE_CONNECT_TIMEOUT_MS": str(STORE_TIMEOUT_MS), "CATALOGUE_CACHE_MB": "0",
              "STORE_PAUSE_MAX_MS": str(PAUSE_MAX_MS)}
    server: Server = make_server(databases, **limits)
    url = server.environment[variable].replace(f":{port}/", f":{way.port}/")
    if variable == "MONGODB_URI":
        # Else the driver goes to the set's members by the names that they have themselves.
        url = f"{url.split('?')[0]}?directConnection=true"
    server.settings[variable] = url
    server.prepare().start()
    person = make_person(server, "manager")
    product = shop.create(server, name="Asked for")
    calls = [
        lambda: server.get("/auth/me", token=person.token),
        lambda: server.get(f"/api/products/{product['id']}"),
    ]
    if variable == "MONGODB_URI":
        calls.reverse()
    return Case(server, way, *calls)


@pytest.fixture(name="case", scope="module", params=["mysql", "mongo"])
def fixture_case(request, databases, make_server) -> Iterator[Case]:
    rows = {
        "mysql": ("DATABASE_URL", databases.mysql.port, is_statement),
        "mongo": ("MONGODB_URI", databases.mongo.port, is_about_products),
    }
    case = make_case(make_server, databases, *rows[request.param])
    yield case
    case.server.stop()
    case.way.close()


class Callers(Threads):
    """Clients that call all the time and are all refused; how long each answer took."""

    def __init__(self, call: Call) -> None:
        self.taken: list[float] = []
        self._call = call
        super().__init__(self._call_on, CALLERS)

    def _call_on(self, _: int, is_over: threading.Event) -> None:
        while not is_over.is_set():
            answer, seconds = timed(self._call)
            assert answer.status_code == 503, answer.text
            self.taken.append(seconds)
            is_over.wait(CALL_PAUSE_S)


def store_of(case: Case) -> str:
    return "mysql" if case.way.is_unheard is is_statement else "mongo"


def test_one_request_tries_after_each_pause(case: Case) -> None:
    store = store_of(case)
    assert case.needing().status_code == 200
    before = Figures(case.server)
    assert before.of("aizy_breaker_state", store=store) == CLOSED
    case.way.deaf()
    try:
        first, first_s = timed(case.needing)
        assert first.status_code == 503 and first_s >= TRIAL_MIN_S
        with Callers(case.needing) as callers:
            # How many trials fit into it is what is tested.
            time.sleep(DEAF_S)
        assert case.other().status_code == 200
        assert_alive_all_along(case.server)
        figures = Figures(case.server)
        assert figures.of("aizy_breaker_state", store=store) != CLOSED
        begun = time.monotonic()
    finally:
        case.way.hears_again()
    up = processes.wait_until(lambda: case.needing().status_code == 200, RECOVERY_S)
    recovery_s = time.monotonic() - begun
    slow = [seconds for seconds in callers.taken if seconds >= TRIAL_MIN_S]
    trials = figures.of("aizy_breaker_trials_total", store=store) - before.of(
        "aizy_breaker_trials_total", store=store)
    print(f"{store}: {len(callers.taken)} answers in {DEAF_S:.0f} s, {len(slow)} after a "
          f"time-out, {trials:.0f} trials; back in {recovery_s:.2f} s")
    # One at a time: they would fit between the pauses, and the longest pause is reached.
    assert 1 <= len(slow) <= DEAF_S / (TRIAL_MIN_S + PAUSE_MS / 1000)
    assert trials - len(slow) in (0, 1)
    assert len(callers.taken) > 20 * len(slow)
    assert up and recovery_s < RECOVERY_S
    wanted = {"aizy_breaker_state": CLOSED, "aizy_store_up": 1}
    after = Figures(case.server)
    for name, value in wanted.items():
        assert after.of(name, store=store) == value


def test_it_is_ready_when_a_request_may_try(case: Case) -> None:
    """Without one the breaker stays as it is; /readyz invites, and the next request closes it."""
    store = store_of(case)
    case.way.deaf()
    assert case.needing().status_code == 503
    case.way.hears_again()

    def is_ready() -> bool:
        answer: requests.Response = case.server.get("/readyz")
        return bool(answer.json()[store] == "up")

    assert processes.wait_until(is_ready, RECOVERY_S)
    assert case.needing().status_code == 200
    assert Figures(case.server).of("aizy_breaker_state", store=store) == CLOSED
