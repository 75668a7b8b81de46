"""Levels of stock and the ledger behind them."""

from typing import Any

import pytest
import shop
import stock
from answers import assert_error, assert_invalid, assert_ok
from harness import Server
from people import make_person

from tools.dev.locations import REPOSITORY


def listed(server: Server, **query: Any) -> dict[str, Any]:
    return assert_ok(server.get("/api/inventory", params=query, token=server.admin_token()))


def test_a_level_and_its_movements(server: Server) -> None:
    product = shop.create(server, name="Counted", stock=5)
    sku = stock.sku_of(product)
    made = stock.level(server, sku)
    assert (made["sku"], made["product_id"]) == (sku, product["id"])
    assert (made["stock"], made["reserved"], made["available"], made["low_at"]) == (5, 0, 5, None)
    manager = make_person(server, "manager")
    body = {"delta": -2, "reason": "Broken", "reference": "shelf 3"}
    answer = server.post(f"/api/inventory/{sku}/adjust", json=body, token=manager.token)
    assert assert_ok(answer)["stock"] == 3
    first, second = stock.movements(server, sku)
    assert (first["kind"], first["delta"], first["stock_after"]) == ("adjust", 5, 5)
    assert second["reason"] == "Broken" and second["reference"] == "shelf 3"
    assert (second["delta"], second["stock_after"], second["user_id"]) == (-2, 3, manager.id)
    assert (second["seq"], second["reserved_delta"], second["reserved_after"]) == (2, 0, 0)
    assert shop.managed(server, product)["variants"][0]["stock"] == 3
    stock.assert_verified(server)


def test_never_below_zero(server: Server) -> None:
    sku = stock.stocked(server, 3)
    answer = stock.adjust(server, sku, -4)
    assert_error(answer, 422, "insufficient_stock")
    assert answer.json()["fields"] == [{"field": "delta", "message": f"{sku}: 3 can be taken away"}]
    assert_ok(stock.adjust(server, sku, -3))
    assert_error(stock.adjust(server, sku, -1), 422, "insufficient_stock")
    assert stock.amounts(server, sku) == (0, 0, 0)
    assert len(stock.movements(server, sku)) == 2


def test_below_zero_on_backorder(server: Server) -> None:
    sku = stock.stocked(server, 1, allow_backorder=True)
    assert_ok(stock.adjust(server, sku, -3))
    assert stock.amounts(server, sku) == (-2, 0, -2)
    stock.assert_verified(server)


def test_what_cannot_be_adjusted(server: Server) -> None:
    untracked = stock.sku_of(shop.create(server, name="Not counted"))
    assert_error(stock.adjust(server, untracked, 1), 409, "stock_not_tracked")
    assert_error(stock.adjust(server, "no-such-sku", 1), 404, "not_found")
    sku = stock.stocked(server, 3)
    assert_invalid(stock.adjust(server, sku, 0), delta="must not be 0")
    assert_invalid(stock.adjust(server, sku, 10**9), delta="makes more than")
    path, admin = f"/api/inventory/{sku}/adjust", {"token": server.admin_token()}
    assert_invalid(server.post(path, json={}, **admin), delta="is required", reason="is required")
    for delta in ({"$gt": ""}, "1", 1.5, 10**30, None):
        body = {"delta": delta, "reason": "Odd"}
        assert server.post(path, json=body, **admin).status_code == 400
    assert stock.amounts(server, sku) == (3, 0, 3)


def test_an_adjustment_is_made_once(server: Server) -> None:
    sku = stock.stocked(server, 3)
    headers = {"Idempotency-Key": "the-same-delivery"}
    first = stock.adjust(server, sku, 4, headers=headers)
    again = stock.adjust(server, sku, 4, headers=headers)
    assert first.content == again.content and first.json()["stock"] == 7
    assert stock.amounts(server, sku) == (7, 0, 7)
    assert_error(stock.adjust(server, sku, 5, headers=headers), 409, "idempotency_key_reused")


