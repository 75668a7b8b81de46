"""POST /auth/login and GET /auth/me; what SQL changes acts on the next request."""

import hashlib
import time

import pytest
from answers import assert_error, assert_invalid, assert_ok, assert_private
from harness import Server
from people import Person, execute, fresh_email, make_person, rows, set_active, set_role

ROLES = {
    "customer": [],
    "support": ["customers:read", "customers:write", "audit:read"],
    "manager": ["products:write", "inventory:read", "inventory:write", "analytics:read"],
    "admin": ["customers:read", "customers:write", "audit:read", "products:write",
              "inventory:read", "inventory:write", "analytics:read", "analytics:write",
              "users:write", "sync:admin"],
}


def login(server: Server, email: object, password: object, **headers: str):
    return server.post("/auth/login", json={"email": email, "password": password}, headers=headers)


@pytest.fixture(name="person")
def fixture_person(server: Server) -> Person:
    return make_person(server)


def test_the_answer(server: Server, person: Person) -> None:
    answer = login(server, person.email, person.password)
    body = assert_ok(answer)
    assert_private(answer)
    assert list(body) == ["user", "access_token", "refresh_token", "token_type", "expires_in"]
    assert body["user"]["id"] == person.id and body["user"]["last_login"] is not None
    assert assert_ok(server.get("/auth/me", token=body["access_token"])) == body["user"]


def test_each_login_is_a_session_of_its_own(server: Server, person: Person) -> None:
    bodies = [assert_ok(login(server, person.email, person.password)) for _ in range(2)]
    assert bodies[0]["refresh_token"] != bodies[1]["refresh_token"]
    assert bodies[0]["access_token"] != bodies[1]["access_token"]
    sessions = rows(server, "SELECT id FROM sessions WHERE user_id = %s", person.id)
    assert len(sessions) == 3


def test_a_refresh_token_is_stored_as_its_digest_only(server: Server, person: Person) -> None:
    body = assert_ok(login(server, person.email, person.password))
    digest = hashlib.sha256(body["refresh_token"].encode()).digest()
    found = rows(server, "SELECT user_id FROM sessions WHERE refresh_digest = %s", digest)
    assert found == [{"user_id": person.id}]


def test_a_refresh_token_is_no_access_token(server: Server, person: Person) -> None:
    body = assert_ok(login(server, person.email, person.password))
    answer = server.get("/auth/me", token=body["refresh_token"])
    assert_error(answer, 401, "unauthenticated")


def test_wrong_and_unknown_cannot_be_told_apart(server: Server, person: Person) -> None:
    without_password = make_person(server)
    execute(server, "UPDATE users SET password_hash = NULL WHERE id = %s", without_password.id)
    locked = make_person(server)
    set_active(server, locked, False)
    answers = [
        login(server, email, "not the password", **{"X-Request-Id": "the-same"})
        for email in (person.email, fresh_email(), without_password.email, locked.email)
    ]
    for answer in answers:
        assert_error(answer, 401, "bad_credentials")
        assert answer.content == answers[0].content
        assert headers_of(answer) == headers_of(answers[0])


def headers_of(answer) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name != "Date"}


def test_unknown_costs_as_much_as_wrong(server: Server, person: Person) -> None:
    """Only that a hash is computed for both: the fine measurement is a benchmark's."""
    times: dict[str, list[float]] = {person.email: [], fresh_email(): []}
    for _ in range(15):
        for email, taken in times.items():
            begun = time.perf_counter()
            login(server, email, "not the password")
            taken.append(time.perf_counter() - begun)
    # The least: whatever else the machine does only adds to the others.
    known, unknown = map(min, times.values())
    assert 0.5 < known / unknown < 2


@pytest.mark.parametrize(
    ("body", "messages"),
    [
        ({}, {"email": "is required", "password": "is required"}),
        ({"email": "a@example.com"}, {"password": "is required"}),
        ({"email": "a@example.com", "password": ""}, {"password": "must not be empty"}),
        ({"email": "a@example.com", "password": None}, {"password": "must not be null"}),
        ({"email": "a@example.com", "password": {"$ne": ""}}, {"password": "must be a string"}),
        ({"email": {"$gt": ""}, "password": "x"}, {"email": "must be a string"}),
        ({"email": "nobody", "password": "x"}, {"email": "must be an e-mail"}),
        ({"email": "a@example.com", "password": "x" * 1025}, {"password": "at most"}),
    ],
)
def test_what_is_refused(server: Server, body: dict, messages: dict) -> None:
    assert_invalid(server.post("/auth/login", json=body), **messages)


@pytest.mark.parametrize("text", ["' OR 1=1 --", "admin'--", '" OR ""="', "x' UNION SELECT 1 --"])
def test_sql_is_no_password(server: Server, person: Person, text: str) -> None:
    assert_error(login(server, person.email, text), 401, "bad_credentials")


