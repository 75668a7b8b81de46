"""/api/categories: the tree, what is shown of one, and each way to change it."""

import secrets
from typing import Any

import pytest
import shop
from answers import assert_error, assert_invalid, assert_ok
from branches import chain, delete, fresh, listed, patch
from harness import Server

DEPTH_MAX = 20


# Shapes.


def test_one_category(server: Server) -> None:
    top = shop.create_category(server, name="Outdoor & Camping")
    assert top == {
        "id": top["id"], "slug": "outdoor-camping", "name": "Outdoor & Camping", "parent": None,
        "path": ["outdoor-camping"], "product_count": 0, "position": top["position"],
        "breadcrumb": [{"slug": "outdoor-camping", "name": "Outdoor & Camping"}], "children": [],
    }
    tents = shop.create_category(server, name="Tents", slug=fresh(), parent="outdoor-camping")
    assert tents["parent"] == "outdoor-camping"
    assert tents["path"] == ["outdoor-camping", tents["slug"]]
    assert tents["breadcrumb"] == [
        {"slug": "outdoor-camping", "name": "Outdoor & Camping"},
        {"slug": tents["slug"], "name": "Tents"},
    ]
    shop.create(server, category=tents["slug"])
    shop.create(server, category=tents["slug"], status="draft")
    shop.create(server, category="outdoor-camping")
    shown = shop.category(server, "outdoor-camping")
    assert shown["product_count"] == 2
    child = {name: tents[name] for name in ("id", "slug", "name", "parent", "path", "position")}
    assert shown["children"] == [{**child, "product_count": 1}]
    assert shop.category(server, tents["slug"]) == {**tents, "product_count": 1}


def test_the_tree(server: Server) -> None:
    top, middle, leaf = chain(server, 3)
    shop.create(server, category=leaf)
    [node] = [node for node in shop.tree(server) if node["slug"] == top]
    assert node["product_count"] == 1 and node["path"] == [top]
    [below] = node["children"]
    assert (below["slug"], below["product_count"]) == (middle, 1)
    [lowest] = below["children"]
    shown = shop.category(server, leaf)
    del shown["breadcrumb"]
    assert lowest == shown and lowest["path"] == [top, middle, leaf]


def test_answers_of_a_new_category(server: Server) -> None:
    body = {"name": "Found", "slug": fresh()}
    answer = server.post("/api/categories", json=body, token=server.admin_token())
    made = assert_ok(answer, 201)
    assert answer.headers["Location"] == f"/api/categories/{made['slug']}"
    shown = server.get(answer.headers["Location"])
    assert shown.headers["ETag"] == answer.headers["ETag"]
    assert shown.json() == made


def test_slugs_are_made(server: Server) -> None:
    slugs = [shop.create_category(server, name="Hüte & Mützen")["slug"] for _ in range(3)]
    assert slugs == ["hute-mutzen", "hute-mutzen-2", "hute-mutzen-3"]
    foreign = [shop.create_category(server, name="帽子")["slug"] for _ in range(2)]
    assert foreign[0].startswith("category-") and foreign[1] == f"{foreign[0]}-2"
    long = [shop.create_category(server, name="x" * 200)["slug"] for _ in range(2)]
    assert long == ["x" * 100, "x" * 97 + "-2"]


def test_a_slug_is_taken_once(server: Server) -> None:
    slug = fresh()
    shop.create_category(server, slug=slug)
    other = shop.create_category(server, slug=fresh())
    body = {"name": "Another", "slug": slug}
    answer = server.post("/api/categories", json=body, token=server.admin_token())
    assert_error(answer, 409, "slug_taken")
    assert_error(patch(server, other["slug"], slug=slug), 409, "slug_taken")


def test_positions(server: Server) -> None:
    top = shop.create_category(server, slug=fresh())["slug"]

    def order() -> list[str]:
        return [child["slug"] for child in shop.category(server, top)["children"]]

    first, second, third = (
        shop.create_category(server, slug=fresh(), parent=top)["slug"] for _ in range(3)
    )
    assert order() == [first, second, third]
    assert_ok(patch(server, third, position=0))
    # The older of two at the same position comes first.
    assert order() == [first, third, second]
    assert_ok(patch(server, first, position=5))
    assert order() == [third, second, first]
    last = shop.create_category(server, slug=fresh(), parent=top)
    assert last["position"] == 6 and order()[-1] == last["slug"]
    front = shop.create_category(server, slug=fresh(), parent=top, position=0)["slug"]
    assert order() == [third, front, second, first, last["slug"]]


