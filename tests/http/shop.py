"""Products and categories for tests, made the way a shop makes them."""

import json
from collections.abc import Iterator
from typing import Any

import pictures
from answers import assert_ok
from harness import Server


def create(server: Server, **members: Any) -> dict[str, Any]:
    """A product made by the administrator, as the answer shows it; has a name and a price."""
    price = {} if "variants" in members else {"price": 1000}
    body = {"name": "A product", **price, **members}
    answer = server.post("/api/products", token=server.admin_token(), json=body)
    return assert_ok(answer, 201)


def edit(server: Server, product: dict[str, Any], **members: Any) -> dict[str, Any]:
    path = f"/api/products/{product['id']}"
    return assert_ok(server.patch(path, token=server.admin_token(), json=members))


def add_image(server: Server, product: dict[str, Any], content: bytes = b"") -> dict[str, Any]:
    """An uploaded image of the product, as the answer shows it."""
    path = f"/api/products/{product['id']}/images"
    files = pictures.form(content or pictures.encoded("JPEG"))
    return assert_ok(server.post(path, files=files, token=server.admin_token()), 201)["images"][-1]


def archive(server: Server, product: dict[str, Any]) -> None:
    answer = server.delete(f"/api/products/{product['id']}", token=server.admin_token())
    assert answer.status_code == 204, answer.text


def managed(server: Server, product: dict[str, Any]) -> dict[str, Any]:
    """As those see it who manage it."""
    path = f"/api/products/{product['id']}"
    return assert_ok(server.get(path, params={"status": "any"}, token=server.admin_token()))


def add_categories(server: Server, **parents: str | None) -> None:
    """slug=parent's slug, parents first."""
    folder = server.folder / "fixtures"
    folder.mkdir(exist_ok=True)
    categories = [
        {"slug": slug, "name": slug.title(), "parent": parent, "position": position}
        for position, (slug, parent) in enumerate(parents.items())
    ]
    for name, content in (("categories", categories), ("products", []), ("users", [])):
        (folder / f"{name}.json").write_text(json.dumps({name: content}))
    server.aizy("seed", "--fixtures", str(folder))


def create_category(server: Server, **members: Any) -> dict[str, Any]:
    body = {"name": "A category", **members}
    return assert_ok(server.post("/api/categories", token=server.admin_token(), json=body), 201)


def category(server: Server, slug: str) -> dict[str, Any]:
    return assert_ok(server.get(f"/api/categories/{slug}"))


def tree(server: Server) -> list[dict[str, Any]]:
    return assert_ok(server.get("/api/categories"))["items"]


def list_page(server: Server, token: str = "", **query: Any) -> dict[str, Any]:
    return assert_ok(server.get("/api/products", params=query, token=token))


def walk_cursor(server: Server, token: str = "", **query: Any) -> Iterator[dict[str, Any]]:
    """Every page there is, by cursor."""
    cursor: dict[str, str] = {}
    while True:
        page = list_page(server, token, **query, **cursor)
        yield page
        if page["next_cursor"] is None:
            return
        cursor = {"cursor": page["next_cursor"]}


def names(page: dict[str, Any]) -> list[str]:
    return [item["name"] for item in page["items"]]


def ids(page: dict[str, Any]) -> list[str]:
    return [item["id"] for item in page["items"]]
