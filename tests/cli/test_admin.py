"""aizy admin."""

import json
from collections.abc import Callable

import pytest
from harness import ADMIN_EMAIL, Server

from tools.dev.databases import Databases


@pytest.fixture(scope="module")
def running(databases: Databases, make_server: Callable[..., Server]) -> Server:
    """Migrated and serving; nobody is there."""
    server = make_server(databases)
    server.aizy("migrate", "up")
    return server.start()


@pytest.fixture
def unnamed(
    running: Server, databases: Databases, make_server: Callable[..., Server]
) -> Server:
    """The same databases, without ADMIN_EMAIL and ADMIN_PASSWORD."""
    return make_server(databases, running.database, ADMIN_EMAIL="", ADMIN_PASSWORD="")


def status_of_login(server: Server, email: str, password: str) -> int:
    return server.post("/auth/login", json={"email": email, "password": password}).status_code


def create(server: Server, email: str) -> dict:
    return json.loads(server.aizy("admin", "create", "--email", email, "--json").stdout)


def test_settings_name_the_first_one(running: Server) -> None:
    done = running.aizy("admin", "create")
    assert done.stdout == f"email: {ADMIN_EMAIL}\n"
    assert running.admin_password not in done.stdout + done.stderr
    me = running.get("/auth/me", token=running.admin_token()).json()
    assert me["role"] == "admin"
    assert "products:write" in me["permissions"]

    again = json.loads(running.aizy("admin", "create", "--json").stdout)
    assert again == {"email": ADMIN_EMAIL, "password": None, "created": False}
    assert status_of_login(running, ADMIN_EMAIL, running.admin_password) == 200


def test_a_made_password_is_printed_once(running: Server, unnamed: Server) -> None:
    made = create(unnamed, "Made@Example.com")
    assert made["created"]
    assert made["email"] == "made@example.com"
    assert len(made["password"]) >= 20
    assert status_of_login(running, "made@example.com", made["password"]) == 200
    again = create(unnamed, "made@example.com")
    assert again == {"email": "made@example.com", "password": None, "created": False}
    assert made["password"] not in running.log_text()


def test_lines_for_people(running: Server, unnamed: Server) -> None:
    done = unnamed.aizy("admin", "create", "--email", "b@example.com")
    email, password = done.stdout.splitlines()
    assert email == "email: b@example.com"
    assert status_of_login(running, "b@example.com", password.removeprefix("password: ")) == 200


def test_the_setting_is_the_password_of_its_own_address_only(running: Server) -> None:
    made = create(running, "c@example.com")
    assert made["password"] not in (None, running.admin_password)
    assert status_of_login(running, "c@example.com", running.admin_password) == 401


def test_reset_gives_a_new_one_and_ends_the_sessions(running: Server, unnamed: Server) -> None:
    made = create(unnamed, "d@example.com")
    token = running.login("d@example.com", made["password"])
    assert running.get("/auth/me", token=token).status_code == 200
    done = unnamed.aizy("admin", "reset-password", "--email=d@example.com", "--json")
    new = json.loads(done.stdout)
    assert new["password"] != made["password"]
    assert running.get("/auth/me", token=token).status_code == 401
    assert status_of_login(running, "d@example.com", made["password"]) == 401
    assert status_of_login(running, "d@example.com", new["password"]) == 200


def test_a_customer_is_never_promoted(running: Server, unnamed: Server) -> None:
    customer = running.register()
    for command in ("create", "reset-password"):
        done = unnamed.aizy("admin", command, "--email", customer["email"], check=False)
        assert done.returncode == 1
        assert done.stdout == ""
    assert running.get("/auth/me", token=customer["access_token"]).json()["role"] == "customer"
    assert status_of_login(running, customer["email"], customer["password"]) == 200


def test_says_what_is_missing_or_wrong(
    running: Server, unnamed: Server, databases: Databases, make_server: Callable[..., Server]
) -> None:
    done = unnamed.aizy("admin", "create", check=False)
    assert (done.returncode, "ADMIN_EMAIL" in done.stderr) == (2, True)
    done = unnamed.aizy("admin", "create", "--email", "not an address", check=False)
    assert (done.returncode, "is not an e-mail address" in done.stderr) == (2, True)
    done = unnamed.aizy("admin", "reset-password", "--email", "nobody@example.com", check=False)
    assert (done.returncode, "no administrator" in done.stderr) == (1, True)
    settings = {"ADMIN_EMAIL": "e@example.com", "ADMIN_PASSWORD": "hidden"}
    weak = make_server(databases, running.database, **settings)
    done = weak.aizy("admin", "create", check=False)
    assert done.returncode == 2
    assert "ADMIN_PASSWORD" in done.stderr
    assert "hidden" not in done.stderr
