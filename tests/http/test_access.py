"""Every operation of the document, called by every kind of caller (SECURITY checklist, 35)."""

import re
from typing import Any, NamedTuple

import pictures
import pytest
import shop
import stock
from answers import assert_error, assert_ok
from harness import Server
from people import Person, fresh_email, make_person, rows, set_active, set_role

# What is imported under this id is asked for by it.
IMPORT_ID = "walked-over"
KINDS = ["anonymous", "guest", "customer", "deactivated", "support", "manager", "admin"]


class Caller(NamedTuple):
    token: str
    permissions: list[str]
    is_active: bool = True
    cart: str = ""


@pytest.fixture(scope="module", name="callers")
def fixture_callers(server: Server) -> dict[str, Caller]:
    callers = {"anonymous": Caller("", [])}
    for role in ("customer", "support", "manager", "admin"):
        person = make_person(server, role)
        me = assert_ok(server.get("/auth/me", token=person.token))
        callers[role] = Caller(person.token, me["permissions"])
    sku = stock.stocked(server, 5)
    callers["guest"] = Caller("", [], cart=stock.reserved(server, (sku, 1))["cart_token"])
    callers["deactivated"] = deactivated(server)
    assert set(callers) == set(KINDS)
    return callers


def deactivated(server: Server) -> Caller:
    """One who could do all before."""
    person: Person = make_person(server, "admin")
    me = assert_ok(server.get("/auth/me", token=person.token))
    set_active(server, person, False)
    return Caller(person.token, me["permissions"], is_active=False)


class Call(NamedTuple):
    """How an operation is called so that it succeeds for whoever may."""

    body: Any = None
    managing: bool = False
    files: Any = None
    file: str = ""  # of text/csv, in the place of a body
    query: dict[str, str] = {}


# An operation that is missing here fails the test: each new row of the table comes by.
CALLS = {
    "register": lambda: Call({"email": fresh_email(), "password": "long enough", "name": "A"}),
    "login": lambda: Call({"email": "nobody@example.com", "password": "wrong"}),
    "me": Call,
    "list_products": Call,
    "suggest_products": lambda: Call(query={"q": "walk"}),
    "create_product": lambda: Call({"name": "Walked", "price": 1}),
    "get_product": Call,
    "replace_product": lambda: Call({"name": "Walked", "price": 1}),
    "update_product": lambda: Call({"brand": "Walked"}),
    "delete_product": Call,
    "list_inventory": Call,
    "get_level": Call,
    "update_level": lambda: Call({"low_at": 1}),
    "list_movements": Call,
    "adjust_level": lambda: Call({"delta": 1, "reason": "Walked"}),
    "add_product_images": lambda: Call(files=pictures.form(pictures.encoded("PNG"))),
    "arrange_product_images": lambda: Call({"images": []}),
    "remove_product_image": Call,
    "get_media": Call,
    "reserve": lambda: Call(RESERVE),
    "get_reservation": Call,
    "release_reservation": Call,
    "commit_reservation": Call,
    "list_categories": Call,
    "create_category": lambda: Call({"name": "Walked"}),
    "get_category": Call,
    "update_category": lambda: Call({"name": "Walked"}),
    "delete_category": Call,
    "liveness": Call,
    "readiness": Call,
    "openapi": Call,
    "import_products": lambda: Call(file="Handle,Title,Variant Price\nwalked-file,W,1\n"),
    "get_product_import": Call,
    "export_products": Call,
    # Open to whoever calls from the server's machine: test_metrics.py has the others.
    "metrics": Call,
}
# What RESERVE stands for is the SKU of the product that is walked over.
RESERVE = "reserve"
# Open to all, and 401 for another reason.
OPEN_401 = {"login": "bad_credentials"}


def expected(operation: dict[str, Any], caller: Caller, managing: bool) -> tuple[int, str] | None:
    """The refusal, by what the document says; None: none."""
    security = operation["security"]
    needs_caller = bool(security) and {} not in security
    takes_cart = {"cart": []} in security
    if takes_cart and (caller.cart or not (needs_caller or caller.token)):
        return None
    if not needs_caller and not managing and not takes_cart:
        return None
    if not caller.token:
        return 401, "unauthenticated"
    if not caller.is_active:
        return 401, "account_inactive"
    permission = operation.get("x-permission")
    if permission is not None and permission not in caller.permissions:
        return 403, "forbidden"
    return None


# What stands in a path for another thing than the product, made for the call.
PATH_VALUES = {
    "request_id": lambda server, product: IMPORT_ID,
    "slug": lambda server, product: shop.create_category(server, name="Walked over")["slug"],
    "sku": lambda server, product: product["variants"][0]["sku"],
    "image_id": lambda server, product: shop.add_image(server, product)["id"],
    "name": lambda server, product: shop.add_image(server, product)["url"].rsplit("/", 1)[1],
}


