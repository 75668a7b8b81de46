"""aizy import, with a real shop's export and with files that go wrong."""

import csv
import io
import json
import os
import pty
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import Server, binary

from tools.dev import processes
from tools.dev.databases import Databases
from tools.dev.locations import REPOSITORY

EXPORT = REPOSITORY / "tests" / "data" / "shop-export-apparel.csv"
HEADER = (
    "Handle,Title,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,"
    "Variant Inventory Tracker,Variant Inventory Qty,Variant Price,Image Src"
)


@pytest.fixture(scope="module")
def shop(databases: Databases, make_server: Callable[..., Server]) -> Server:
    return make_server(databases).prepare().start()


@pytest.fixture
def empty(databases: Databases, make_server: Callable[..., Server]) -> Server:
    server = make_server(databases)
    server.aizy("migrate", "up")
    return server


def write(server: Server, *rows: str, name: str = "file.csv", header: str = HEADER) -> Path:
    path = server.folder / name
    path.write_text("\n".join((header, *rows)) + "\n")
    return path


def load(server: Server, path: Path, *arguments: str) -> dict:
    done = server.aizy("import", str(path), "--json", *arguments, check=False)
    report = json.loads(done.stdout)
    assert done.returncode == (1 if report["errors"] or report["rejected"] else 0), done.stderr
    return report


def counts(report: dict) -> tuple[int, int, int, int]:
    return tuple(report[name] for name in ("created", "updated", "unchanged", "rejected"))


def product(server: Server, slug: str) -> dict:
    answer = server.get(f"/api/products/{slug}?status=any", token=server.admin_token())
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_real_export_is_served(shop: Server) -> None:
    rows = list(csv.DictReader(io.StringIO(EXPORT.read_text())))
    handles = list(dict.fromkeys(row["Handle"] for row in rows))

    dry = shop.aizy("import", str(EXPORT), "--dry-run").stdout
    assert dry == f"dry run: created {len(handles)}, updated 0, unchanged 0, rejected 0\n"
    assert shop.get("/api/products?page=1").json()["total"] == 0

    done = shop.aizy("import", str(EXPORT))
    assert done.stdout == f"created {len(handles)}, updated 0, unchanged 0, rejected 0\n"
    assert "row " not in done.stderr
    again = shop.aizy("import", str(EXPORT), "--stock=set").stdout
    assert again == f"created 0, updated 0, unchanged {len(handles)}, rejected 0\n"

    # The import is another process, whose changes the server shows within a second.
    assert processes.wait_until(
        lambda: shop.get("/api/products?page=1").json()["total"] == len(handles), timeout_s=5
    )
    for handle in handles:
        own = [row for row in rows if row["Handle"] == handle]
        served = shop.get(f"/api/products/{handle}").json()
        assert served["name"] == own[0]["Title"]
        assert served["description"] == own[0]["Body (HTML)"]
        assert served["brand"] == "partners-demo"
        assert served["tags"] == own[0]["Tags"].split(",")
        assert served["category"] is None
        assert [v["price"] for v in served["variants"]] == [
            int(row["Variant Price"]) * 100 for row in own
        ]
        assert [image["url"] for image in served["images"]] == [own[0]["Image Src"]]
        assert served["in_stock"]
        managed = product(shop, handle)
        assert [v["track_stock"] for v in managed["variants"]] == [False] * len(own)
        assert all(v["sku"] for v in managed["variants"])

    top = shop.get("/api/products/classic-varsity-top").json()
    assert top["options"] == [{"name": "Size", "values": ["Small", "Medium", "Large"]}]
    assert shop.get("/api/products/ocean-blue-shirt").json()["options"] == []


def test_a_changed_row_changes_its_product_alone(shop: Server) -> None:
    rows = ("one,One,Hats,,true,,,A-1,,,5,", "two,Two,Hats,,true,,,A-2,,,6,")
    assert counts(load(shop, write(shop, *rows))) == (2, 0, 0, 0)
    before = product(shop, "one"), product(shop, "two")
    changed = write(shop, rows[0], rows[1].replace(",6,", ",7,"))
    assert counts(load(shop, changed)) == (0, 1, 1, 0)
    after = product(shop, "one"), product(shop, "two")
    assert after[0] == before[0]
    assert after[1]["price"] == 700
    assert after[1]["variants"][0]["id"] == before[1]["variants"][0]["id"]
    assert after[1]["version"] == before[1]["version"] + 1


def test_a_type_makes_its_category(shop: Server) -> None:
    rows = ("hat,Hat,Hats & Caps,,true,,,,,,5,", "cap,Cap,Hats & Caps,,true,,,,,,5,")
    assert counts(load(shop, write(shop, *rows)))[0] == 2
    assert product(shop, "hat")["category"] == "hats-caps"
    found = shop.get("/api/products?category=hats-caps").json()["items"]
    assert {item["slug"] for item in found} == {"hat", "cap"}


