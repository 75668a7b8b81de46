"""A valid request of every route for test_fault_walk.py, and what is there once it is done."""

import secrets
from collections.abc import Callable
from typing import Any, NamedTuple

import pictures
import requests
import shop
import stock
from faults import Counts, Faults, Ledger
from harness import Server
from people import Person, fresh_email

PASSWORD = "correct horse battery"

ONE_LOGIN = {"sessions": 1, "outbox": 1, "audit": 1, "user versions": 1}
ONE_MOVEMENT = {"mongo movements": 1, "level numbers": 1}
ONE_RESERVATION = {"mongo reservations": 1, "active reservations": 1, **ONE_MOVEMENT}
ONE_ENDING = {"active reservations": -1, **ONE_MOVEMENT}
ONE_PRODUCT = {"mongo products": 1, "mongo inventory": 1, "mongo audit": 1, "product versions": 1,
               **ONE_MOVEMENT}
ONE_EDIT = {"mongo audit": 1, "product versions": 1}
ONE_REMOVAL = {
    "mongo products": -1,
    "mongo inventory": -1,
    "mongo audit": 1,
    "product versions": -1,
    # What was on hand goes, and with the level the number of its last movement.
    "mongo movements": 1,
    "level numbers": -1,
}
ONE_CATEGORY = {"mongo categories": 1, "category versions": 1, "mongo audit": 1}
ONE_CATEGORY_EDIT = {"category versions": 1, "mongo audit": 1}


class World(NamedTuple):
    server: Server
    faults: Faults
    ledger: Ledger
    person: Person
    product: dict[str, Any]
    category: dict[str, Any]


class Attempt(NamedTuple):
    """A valid request, and by what the counts change when it is done.

    One with an Idempotency-Key may be sent again: then it is done once, whatever happened before.
    """

    send: Callable[[], requests.Response]
    whole: Counts
    has_key: bool = False


def register(world: World) -> Attempt:
    body = {"email": fresh_email(), "password": PASSWORD, "name": "A"}
    return Attempt(
        lambda: world.server.post("/auth/register", json=body), {"users": 1, **ONE_LOGIN}
    )


def login(world: World) -> Attempt:
    body = {"email": world.person.email, "password": world.person.password}
    return Attempt(lambda: world.server.post("/auth/login", json=body), ONE_LOGIN)


def reading(path: str, *, as_manager: bool = False) -> Callable[[World], Attempt]:
    def make(world: World) -> Attempt:
        token = world.person.token if as_manager else ""
        filled = path.format(**world.product)
        return Attempt(lambda: world.server.get(filled, token=token), {})

    return make


def create(world: World) -> Attempt:
    body = {"name": f"Made {secrets.token_hex(6)}", "price": 1, "stock": 5}
    token = world.person.token
    return Attempt(
        lambda: world.server.post("/api/products", json=body, token=token), ONE_PRODUCT
    )


def create_once(world: World) -> Attempt:
    body = {"name": f"Made {secrets.token_hex(6)}", "price": 1, "stock": 5}
    token, headers = world.person.token, {"Idempotency-Key": secrets.token_hex(16)}
    return Attempt(
        lambda: world.server.post("/api/products", json=body, token=token, headers=headers),
        ONE_PRODUCT,
        has_key=True,
    )


def update(world: World) -> Attempt:
    body = {"brand": secrets.token_hex(6)}
    path, token = f"/api/products/{world.product['id']}", world.person.token
    return Attempt(lambda: world.server.patch(path, json=body, token=token), ONE_EDIT)


def replace(world: World) -> Attempt:
    body = {"name": f"Replaced {secrets.token_hex(6)}", "price": 1}
    path, token = f"/api/products/{world.product['id']}", world.person.token
    return Attempt(lambda: world.server.put(path, json=body, token=token), ONE_EDIT)


def give_up_slug(world: World) -> Attempt:
    body = {"slug": secrets.token_hex(6)}
    path, token = f"/api/products/{world.product['id']}", world.person.token
    return Attempt(lambda: world.server.patch(path, json=body, token=token), ONE_EDIT)


def archive(world: World) -> Attempt:
    made = shop.create(world.server, name=f"Old {secrets.token_hex(6)}")
    path, token = f"/api/products/{made['id']}", world.person.token
    return Attempt(lambda: world.server.delete(path, token=token), ONE_EDIT)


