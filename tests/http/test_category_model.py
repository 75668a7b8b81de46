"""Random changes of the tree of categories against a model of it, and many at the same time."""

import random
import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import shop
from answers import assert_ok
from harness import Server

from tools.dev import processes

STEPS = 150
DEPTH_MAX = 20


class Node:
    def __init__(self, slug: str, name: str, parent: "Node | None", position: int) -> None:
        self.slug, self.name, self.parent, self.position = slug, name, parent, position
        self.age = 0

    def path(self) -> "list[Node]":
        return [*(self.parent.path() if self.parent else []), self]


class Model:
    """What the shop must look like; each change is asked of the server and made here."""

    def __init__(self, server: Server, chance: random.Random) -> None:
        self.server, self.chance = server, chance
        self.nodes: list[Node] = []
        self.products: dict[str, tuple[Node | None, str]] = {}
        self.ages = 0

    # What follows from it.

    def children(self, parent: Node | None) -> list[Node]:
        found = [node for node in self.nodes if node.parent is parent]
        return sorted(found, key=lambda node: (node.position, node.age))

    def below(self, node: Node) -> list[Node]:
        return [other for other in self.nodes if node in other.path()]

    def levels(self, node: Node) -> int:
        return max(len(other.path()) for other in self.below(node)) - len(node.path()) + 1

    def products_in(self, node: Node, status: str = "") -> list[str]:
        return sorted(name for name, (where, what) in self.products.items()
                      if where is not None and node in where.path() and status in ("", what))

    def last_position(self, parent: Node | None) -> int:
        return max((node.position for node in self.children(parent)), default=-1) + 1

    def shown(self, node: Node) -> dict[str, Any]:
        return {
            "slug": node.slug, "name": node.name,
            "parent": node.parent.slug if node.parent else None,
            "path": [step.slug for step in node.path()], "position": node.position,
            "product_count": len(self.products_in(node, "active")),
        }

    def shown_tree(self, parent: Node | None = None) -> list[dict[str, Any]]:
        return [{**self.shown(node), "children": self.shown_tree(node)}
                for node in self.children(parent)]

    # Changes.

    def request(self, method: str, path: str, **options: Any):
        return self.server.request(method, path, token=self.server.admin_token(), **options)

    def any_node(self) -> Node | None:
        return self.chance.choice(self.nodes) if self.nodes else None

    def create(self) -> None:
        parent = self.any_node() if self.chance.random() < 0.8 else None
        slug, name = f"m-{secrets.token_hex(5)}", self.chance.choice(["Hats", "Caps", "Ärmel"])
        body = {"name": name, "slug": slug, "parent": parent.slug if parent else None}
        if self.chance.random() < 0.3:
            body["position"] = self.chance.randrange(4)
        answer = self.request("POST", "/api/categories", json=body)
        if parent and len(parent.path()) >= DEPTH_MAX:
            assert answer.status_code == 400
            return
        assert_ok(answer, 201)
        node = Node(slug, name, parent, body.get("position", self.last_position(parent)))
        self.ages += 1
        node.age = self.ages
        self.nodes.append(node)

    def rename(self) -> None:
        node = self.any_node()
        if node is None:
            return
        body = {"name": f"Name {self.chance.randrange(99)}", "slug": f"r-{secrets.token_hex(5)}",
                "position": self.chance.randrange(5)}
        kept = self.chance.sample(sorted(body), self.chance.randint(1, 3))
        body = {member: body[member] for member in kept}
        assert_ok(self.request("PATCH", f"/api/categories/{node.slug}", json=body))
        for member, value in body.items():
            setattr(node, member, value)

    def move(self) -> None:
        node, parent = self.any_node(), self.any_node()
        if node is None:
            return
        parent = parent if self.chance.random() < 0.8 else None
        body = {"parent": parent.slug if parent else None}
        answer = self.request("PATCH", f"/api/categories/{node.slug}", json=body)
        above = len(parent.path()) if parent else 0
        circle = parent is not None and node in parent.path()
        changes = parent is not node.parent
        if changes and (circle or above + self.levels(node) > DEPTH_MAX):
            assert answer.status_code == 400, answer.text
            return
        assert_ok(answer)
        if changes:
            node.position = self.last_position(parent)
            node.parent = parent

    def remove(self) -> None:
        node, target = self.any_node(), self.any_node()
        if node is None:
            return
        query = {"move_to": target.slug} if self.chance.random() < 0.6 else {}
        answer = self.request("DELETE", f"/api/categories/{node.slug}", params=query)
        inside = self.below(node)
        children = self.children(node)
        own = [name for name, (where, _) in self.products.items() if where is node]
        if query and target in inside:
            assert answer.status_code == 400
            return
        if not query and (children or own):
            assert answer.status_code == 409
            return
        if children and query and len(target.path()) + self.levels(node) - 1 > DEPTH_MAX:
            assert answer.status_code == 400
            return
        assert answer.status_code == 204, answer.text
        for child in children:
            child.position = self.last_position(target)
            child.parent = target
        for name in own:
            self.products[name] = (target, self.products[name][1])
        self.nodes.remove(node)

    def put_product(self) -> None:
        node = self.any_node() if self.chance.random() < 0.9 else None
        status = self.chance.choice(["active", "active", "draft"])
        members = {"category": node.slug if node else None, "status": status}
        if self.products and self.chance.random() < 0.4:
            name = self.chance.choice(sorted(self.products))
            found = shop.list_page(self.server, self.server.admin_token(), status="any", limit=100)
            [product] = [item for item in found["items"] if item["name"] == name]
            shop.edit(self.server, product, **members)
        elif len(self.products) < 60:
            name = f"Product {len(self.products)}"
            shop.create(self.server, name=name, **members)
        else:
            return
        self.products[name] = (node, status)

    def step(self) -> None:
        changes = [self.create] * 3 + [self.rename, self.move, self.move, self.remove] + [
            self.put_product] * 3
        self.chance.choice(changes)()


