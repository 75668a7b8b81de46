"""POST /auth/register: what it makes, what it refuses, and what is left in MySQL."""

import json
import re

import pytest
from answers import assert_error, assert_invalid, assert_ok, assert_private
from harness import Server
from people import execute, fresh_email, rows

USER_MEMBERS = [
    "id", "email", "login_email", "mobile", "name", "avatar_url", "role", "permissions",
    "is_active", "email_verified", "mobile_verified", "profile_complete", "last_login",
    "created_at", "updated_at",
]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
ARGON2ID = re.compile(
    r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}"
)


def register(server: Server, **members: object):
    body = {"email": fresh_email(), "password": "correct horse battery", "name": "Ada", **members}
    return server.post("/auth/register", json=body)


def test_the_answer(server: Server) -> None:
    answer = register(server, email="ada@example.com", name="Ada Lovelace")
    body = assert_ok(answer, 201)
    assert_private(answer)
    assert list(body) == ["user", "access_token", "refresh_token", "token_type", "expires_in"]
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 900)
    assert body["access_token"].count(".") == 2
    assert len(body["refresh_token"]) >= 22
    user = body["user"]
    assert list(user) == USER_MEMBERS
    assert isinstance(user["id"], int) and user["id"] > 0
    for member in ("created_at", "updated_at", "last_login"):
        assert TIME.fullmatch(user.pop(member))
    assert user.pop("id")
    assert user == {
        "email": "ada@example.com", "login_email": "ada@example.com", "mobile": None,
        "name": "Ada Lovelace", "avatar_url": None, "role": "customer", "permissions": [],
        "is_active": True, "email_verified": False, "mobile_verified": False,
        "profile_complete": True,
    }


def test_the_token_is_good_at_once(server: Server) -> None:
    body = assert_ok(register(server), 201)
    assert assert_ok(server.get("/auth/me", token=body["access_token"])) == body["user"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Grace.HOPPER@Example.COM", "grace.hopper@example.com"),
        ("  spaces@example.com\t", "spaces@example.com"),
        ("plus+tag@sub.example.co.uk", "plus+tag@sub.example.co.uk"),
        ("o'brien!#$%&*/=?^_`{|}~-@example.com", "o'brien!#$%&*/=?^_`{|}~-@example.com"),
        ("x" * 64 + "@example.com", "x" * 64 + "@example.com"),
    ],
)
def test_an_address_is_normalised(server: Server, sent: str, kept: str) -> None:
    user = assert_ok(register(server, email=sent), 201)["user"]
    assert (user["email"], user["login_email"]) == (kept, kept)
    for again in (sent, kept, kept.upper()):
        assert_error(register(server, email=again), 409, "email_taken")
    login = {"email": sent.upper(), "password": "correct horse battery"}
    assert assert_ok(server.post("/auth/login", json=login))["user"]["id"] == user["id"]


BAD_ADDRESSES = [
    "", " ", "a", "@", "a@", "@b.co", "a@b", "a b@example.com", "a@b@example.com", "a@.com",
    "a@b..co", "a@-b.co", "a@b-.co", "a@b.co.", ".a@b.co", "a.@b.co", "a..b@b.co", "a@b_c.co",
    '"quoted"@example.com', "a@[127.0.0.1]", "ä@example.com", "a@exämple.com", "a,b@example.com",
    "a\n@example.com", "a@example.com\r\nBcc: x@example.com", "a@example.com\x00",
    "x" * 65 + "@example.com", "x@" + "y" * 64 + ".com",
    "x@" + ("y" * 60 + ".") * 4 + "example.com",
    "a<b>@example.com", "a;b@example.com", "a(comment)@example.com", "\u202ea@example.com",
]


@pytest.mark.parametrize("email", BAD_ADDRESSES)
def test_an_address_that_is_none(server: Server, email: str) -> None:
    data = json.dumps({"email": email, "password": "correct horse battery", "name": "A"})
    headers = {"Content-Type": "application/json"}
    answer = server.post("/auth/register", data=data, headers=headers)
    if "\x00" in email:
        assert_error(answer, 400, "malformed_json")
        return
    assert_invalid(answer, email="must")


def test_letters_that_look_alike_are_two_mailboxes(server: Server) -> None:
    """SQL's usual collations would make one of a trailing blank, of case and of accents."""
    execute(server, "INSERT INTO users (login_email, role_id, created_at, updated_at) "
            "SELECT 'mı́a@example.com', id, NOW(3), NOW(3) FROM roles WHERE name = 'customer'")
    assert_ok(register(server, email="mia@example.com"), 201)
    assert_error(register(server, email="mia@example.com"), 409, "email_taken")


