"""POST /api/products/import and GET /api/products/export."""

import csv
import io
import socket
import threading
import time
from typing import Any

import pytest
import shop
from answers import assert_error, assert_ok
from harness import Server

from tools.dev import processes
from tools.dev.locations import REPOSITORY

SHOPIFY = REPOSITORY / "tests" / "data" / "shop-export-apparel.csv"
CSV = {"Content-Type": "text/csv"}
MIB = 1024 * 1024
TRACKED = "Handle,Title,Variant Inventory Tracker,Variant Inventory Qty,Variant Price\n"


def send(server: Server, body: str | bytes, query: str = "", **headers: str):
    return server.post(
        f"/api/products/import{query}",
        data=body.encode() if isinstance(body, str) else body,
        headers={**CSV, **headers},
        token=server.admin_token(),
        timeout=120,
    )


def counts(report: dict[str, Any]) -> tuple[int, int, int, int]:
    return tuple(report[name] for name in ("created", "updated", "unchanged", "rejected"))


def rows(count: int, prefix: str, title: str = "T") -> str:
    lines = (f"{prefix}-{number},{title} {number},1.50" for number in range(count))
    return "Handle,Title,Variant Price\n" + "\n".join(lines) + "\n"


def export(server: Server) -> bytes:
    answer = server.get("/api/products/export", token=server.admin_token())
    assert answer.status_code == 200, answer.text
    return answer.content


def test_a_real_file_comes_and_goes(server: Server) -> None:
    dry = assert_ok(send(server, SHOPIFY.read_bytes(), "?dry_run=true"))
    assert counts(dry) == (20, 0, 0, 0)
    assert server.get("/api/products/ocean-blue-shirt").status_code == 404
    report = assert_ok(send(server, SHOPIFY.read_bytes()))
    assert counts(report) == (20, 0, 0, 0)
    assert report["errors"] == [] and report["errors_dropped"] == 0
    assert "Gift Card" in report["ignored_columns"]
    assert "Title" not in report["ignored_columns"]
    # Whoever wrote reads it at once.
    assert server.get("/api/products/ocean-blue-shirt").json()["price"] == 5000

    first = server.get("/api/products/export", token=server.admin_token())
    assert first.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert first.headers["Content-Disposition"] == 'attachment; filename="products.csv"'
    assert first.headers["Cache-Control"] == "no-store"
    again = assert_ok(send(server, first.content))
    assert again["unchanged"] > 0 and counts(again)[:2] == (0, 0)
    assert again["ignored_columns"] == []
    assert export(server) == first.content
    written = server.aizy("export", "out.csv")
    assert written.stderr.endswith("products\n")
    assert (server.folder / "out.csv").read_bytes() == first.content


def test_a_form_takes_the_file_too(server: Server) -> None:
    answer = server.post("/api/products/import", token=server.admin_token(),
                         files={"file": ("products.csv", rows(2, "form"))})
    assert counts(assert_ok(answer)) == (2, 0, 0, 0)


def test_bad_rows_are_named_and_the_others_stored(server: Server) -> None:
    text = rows(3, "row").replace("row-1,T 1,1.50", "row-1,T 1,cheap")
    report = assert_ok(send(server, text))
    assert counts(report) == (2, 0, 0, 1)
    assert [(error["row"], error["column"]) for error in report["errors"]] == [
        (3, "Variant Price")]
    assert server.get("/api/products/row-2").status_code == 200
    many = rows(1500, "bad").replace(",1.50", ",x")
    report = assert_ok(send(server, many))
    assert counts(report) == (0, 0, 0, 1500)
    assert (len(report["errors"]), report["errors_dropped"]) == (1000, 500)


def test_stock_is_kept_unless_asked(server: Server) -> None:
    def level() -> int:
        found = server.get("/api/products/tin?status=any", token=server.admin_token()).json()
        return int(found["variants"][0]["stock"])

    for query, quantity, expected in (("", 3, 3), ("", 9, 3), ("?stock=keep", 9, 3),
                                      ("?stock=set", 9, 9)):
        assert_ok(send(server, f"{TRACKED}tin,Tin,shopify,{quantity},1\n", query))
        assert level() == expected


def test_what_has_no_column_stays(server: Server) -> None:
    full = {"name": "Full", "slug": "full", "price": 100, "description": "D", "brand": "B",
            "tags": ["t"], "attributes": {"a": "b"}, "barcode": "123", "weight_grams": 5,
            "stock": 4, "seo": {"title": "S"}, "status": "draft",
            "images": [{"url": "https://x.example/1.jpg", "alt": "One"}]}
    before = shop.create(server, **full)
    report = assert_ok(send(server, "Handle,Title,Variant Price\nfull,Full,2\n"))
    assert counts(report) == (0, 1, 0, 0)
    after = shop.managed(server, before)
    changed = {"price", "price_max", "version", "updated_at", "variants"}
    assert {name: value for name, value in after.items() if name not in changed} == {
        name: value for name, value in before.items() if name not in changed}
    assert after["variants"] == [{**before["variants"][0], "price": 200}]
    # What has a column and no value is cleared.
    header = "Handle,Title,Tags,Vendor,Variant Barcode,Variant Price"
    assert_ok(send(server, f"{header}\nfull,Full,,,,2\n"))
    after = shop.managed(server, before)
    assert (after["tags"], after["brand"], after["variants"][0]["barcode"]) == ([], None, None)
    assert after["attributes"] == {"a": "b"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"name,price\na,1\n", "Handle"),
        (b"Handle,Title,Title,Variant Price\n", "Title"),
        ("Handle,Title,Variant Price\n".encode("utf-16"), "file"),
        (b"\xff\xfeH\0", "file"),
        (b'"Handle,Title\n', "file"),
        (b",".join([b"a"] * 1_000_000), "file"),
        (b"", "body"),
    ],
    ids=["other columns", "twice", "UTF-16", "half", "open quote", "columns", "empty"],
)
def test_what_is_no_file_of_products(server: Server, body: bytes, field: str) -> None:
    refused = assert_error(send(server, body), 400, "invalid")
    assert field in [violation["field"] for violation in refused["fields"]]