def remove(world: World) -> Attempt:
    made = shop.create(world.server, name=f"Old {secrets.token_hex(6)}", stock=1)
    path, token = f"/api/products/{made['id']}?hard=true", world.person.token
    return Attempt(lambda: world.server.delete(path, token=token), ONE_REMOVAL)


def mark_low(world: World) -> Attempt:
    body = {"low_at": secrets.randbelow(10**6)}
    path, token = f"/api/inventory/{sku_of(world)}", world.person.token
    return Attempt(lambda: world.server.patch(path, json=body, token=token), {})


def adjust(world: World) -> Attempt:
    body = {"delta": 1, "reason": "Walked"}
    path, token = f"/api/inventory/{sku_of(world)}/adjust", world.person.token
    return Attempt(lambda: world.server.post(path, json=body, token=token), ONE_MOVEMENT)


def adjust_once(world: World) -> Attempt:
    body = {"delta": 1, "reason": "Walked"}
    path, token = f"/api/inventory/{sku_of(world)}/adjust", world.person.token
    headers = {"Idempotency-Key": secrets.token_hex(16)}
    return Attempt(
        lambda: world.server.post(path, json=body, token=token, headers=headers),
        ONE_MOVEMENT,
        has_key=True,
    )


def reserving(world: World, headers: dict[str, str], token: str) -> Attempt:
    return Attempt(
        lambda: stock.reserve(world.server, (sku_of(world), 1), token=token, headers=headers),
        ONE_RESERVATION,
        has_key="Idempotency-Key" in headers,
    )


def reserve(world: World) -> Attempt:
    return reserving(world, {}, world.person.token)


def reserve_once(world: World) -> Attempt:
    return reserving(world, {"Idempotency-Key": secrets.token_hex(16)}, world.person.token)


def reserve_as_guest(world: World) -> Attempt:
    return reserving(world, {}, "")


def show_reservation(world: World) -> Attempt:
    token = world.person.token
    made = stock.reserved(world.server, (sku_of(world), 1), token=token)
    path = f"/api/inventory/reservations/{made['id']}"
    return Attempt(lambda: world.server.get(path, token=token), {})


def ending(how: str, *, has_key: bool = False) -> Callable[[World], Attempt]:
    def make(world: World) -> Attempt:
        token = world.person.token
        made = stock.reserved(world.server, (sku_of(world), 1), token=token)
        headers = {"Idempotency-Key": secrets.token_hex(16)} if has_key else {}
        return Attempt(
            lambda: stock.end(world.server, made, how, token=token, headers=headers),
            ONE_ENDING,
            has_key=has_key,
        )

    return make


def sku_of(world: World) -> str:
    return str(world.product["variants"][0]["sku"])


def add_images(world: World) -> Attempt:
    made = shop.create(world.server, name=f"Shown {secrets.token_hex(6)}")
    path, token = f"/api/products/{made['id']}/images", world.person.token
    files = pictures.form(pictures.encoded("PNG"), pictures.encoded("WEBP"))
    return Attempt(
        lambda: world.server.post(path, files=files, token=token), {**ONE_EDIT, "media used": 2}
    )


def arrange_images(world: World) -> Attempt:
    made = shop.create(world.server, name=f"Shown {secrets.token_hex(6)}")
    image = shop.add_image(world.server, made)
    path, token = f"/api/products/{made['id']}/images", world.person.token
    body = {"images": [{"id": image["id"], "alt": "It"}]}
    return Attempt(lambda: world.server.patch(path, json=body, token=token), ONE_EDIT)


def remove_image(world: World) -> Attempt:
    made = shop.create(world.server, name=f"Shown {secrets.token_hex(6)}")
    image = shop.add_image(world.server, made)
    path = f"/api/products/{made['id']}/images/{image['id']}"
    token = world.person.token
    return Attempt(
        lambda: world.server.delete(path, token=token), {**ONE_EDIT, "media used": -1}
    )


def remove_shown(world: World) -> Attempt:
    made = shop.create(world.server, name=f"Shown {secrets.token_hex(6)}", stock=1)
    shop.add_image(world.server, made)
    path, token = f"/api/products/{made['id']}?hard=true", world.person.token
    # The image has moved its version.
    whole = {**ONE_REMOVAL, "product versions": -2, "media used": -1}
    return Attempt(lambda: world.server.delete(path, token=token), whole)