def without_ids(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**{name: value for name, value in node.items() if name != "id"},
             "children": without_ids(node["children"])} for node in nodes]


def check(server: Server, model: Model) -> None:
    assert without_ids(shop.tree(server)) == model.shown_tree()
    for node in model.nodes:
        shown = shop.category(server, node.slug)
        assert shown["breadcrumb"] == [
            {"slug": step.slug, "name": step.name} for step in node.path()]
        assert shown["product_count"] == len(model.products_in(node, "active"))
        assert [child["slug"] for child in shown["children"]] == [
            child.slug for child in model.children(node)]
        page = shop.list_page(server, server.admin_token(), category=node.slug, status="any",
                              limit=100)
        assert sorted(shop.names(page)) == model.products_in(node)


@pytest.mark.parametrize("seed", [1, 2])
def test_random_changes(databases, make_server, seed: int) -> None:
    server = make_server(databases).prepare().start()
    model = Model(server, random.Random(seed))
    for number in range(STEPS):
        model.step()
        if number % 10 == 9:
            assert without_ids(shop.tree(server)) == model.shown_tree(), f"seed {seed}: {number}"
    check(server, model)
    assert_in_line(server)


# What is true of the documents, whoever wrote them.


def assert_in_line(server: Server) -> None:
    """Every category's path is that of the tree, and every product's that of its category."""
    with server.databases.mongo.connect() as client:
        database = client[server.database]
        categories = {found["_id"]: found for found in database.categories.find()}

        def path_to(category_id: Any) -> list[Any]:
            parent = categories[category_id].get("parent_id")
            return [*(path_to(parent) if parent else []), category_id]

        for category in categories.values():
            assert [*category["path"], category["_id"]] == path_to(category["_id"])
            assert "due" not in category
        for product in database.products.find():
            category_id = product.get("category_id")
            wanted = path_to(category_id) if category_id else []
            assert product["category_path"] == wanted, product["slug"]


