"""Stock that is held for somebody for a while."""

import calendar
import secrets
import time
from typing import Any

import pytest
import requests
import shop
import stock
from answers import assert_error, assert_invalid, assert_ok
from harness import Server
from people import Person, make_person

from tools.dev import processes


@pytest.fixture(scope="module", name="person")
def fixture_person(server: Server) -> Person:
    return make_person(server)


def test_from_reserving_to_selling(server: Server, person: Person) -> None:
    sku = stock.stocked(server, 20)
    begun = time.time()
    answer = stock.reserve(server, (sku, 3), ttl=60, token=person.token)
    made = assert_ok(answer, 201)
    assert made["status"] == "active" and made["lines"] == [{"sku": sku, "quantity": 3}]
    assert "cart_token" not in made and "X-Cart-Token" not in answer.headers
    expires = time.strptime(made["expires_at"], "%Y-%m-%dT%H:%M:%SZ")
    assert begun + 58 <= calendar.timegm(expires) <= time.time() + 61
    assert stock.amounts(server, sku) == (20, 3, 17)
    path = answer.headers["Location"]
    assert assert_ok(server.get(path, token=person.token)) == made
    sold = assert_ok(stock.end(server, made, "commit"))
    assert sold == {**made, "status": "committed"}
    assert stock.amounts(server, sku) == (17, 0, 17)
    rows = stock.movements(server, sku)[1:]
    assert [(row["kind"], row["delta"], row["reserved_delta"]) for row in rows] == [
        ("reserve", 0, 3), ("commit", -3, -3)]
    assert all(row["reference"] == made["id"] for row in rows)
    assert rows[0]["user_id"] == person.id
    stock.assert_verified(server)


def test_each_end_comes_once(server: Server, person: Person) -> None:
    sku = stock.stocked(server, 20)
    token = {"token": person.token}
    first, second = (stock.reserved(server, (sku, 2), **token) for _ in range(2))
    for _ in range(2):
        assert assert_ok(stock.end(server, first, "commit"))["status"] == "committed"
        assert assert_ok(stock.end(server, second, "release", **token))["status"] == "released"
    assert_error(stock.end(server, first, "release", **token), 409, "reservation_ended")
    assert_error(stock.end(server, second, "commit"), 409, "reservation_ended")
    assert stock.amounts(server, sku) == (18, 0, 18)
    assert len(stock.movements(server, sku)) == 5


def test_all_lines_or_none(server: Server, person: Person) -> None:
    many, few, none = (stock.stocked(server, number) for number in (9, 2, 0))
    answer = stock.reserve(server, (many, 1), (few, 3), (none, 1), token=person.token)
    assert_error(answer, 422, "insufficient_stock")
    assert answer.json()["fields"] == [
        {"field": "lines[1].sku", "message": f"{few}: 2 available"},
        {"field": "lines[2].sku", "message": f"{none}: 0 available"},
    ]
    for sku, number in ((many, 9), (few, 2), (none, 0)):
        assert stock.amounts(server, sku) == (number, 0, number)
    made = stock.reserved(server, (many, 9), (few, 2), token=person.token)
    assert stock.amounts(server, many) == (9, 9, 0)
    assert_ok(stock.end(server, made, "release", token=person.token))
    assert stock.amounts(server, many) == (9, 0, 9) and stock.amounts(server, few) == (2, 0, 2)


def test_what_is_reserved_cannot_be_taken_away(server: Server, person: Person) -> None:
    product = shop.create(server, name="Held", stock=5)
    sku = stock.sku_of(product)
    stock.reserved(server, (sku, 4), token=person.token)
    assert_error(stock.adjust(server, sku, -2), 422, "insufficient_stock")
    path, admin = f"/api/products/{product['id']}", {"token": server.admin_token()}
    assert_invalid(server.patch(path, json={"stock": 3}, **admin), stock="must be at least 4")
    assert_ok(server.patch(path, json={"stock": 4}, **admin))
    assert stock.amounts(server, sku) == (4, 4, 0)
    stock.assert_verified(server)


