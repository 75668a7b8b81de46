"""Categories with many products, and many categories: batches, their interruption, their time."""

import secrets
import time
from typing import Any

import pytest
import shop
from answers import assert_error, assert_ok
from bson import ObjectId
from faults import Faults
from harness import ADMIN_EMAIL, Server
from test_category_model import assert_in_line

pytestmark = pytest.mark.slow

# More than two batches (CATEGORY_BATCH_PRODUCTS).
MANY = 1100
CALLS_MAX = 60


def clone(server: Server, product: dict[str, Any], count: int) -> None:
    """That many more like it, with their own slugs and SKUs, straight into the store."""
    with server.databases.mongo.connect() as client:
        products = client[server.database].products
        found = products.find_one({"_id": ObjectId(product["id"])})
        for begin in range(0, count, 1000):
            rows = []
            for _ in range(min(1000, count - begin)):
                unique = secrets.token_hex(8)
                variant = {**found["variants"][0], "id": ObjectId(), "sku": unique}
                rows.append({**found, "_id": ObjectId(), "slug": f"p-{unique}",
                             "variants": [variant]})
            products.insert_many(rows, ordered=False)


def plant(server: Server, count: int) -> None:
    """That many categories in all, ten in each, straight into the store."""
    with server.databases.mongo.connect() as client:
        categories = client[server.database].categories
        made: list[dict[str, Any]] = []
        now = categories.find_one()["created_at"]
        there = categories.count_documents({})
        for number in range(count - there):
            above = made[number // 10 - 1] if number >= 10 else None
            row = {"_id": ObjectId(), "slug": f"planted-{there + number}", "name": "Planted",
                   "path": [*above["path"], above["_id"]] if above else [], "position": number,
                   "version": 1, "created_at": now, "updated_at": now}
            made.append({**row, "parent_id": above["_id"]} if above else row)
        categories.insert_many(made, ordered=False)


def fresh(server: Server, **members: Any) -> str:
    return str(shop.create_category(server, slug=f"c-{secrets.token_hex(6)}", **members)["slug"])


@pytest.fixture(scope="module", name="faulty")
def fixture_faulty(databases, make_server, scratch) -> tuple[Server, Faults]:
    path = scratch / "category-faults"
    settings = {"FAULT_INJECT_FILE": str(path), "CATALOGUE_CACHE_MB": "0"}
    server = make_server(databases, **settings).prepare().start()
    server.login(ADMIN_EMAIL, server.admin_password)
    return server, Faults(path)


def versions(server: Server, slug: str) -> set[int]:
    """Of all products in it and below."""
    category = ObjectId(shop.category(server, slug)["id"])
    with server.databases.mongo.connect() as client:
        products = client[server.database].products
        return set(products.distinct("version", {"category_path": category}))


def test_a_move_of_many_products(server: Server) -> None:
    target, branch = fresh(server), fresh(server)
    leaf = fresh(server, parent=branch)
    clone(server, shop.create(server, category=leaf), MANY - 1)
    path, token = f"/api/categories/{branch}", server.admin_token()
    begun = time.monotonic()
    assert_ok(server.patch(path, json={"parent": target}, token=token))
    print(f"moved with {MANY} products in {time.monotonic() - begun:.2f} s")
    assert shop.category(server, target)["product_count"] == MANY
    assert shop.list_page(server, category=target, total="true")["total"] == MANY
    assert versions(server, leaf) == {1}
    begun = time.monotonic()
    answer = server.delete(f"/api/categories/{leaf}", params={"move_to": target}, token=token)
    print(f"given away with {MANY} products in {time.monotonic() - begun:.2f} s")
    assert answer.status_code == 204
    assert shop.list_page(server, category=branch, total="true")["total"] == 0
    assert versions(server, target) == {2}
    assert_in_line(server)


def interrupted(faulty: tuple[Server, Faults], send, numbers: range) -> int:
    """Sends it with the store failing for good from each of these calls on; how often it struck."""
    server, faults = faulty
    struck_times = 0
    for number in numbers:
        with faults.armed("mongo", number, "fail+") as struck:
            answer = send()
        if not struck[0]:
            assert answer.status_code < 300, answer.text
            return struck_times
        struck_times += 1
        assert answer.json()["code"] in ("outcome_unknown", "store_unavailable"), answer.text
        # Whatever was done, the tree is one, and nothing is lost from it.
        assert len(shop.tree(server)) >= 1
    raise AssertionError("it met the fault each time")


def test_a_move_that_is_cut_off(faulty: tuple[Server, Faults]) -> None:
    """Ended anywhere, the same call goes on; the tree is right meanwhile."""
    server, _ = faulty
    target, branch = fresh(server), fresh(server)
    leaf = fresh(server, parent=branch)
    clone(server, shop.create(server, category=leaf), MANY - 1)
    path, token = f"/api/categories/{branch}", server.admin_token()

    def send():
        return server.patch(path, json={"parent": target}, token=token)

    assert interrupted(faulty, send, range(5, CALLS_MAX, 3)) > 3
    assert shop.category(server, leaf)["path"] == [target, branch, leaf]
    assert shop.list_page(server, category=target, total="true")["total"] == MANY
    assert_in_line(server)


def test_a_removal_that_is_cut_off(faulty: tuple[Server, Faults]) -> None:
    server, _ = faulty
    target, source = fresh(server), fresh(server)
    child = fresh(server, parent=source)
    clone(server, shop.create(server, category=source), MANY - 1)
    shop.create(server, category=child)
    path, token = f"/api/categories/{source}", server.admin_token()

    def send():
        return server.delete(path, params={"move_to": target}, token=token)

    assert interrupted(faulty, send, range(5, CALLS_MAX, 3)) > 3
    assert_error(send(), 404, "not_found")
    assert shop.category(server, target)["product_count"] == MANY + 1
    assert shop.category(server, child)["path"] == [target, child]
    # Each was moved once.
    assert versions(server, target) == {1, 2}
    assert_in_line(server)


@pytest.mark.alone
def test_the_time_of_many_categories(databases, make_server) -> None:
    """As many as there may be, over 20,000 products: it prints how long each call takes."""
    server = make_server(databases, CATALOGUE_CACHE_MB="0").prepare().start()
    first, token = fresh(server), server.admin_token()
    clone(server, shop.create(server, category=first), 19999)
    for count in (1000, 5000):
        plant(server, count)
        for name, path in (("tree", "/api/categories"), ("one", "/api/categories/planted-1"),
                           ("leaf", "/api/categories/planted-900")):
            times = []
            for _ in range(5):
                begun = time.monotonic()
                answer = server.get(path)
                times.append(time.monotonic() - begun)
            assert_ok(answer)
            assert sorted(times)[2] < 5
            print(f"{count} categories, {name}: {sorted(times)[2] * 1000:.0f} ms, "
                  f"{len(answer.content)} bytes")
    answer = server.post("/api/categories", json={"name": "One more"}, token=token)
    assert_error(answer, 422, "category_limit")
    begun = time.monotonic()
    body = {"parent": first}
    assert_ok(server.patch("/api/categories/planted-1", json=body, token=token))
    print(f"a move of 1,111 categories: {time.monotonic() - begun:.2f} s")
    assert_in_line(server)
