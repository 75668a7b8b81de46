"""aizy export: what it writes, aizy import reads as the same, also into an empty catalogue."""

import csv
import io
import itertools
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import Server, binary

from tools.dev.databases import Databases
from tools.dev.locations import REPOSITORY

SHOPIFY = REPOSITORY / "tests" / "data" / "shop-export-apparel.csv"
# What spreadsheets may run begins so; and what only looks like it.
FORMULAS = ["=1+1", "+44", "-5", "@home", "'=1", "''=1", "'+", "'twas", "'", "''", "a'=", "x ="]
VARIANTS = [
    {"price": 1999, "compare_at_price": 2999, "options": {"Size": "S", "Colour": "Red"},
     "sku": "OWN-1", "stock": 3, "barcode": "0012345678905", "weight_grams": 250},
    {"price": 5, "options": {"Size": "M", "Colour": "Red"}, "stock": 0, "allow_backorder": True},
    {"price": 0, "options": {"Size": "S", "Colour": "Größe, \"L\""}, "title": "A title of its own"},
]
# Each is what some cell cannot hold without care.
HOSTILE: list[dict[str, Any]] = [
    {"name": "Plain", "price": 1000},
    {"name": "Everything", "slug": "everything", "description": "two\r\nlines, \"quoted\"\rand\n\n",
     "brand": "Größe & Co", "category": "winter-hats", "tags": ["z", "a", "m"],
     "options": [{"name": "Size", "values": ["S", "M"]},
                 {"name": "Colour", "values": ["Red", "Größe, \"L\""]}],
     "variants": VARIANTS,
     "images": [{"url": "https://x.example/2.jpg", "alt": "Two"},
                {"url": "https://x.example/1.jpg"},
                {"url": "https://x.example/2.jpg", "alt": "Two again"},
                {"url": "https://x.example/3.jpg?a=1,2"}, {"url": "https://x.example/4.jpg"}],
     "attributes": {"Material": "Wool, \"pure\"", "Größe": "=1+1", "empty": "-"},
     "seo": {"title": "T", "description": "line\nline"}},
    {"name": "Values that no variant has", "options": [{"name": "Size", "values": ["L", "M", "S"]}],
     "variants": [{"price": 1, "options": {"Size": "S"}}, {"price": 2, "options": {"Size": "L"}}]},
    {"name": "An option that looks like none",
     "options": [{"name": "Title", "values": ["Default Title"]}],
     "variants": [{"price": 1, "options": {"Title": "Default Title"}}]},
    {"name": "Tags", "price": 1, "tags": ["a, b", "12\" vinyl", "\"quoted\"", "'=x", "c,", "'"]},
    {"name": "A draft", "price": 1, "status": "draft"},
    {"name": "Archived", "price": 1, "status": "archived"},
    {"name": "Yen", "price": 500, "currency": "JPY"},
    {"name": "Dinar", "price": 1234, "currency": "KWD", "compare_at_price": 1000000000000},
    {"name": "Untracked for sale", "price": 1, "allow_backorder": True},
    {"name": "Only blanks", "price": 1, "description": "   "},
    {"name": "Tab first", "price": 1, "description": "\t=1"},
    {"name": "抹茶", "price": 1, "sku": "-抹茶", "barcode": "=1"},
    {"name": "x" * 200, "price": 1, "description": "ä\"" * 25000},
    *({"name": text, "price": 1, "brand": text, "description": text, "tags": [text]}
      for text in FORMULAS),
]


@pytest.fixture(scope="module")
def shop(databases: Databases, make_server: Callable[..., Server]) -> Server:
    """A catalogue of fixtures, of a real file and of what is hostile."""
    server = make_server(databases).prepare().start()
    server.aizy("seed", "--fixtures", str(REPOSITORY / "fixtures"))
    server.aizy("import", str(SHOPIFY))
    token = server.admin_token()
    server.aizy("import", write(server, "Handle,Title,Type,Variant Price\nhat,Hat,Winter Hats,1\n"))
    for product in HOSTILE:
        answer = server.post("/api/products", token=token, json=product)
        assert answer.status_code == 201, f"{product}: {answer.text}"
    return server


@pytest.fixture
def empty(databases: Databases, make_server: Callable[..., Server]) -> Server:
    server = make_server(databases)
    server.aizy("migrate", "up")
    return server


def write(server: Server, text: str | bytes, name: str = "file.csv") -> str:
    path = server.folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def exported(server: Server, *, to: str = "-") -> bytes:
    """Byte for byte: line ends are the point."""
    done = subprocess.run(
        [str(binary()), "export", to],
        env=server.environment, cwd=server.folder, capture_output=True, timeout=120, check=True,
    )
    return done.stdout if to == "-" else (server.folder / to).read_bytes()


def counts(text: str) -> dict[str, int]:
    return {word: int(number) for word, number in
            (part.split() for part in text.strip().replace("dry run: ", "").split(", "))}


