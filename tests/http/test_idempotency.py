"""Idempotency-Key: what is sent twice happens once (API.md, Conventions)."""

import secrets
import time
from collections import Counter
from typing import Any

import pytest
import requests
from answers import assert_error, assert_invalid, assert_ok
from harness import Server
from people import make_person
from threads import at_once

TWINS = 100
KEPT_HEADERS = ("Content-Type", "ETag", "Location")


def create(server: Server, key: str, token: str = "", **members: Any) -> requests.Response:
    body = {"name": "Sent twice", "price": 1250, **members}
    return server.post("/api/products", json=body, token=token or server.admin_token(),
                       headers={"Idempotency-Key": key})


def fresh_key() -> str:
    return secrets.token_hex(16)


def count(server: Server, collection: str, **filters: Any) -> int:
    with server.databases.mongo.connect() as client:
        return client[server.database][collection].count_documents(filters)


def test_the_first_answer_comes_again(server: Server) -> None:
    key = fresh_key()
    first = create(server, key, slug="once", description="<b> \u00e9 \u2028 &")
    assert_ok(first, 201)
    assert "Idempotency-Replayed" not in first.headers
    # What has happened since does not change it.
    path = f"/api/products/{first.json()['id']}"
    assert_ok(server.patch(path, json={"brand": "Later"}, token=server.admin_token()))
    for _ in range(3):
        again = create(server, key, slug="once", description="<b> \u00e9 \u2028 &")
        assert again.status_code == 201
        assert again.content == first.content
        assert again.headers["Idempotency-Replayed"] == "true"
        assert again.headers["X-Request-Id"] != first.headers["X-Request-Id"]
        for name in KEPT_HEADERS:
            assert again.headers[name] == first.headers[name]
    assert count(server, "products", slug="once") == 1


def test_another_body_is_refused(server: Server) -> None:
    key = fresh_key()
    assert_ok(create(server, key, name="One body"), 201)
    assert_error(create(server, key, name="Another body"), 409, "idempotency_key_reused")
    assert count(server, "products", name="Another body") == 0
    # Byte for byte: whoever sends again sends the same.
    spaced = server.post("/api/products", data='{"name": "One body",  "price": 1250}',
                         token=server.admin_token(),
                         headers={"Idempotency-Key": key, "Content-Type": "application/json"})
    assert_error(spaced, 409, "idempotency_key_reused")


def test_a_key_belongs_to_its_caller(server: Server) -> None:
    key = fresh_key()
    manager = make_person(server, "manager")
    first = assert_ok(create(server, key, name="Shared key"), 201)
    other = assert_ok(create(server, key, token=manager.token, name="Shared key"), 201)
    assert first["id"] != other["id"]


def test_a_failure_is_not_kept(server: Server) -> None:
    key = fresh_key()
    taken = assert_ok(create(server, fresh_key(), slug="taken-then-free"), 201)
    assert_error(create(server, key, slug="taken-then-free"), 409, "slug_taken")
    gone = server.delete(f"/api/products/{taken['id']}?hard=true", token=server.admin_token())
    assert gone.status_code == 204
    assert_ok(create(server, key, slug="taken-then-free"), 201)
    key = fresh_key()
    assert_invalid(create(server, key, price=-1), price="")
    assert_ok(create(server, key, price=1), 201)


def test_a_replay_is_guarded_as_the_first(server: Server) -> None:
    key = fresh_key()
    assert_ok(create(server, key, name="Guarded"), 201)
    customer = make_person(server)
    assert_error(create(server, key, token=customer.token, name="Guarded"), 403, "forbidden")
    assert_error(create(server, key, token="x", name="Guarded"), 401, "unauthenticated")


@pytest.mark.parametrize("key", ["", "a" * 256, "two words", "tab\there", "caf\u00e9"])
def test_other_keys_are_refused(server: Server, key: str) -> None:
    answer = server.post("/api/products", json={"name": "Bad key", "price": 1},
                         token=server.admin_token(),
                         headers={"Idempotency-Key": key.encode("latin-1")})
    assert [row["field"] for row in assert_error(answer, 400, "invalid")["fields"]] == [
        "Idempotency-Key"
    ]
    assert count(server, "products", name="Bad key") == 0


def test_the_longest_key_is_taken(server: Server) -> None:
    key = secrets.token_hex(127) + "~"
    first = assert_ok(create(server, key, name="Long key"), 201)
    assert assert_ok(create(server, key, name="Long key"), 201)["id"] == first["id"]


def test_without_a_key_each_counts(server: Server) -> None:
    for _ in range(2):
        body = {"name": "No key", "price": 1}
        assert_ok(server.post("/api/products", json=body, token=server.admin_token()), 201)
    assert count(server, "products", name="No key") == 2


def test_the_record_expires_after_a_day(server: Server) -> None:
    assert_ok(create(server, fresh_key(), name="Kept for a day"), 201)
    with server.databases.mongo.connect() as client:
        keys = client[server.database].idempotency_keys
        record = keys.find_one(sort=[("created_at", -1)])
        assert (record["expires_at"] - record["created_at"]).total_seconds() == 24 * 60 * 60
        indexes = keys.index_information()
        assert indexes["expiry"]["expireAfterSeconds"] == 0


@pytest.mark.race
def test_twins_have_one_effect_and_one_answer(server: Server) -> None:
    key = fresh_key()
    name = f"Twin {key}"
    server.admin_token()
    begun = time.monotonic()
    answers = at_once(lambda _: create(server, key, name=name), TWINS)
    took = time.monotonic() - begun
    counted = Counter(answer.status_code for answer in answers)
    assert set(counted) <= {201, 409}, counted
    assert counted[201] >= 1
    done = [answer for answer in answers if answer.status_code == 201]
    assert len({answer.content for answer in done}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in done) <= 1
    for answer in answers:
        if answer.status_code == 409:
            assert_error(answer, 409, "in_progress")
            assert answer.headers["Retry-After"] == "1"
    assert count(server, "products", name=name) == 1
    product = done[0].json()
    assert count(server, "audit", subject_name=product["slug"]) == 1
    assert create(server, key, name=name).content == done[0].content
    assert took < 30
