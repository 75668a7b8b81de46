"""What the log tells of single requests: slow ones, those under way, and what failed in a store."""

import json
import re
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
import requests
import shop
from answers import assert_alive, assert_error, assert_ok
from connections import connect, room_for
from exposition import Figures
from harness import Server
from outage import wait_readiness
from people import Person, execute, make_person

from tools.dev import processes

SLOW_MS = 50
STORE_TIMEOUT_MS = 3000
DUMP_JOBS_MAX = 1000
SECRET = "nobody-may-see-this"


@pytest.fixture(scope="module", name="lone")
def fixture_lone(own_databases, make_server) -> Server:
    made = make_server(
        own_databases,
        SLOW_REQUEST_MS=str(SLOW_MS),
        SLOW_STORE_MS=str(SLOW_MS),
        STORE_TIMEOUT_MS=str(STORE_TIMEOUT_MS),
        STORE_CONNECT_TIMEOUT_MS="1000",
    )
    return made.prepare().start()


@pytest.fixture(scope="module", name="person")
def fixture_person(lone: Server) -> Person:
    return make_person(lone, "manager")


@pytest.fixture(autouse=True)
def fixture_all_is_well(lone: Server) -> None:
    wait_readiness(lone, 200, status="ok")


def events(server: Server, event: str, **members: Any) -> list[dict[str, Any]]:
    found = []
    # Without the last piece: it may be half written.
    for line in server.log_text().split("\n")[:-1]:
        row = json.loads(line)
        if row["event"] == event and members.items() <= row.items():
            found.append(row)
    return found


def await_event(server: Server, event: str, **members: Any) -> dict[str, Any]:
    assert processes.wait_until(lambda: bool(events(server, event, **members)), 10), (
        event, members, server.log_text()[-3000:])
    return events(server, event, **members)[0]


@contextmanager
def parked(server: Server, database, path: str, name: str, token: str = "") -> Iterator[list]:
    """A request that waits for a store that does not answer; ends with it."""
    answers: list[requests.Response] = []

    def run() -> None:
        answers.append(server.get(path, token=token, headers={"X-Request-Id": name}))

    thread = threading.Thread(target=run)
    database.pause()
    try:
        thread.start()
        yield answers
    finally:
        database.resume()
        thread.join()


def dumped(server: Server, request_id: str, pool: str) -> dict[str, Any]:
    """The line of a job in a dump; asks again until the job is where it stays."""
    wanted = {"request_id": request_id, "pool": pool, "stage": "running"}

    def ask() -> bool:
        assert server.process is not None
        server.process.send_signal(signal.SIGUSR1)
        return bool(events(server, "dump.job", **wanted))

    assert processes.wait_until(ask, 2), server.log_text()[-3000:]
    return events(server, "dump.job", **wanted)[-1]


@pytest.mark.parametrize("store", ["mysql", "mongo"])
def test_a_dump_shows_what_waits_for_a_store(lone: Server, person: Person, store: str) -> None:
    database = getattr(lone.databases, store)
    path, route, token = {
        "mysql": ("/auth/me", "me", person.token),
        "mongo": (f"/api/products/{SECRET}?status=any", "get_product", person.token),
    }[store]
    name = f"parked-in-{store}"
    before = len(events(lone, "dump.loop"))
    with parked(lone, database, path, name, token) as answers:
        row = dumped(lone, name, store)
        assert row["route"] == route
        assert row["client"] == "there"
        assert 0 <= row["stage_ms"] <= row["age_ms"] < STORE_TIMEOUT_MS
        assert not answers
        assert lone.get("/healthz").status_code == 200
        assert Figures(lone).of("aizy_pool_busy_workers", pool=store) == 1
        pool = await_event(lone, "dump.pool", pool=store, busy=1)
        assert pool["workers"] >= 1 and pool["waiting"] == 0 and pool["capacity"] >= 1
    assert len(events(lone, "dump.loop")) > before
    assert {row["store"] for row in events(lone, "dump.store")} == {"mysql", "mongo"}
    assert events(lone, "dump.cache")
    for row in events(lone, "dump.job"):
        assert SECRET not in json.dumps(row)