def test_what_needs_no_stock(server: Server, person: Person) -> None:
    free = stock.sku_of(shop.create(server, name="A download"))
    later = stock.stocked(server, 1, allow_backorder=True)
    made = stock.reserved(server, (free, 900), (later, 3), token=person.token)
    assert stock.amounts(server, later) == (1, 3, -2)
    assert_ok(stock.end(server, made, "commit"))
    assert stock.amounts(server, later) == (-2, 0, -2)
    assert_error(server.get(f"/api/inventory/{free}", token=server.admin_token()), 404, "not_found")
    stock.assert_verified(server)


def test_the_variant_changes_meanwhile(server: Server, person: Person) -> None:
    """A new SKU takes its reservations along; a variant that goes gives them up."""
    product = shop.create(server, name="Renamed", stock=5, sku="OLD-NAME")
    made, other = (stock.reserved(server, ("OLD-NAME", 2), token=person.token) for _ in range(2))
    shop.edit(server, product, sku="NEW-NAME")
    assert stock.amounts(server, "NEW-NAME") == (5, 4, 1)
    assert_ok(stock.end(server, made, "commit"))
    assert stock.amounts(server, "NEW-NAME") == (3, 2, 1)
    gone = server.delete(f"/api/products/{product['id']}?hard=true", token=server.admin_token())
    assert gone.status_code == 204
    stock.stocked(server, 7, sku="NEW-NAME")
    assert_ok(stock.end(server, other, "release", token=person.token))
    assert stock.amounts(server, "NEW-NAME") == (7, 0, 7)
    stock.assert_verified(server)


def test_the_public_sees_what_is_left(server: Server, person: Person) -> None:
    product = shop.create(server, name="Seen to go", stock=13)
    path, sku = f"/api/products/{product['id']}", stock.sku_of(product)

    def seen() -> tuple[bool, int, int]:
        found = assert_ok(server.get(path))
        return found["in_stock"], found["variants"][0]["available"], found["version"]

    tag = server.get(path).headers["ETag"]
    stock.reserved(server, (sku, 3), token=person.token)
    assert server.get(path).headers["ETag"] == tag
    made = stock.reserved(server, (sku, 10), token=person.token)
    assert seen() == (False, 0, 1)
    assert_ok(stock.end(server, made, "release", token=person.token))
    assert seen() == (True, 10, 1)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"lines": "is required"}),
        ({"lines": []}, {"lines": ""}),
        ({"lines": [{"sku": "no-such", "quantity": 1}]}, {"lines[0].sku": "does not exist"}),
        ({"lines": [{"sku": {"$gt": ""}, "quantity": 1}]}, {"lines[0].sku": ""}),
        ({"lines": [{"sku": "a", "quantity": 0}]}, {"lines[0].quantity": ""}),
        ({"lines": [{"sku": "a", "quantity": -1}]}, {"lines[0].quantity": ""}),
        ({"lines": [{"sku": "a", "quantity": 10**30}]}, None),
        ({"lines": [{"sku": "a", "quantity": 1}] * 51}, {"lines": ""}),
        ({"lines": [{"sku": "a", "quantity": 1}] * 2}, {"lines[1].sku": "comes twice"}),
        ({"lines": [{"sku": "a", "quantity": 1}], "ttl_seconds": 3601}, {"ttl_seconds": ""}),
        ({"lines": [{"sku": "a", "quantity": 1}], "ttl_seconds": 0}, {"ttl_seconds": ""}),
        ({"lines": [{"sku": "a", "quantity": 1}], "user_id": 1}, {"user_id": ""}),
        ({"lines": [{"sku": "a", "quantity": 1}], "cart_token": "x"}, {"cart_token": ""}),
    ],
)
def test_what_cannot_be_reserved(
    server: Server, person: Person, body: dict[str, Any], fields: dict[str, str] | None
) -> None:
    answer = server.post("/api/inventory/reservations", json=body, token=person.token)
    if fields is None:
        assert answer.status_code == 400
    else:
        assert_invalid(answer, **fields)