# Changes.


def test_renaming(server: Server) -> None:
    old, new, child = fresh(), fresh(), fresh()
    made = shop.create_category(server, slug=old)
    shop.create_category(server, slug=child, parent=old)
    product = shop.create(server, category=old)
    path = f"/api/products/{product['id']}"
    before = server.get(path).headers["ETag"]
    changed = assert_ok(patch(server, old, name="Renamed", slug=new))
    assert (changed["id"], changed["name"], changed["slug"]) == (made["id"], "Renamed", new)
    assert shop.category(server, child)["path"] == [new, child]
    # Whoever has the product's former answer is told that it has changed.
    again = server.get(path, headers={"If-None-Match": before})
    assert assert_ok(again)["category"] == new
    assert again.json()["version"] == product["version"]
    assert listed(server, new) == [product["name"]]


def test_former_slugs_lead_here(server: Server) -> None:
    first, second, third = fresh(), fresh(), fresh()
    shop.create_category(server, slug=first)
    for former, slug in ((first, second), (second, third)):
        assert_ok(patch(server, former, slug=slug))
    for former in (first, second):
        answer = server.get(f"/api/categories/{former}", allow_redirects=False)
        assert answer.status_code == 301
        assert answer.headers["Location"] == f"/api/categories/{third}"
        assert_error(patch(server, former, name="X"), 404, "not_found")
        assert_error(delete(server, former), 404, "not_found")
    product = shop.create(server, category=third)
    assert listed(server, first) == [product["name"]]
    # Taken back, or by another: it leads there.
    assert_ok(patch(server, third, slug=first))
    assert shop.category(server, first)["slug"] == first
    other = shop.create_category(server, slug=second)
    assert shop.category(server, second)["id"] == other["id"]


def test_a_move(server: Server) -> None:
    top, middle, leaf = chain(server, 3)
    target = chain(server, 2)
    shop.create(server, name="In the middle", category=middle)
    shop.create(server, name="In the leaf", category=leaf)
    assert listed(server, top) == ["In the leaf", "In the middle"]
    moved = assert_ok(patch(server, middle, parent=target[1]))
    assert moved["path"] == [*target, middle] and moved["product_count"] == 2
    assert shop.category(server, leaf)["path"] == [*target, middle, leaf]
    assert listed(server, top) == [] and shop.category(server, top)["product_count"] == 0
    for slug in (*target, middle):
        assert listed(server, slug) == ["In the leaf", "In the middle"]
        assert shop.category(server, slug)["product_count"] == 2
    assert assert_ok(patch(server, middle, parent=None))["path"] == [middle]
    assert listed(server, target[0]) == [] and len(listed(server, middle)) == 2
    assert middle in [node["slug"] for node in shop.tree(server)]


def test_no_move_under_itself(server: Server) -> None:
    top, middle, leaf = chain(server, 3)
    for slug in (top, middle, leaf):
        assert_invalid(patch(server, top, parent=slug), parent="must not be the category itself")
    assert_invalid(patch(server, top, parent="there-is-none"), parent="does not exist")
    assert shop.category(server, leaf)["path"] == [top, middle, leaf]


def test_the_tree_has_a_depth(server: Server) -> None:
    deep = chain(server, DEPTH_MAX)
    body = {"name": "Too deep", "parent": deep[-1]}
    answer = server.post("/api/categories", json=body, token=server.admin_token())
    assert_invalid(answer, parent="deeper than 20 levels")
    pair = chain(server, 2)
    assert_invalid(patch(server, pair[0], parent=deep[-2]), parent="deeper than 20 levels")
    assert assert_ok(patch(server, pair[1], parent=deep[-2]))["path"] == [*deep[:-1], pair[1]]
    assert_invalid(delete(server, pair[0], move_to=pair[0]), move_to="must not be")
    holder = chain(server, 2)
    assert_invalid(delete(server, holder[0], move_to=deep[-1]), move_to="deeper than 20 levels")
    assert shop.category(server, deep[-1])["path"] == deep