def call(server: Server, method: str, path: str, operation: dict[str, Any], caller: Caller,
         managing: bool):
    product = shop.create(server, name="To be walked over", stock=5)
    values = {name: make(server, product) for name, make in PATH_VALUES.items()
              if f"{{{name}}}" in path}
    if "/reservations/{id}" in path:
        values["id"] = reservation_of(server, product, caller)
    target = re.sub(r"{(\w+)}", lambda found: values.get(found[1], product["id"]), path)
    query = {"status": "any"} if managing else {}
    sent = CALLS[operation["operationId"]]()
    query |= sent.query
    body = sent.body
    if body == RESERVE:
        body = {"lines": [{"sku": stock.sku_of(product), "quantity": 1}]}
    headers = {"X-Cart-Token": caller.cart} if caller.cart else {}
    options: dict[str, Any] = {"json": body, "files": sent.files}
    if sent.file:
        options = {"data": sent.file}
        headers |= {"Content-Type": "text/csv", "X-Request-Id": IMPORT_ID}
    return server.request(method.upper(), target, params=query, token=caller.token,
                          headers=headers, **options)


def reservation_of(server: Server, product: dict[str, Any], caller: Caller) -> str:
    """The caller's own; of one who cannot have any, the administrator's."""
    can = caller.cart or (caller.token and caller.is_active)
    owner = {"cart": caller.cart, "token": caller.token} if can else {"token": server.admin_token()}
    return str(stock.reserved(server, (stock.sku_of(product), 1), **owner)["id"])


@pytest.mark.parametrize("kind", KINDS)
def test_every_operation(server: Server, callers: dict[str, Caller], kind: str) -> None:
    document = assert_ok(server.get("/openapi.json"))
    caller = callers[kind]
    walked = 0
    for path, item in document["paths"].items():
        for method, operation in item.items():
            may_manage = "x-permission" in operation and {} in operation["security"]
            for managing in (False, True) if may_manage else (False,):
                answer = call(server, method, path, operation, caller, managing)
                refusal = expected(operation, caller, managing)
                where = f"{kind}: {method} {path} {managing}"
                check(answer, refusal, operation["operationId"], where)
                walked += 1
    assert walked == len(CALLS) + 2


def check(answer, refusal: tuple[int, str] | None, name: str, where: str) -> None:
    if refusal is not None:
        assert answer.status_code == refusal[0], f"{where}: {answer.status_code} {answer.text}"
        assert_error(answer, *refusal)
    elif name in OPEN_401:
        assert_error(answer, 401, OPEN_401[name])
    else:
        assert answer.status_code < 300, f"{where}: {answer.status_code} {answer.text}"


def test_head_is_guarded_as_get(server: Server, callers: dict[str, Caller]) -> None:
    for path, needs in (("/auth/me", True), ("/api/products?status=any", True),
                        ("/api/products", False)):
        answer = server.request("HEAD", path)
        assert answer.status_code == (401 if needs else 200)
    answer = server.request("HEAD", "/api/products?status=draft", token=callers["customer"].token)
    assert answer.status_code == 403


def test_a_refused_write_writes_nothing(server: Server, callers: dict[str, Caller]) -> None:
    product = shop.create(server, name="Stays as it is")
    path = f"/api/products/{product['id']}"
    for kind in ("anonymous", "customer", "deactivated", "support"):
        token = callers[kind].token
        server.patch(path, json={"name": "Changed"}, token=token)
        server.delete(path, token=token)
        server.delete(f"{path}?hard=true", token=token)
        server.post("/api/products", json={"name": "Sneaked in", "price": 1}, token=token)
    assert shop.managed(server, product) == product
    found = shop.list_page(server, server.admin_token(), status="any", limit=100)
    assert "Sneaked in" not in shop.names(found)


def test_a_token_outlives_no_role(server: Server) -> None:
    """Nothing about a caller is remembered from one request to the next."""
    person = make_person(server, "manager")
    body = {"name": "While a manager", "price": 1}
    assert_ok(server.post("/api/products", json=body, token=person.token), 201)
    set_role(server, person, "customer")
    assert_error(server.post("/api/products", json=body, token=person.token), 403, "forbidden")
    set_active(server, person, False)
    answer = server.post("/api/products", json=body, token=person.token)
    assert_error(answer, 401, "account_inactive")


def test_the_administrator_is_the_only_account(server: Server, make_server) -> None:
    """No default accounts: what a fresh server has was named by its settings."""
    fresh = make_server(server.databases).prepare()
    people = rows(
        fresh, "SELECT u.login_email, r.name FROM users u JOIN roles r ON r.id = u.role_id"
    )
    assert people == [{"login_email": "admin@example.com", "name": "admin"}]
