"""Many at once: what is unique stays unique, and one of them wins (SECURITY checklist, 43)."""

from collections import Counter
from collections.abc import Callable

import pytest
import requests
import shop
from answers import assert_alive, assert_ok
from harness import Server
from people import fresh_email, make_person, rows
from threads import MANY, at_once

pytestmark = pytest.mark.race

# Those who are asked to come back have not been told that they lost.
RETRY = 503


@pytest.fixture(scope="module", name="busy")
def fixture_busy(make_server, databases) -> Server:
    """Room for all of them to wait."""
    return make_server(databases, HASH_QUEUE="200").prepare().start()


def tally(answers: list[requests.Response]) -> Counter:
    return Counter(answer.status_code for answer in answers)


def codes(answers: list[requests.Response], status: int) -> set[str]:
    return {answer.json()["code"] for answer in answers if answer.status_code == status}


def test_one_address_is_registered_once(busy: Server) -> None:
    email = fresh_email()

    def register(number: int) -> requests.Response:
        body = {"email": email.upper() if number % 2 else email, "name": f"Number {number}",
                "password": f"correct horse {number}"}
        return busy.post("/auth/register", json=body)

    answers = at_once(register)
    assert tally(answers) == {201: 1, 409: MANY - 1}
    assert codes(answers, 409) == {"email_taken"}
    people = rows(busy, "SELECT id, name FROM users WHERE login_email = %s", email)
    winner = next(answer.json()["user"] for answer in answers if answer.status_code == 201)
    assert [(row["id"], row["name"]) for row in people] == [(winner["id"], winner["name"])]
    for table, column in (("sessions", "user_id"), ("outbox", "subject_id"), ("audit", "user_id")):
        found = rows(busy, f"SELECT id FROM {table} WHERE {column} = %s", winner["id"])
        assert len(found) == 1, table


def test_many_addresses_are_registered(busy: Server) -> None:
    def register(_: int) -> requests.Response:
        body = {"email": fresh_email(), "password": "correct horse battery", "name": "A"}
        return busy.post("/auth/register", json=body)

    answers = at_once(register)
    assert tally(answers) == {201: MANY}
    assert len({answer.json()["user"]["id"] for answer in answers}) == MANY
    assert len({answer.json()["refresh_token"] for answer in answers}) == MANY


def test_one_person_logs_in_many_times(busy: Server) -> None:
    person = make_person(busy)
    body = {"email": person.email, "password": person.password}
    answers = at_once(lambda _: busy.post("/auth/login", json=body), 20)
    assert tally(answers) == {200: 20}
    assert len(rows(busy, "SELECT id FROM sessions WHERE user_id = %s", person.id)) == 21
    versions = rows(busy, "SELECT version FROM outbox WHERE subject_id = %s ORDER BY version",
                    person.id)
    assert [row["version"] for row in versions] == list(range(1, 22))


def test_a_full_queue_says_so(make_server, databases) -> None:
    """Neither waits for ever nor fails: 503, and who waits is served."""
    narrow = make_server(databases, HASH_WORKERS="1", HASH_QUEUE="2").prepare().start()
    body = {"email": "nobody@example.com", "password": "wrong"}
    answers = at_once(lambda _: narrow.post("/auth/login", json=body), 30)
    counted = tally(answers)
    assert set(counted) == {401, 503} and counted[401] >= 2
    assert codes(answers, 503) == {"busy"}
    assert all("Retry-After" in answer.headers for answer in answers if answer.status_code == 503)
    assert narrow.post("/auth/login", json=body).status_code == 401


def create(server: Server, **members: object) -> Callable[[int], requests.Response]:
    token = server.admin_token()

    def call(number: int) -> requests.Response:
        body = {"name": f"Racer {number}", "price": 1, **members}
        return server.post("/api/products", json=body, token=token)

    return call