@pytest.mark.parametrize(
    ("members", "messages"),
    [
        ({"email": None}, {"email": "must not be null"}),
        ({"email": 1}, {"email": "must be a string"}),
        ({"email": {"$gt": ""}}, {"email": "must be a string"}),
        ({"email": ["a@b.co"]}, {"email": "must be a string"}),
        ({"password": ""}, {"password": "at least 8 characters"}),
        ({"password": "1234567"}, {"password": "at least 8 characters"}),
        ({"password": "äöüäöüä"}, {"password": "at least 8 characters"}),
        ({"password": "x" * 1025}, {"password": "at most"}),
        ({"password": "ä" * 513}, {"password": "at most 1024 bytes"}),
        ({"password": 12345678}, {"password": "must be a string"}),
        ({"password": None}, {"password": "must not be null"}),
        ({"password": {"$ne": None}}, {"password": "must be a string"}),
        ({"name": ""}, {"name": "must not be empty"}),
        ({"name": "   "}, {"name": "must not be empty"}),
        ({"name": "x" * 201}, {"name": "at most 200 characters"}),
        ({"name": "A\nB"}, {"name": "control characters"}),
        ({"name": "A\x7f"}, {"name": "control characters"}),
        ({"name": None}, {"name": "must not be null"}),
        ({"name": True}, {"name": "must be a string"}),
        (
            {"email": "a@b", "password": "short", "name": ""},
            {"email": "must be an e-mail", "password": "at least 8", "name": "must not be empty"},
        ),
    ],
)
def test_what_is_refused(server: Server, members: dict, messages: dict) -> None:
    before = rows(server, "SELECT COUNT(*) AS n FROM users")
    assert_invalid(register(server, **members), **messages)
    assert rows(server, "SELECT COUNT(*) AS n FROM users") == before


def test_everything_is_required(server: Server) -> None:
    answer = server.post("/auth/register", json={})
    assert_invalid(answer, email="is required", password="is required", name="is required")


@pytest.mark.parametrize(
    "password",
    [
        "        ",
        " leading and trailing ",
        "tab\tand\nline end",
        "пароль-пароль",
        "\U0001f511" * 8,
        "e\u0301" * 8,
        "x" * 64,
        "x" * 1024,
        "ä" * 512,
        "'; DROP TABLE users; --",
        "A" * 7 + "\u00e9",
    ],
)
def test_a_password_is_taken_exactly_as_it_is(server: Server, password: str) -> None:
    email = fresh_email()
    assert_ok(register(server, email=email, password=password), 201)
    assert_ok(server.post("/auth/login", json={"email": email, "password": password}))
    others = {password.strip(), password.upper(), password[:-1], password + " ", password[:72]}
    for other in others - {password, ""}:
        answer = server.post("/auth/login", json={"email": email, "password": other})
        assert answer.status_code in (400, 401), other


def test_unicode_that_looks_the_same_is_another_password(server: Server) -> None:
    email = fresh_email()
    assert_ok(register(server, email=email, password="caf\u00e9-caf\u00e9"), 201)
    body = {"email": email, "password": "cafe\u0301-cafe\u0301"}
    assert_error(server.post("/auth/login", json=body), 401, "bad_credentials")


@pytest.mark.parametrize("name", ["Zoë", "李小龍", "مريم", "\U0001f469\u200d\U0001f680", "<b>A</b>",
                                  "Robert'); DROP TABLE users;--", '"quoted"', "ß" * 200])
def test_a_name_comes_back_as_it_was(server: Server, name: str) -> None:
    assert assert_ok(register(server, name=name), 201)["user"]["name"] == name


# What is left in MySQL.


def test_the_row_holds_a_hash_and_never_the_password(server: Server) -> None:
    password = "never to be seen again"
    first = assert_ok(register(server, password=password), 201)["user"]
    second = assert_ok(register(server, password=password), 201)["user"]
    hashes = rows(server, "SELECT password_hash AS hash FROM users WHERE id IN (%s, %s)",
                  first["id"], second["id"])
    for row in hashes:
        match = ARGON2ID.fullmatch(row["hash"])
        assert match, row
        memory, passes, lanes = map(int, match.groups())
        assert memory >= 19456 and passes >= 2 and lanes >= 1
    assert hashes[0] != hashes[1]


def test_one_transaction_writes_user_session_outbox_and_audit(server: Server) -> None:
    headers = {"User-Agent": "a browser/1.0", "X-Request-Id": "register-once"}
    body = {"email": fresh_email(), "password": "correct horse battery", "name": "Ada"}
    made = assert_ok(server.post("/auth/register", json=body, headers=headers), 201)
    user_id = made["user"]["id"]
    sessions = rows(server, "SELECT * FROM sessions WHERE user_id = %s", user_id)
    assert len(sessions) == 1
    assert sessions[0]["address"] == "127.0.0.1"
    assert sessions[0]["user_agent"] == "a browser/1.0"
    assert sessions[0]["ended_at"] is None
    outbox = rows(server, "SELECT * FROM outbox WHERE subject_id = %s", user_id)
    assert [row["kind"] for row in outbox] == ["user.registered"]
    payload = json.loads(outbox[0]["payload"])["user"]
    assert payload["login_email"] == body["email"] and payload["role"] == "customer"
    assert outbox[0]["version"] == payload["version"] == 1
    assert outbox[0]["delivered_at"] is None
    audit = rows(server, "SELECT * FROM audit WHERE user_id = %s", user_id)
    assert [row["kind"] for row in audit] == ["user.registered"]
    assert audit[0]["request_id"] == "register-once" and audit[0]["address"] == "127.0.0.1"


def test_a_refused_registration_leaves_nothing(server: Server) -> None:
    taken = assert_ok(register(server), 201)["user"]["email"]
    counts = [rows(server, f"SELECT COUNT(*) AS n FROM {table}") for table in
              ("users", "sessions", "outbox")]
    assert_error(register(server, email=taken), 409, "email_taken")
    assert counts == [rows(server, f"SELECT COUNT(*) AS n FROM {table}") for table in
                      ("users", "sessions", "outbox")]
