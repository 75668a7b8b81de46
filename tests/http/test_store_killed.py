"""kill -9 of a store in the middle of many writes: what was promised is there, and all of it."""

import secrets
import threading
from collections.abc import Callable

import pytest
import requests
import shop
from harness import Server
from outage import wait_readiness
from people import fresh_email, rows

from tools.dev import processes

WRITERS = 6
BEFORE_THE_KILL = 12
EXPECTED = {201, 503}


@pytest.fixture(scope="module", name="lone")
def fixture_lone(own_databases, make_server) -> Server:
    made = make_server(own_databases, STORE_TIMEOUT_MS="1500", STORE_CONNECT_TIMEOUT_MS="1000")
    return made.prepare().start()


class Storm:
    """Writers that go on until they are told to end; what each was answered, by what it sent."""

    def __init__(self, write: Callable[[str], requests.Response]) -> None:
        self.statuses: dict[str, int] = {}
        self.codes: dict[str, str] = {}
        self._write = write
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(WRITERS)]

    def _run(self) -> None:
        while not self._is_over.is_set():
            name = secrets.token_hex(8)
            answer = self._write(name)
            self.codes[name] = answer.json().get("code", "")
            self.statuses[name] = answer.status_code

    def __enter__(self) -> "Storm":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, status: int, count: int) -> None:
        def seen() -> bool:
            return list(self.statuses.values()).count(status) >= count

        assert processes.wait_until(seen, 30), self.statuses

    def sort_out(self) -> tuple[set[str], set[str], set[str]]:
        """Promised, refused, and those of whom nobody knows."""
        assert set(self.statuses.values()) <= EXPECTED, self.statuses
        promised = {name for name, status in self.statuses.items() if status == 201}
        unknown = {name for name, code in self.codes.items() if code == "outcome_unknown"}
        return promised, set(self.statuses) - promised - unknown, unknown


def through_a_kill(lone: Server, database, write: Callable[[str], requests.Response]) -> Storm:
    """The storm outlasts the outage: it ends with writes that succeed again."""
    with Storm(write) as storm:
        storm.wait_for(201, BEFORE_THE_KILL)
        database.kill()
        storm.wait_for(503, WRITERS)
        database.start()
        so_far = list(storm.statuses.values()).count(201)
        storm.wait_for(201, so_far + WRITERS)
    wait_readiness(lone, 200, status="ok")
    return storm


def test_mysql_is_killed_while_people_register(lone: Server) -> None:
    domain = fresh_email().split("@")[0]

    def write(name: str) -> requests.Response:
        email = f"{name}@{domain}.example"
        body = {"email": email, "password": "correct horse battery", "name": name}
        return lone.post("/auth/register", json=body)

    promised, refused, unknown = through_a_kill(lone, lone.databases.mysql, write).sort_out()
    people = rows(lone, "SELECT id, name FROM users WHERE login_email LIKE %s",
                  f"%@{domain}.example")
    names = {row["name"] for row in people}
    assert promised <= names and not refused & names
    assert names - promised <= unknown
    for row in people:
        for table, column in (("sessions", "user_id"), ("outbox", "subject_id"),
                              ("audit", "user_id")):
            found = rows(lone, f"SELECT id FROM {table} WHERE {column} = %s", row["id"])
            assert len(found) == 1, (table, row)


def test_mongodb_is_killed_while_products_are_made(lone: Server) -> None:
    token = lone.admin_token()

    def write(name: str) -> requests.Response:
        body = {"name": name, "slug": name, "sku": name, "price": 1, "stock": 7}
        return lone.post("/api/products", json=body, token=token)

    promised, refused, unknown = through_a_kill(lone, lone.databases.mongo, write).sort_out()
    with lone.databases.mongo.connect() as client:
        database = client[lone.database]
        found = {row["slug"]: row for row in database.products.find()}
        levels = {row["_id"]: row for row in database.inventory.find()}
        audited = [row["subject_id"] for row in database.audit.find()]
    assert promised <= set(found) and not refused & set(found)
    assert set(found) - promised <= unknown
    assert set(levels) == set(found)
    assert all(level["stock"] == 7 for level in levels.values())
    assert sorted(audited) == sorted(row["_id"] for row in found.values())
    one = next(iter(promised))
    assert shop.managed(lone, {"id": str(found[one]["_id"])})["name"] == one