@pytest.mark.parametrize(
    ("member", "value", "code"),
    [("slug", "one-of-many", "slug_taken"), ("sku", "SKU-OF-MANY", "sku_taken")],
)
def test_a_slug_and_a_sku_have_one_owner(busy: Server, member: str, value: str, code: str) -> None:
    answers = at_once(create(busy, **{member: value}))
    counted = tally(answers)
    assert counted[201] == 1, counted
    assert counted[409] + counted[RETRY] == MANY - 1, counted
    assert codes(answers, 409) <= {code, "conflict"} and counted[409] > MANY // 2
    with busy.databases.mongo.connect() as client:
        key = {"slug": "slug", "sku": "variants.sku"}[member]
        assert client[busy.database].products.count_documents({key: value}) == 1


def test_made_slugs_are_all_different(busy: Server) -> None:
    answers = at_once(create(busy, name="The same for all"), 12)
    made = [answer.json() for answer in answers if answer.status_code == 201]
    assert set(tally(answers)) <= {201, 409, RETRY} and len(made) >= 1
    assert codes(answers, 409) <= {"conflict"}
    assert len({product["slug"] for product in made}) == len(made)
    assert len({product["variants"][0]["sku"] for product in made}) == len(made)


def test_one_edit_wins(busy: Server) -> None:
    product = shop.create(busy, name="Fought over")
    path = f"/api/products/{product['id']}"
    etag = busy.get(path).headers["ETag"]
    token = busy.admin_token()
    answers = at_once(
        lambda number: busy.patch(
            path, json={"brand": f"Number {number}"}, headers={"If-Match": etag}, token=token
        )
    )
    counted = tally(answers)
    assert counted[200] == 1, counted
    assert counted[412] + counted[409] + counted[RETRY] == MANY - 1, counted
    assert counted[412] > MANY // 2
    winner = next(answer.json() for answer in answers if answer.status_code == 200)
    now = shop.managed(busy, product)
    assert (now["brand"], now["version"]) == (winner["brand"], product["version"] + 1)


def test_edits_without_a_condition_all_count(busy: Server) -> None:
    product = shop.create(busy, name="Edited by all")
    path = f"/api/products/{product['id']}"
    token = busy.admin_token()
    answers = at_once(
        lambda number: busy.patch(path, json={"tags": [f"t{number}"]}, token=token), 20
    )
    counted = tally(answers)
    assert set(counted) <= {200, 409, RETRY}
    now = shop.managed(busy, product)
    assert now["version"] == product["version"] + counted[200]


def test_delete_and_edit_at_once(busy: Server) -> None:
    product = shop.create(busy, name="Deleted by all", stock=3)
    path = f"/api/products/{product['id']}"
    token = busy.admin_token()

    def call(number: int) -> requests.Response:
        if number % 2:
            return busy.delete(f"{path}?hard=true", token=token)
        return busy.patch(path, json={"stock": number}, token=token)

    answers = at_once(call, 20)
    assert set(tally(answers)) <= {200, 204, 404, 409, RETRY}
    assert tally(answers)[204] == 1
    with busy.databases.mongo.connect() as client:
        sku = product["variants"][0]["sku"]
        assert client[busy.database].inventory.count_documents({"_id": sku}) == 0


def test_reads_among_writes_are_whole(busy: Server) -> None:
    product = shop.create(busy, name="Read and written", price=0, compare_at_price=0)
    path = f"/api/products/{product['id']}"
    token = busy.admin_token()

    def call(number: int) -> requests.Response:
        if number % 4 == 0:
            both = {"price": number, "compare_at_price": number}
            return busy.patch(path, json=both, token=token)
        return busy.get(path if number % 4 == 1 else "/api/products?limit=100")

    answers = at_once(call)
    for answer in answers:
        if answer.request.method == "GET":
            body = assert_ok(answer)
            for item in body.get("items", [body]):
                if item["id"] == product["id"]:
                    variant = item["variants"][0]
                    assert variant["price"] == variant["compare_at_price"] == item["price"]
    assert_alive(busy)
