"""DELETE of categories: what is in them is said, or goes elsewhere; and the trail of changes."""

import shop
from answers import assert_error, assert_invalid, assert_ok
from branches import chain, delete, fresh, listed, patch
from harness import Server


def test_an_empty_category_goes(server: Server) -> None:
    slug = shop.create_category(server, slug=fresh())["slug"]
    assert delete(server, slug).status_code == 204
    assert_error(server.get(f"/api/categories/{slug}"), 404, "not_found")
    assert_error(delete(server, slug), 404, "not_found")
    assert shop.create_category(server, slug=slug)["slug"] == slug


def test_what_is_in_it_is_said(server: Server) -> None:
    top, child = chain(server, 2)
    shop.create_category(server, parent=top, slug=fresh())
    shop.create(server, category=top)
    shop.create(server, category=top, status="draft")
    shop.archive(server, shop.create(server, category=top))
    body = assert_error(delete(server, top), 409, "category_not_empty")
    assert {row["field"]: row["message"] for row in body["fields"]} == {
        "products": "3 are in it", "children": "2 are directly below it"}
    shop.create(server, category=child)
    body = assert_error(delete(server, child), 409, "category_not_empty")
    assert body["fields"] == [{"field": "products", "message": "1 is in it"}]
    assert shop.category(server, top)["product_count"] == 2


def test_moving_what_is_in_it(server: Server) -> None:
    source, child, grandchild = chain(server, 3)
    other, target, present = chain(server, 3)
    own = shop.create(server, name="Own", category=source)
    draft = shop.create(server, name="Draft", category=source, status="draft")
    low = shop.create(server, name="Low", category=grandchild)
    answer = delete(server, source, move_to=target)
    assert answer.status_code == 204, answer.text
    assert shop.category(server, grandchild)["path"] == [other, target, child, grandchild]
    shown = shop.category(server, target)
    assert [node["slug"] for node in shown["children"]] == [present, child]
    assert shown["product_count"] == 2
    for product, category in ((own, target), (draft, target), (low, grandchild)):
        after = shop.managed(server, product)
        assert after["category"] == category
        assert after["version"] == product["version"] + (category == target)
    assert listed(server, other) == ["Low", "Own"] == listed(server, target)
    # Links to what was removed.
    gone = server.get(f"/api/categories/{source}", allow_redirects=False)
    assert gone.headers["Location"] == f"/api/categories/{target}"
    assert shop.category(server, source)["slug"] == target


def test_where_nothing_can_go(server: Server) -> None:
    top, child = chain(server, 2)
    shop.create(server, category=top)
    assert_invalid(delete(server, top, move_to=child), move_to="must not be the category itself")
    assert_invalid(delete(server, top, move_to="there-is-none"), move_to="does not exist")
    answer = delete(server, top, move_to="$ne")
    assert_error(answer, 400, "invalid")
    assert_error(delete(server, top, other="x"), 400, "invalid")
    assert shop.category(server, top)["product_count"] == 1


def test_changes_are_audited(server: Server) -> None:
    target, slug, renamed = fresh(), fresh(), fresh()
    shop.create_category(server, slug=target)
    made = shop.create_category(server, slug=slug)
    assert_ok(patch(server, slug, name="Renamed", slug=renamed))
    assert_ok(patch(server, renamed, parent=target))
    shop.create(server, category=renamed)
    assert delete(server, renamed, move_to=target).status_code == 204
    with server.databases.mongo.connect() as client:
        rows = list(client[server.database].audit.find({"subject": "category"}).sort("_id", 1))
    mine = [row for row in rows if str(row["subject_id"]) == made["id"]]
    assert [(row["action"], row["subject_name"]) for row in mine] == [
        ("category.create", slug), ("category.update", renamed), ("category.update", renamed),
        ("category.remove", renamed)]
    assert set(mine[1]["changed"]) == {"name", "slug"}
    assert set(mine[2]["changed"]) >= {"parent_id", "path"}
    assert all(row["user_id"] and row["request_id"] for row in mine)
