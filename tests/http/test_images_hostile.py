"""Uploads that are refused, each with a sentence, and none leaving anything (checklist, 47-48)."""

import struct
from pathlib import Path

import pictures
import pytest
import shop
from answers import assert_alive, assert_error, assert_invalid, assert_ok
from harness import Server
from pictures import encoded, form, picture

JPEG, PNG, GIF, WEBP = (encoded(kind) for kind in ("JPEG", "PNG", "GIF", "WEBP"))
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
ANIMATED = encoded("WEBP", picture(), save_all=True, append_images=[picture().rotate(180)])
BEYOND = "at most 40 megapixels"
CUT_OFF = "cut off, or damaged"
UNKNOWN = "no JPEG, PNG, WebP or GIF"
PROGRESSIVE = encoded("JPEG", picture(64, 64), progressive=True)

CASES = {
    "svg": (SVG, UNKNOWN),
    "svg behind a byte order mark": (b"\xef\xbb\xbf<?xml version='1.0'?>" + SVG, UNKNOWN),
    "html": (b"<!DOCTYPE html><script>alert(1)</script>", UNKNOWN),
    "html before a picture": (b"<html>" + JPEG, UNKNOWN),
    "pdf": (b"%PDF-1.7\n" + PNG, UNKNOWN),
    "bmp": (encoded("BMP"), UNKNOWN),
    "tiff": (encoded("TIFF"), UNKNOWN),
    "text": (b"x", UNKNOWN),
    "other riff": (b"RIFF\x04\0\0\0WAVE", UNKNOWN),
    "jpeg's first bytes": (JPEG[:3], CUT_OFF),
    "half a jpeg": (JPEG[: len(JPEG) // 2], CUT_OFF),
    "a jpeg without its end": (JPEG[:-2], CUT_OFF),
    "a jpeg without pixels": (JPEG[: JPEG.find(b"\xff\xda")] + b"\xff\xd9", CUT_OFF),
    "a jpeg with nonsense": (JPEG[:20] + b"\0" * 50 + JPEG[70:], CUT_OFF),
    "png's first bytes": (PNG[:8], CUT_OFF),
    "half a png": (PNG[: len(PNG) // 2], CUT_OFF),
    "a png without its end": (PNG[:-12], CUT_OFF),
    "a png with a wrong checksum": (PNG[:50] + b"\xff" + PNG[51:], CUT_OFF),
    "a png with too few pixels": (pictures.png(100, 100, b"\0" * 500), CUT_OFF),
    "a png without pixels": (PNG[:33] + PNG[-12:], CUT_OFF),
    "a gif's first bytes": (GIF[:6], CUT_OFF),
    "half a gif": (GIF[: len(GIF) // 2], CUT_OFF),
    "a gif without a frame": (pictures.gif(5, 5)[:19] + b";", CUT_OFF),
    "half a webp": (WEBP[: len(WEBP) // 2], CUT_OFF),
    "a webp's first bytes": (WEBP[:12], CUT_OFF),
    "an animated webp": (ANIMATED, "animated WebP"),
    "a png of no width": (pictures.png(0, 10), "has no pixels"),
    "a jpeg of no height": (pictures.resized_jpeg(JPEG, 64, 0), "has no pixels"),
    "a png bomb": (pictures.png(8000, 8000), BEYOND),
    "a png of a row too many": (pictures.png(6400, 6251, b""), BEYOND),
    "a png bomb of 900 megapixels": (pictures.png(30000, 30000, b""), BEYOND),
    "a long png": (pictures.png(20001, 1), "20000 pixels on a side"),
    "a png beyond all": (pictures.png(2**31 - 1, 2**31 - 1, b""), BEYOND),
    "a png beyond 32 bits": (pictures.png(2**32 - 1, 2**32 - 1, b""), BEYOND),
    "a jpeg bomb": (pictures.resized_jpeg(JPEG, 65500, 65500), BEYOND),
    "a gif's huge screen": (pictures.gif(65535, 65535), BEYOND),
    "a gif's huge frame": (pictures.gif(5, 5).replace(
        struct.pack("<HHHH", 0, 0, 1, 1), struct.pack("<HHHH", 0, 0, 60000, 60000)), BEYOND),
    "a webp whose canvas is larger": (pictures.with_canvas(WEBP, 16000, 16000), "another size"),
    "a webp whose canvas is smaller": (pictures.with_canvas(WEBP, 1, 1), "another size"),
    "a jpeg of many scans": (pictures.with_scans(PROGRESSIVE, 100), "too many scans"),
}


def stored(server: Server) -> list[str]:
    return sorted(path.name for path in Path(server.folder, "media").rglob("*") if path.is_file())


def upload(server: Server, product: dict, files, **options):
    path = f"/api/products/{product['id']}/images"
    return server.post(path, files=files, token=server.admin_token(), **options)


@pytest.fixture(scope="module", name="product")
def fixture_product(server: Server) -> dict:
    return shop.create(server)


@pytest.mark.parametrize("name", CASES)
def test_each_is_refused(server: Server, product: dict, name: str) -> None:
    content, message = CASES[name]
    before = stored(server)
    answer = upload(server, product, form(content))
    assert_invalid(answer, file_0_=message)
    assert stored(server) == before
    assert shop.managed(server, product)["images"] == []
    assert_alive(server)


def test_a_good_one_does_not_save_a_bad_one(server: Server, product: dict) -> None:
    """Also when it shows only once the good one has been written."""
    before = stored(server)
    wrong = pictures.png(100, 100, b"\0" * 500)
    answer = upload(server, product, form(PNG, JPEG, wrong, GIF))
    assert_invalid(answer, file_2_=CUT_OFF)
    answer = upload(server, product, form(PNG, SVG, pictures.png(30000, 30000, b"")))
    assert_invalid(answer, file_1_=UNKNOWN, file_2_=BEYOND)
    assert stored(server) == before
    assert shop.managed(server, product)["version"] == 1


def test_what_looks_broken_and_is_not(server: Server) -> None:
    """Largest and smallest, and what cameras write behind a picture."""
    product = shop.create(server)
    contents = [pictures.png(1, 1), pictures.png(20000, 1), pictures.gif(5, 5), JPEG + b"\0" * 1000,
                PROGRESSIVE, encoded("PNG", picture(), interlace=1)]
    images = assert_ok(upload(server, product, form(*contents)), 201)["images"]
    assert [image["width"] for image in images] == [1, 20000, 1, 64, 64, 64]


def test_forms(server: Server, product: dict) -> None:
    assert_invalid(upload(server, product, form(PNG, field="files")), files="into \"file\"",
                   file="is required")
    assert_invalid(upload(server, product, form(b"")), file_0_="is empty")
    assert_invalid(upload(server, product, form(PNG, b"")), file_1_="is empty")
    assert_invalid(upload(server, product, form(*[PNG] * 21)), file="at most 20 times")
    both = [*form(PNG), ("alt", (None, "text", None))]
    assert_invalid(upload(server, product, both), alt="into \"file\"")
    text = [("file", (None, "text", None))]
    assert_invalid(upload(server, product, text), file_0_="must be a file")


def test_bodies(server: Server, product: dict) -> None:
    for kind in ("image/png", "application/json", None, "multipart/form-data",
                 "multipart/mixed; boundary=b", "multipart/form-data; boundary=b; boundary=c"):
        headers = {} if kind is None else {"Content-Type": kind}
        answer = upload(server, product, None, data=b"--b--", headers=headers)
        assert_error(answer, 415, "unsupported_upload")
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    for body, message in ((b"", "begin with"), (b"{}", "begin with"), (b"--b--x", "goes on"),
                          (b"--b\r\n\r\n--b--", "without a Content-Disposition")):
        answer = upload(server, product, None, data=body, headers=headers)
        assert_invalid(answer, body=message)


def test_sizes(server: Server, product: dict) -> None:
    """10 MiB for one, 12 MiB together; what is larger is refused before it is read."""
    limit = 10 * 1024 * 1024
    large = PNG + bytes(limit - len(PNG))
    assert_ok(upload(server, shop.create(server), form(large)), 201)
    assert_error(upload(server, product, form(large + b"\0")), 413, "file_too_large")
    answer = upload(server, product, form(large, bytes(3 * 1024 * 1024)))
    assert answer.status_code == 413


def test_pixels_of_a_request_are_bounded(make_server, databases) -> None:
    small = make_server(databases, IMAGE_MAX_MEGAPIXELS="1").prepare().start()
    product = shop.create(small)
    full = pictures.png(1000, 1000)
    assert_ok(upload(small, product, form(*[full] * 5)), 201)
    assert_invalid(upload(small, product, form(*[full] * 6)), file="at most 5 megapixels")
    assert_invalid(upload(small, product, form(pictures.png(1000, 1001))),
                   file_0_="at most 1 megapixels")