def test_what_the_public_sees_changes_with_it(server: Server) -> None:
    product = shop.create(server, name="Looked at", stock=30)
    path, sku = f"/api/products/{product['id']}", stock.sku_of(product)

    def seen() -> tuple[bool, int, str]:
        answer = server.get(path)
        variant = assert_ok(answer)["variants"][0]
        return answer.json()["in_stock"], variant["available"], answer.headers["ETag"]

    before = seen()
    assert before[:2] == (True, 10)
    assert_ok(stock.adjust(server, sku, -20))
    assert seen() == before
    assert_ok(stock.adjust(server, sku, -6))
    fewer = seen()
    assert fewer[:2] == (True, 4) and fewer[2] != before[2]
    assert_ok(stock.adjust(server, sku, -4))
    assert seen()[:2] == (False, 0)
    assert_ok(stock.adjust(server, sku, 1))
    assert seen()[:2] == (True, 1)
    # An editor's condition still holds: only stock has moved.
    answer = server.patch(path, json={"brand": "New"}, headers={"If-Match": before[2]},
                          token=server.admin_token())
    assert_ok(answer)


def test_in_stock_counts_all_variants(server: Server) -> None:
    variants = [{"options": {"Size": size}, "price": 1, "stock": 1, "sku": f"ALL-{size}"}
                for size in "SM"]
    product = shop.create(server, name="Two sizes", variants=variants,
                          options=[{"name": "Size", "values": ["S", "M"]}])
    path = f"/api/products/{product['id']}"
    assert_ok(stock.adjust(server, "ALL-S", -1))
    assert assert_ok(server.get(path))["in_stock"] is True
    assert_ok(stock.adjust(server, "ALL-M", -1))
    assert assert_ok(server.get(path))["in_stock"] is False


def test_editors_write_the_ledger_too(server: Server) -> None:
    variants = [{"options": {"Size": size}, "price": 1, "stock": 4, "sku": f"ED-{size}"}
                for size in "SML"]
    product = shop.create(server, name="Edited", variants=variants,
                          options=[{"name": "Size", "values": ["S", "M", "L"]}])
    ids = {variant["sku"]: variant["id"] for variant in product["variants"]}
    stock.assert_verified(server)
    # S and M swap their SKUs, S gets other stock, L goes.
    shop.edit(server, product, variants=[
        {"id": ids["ED-S"], "options": {"Size": "S"}, "price": 1, "sku": "ED-M", "stock": 9},
        {"id": ids["ED-M"], "options": {"Size": "M"}, "price": 1, "sku": "ED-S"},
    ])
    assert stock.amounts(server, "ED-M") == (9, 0, 9)
    assert stock.amounts(server, "ED-S") == (4, 0, 4)
    kinds = [(row["delta"], row["reason"], row["sku"]) for row in stock.movements(server, "ED-M")]
    assert kinds == [(4, "level made", "ED-S"), (0, "SKU changed", "ED-M"),
                     (5, "product edited", "ED-M")]
    assert_error(server.get("/api/inventory/ED-L", token=server.admin_token()), 404, "not_found")
    stock.assert_verified(server)
    gone = server.delete(f"/api/products/{product['id']}?hard=true", token=server.admin_token())
    assert gone.status_code == 204
    stock.assert_verified(server)
    # Its SKU begins anew.
    assert stock.stocked(server, 2, sku="ED-S") == "ED-S"
    assert [row["seq"] for row in stock.movements(server, "ED-S")] == [1]
    stock.assert_verified(server)


def test_an_import_and_the_fixtures_write_the_ledger(server: Server) -> None:
    server.aizy("seed", "--fixtures", str(REPOSITORY / "fixtures"))
    before = stock.verify(server)
    assert before["differences"] == 0 and before["levels"] > 100
    assert before["movements"] > 100