def test_what_is_not_public_cannot_be_reserved(server: Server, person: Person) -> None:
    for status in ("draft", "archived"):
        sku = stock.stocked(server, 5, status=status)
        answer = stock.reserve(server, (sku, 1), token=person.token)
        assert_invalid(answer, **{"lines[0].sku": "does not exist"})


def test_another_ones_reservation(server: Server, person: Person) -> None:
    sku = stock.stocked(server, 5)
    made = stock.reserved(server, (sku, 1), token=person.token)
    other = make_person(server)
    support = make_person(server, "manager")
    path = f"/api/inventory/reservations/{made['id']}"
    for options in ({"token": other.token}, {"token": server.admin_token()}):
        assert_error(server.post(f"{path}/release", **options), 404, "not_found")
    assert_error(server.get(path, token=other.token), 404, "not_found")
    assert assert_ok(server.get(path, token=support.token)) == made
    assert_error(server.post(f"{path}/commit", token=person.token), 403, "forbidden")
    for wrong in ("0" * 24, "x", "0" * 23 + "G"):
        path = f"/api/inventory/reservations/{wrong}"
        assert_error(server.get(path, token=person.token), 404, "not_found")
        assert_error(server.post(f"{path}/release", token=person.token), 404, "not_found")
        assert_error(server.post(f"{path}/commit", token=server.admin_token()), 404, "not_found")
    assert stock.amounts(server, sku) == (5, 1, 4)


# Guests.


def test_a_guest_and_his_cart(server: Server) -> None:
    sku = stock.stocked(server, 5)
    answer = stock.reserve(server, (sku, 1))
    made = assert_ok(answer, 201)
    cart = made["cart_token"]
    assert answer.headers["X-Cart-Token"] == cart and len(cart) == 54
    again = stock.reserve(server, (sku, 1), cart=cart)
    assert "cart_token" not in assert_ok(again, 201) and "X-Cart-Token" not in again.headers
    path = f"/api/inventory/reservations/{made['id']}"
    shown = assert_ok(server.get(path, headers={"X-Cart-Token": cart}))
    assert shown["id"] == made["id"] and "cart_token" not in shown
    stranger = stock.reserved(server, (sku, 1))["cart_token"]
    assert_error(stock.end(server, made, "release", cart=stranger), 404, "not_found")
    assert_error(stock.end(server, made, "release"), 401, "unauthenticated")
    assert_error(server.get(path), 401, "unauthenticated")
    assert_ok(stock.end(server, made, "release", cart=cart))
    assert stock.amounts(server, sku) == (5, 2, 3)


@pytest.mark.parametrize("change", ["cut", "flip", "longer", "empty", "other"])
def test_a_token_that_was_not_made_here(server: Server, change: str) -> None:
    sku = stock.stocked(server, 5)
    cart = stock.reserved(server, (sku, 1))["cart_token"]
    wrong = {
        "cut": cart[:-2], "flip": ("A" if cart[0] != "A" else "B") + cart[1:],
        "longer": cart + "AA", "empty": "", "other": secrets.token_urlsafe(40),
    }[change]
    answer = stock.reserve(server, (sku, 1), headers={"X-Cart-Token": wrong})
    assert_error(answer, 401, "unauthenticated")
    assert stock.amounts(server, sku) == (5, 1, 4)


def test_the_token_is_not_kept(server: Server) -> None:
    cart = stock.reserved(server, (stock.stocked(server, 5), 1))["cart_token"]
    with server.databases.mongo.connect() as client:
        database = client[server.database]
        for name in database.list_collection_names():
            assert all(cart not in str(row) for row in database[name].find({}))
    assert cart not in server.log_text()


def test_a_guests_key(server: Server) -> None:
    sku = stock.stocked(server, 5)
    key = {"Idempotency-Key": secrets.token_hex(16)}
    answer = stock.reserve(server, (sku, 1), headers=key)
    assert_invalid(answer, **{"Idempotency-Key": "needs X-Cart-Token"})
    carts = [stock.reserved(server, (sku, 1))["cart_token"] for _ in range(2)]
    first, twin = (stock.reserve(server, (sku, 1), cart=carts[0], headers=key) for _ in range(2))
    assert assert_ok(first, 201) == assert_ok(twin, 201)
    other = stock.reserved(server, (sku, 1), cart=carts[1], headers=key)
    assert other["id"] != first.json()["id"]
    assert stock.amounts(server, sku) == (5, 4, 1)


