"""How good a search is: recall and MRR over judged queries, and the facets against a model."""

import csv
import json
from collections import Counter
from typing import Any, NamedTuple

import pytest
import shop
from harness import Server

from tools.dev.locations import REPOSITORY

JUDGED = REPOSITORY / "tests" / "data" / "search" / "judged.csv"
QUERIES_MIN = 60
# What is reached is printed; below these something is broken.
RECALL_FLOOR = 0.95
MRR_FLOOR = 0.95
# Of the queries that want nothing that this shop has: a typo away there may still be a word.
NOTHING_FLOOR = 0.8
DEPTH = 20


class Judged(NamedTuple):
    kind: str
    query: str
    grades: dict[str, int]


def read_judged() -> list[Judged]:
    with JUDGED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Judged(row["kind"], row["query"],
               {slug: int(grade) for slug, grade in
                (pair.split(":") for pair in row["relevant"].split())})
        for row in rows
    ]


@pytest.fixture(scope="module", name="fixtures")
def fixture_fixtures(server: Server) -> Server:
    server.aizy("seed", "--fixtures", str(REPOSITORY / "fixtures"))
    return server


def slugs(server: Server, query: str) -> list[str]:
    page = shop.list_page(server, q=query, limit=DEPTH)
    return [item["slug"] for item in page["items"]]


def recall_of(judged: Judged, found: list[str]) -> float:
    return len(set(judged.grades) & set(found)) / len(judged.grades)


def reciprocal_rank(judged: Judged, found: list[str]) -> float:
    """Of the first that is among the best that there are."""
    best = max(judged.grades.values())
    ranks = [rank for rank, slug in enumerate(found, 1) if judged.grades.get(slug) == best]
    return 1 / ranks[0] if ranks else 0.0


def test_relevance(fixtures: Server, capsys: pytest.CaptureFixture[str]) -> None:
    judged = read_judged()
    assert len(judged) >= QUERIES_MIN
    active = {item["slug"] for number in (1, 2)
              for item in shop.list_page(fixtures, limit=100, page=number)["items"]}
    recalls: dict[str, list[float]] = {}
    ranks: list[float] = []
    wrong = []
    for row in judged:
        assert set(row.grades) <= active, f"{row.query}: {set(row.grades) - active} is not there"
        found = slugs(fixtures, row.query)
        if not row.grades:
            recalls.setdefault(row.kind, []).append(1.0 if not found else 0.0)
        else:
            recalls.setdefault(row.kind, []).append(recall_of(row, found))
            ranks.append(reciprocal_rank(row, found))
        if recalls[row.kind][-1] < 1 or (row.grades and ranks[-1] < 1):
            wrong.append(f"{row.kind}: {row.query}: {found[:5]}")
    nothing = recalls.pop("none")
    everything = [recall for values in recalls.values() for recall in values]
    recall, mrr = sum(everything) / len(everything), sum(ranks) / len(ranks)
    with capsys.disabled():
        print(f"\n{len(everything)} judged queries: recall@{DEPTH} {recall:.3f}, MRR {mrr:.3f}; "
              f"{sum(nothing):.0f} of {len(nothing)} that want nothing find nothing")
        report(recalls, wrong)
    assert recall >= RECALL_FLOOR and mrr >= MRR_FLOOR
    assert sum(nothing) / len(nothing) >= NOTHING_FLOOR


def report(recalls: dict[str, list[float]], wrong: list[str]) -> None:
    for kind, values in recalls.items():
        print(f"  {kind:14} {len(values):3} queries, recall {sum(values) / len(values):.3f}")
    for line in wrong:
        print(f"  not perfect: {line}")


# Facets, counted once more here.


def ancestors(slug: str | None, parents: dict[str, str | None]) -> list[str]:
    path = []
    while slug is not None:
        path.append(slug)
        slug = parents[slug]
    return path


def price_range(price: int) -> tuple[int, int]:
    if price == 0:
        return 0, 0
    power = 10 ** (len(str(price)) - 1)
    start = max(step * power for step in (1, 2, 5) if step * power <= price)
    return start, {1: 2, 2: 5, 5: 10}[start // power] * power - 1


def model(items: list[dict[str, Any]], parents: dict[str, str | None]) -> dict[str, Any]:
    def counted(values: list[str]) -> dict[str, int]:
        ordered = sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0].encode()))
        return dict(ordered[:50])

    return {
        "category": counted([slug for item in items for slug in ancestors(item["category"],
                                                                          parents)]),
        "brand": counted([item["brand"] for item in items if item["brand"]]),
        "tag": counted([tag for item in items for tag in set(item["tags"])]),
        "price": dict(sorted(Counter(price_range(item["price"]) for item in items).items())),
    }


