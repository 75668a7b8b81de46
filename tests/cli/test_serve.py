"""How `aizy serve` starts, waits for its stores, and ends."""

import json
import signal
import socket
from collections.abc import Callable

import pytest
import requests
from harness import ADMIN_EMAIL, Server

from tools.dev import processes
from tools.dev.databases import Databases

NEWER = (
    "INSERT INTO schema_migrations (name, checksum, state, applied_at)"
    " VALUES ('9999_from_tomorrow', REPEAT('0', 64), 'applied', UTC_TIMESTAMP(3))"
)


def events(server: Server) -> list[dict]:
    """The log's whole lines; what else is on standard error is no JSON."""
    lines = [line for line in server.log_text().splitlines() if line[:1] + line[-1:] == "{}"]
    return [json.loads(line) for line in lines]


def event(server: Server, name: str) -> dict:
    """The first of that name; a thread writes the log, so it may come a moment later."""
    assert processes.wait_until(lambda: f'"event": "{name}"' in server.log_text(), 10)
    return next(entry for entry in events(server) if entry["event"] == name)


def wait_status(server: Server, path: str, status: int, timeout_s: float = 30) -> None:
    assert processes.wait_until(lambda: server.status(path) == status, timeout_s), (
        f"{path} is {server.status(path)}:\n{server.log_text()[-3000:]}"
    )


def ended_with(server: Server, timeout_s: float = 30) -> int:
    """The status of a server that ends by itself."""
    assert server.process is not None
    status = server.process.wait(timeout_s)
    server.process = None
    return status


def login_or_nothing(server: Server) -> str:
    """The administrator's token, or nothing when there is no answer, or another one."""
    sent = {"email": ADMIN_EMAIL, "password": server.admin_password}
    try:
        return str(server.post("/auth/login", json=sent).json().get("access_token", ""))
    except requests.ConnectionError:
        return ""


@pytest.fixture
def migrated(databases: Databases, make_server: Callable[..., Server]) -> Server:
    server = make_server(databases)
    server.aizy("migrate", "up")
    return server


def test_says_where_it_listens(migrated: Server) -> None:
    migrated.start()
    assert event(migrated, "server.listening")["url"] == migrated.url
    migrated.stop()
    assert [entry["event"] for entry in events(migrated)][-1] == "server.stopped"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ends_when_asked(migrated: Server, number: signal.Signals) -> None:
    migrated.start()
    assert migrated.process is not None
    migrated.process.send_signal(number)
    assert ended_with(migrated) == 0
    assert event(migrated, "server.stopping")["signal"] == number


def test_an_older_schema_is_refused(
    databases: Databases, make_server: Callable[..., Server]
) -> None:
    server = make_server(databases).start(wait=False)
    assert ended_with(server) == 1
    refused = [entry for entry in events(server) if entry["event"] == "schema.refused"]
    assert {entry["store"] for entry in refused} == {"MySQL", "MongoDB"}
    assert all("aizy migrate up" in entry["problem"] for entry in refused)


def test_a_newer_schema_is_refused(migrated: Server, databases: Databases) -> None:
    with databases.mysql.connect(migrated.database) as connection, connection.cursor() as cursor:
        cursor.execute(NEWER)
    migrated.start(wait=False)
    assert ended_with(migrated) == 1
    assert "newer than this program" in event(migrated, "schema.refused")["problem"]


def test_a_port_that_is_taken(migrated: Server) -> None:
    with socket.create_server(("127.0.0.1", migrated.port)):
        migrated.start(wait=False)
        assert ended_with(migrated) == 1
    assert "cannot be listened on" in migrated.log_text()


