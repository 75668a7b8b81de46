"""A secret that is known appears nowhere it should not (SECURITY checklist, 56 to 59)."""

import json

import pytest
from answers import assert_error, assert_ok
from harness import Server
from people import fresh_email, rows

PASSWORD = "canary-password-7c1f"
WRONG_PASSWORD = "canary-wrong-password-9d2e"
IN_QUERY = "canary-query-4b7a"


@pytest.fixture(scope="module", name="secrets")
def fixture_secrets(server: Server) -> dict[str, str]:
    """What was used in a busy morning."""
    email = fresh_email()
    body = {"email": email, "password": PASSWORD, "name": "Canary"}
    made = assert_ok(server.post("/auth/register", json=body), 201)
    logged_in = assert_ok(server.post("/auth/login", json=body))
    for wrong in (
        {**body, "password": WRONG_PASSWORD},
        {**body, "password": WRONG_PASSWORD, "email": fresh_email()},
        {**body, "password": WRONG_PASSWORD, "email": "no address"},
    ):
        server.post("/auth/login", json=wrong)
    server.post("/auth/register", json=body)
    server.post("/auth/register", json={**body, "email": "no address"})
    cut = json.dumps(body)[:-1]
    server.post("/auth/login", data=cut, headers={"Content-Type": "application/json"})
    server.post("/auth/login", json=body, headers={"Content-Type": "text/plain"})
    for token in (made["access_token"], logged_in["access_token"] + "x"):
        server.get("/auth/me", token=token)
        server.get(f"/auth/me?access_token={token}")
        server.get("/auth/me", headers={"Cookie": f"session={token}"})
    server.get(f"/api/products?brand={IN_QUERY}")
    return {
        "password": PASSWORD,
        "wrong password": WRONG_PASSWORD,
        "query": IN_QUERY,
        "access token": made["access_token"],
        "second access token": logged_in["access_token"],
        "refresh token": made["refresh_token"],
        "second refresh token": logged_in["refresh_token"],
        "signing secret": server.environment["JWT_SECRET"],
        "MySQL's password": server.databases.mysql.password,
        "administrator's password": server.admin_password,
    }


def test_the_log(server: Server, secrets: dict[str, str]) -> None:
    server.get("/healthz", headers={"X-Request-Id": "the-last-line"})
    assert server.logged("the-last-line")
    text = server.log_text()
    assert '"/auth/login"' in text
    for name, secret in secrets.items():
        assert secret not in text, name


def test_the_log_is_json_lines_in_utc(server: Server, secrets: dict[str, str]) -> None:
    lines = server.log_text().splitlines()
    assert len(lines) > 10
    for line in lines:
        entry = json.loads(line)
        assert entry["time"].endswith("Z") and entry["level"] and entry["event"]


def test_no_line_can_be_forged(server: Server) -> None:
    before = len(server.log_text().splitlines())
    server.get("/nothing%0a%7b%22level%22:%22forged%22%7d%0d%0a")
    server.post("/auth/login", json={"email": "a\n{}@example.com", "password": "x"},
                headers={"User-Agent": 'x"} {"level":"forged', "X-Request-Id": "after-the-forged"})
    assert server.logged("after-the-forged")
    lines = server.log_text().splitlines()
    assert len(lines) >= before + 2
    assert all(json.loads(line)["level"] != "forged" for line in lines)


@pytest.mark.parametrize("table", ["users", "sessions", "outbox", "audit", "roles"])
def test_mysql(server: Server, secrets: dict[str, str], table: str) -> None:
    text = str(rows(server, f"SELECT * FROM {table}"))
    for name, secret in secrets.items():
        assert secret not in text, name
    assert table == "users" or "argon2" not in text


def test_answers(server: Server, secrets: dict[str, str]) -> None:
    bodies = [
        {"email": secrets["password"], "password": secrets["password"]},
        {"email": "a@example.com", "password": secrets["password"] * 60},
        {"email": "a@example.com", "password": [secrets["password"]]},
    ]
    for body in bodies:
        answer = server.post("/auth/login", json=body)
        assert_error(answer, 400, "invalid")
        assert secrets["password"] not in answer.text


def test_the_hash_is_never_shown(server: Server, secrets: dict[str, str]) -> None:
    answer = server.get("/auth/me", token=secrets["access token"])
    assert_ok(answer)
    assert "argon2" not in answer.text and "password" not in answer.text