@pytest.mark.slow
def test_a_dump_has_a_thousand_jobs_at_most(own_databases, make_server) -> None:
    """More logins than that wait for the threads that hash."""
    server = make_server(own_databases, HASH_QUEUE="2000", LOOP_THREADS="2").prepare().start()
    login = b'{"email": "nobody@example.com", "password": "no such person"}'
    message = b"POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    message += b"Content-Length: %d\r\n\r\n%s" % (len(login), login)
    with room_for(2 * DUMP_JOBS_MAX), ExitStack() as stack:
        for _ in range(DUMP_JOBS_MAX + 200):
            connection = stack.enter_context(connect(server))
            connection.sendall(message)
        waiting = "aizy_pool_waiting"
        many = DUMP_JOBS_MAX + 50
        assert processes.wait_until(lambda: Figures(server).of(waiting, pool="hash") > many, 10)
        server.process.send_signal(signal.SIGUSR1)
        assert processes.wait_until(lambda: len(events(server, "dump.loop")) == 2, 10)
        server.kill()
    rows = events(server, "dump.loop")
    assert len(events(server, "dump.job")) == DUMP_JOBS_MAX
    assert sum(row["left_out"] for row in rows) == sum(row["jobs"] for row in rows) - DUMP_JOBS_MAX


def test_figures_and_dumps_need_no_store(lone: Server, person: Person) -> None:
    """What is looked at when nothing else works."""
    before = Figures(lone)
    for database in (lone.databases.mysql, lone.databases.mongo):
        database.pause()
    try:
        wait_readiness(lone, 503, status="down")
        assert lone.get("/auth/me", token=person.token).status_code == 503
        figures = Figures(lone)
        await_event(lone, "store.down", store="mysql")
        known = len(events(lone, "dump.store", breaker="open"))
        assert lone.process is not None
        lone.process.send_signal(signal.SIGUSR1)
        assert processes.wait_until(
            lambda: len(events(lone, "dump.store", breaker="open")) == known + 2, 5)
    finally:
        for database in (lone.databases.mysql, lone.databases.mongo):
            database.resume()
    for store in ("mysql", "mongo"):
        assert figures.of("aizy_store_up", store=store) == 0
        opened = "aizy_breaker_opened_total"
        assert figures.of(opened, store=store) == before.of(opened, store=store) + 1
    refused = "aizy_breaker_refused_total"
    assert figures.of(refused, store="mysql") == before.of(refused, store="mysql") + 1


def test_a_dump_of_many_is_bounded_and_harms_nobody(lone: Server, person: Person) -> None:
    before = len(events(lone, "dump.pool"))
    assert lone.process is not None
    for _ in range(200):
        lone.process.send_signal(signal.SIGUSR1)
    await_event(lone, "dump.pool", pool="hash")
    assert_ok(lone.get("/auth/me", token=person.token))
    assert_alive(lone)
    # One that comes while another is waited for is the same one.
    assert before < len(events(lone, "dump.pool")) <= before + 200 * 3


def test_a_signal_for_a_dump_does_not_end_one_that_stops(lone: Server, make_server) -> None:
    made = make_server(lone.databases).prepare().start()
    assert made.process is not None
    made.process.send_signal(signal.SIGTERM)
    for _ in range(20):
        made.process.send_signal(signal.SIGUSR1)
    assert made.process.wait(20) == 0, made.log_text()[-3000:]


def slow_logins(server: Server) -> list[dict[str, Any]]:
    return events(server, "http.slow", route="login")