@pytest.mark.race
def test_products_follow_moves_that_happen_meanwhile(server: Server) -> None:
    """Four write products into a branch that two move about."""
    homes = [shop.create_category(server, name=f"Home {number}")["slug"] for number in range(3)]
    branch = shop.create_category(server, name="Branch", parent=homes[0])["slug"]
    leaves = [shop.create_category(server, name=f"Leaf {number}", parent=branch)["slug"]
              for number in range(3)]
    token = server.admin_token()
    outcomes: list[int] = []

    def write(worker: int) -> None:
        chance = random.Random(worker)
        made: list[str] = []
        for _ in range(25):
            body = {"name": "Follows", "price": 1, "category": chance.choice([branch, *leaves])}
            if made and chance.random() < 0.4:
                path = f"/api/products/{chance.choice(made)}"
                answer = server.patch(path, json={"category": body["category"]}, token=token)
            else:
                answer = server.post("/api/products", json=body, token=token)
            outcomes.append(answer.status_code)
            if answer.status_code == 201:
                made.append(answer.json()["id"])

    def move(worker: int) -> None:
        chance = random.Random(100 + worker)
        for _ in range(15):
            slug = chance.choice([branch, *leaves])
            parent = chance.choice([*homes, None] if slug == branch else [branch, *homes])
            answer = server.patch(f"/api/categories/{slug}", json={"parent": parent}, token=token)
            outcomes.append(answer.status_code)

    with ThreadPoolExecutor(6) as threads:
        running = [threads.submit(write, number) for number in range(4)]
        running += [threads.submit(move, number) for number in range(2)]
        for future in running:
            future.result()
    assert set(outcomes) <= {200, 201, 503}, outcomes
    assert sum(status != 503 for status in outcomes) > len(outcomes) * 0.9
    # Whoever was told 503 sends it again: then nothing is due any more.
    for slug in (branch, *leaves):
        assert_ok(server.patch(f"/api/categories/{slug}", json={}, token=token))
    assert_in_line(server)


@pytest.mark.race
def test_a_category_goes_while_products_come(server: Server) -> None:
    target = shop.create_category(server, name="Stays")["slug"]
    source = shop.create_category(server, name="Goes")["slug"]
    token = server.admin_token()
    for _ in range(20):
        shop.create(server, category=source)

    def write(_: int) -> list[int]:
        body = {"name": "Comes", "price": 1, "category": source}
        return [server.post("/api/products", json=body, token=token).status_code
                for _ in range(15)]

    def remove() -> bool:
        path = f"/api/categories/{source}"
        answer = server.delete(path, params={"move_to": target}, token=token)
        assert answer.status_code in (204, 503), answer.text
        return answer.status_code == 204

    with ThreadPoolExecutor(5) as threads:
        writers = [threads.submit(write, number) for number in range(4)]
        assert processes.wait_until(remove, 30)
        outcomes = [status for writer in writers for status in writer.result()]
    assert set(outcomes) <= {201, 400, 503}
    assert shop.category(server, target)["product_count"] == 20 + outcomes.count(201)
    assert_in_line(server)


@pytest.mark.race
def test_moves_into_each_other(server: Server) -> None:
    """Of two that would each go below the other, one is refused: no circle comes of it."""
    token = server.admin_token()
    for _ in range(5):
        pair = [shop.create_category(server, name="Round")["slug"] for _ in range(2)]

        def move(number: int, slugs: list[str] = pair) -> int:
            body = {"parent": slugs[1 - number]}
            path = f"/api/categories/{slugs[number]}"
            return server.patch(path, json=body, token=token).status_code

        with ThreadPoolExecutor(2) as threads:
            statuses = sorted(threads.map(move, range(2)))
        assert statuses == [200, 400]
    assert_in_line(server)