def test_starts_without_mysql_and_lets_it_in_later(
    own_databases: Databases, make_server: Callable[..., Server]
) -> None:
    server = make_server(own_databases).prepare()
    own_databases.mysql.stop()
    try:
        server.start()
        assert server.get("/readyz").json()["mysql"] == "down"
        assert server.get("/api/products").status_code == 200
        sent = {"email": "a@example.com", "password": "12345678"}
        refused = server.post("/auth/login", json=sent)
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
    finally:
        own_databases.mysql.start()
    wait_status(server, "/readyz", 200)
    assert processes.wait_until(lambda: bool(login_or_nothing(server)), 30)
    server.stop()


def test_starts_without_mongo_and_lets_it_in_later(
    own_databases: Databases, make_server: Callable[..., Server]
) -> None:
    server = make_server(own_databases).prepare()
    own_databases.mongo.stop()
    try:
        server.start()
        assert server.get("/readyz").json()["mongo"] == "down"
        assert login_or_nothing(server)
        assert server.status("/api/products") == 503
    finally:
        own_databases.mongo.start()
    wait_status(server, "/api/products", 200)
    server.stop()


def test_a_store_that_comes_up_with_another_schema_ends_it(
    own_databases: Databases, make_server: Callable[..., Server]
) -> None:
    server = make_server(own_databases).prepare()
    with own_databases.mysql.connect(server.database) as connection, connection.cursor() as cursor:
        cursor.execute(NEWER)
    own_databases.mysql.stop()
    try:
        server.start()
        assert server.status("/api/products") == 200
    finally:
        own_databases.mysql.start()

    def ended() -> bool:
        # Nothing gets through to it in between.
        assert not login_or_nothing(server)
        return not server.running

    assert processes.wait_until(ended, 30)
    assert ended_with(server) == 1
    assert "newer than this program" in event(server, "schema.refused")["problem"]


def test_what_is_under_way_is_finished(
    own_databases: Databases, make_server: Callable[..., Server]
) -> None:
    server = make_server(own_databases).prepare().start()
    token = server.admin_token()
    own_databases.mysql.pause()
    try:
        client = ask(server, token)
        begin_to_stop(server)
        client.settimeout(0.3)
        with pytest.raises(TimeoutError):
            client.recv(1)
    finally:
        own_databases.mysql.resume()
    client.settimeout(30)
    assert client.recv(100).startswith(b"HTTP/1.1 200 ")
    client.close()
    assert ended_with(server) == 0


def test_a_second_signal_ends_it_at_once(
    own_databases: Databases, make_server: Callable[..., Server]
) -> None:
    server = make_server(own_databases, SHUTDOWN_TIMEOUT_MS="60000").prepare().start()
    token = server.admin_token()
    own_databases.mysql.pause()
    try:
        client = ask(server, token)
        begin_to_stop(server)
        assert server.process is not None
        server.process.send_signal(signal.SIGTERM)
        assert ended_with(server, 10) == 128 + signal.SIGTERM
    finally:
        own_databases.mysql.resume()
    client.close()


def ask(server: Server, token: str) -> socket.socket:
    """Sends a request that needs MySQL; returns once a loop of the server has taken it."""
    client = socket.create_connection(("127.0.0.1", server.port), 30)
    head = f"GET /auth/me HTTP/1.1\r\nHost: aizy\r\nAuthorization: Bearer {token}\r\n\r\n"
    client.sendall(head.encode())
    assert processes.wait_until(lambda: is_read(server, client), 10)
    return client


def is_read(server: Server, client: socket.socket) -> bool:
    """Nothing waits in the server's end of the connection, says the kernel's list."""
    ends = (f":{server.port:04X}", f":{client.getsockname()[1]:04X}")
    with open("/proc/net/tcp", encoding="ascii") as table:
        rows = [line.split() for line in table.readlines()[1:]]
    queues = [row[4] for row in rows if (row[1][-5:], row[2][-5:]) == ends]
    return queues == ["00000000:00000000"]


def begin_to_stop(server: Server) -> None:
    assert server.process is not None
    server.process.send_signal(signal.SIGTERM)
    assert processes.wait_until(lambda: '"server.stopping"' in server.log_text(), 10)