@pytest.mark.parametrize("members", [{}, {"name": "As it is"}, {"parent": None}])
def test_an_edit_that_changes_nothing(server: Server, members: dict) -> None:
    made = shop.create_category(server, name="As it is", slug=fresh())
    before = server.get(f"/api/categories/{made['slug']}").headers["ETag"]
    answer = patch(server, made["slug"], **members)
    assert assert_ok(answer) == made
    assert answer.headers["ETag"] == before


# Conditions.


def test_if_match(server: Server) -> None:
    slug = shop.create_category(server, slug=fresh())["slug"]
    etag = server.get(f"/api/categories/{slug}").headers["ETag"]
    shop.create(server, category=slug)
    # What is in it does not refuse an editor; a reader is shown the new count.
    assert_ok(server.get(f"/api/categories/{slug}", headers={"If-None-Match": etag}))
    changed = patch(server, slug, etag, name="New")
    assert_ok(changed)
    assert_error(patch(server, slug, etag, name="Late"), 412, "precondition_failed")
    assert_error(delete(server, slug, etag), 412, "precondition_failed")
    again = server.get(
        f"/api/categories/{slug}", headers={"If-None-Match": changed.headers["ETag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == changed.headers["ETag"]


def test_what_is_not_there(server: Server) -> None:
    for slug in ("there-is-none", "$ne", "{", "A", "0" * 24, "x" * 101, "%7B%22%24gt%22%3A1%7D"):
        assert_error(server.get(f"/api/categories/{slug}"), 404, "not_found")
        assert_error(patch(server, slug, name="X"), 404, "not_found")
        assert_error(delete(server, slug), 404, "not_found")
        assert_error(delete(server, slug, move_to="there-is-none"), 404, "not_found")


# Hostile input.


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("name", ""), ("name", "  "), ("name", "x" * 201), ("name", None), ("name", 1),
        ("name", {"$gt": ""}), ("name", ["a"]), ("name", "a\u0007b"),
        ("slug", ""), ("slug", None), ("slug", "A"), ("slug", "a--b"), ("slug", "-a"),
        ("slug", "a/b"), ("slug", "x" * 101), ("slug", {"$ne": 1}), ("slug", ".*"),
        ("parent", ""), ("parent", {"$gt": ""}), ("parent", 5), ("parent", "x" * 101),
        ("parent", "$where"),
        ("position", -1), ("position", 1000001), ("position", 1.5), ("position", "1"),
        ("position", 2**63 - 1), ("position", -(2**63)), ("position", None), ("position", True),
        ("path", []), ("id", "0" * 24), ("product_count", 5), ("version", 1), ("old_slugs", ["a"]),
        ("due", None), ("children", []), ("$set", {"name": "x"}),
    ],
)
def test_bad_members(server: Server, member: str, value: Any) -> None:
    slug = fresh()
    before = shop.create_category(server, slug=slug)
    body = {"name": "Refused", member: value}
    answer = server.post("/api/categories", json=body, token=server.admin_token())
    fields = assert_error(answer, 400, "invalid")["fields"]
    assert [row["field"] for row in fields] == [member]
    assert_error(patch(server, slug, **{member: value}), 400, "invalid")
    assert shop.category(server, slug) == before


def test_names_that_mean_something_elsewhere(server: Server) -> None:
    for name in ("$set", "a.b", "__proto__", '"\\', "{\"$oid\": 1}", "日本語 👕", "%s%n", "</script>"):
        made = shop.create_category(server, name=name)
        assert shop.category(server, made["slug"])["breadcrumb"][-1]["name"] == name


def test_the_same_request_again(server: Server) -> None:
    headers = {"Idempotency-Key": secrets.token_hex(8)}
    body = {"name": "Once only", "slug": fresh()}
    answers = [
        server.post("/api/categories", json=body, headers=headers, token=server.admin_token())
        for _ in range(2)
    ]
    assert answers[0].content == answers[1].content
    assert [answer.status_code for answer in answers] == [201, 201]
    other = {"name": "Other"}
    again = server.post("/api/categories", json=other, headers=headers, token=server.admin_token())
    assert_error(again, 409, "idempotency_key_reused")
