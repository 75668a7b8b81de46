"""Former slugs of products: 301, who sees it, and who has a slug in the end."""

import secrets

import pytest
import shop
from answers import assert_error, assert_headers, assert_ok
from harness import Server


def fresh_slug() -> str:
    return f"slug-{secrets.token_hex(6)}"


def slug_target(server: Server, slug: str, **options) -> tuple[int, str]:
    """The status of GET by this slug, and where it leads."""
    answer = server.get(f"/api/products/{slug}", allow_redirects=False, **options)
    return answer.status_code, answer.headers.get("Location", "")


def renamed(server: Server, *slugs: str) -> dict:
    """A product that had each of these slugs in turn, the last of which it still has."""
    product = shop.create(server, name="Renamed", slug=slugs[0])
    for slug in slugs[1:]:
        product = shop.edit(server, product, slug=slug)
    return product


def test_a_former_slug_leads_to_the_product(server: Server) -> None:
    first, second, third = fresh_slug(), fresh_slug(), fresh_slug()
    product = renamed(server, first, second, third)
    for former in (first, second):
        answer = server.get(f"/api/products/{former}", allow_redirects=False)
        assert (answer.status_code, answer.content) == (301, b"")
        assert answer.headers["Location"] == f"/api/products/{third}"
        assert "ETag" not in answer.headers
        assert_headers(answer)
        assert assert_ok(server.get(f"/api/products/{former}"))["id"] == product["id"]
        head = server.request("HEAD", f"/api/products/{former}", allow_redirects=False)
        assert head.status_code == 301
    assert slug_target(server, third) == (200, "")
    assert slug_target(server, product["id"]) == (200, "")


def test_a_former_slug_is_for_those_who_may_see_the_product(server: Server) -> None:
    former, now = fresh_slug(), fresh_slug()
    product = renamed(server, former, now)
    admin = {"token": server.admin_token()}
    shop.edit(server, product, status="draft")
    assert slug_target(server, former) == (404, "")
    assert slug_target(server, former + "?status=active", **admin) == (404, "")
    for status in ("draft", "any"):
        found = slug_target(server, f"{former}?status={status}", **admin)
        assert found == (301, f"/api/products/{now}?status={status}")
    assert slug_target(server, former + "?status=any") == (401, "")


def test_a_former_slug_can_be_taken(server: Server) -> None:
    """Whoever has it, or had it last, is found under it."""
    slug, second, third = fresh_slug(), fresh_slug(), fresh_slug()
    first_owner = renamed(server, slug, second)
    second_owner = shop.create(server, name="Takes it", slug=slug)
    assert server.get(f"/api/products/{slug}").json()["id"] == second_owner["id"]
    shop.edit(server, second_owner, slug=third)
    assert slug_target(server, slug) == (301, f"/api/products/{third}")
    shop.edit(server, first_owner, slug=slug)
    assert slug_target(server, slug) == (200, "")
    assert slug_target(server, second) == (301, f"/api/products/{slug}")
    shop.edit(server, first_owner, slug=second)
    assert slug_target(server, slug) == (301, f"/api/products/{second}")
    server.delete(f"/api/products/{first_owner['id']}?hard=true", token=server.admin_token())
    assert slug_target(server, slug) == (404, "")


def test_a_slug_that_is_taken_back_is_no_former_one(server: Server) -> None:
    one, other = fresh_slug(), fresh_slug()
    product = renamed(server, one, other, one)
    assert slug_target(server, one) == (200, "")
    assert slug_target(server, other) == (301, f"/api/products/{one}")
    assert old_slugs(server, product) == [other]


def test_the_latest_twenty_slugs_are_remembered(server: Server) -> None:
    slugs = [fresh_slug() for _ in range(23)]
    product = renamed(server, *slugs)
    assert old_slugs(server, product) == slugs[-2:1:-1]
    assert slug_target(server, slugs[2]) == (301, f"/api/products/{slugs[-1]}")
    assert slug_target(server, slugs[1]) == (404, "")


def old_slugs(server: Server, product: dict) -> list[str]:
    with server.databases.mongo.connect() as client:
        found = client[server.database].products.find_one({"slug": product["slug"]})
    return found["old_slugs"]


def test_a_former_slug_survives_other_edits(server: Server) -> None:
    former, now = fresh_slug(), fresh_slug()
    product = renamed(server, former, now)
    shop.edit(server, product, brand="Other", sku=f"SKU-{former}")
    assert slug_target(server, former) == (301, f"/api/products/{now}")
    again = renamed(server, fresh_slug(), fresh_slug())
    taken = server.patch(f"/api/products/{again['id']}", json={"slug": now},
                         token=server.admin_token())
    assert_error(taken, 409, "slug_taken")
    assert slug_target(server, former) == (301, f"/api/products/{now}")


@pytest.mark.parametrize("query", ["", "status=any", "a=b", "%0d%0aX-Injected:1"])
def test_the_query_goes_along_or_is_refused(server: Server, query: str) -> None:
    former, now = fresh_slug(), fresh_slug()
    renamed(server, former, now)
    status, location = slug_target(server, f"{former}?{query}", token=server.admin_token())
    if query in ("", "status=any"):
        suffix = f"?{query}" if query else ""
        assert (status, location) == (301, f"/api/products/{now}{suffix}")
    else:
        assert (status, location) == (400, "")