def records(text: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.decode(), newline="")))


@pytest.mark.parametrize("stock", ["keep", "set"])
def test_export_import_export(shop: Server, stock: str) -> None:
    first = exported(shop)
    done = shop.aizy("import", write(shop, first), f"--stock={stock}")
    found = counts(done.stdout)
    assert (found["created"], found["updated"], found["rejected"]) == (0, 0, 0), done.stderr
    assert found["unchanged"] == len({row["Handle"] for row in records(first)})
    assert exported(shop) == first


def test_into_an_empty_catalogue(shop: Server, empty: Server) -> None:
    first = exported(shop)
    done = empty.aizy("import", write(empty, first), check=False)
    assert done.returncode == 0, done.stderr
    assert exported(empty) == first


def test_what_the_api_shows_is_what_the_file_says(shop: Server) -> None:
    rows = [row for row in records(exported(shop)) if row["Handle"] == "everything"]
    assert [row["Variant Price"] for row in rows] == ["19.99", "0.05", "0.00", "", ""]
    assert [row["Variant Compare At Price"] for row in rows] == ["29.99", "", "", "", ""]
    assert [row["Variant SKU"] for row in rows] == ["OWN-1", "", "", "", ""]
    assert [row["Variant Inventory Tracker"] for row in rows] == ["shopify", "shopify", "", "", ""]
    assert [row["Variant Inventory Qty"] for row in rows] == ["3", "0", "", "", ""]
    assert [row["Variant Inventory Policy"] for row in rows] == ["deny", "continue", "deny", "", ""]
    assert [row["Image Position"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert rows[0]["Body (HTML)"] == HOSTILE[1]["description"]
    assert (rows[0]["Type"], rows[0]["Type Slug"]) == ("Winter Hats", "winter-hats")
    assert rows[0]["Tags"] == "z, a, m"
    assert rows[0]["Currency"] == "USD"
    assert {row["Handle"]: row["Variant Price"] for row in records(exported(shop))}[
        "yen"] == "500"


def test_statuses_are_told_apart(shop: Server) -> None:
    rows = {row["Handle"]: row for row in records(exported(shop))}
    assert [(rows[name]["Published"], rows[name]["Status"])
            for name in ("plain", "a-draft", "archived")] == [
        ("true", "active"), ("false", "draft"), ("false", "archived")]


def test_no_cell_is_run_by_a_spreadsheet(shop: Server) -> None:
    rows = list(csv.reader(io.StringIO(exported(shop).decode(), newline="")))
    assert not [cell for row in rows for cell in row if cell.startswith(tuple("=+-@\t\r"))]


def test_the_same_catalogue_gives_the_same_bytes(shop: Server) -> None:
    assert exported(shop) == exported(shop, to="out.csv")
    assert [path.name for path in shop.folder.glob("*.partial")] == []


def test_every_short_text_of_guarding_characters(empty: Server) -> None:
    texts = ["".join(text) for size in range(1, 4)
             for text in itertools.product("'=+-@\t\ra", repeat=size)]
    # Lines of an attribute-like text keep every byte: the description.
    source = io.StringIO(newline="")
    writer = csv.writer(source)
    writer.writerow(["Handle", "Title", "Body (HTML)", "Variant Price"])
    for number, text in enumerate(texts):
        guarded = f"'{text}" if text.lstrip("'")[:1] in tuple("=+-@\t\r") else text
        writer.writerow([f"p-{number:04}", "T", guarded, "1"])
    empty.aizy("import", write(empty, source.getvalue()))
    first = exported(empty)
    rows = list(csv.reader(io.StringIO(source.getvalue(), newline="")))
    assert [row["Body (HTML)"] for row in records(first)] == [row[2] for row in rows[1:]]
    again = empty.aizy("import", write(empty, first)).stdout
    assert counts(again)["unchanged"] == len(texts)
    assert exported(empty) == first


def test_an_empty_catalogue_is_a_header(empty: Server) -> None:
    text = exported(empty)
    assert text.count(b"\r\n") == 1
    assert records(text) == []
    assert empty.aizy("import", write(empty, text)).stdout.startswith("created 0, ")


def test_a_file_that_cannot_be_written(empty: Server) -> None:
    done = empty.aizy("export", "missing/file.csv", check=False)
    assert done.returncode == 2
    assert "cannot be opened" in done.stderr
    assert not Path(empty.folder / "missing").exists()


def test_a_store_that_is_down_leaves_no_file(
    databases: Databases, make_server: Callable[..., Server]
) -> None:
    server = make_server(databases, MONGODB_URI="mongodb://127.0.0.1:1/aizy")
    write(server, "as it was", "kept.csv")
    done = server.aizy("export", "kept.csv", check=False)
    assert done.returncode == 1
    assert (server.folder / "kept.csv").read_text() == "as it was"
    assert [path.name for path in server.folder.glob("*.partial")] == []