def test_the_list(server: Server) -> None:
    made = [stock.stocked(server, number, sku=f"LIST-{number}") for number in (7, 1, 4)]
    page = listed(server, limit=100, total="true")
    skus = [item["sku"] for item in page["items"]]
    assert skus == sorted(skus)
    walked: list[str] = []
    query: dict[str, Any] = {"limit": 7}
    while True:
        page = listed(server, **query)
        walked += [item["sku"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert walked == sorted(set(walked)) and set(made) <= set(walked)
    assert len(walked) == listed(server, total="true")["total"]
    assert_error(server.get("/api/inventory", params={**query, "low": "3", "cursor": "x"},
                            token=server.admin_token()), 400, "bad_cursor")


def test_what_is_low(server: Server) -> None:
    skus = [stock.stocked(server, number, sku=f"LOW-{number}") for number in (900, 901, 902)]
    admin = {"token": server.admin_token()}
    for sku in skus:
        found = assert_ok(server.patch(f"/api/inventory/{sku}", json={"low_at": 900}, **admin))
        assert found["low_at"] == 900
    assert [item["sku"] for item in listed(server, low="true")["items"]] == ["LOW-900"]
    assert_ok(stock.adjust(server, "LOW-902", -5))
    page = listed(server, low="true", limit=1, total="true")
    assert [item["sku"] for item in page["items"]] == ["LOW-902"] and page["total"] == 2
    page = listed(server, low="true", limit=1, cursor=page["next_cursor"], total="true")
    assert [item["sku"] for item in page["items"]] == ["LOW-900"]
    assert page["next_cursor"] is None
    assert_ok(server.patch("/api/inventory/LOW-900", json={"low_at": None}, **admin))
    assert [item["sku"] for item in listed(server, low="true")["items"]] == ["LOW-902"]
    totals = [listed(server, low=str(most), total="true")["total"] for most in (896, 897)]
    assert totals[1] == totals[0] + 1
    found = [item["available"] for item in listed(server, low="897", limit=100)["items"]]
    assert found == sorted(found)
    for low in ("-1", "some", "1e3", str(10**15)):
        answer = server.get("/api/inventory", params={"low": low}, **admin)
        assert_invalid(answer, low="must be true or a number")
    stock.assert_verified(server)


def test_a_cursor_of_another_sku(server: Server) -> None:
    one, other = stock.stocked(server, 1), stock.stocked(server, 1)
    for sku in (one, other):
        assert_ok(stock.adjust(server, sku, 1))
    admin = {"token": server.admin_token()}
    path = f"/api/inventory/{one}/movements"
    cursor = assert_ok(server.get(f"{path}?limit=1", **admin))["next_cursor"]
    answer = server.get(f"/api/inventory/{other}/movements?limit=1",
                        params={"cursor": cursor}, **admin)
    assert_error(answer, 400, "bad_cursor")
    page = assert_ok(server.get(path, params={"limit": 1, "cursor": cursor}, **admin))
    assert [row["seq"] for row in page["items"]] == [1] and page["next_cursor"] is None


@pytest.mark.parametrize(
    ("collection", "change", "problem"),
    [
        ("inventory", {"$set": {"stock": 4}}, "the level is not what its movements add up to"),
        ("inventory", {"$set": {"reserved": 1}}, "the level is not what its movements add up to"),
        ("inventory", {"$set": {"available": 4}}, "available or is_low does not follow"),
        ("inventory", {"$set": {"seq": 7}}, "the level does not know its last movement"),
        ("inventory", None, "movements without a level"),
        ("movements", {"$set": {"delta": 6}}, "a movement does not follow"),
        ("movements", None, "the level is not what its movements add up to"),
    ],
)
def test_verify_finds_what_was_done_by_hand(
    server: Server, collection: str, change: dict[str, Any] | None, problem: str
) -> None:
    sku = stock.stocked(server, 5)
    stock.assert_verified(server)
    with server.databases.mongo.connect() as client:
        rows = client[server.database][collection]
        key = {"_id" if collection == "inventory" else "sku": sku}
        before = rows.find_one(key)
        assert (rows.delete_one(key) if change is None else rows.update_one(key, change))
        report = stock.verify(server)
        text = server.aizy("inventory", "verify", check=False)
        rows.replace_one({"_id": before["_id"]}, before, upsert=True)
    assert report["differences"] == 1, report
    assert problem in report["listed"][0]["problem"]
    assert report["listed"][0]["sku"] in (sku, None)
    assert text.returncode == 1 and problem in text.stdout
    stock.assert_verified(server)
