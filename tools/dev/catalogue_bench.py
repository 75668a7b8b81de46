"""./dev bench --products N: what reading a large catalogue costs, cold and warm."""

import argparse
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple
from urllib.parse import quote

from .bench_server import STORES, Aizy
from .build import build
from .databases import Databases
from .errors import DevError
from .load import Load, Wrk
from .progress import run_step, say, step
from .scratch import scratch_folder

SECONDS = 3
WARM_CONNECTIONS = 64
ALONE = 10
IDLE_S = 3
COLD = {"CATALOGUE_CACHE_MB": "0", "STORE_TIMEOUT_MS": "30000"}
STORE_SECONDS = re.compile(
    r'^aizy_store_call_duration_seconds_sum\{[^}]*store="mongo"[^}]*\} (\S+)', re.M
)


class Reading(NamedTuple):
    """One row: what is asked for. `path` gets a product that is there."""

    name: str
    about: str
    path: Callable[[dict[str, Any]], str]


def _list(query: str) -> Callable[[dict[str, Any]], str]:
    return lambda product: "/api/products?" + query.format(brand=quote(product["brand"]))


READINGS = (
    Reading("id", "a product by its id", lambda product: f"/api/products/{product['id']}"),
    Reading("slug", "by its slug", lambda product: f"/api/products/{product['slug']}"),
    Reading("list", "the first page, newest first", _list("")),
    Reading("list_name", "page 100 by name", _list("sort=name&page=100")),
    Reading("category", "a category with its descendants, by price",
            _list("category=clothing&sort=price")),
    Reading("brand", "a brand, in stock, by price",
            _list("brand={brand}&in_stock=true&sort=price")),
    Reading("tag_total", "a tag, a price range, the total",
            _list("tag=gift&min_price=1000&max_price=5000&total=true")),
    Reading("search", "two words", _list("q=merino%20jumper")),
    Reading("search_typo", "one word with a typo", _list("q=jumpr")),
    Reading("search_facets", "a word with all facets", _list("q=wool&facets=true")),
    Reading("facets", "a category with all facets", _list("category=knitwear&facets=true")),
    Reading("suggest", "as you type", lambda _: "/api/products/suggest?q=me"),
)


class Catalogue(Aizy):
    """With a made-up catalogue and nobody who buys."""

    def make(self, products: int) -> float:
        """How many seconds the products took."""
        run_step("aizy migrate", [str(self.program), "migrate", "up"], environment=self.environment)
        begun = time.monotonic()
        command = [str(self.program), "seed", "--yes", "--products", str(products)]
        run_step("aizy seed", command, environment=self.environment)
        return time.monotonic() - begun

    def serve(self, **settings: str) -> None:
        environment = {**self.environment, **settings}
        self.launch([str(self.program), "serve"], environment, "/readyz")

    def store_seconds(self) -> float:
        """What calls of the document store have taken so far."""
        text = self.ask("GET", "/metrics").body
        return sum(float(found) for found in STORE_SECONDS.findall(text))

    def idle_share(self) -> float:
        """Seconds of such calls per second that nobody asked for: sweepers and watchers."""
        before, begun = self.store_seconds(), time.monotonic()
        time.sleep(IDLE_S)
        return (self.store_seconds() - before) / (time.monotonic() - begun)


def bench_catalogue(arguments: argparse.Namespace) -> int:
    if not arguments.products.isdigit():
        raise DevError(f"--products is {arguments.products!r}; it should be a whole number")
    if arguments.only or arguments.write:
        raise DevError("--products goes with --seconds and --json alone")
    seconds = int(arguments.seconds or SECONDS)
    lines = measure_catalogue(build("release", "aizy"), int(arguments.products), seconds)
    if arguments.json:
        Path(arguments.json).write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return 1 if any(line["errors"] for line in lines) else 0


def measure_catalogue(program: Path, products: int, seconds: int) -> list[dict[str, Any]]:
    """A line for the seeding, one per reading, read alone and cold, then for that long warm."""
    with scratch_folder() as folder:
        databases = Databases(folder, wanted=STORES)
        with step("databases"):
            databases.start()
        aizy = Catalogue(program, databases, folder)
        try:
            lines = _measure(aizy, products, seconds, folder)
        finally:
            aizy.stop()
            databases.stop()
    return lines


def _measure(aizy: Catalogue, products: int, seconds: int, folder: Path) -> list[dict[str, Any]]:
    made_in = aizy.make(products)
    lines: list[dict[str, Any]] = [{
        "scenario": "seed", "products": products, "seconds": round(made_in, 1),
        "products_per_second": round(products / made_in, 1), "errors": 0,
    }]
    say(json.dumps(lines[0]))
    aizy.serve(**COLD)
    # Not the newest, which whoever lists meets first.
    listed = json.loads(aizy.ask("GET", "/api/products?page=7").body)["items"]
    product = next(item for item in listed if item["in_stock"])
    idle_share = aizy.idle_share()
    cold = {reading.name: _cold(aizy, reading.path(product), idle_share) for reading in READINGS}
    aizy.stop()
    aizy.serve()
    for reading in READINGS:
        warm = _warm(aizy, reading.path(product), seconds, folder)
        lines.append({"scenario": reading.name, **cold[reading.name], **warm})
        say(json.dumps(lines[-1]))
    return lines


def _cold(aizy: Catalogue, path: str, idle_share: float) -> dict[str, Any]:
    """One after the other and nobody beside: a query that is given up would go on meanwhile."""
    taken = []
    store_before = aizy.store_seconds()
    for _ in range(ALONE):
        begun = time.monotonic()
        answer = aizy.ask("GET", path)
        taken.append(time.monotonic() - begun)
        if answer.status != 200:
            raise DevError(f"GET {path} answers {answer.status}: {answer.body[:500]}")
    store_s = aizy.store_seconds() - store_before - idle_share * sum(taken)
    return {
        "cold_ms": round(median(taken) * 1000, 2),
        "cold_store_ms": round(store_s / ALONE * 1000, 2),
        "cold_to_store": round(sum(taken) / store_s, 2) if store_s > 0 else None,
    }


def _warm(aizy: Catalogue, path: str, seconds: int, folder: Path) -> dict[str, Any]:
    load = Load(aizy.url + path, "GET", {}, [], WARM_CONNECTIONS)
    figures = Wrk(load, seconds, folder / "wrk.log").figures()
    return {
        "warm_requests_per_second": round(figures.requests_per_second, 1),
        "warm_p50_ms": round(figures.p50_ms, 2),
        "warm_p99_ms": round(figures.p99_ms, 2),
        "errors": figures.errors,
    }
