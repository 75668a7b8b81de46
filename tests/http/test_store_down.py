"""A store that ends: 503 for what needs it, normal service for the rest, recovery by itself."""

import secrets

import pytest
import shop
from answers import assert_error, assert_ok
from harness import Server
from outage import (
    assert_alive_all_along,
    assert_down,
    assert_up,
    catalogue_calls,
    people_calls,
    wait_down,
    wait_readiness,
    wait_up,
)
from people import Person, fresh_email, make_person, rows

ENDS = ["stop", "kill"]


@pytest.fixture(scope="module", name="lone")
def fixture_lone(own_databases, make_server) -> Server:
    return make_server(own_databases, STORE_TIMEOUT_MS="1500").prepare().start()


@pytest.fixture(scope="module", name="person")
def fixture_person(lone: Server) -> Person:
    return make_person(lone, "manager")


@pytest.fixture(scope="module", name="product")
def fixture_product(lone: Server) -> dict:
    return shop.create(lone, name="Survives")


@pytest.fixture(autouse=True)
def fixture_all_is_well(lone: Server) -> None:
    """Whatever the test before left behind."""
    wait_readiness(lone, 200, status="ok")


def end(database, how: str) -> None:
    getattr(database, how)()


@pytest.mark.parametrize("how", ENDS)
def test_mysql_ends_and_returns(lone: Server, person: Person, product: dict, how: str) -> None:
    people, catalogue = people_calls(lone, person), catalogue_calls(lone, product)
    end(lone.databases.mysql, how)
    try:
        for _ in range(3):
            assert_down(people)
            assert_up(catalogue)
        assert_alive_all_along(lone)
        wait_readiness(lone, 200, status="degraded", mysql="down", mongo="up")
        assert_down(people)
    finally:
        lone.databases.mysql.start()
    wait_up(people_calls(lone, person)[:2])
    assert_up(people_calls(lone, person))
    wait_readiness(lone, 200, status="ok", mysql="up", mongo="up")


@pytest.mark.parametrize("how", ENDS)
def test_mongodb_ends_and_returns(lone: Server, person: Person, product: dict, how: str) -> None:
    people, catalogue = people_calls(lone, person)[:3], catalogue_calls(lone, product)
    edit = {"brand": secrets.token_hex(4)}
    catalogue.append(
        lambda: lone.patch(f"/api/products/{product['id']}", json=edit, token=person.token)
    )
    end(lone.databases.mongo, how)
    try:
        assert_up(people)
        wait_down(catalogue)
        for _ in range(3):
            assert_down(catalogue)
            assert_up(people_calls(lone, person)[:2])
        assert_alive_all_along(lone)
        wait_readiness(lone, 200, status="degraded", mysql="up", mongo="down")
        assert_down(catalogue)
    finally:
        lone.databases.mongo.start()
    wait_up(catalogue)
    assert shop.managed(lone, product)["brand"] == edit["brand"]
    wait_readiness(lone, 200, status="ok", mysql="up", mongo="up")


def test_both_end_and_return(lone: Server, person: Person, product: dict) -> None:
    lone.databases.mysql.stop()
    lone.databases.mongo.kill()
    try:
        wait_readiness(lone, 503, status="down", mysql="down", mongo="down")
        assert "Retry-After" in lone.get("/readyz").headers
        assert_down(people_calls(lone, person))
        assert_down(catalogue_calls(lone, product))
        assert_ok(lone.get("/healthz"))
    finally:
        lone.databases.mongo.start()
        lone.databases.mysql.start()
    wait_up(people_calls(lone, person)[:2] + catalogue_calls(lone, product))
    wait_readiness(lone, 200, status="ok")


@pytest.mark.parametrize("how", ENDS)
def test_no_half_registration_is_left(lone: Server, how: str) -> None:
    """What was answered 201 is there, whole; what was not is there whole or not at all."""
    sent: dict[str, int] = {}
    try:
        for number in range(6):
            if number == 3:
                end(lone.databases.mysql, how)
            email = fresh_email()
            body = {"email": email, "password": "correct horse battery", "name": "A"}
            sent[email] = lone.post("/auth/register", json=body).status_code
    finally:
        lone.databases.mysql.start()
    assert list(sent.values()) == [201] * 3 + [503] * 3
    for email, status in sent.items():
        people = rows(lone, "SELECT id FROM users WHERE login_email = %s", email)
        assert len(people) == (1 if status == 201 else 0)
    for table, column in (("sessions", "user_id"), ("audit", "user_id"), ("outbox", "subject_id")):
        found = rows(lone, f"SELECT u.id FROM users u LEFT JOIN {table} t ON t.{column} = u.id "
                     "WHERE t.id IS NULL AND u.last_login IS NOT NULL")
        assert found == [], table


def test_no_half_product_is_left(lone: Server, person: Person) -> None:
    name = f"Half {secrets.token_hex(4)}"
    statuses = []
    try:
        for number in range(6):
            if number == 3:
                lone.databases.mongo.kill()
            body = {"name": f"{name} {number}", "price": 1, "stock": 5}
            answer = lone.post("/api/products", json=body, token=person.token)
            statuses.append(answer.status_code)
    finally:
        lone.databases.mongo.start()
    assert statuses == [201] * 3 + [503] * 3
    with lone.databases.mongo.connect() as client:
        database = client[lone.database]
        products = list(database.products.find({"name": {"$gte": name, "$lt": f"{name}~"}}))
        assert len(products) == 3
        for product in products:
            sku = product["variants"][0]["sku"]
            assert database.inventory.find_one({"_id": sku})["stock"] == 5
            assert database.audit.count_documents({"subject_id": product["_id"]}) == 1
        assert database.inventory.count_documents({}) == sum(
            variant["track_stock"] for found in database.products.find()
            for variant in found["variants"]
        )


@pytest.mark.parametrize("missing", ["mysql", "mongo"])
def test_a_start_without_a_store(lone: Server, person: Person, product: dict, make_server,
                                 missing: str) -> None:
    """It serves what it can, and the rest when the store is there."""
    database = getattr(lone.databases, missing)
    started = make_server(lone.databases, lone.database, STORE_TIMEOUT_MS="1500",
                          JWT_SECRET=lone.environment["JWT_SECRET"])
    database.stop()
    try:
        started.start()
        wait_readiness(started, 200, status="degraded", **{missing: "down"})
        people, catalogue = people_calls(started, person)[:2], catalogue_calls(started, product)
        wait_down(people if missing == "mysql" else catalogue)
        assert_up(catalogue if missing == "mysql" else people)
    finally:
        database.start()
    wait_up(people + catalogue)
    started.stop()


def test_a_stop_without_a_store(lone: Server, make_server) -> None:
    """Neither store keeps it from ending in an orderly way."""
    started = make_server(lone.databases, lone.database, STORE_TIMEOUT_MS="1500").start()
    lone.databases.mysql.stop()
    lone.databases.mongo.stop()
    try:
        assert_error(started.get("/api/products"), 503, "store_unavailable")
        started.stop()
    finally:
        lone.databases.mysql.start()
        lone.databases.mongo.start()
