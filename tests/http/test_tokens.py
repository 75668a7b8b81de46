"""Access tokens that we did not sign, or did not sign for this (SECURITY checklist, 29 to 33)."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from answers import assert_error, assert_ok
from harness import Server
from people import Person, make_person


@pytest.fixture(scope="module", name="person")
def fixture_person(server: Server) -> Person:
    return make_person(server)


def encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decode(part: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return content


def header_of(token: str) -> dict[str, Any]:
    return decode(token.split(".")[0])


def claims_of(token: str) -> dict[str, Any]:
    return decode(token.split(".")[1])


def sign(header: Any, claims: Any, secret: str, digest: str = "sha256") -> str:
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode()
             for part in (header, claims)]
    text = ".".join(map(encode, parts))
    return f"{text}.{encode(hmac.digest(secret.encode(), text.encode(), digest))}"


def secret_of(server: Server) -> str:
    return server.environment["JWT_SECRET"]


def refuse(server: Server, token: str) -> None:
    assert_error(server.get("/auth/me", token=token), 401, "unauthenticated")


def test_what_a_token_says(server: Server, person: Person) -> None:
    assert header_of(person.token)["alg"] == "HS256"
    claims = claims_of(person.token)
    assert claims["exp"] - claims["iat"] == 900
    assert abs(claims["iat"] - time.time()) < 300
    assert person.email not in json.dumps(claims)
    assert set(claims) == {"iss", "aud", "purpose", "sub", "sid", "iat", "nbf", "exp"}


def test_our_own_signature_is_made_the_same_way(server: Server, person: Person) -> None:
    """So that what the other tests forge fails for the reason they name."""
    again = sign(header_of(person.token), claims_of(person.token), secret_of(server))
    assert assert_ok(server.get("/auth/me", token=again))["id"] == person.id


@pytest.mark.parametrize(
    "changed",
    [
        {"alg": "none"},
        {"alg": "None"},
        {"alg": "HS384"},
        {"alg": "HS512"},
        {"alg": "RS256"},
        {"alg": "ES256"},
        {"alg": "hs256"},
        {"alg": ""},
        {"alg": None},
        {"alg": ["HS256"]},
        {"typ": "refresh"},
        {"kid": "../../dev/null"},
        {"jwk": {"kty": "oct", "k": ""}},
        {"jku": "https://evil.example/keys.json"},
        {"x5u": "https://evil.example/key.pem"},
        {"crit": ["exp"]},
        {"b64": False},
    ],
)
def test_a_header_that_is_not_ours(server: Server, person: Person, changed: dict) -> None:
    header = {**header_of(person.token), **changed}
    claims = claims_of(person.token)
    refuse(server, sign(header, claims, secret_of(server)))
    unsigned = ".".join((encode(json.dumps(header).encode()), encode(json.dumps(claims).encode())))
    refuse(server, f"{unsigned}.")
    refuse(server, unsigned)


@pytest.mark.parametrize(("alg", "digest"), [("HS384", "sha384"), ("HS512", "sha512")])
def test_another_digest_with_our_secret(
    server: Server, person: Person, alg: str, digest: str
) -> None:
    header = {**header_of(person.token), "alg": alg}
    refuse(server, sign(header, claims_of(person.token), secret_of(server), digest))


@pytest.mark.parametrize("secret", ["", "secret", "another secret of more than 32 bytes, indeed"])
def test_another_secret(server: Server, person: Person, secret: str) -> None:
    refuse(server, sign(header_of(person.token), claims_of(person.token), secret))


NOW = int(time.time())


@pytest.mark.parametrize(
    "changed",
    [
        {"iat": NOW - 1000, "nbf": NOW - 1000, "exp": NOW - 100},
        {"exp": NOW + 10 * 365 * 86400},
        {"exp": str(NOW + 600)},
        {"exp": float(NOW) + 600.5},
        {"exp": None},
        {"exp": 1e300},
        {"exp": 2**63 - 1},
        {"nbf": NOW + 3000, "exp": NOW + 3600},
        {"iat": NOW + 3000, "exp": NOW + 3600},
        {"aud": "another"},
        {"aud": ["aizy"]},
        {"iss": "another"},
        {"purpose": "refresh"},
        {"purpose": None},
        {"sub": "0"},
        {"sub": "-1"},
        {"sub": 1},
        {"sub": "1 OR 1=1"},
        {"sub": "99999999999999999999"},
        {"sid": "999999999"},
        {"sid": "0"},
        {"role": "admin"},
    ],
)
def test_claims_that_are_not_right(server: Server, person: Person, changed: dict) -> None:
    claims = {**claims_of(person.token), **changed}
    refuse(server, sign(header_of(person.token), claims, secret_of(server)))


@pytest.mark.parametrize("name", ["iss", "aud", "purpose", "sub", "sid", "iat", "nbf", "exp"])
def test_a_claim_that_is_missing(server: Server, person: Person, name: str) -> None:
    claims = claims_of(person.token)
    del claims[name]
    refuse(server, sign(header_of(person.token), claims, secret_of(server)))


def test_the_session_of_another_person(server: Server, person: Person) -> None:
    other = make_person(server)
    claims = {**claims_of(person.token), "sid": claims_of(other.token)["sid"]}
    refuse(server, sign(header_of(person.token), claims, secret_of(server)))


@pytest.mark.parametrize("claims", [b"null", b"[]", b"{}", b"", b"\xff", b'"x"', b"{"])
def test_a_payload_that_is_none(server: Server, person: Person, claims: bytes) -> None:
    refuse(server, sign(header_of(person.token), claims, secret_of(server)))


def test_every_changed_letter_is_noticed(server: Server, person: Person) -> None:
    token = person.token
    for at in range(0, len(token), 7):
        letter = "A" if token[at] != "A" else "B"
        refuse(server, token[:at] + letter + token[at + 1 :])


def test_a_signature_has_one_spelling(server: Server, person: Person) -> None:
    """The last letter of 32 bytes in base64url has two bits that say nothing."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(person.token[-1])
    refuse(server, person.token[:-1] + alphabet[last ^ 1])
    for suffix in ("=", "==", ".", "x", "%00"):
        refuse(server, person.token + suffix)