def test_published_is_active_or_draft(shop: Server) -> None:
    load(shop, write(shop, "shown,S,,,TRUE,,,,,,5,", "hidden,H,,,false,,,,,,5,"))
    assert shop.get("/api/products/shown").status_code == 200
    assert shop.get("/api/products/hidden").status_code == 404
    assert product(shop, "hidden")["status"] == "draft"


def test_stock_is_kept_unless_asked(shop: Server) -> None:
    def rows(first: int, second: int) -> tuple[str, ...]:
        return (
            f"tin,Tin,,,true,Size,S,T-1,shopify,{first},5,",
            f"tin,,,,,,M,T-2,shopify,{second},5,",
        )

    def levels() -> list[int]:
        return [variant["stock"] for variant in product(shop, "tin")["variants"]]

    load(shop, write(shop, rows(3, 4)[0]))
    assert levels() == [3]
    # What is there is the shop's own count; what is new comes with the file's.
    assert counts(load(shop, write(shop, *rows(30, 40)))) == (0, 1, 0, 0)
    assert levels() == [3, 40]
    assert counts(load(shop, write(shop, *rows(30, 50)))) == (0, 0, 1, 0)
    assert counts(load(shop, write(shop, *rows(30, 50)), "--stock", "set")) == (0, 1, 0, 0)
    assert levels() == [30, 50]


def test_bad_rows_are_named_and_the_others_loaded(empty: Server) -> None:
    report = load(
        empty,
        write(
            empty,
            "good,Good,,,true,,,,,,5,",
            "bad-price,Bad,,,true,,,,,,five,",
            'bad-quote,"Ba"d,,,true,,,,,,5,',
            "half,Half,,,true,Size,S,,,,5,",
            "half,,,,,,M,,,many,5,",
            ",No handle,,,true,,,,,,5,",
            "",
            "good-2,Good,,,true,,,,,,6,",
            "good,Again,,,true,,,,,,5,",
            "no-title,,,,true,,,,,,5,",
            "Not A Slug,Bad,,,true,,,,,,5,",
            "taken,Taken,,,true,,,SAME,,,5,",
            "taker,Taker,,,true,,,SAME,,,5,",
            "good-3,Good,,,true,,,,,,5,ftp://images.example/1.jpg",
            "good-4,Good,,,true,,,,,,7,",
        ),
    )
    assert counts(report) == (4, 0, 0, 9)
    named = {(error["row"], error["column"]) for error in report["errors"]}
    assert named == {
        (3, "Variant Price"),
        (4, None),
        (6, "Variant Inventory Qty"),
        (7, "Handle"),
        (10, "Handle"),
        (11, "Title"),
        (12, "Handle"),
        (14, "Variant SKU"),
        (15, "Image Src"),
    }
    assert all(error["message"] for error in report["errors"])
    empty.start()
    found = {item["slug"] for item in empty.get("/api/products?limit=100").json()["items"]}
    assert found == {"good", "good-2", "good-4", "taken"}


def test_errors_for_people_go_to_standard_error(empty: Server) -> None:
    done = empty.aizy("import", str(write(empty, "a,A,,,true,,,,,,x,")), check=False)
    assert done.returncode == 1
    assert done.stdout == "created 0, updated 0, unchanged 0, rejected 1\n"
    assert done.stderr.startswith("row 2, Variant Price: must be an amount")


@pytest.mark.parametrize(
    ("content", "column"),
    [
        (b"", None),
        (b"Name,Price\na,1\n", "Handle"),
        (b"Handle,Title,Title,Variant Price\n", "Title"),
        ("Handle,Title,Variant Price\n".encode("utf-16"), None),
        (b'"Handle,Title,Variant Price\n', None),
    ],
    ids=["empty", "other columns", "a column twice", "UTF-16", "an open quote"],
)
def test_what_is_no_file_of_products_is_refused(
    empty: Server, content: bytes, column: str | None
) -> None:
    path = empty.folder / "file.csv"
    path.write_bytes(content)
    report = load(empty, path)
    assert counts(report) == (0, 0, 0, 0)
    assert (report["errors"][0]["row"], report["errors"][0]["column"]) == (1, column)


def test_a_file_that_is_not_there(empty: Server) -> None:
    done = empty.aizy("import", "missing.csv", check=False)
    assert done.returncode == 2
    assert "missing.csv cannot be opened" in done.stderr
    done = empty.aizy("import", str(empty.folder), check=False)
    assert done.returncode == 1
    assert "cannot be read" in done.stderr