def test_a_slow_request_says_where_its_time_went(lone: Server, person: Person) -> None:
    login = {"email": person.email, "password": person.password}

    def log_in(name: str) -> None:
        assert_ok(lone.post("/auth/login", json=login, headers={"X-Request-Id": name}))

    # More at once than there are hash workers, so that the last have to wait for the first.
    names = [f"slow-login-{number}" for number in range(16)]
    with ThreadPoolExecutor(len(names)) as clients:
        list(clients.map(log_in, names))
    assert processes.wait_until(lambda: bool(slow_logins(lone)), 10), lone.log_text()
    row = slow_logins(lone)[-1]
    assert row["request_id"] in names
    assert row["level"] == "warn" and row["route"] == "login" and row["status"] == 200
    visits = re.findall(r"(\w+) (\d+)\+(\d+)", row["stages_us"])
    assert [visit[0] for visit in visits] == ["mysql", "hash", "mysql"]
    spent_us = sum(int(wait) + int(run) for _, wait, run in visits)
    assert row["duration_ms"] >= SLOW_MS
    # All but what the loop did before and after.
    assert spent_us <= (row["duration_ms"] + 1) * 1000


def test_a_quick_request_is_not_called_slow(lone: Server) -> None:
    for number in range(20):
        lone.get("/healthz", headers={"X-Request-Id": f"quick-{number}"})
    await_event(lone, "http.request", request_id="quick-19")
    assert len([row for row in events(lone, "http.slow") if row["route"] == "liveness"]) < 5


@pytest.mark.parametrize("store", ["mysql", "mongo"])
def test_a_slow_call_names_its_request(lone: Server, person: Person, store: str) -> None:
    database = getattr(lone.databases, store)
    path = {"mysql": "/auth/me", "mongo": "/api/products?max_price=17&status=any"}[store]
    name = f"slow-in-{store}"
    with parked(lone, database, path, name, person.token) as answers:
        dumped(lone, name, store)
        # How long it takes is what is told.
        time.sleep(2 * SLOW_MS / 1000)
    assert answers[0].status_code == 200, answers[0].text
    row = await_event(lone, f"{store}.slow", request_id=name)
    assert row["level"] == "warn" and row["call"]
    slow = await_event(lone, "http.slow", request_id=name)
    assert slow["stages_us"].startswith("mysql ")


def test_what_fails_in_mysql_names_its_request(lone: Server, person: Person) -> None:
    """The id that the client got, whoever made it."""
    execute(lone, "RENAME TABLE sessions TO sessions_elsewhere")
    try:
        answer = lone.get("/auth/me", token=person.token)
    finally:
        execute(lone, "RENAME TABLE sessions_elsewhere TO sessions")
    body = assert_error(answer, 500, "internal")
    row = await_event(lone, "mysql.failed", request_id=body["request_id"])
    assert row["call"] and row["error_number"] == 1146
    assert_ok(lone.get("/auth/me", token=person.token))


def test_a_later_stage_names_its_request_too(lone: Server, person: Person) -> None:
    """The third stage of a login, after another pool: what it may not write."""
    login = {"email": person.email, "password": person.password}
    execute(lone, "RENAME TABLE audit TO audit_elsewhere")
    try:
        answer = lone.post("/auth/login", json=login, headers={"X-Request-Id": "my-own-id"})
    finally:
        execute(lone, "RENAME TABLE audit_elsewhere TO audit")
    body = assert_error(answer, 500, "internal")
    assert body["request_id"] == "my-own-id"
    await_event(lone, "mysql.failed", request_id="my-own-id", error_number=1146)


def test_what_fails_in_mongodb_names_its_request(lone: Server) -> None:
    """Two at once, each its own."""
    shop.create(lone, name="Here before")
    calls = [("first-to-fail", "/api/products?max_price=23"),
             ("second-to-fail", "/api/products?max_price=24")]
    answers: list[requests.Response] = []

    def run(name: str, path: str) -> None:
        answers.append(lone.get(path, headers={"X-Request-Id": name}))

    threads = [threading.Thread(target=run, args=call) for call in calls]
    lone.databases.mongo.pause()
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        lone.databases.mongo.resume()
    assert [answer.status_code for answer in answers] == [503, 503]
    ids = {row.get("request_id") for row in events(lone, "mongo.failed")}
    assert ids & {name for name, _ in calls}
    # The watcher's own are no request's.
    assert ids <= {None, *(name for name, _ in calls)}
