"""Branches of the tree of categories, and the requests that change them."""

import secrets
from typing import Any

import requests
import shop
from harness import Server


def fresh() -> str:
    return f"c-{secrets.token_hex(6)}"


def patch(
    server: Server, slug: str, etag: str = "", /, **members: Any
) -> requests.Response:
    headers = {"If-Match": etag} if etag else {}
    return server.patch(
        f"/api/categories/{slug}", json=members, headers=headers, token=server.admin_token()
    )


def delete(
    server: Server, slug: str, etag: str = "", /, **query: str
) -> requests.Response:
    headers = {"If-Match": etag} if etag else {}
    return server.delete(
        f"/api/categories/{slug}", params=query, headers=headers, token=server.admin_token()
    )


def chain(server: Server, length: int, parent: str | None = None) -> list[str]:
    """A category in a category, and so on; the slugs from the top down."""
    slugs: list[str] = []
    for _ in range(length):
        parent = shop.create_category(server, slug=fresh(), parent=parent)["slug"]
        slugs.append(parent)
    return slugs


def listed(server: Server, category: str) -> list[str]:
    page = shop.list_page(server, category=category, limit=100, sort="name")
    return shop.names(page)