def test_spreadsheet_files_and_guarded_cells(shop: Server) -> None:
    text = (
        "\ufeffVariant Price,HANDLE,Title,Body (HTML)\r\n"
        '5.50,sheet,"\'=Café, ""large""","two\r\nlines"\r\n'
    )
    path = shop.folder / "sheet.csv"
    path.write_bytes(text.encode())
    assert counts(load(shop, path)) == (1, 0, 0, 0)
    served = product(shop, "sheet")
    assert served["name"] == '=Café, "large"'
    assert served["description"] == "two\r\nlines"
    assert served["price"] == 550


def test_a_store_that_is_down_ends_it(
    databases: Databases, make_server: Callable[..., Server]
) -> None:
    server = make_server(databases, MONGODB_URI="mongodb://127.0.0.1:1/aizy")
    done = server.aizy("import", str(EXPORT), check=False)
    assert done.returncode == 1
    assert done.stdout == "created 0, updated 0, unchanged 0, rejected 0\n"
    assert "Import the same file again" in done.stderr


@pytest.mark.race
def test_two_imports_at_once_make_each_product_once(empty: Server) -> None:
    path = write(empty, *(f"p-{n},P {n},Things,,true,,,,,,5," for n in range(40)))
    reports: list[dict] = []

    def run() -> None:
        reports.append(load(empty, path))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [report["rejected"] for report in reports] == [0, 0]
    assert sum(report["created"] for report in reports) == 40
    assert sum(report["unchanged"] for report in reports) == 40


def test_progress_is_shown_to_who_looks_on(empty: Server) -> None:
    path = write(empty, *(f"p-{n},P {n},Things,,true,,,,,,5," for n in range(300)))
    screen, end = pty.openpty()
    shown = b""
    with subprocess.Popen(
        [str(binary()), "import", str(path), "--json"],
        env=empty.environment, cwd=empty.folder, stdout=subprocess.PIPE, stderr=end,
    ) as running:
        os.close(end)
        try:
            while piece := os.read(screen, 4096):
                shown += piece
        except OSError:
            # What a terminal says when nobody writes to it any more.
            pass
        report = json.loads(running.stdout.read())
    os.close(screen)
    assert counts(report) == (300, 0, 0, 0)
    assert b" rows/s" in shown and b" products, 0 rejected, " in shown


def exported(server: Server) -> str:
    server.aizy("export", "all.csv")
    return (server.folder / "all.csv").read_text()


@pytest.mark.slow
def test_an_import_that_was_killed_is_run_again(
    databases: Databases, empty: Server, make_server: Callable[..., Server]
) -> None:
    rows = []
    for n in range(200):
        rows.append(f"p-{n:03},P {n},Type {n % 7},a,true,Size,S,S-{n},shopify,{n},5,")
        rows.append(f"p-{n:03},,,,,,M,,shopify,1,6.50,https://x.example/{n}.jpg")
    path = write(empty, *rows)
    client = databases.mongo.connect()
    products = client[empty.database].products
    for least in (20, 70, 120):
        with subprocess.Popen(
            [str(binary()), "import", str(path)],
            env=empty.environment, cwd=empty.folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ) as running:
            assert processes.wait_until(
                lambda least=least: products.count_documents({}) >= least, timeout_s=60)
            running.kill()
        # What it was writing, the server would keep locked for a minute.
        client.admin.command({"killAllSessions": []})
        assert running.returncode == -9
    report = load(empty, path)
    assert report["created"] > 0 and report["unchanged"] >= 120
    assert (report["updated"], report["rejected"]) == (0, 0)

    once = make_server(databases)
    once.aizy("migrate", "up")
    load(once, path)
    assert exported(empty) == exported(once)


def test_a_dry_run_writes_nothing_and_says_the_same(empty: Server) -> None:
    rows = ("a,A,New,,true,,,A-1,shopify,3,5,", "b,B,New,,true,,,A-2,,,x,", "c,C,,,true,,,A-3,,,5,")
    path = write(empty, *rows)
    dry = load(empty, path, "--dry-run")
    assert exported(empty).count("\n") == 1
    assert dry == load(empty, path)
    changed = write(empty, rows[0].replace(",A,New", ",A,Newer"), *rows[1:])
    before = exported(empty)
    assert counts(load(empty, changed, "--dry-run")) == (0, 1, 1, 1)
    assert exported(empty) == before
    taken = write(empty, "d,D,,,true,,,A-1,,,5,")
    report = load(empty, taken, "--dry-run")
    assert [(error["row"], error["column"]) for error in report["errors"]] == [(2, "Variant SKU")]


def test_semicolons_and_missing_columns(empty: Server) -> None:
    path = write(empty, "a;A;5.50", header="Handle;Title;Variant Price")
    assert counts(load(empty, path)) == (1, 0, 0, 0)
    file = write(empty, "a,A,5.50,x", header="Handle,Title,Variant Price,Else")
    done = empty.aizy("import", str(file))
    assert done.stdout == "created 0, updated 0, unchanged 1, rejected 0\n"
    assert done.stderr == "columns that are not kept: Else\n"