@pytest.mark.parametrize(
    "token",
    ["x", ".", "..", "...", "a.b.c", "a.b.c.d.e", "null", "undefined", "e30.e30.", "x" * 8000],
)
def test_garbage(server: Server, token: str) -> None:
    refuse(server, token)


@pytest.mark.parametrize(
    "value",
    ["", "Bearer", "Bearer ", "Basic {token}", "{token}", "Token {token}", "Bearer{token}",
     "Bearer {token} {token}", "Bearer {token},", "Bearer: {token}", 'Bearer "{token}"'],
)
def test_another_way_to_show_a_token(server: Server, person: Person, value: str) -> None:
    headers = {"Authorization": value.format(token=person.token)}
    assert_error(server.get("/auth/me", headers=headers), 401, "unauthenticated")


def test_the_scheme_has_no_case(server: Server, person: Person) -> None:
    for scheme in ("Bearer", "bearer", "BEARER"):
        headers = {"Authorization": f"{scheme} {person.token}"}
        assert_ok(server.get("/auth/me", headers=headers))


def test_a_token_in_the_address_or_a_cookie_is_none(server: Server, person: Person) -> None:
    assert_error(server.get(f"/auth/me?access_token={person.token}"), 400, "invalid")
    for name in ("access_token", "token", "Authorization"):
        headers = {"Cookie": f"{name}={person.token}"}
        assert_error(server.get("/auth/me", headers=headers), 401, "unauthenticated")


def test_the_previous_secret_is_good_until_tokens_expire(
    server: Server, person: Person, make_server
) -> None:
    old = secret_of(server)
    new = hashlib.sha256(old.encode()).hexdigest()
    rotated = make_server(server.databases, server.database, JWT_SECRET=new,
                          JWT_SECRET_PREVIOUS=old).start()
    assert_ok(rotated.get("/auth/me", token=person.token))
    fresh = rotated.login(person.email, person.password)
    assert_ok(rotated.get("/auth/me", token=fresh))
    refuse(server, fresh)
    rotated.stop()
    forgotten = make_server(server.databases, server.database, JWT_SECRET=new).start()
    refuse(forgotten, person.token)
    assert_ok(forgotten.get("/auth/me", token=fresh))
