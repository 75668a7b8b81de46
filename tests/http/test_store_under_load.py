"""A store that ends, hangs or restarts in the middle of many writes.

What was promised is there, all of it and whole, and service is back soon, without a restart.
"""

import time
from collections.abc import Callable

import pytest
import requests
import shop
from harness import Server
from outage import RECOVERY_S, wait_readiness
from people import fresh_email, rows
from storm import WRITERS, Storm

BEFORE_THE_OUTAGE = 12
# How it begins, whether clients notice before it ends, and how it ends.
OUTAGES = {
    "kill": ("kill", True, "start"),
    "stop": ("stop", True, "start"),
    "hang": ("pause", True, "resume"),
    "restart": ("restart", False, ""),
}


@pytest.fixture(scope="module", name="lone")
def fixture_lone(own_databases, make_server) -> Server:
    made = make_server(own_databases, STORE_TIMEOUT_MS="1500", STORE_CONNECT_TIMEOUT_MS="1000")
    return made.prepare().start()


def through(
    lone: Server, database, how: str, write: Callable[[str], requests.Response]
) -> Storm:
    """The storm outlasts the outage: it ends with writes that succeed again."""
    begin, is_noticed, end = OUTAGES[how]
    with Storm(write) as storm:
        storm.wait_for(201, BEFORE_THE_OUTAGE)
        getattr(database, begin)()
        if is_noticed:
            storm.wait_for(503, WRITERS)
        if end:
            getattr(database, end)()
        begun = time.monotonic()
        so_far = list(storm.statuses.values()).count(201)
        storm.wait_for(201, so_far + WRITERS)
        recovery_s = time.monotonic() - begun
    print(f"{type(database).__name__}, {how}: written again after {recovery_s:.2f} s")
    assert recovery_s < RECOVERY_S
    wait_readiness(lone, 200, status="ok")
    return storm


@pytest.mark.parametrize("how", OUTAGES)
def test_mysql_goes_while_people_register(lone: Server, how: str) -> None:
    domain = fresh_email().split("@")[0]

    def write(name: str) -> requests.Response:
        email = f"{name}@{domain}.example"
        body = {"email": email, "password": "correct horse battery", "name": name}
        return lone.post("/auth/register", json=body)

    storm = through(lone, lone.databases.mysql, how, write)
    people = rows(lone, "SELECT id, name FROM users WHERE login_email LIKE %s",
                  f"%@{domain}.example")
    names = {row["name"] for row in people}
    storm.assert_true_to(names)
    for row in people:
        for table, column in (("sessions", "user_id"), ("outbox", "subject_id"),
                              ("audit", "user_id")):
            found = rows(lone, f"SELECT id FROM {table} WHERE {column} = %s", row["id"])
            assert len(found) == 1, (table, row)


@pytest.mark.parametrize("how", OUTAGES)
def test_mongodb_goes_while_products_are_made(lone: Server, how: str) -> None:
    token, brand = lone.admin_token(), fresh_email()

    def write(name: str) -> requests.Response:
        body = {"name": name, "slug": name, "sku": name, "price": 1, "stock": 7, "brand": brand}
        return lone.post("/api/products", json=body, token=token)

    storm = through(lone, lone.databases.mongo, how, write)
    with lone.databases.mongo.connect() as client:
        database = client[lone.database]
        found = {row["slug"]: row for row in database.products.find({"brand": brand})}
        ids = [row["_id"] for row in found.values()]
        levels = {row["_id"]: row for row in database.inventory.find({"product_id": {"$in": ids}})}
        audited = [row["subject_id"] for row in database.audit.find({"subject_id": {"$in": ids}})]
        assert database.inventory.count_documents({}) == database.products.count_documents({})
    storm.assert_true_to(set(found))
    assert set(levels) == set(found)
    assert all(level["stock"] == 7 for level in levels.values())
    assert sorted(audited) == sorted(ids)
    one = next(name for name, status in storm.statuses.items() if status == 201)
    assert shop.managed(lone, {"id": str(found[one]["_id"])})["name"] == one
