"""Who calls is asked about in groups: each gets their own answer, of the moment it is given."""

import json
import socket
from contextlib import ExitStack
from typing import Any

import exposition
import pytest
import raw
from harness import Server
from people import Person, make_person, set_role

from tools.dev import processes

SOON_S = 20
# More than two groups, and of several roles; each calls twice.
PEOPLE = 12
TOGETHER = "SESSION_FIND_CALLERS"


@pytest.fixture(scope="module", name="lone")
def fixture_lone(databases, make_server) -> Server:
    """One worker, so that all wait while it does."""
    limit = str(SOON_S * 1000)
    made = make_server(databases, MYSQL_WORKERS="1", STORE_TIMEOUT_MS=limit)
    return made.prepare().start()


def of_metric(server: Server, name: str, label: str, value: str) -> float:
    samples = exposition.parse(server.get("/metrics").text)[name].samples
    return sum(count for (_, labels), count in samples.items() if (label, value) in labels)


def await_pool(server: Server, name: str, value: int) -> None:
    def is_there() -> bool:
        return of_metric(server, name, "pool", "mysql") == value

    assert processes.wait_until(is_there, SOON_S / 4)


def answers_after(
    server: Server, people: list[Person], statements: list[str]
) -> list[tuple[int, Any]]:
    """All ask while the tables are locked; what is done there meanwhile is done before they read.

    Each answer: (status, body).
    """
    heads = [
        f"GET /auth/me HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
        f"Authorization: Bearer {person.token}\r\n\r\n".encode()
        for person in people
    ]
    with ExitStack() as stack:
        connections = [
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port), SOON_S))
            for _ in heads
        ]
        database = stack.enter_context(server.databases.mysql.connect(server.database))
        with database.cursor() as cursor:
            cursor.execute("LOCK TABLES sessions WRITE, users WRITE")
            connections[0].sendall(heads[0])
            await_pool(server, "aizy_pool_busy_workers", 1)
            for connection, head in zip(connections[1:], heads[1:]):
                connection.sendall(head)
            await_pool(server, "aizy_pool_waiting", len(heads) - 1)
            for statement in statements:
                cursor.execute(statement)
            cursor.execute("UNLOCK TABLES")
        answers = [raw.parse(raw.read_all(connection)) for connection in connections]
    return [(answer.status, json.loads(answer.body)) for answer in answers]


@pytest.mark.race
def test_each_of_many_is_who_they_are(lone: Server) -> None:
    people = [make_person(lone) for _ in range(PEOPLE)]
    set_role(lone, people[3], "manager")
    inactive, ended, expired = people[5:8]
    calls = of_metric(lone, "aizy_store_calls_total", "call", TOGETHER)
    answers = answers_after(
        lone,
        people + people,
        [
            f"UPDATE users SET is_active = FALSE WHERE id = {inactive.id}",
            f"UPDATE sessions SET ended_at = UTC_TIMESTAMP(3) WHERE user_id = {ended.id}",
            f"UPDATE sessions SET expires_at = UTC_TIMESTAMP(3) WHERE user_id = {expired.id}",
        ],
    )
    # 24: one that waits in the store; then the preparation, 8 and 8 and 7.
    assert of_metric(lone, "aizy_store_calls_total", "call", TOGETHER) == calls + 4
    refused = {
        inactive.id: (401, "account_inactive"),
        ended.id: (401, "unauthenticated"),
        expired.id: (401, "unauthenticated"),
    }
    for person, (status, body) in zip(people + people, answers):
        if person.id in refused:
            assert (status, body["code"]) == refused[person.id]
            continue
        assert status == 200
        assert (body["id"], body["email"]) == (person.id, person.email)
        assert body["role"] == ("manager" if person is people[3] else "customer")
        assert ("products:write" in body["permissions"]) == (person is people[3])