def test_limits(make_server, databases) -> None:
    server = make_server(
        databases, RESERVATIONS_PER_CALLER="3", RESERVED_UNITS_PER_CALLER="10",
        RESERVATIONS_PER_ADDRESS="5", RESERVED_UNITS_PER_ADDRESS="20",
    ).prepare().start()
    sku = stock.stocked(server, 1000)
    person, other = make_person(server), make_person(server)

    def many(**options: Any) -> requests.Response:
        answer = stock.reserve(server, (sku, 1), **options)
        assert_error(answer, 429, "too_many_reservations")
        assert answer.headers["Retry-After"]
        return answer

    made = [stock.reserved(server, (sku, 1), token=person.token) for _ in range(3)]
    many(token=person.token)
    assert_ok(stock.end(server, made[0], "release", token=person.token))
    stock.reserved(server, (sku, 8), token=person.token)
    answer = stock.reserve(server, (sku, 11), token=other.token)
    assert_error(answer, 429, "too_many_reservations")
    stock.reserved(server, (sku, 10), token=other.token)
    many(token=other.token)
    carts = [stock.reserved(server, (sku, 1))["cart_token"] for _ in range(5)]
    many()
    many(cart=carts[0])
    stock.assert_verified(server)


# Expiry.


@pytest.mark.alone
def test_it_expires_by_itself(server: Server, person: Person) -> None:
    product = shop.create(server, name="Goes and comes", stock=2)
    path, sku = f"/api/products/{product['id']}", stock.sku_of(product)
    made = stock.reserved(server, (sku, 2), ttl=1, token=person.token)
    due = time.monotonic() + 1
    assert assert_ok(server.get(path))["in_stock"] is False
    assert processes.wait_until(lambda: stock.amounts(server, sku) == (2, 0, 2), 5)
    assert due - 0.2 < time.monotonic() < due + 1
    assert stock.shown(server, made)["status"] == "expired"
    assert stock.movements(server, sku)[-1]["kind"] == "expire"
    assert assert_ok(server.get(path))["in_stock"] is True
    assert_error(stock.end(server, made, "commit"), 409, "reservation_ended")
    assert assert_ok(stock.end(server, made, "release", token=person.token))["status"] == "expired"
    stock.assert_verified(server)


@pytest.mark.alone
def test_it_expires_though_its_process_was_killed(make_server, databases) -> None:
    first = make_server(databases).prepare().start()
    second = make_server(databases, first.database, ADMIN_PASSWORD=first.admin_password).start()
    sku = stock.stocked(first, 30)
    person = make_person(first)
    for number in range(10):
        stock.reserved(first, (sku, 1), ttl=1 + number % 2, token=person.token)
    due = time.monotonic() + 2
    first.kill()
    token = second.login("admin@example.com", first.admin_password)

    def free() -> bool:
        answer = second.get(f"/api/inventory/{sku}", token=token)
        return assert_ok(answer)["reserved"] == 0

    assert processes.wait_until(free, 10)
    assert time.monotonic() < due + 1.5
    with second.databases.mongo.connect() as client:
        late = [(row["ended_at"] - row["expires_at"]).total_seconds()
                for row in client[second.database].reservations.find({})]
    print(f"expired {min(late):.3f} to {max(late):.3f} s after its time")
    assert len(late) == 10 and 0 <= min(late) and max(late) < 1
    stock.assert_verified(second)


def test_one_that_is_over_but_not_swept_cannot_be_sold(server: Server, person: Person) -> None:
    sku = stock.stocked(server, 5)
    made = stock.reserved(server, (sku, 1), ttl=1, token=person.token)
    assert processes.wait_until(
        lambda: stock.shown(server, made)["status"] == "expired", 1.6, pause_s=0.01
    )
    assert_error(stock.end(server, made, "commit"), 409, "reservation_ended")
