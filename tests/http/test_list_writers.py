"""A cursor's walk while others make, edit and remove: what stays is seen exactly once."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
import shop
from answers import assert_ok
from harness import Server
from threads import Threads

STAYING = 90
LIMIT = 7
WALKS = 3
WRITERS = 3
SORTS = ["newest", "price", "-price", "name"]


def body(chance: random.Random) -> dict:
    """Alike in name and price, so that they come to lie before, at and behind every cursor."""
    return {"name": f"Thing {chance.randrange(12)}", "price": chance.randrange(12),
            "brand": "Ours", "tags": ["all"]}


@pytest.fixture(scope="module", name="staying")
def fixture_staying(server: Server) -> set[str]:
    chance = random.Random("staying")
    return {shop.create(server, **body(chance))["id"] for _ in range(STAYING)}


class Writers(Threads):
    """Each changes whatever is its own, and removes it in the end."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.token = server.admin_token()
        self.done: Counter[str] = Counter()
        super().__init__(self._write_on, WRITERS)

    def _write_on(self, number: int, is_over: threading.Event) -> None:
        chance = random.Random(number)
        own: list[str] = []
        while not is_over.is_set():
            self._write(chance, own)
        for product_id in own:
            self._remove(product_id)

    def _write(self, chance: random.Random, own: list[str]) -> None:
        kinds: list[tuple[str, Callable[[], None]]] = [
            ("made", lambda: own.append(assert_ok(self.server.post(
                "/api/products", json=body(chance), token=self.token), 201)["id"])),
        ]
        if own:
            product_id = chance.choice(own)
            path = f"/api/products/{product_id}"
            kinds += [
                ("edited", lambda: assert_ok(self.server.patch(
                    path, json=body(chance), token=self.token)) and None),
                ("removed", lambda: self._remove(own.pop(own.index(product_id)))),
            ]
        kind, write = chance.choice(kinds)
        write()
        self.done[kind] += 1

    def _remove(self, product_id: str) -> None:
        path = f"/api/products/{product_id}?hard=true"
        answer = self.server.delete(path, token=self.token)
        assert answer.status_code == 204, answer.text


def walked(server: Server, **query: str) -> Iterator[str]:
    for page in shop.walk_cursor(server, limit=LIMIT, **query):
        yield from shop.ids(page)


@pytest.mark.parametrize("query", [{}, {"brand": "Ours"}, {"tag": "all"}], ids=str)
def test_what_stays_is_seen_exactly_once(server: Server, staying: set[str], query: dict) -> None:
    with Writers(server) as writers:
        for sort in SORTS:
            for _ in range(WALKS):
                seen = Counter(walked(server, sort=sort, **query))
                wrong = {found: seen[found] for found in staying if seen[found] != 1}
                assert not wrong, f"{sort}: seen {wrong}"
    # Nothing would be proved if nobody had written.
    assert min(writers.done[kind] for kind in ("made", "edited", "removed")) >= WRITERS
    assert set(walked(server)) == staying