def read_image(world: World) -> Attempt:
    url = shop.add_image(world.server, shop.create(world.server, name="Shown"))["url"]
    return Attempt(lambda: world.server.get(url), {})


def send_file(world: World) -> Attempt:
    """One product: it is there or it is not, whatever becomes of the record of the import."""
    body = f"Handle,Title,Variant Price\nmade-{secrets.token_hex(6)},Made,1\n"
    token, headers = world.person.token, {"Content-Type": "text/csv"}
    return Attempt(
        lambda: world.server.post("/api/products/import", data=body, token=token, headers=headers),
        {"mongo products": 1, "mongo audit": 1, "product versions": 1},
    )


def ask_for_import(world: World) -> Attempt:
    token, headers = world.person.token, {"Content-Type": "text/csv", "X-Request-Id": "walked"}
    world.server.post(
        "/api/products/import?dry_run=true", data="Handle,Title,Variant Price\n", token=token,
        headers=headers,
    )
    return Attempt(lambda: world.server.get("/api/products/import/walked", token=token), {})


def create_category_once(world: World) -> Attempt:
    body = {"name": f"Made {secrets.token_hex(6)}", "parent": world.category["slug"]}
    token, headers = world.person.token, {"Idempotency-Key": secrets.token_hex(16)}
    return Attempt(
        lambda: world.server.post("/api/categories", json=body, token=token, headers=headers),
        ONE_CATEGORY,
        has_key=True,
    )


def move_category(world: World) -> Attempt:
    """With a product, which is brought in line."""
    made = shop.create_category(world.server, slug=f"c-{secrets.token_hex(6)}")
    shop.create(world.server, category=made["slug"])
    body = {"slug": f"c-{secrets.token_hex(6)}", "parent": world.category["slug"]}
    path, token = f"/api/categories/{made['slug']}", world.person.token
    return Attempt(lambda: world.server.patch(path, json=body, token=token), ONE_CATEGORY_EDIT)


def remove_category(world: World) -> Attempt:
    made = shop.create_category(world.server, slug=f"c-{secrets.token_hex(6)}")
    path, token = f"/api/categories/{made['slug']}", world.person.token
    whole = {"mongo categories": -1, "category versions": -1, "mongo audit": 1}
    return Attempt(lambda: world.server.delete(path, token=token), whole)


# By operationId: at least one request of each route of the document.
REQUESTS: dict[str, list[Callable[[World], Attempt]]] = {
    "register": [register],
    "login": [login],
    "me": [reading("/auth/me", as_manager=True)],
    "list_products": [
        reading("/api/products?sort=price&total=true"),
        reading("/api/products?status=any", as_manager=True),
        reading("/api/products?q=walked&facets=true&total=true"),
    ],
    "suggest_products": [reading("/api/products/suggest?q=walk")],
    "create_product": [create, create_once],
    "get_product": [
        reading("/api/products/{slug}"),
        reading("/api/products/{id}?status=any", as_manager=True),
    ],
    "replace_product": [replace],
    "update_product": [update, give_up_slug],
    "delete_product": [archive, remove, remove_shown],
    "add_product_images": [add_images],
    "arrange_product_images": [arrange_images],
    "remove_product_image": [remove_image],
    "get_media": [read_image],
    "list_inventory": [reading("/api/inventory?total=true&low=5", as_manager=True)],
    "get_level": [reading("/api/inventory/{variants[0][sku]}", as_manager=True)],
    "list_movements": [
        reading("/api/inventory/{variants[0][sku]}/movements?total=true", as_manager=True)
    ],
    "update_level": [mark_low],
    "adjust_level": [adjust, adjust_once],
    "reserve": [reserve, reserve_once, reserve_as_guest],
    "get_reservation": [show_reservation],
    "release_reservation": [ending("release")],
    "commit_reservation": [ending("commit"), ending("commit", has_key=True)],
    "import_products": [send_file],
    "get_product_import": [ask_for_import],
    "export_products": [reading("/api/products/export", as_manager=True)],
    "list_categories": [reading("/api/categories")],
    "create_category": [create_category_once],
    "get_category": [reading("/api/categories/walked")],
    "update_category": [move_category],
    "delete_category": [remove_category],
    "liveness": [reading("/healthz")],
    "readiness": [reading("/readyz")],
    "metrics": [reading("/metrics")],
    "openapi": [reading("/openapi.json")],
}