def test_a_deactivated_person_is_told_so_after_the_right_password(
    server: Server, person: Person
) -> None:
    set_active(server, person, False)
    assert_error(login(server, person.email, "wrong"), 401, "bad_credentials")
    assert_error(login(server, person.email, person.password), 401, "account_inactive")
    set_active(server, person, True)
    assert_ok(login(server, person.email, person.password))


def test_deactivation_in_sql_acts_on_the_next_request(server: Server, person: Person) -> None:
    assert_ok(server.get("/auth/me", token=person.token))
    set_active(server, person, False)
    assert_error(server.get("/auth/me", token=person.token), 401, "account_inactive")
    set_active(server, person, True)
    assert_ok(server.get("/auth/me", token=person.token))


@pytest.mark.parametrize("role", ROLES)
def test_a_role_set_in_sql_acts_on_the_next_request(
    server: Server, person: Person, role: str
) -> None:
    set_role(server, person, role)
    me = assert_ok(server.get("/auth/me", token=person.token))
    assert (me["role"], sorted(me["permissions"])) == (role, sorted(ROLES[role]))


def test_permissions_of_a_role_changed_in_sql_act_too(server: Server, person: Person) -> None:
    body = {"name": "By a baker", "price": 1}
    execute(server, "INSERT INTO roles (name, permissions) VALUES ('baker', '[]')")
    set_role(server, person, "baker")
    assert_error(server.post("/api/products", json=body, token=person.token), 403, "forbidden")
    execute(server, "UPDATE roles SET permissions = '[\"products:write\"]' WHERE name = 'baker'")
    assert_ok(server.post("/api/products", json=body, token=person.token), 201)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sessions SET ended_at = UTC_TIMESTAMP(3) WHERE user_id = %s",
        "UPDATE sessions SET expires_at = UTC_TIMESTAMP(3) WHERE user_id = %s",
        "DELETE FROM sessions WHERE user_id = %s",
        "DELETE FROM users WHERE id = %s",
    ],
)
def test_a_session_ended_in_sql_is_ended(server: Server, person: Person, statement: str) -> None:
    other = make_person(server)
    execute(server, statement, person.id)
    assert_error(server.get("/auth/me", token=person.token), 401, "unauthenticated")
    assert_ok(server.get("/auth/me", token=other.token))


def test_a_new_name_in_sql_shows(server: Server, person: Person) -> None:
    execute(server, "UPDATE users SET name = 'Renamed', email = 'other@example.com' WHERE id = %s",
            person.id)
    me = assert_ok(server.get("/auth/me", token=person.token))
    assert (me["name"], me["email"]) == ("Renamed", "other@example.com")
    assert me["login_email"] == person.email
    assert_ok(login(server, person.email, person.password))
    assert_error(login(server, "other@example.com", person.password), 401, "bad_credentials")


def test_outbox_and_audit_of_logins(server: Server, person: Person) -> None:
    assert_ok(login(server, person.email, person.password))
    assert_error(login(server, person.email, "wrong"), 401, "bad_credentials")
    assert_error(login(server, fresh_email(), "wrong", **{"X-Request-Id": "of-nobody"}), 401,
                 "bad_credentials")
    kinds = rows(server, "SELECT kind FROM outbox WHERE subject_id = %s ORDER BY id", person.id)
    assert [row["kind"] for row in kinds] == ["user.registered", "login.succeeded"]
    versions = rows(server, "SELECT version FROM outbox WHERE subject_id = %s ORDER BY id",
                    person.id)
    assert [row["version"] for row in versions] == [1, 2]
    audit = rows(server, "SELECT kind FROM audit WHERE user_id = %s ORDER BY id", person.id)
    assert [row["kind"] for row in audit] == ["user.registered", "login.succeeded", "login.refused"]
    of_nobody = rows(server, "SELECT user_id, kind FROM audit WHERE request_id = 'of-nobody'")
    assert of_nobody == [{"user_id": None, "kind": "login.refused"}]


@pytest.mark.parametrize(
    "agent", ["x" * 5000, "tab\tand 'quotes'", b"latin-\xe9", "ä".encode() * 200, "{}\"\\"]
)
def test_any_user_agent_is_survived(server: Server, person: Person, agent) -> None:
    assert_ok(login(server, person.email, person.password, **{"User-Agent": agent}))
    assert_error(login(server, person.email, "wrong", **{"User-Agent": agent}), 401,
                 "bad_credentials")


def test_two_servers_share_people_and_sessions(server: Server, person: Person, make_server) -> None:
    other = make_server(server.databases, server.database,
                        JWT_SECRET=server.environment["JWT_SECRET"]).start()
    assert assert_ok(other.get("/auth/me", token=person.token))["id"] == person.id
    set_active(server, person, False)
    assert_error(other.get("/auth/me", token=person.token), 401, "account_inactive")
