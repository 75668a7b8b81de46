"""Levels, movements and reservations for tests."""

import json
from typing import Any

import requests
import shop
from answers import assert_ok
from harness import Server


def sku_of(product: dict[str, Any]) -> str:
    return str(product["variants"][0]["sku"])


def stocked(server: Server, stock: int, **members: Any) -> str:
    """The SKU of a new product with so many pieces."""
    return sku_of(shop.create(server, name="In stock", stock=stock, **members))


def adjust(server: Server, sku: str, delta: int, token: str = "", **options: Any
           ) -> requests.Response:
    body = {"delta": delta, "reason": "Counted"}
    return server.post(f"/api/inventory/{sku}/adjust", json=body,
                       token=token or server.admin_token(), **options)


def level(server: Server, sku: str) -> dict[str, Any]:
    return assert_ok(server.get(f"/api/inventory/{sku}", token=server.admin_token()))


def amounts(server: Server, sku: str) -> tuple[int, int, int]:
    """stock, reserved, available."""
    found = level(server, sku)
    return found["stock"], found["reserved"], found["available"]


def movements(server: Server, sku: str) -> list[dict[str, Any]]:
    """All of them, the first one first."""
    token = server.admin_token()
    found: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": 100}
    while True:
        page = assert_ok(server.get(f"/api/inventory/{sku}/movements", params=query, token=token))
        found += page["items"]
        if page["next_cursor"] is None:
            return found[::-1]
        query["cursor"] = page["next_cursor"]


def reserve(server: Server, *lines: tuple[str, int], ttl: int = 600, cart: str = "",
            **options: Any) -> requests.Response:
    """By the token's user, else by a guest, with a cart's token or without."""
    body = {"lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines],
            "ttl_seconds": ttl}
    headers = {**options.pop("headers", {}), **({"X-Cart-Token": cart} if cart else {})}
    return server.post("/api/inventory/reservations", json=body, headers=headers, **options)


def reserved(server: Server, *lines: tuple[str, int], **options: Any) -> dict[str, Any]:
    return assert_ok(reserve(server, *lines, **options), 201)


def end(server: Server, reservation: dict[str, Any], how: str, cart: str = "", **options: Any
        ) -> requests.Response:
    """how: "release", by its owner, or "commit", by the administrator unless token= says."""
    if how == "commit":
        options.setdefault("token", server.admin_token())
    headers = {**options.pop("headers", {}), **({"X-Cart-Token": cart} if cart else {})}
    path = f"/api/inventory/reservations/{reservation['id']}/{how}"
    return server.post(path, headers=headers, **options)


def shown(server: Server, reservation: dict[str, Any]) -> dict[str, Any]:
    path = f"/api/inventory/reservations/{reservation['id']}"
    return assert_ok(server.get(path, token=server.admin_token()))


def verify(server: Server) -> dict[str, Any]:
    """`aizy inventory verify --json`; its exit code says the same."""
    done = server.aizy("inventory", "verify", "--json", check=False)
    report = json.loads(done.stdout)
    assert done.returncode == (1 if report["differences"] else 0), done.stderr
    return dict(report)


def assert_verified(server: Server) -> None:
    report = verify(server)
    assert report["differences"] == 0, report