def answered(facets: dict[str, Any]) -> dict[str, Any]:
    counts = {name: {row["value"]: row["count"] for row in facets[name]}
              for name in ("category", "brand", "tag")}
    prices = {(row["min_price"], row["max_price"]): row["count"] for row in facets["price"]}
    return {**counts, "price": prices}


@pytest.mark.parametrize(
    "query",
    [{}, {"q": "camp"}, {"q": "lantren"}, {"q": "merino", "sort": "price"}, {"q": "zzzz"},
     {"category": "kitchen"}, {"brand": "Kotka", "in_stock": "true"},
     {"q": "wool", "min_price": "3000", "max_price": "15000"}, {"tag": "gift", "sort": "name"},
     {"q": "kitchen", "category": "outdoor"}],
)
def test_facets_are_what_a_count_of_all_products_gives(
    fixtures: Server, query: dict[str, str]
) -> None:
    categories = json.loads((REPOSITORY / "fixtures" / "categories.json").read_text())
    parents = {row["slug"]: row["parent"] for row in categories["categories"]}
    names = {row["slug"]: row["name"] for row in categories["categories"]}
    first = shop.list_page(fixtures, **query, facets="true", limit=100, page=1)
    items = first["items"] + shop.list_page(fixtures, **query, limit=100, page=2)["items"]
    assert first["total"] == len(items)
    facets = first["facets"]
    assert facets["estimated"] is False
    wanted, got = model(items, parents), answered(facets)
    assert got == wanted
    for name in ("category", "brand", "tag", "price"):
        assert list(got[name]) == list(wanted[name]), "in this order"
    assert all(row["name"] == names[row["value"]] for row in facets["category"])


def test_a_facet_leads_to_what_it_counted(fixtures: Server) -> None:
    facets = shop.list_page(fixtures, q="camp", facets="true")["facets"]
    for name in ("category", "brand", "tag"):
        for row in facets[name][:5]:
            narrowed = {"q": "camp", name: row["value"], "total": "true", "limit": 1}
            assert shop.list_page(fixtures, **narrowed)["total"] == row["count"]
    for row in facets["price"]:
        bounds = {"min_price": row["min_price"], "max_price": row["max_price"]}
        page = shop.list_page(fixtures, q="camp", **bounds, total="true", limit=1)
        assert page["total"] == row["count"]


def test_only_the_facets_that_were_asked_for(fixtures: Server) -> None:
    for asked, given in (("brand", {"brand"}), ("price, tag", {"price", "tag"}),
                         ("true", {"category", "brand", "tag", "price"})):
        facets = shop.list_page(fixtures, q="tent", facets=asked)["facets"]
        assert set(facets) == given | {"estimated"}
    for query in ({"q": "tent"}, {}, {"facets": ""}, {"facets": "false"}):
        assert "facets" not in shop.list_page(fixtures, **query)


# Completions.


def suggested(server: Server, q: str, **query: object) -> dict[str, Any]:
    answer = server.get("/api/products/suggest", params={"q": q, **query})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"].startswith("public")
    return answer.json()


def test_suggestions_complete_the_last_word(fixtures: Server) -> None:
    for q, word, product in (
        ("lan", "Lantern", "Pocket Lantern"),
        ("storm la", "Lantern", "Storm Lantern No. 3"),
        ("jalape", "Jalapeño", "Jalapeño Seeds, Early"),
        ("jalapeño s", "Seeds", "Jalapeño Seeds, Early"),
    ):
        answer = suggested(fixtures, q)
        assert word in answer["words"], (q, answer)
        assert product in [item["name"] for item in answer["products"]], (q, answer)


def test_suggestions_are_bounded(fixtures: Server) -> None:
    for q in ("s", "c", "m", "a b"):
        answer = suggested(fixtures, q)
        assert len(answer["products"]) <= 5 and len(answer["words"]) <= 5
    assert len(suggested(fixtures, "s", limit=10)["products"]) == 10
    assert suggested(fixtures, "zzzzzz") == suggested(fixtures, "") == {"words": [], "products": []}
    refused = fixtures.get("/api/products/suggest", params={"q": "a", "limit": 11})
    assert refused.status_code == 400
    item = suggested(fixtures, "heron 2 tent")["products"][0]
    shown = shop.list_page(fixtures, q="heron 2 tent")["items"][0]
    cover = shown["images"][0]["url"] if shown["images"] else None
    assert item == {name: shown[name] for name in ("id", "slug", "name", "price", "currency",
                                                   "in_stock")} | {"image": cover}


def test_suggestions_tell_nothing_of_what_is_not_public(fixtures: Server) -> None:
    shop.create(fixtures, name="Xylophonium Prototype", status="draft", brand="Xylocorp")
    assert suggested(fixtures, "xylo") == {"words": [], "products": []}
    assert shop.list_page(fixtures, q="xylophonium", facets="true")["facets"]["brand"] == []