HOSTILE = {
    "NUL": b"nul,A\0B,1\n",
    "no UTF-8": b"latin,caf\xe9,1\n",
    "10 MB in one cell": b"long," + b"x" * (10 * MIB) + b",1\n",
    "a million cells": b"wide,T,1" + b"," * 1_000_000 + b"\n",
    "text behind a quote": b'quote,"T"x,1\n',
    "formula": b"formula,T,=1+1\n",
    "negative": b"negative,T,-1\n",
    "overflow": b"overflow,T,99999999999999999999\n",
    "operators": b'{"$gt": ""},T,1\n',
    "too dear": b"dear,T,99999999999.99\n",
}


@pytest.mark.parametrize("line", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_rows_harm_only_themselves(server: Server, line: bytes) -> None:
    body = b"Handle,Title,Variant Price\nbefore,B,1\n" + line + b"after,A,1\n"
    report = assert_ok(send(server, body))
    assert counts(report)[3] == 1
    assert sum(counts(report)[:3]) == 2
    assert {error["row"] for error in report["errors"]} == {3}
    assert server.get("/healthz").status_code == 200


def test_a_quote_that_never_closes_takes_the_rest(server: Server) -> None:
    cut = b'Handle,Title,Variant Price\nfirst,A,1\nopen,"T,1\nlost,L,1\n'
    report = assert_ok(send(server, cut))
    assert counts(report)[3] == 1
    assert report["errors"][0]["row"] == 3


def test_types_and_sizes(server: Server) -> None:
    for kind in ("application/json", "text/plain", "text/csvx", ""):
        answer = send(server, rows(1, "type"), **{"Content-Type": kind})
        assert answer.status_code == 415, kind
    assert_ok(send(server, rows(1, "type"), **{"Content-Type": "Text/CSV; charset=utf-8"}))
    assert send(server, b"x" * (12 * MIB + 1)).status_code == 413
    for query in ("?dry_run=maybe", "?stock=some", "?unknown=1"):
        assert_error(send(server, rows(1, "type"), query), 400, "invalid")
    assert server.request(
        "HEAD", "/api/products/export", token=server.admin_token()).status_code == 200


def test_progress_is_told_by_the_requests_id(server: Server) -> None:
    token = server.admin_token()
    path = "/api/products/import/my-import-1"
    assert_error(server.get(path, token=token), 404, "not_found")
    body = rows(400, "progress")
    done = threading.Event()

    def run() -> None:
        assert_ok(send(server, body, **{"X-Request-Id": "my-import-1"}))
        done.set()

    thread = threading.Thread(target=run)
    thread.start()
    assert processes.wait_until(lambda: server.get(path, token=token).status_code == 200, 10)
    running = assert_ok(server.get(path, token=token))
    assert running["state"] in ("running", "done")
    assert running["bytes_total"] == len(body)
    thread.join()
    assert done.is_set()
    record = assert_ok(server.get(path, token=token))
    assert (record["state"], record["created"], record["rows"]) == ("done", 400, 401)
    assert record["bytes"] == record["bytes_total"]
    assert record["id"] == "my-import-1" and record["dry_run"] is False
    assert_error(send(server, b"a,b\n", **{"X-Request-Id": "my-import-2"}), 400, "invalid")
    record = assert_ok(server.get("/api/products/import/my-import-2", token=token))
    assert record["state"] == "failed"


def test_the_import_of_a_client_that_left_is_finished(server: Server) -> None:
    body = rows(150, "left").encode()
    head = (
        f"POST /api/products/import HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\n"
        f"X-Request-Id: left-alone\r\nAuthorization: Bearer {server.admin_token()}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    path, token = "/api/products/import/left-alone", server.admin_token()
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(head.encode() + body)
        assert processes.wait_until(lambda: server.get(path, token=token).status_code == 200, 10)
    assert processes.wait_until(
        lambda: server.get(path, token=token).json()["state"] == "done", 60)
    assert server.get("/api/products/left-149").status_code == 200


def test_an_export_while_others_write(server: Server) -> None:
    """Whatever was there all the time is in it once."""
    assert_ok(send(server, rows(300, "steady")))
    stop = threading.Event()

    def write() -> None:
        token = server.admin_token()
        for number in range(1000):
            if stop.is_set():
                return
            made = server.post("/api/products", token=token,
                               json={"name": f"steady-{number % 300}-x", "price": 1})
            server.patch("/api/products/" + made.json()["id"], token=token, json={"price": 2})

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(3):
            text = export(server).decode()
            handles = [row["Handle"] for row in csv.DictReader(io.StringIO(text, newline=""))]
            steady = [f"steady-{number}" for number in range(300)]
            assert [handles.count(handle) for handle in steady] == [1] * 300
            assert handles == sorted(handles)
    finally:
        stop.set()
        thread.join()


def test_a_slow_reader_of_an_export_gets_all_of_it(server: Server) -> None:
    long = "Handle,Title,Body (HTML),Variant Price\n" + "".join(
        f'long-{number},L,"{"text, " * 6000}",1\n' for number in range(40))
    assert_ok(send(server, long))
    whole = export(server)
    assert len(whole) > MIB
    answer = server.get("/api/products/export", token=server.admin_token(), stream=True)
    read = b""
    for piece in answer.iter_content(100_000):
        read += piece
        time.sleep(0.01)
    assert read == whole
