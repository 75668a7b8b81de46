"""A server that is killed while it moves or removes a category leaves nothing half done."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
import requests
import shop
from answers import assert_ok
from bson import ObjectId
from branches import fresh
from harness import Server

from tools.dev import processes

# Three batches.
PRODUCTS = 1200
GRACE_MS = 3000
SETTINGS = {"CATEGORY_SWEEP_MS": "100", "CATEGORY_GRACE_MS": str(GRACE_MS)}
SOON_S = 30.0
FINISHED_S = 90.0


@pytest.fixture(scope="module", name="victim")
def fixture_victim(databases, make_server) -> Server:
    return make_server(databases, **SETTINGS).prepare().start()


def fill(server: Server, category: str) -> None:
    """As somebody with a shell does it: copies of one that the server has made."""
    product = shop.create(server, name="Copied", category=category)
    with server.databases.mongo.connect() as client:
        products = client[server.database].products
        made = products.find_one({"slug": product["slug"]})
        copies = []
        for number in range(1, PRODUCTS):
            variant = {**made["variants"][0], "sku": f"{category}-{number}", "id": ObjectId()}
            slug = f"{category}-{number}"
            copies.append({**made, "_id": ObjectId(), "slug": slug, "variants": [variant]})
        products.insert_many(copies)


def id_of(server: Server, slug: str) -> ObjectId:
    return ObjectId(shop.category(server, slug)["id"])


def kill_amid(victim: Server, request: Callable[[], object], moved: dict[str, Any]) -> None:
    """When the first products have moved, and the last have not."""

    def ask() -> None:
        try:
            request()
        except requests.RequestException:
            return

    asking = threading.Thread(target=ask)
    with victim.databases.mongo.connect() as client:
        products = client[victim.database].products
        asking.start()
        assert processes.wait_until(lambda: products.count_documents(moved) > 0, SOON_S)
        victim.kill()
        asking.join()
        # What its transaction holds would be in the way for a minute.
        client.admin.command({"killAllSessions": []})
        assert 0 < products.count_documents(moved) < PRODUCTS


@pytest.mark.slow
@pytest.mark.race
def test_a_removal_is_finished_by_another_server(victim: Server, make_server) -> None:
    source, child, target = fresh(), fresh(), fresh()
    for slug, parent in ((source, None), (child, source), (target, None)):
        shop.create_category(victim, slug=slug, parent=parent)
    fill(victim, source)
    source_id, target_id = id_of(victim, source), id_of(victim, target)
    token = victim.admin_token()
    witness = make_server(victim.databases, victim.database, **SETTINGS).start()

    def remove() -> object:
        path = f"/api/categories/{source}"
        return victim.delete(path, params={"move_to": target}, token=token)

    kill_amid(victim, remove, {"category_id": target_id})
    assert shop.category(witness, child)["path"] == [target, child]

    def is_gone() -> bool:
        answer = witness.get(f"/api/categories/{source}", allow_redirects=False)
        return answer.headers.get("Location") == f"/api/categories/{target}"

    assert processes.wait_until(is_gone, FINISHED_S)
    assert shop.category(witness, target)["product_count"] == PRODUCTS
    with witness.databases.mongo.connect() as client:
        database = client[witness.database]
        assert database.products.count_documents({"category_path": source_id}) == 0
        trail = list(database.audit.find({"subject_id": source_id, "action": "category.remove"}))
    # On behalf of whoever asked for it.
    assert len(trail) == 1
    assert trail[0]["user_id"] and trail[0]["request_id"] and trail[0]["address"]
    victim.start()
    witness.stop()


@pytest.mark.slow
@pytest.mark.race
def test_a_move_is_finished_at_the_next_start(victim: Server) -> None:
    old, moved, new = fresh(), fresh(), fresh()
    for slug, parent in ((old, None), (moved, old), (new, None)):
        shop.create_category(victim, slug=slug, parent=parent)
    fill(victim, moved)
    moved_id, new_id = id_of(victim, moved), id_of(victim, new)
    token = victim.admin_token()

    def move() -> object:
        return victim.patch(f"/api/categories/{moved}", json={"parent": new}, token=token)

    kill_amid(victim, move, {"category_path": [new_id, moved_id]})
    victim.start()
    with victim.databases.mongo.connect() as client:
        database = client[victim.database]

        def is_settled() -> bool:
            return database.categories.count_documents({"due": {"$exists": True}}) == 0

        assert processes.wait_until(is_settled, FINISHED_S)
        in_line = {"category_path": [new_id, moved_id]}
        assert database.products.count_documents(in_line) == PRODUCTS
    answer = victim.get(f"/api/products?category={new}&page=1&limit=1")
    assert assert_ok(answer)["total"] == PRODUCTS


def test_an_edit_takes_a_removal_back(victim: Server) -> None:
    source, target = fresh(), fresh()
    for slug in (source, target):
        shop.create_category(victim, slug=slug)
    with victim.databases.mongo.connect() as client:
        categories = client[victim.database].categories
        # Begun long ago, but its target is gone: the category stays.
        left = {"removal_to": ObjectId(), "removal_due": ObjectId("600000000000000000000000")}
        categories.update_one({"slug": source}, {"$set": left})

        def stays() -> bool:
            return "removal_to" not in categories.find_one({"slug": source})

        assert processes.wait_until(stays, SOON_S)
        left = {"removal_to": id_of(victim, target), "removal_due": ObjectId()}
        categories.update_one({"slug": source}, {"$set": left})
        path = f"/api/categories/{source}"
        assert_ok(victim.patch(path, json={"name": "Stays"}, token=victim.admin_token()))
        assert stays()
